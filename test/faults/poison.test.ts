// A run under which its process dies again and again: it is set aside, and harms no other.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { until, type Keyrack } from '../harness/keyrack.js';
import { runsOf, type Run } from '../sync/mirror.js';
import { startWithOneWorker, type Fleet } from './fleet.js';

let keyrack: Keyrack, enterpriseId: string, fleet: Fleet, stop: () => Promise<void>;
beforeAll(async () => { ({ keyrack, enterpriseId, fleet, stop } = await startWithOneWorker({ KEYRACK_LEASE_SECONDS: '2' })); }, 150_000);
afterAll(() => stop(), 60_000);

const rowOf = async (id: string) => (await keyrack.database.owner.query('select state, worker, deaths, available_at - clock_timestamp() > $2::interval as later from run where id = $1', [id, '25 s'])).rows[0] as { state: string; worker: string | null; deaths: number; later: boolean };

/** Kills whoever works on the run, as the run itself would; resolves when the ledger has it back. */
async function dieOf(id: string): Promise<{ state: string; deaths: number; later: boolean }> {
  const name = await until(30_000, async () => { const { state, worker } = await rowOf(id); return state === 'running' && worker !== null ? worker : undefined; });
  const holder = await fleet.victim(([one]) => { if (!one) throw new Error('no worker'); return one; });
  expect(name.startsWith(`${holder.pid}-`)).toBe(true);
  await fleet.kill(holder);
  await fleet.start(1);
  return until(30_000, async () => { const row = await rowOf(id); return row.worker === name ? undefined : row; });
}

test('three processes that die of a run alone set it aside; the third try comes later, and a step in between begins the count anew', async () => {
  const { faults } = keyrack.sandbox, { owner } = keyrack.database;
  const stuck = { kind: 'delay', ms: 60_000, path: 'bills/getAll' } as const;
  // The second request is too heavy: its windows are split, and that lasts.
  for (const fault of [{ ...stuck, count: 1 }, { kind: 'status', status: 408, path: 'bills/getAll', count: 1 } as const, stuck]) faults.add(fault);
  const id = (await keyrack.call('POST', '/syncs', { enterpriseIds: [enterpriseId], collections: ['bills'], mode: 'full' })).body.runIds[0] as string;
  const now = (): Promise<unknown> => owner.query('update run set available_at = now() where id = $1', [id]);
  const untilAsked = (times: number): Promise<unknown> => until(60_000, async () => keyrack.sandbox.log.requests(undefined, 'bills/getAll').length >= times || undefined);
  await untilAsked(1);
  await dieOf(id);
  await untilAsked(3);
  expect(await dieOf(id)).toMatchObject({ deaths: 1, later: false });
  expect(await dieOf(id)).toMatchObject({ state: 'queued', deaths: 2, later: true });
  await now();
  expect(await dieOf(id)).toMatchObject({ state: 'failed', deaths: 3 });
  expect((await keyrack.call('GET', `/runs/${id}`)).body as Run).toMatchObject({ state: 'failed', error: { code: 'run.poison', message: expect.stringContaining('3 worker processes') } });
  faults.clear();
  expect((await runsOf(keyrack, await keyrack.sync({ enterpriseIds: [enterpriseId], collections: ['bills'], mode: 'full' })))['bills']?.state).toBe('succeeded');
  expect(fleet.crashes).toEqual([]);
}, 200_000);
