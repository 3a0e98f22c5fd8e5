// Hundreds of thousands of records: what plans by their ids, and what looks for those that vanished, holds a part of them at a time.
import { randomUUID } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AccessTokenId, ChainId, EnterpriseId, RunId, TenantId } from '@keyrack/core';
import { Vault } from '@keyrack/credentials';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';
import { Parents, type ParentsSeen } from '../../libs/sync/src/parents.js';
import { LATEST_REQUESTS, planWindows, TURNS, windowsOf, type Ids, type PlanInput, type WindowPlan } from '../../libs/sync/src/plan.js';
import type { ClaimedRun } from '../../libs/sync/src/run.js';
import { RunsRepository } from '../../libs/sync/src/runs.repository.js';
import { packIds } from '../../libs/sync/src/seen.js';
import { Sights } from '../../libs/sync/src/sights.js';
import { isAskedAgain, needsReview, Sweep } from '../../libs/sync/src/sweep.js';
import { entryOf } from '../../libs/sync/src/synced.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const tenantId = randomUUID() as TenantId, accessTokenId = randomUUID() as AccessTokenId, enterpriseId = randomUUID() as EnterpriseId, chainId = randomUUID() as ChainId;
const asking = { enterpriseId, chainId, accessTokenId };
const companionships = entryOf('companionships');
const RESERVATIONS = 200_000;
const idOf = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const numberOf = (id: string): number => Number(id.slice(-12));

let database: TestDatabase, parents: Parents;
const runs = new RunsRepository();

beforeAll(async () => {
  database = await createTestDatabase();
  parents = new Parents(new Vault({ keys: database.keys }));
  const { owner } = database, applicationId = randomUUID();
  await owner.query(`insert into tenant (id, slug, name) values ($1, $2, 'A tenant')`, [tenantId, `t-${tenantId}`]);
  await owner.query(`insert into application (id, name, version) values ($1, $2, '1')`, [applicationId, applicationId]);
  await owner.query(`insert into access_token (tenant_id, id, environment_id, application_id, kind, hint, fingerprint, ciphertext) values ($1, $2, 'demo', $3, 'enterprise', '…', $4, '\\x00')`, [tenantId, accessTokenId, applicationId, accessTokenId]);
  await owner.query(`insert into enterprise (tenant_id, id, environment_id, chain_id, name, time_zone, created_utc) values ($1, $2, 'demo', $3, 'Hotel', 'UTC', '2020-01-01')`, [tenantId, enterpriseId, chainId]);
  await store('reservations', 1, RESERVATIONS);
  await owner.query(`insert into sync_state (tenant_id, collection, source, completed_at) values ($1, 'reservations', $2, now())`, [tenantId, enterpriseId]);
}, 120_000);
afterAll(async () => { await database.drop(); });

/** Records whose ids tell their positions in the feed. */
async function store(collection: string, first: number, last: number): Promise<void> {
  await database.owner.query(`
    insert into record (tenant_id, collection, id, environment_id, source, enterprise_id, first_seq, seq, changed_at, hash, payload)
    select $1, $2, lpad(n::text, 12, '0') || '00000000-0000-4000-8000-', 'demo', $3::text, $3::uuid, n, n, now() - interval '1 hour', '\\x00', '\\x00' from generate_series($4::int, $5::int) n`, [tenantId, collection, enterpriseId, first, last]);
  await database.owner.query(`insert into feed (tenant_id, collection, last_seq) values ($1, $2, $3) on conflict (tenant_id, collection) do update set last_seq = excluded.last_seq`, [tenantId, collection, last]);
  await database.owner.query('analyze record');
}

async function running(collection: string): Promise<ClaimedRun> {
  const id = randomUUID() as RunId;
  await database.owner.query(`insert into run (tenant_id, id, collection, source, enterprise_id, access_token_id, mode, trigger, state, fence, planned_at) values ($1, $2, $3, $4, $5, $6, 'full', 'request', 'running', 1, now())`, [tenantId, id, collection, enterpriseId, enterpriseId, accessTokenId]);
  return { tenantId, id, fence: 1, collection, source: enterpriseId, mode: 'full', unrecorded: 0 } as unknown as ClaimedRun;
}

async function numbersOf(ids: Ids | undefined): Promise<number[]> {
  const numbers: number[] = [];
  for await (const part of ids?.read() ?? []) numbers.push(...part.map(numberOf));
  return numbers;
}

/** @returns the most that the heap held more than before, in MB, at the moments when `heldNow` was called */
function measuring(): { heldNow: () => void; most: () => number } {
  const held = (): number => { collectGarbage(); return process.memoryUsage().heapUsed / 1e6; };
  const before = held();
  let most = 0;
  return { heldNow: () => { most = Math.max(most, held() - before); }, most: () => most };
}

test('a plan by the ids of 200,000 records holds a few megabytes of them', async () => {
  const run = await running('companionships'), memory = measuring();
  async function* watched(windows: AsyncIterable<WindowPlan>): AsyncGenerator<WindowPlan> {
    let n = 0;
    for await (const one of windows) {
      if ((n += 1) % 50 === 0) memory.heldNow();
      yield one;
    }
  }
  await database.db.inTenant(tenantId, async (tx) => {
    const found = await parents.find(tx, asking, companionships, {});
    const input: PlanInput = { mode: 'full', from: null, to: null, highWater: null, fullAt: null, createdUtc: new Date('2020-01-01'), now: new Date(), parents: found?.ids ?? null };
    const first = await runs.storePlan(tx, run, watched(windowsOf(planWindows(companionships, input))), { mode: 'full', planTo: new Date(), sweeps: true, accessTokenId, fallback: false, refused: [], parentsSeen: {} });
    expect(first).toMatchObject({ ord: 1, last: false });
  });
  expect(memory.most()).toBeGreaterThan(0);
  expect(memory.most()).toBeLessThan(12);
  const { rows } = await database.owner.query<{ windows: number; ids: number; most: string }>(`
    select count(distinct ord)::int as windows, count(distinct id)::int as ids, max(id) as most from run_window, jsonb_array_elements_text(filter->'ReservationIds') id where run_id = $1`, [run.id]);
  expect(rows).toEqual([{ windows: RESERVATIONS / 1_000, ids: RESERVATIONS, most: idOf(RESERVATIONS) }]);
}, 120_000);

test('increments ask about what changed and about the latest, and the others take turns until each has been asked about', async () => {
  let seen: ParentsSeen = { reservations: RESERVATIONS };
  const asked = new Set<number>(), latest = LATEST_REQUESTS * 1_000;
  for (let turn = 0; turn < TURNS; turn += 1) {
    await database.db.inTenant(tenantId, async (tx) => {
      const found = await parents.find(tx, asking, companionships, seen), [ids] = found?.ids ?? [];
      expect([ids?.all.count, ids?.changed.count, ids?.others.count, ids?.turn.count]).toEqual([RESERVATIONS, 0, latest, (RESERVATIONS - latest) / TURNS]);
      expect(await numbersOf(ids?.others)).toEqual(Array.from({ length: latest }, (_, i) => RESERVATIONS - i));
      const turns = await numbersOf(ids?.turn);
      expect(turns.length).toBe((RESERVATIONS - latest) / TURNS);
      expect(turns.filter((one) => asked.has(one))).toEqual([]);
      for (const one of turns) asked.add(one);
      seen = found?.seen ?? {};
    });
  }
  expect(asked.size).toBe(RESERVATIONS - latest);
  await store('reservations', RESERVATIONS + 1, RESERVATIONS + 3);
  await database.db.inTenant(tenantId, async (tx) => {
    const [ids] = (await parents.find(tx, asking, companionships, seen))?.ids ?? [];
    expect(await numbersOf(ids?.changed)).toEqual([3, 2, 1].map((n) => RESERVATIONS + n));
  });
}, 120_000);

test('of 60,000 records that vanished few ids are held, and all are deleted when a person says so', async () => {
  const VANISHED = 60_000, kept = [7, 40_000], bills = entryOf('bills'), run = await running('bills'), sweep = new Sweep(runs, new Sights());
  await store('bills', 1, VANISHED);
  await database.owner.query(`insert into run_window (tenant_id, run_id, ord, page_size) values ($1, $2, 1, 1000)`, [tenantId, run.id]);
  await database.db.inTenant(tenantId, async (tx) => {
    await runs.rememberSeen(tx, run, { ord: 1, pages: 0 } as Parameters<RunsRepository['rememberSeen']>[2], 'bills', packIds(kept.map((n) => `${idOf(n).slice(24)}${idOf(n).slice(0, 24)}`)));
    const swept = { ...run, leaderId: run.id }, memory = measuring();
    const vanished = await sweep.vanished(tx, swept, bills);
    memory.heldNow();
    expect(memory.most()).toBeLessThan(3);
    expect(vanished).toMatchObject([{ list: 'bills', known: VANISHED, missing: VANISHED - kept.length, orphans: 0, unnamed: false }]);
    expect([vanished.every(isAskedAgain), needsReview(bills, vanished)]).toEqual([false, true]);
    expect(await sweep.delete(tx, swept, vanished)).toBe(VANISHED - kept.length);
  });
  const { rows } = await database.owner.query<{ n: number }>(`select seq::int as n from record where tenant_id = $1 and collection = 'bills' and deleted_at is null order by seq`, [tenantId]);
  expect(rows.map(({ n }) => n)).toEqual(kept);
}, 120_000);

test('of 60,000 records that a token takes over from one that is switched off few ids are held', async () => {
  const SEEN = 60_000, companies = entryOf('companies'), [off, own] = [`${chainId}:${randomUUID()}`, `${chainId}:${accessTokenId}`], { owner } = database;
  await owner.query(`
    insert into record (tenant_id, collection, id, environment_id, source, chain_id, first_seq, seq, changed_at, hash, payload)
    select $1, 'companies', lpad(n::text, 12, '0') || '00000000-0000-4000-8000-', 'demo', $2, $3, n, n, now(), '\\x00', '\\x00' from generate_series(1, $4::int) n`, [tenantId, off, chainId, SEEN]);
  await owner.query(`insert into record_sight (tenant_id, collection, source, id) select tenant_id, collection, $2, id from record where tenant_id = $1 and collection = 'companies'`, [tenantId, own]);
  await owner.query(`insert into record_count (tenant_id, collection, source, chain_id, live) values ($1, 'companies', $2, $3, $4)`, [tenantId, off, chainId, SEEN]);
  await owner.query(`insert into feed (tenant_id, collection, last_seq) values ($1, 'companies', $2)`, [tenantId, SEEN]);
  await owner.query('analyze');
  const memory = measuring();
  await database.db.inTenant(tenantId, async (tx) => {
    const sql = tx.sql.bind(tx);
    let n = 0;
    Object.assign(tx, { sql: (...query: Parameters<typeof sql>) => { if ((n += 1) % 10 === 0) memory.heldNow(); return sql(...query); } });
    await new Sights().adopt(tx, { tenantId, source: own, chainId } as ClaimedRun, companies);
  });
  expect(memory.most()).toBeLessThan(8);
  const { rows } = await owner.query(`select source, count(*)::int as n, (select live::int from record_count c where c.tenant_id = $1 and c.collection = 'companies' and c.source = r.source) as live from record r where tenant_id = $1 and collection = 'companies' group by source`, [tenantId]);
  expect(rows).toEqual([{ source: own, n: SEEN, live: SEEN }]);
  expect((await owner.query(`select from record_sight where tenant_id = $1`, [tenantId])).rowCount).toBe(0);
}, 120_000);

test('what another token of the chain sees while it is found missing is left to that one', async () => {
  const { owner } = database, other = randomUUID(), [own, others] = [`${chainId}:${accessTokenId}`, `${chainId}:${other}`], customers = entryOf('customers');
  await owner.query(`insert into access_token (tenant_id, id, environment_id, application_id, kind, hint, fingerprint, ciphertext) select tenant_id, $2, environment_id, application_id, kind, hint, $3, ciphertext from access_token where id = $1`, [accessTokenId, other, other]);
  await owner.query(`insert into connection (tenant_id, environment_id, enterprise_id, access_token_id) values ($1, 'demo', $2, $3)`, [tenantId, enterpriseId, other]);
  await owner.query(`insert into reach (tenant_id, environment_id, enterprise_id, access_token_id, via, first_seen_at, last_seen_at) values ($1, 'demo', $2, $3, 'direct', now(), now())`, [tenantId, enterpriseId, other]);
  await owner.query(`
    insert into record (tenant_id, collection, id, environment_id, source, chain_id, first_seq, seq, changed_at, hash, payload)
    select $1, 'customers', lpad(n::text, 12, '0') || '00000000-0000-4000-8000-', 'demo', $2, $3, n, n, now() - interval '1 hour', '\\x00', '\\x00' from generate_series(1, 3) n`, [tenantId, own, chainId]);
  await owner.query(`insert into record_count (tenant_id, collection, source, chain_id, live) values ($1, 'customers', $2, $3, 3)`, [tenantId, own, chainId]);
  await owner.query(`insert into feed (tenant_id, collection, last_seq) values ($1, 'customers', 3)`, [tenantId]);
  const run = { ...await running('customers'), source: own }, sweep = new Sweep(runs, new Sights()), [stays] = (await owner.query<{ id: string }>(`select id from record where collection = 'customers' order by id limit 1`)).rows;
  await database.db.inTenant(tenantId, async (tx) => {
    const swept = { ...run, leaderId: run.id }, vanished = await sweep.vanished(tx, swept, customers);
    expect(vanished).toMatchObject([{ missing: 3 }]);
    await owner.query(`insert into record_sight (tenant_id, collection, source, id) values ($1, 'customers', $2, $3)`, [tenantId, others, stays?.id]);
    expect(await sweep.delete(tx, swept, vanished)).toBe(2);
  });
  const { rows } = await owner.query(`select id, source from record where collection = 'customers' and deleted_at is null`);
  expect(rows).toEqual([{ ...stays, source: others }]);
  expect((await owner.query(`select source, live::int from record_count where collection = 'customers' order by live`)).rows).toEqual([{ source: own, live: 0 }, { source: others, live: 1 }]);
});
