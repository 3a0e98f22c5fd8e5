// Guarantees of dispatch: a worker that lost its run can write nothing, dead leases come back, a lost queue is no loss.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { startKeyrack, until, untilLocked, type Keyrack } from '../harness/keyrack.js';
import { startWorker } from '../harness/worker.js';
import { expectMirror, runsOf, stored, type Run } from './mirror.js';

const env = { KEYRACK_LEASE_SECONDS: '3' };
let keyrack: Keyrack, enterpriseId: string;
beforeAll(async () => {
  keyrack = await startKeyrack({ env });
  enterpriseId = keyrack.sandbox.tokens[0]?.enterprises[0]?.id ?? '';
  await keyrack.onboard(0);
  await keyrack.untilIdle(90_000);
}, 150_000);
afterAll(async () => { await keyrack.stop(); });
afterEach(() => { keyrack.sandbox.faults.clear(); });

const owner = (text: string, values: unknown[] = []) => keyrack.database.owner.query(text, values);
const start = async (body: object): Promise<string> => (await keyrack.call('POST', '/syncs', { enterpriseIds: [enterpriseId], ...body })).body.runIds[0] as string;
const run = async (id: string): Promise<Run> => (await keyrack.call('GET', `/runs/${id}`)).body as Run;
const inState = (id: string, state: string) => until(40_000, async () => { const now = await run(id); return now.state === state ? now : undefined; });
/** Holds each answer of the bills so long that something can happen to the run meanwhile. */
const slowBills = (ms: number, count?: number) => keyrack.sandbox.faults.add({ kind: 'delay', ms, path: 'bills/getAll', ...(count !== undefined && { count }) });

test('a worker whose lease was taken by another writes nothing, and the other brings the run to its end', async () => {
  const created = String(keyrack.sandbox.world.create('bills', enterpriseId)['Id']);
  slowBills(3_000, 1);
  const id = await start({ collections: ['bills'] });
  await inState(id, 'running');
  await sleep(500);
  // As a successor does when it claims the run.
  await owner(`update run set fence = fence + 1, worker = 'successor', lease_until = clock_timestamp() + interval '4 s' where id = $1`, [id]);
  await sleep(3_000);
  expect(await run(id)).toMatchObject({ state: 'running', requests: 0, pages: 0 });
  expect((await stored(keyrack, 'bills')).has(created)).toBe(false);
  // The successor dies: its lease ends, and the run is worked on again.
  expect(await inState(id, 'succeeded')).toMatchObject({ pages: 1, requests: 1, records: { added: 1 } });
  await expectMirror(keyrack, [enterpriseId]);
}, 60_000);

test('looking for what has vanished may take longer than a lease, which is renewed meanwhile', async () => {
  for (const { Id } of keyrack.sandbox.world.list('outlets', enterpriseId)) keyrack.sandbox.world.vanish('outlets', String(Id));
  keyrack.sandbox.faults.add({ kind: 'delay', ms: 2_000, path: 'outlets/getAll', count: 1 });
  const id = await start({ collections: ['outlets'], mode: 'full' });
  await until(20_000, async () => (await run(id)).windowsTotal > 0 || undefined);
  const slow = await keyrack.database.owner.connect();
  try {
    await slow.query('begin');
    await slow.query('lock table run_seen in access exclusive mode');
    // An empty page writes nothing there.
    await until(20_000, async () => (await run(id)).pages === 1 || undefined);
    const lease = async () => (await owner('select fence, lease_until as until from run where id = $1', [id])).rows[0] as { fence: number; until: Date };
    const before = await lease();
    await sleep(4_500);
    const after = await lease();
    expect(after.fence).toBe(before.fence);
    expect(after.until.getTime() - before.until.getTime()).toBeGreaterThan(3_000);
  } finally {
    await slow.query('rollback');
    slow.release();
  }
  await inState(id, 'needs_review');
  expect((await keyrack.call('POST', `/runs/${id}/confirm`)).status).toBe(200);
}, 60_000);

test('two workers share the runs, and nothing is done twice', async () => {
  const stopSecond = await startWorker(keyrack.database, { KEYRACK_ALLOW_HTTP_PLATFORM: 'true', ...env });
  try {
    const before = keyrack.sandbox.log.requests().length;
    const runs = await runsOf(keyrack, await keyrack.sync({ enterpriseIds: [enterpriseId] }));
    expect(Object.values(runs).map((one) => one.state)).toEqual(Array.from({ length: 68 }, () => 'succeeded'));
    expect(Object.values(runs).reduce((total, one) => total + one.requests, 0)).toBe(keyrack.sandbox.log.requests().length - before);
    await expectMirror(keyrack, [enterpriseId]);
  } finally { await stopSecond(); }
}, 60_000);

test('a token that is disabled in the middle of a run is not used for another page', async () => {
  slowBills(1_000);
  const id = await start({ collections: ['bills'], mode: 'full' });
  await until(20_000, async () => ((await run(id)).pages > 0 ? true : undefined));
  const { body } = await keyrack.call('GET', '/access-tokens');
  await keyrack.call('POST', `/access-tokens/${body.items[0].id}/disable`);
  const asked = keyrack.sandbox.log.requests().length;
  expect((await inState(id, 'cancelled')).error?.code).toBe('access_token.not_active');
  expect(keyrack.sandbox.log.requests().length).toBeLessThanOrEqual(asked + 1);
  await keyrack.call('POST', `/access-tokens/${body.items[0].id}/enable`);
  await keyrack.untilIdle();
}, 60_000);

test('what an outage held up starts spread over more than a minute; what a person asks for does not wait', async () => {
  const { rows: [held] } = await owner(`with held as (update schedule set next_run_at = now() - interval '1 h') select now() as at`);
  const late = await until(10_000, async () => {
    const { rows } = await owner(`select extract(epoch from available_at - created_at)::float8 as wait from run where trigger = 'schedule' and created_at > $1 order by 1`, [held?.['at']]);
    return rows.length >= 40 ? rows.map((row) => row.wait as number) : undefined;
  });
  expect(late.at(-1)).toBeLessThanOrEqual(90);
  expect((late.at(-1) ?? 0) - (late[0] ?? 0)).toBeGreaterThan(60);
  expect(new Set(late.map((wait) => Math.floor(wait / 15))).size).toBeGreaterThan(2);
  const asked = Date.now();
  await keyrack.sync({ enterpriseIds: [enterpriseId] });
  expect(Date.now() - asked).toBeLessThan(30_000);
}, 60_000);

test('of a living worker a run that it does not know to have comes back alone, and a lease that ended and that nobody took is renewed', async () => {
  await owner(`update schedule set enabled = false`);
  slowBills(8_000, 1);
  const id = await start({ collections: ['bills'] });
  await inState(id, 'running');
  const rowOf = async (one: string) => (await owner('select fence, deaths, worker, state, lease_until > clock_timestamp() as leased from run where id = $1', [one])).rows[0];
  const held = await rowOf(id);
  const { rows: [lost] } = await owner(`select id, fence from run where state = 'succeeded' and collection = 'outlets' limit 1`);
  await owner(`update run set state = 'running', worker = $2, lease_until = clock_timestamp() - interval '1 ms', planned_at = null where id = $1`, [lost.id, held.worker]);
  await inState(lost.id, 'succeeded');
  expect(await rowOf(lost.id)).toMatchObject({ fence: lost.fence + 1, deaths: 0 });
  expect(await rowOf(id)).toMatchObject({ state: 'running', fence: held.fence, leased: true });

  const dispatcher = await keyrack.database.owner.connect();
  try {
    // As after a pause of the process, before a turn of dispatch.
    await dispatcher.query('select pg_advisory_lock(7254197)');
    await owner(`update run set lease_until = clock_timestamp() - interval '1 ms' where id = $1`, [id]);
    await until(5_000, async () => ((await rowOf(id)).leased ? true : undefined));
  } finally {
    await dispatcher.query('select pg_advisory_unlock(7254197)');
    dispatcher.release();
  }
  expect(await inState(id, 'succeeded')).toMatchObject({ requests: 1, pages: 1 });
}, 60_000);

test('processes that die with several runs in hands count against none of them', async () => {
  slowBills(20_000);
  const id = await start({ collections: ['bills'] });
  for (let death = 0; death < 6; death++) {
    await inState(id, 'running');
    // Another run in the same hands, as far as the ledger knows.
    const { rows: [other] } = await owner(`select id from run where state = 'succeeded' and not exists (select from run live where live.collection = run.collection and live.state in ('queued', 'running', 'waiting')) order by id limit 1`);
    await owner(`update run set state = 'running', worker = 'dead', lease_until = now() + interval '1 h', available_at = now() + interval '1 h', interruptions = 0 where id = $1`, [other.id]);
    await owner(`update run set fence = fence + 1, worker = 'dead', lease_until = clock_timestamp() - interval '1 ms' where id = $1`, [id]);
    await until(10_000, async () => ((await owner('select interruptions from run where id = $1', [id])).rows[0].interruptions > death ? true : undefined));
    await owner(`update run set state = 'succeeded', available_at = now() where id = $1`, [other.id]);
    await owner(`update run set available_at = now() where id = $1`, [id]);
  }
  expect((await owner('select deaths from run where id = $1', [id])).rows[0].deaths).toBe(0);
  keyrack.sandbox.faults.clear();
  expect(await inState(id, 'succeeded')).toMatchObject({ error: null });
}, 90_000);

test('a sync that is asked for while others lock its runs the other way round is made again, and begins', async () => {
  // Nobody works on them, and nothing else locks them.
  const ids = (await keyrack.call('POST', '/syncs', { enterpriseIds: [enterpriseId], collections: ['bills', 'rates'] })).body.runIds as string[];
  await owner(`update run set state = 'queued', available_at = 'infinity', worker = null, lease_until = null where id = any($1)`, [ids]);
  const order = (await owner('select id from run where id = any($1) order by priority, collection', [ids])).rows.map(({ id }) => id as string);
  const other = await keyrack.database.owner.connect();
  try {
    await other.query('begin');
    // Whoever has waited that long looks for a deadlock, once, and is the one who gives way: not this one.
    await other.query(`set local deadlock_timeout = '30s'`);
    await other.query('select from run where id = $1 for update', [order[1]]);
    const asked = keyrack.call('POST', '/syncs', { enterpriseIds: [enterpriseId], collections: ['bills', 'rates'] });
    await untilLocked(keyrack.database);
    await other.query('select from run where id = $1 for update', [order[0]]);
    await other.query('commit');
    expect(await asked).toMatchObject({ status: 202, body: { runIds: expect.arrayContaining(ids) } });
  } finally { other.release(true); }
  await owner(`update run set available_at = now() where id = any($1)`, [ids]);
  for (const id of ids) await inState(id, 'succeeded');
}, 60_000);

test('the queue emptied in the middle is no loss: every run comes back within a minute', async () => {
  await owner(`update run set available_at = clock_timestamp() where state = 'queued'`);
  for (const path of ['services/getAll', 'resources/getAll']) keyrack.sandbox.faults.add({ kind: 'delay', ms: 1_000, path, count: 1 });
  const { body } = await keyrack.call('POST', '/syncs', { enterpriseIds: [enterpriseId] });
  const at = Date.now();
  // Admitted, and then forgotten by the queue.
  for (let i = 0; i < 10; i++) { await owner('delete from bullmq.job'); await sleep(150); }
  await until(60_000, async () => ((await keyrack.api.request('GET', `/v1/operations/${body.operationId}`)).body.state === 'succeeded' ? true : undefined));
  expect(Date.now() - at).toBeLessThan(60_000);
  await expectMirror(keyrack, [enterpriseId]);
}, 90_000);
