// Guarantees of admission among tenants: who has few runs in hands comes first, however many others have waiting.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { collections } from '@keyrack/mews';
import { startKeyrack, until, type Keyrack } from '../harness/keyrack.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';
import { DispatchRepository } from '../../libs/sync/src/dispatch.repository.js';

const SLOTS = 48, PER_TENANT = 16;
const dispatch = new DispatchRepository();
let database: TestDatabase;
beforeAll(async () => { database = await createTestDatabase(); }, 60_000);
afterAll(async () => { await database.drop(); });

/** A tenant with ready runs, each of an enterprise of its own. */
async function backlog(runs: number): Promise<string> {
  const tenantId = randomUUID(), applicationId = randomUUID(), tokenId = randomUUID(), { owner } = database;
  await owner.query(`insert into tenant (id, slug, name) values ($1, $2, 'A tenant')`, [tenantId, `t-${tenantId}`]);
  await owner.query(`insert into application (id, name, version) values ($1, $2, '1')`, [applicationId, applicationId]);
  await owner.query(`insert into access_token (tenant_id, id, environment_id, application_id, kind, hint, fingerprint, ciphertext) values ($1, $2, 'demo', $3, 'enterprise', '…', $4, '\\x00')`, [tenantId, tokenId, applicationId, tokenId]);
  await owner.query(`insert into enterprise (tenant_id, id, environment_id, chain_id, name, time_zone, created_utc) select $1, gen_random_uuid(), 'demo', gen_random_uuid(), 'Hotel', 'UTC', '2020-01-01' from generate_series(1, $2::int)`, [tenantId, Math.ceil(runs / 10)]);
  // Such as cannot share their requests: each must be admitted by itself.
  const names = collections.filter((entry) => entry.scope === 'enterprise' && entry.stage === 1).map((entry) => entry.name).slice(0, 10);
  await owner.query(`
    insert into run (tenant_id, id, collection, source, enterprise_id, access_token_id, mode, trigger, apart)
    select $1, gen_random_uuid(), wanted, e.id, e.id, $2, 'incremental', 'schedule', true from enterprise e cross join unnest($3::text[]) as wanted where e.tenant_id = $1 limit $4`, [tenantId, tokenId, names, runs]);
  return tenantId;
}

const admit = () => database.db.onPlatform('test', (tx) => dispatch.admit(tx, { tenants: SLOTS, runs: SLOTS, perTenant: PER_TENANT, claimMs: 20_000 }));
const end = (ids: readonly string[]) => database.owner.query(`update run set state = 'succeeded' where id = any($1)`, [ids]);

test('behind 10,000 runs of one tenant another\'s first run is admitted at the next turn, and goes first in the queue', async () => {
  const many = await backlog(10_000);
  expect((await admit()).map((run) => run.tenantId)).toEqual(Array(PER_TENANT).fill(many));
  const one = await backlog(1);
  const began = Date.now();
  const admitted = await admit();
  expect(Date.now() - began).toBeLessThan(1_000);
  expect(admitted.map(({ tenantId, turn }) => [tenantId, turn])).toEqual([[one, 1]]);
  await database.owner.query(`update run set state = 'cancelled' where state = 'queued'`);
}, 60_000);

test('a run that a worker holds locked does not hold up the dispatch of the others', async () => {
  const [held, other] = [await backlog(1), await backlog(1)], claim = await database.owner.connect();
  try {
    await claim.query('begin');
    await claim.query(`update run set fence = fence + 1 where tenant_id = $1`, [held]);
    const admitted = await Promise.race([admit(), new Promise<null>((resolve) => { setTimeout(resolve, 2_000, null); })]);
    expect(admitted?.map(({ tenantId }) => tenantId)).toEqual([other]);
  } finally {
    await claim.query('rollback');
    claim.release();
  }
  await database.owner.query(`update run set state = 'cancelled' where state = 'queued'`);
}, 60_000);

test.each([['is as quick', 101, PER_TENANT], ['takes long', 151, 0]])('what a worker has of a tenant and %s keeps nothing of the same tenant from coming; its turn counts what is as quick', async (_, priority, turns) => {
  await backlog(2 * PER_TENANT + 1);
  const first = await admit();
  expect(await admit()).toEqual([]);
  await database.owner.query(`update run set state = 'running', admitted_at = null, worker = 'busy', lease_until = now() + interval '1 minute', priority = $2 where id = any($1)`, [first.map(({ id }) => id), priority]);
  expect((await admit()).map(({ turn }) => turn).sort((a, b) => a - b)).toEqual(Array.from({ length: PER_TENANT }, (__, i) => turns + 1 + i));
  await database.owner.query(`update run set state = 'cancelled' where state in ('queued', 'running')`);
}, 60_000);

test('100 tenants with very different backlogs get equal shares, every one of them: Jain\'s index is at least 0.95', async () => {
  const tenants = await Promise.all(Array.from({ length: 100 }, (_, i) => backlog(40 + (i % 5) * 200)));
  const served = new Map(tenants.map((tenantId) => [tenantId, 0]));
  for (let turn = 0; turn < 60; turn += 1) {
    const admitted = await admit();
    expect(admitted).toHaveLength(SLOTS);
    for (const { tenantId } of admitted) served.set(tenantId, (served.get(tenantId) ?? 0) + 1);
    await end(admitted.map(({ id }) => id));
  }
  expect(Math.min(...served.values())).toBeGreaterThan(0);
  const shares = [...served.values()], sum = shares.reduce((total, share) => total + share, 0);
  expect(sum ** 2 / (shares.length * shares.reduce((total, share) => total + share ** 2, 0))).toBeGreaterThanOrEqual(0.95);
}, 120_000);

test('a tenant\'s increments go before the full runs and backfills that were asked for, however many', async () => {
  const keyrack = await startKeyrack({ worker: 'none' });
  try {
    const { body: { enterprises: [{ id }] } } = await keyrack.onboard(0);
    const { owner, db } = keyrack.database;
    const ask = async (body: object): Promise<string[]> => (await keyrack.call('POST', '/syncs', { enterpriseIds: [id], ...body })).body.runIds;
    const names = collections.filter((entry) => entry.scope === 'enterprise' && entry.stage === 1).map((entry) => entry.name);
    const full = await ask({ collections: names.slice(0, 20), mode: 'full' });
    const period = await ask({ collections: ['bills'], from: '2026-01-01T00:00:00Z' });
    // One of them failed, and is tried again.
    await owner.query(`update run set state = 'failed' where id = $1`, [full[0]]);
    const { body: again } = await keyrack.call('POST', `/runs/${full[0]}/retry`);
    const [asked] = await ask({ collections: [names[20]] });
    // A schedule that is due.
    const { rows: [due] } = await owner.query(`insert into run (tenant_id, id, collection, source, enterprise_id, access_token_id, mode, trigger, priority)
      select tenant_id, gen_random_uuid(), $2, source, enterprise_id, access_token_id, 'incremental', 'schedule', 101 from run where id = $1 returning id`, [asked, names[21]]);
    const admitted = await db.onPlatform('test', (tx) => dispatch.admit(tx, { tenants: SLOTS, runs: SLOTS, perTenant: PER_TENANT, claimMs: 20_000 }));
    const order = admitted.toSorted((a, b) => a.turn - b.turn).map((run) => String(run.id));
    expect(order).toHaveLength(PER_TENANT);
    expect(order.slice(0, 2)).toEqual([asked, due.id]);
    expect([...full, ...period, again.id]).toEqual(expect.arrayContaining(order.slice(2)));
  } finally {
    await keyrack.stop();
  }
}, 60_000);

test.each([
  ['8 places are all taken', '8'],
  // More than may be on their way, and none of it so full that a run must give up its place.
  ['24 places are not', '24'],
] as const)('while a first load takes long and %s, what is due of another hotel of the tenant starts within 5 s', async (_, places) => {
  const keyrack = await startKeyrack({ env: { KEYRACK_WORKER_CONCURRENCY: places } });
  try {
    const { body: { enterprises: [{ id }] } } = await keyrack.onboard(0);
    await keyrack.untilIdle(90_000);
    keyrack.sandbox.faults.add({ kind: 'delay', ms: 1_000, accessToken: keyrack.sandbox.tokens[4]?.accessToken ?? '' });
    await keyrack.onboard(4);
    await until(20_000, async () => ((await keyrack.call('GET', '/overview')).body.runs.running >= 8 ? true : undefined));
    await new Promise((resolve) => { setTimeout(resolve, 3_000); });
    await keyrack.database.owner.query(`update schedule set next_run_at = now() where enterprise_id = $1 and collection = 'bills'`, [id]);
    const due = Date.now();
    const run = await until(60_000, async () => ((await keyrack.call('GET', `/runs?enterpriseId=${id}&collection=bills&limit=1`)).body.items as { mode: string; startedAt: string | null }[]).find(({ startedAt }) => Date.parse(startedAt ?? '') >= due - 1_000));
    expect(run.mode).toBe('incremental');
    expect(Date.parse(run.startedAt ?? '') - due).toBeLessThan(5_000);
    expect((await keyrack.call('GET', '/overview')).body.runs.queued).toBeGreaterThan(100);
  } finally {
    await keyrack.stop();
  }
}, 150_000);

test.each([
  // Each page takes a while, and a first load of the portfolio has hundreds.
  ['long runs of one tenant hold every place of the worker', { kind: 'delay', ms: 150 }],
  ['Mews does not answer one tenant\'s AccessToken', { kind: 'hang' }],
] as const)('while %s, another\'s starts within 2 s', async (_, fault) => {
  const keyrack: Keyrack = await startKeyrack();
  try {
    const trouble = { ...fault, accessToken: keyrack.sandbox.tokens[4]?.accessToken ?? '' };
    if (fault.kind === 'delay') keyrack.sandbox.faults.add(trouble);
    await keyrack.onboard(4);
    if (fault.kind === 'hang') keyrack.sandbox.faults.add(trouble);
    await until(20_000, async () => ((await keyrack.call('GET', '/overview')).body.runs.running >= (fault.kind === 'hang' ? 6 : 8) ? true : undefined));
    await new Promise((resolve) => { setTimeout(resolve, 3_000); });
    await keyrack.api.request('POST', '/v1/tenants', { slug: 'small', name: 'Small' });
    const { status } = await keyrack.api.request('POST', '/v1/tenants/small/access-tokens', { applicationId: keyrack.applicationId, environment: 'sandbox', accessToken: keyrack.sandbox.tokens[2]?.accessToken, connect: 'all' });
    expect(status).toBe(201);
    const first = await until(20_000, async () => ((await keyrack.api.request('GET', '/v1/tenants/small/runs?limit=500')).body.items as { createdAt: string; startedAt: string | null }[]).find((run) => run.startedAt !== null));
    expect(Date.parse(first.startedAt ?? '') - Date.parse(first.createdAt)).toBeLessThan(2_000);
    // Between two turns of a second a run is queued: all that have begun and not ended count.
    const { runs } = (await keyrack.call('GET', '/overview')).body;
    expect(runs.running + runs.queued + runs.waiting).toBeGreaterThanOrEqual(8);
  } finally {
    await keyrack.stop();
  }
}, 90_000);
