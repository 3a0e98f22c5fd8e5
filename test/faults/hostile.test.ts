// A Mews that sends what no Mews should: the worker's memory hardly grows, the run ends and says why, and the next good page is as good as ever.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { collections } from '@keyrack/mews';
import type { Fault } from '../../apps/sandbox/src/index.js';
import { OUTAGE_ATTEMPTS_MAX } from '../../libs/sync/src/failure.js';
import { until, type Keyrack } from '../harness/keyrack.js';
import { expectMirror, runsOf, type Run } from '../sync/mirror.js';
import { startWithOneWorker, type Fleet } from './fleet.js';
import { long } from './kills.js';

const GROWTH_MAX_MB = 100;
/** More than is read of an answer. */
const hugeBytes = (long ? 100 : 40) * 1024 * 1024;
let keyrack: Keyrack, enterpriseId: string, fleet: Fleet, stop: () => Promise<void>;
beforeAll(async () => {
  ({ keyrack, enterpriseId, fleet, stop } = await startWithOneWorker({ KEYRACK_LEASE_SECONDS: '5' }));
  await keyrack.sync({ enterpriseIds: [enterpriseId], collections: ['bills'], mode: 'full' });
}, 150_000);
afterAll(() => stop(), 60_000);

/** Of the worker, in MB: now, or the most since `forget`. */
const memoryMb = (of: 'VmRSS' | 'VmHWM'): number => Number(new RegExp(`${of}:\\s+(\\d+)`).exec(readFileSync(`/proc/${fleet.workers[0]?.pid}/status`, 'utf8'))?.[1]) / 1_024;
const forgetPeak = (): void => { writeFileSync(`/proc/${fleet.workers[0]?.pid}/clear_refs`, '5'); };

/** A sync of bills while each answer is spoilt; its last attempts are taken from it, so that it ends. */
async function syncedThrough(fault: Fault): Promise<Run> {
  keyrack.sandbox.faults.add({ ...fault, path: 'bills/getAll' });
  const { body } = await keyrack.call('POST', '/syncs', { enterpriseIds: [enterpriseId], collections: ['bills'], mode: 'full' });
  const run = async (): Promise<Run> => (await keyrack.call('GET', `/runs/${body.runIds[0]}`)).body as Run;
  const tired = async (): Promise<void> => { await keyrack.database.owner.query(`update run set attempts = ${OUTAGE_ATTEMPTS_MAX - 1}, available_at = least(available_at, now() + interval '1 s') where id = $1 and state = 'waiting'`, [body.runIds[0]]); };
  const ended = await until(120_000, async () => {
    const now = await run();
    if (now.state === 'waiting') await tired();
    return ['queued', 'running', 'waiting'].includes(now.state) ? undefined : now;
  });
  keyrack.sandbox.faults.clear();
  return ended;
}

const heavy = { code: 'mews.failed', message: expect.stringMatching(/larger than \d+ bytes/) };
const unreadable = { code: 'mews.invalid_answer' };
const gone = { code: 'run.deletions_need_review' };
type Case = [string, Fault, { state: string; error?: object }];
const cases: Case[] = [
  ['an answer larger than any', { kind: 'huge', bytes: hugeBytes }, { state: 'failed', error: heavy }],
  ['an answer that drips', { kind: 'drip', bytes: 100, everyMs: 1 }, { state: 'succeeded' }],
  ['lists in lists, a million deep', { kind: 'deep_json', depth: 1_000_000 }, { state: 'needs_review', error: gone }],
  ['an object for a list', { kind: 'wrong_types' }, { state: 'failed', error: unreadable }],
  ['members with a meaning of their own', { kind: 'prototype' }, { state: 'succeeded' }],
  ['headers without end', { kind: 'headers', bytes: hugeBytes }, { state: 'failed', error: unreadable }],
  ['a length that is too short', { kind: 'wrong_length', share: 0.5 }, { state: 'failed', error: unreadable }],
  ['a length that is too long', { kind: 'wrong_length', share: 2 }, { state: 'failed', error: { code: 'mews.unreachable' } }],
];
test.each(cases.filter(([, { kind }]) => long || ['huge', 'deep_json', 'prototype', 'headers'].includes(kind)))('%s', async (_, fault, end) => {
  const measured = existsSync('/proc/self/clear_refs');
  if (measured) forgetPeak();
  const before = measured ? memoryMb('VmRSS') : 0;
  const run = await syncedThrough(fault);
  const grownMb = measured ? Math.round(memoryMb('VmHWM') - before) : 0;
  console.log(JSON.stringify({ kind: fault.kind, requests: run.requests, beforeMb: Math.round(before), grownMb }));
  expect(run).toMatchObject({ ...end, records: { added: 0, deleted: 0 } });
  expect(grownMb).toBeLessThan(GROWTH_MAX_MB);

  const { bills } = await runsOf(keyrack, await keyrack.sync({ enterpriseIds: [enterpriseId], collections: ['bills'], mode: 'full' }));
  expect(bills).toMatchObject({ state: 'succeeded', records: { added: 0, deleted: 0, quarantined: 0 } });
  await expectMirror(keyrack, [enterpriseId], ['bills']);
  expect(fleet.crashes).toEqual([]);
}, 300_000);

test('answers larger than any, as many at once as the worker has places', async () => {
  const { faults, log } = keyrack.sandbox, measured = existsSync('/proc/self/clear_refs');
  const names = collections.filter(({ scope, stage }) => scope === 'enterprise' && stage === 1).map(({ name }) => name).slice(0, 16);
  if (measured) forgetPeak();
  const before = measured ? memoryMb('VmRSS') : 0, since = log.requests().length;
  faults.add({ kind: 'huge', bytes: hugeBytes });
  expect((await keyrack.call('POST', '/syncs', { enterpriseIds: [enterpriseId], collections: names, mode: 'full' })).status).toBe(202);
  await until(120_000, async () => log.requests().length - since >= 80 || undefined);
  const grownMb = measured ? Math.round(memoryMb('VmHWM') - before) : 0;
  faults.clear();
  console.log(JSON.stringify({ kind: 'huge', requests: log.requests().length - since, beforeMb: Math.round(before), grownMb }));
  expect(grownMb).toBeLessThan(GROWTH_MAX_MB);
  await keyrack.untilIdle(120_000);
  await expectMirror(keyrack, [enterpriseId], ['bills']);
  expect(fleet.crashes).toEqual([]);
}, 300_000);
