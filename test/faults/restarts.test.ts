// Postgres and Redis crash in the middle of a sync and start again, with what they had written down, or with less.
import { afterEach, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { collection as entryNamed } from '@keyrack/mews';
import { redisUrl } from '../harness/needs.js';
import { OwnPostgres, OwnRedis } from '../harness/own-servers.js';
import { startKeyrack } from '../harness/keyrack.js';
import { expectMirror, unwell, type Run } from '../sync/mirror.js';
import { add } from '../sync/seed.js';
import { byChance, long } from './kills.js';
import { Scene, slowDown, type SceneOptions } from './scene.js';

const small: SceneOptions = long ? { records: 2_000, pageSize: 25 } : { records: 300, pageSize: 10 };
/** How long Postgres is away, each time. */
const outages = long ? [0, 2_000, 10_000, 0] : [0, 1_000];
const cleanUps: (() => unknown)[] = [];
afterEach(async () => { for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp(); }, 60_000);

async function own<Server extends OwnPostgres | OwnRedis>(server: Promise<Server>): Promise<Server> {
  const opened = await server;
  cleanUps.push(() => opened.close());
  return opened;
}

async function open(options: SceneOptions): Promise<Scene> {
  const scene = await Scene.open({ ...small, ...options });
  cleanUps.push(() => scene.close());
  return scene;
}

async function goesOn(at: Scene, pages: number): Promise<void> {
  const from = await at.pages(), since = Date.now();
  await at.untilPages(from + pages);
  console.log(JSON.stringify({ pages, ms: Date.now() - since }));
  expect(Date.now() - since).toBeLessThan(60_000);
}

async function expectAsIfNothingHappened(at: Scene): Promise<void> {
  await at.untilIdle(180_000);
  const { problems, figures } = await at.verdict();
  console.log(JSON.stringify(figures));
  expect(problems).toEqual([]);
}

const one = byChance(2);
one('a Postgres that crashes again and again costs some pages again and nothing else', async () => {
  const postgres = await own(OwnPostgres.open());
  const at = await open({ ...small, postgres: postgres.url });
  await at.start(2);
  await at.untilPages(10);
  for (const downMs of outages) {
    await postgres.crash();
    await sleep(downMs);
    await postgres.start();
    await goesOn(at, 10);
  }
  await expectAsIfNothingHappened(at);
}, 400_000);

one('a crash that takes an unchanged page back does not make its records look deleted', async () => {
  const postgres = await own(OwnPostgres.open());
  const keyrack = await startKeyrack({ postgres: postgres.url, env: { KEYRACK_LEASE_SECONDS: '6' } });
  cleanUps.push(() => keyrack.stop());
  const { owner } = keyrack.database, { world, faults } = keyrack.sandbox;
  const enterpriseId = keyrack.sandbox.tokens[0]?.enterprises[0]?.id ?? '';
  const [customerId = ''] = world.rows('customers', [world.enterprise(enterpriseId).chain.id]).map(({ id }) => id);
  const entry = entryNamed('customerRelationships');
  for (let i = 0; i < 30; i++) if (entry) add(world, entry, enterpriseId, { parentId: customerId });
  await slowDown(owner, 5, 0);
  await keyrack.onboard(0);
  await keyrack.untilIdle(120_000);
  await owner.query('update schedule set enabled = false');
  const count = await expectMirror(keyrack, [enterpriseId], ['customerRelationships']);

  // From here on only a commit that waits for the disk brings there what did not wait for it.
  await owner.query(`alter system set wal_writer_delay = '10s'`);
  await owner.query('select pg_reload_conf()');
  await owner.query('checkpoint');   // little to recover: Mews' answer must find the database back
  faults.add({ kind: 'delay', ms: 5_000 });
  await keyrack.call('POST', '/syncs', { mode: 'full', collections: ['customerRelationships'] });
  const pages = async (): Promise<number> => (await owner.query<{ pages: number }>(`select sum(pages)::int as pages from run where state = 'running'`)).rows[0]?.pages ?? 0;
  let before = 0, after = 0;
  for (let crashes = 0; after >= before && crashes < 5; crashes++) {
    while ((before = await pages()) <= after) await sleep(1);
    await sleep(30);   // the worker asks Mews for the next page, and does not notice
    await postgres.crash();
    await postgres.start();
    after = await pages();
  }
  expect(after).toBeLessThan(before);
  faults.clear();
  await keyrack.untilIdle(120_000);
  const { body } = await keyrack.call('GET', '/runs?collection=customerRelationships&limit=500');
  const runs = body.items as Run[];
  expect(unwell(runs)).toEqual([]);
  // Each record was seen once: none had to be asked for again because it looked deleted.
  expect(runs.find(({ mode }) => mode === 'full')?.records.unchanged).toBe(count);
  expect(await expectMirror(keyrack, [enterpriseId], ['customerRelationships'])).toBe(count);
}, 300_000);

(redisUrl === undefined ? test.skip : test)('a Redis that is emptied, or crashes and comes back empty or set back, loses nothing and doubles nothing', async () => {
  const redis = await own(OwnRedis.open());
  const at = await open({ ...small, env: { REDIS_URL: redis.url } });
  // Redis forgets what was asked too: then nothing is asked for so long.
  await at.rows('update environment set limit_seconds = 5');
  await at.start(1);
  await at.untilPages(10);
  await redis.keep();
  await goesOn(at, 8);
  await redis.flush();
  await goesOn(at, 8);
  for (const lose of [() => { redis.setBack(); }, () => { redis.empty(); }]) {
    await redis.crash();
    lose();
    await redis.start();
    await goesOn(at, 8);
  }
  await expectAsIfNothingHappened(at);
}, 400_000);
