// A deleted tenant: unreadable at once, its rows gone, its slug free, and finished by whoever comes next after a crash.
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ApiKeys } from '@keyrack/auth';
import type { TenantActor, TenantId } from '@keyrack/core';
import { Sealer, Vault } from '@keyrack/credentials';
import type { JobContext } from '@keyrack/queue';
import { Stopping } from '@keyrack/sync';
import { ErasureProcessor } from '../../apps/worker/src/erasure.processor.js';
import { unwrapKey } from '../../libs/credentials/src/data-key.js';
import { Erasure, Tenants } from '@keyrack/tenants';
import { startApi, type Api } from '../harness/api.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';
import { until, untilLocked } from '../harness/keyrack.js';

let database: TestDatabase;
let api: Api;
beforeAll(async () => { database = await createTestDatabase(); api = await startApi(database); });
afterAll(async () => { await api?.close(); await database?.drop(); });

const KEPT = ['audit_event', 'audit_head', 'operation'];
const at = { environment: 'demo', table: 'record', column: 'payload', row: '1' };

async function rowsOf(tenant: string): Promise<Record<string, number>> {
  const { rows: tables } = await database.owner.query<{ name: string }>(`
    select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace`);
  const counts: Record<string, number> = {};
  for (const { name } of tables) {
    const { rows } = await database.owner.query<{ n: number }>(`select count(*)::int as n from ${name} where tenant_id = $1`, [tenant]);
    if (rows[0]?.n) counts[name] = rows[0].n;
  }
  return counts;
}

/** One run that leads, and others that ride along: more than are erased at once. */
async function streamOfRuns(tenant: string, runs: number): Promise<void> {
  const { owner } = database, [application, token, enterprise, leader] = Array.from({ length: 4 }, () => randomUUID());
  await owner.query(`insert into application (id, name, version) values ($1, $2, '1')`, [application, application]);
  await owner.query(`insert into access_token (tenant_id, id, environment_id, application_id, kind, hint, fingerprint, ciphertext) values ($1, $2, 'demo', $3, 'portfolio', '…', $4, '\\x00')`, [tenant, token, application, token]);
  await owner.query(`insert into enterprise (tenant_id, id, environment_id, chain_id, name, time_zone, created_utc) values ($1, $2, 'demo', gen_random_uuid(), 'Hotel', 'UTC', '2020-01-01')`, [tenant, enterprise]);
  await owner.query(`
    insert into run (tenant_id, id, collection, source, enterprise_id, access_token_id, mode, trigger, state, leader_id)
    select $1, case n when 1 then $4::uuid else gen_random_uuid() end, 'bills', 's', $3, $2, 'full', 'schedule', 'succeeded', case n when 1 then null else $4::uuid end from generate_series(1, $5::int) n`, [tenant, token, enterprise, leader, runs]);
}

/** A dump of this moment, with the ring beside it: no data key in it opens a value of the tenant, whoever's id it is unwrapped for. */
async function expectShredded(gone: string, stays: string): Promise<void> {
  const { ring } = new Vault({ keys: database.keys });
  const payloadOf = async (tenant: string) => (await database.owner.query<{ payload: Buffer }>('select payload from record where tenant_id = $1 limit 1', [tenant])).rows[0]?.payload ?? Buffer.alloc(0);
  const { rows: stored } = await database.owner.query<{ scope: string; keyId: number; wrapped: Buffer; ringKey: string }>(`
    select tenant_id::text as scope, key_id as "keyId", wrapped, ring_key as "ringKey" from tenant_key union all select 'platform', key_id, wrapped, ring_key from platform_key`);
  const opens = (tenant: string, payload: Buffer) => stored.filter((key) => {
    for (const scope of [key.scope, tenant]) {
      try {
        new Sealer(tenant, [unwrapKey(ring, scope, key)]).open(at, payload);
        return true;
      } catch { /* the next */ }
    }
    return false;
  }).map(({ scope }) => scope);
  expect((await payloadOf(gone)).length).toBeGreaterThan(0);
  expect(opens(gone, await payloadOf(gone))).toEqual([]);
  expect(opens(stays, await payloadOf(stays))).toEqual([stays]);
}

test('deletion destroys the keys first, then every row, and leaves others alone', async () => {
  const [gone, stays] = await Promise.all(['gone', 'stays'].map(async (slug) => (await api.request('POST', '/v1/tenants', { slug, name: slug })).body.id as TenantId));
  if (!gone || !stays) throw new Error('no tenants');
  for (const id of [gone, stays]) {
    const { db } = database;
    const sealed = await db.inTenant(id, async (tx) => (await api.app.get(Vault).tenant(tx)).seal(at, Buffer.from('secret')));
    await database.owner.query(`insert into record (tenant_id, collection, id, environment_id, source, first_seq, seq, changed_at, hash, payload)
      select $1, 'c', n::text, 'demo', 's', n, n, now(), $2, $3 from generate_series(1, 6000) n`, [id, randomBytes(16), sealed]);
    await streamOfRuns(id, 6_000);
    await api.request('POST', `/v1/tenants/${id}/api-keys`, { name: 'k', role: 'owner' });
  }
  const { key } = (await api.request('POST', '/v1/tenants/gone/api-keys', { name: 'k2', role: 'owner' })).body;
  const before = await rowsOf(stays);

  const started = await api.request('DELETE', '/v1/tenants/gone');
  expect(started).toMatchObject({ status: 202, body: { operationId: expect.any(String) } });
  expect((await api.request('DELETE', '/v1/tenants/gone')).body).toEqual(started.body);
  const operation = `/v1/operations/${started.body.operationId}`;
  expect((await api.request('GET', operation)).body).toMatchObject({ kind: 'tenant.delete', state: 'running' });
  expect(await api.request('POST', '/v1/tenants/gone/api-keys', { name: 'late', role: 'viewer' })).toMatchObject({ status: 409, body: { code: 'tenant.deleting' } });

  // A process that dies after the first batches leaves the tenant where the next one finds it.
  const erasure = api.app.get(Erasure);
  const stopped = new AbortController();
  stopped.abort(new Error('killed'));
  await expect(erasure.eraseTenant(gone, stopped.signal)).rejects.toThrow('killed');
  await expect(database.db.inTenant(gone, (tx) => new Vault({ keys: database.keys }).tenant(tx))).rejects.toMatchObject({ code: 'secret.unreadable' });
  expect(await erasure.pending()).toEqual([gone]);
  await expectShredded(gone, stays);

  await Promise.all([erasure.eraseTenant(gone), erasure.eraseTenant(gone).catch(() => undefined)]);
  await erasure.eraseTenant(gone);
  expect(Object.keys(await rowsOf(gone)).filter((table) => !KEPT.includes(table))).toEqual([]);
  expect(await rowsOf(stays)).toEqual(before);
  const { rows: [destroyed] } = await database.owner.query(`select subject from audit_event where tenant_id = $1 and action = 'data_key.destroyed'`, [gone]);
  expect(destroyed).toEqual({ subject: { keyIds: [1], reason: 'tenant deleted' } });
  expect((await api.request('GET', operation)).body).toMatchObject({ state: 'succeeded', finishedAt: expect.any(String) });
  expect((await api.request('GET', '/v1/tenants/gone')).status).toBe(404);
  expect((await api.request('GET', '/v1/tenants', undefined, key)).status).toBe(401);
  expect((await api.request('POST', '/v1/tenants', { slug: 'gone', name: 'again' })).status).toBe(201);
  expect((await api.request('GET', '/v1/audit?action=tenant.deleted')).body.items).toHaveLength(1);
});

test('what commits while the rows are deleted goes too, with the budgets and answers that can be told to be theirs', async () => {
  const [gone, stays] = await Promise.all(['racing', 'resting'].map(async (slug) => (await api.request('POST', '/v1/tenants', { slug, name: slug })).body.id as TenantId));
  if (!gone || !stays) throw new Error('no tenants');
  for (const id of [gone, stays]) await streamOfRuns(id, 2);
  // Both tenants had one of the tokens, one after the other.
  const { rows: tokens } = await database.owner.query<{ tenant: string; fingerprint: string }>('select tenant_id as tenant, fingerprint from access_token where tenant_id = any($1)', [[gone, stays]]);
  const ofGone = tokens.find(({ tenant }) => tenant === gone)?.fingerprint ?? '', shared = tokens.find(({ tenant }) => tenant === stays)?.fingerprint ?? '';
  await database.owner.query(`insert into access_token (tenant_id, id, environment_id, application_id, kind, status, hint, fingerprint, ciphertext) select $1, gen_random_uuid(), environment_id, application_id, kind, 'revoked', hint, fingerprint, ciphertext from access_token where fingerprint = $2`, [gone, shared]);
  await database.owner.query('insert into request_budget (key) select unnest($1::text[])', [[ofGone, shared]]);
  const keyOf = async (id: string) => (await api.request('POST', `/v1/tenants/${id}/api-keys`, { name: 'k', role: 'owner' })).body.key;
  for (const id of [gone, stays]) await api.request('POST', `/v1/tenants/${id}/syncs`, {}, await keyOf(id), { 'idempotency-key': `of-${id}` });
  const kept = async () => (await database.owner.query('select key from idempotency_key union all select key from request_budget')).rows.map(({ key }) => key).sort();
  expect(await kept()).toEqual([`of-${gone}`, `of-${stays}`, ofGone, shared].sort());

  await api.request('DELETE', `/v1/tenants/${gone}`);
  // A page that waits for its commit: its run is locked, and its record is not to be seen yet.
  const page = await database.owner.connect();
  await page.query('begin');
  await page.query('update run set pages = pages + 1 where tenant_id = $1', [gone]);
  await page.query(`insert into record (tenant_id, collection, id, environment_id, source, first_seq, seq, changed_at, hash, payload) values ($1, 'c', 'late', 'demo', 's', 1, 1, now(), '\\x00', '\\x00')`, [gone]);
  const erased = api.app.get(Erasure).eraseTenant(gone);
  await untilLocked(database);
  await page.query('commit');
  page.release();
  await erased;
  expect(Object.keys(await rowsOf(gone)).filter((table) => !KEPT.includes(table))).toEqual([]);
  expect(await kept()).toEqual([`of-${stays}`, shared].sort());
});

test('nobody makes a key in a tenant whose deletion was begun since they were let in, and its deletion waits for one who does', async () => {
  const { body: { id } } = await api.request('POST', '/v1/tenants', { slug: 'keyless', name: 'Keyless' }), [{ id: keyId }] = (await database.owner.query('select id from platform_api_key')).rows;
  const me: TenantActor = { kind: 'api_key', id: keyId, name: 'bootstrap', platformRole: 'admin', tenantId: id }, keys = api.app.get(ApiKeys), tenants = api.app.get(Tenants);
  const holding = await database.owner.connect();
  await holding.query('begin; lock table api_key in share mode');
  const made = keys.create(me, { name: 'in time', role: 'owner' });
  await untilLocked(database);
  const begun = tenants.startDeletion(me);
  await until(10_000, async () => (await database.owner.query(`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)).rowCount === 2 || undefined);
  await holding.query('commit');
  holding.release();
  await Promise.all([made, begun]);
  await expect(keys.create(me, { name: 'too late', role: 'owner' })).rejects.toMatchObject({ code: 'tenant.deleting' });
  await api.app.get(Erasure).eraseTenant(id);
  await expect(keys.create(me, { name: 'much too late', role: 'owner' })).rejects.toMatchObject({ code: 'tenant.deleting' });
  expect((await database.owner.query('select name from api_key where tenant_id = $1', [id])).rows).toEqual([]);
});

test('before its rows go, what works on the tenant is stopped', async () => {
  const { body: { id } } = await api.request('POST', '/v1/tenants', { slug: 'working', name: 'Working' });
  await streamOfRuns(id, 3);
  // Of an enterprise that is connected: nothing else stops it.
  await database.owner.query(`insert into connection (tenant_id, environment_id, enterprise_id, access_token_id) select r.tenant_id, 'demo', r.enterprise_id, r.access_token_id from run r where r.tenant_id = $1 and leader_id is null`, [id]);
  await database.owner.query(`update run set source = enterprise_id::text, state = 'running', worker = 'w', lease_until = now() + interval '1 minute' where tenant_id = $1 and leader_id is null`, [id]);
  await api.request('DELETE', '/v1/tenants/working');
  const processor = new ErasureProcessor(api.app.get(Stopping), api.app.get(Erasure)), stopped = new AbortController();
  stopped.abort(new Error('killed'));
  await expect(processor.handle({ tenantId: id }, { signal: stopped.signal } as JobContext)).rejects.toThrow('killed');
  const { rows } = await database.owner.query(`select state, error->>'code' as code, worker from run where tenant_id = $1 and leader_id is null`, [id]);
  expect(rows).toEqual([{ state: 'cancelled', code: 'tenant.deleting', worker: null }]);
});

test('a tenant that is not being deleted cannot be erased', async () => {
  const { body: { id } } = await api.request('POST', '/v1/tenants', { slug: 'alive', name: 'Alive' });
  await api.app.get(Erasure).eraseTenant(id);
  expect(await rowsOf(id)).toMatchObject({ tenant_key: 1 });
});
