// What a sync runs on goes away in the middle of it: a worker freezes past its lease, the queue is emptied, connections are cut.
import { afterEach, expect } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../harness/keyrack.js';
import type { WorkerProcess } from './fleet.js';
import { byChance } from './kills.js';
import { Scene, type SceneOptions } from './scene.js';

const small: SceneOptions = { records: 600, pageSize: 20 };
let scene: Scene | undefined;
afterEach(async () => {
  await scene?.close();
  scene = undefined;
}, 60_000);

async function started(workers: number, options: SceneOptions = small): Promise<Scene> {
  scene = await Scene.open(options);
  await scene.start(workers);
  await scene.untilPages(10);
  return scene;
}

async function expectAsIfNothingHappened(at: Scene): Promise<void> {
  await at.untilIdle(180_000);
  const { problems, figures } = await at.verdict();
  console.log(JSON.stringify(figures));
  expect(problems).toEqual([]);
}

/** Sessions that hold locks for a process that does not go on. */
const stuck = (at: Scene) => at.rows(`select from pg_stat_activity where datname = current_database() and usename like '%\\_app' and state = 'idle in transaction' and state_change < clock_timestamp() - interval '400 ms'`);

/** Stops a worker in the worst moment: in the middle of a page's transaction, with the feed's lock in its hands. */
async function freezeInTransaction(at: Scene, worker: WorkerProcess): Promise<void> {
  for (let i = 0; i < 100; i++) {
    worker.child.kill('SIGSTOP');
    await sleep(500);
    if ((await stuck(at)).length > 0) return;
    worker.child.kill('SIGCONT');
    await sleep(Math.random() * 400);
  }
  throw new Error('the worker was never in a transaction');
}

const one = byChance(3);
one('a worker frozen past its lease holds its successor up for less than 15 s, and writes nothing when it goes on', async () => {
  const at = await started(2, { ...small, records: 2_500 });
  const [frozen] = at.fleet.workers;
  if (!frozen) throw new Error('no worker');
  await freezeInTransaction(at, frozen);
  const from = Date.now();
  const held = await at.heldBy(frozen.pid);
  expect(held.length).toBeGreaterThan(0);
  // Given back in the ledger, and no lock left: from here on nothing of the frozen process is in anybody's way.
  await until(60_000, async () => ((await at.heldBy(frozen.pid)).length === 0 && (await stuck(at)).length === 0) || undefined);
  const blockedMs = Date.now() - from;
  const pages = await at.pages();
  await at.untilPages(pages + 10);
  frozen.child.kill('SIGCONT');
  console.log(JSON.stringify({ held: held.length, blockedMs }));
  expect(blockedMs).toBeLessThan(15_000);
  await expectAsIfNothingHappened(at);
  expect(frozen.ended).toBe(false);
}, 400_000);

/** Empties the queue while runs wait in it: all of them are in hands again within a minute. */
async function expectRunsBack(at: Scene, empty: () => Promise<unknown>): Promise<void> {
  const queued = await until(60_000, async () => {
    const rows = await at.rows<{ id: string; fence: number }>(`select id, fence from run where state = 'queued' and admitted_at is not null`);
    return rows.length > 0 ? rows : undefined;
  });
  await empty();
  const from = Date.now();
  const waiting = async () => at.rows(`select from run where id = any($1::uuid[]) and fence = 0`, [queued.map(({ id }) => id)]);
  await until(120_000, async () => (await waiting()).length === 0 || undefined);
  console.log(JSON.stringify({ queued: queued.length, backMs: Date.now() - from }));
  expect(Date.now() - from).toBeLessThan(60_000);
  await expectAsIfNothingHappened(at);
}

one('a queue emptied in Postgres loses nothing and doubles nothing', async () => {
  const at = await started(1);
  await expectRunsBack(at, async () => { for (const table of ['job', 'event', 'meta']) await at.rows(`truncate bullmq.${table} cascade`); });
}, 400_000);

one('connections that Postgres cuts in the middle of pages cost some pages again and nothing else', async () => {
  const at = await started(2);
  for (let i = 0; i < 5; i++) {
    const cut = await at.rows(`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name ~ '^keyrack-(worker|queue)'`);
    expect(cut.length).toBeGreaterThan(0);
    await at.untilPages(await at.pages() + 8);
  }
  await expectAsIfNothingHappened(at);
}, 400_000);
