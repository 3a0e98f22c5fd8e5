// Deployments: workers are replaced one after another in the middle of a sync, and the api is killed in the middle of requests.
import { afterEach, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort } from '../../apps/cli/src/processes.js';
import { Random } from '../../apps/sandbox/src/random.js';
import { startKeyrack, until } from '../harness/keyrack.js';
import { Fleet, startWithOneWorker } from './fleet.js';
import { byChance, long, seed, untilTaken } from './kills.js';
import { Scene } from './scene.js';

const plan = long ? { restarts: 100, records: 20_000, apiKills: 40, withinMs: 3_600_000 } : { restarts: 2, records: 300, apiKills: 1, withinMs: 300_000 };
/** Whatever is not given back is stuck for so long. */
const LEASE_SECONDS = 30;
const CALLERS = 3;

const cleanUps: (() => unknown)[] = [];
afterEach(async () => { for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp(); }, 60_000);

const one = byChance(2);
one(`${plan.restarts} rolling restarts: nothing is stalled, nothing is lost, no page is asked for again`, async () => {
  const random = new Random(seed, 'rolling');
  const scene = await Scene.open({ records: plan.records, pageSize: 20, env: { KEYRACK_LEASE_SECONDS: String(LEASE_SECONDS) } });
  cleanUps.push(() => scene.close());
  await scene.start(2);
  const moments = Array.from({ length: plan.restarts }, () => random.between(1, scene.pagesExpected * 0.9)).toSorted((a, b) => a - b);
  const stopped: number[] = [], taken: number[] = [];
  for (const pages of moments) {
    await scene.untilPages(pages);
    const victim = await scene.fleet.victim((ready) => random.pick(ready));
    const held = await scene.heldBy(victim.pid);
    stopped.push(await scene.fleet.restart(victim));
    const from = Date.now();
    await untilTaken(scene, held);
    taken.push(Date.now() - from);
  }
  await scene.untilIdle(300_000);
  const { problems, figures } = await scene.verdict();
  console.log(JSON.stringify({ seed, ...figures, stoppedMs: Math.max(...stopped), takenUpMs: Math.max(...taken) }));
  expect({ seed, problems }).toEqual({ seed, problems: [] });
  expect(figures.refetched).toBe(0);
  expect(Math.max(...taken)).toBeLessThan(LEASE_SECONDS * 500);
}, plan.withinMs);

one(`an api that is killed ${plan.apiKills} times in the middle of requests leaves each done whole or not at all`, async () => {
  const random = new Random(seed, 'api'), port = await findFreePort(), key = `bootstrap-${random.hex(24)}`;
  const keyrack = await startKeyrack({ worker: 'none' });
  cleanUps.push(() => keyrack.stop());
  await keyrack.onboard(0);
  const { owner, env } = keyrack.database;
  const fleet = new Fleet({ ...env, KEYRACK_BOOTSTRAP_KEY: key, KEYRACK_ALLOW_HTTP_PLATFORM: 'true', KEYRACK_HOST: '127.0.0.1', KEYRACK_PORT: String(port) }, undefined, 'api');
  cleanUps.push(() => fleet.stop());
  const answered: string[] = [];
  let asked = 0, calling = true;
  const caller = async (): Promise<void> => {
    while (calling) {
      asked += 1;
      const answer = await fetch(`http://127.0.0.1:${port}/v1/tenants/acme/syncs`, { method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' }, body: '{"mode":"full"}', signal: AbortSignal.timeout(10_000) }).catch(() => undefined);
      // The answer may break off in its body.
      const body = await answer?.json().catch(() => undefined) as { operationId?: string } | undefined;
      if (answer?.status === 202 && body?.operationId !== undefined) answered.push(body.operationId);
      else await sleep(50);
    }
  };
  const callers = Array.from({ length: CALLERS }, caller);
  for (let i = 0; i < plan.apiKills; i += 1) {
    fleet.spawn();
    const victim = await fleet.victim((ready) => random.pick(ready)), before = answered.length;
    // On a busy machine the first answers may take longer than the time that is left to it.
    await until(60_000, () => Promise.resolve(answered.length > before || undefined));
    await sleep(random.between(100, 600));
    await fleet.kill(victim);
  }
  calling = false;
  await Promise.all(callers);
  const { rows } = await owner.query<{ id: string; runs: number; told: number }>(`
    select o.id, (select count(*)::int from operation_run r where r.operation_id = o.id) as runs,
           (select max((e.subject->>'runs')::int) from audit_event e where e.subject->>'operationId' = o.id::text) as told
      from operation o where o.kind = 'sync'`);
  console.log(JSON.stringify({ seed, asked, answered: answered.length, stored: rows.length }));
  expect(answered.length).toBeGreaterThanOrEqual(plan.apiKills);
  expect(rows.map(({ id }) => id)).toEqual(expect.arrayContaining(answered));
  expect(rows.filter(({ runs, told }) => runs === 0 || runs !== told)).toEqual([]);
  expect((await keyrack.api.request('GET', '/v1/audit/verify')).body).toMatchObject({ ok: true });
}, plan.withinMs);

test('a worker stops within 10 s while answers take longer than it may wait, also that to what a 401 means; its runs are given back', async () => {
  const { keyrack, fleet, stop } = await startWithOneWorker({ KEYRACK_LEASE_SECONDS: String(LEASE_SECONDS) });
  cleanUps.push(stop);
  const { database: { owner }, sandbox: { faults, log } } = keyrack;
  faults.add({ kind: 'status', status: 401, path: 'outlets/getAll' });
  for (const path of ['bills/getAll', 'configuration/get']) faults.add({ kind: 'delay', ms: 60_000, path, count: 1 });   // for the worker that stops; not for the one that takes over
  const since = log.requests().length;
  const { runIds } = (await keyrack.call('POST', '/syncs', { collections: ['bills', 'outlets'] })).body;
  await until(90_000, async () => ['bills/getAll', 'configuration/get'].every((path) => log.requests().slice(since).some((seen) => seen.path === path)) || undefined);
  const [worker] = fleet.workers;
  if (!worker) throw new Error('no worker');
  const stoppedMs = await fleet.restart(worker);
  console.log(JSON.stringify({ stoppedMs }));
  expect(fleet.crashes).toEqual([]);
  faults.clear();
  const from = Date.now();
  await until(30_000, async () => (await owner.query(`select from run where id = any($1::uuid[]) and state in ('queued', 'running', 'waiting')`, [runIds])).rows.length === 0 || undefined);
  expect(Date.now() - from).toBeLessThan(LEASE_SECONDS * 500);
  expect((await owner.query('select deaths, interruptions from run where id = any($1::uuid[])', [runIds])).rows).toEqual([{ deaths: 0, interruptions: 0 }, { deaths: 0, interruptions: 0 }]);
}, 180_000);
