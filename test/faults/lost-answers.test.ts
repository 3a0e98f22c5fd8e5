// A commit whose answer is lost, or that is lost itself, while a worker has one run alone: the run goes on at once, and nobody is taken for dead.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Random } from '../../apps/sandbox/src/random.js';
import { startKeyrack, until, type Keyrack } from '../harness/keyrack.js';
import { Cuts, saysCommitted, type Protocol } from './cuts.js';
import { Fleet } from './fleet.js';

const LEASE_SECONDS = 40;
type When = 'before' | 'after';

let keyrack: Keyrack, cuts: Cuts, fleet: Fleet, enterpriseId: string;
/** The commit of the transaction in which this is said is cut, once. */
let next: { statement: string; when: When } | null = null;
let when: When = 'after';

function way(): Protocol {
  let said = false;
  return {
    chance(sent) {
      said ||= next !== null && sent.includes(next.statement);
      if (!said || next === null || !sent.includes('\x0bcommit\0')) return 0;
      when = next.when;
      next = null;
      return 1;
    },
    answered: () => undefined,
    executed: saysCommitted,
  };
}

beforeAll(async () => {
  const settings = { KEYRACK_LEASE_SECONDS: String(LEASE_SECONDS), KEYRACK_ALLOW_HTTP_PLATFORM: 'true' };
  keyrack = await startKeyrack({ env: settings, worker: 'none' });
  enterpriseId = (await keyrack.onboard(0)).body.enterprises[0].id;
  await keyrack.database.owner.query('update schedule set enabled = false');
  const { env } = keyrack.database;
  // Of the two chances that are asked for, the second decides whether the answer is lost or the commit.
  cuts = await Cuts.open(env.DATABASE_URL, way, { chance: (p: number) => (p === 1 || p === 0.5 && when === 'after') } as Random);
  fleet = new Fleet({ ...settings, ...env, DATABASE_URL: cuts.url });
  await fleet.start(1);
  await keyrack.untilIdle(120_000);
  cuts.arm();
}, 180_000);
afterAll(async () => {
  await fleet.stop();
  await cuts.close();
  await keyrack.stop();
}, 60_000);

test.each([
  ['a run is taken and the answer lost', 'run-claim', 'after'],
  ['taking a run is lost', 'run-claim', 'before'],
  ['a run is put back and the answer lost', `state = 'waiting', worker = null`, 'after'],
  ['putting a run back is lost', `state = 'waiting', worker = null`, 'before'],
] as const)('%s', async (_, statement, of) => {
  if (statement !== 'run-claim') keyrack.sandbox.faults.add({ kind: 'status', status: 500, path: 'bills/getAll', count: 1 });
  const at = cuts.counts[of], from = Date.now();
  next = { statement, when: of };
  const { runIds: [id] } = (await keyrack.call('POST', '/syncs', { enterpriseIds: [enterpriseId], collections: ['bills'], mode: 'full' })).body;
  await until((LEASE_SECONDS + 60) * 1_000, async () => ((await keyrack.call('GET', `/runs/${id}`)).body.state === 'succeeded' ? true : undefined));
  expect(cuts.counts[of]).toBe(at + 1);
  expect(Date.now() - from).toBeLessThan(LEASE_SECONDS * 500);
  expect(fleet.crashes).toEqual([]);
}, 150_000);
