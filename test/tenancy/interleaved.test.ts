// Many transactions and requests of two tenants on few connections never see each other's rows; without a tenant a query fails at the first row.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { getDataSourceToken } from '@nestjs/typeorm';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { Audit } from '@keyrack/audit';
import { Vault } from '@keyrack/credentials';
import { newId, openDatabase, roleUrl, sql, Sql, type ApiKeyId, systemActor, type Database, type EnterpriseId, type OperationId, type TenantId } from '@keyrack/core';
import { startApi, type Api } from '../harness/api.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';

const CONNECTIONS = 5;
const TRANSACTIONS = 5_000;
const tenants = [newId<TenantId>(), newId<TenantId>()] as const;

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await createTestDatabase();
  db = await openDatabase(database.databaseUrl, database.keys, 'interleaved', CONNECTIONS);
  for (const [i, id] of tenants.entries()) {
    await database.owner.query(`insert into tenant (id, slug, name) values ($1, $2, $2)`, [id, `tenant-${i}`]);
    await db.inTenant(id, async (tx) => {
      for (let n = 0; n < 3; n += 1) await insertKey(tx, id);
      await new Vault({ keys: database.keys }).createTenantKey(tx);
      await new Audit(db, database).record(tx, systemActor('test'), { action: 'run.cancelled', runId: 'none' });
      await tx.sql`insert into operation (tenant_id, id, kind) values (${id}, ${newId<OperationId>()}, 'test')`;
    });
  }
});
afterAll(async () => { await db?.close(); await database?.drop(); });

const insertKey = (tx: Parameters<Parameters<Database['inTenant']>[1]>[0], tenantId: TenantId) => tx.sql`
  insert into api_key (tenant_id, id, name, role, key_hash, hint) values (${tenantId}, ${newId<ApiKeyId>()}, 'k', 'viewer', ${randomBytes(32)}, '…')`;

test(`${TRANSACTIONS} transactions of two tenants on ${CONNECTIONS} connections read no row of the other`, async () => {
  let [wrong, failed] = [0, 0];
  const one = async (i: number): Promise<void> => {
    const tenantId = tenants[i % 2] ?? tenants[0];
    try {
      await db.inTenant(tenantId, async (tx) => {
        const rows = await tx.sql<{ tenantId: TenantId }>`select tenant_id as "tenantId" from api_key`;
        if (rows.length !== 3 || rows.some((row) => row.tenantId !== tenantId)) wrong += 1;
        // Some transactions end badly: what they set must not reach the next on this connection.
        if (i % 7 === 0) throw new Error('rolled back on purpose');
      });
    } catch (error) {
      if (!(error instanceof Error) || error.message !== 'rolled back on purpose') failed += 1;
    }
  };
  await Promise.all(Array.from({ length: 50 }, async (_, lane) => { for (let i = lane; i < TRANSACTIONS; i += 50) await one(i); }));
  expect({ wrong, failed }).toEqual({ wrong: 0, failed: 0 });
});

test('the reason of a transaction across tenants is shown while it runs, behind the name of the program, and not after it', async () => {
  const shown = async () => (await database.owner.query<{ name: string }>(`select distinct application_name as name from pg_stat_activity where application_name like 'interleaved platform%'`)).rows.map(({ name }) => name);
  const seen = await db.onPlatform("look at the tenant's audit", async (tx) => {
    await tx.sql`select 1`;
    return shown();
  });
  expect(seen).toContain("interleaved platform: look at the tenant's audit");
  expect(await shown()).toEqual(['interleaved platform']);
});

test('the reason of a single statement across tenants is shown in front of it, and its parameters are its own', async () => {
  const shown = await db.atOnce('look at itself', sql`select query, ${'a value'} as value from pg_stat_activity where pid = pg_backend_pid()`);
  expect(shown).toEqual([{ query: expect.stringMatching(/^\/\* look at itself \*\/ select query, \$1 as value/), value: 'a value' }]);
});

test(`${TRANSACTIONS} requests of two tenants' keys at an api with ${CONNECTIONS} connections are each answered with their own rows alone`, async () => {
  const api = await startApi(database);
  const pools = ['app', 'platform'].map((role) => poolOf(api, role));
  for (const pool of pools) pool.options.max = CONNECTIONS;
  const keys = await Promise.all(['first', 'second'].map(async (slug) => {
    await api.request('POST', '/v1/tenants', { slug, name: slug });
    const { body } = await api.request('POST', `/v1/tenants/${slug}/api-keys`, { name: `of ${slug}`, role: 'owner' });
    return { slug, key: body.key as string };
  }));
  let [wrong, most] = [0, 0];
  const one = async (i: number): Promise<void> => {
    const { slug, key } = keys[i % 2] ?? { slug: '', key: '' };
    const answer = await fetch(`${api.url}/v1/tenants/${slug}/api-keys`, { headers: { authorization: `Bearer ${key}` } });
    const { items } = await answer.json() as { items?: { name: string }[] };
    if (answer.status !== 200 || items?.map(({ name }) => name).join() !== `of ${slug}`) wrong += 1;
    most = Math.max(most, ...pools.map(({ totalCount }) => totalCount));
  };
  try {
    await Promise.all(Array.from({ length: 50 }, async (_, lane) => { for (let i = lane; i < TRANSACTIONS; i += 50) await one(i); }));
  } finally {
    await api.close();
  }
  expect({ wrong, most }).toEqual({ wrong: 0, most: CONNECTIONS });
}, 120_000);

/** The pool of one of the api's two roles. */
function poolOf(api: Api, role: string): pg.Pool {
  const { driver } = api.app.get<DataSource>(getDataSourceToken(role));
  if (!('master' in driver) || !(driver.master instanceof pg.Pool)) throw new Error('the api has no pool');
  return driver.master;
}

test('what asks on after its transaction has ended asks nobody: the connection may be another tenant\'s by then', async () => {
  const [a, b] = tenants, one = await openDatabase(database.databaseUrl, database.keys, 'ended', 1);
  const late: (() => Promise<unknown>)[] = [];
  try {
    for (const fails of [true, false]) {
      await one.inTenant(a, async (tx) => {
        late.push(() => tx.sql`select tenant_id from api_key`, () => tx.prepared('late', sql`select tenant_id from api_key`));
        if (fails) throw new Error('on purpose');
      }).catch(() => undefined);
    }
    await one.inTenant(b, async () => { for (const ask of late) await expect(ask()).rejects.toThrow('has ended'); });
  } finally {
    await one.close();
  }
});

test('a transaction in which a statement failed is not told as committed, whoever caught the failure', async () => {
  const [a] = tenants, name = async (key: ApiKeyId) => (await db.inTenant(a, (tx) => tx.sql`select name from api_key where id = ${key}`))[0];
  const [row] = await db.inTenant(a, (tx) => tx.sql<{ id: ApiKeyId }>`select id from api_key limit 1`);
  if (!row) throw new Error('no key');
  await expect(db.inTenant(a, async (tx) => {
    await tx.sql`update api_key set name = 'changed' where id = ${row.id}`;
    await tx.sql`select 1 / 0`.catch(() => undefined);
  })).rejects.toThrow('rolled back');
  expect(await name(row.id)).toEqual({ name: 'k' });
});

test("a row of another tenant can be neither written, changed nor deleted", async () => {
  const [a, b] = tenants;
  await expect(db.inTenant(a, (tx) => insertKey(tx, b))).rejects.toThrow(/row-level security/);
  await expect(db.inTenant(a, (tx) => tx.sql`update api_key set tenant_id = ${b}`)).rejects.toThrow(/row-level security/);
  expect(await db.inTenant(a, (tx) => tx.sql`delete from api_key where tenant_id = ${b} returning 1`)).toEqual([]);
  expect(await db.inTenant(b, (tx) => tx.sql`select count(*)::int as n from api_key`)).toEqual([{ n: 3 }]);
});

test('the app role without a tenant gets an error from a table of tenants, not zero rows', async () => {
  const client = new pg.Client({ connectionString: roleUrl(database.databaseUrl, database.keys, 'app').reveal() });
  await client.connect();
  try {
    const { rows: tables } = await database.owner.query<{ name: string }>(`
      select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
       where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and has_table_privilege(current_database() || '_app', c.oid, 'select')`);
    const filled: string[] = [];
    // Postgres does not evaluate the policy for a table that has no row at all, and then zero rows is the truth.
    for (const { name } of tables) if ((await database.owner.query(`select 1 from ${name} limit 1`)).rowCount) filled.push(name);
    expect(filled).toEqual(expect.arrayContaining(['api_key', 'tenant_key', 'audit_event', 'audit_head', 'operation']));
    for (const fresh of [true, false]) {
      // Once set and gone, the setting is an empty text rather than missing: that must fail too.
      if (!fresh) await client.query(`begin; select set_config('app.tenant_id', '${tenants[0]}', true); commit`);
      for (const name of filled) await expect(client.query(`select * from ${name} limit 1`)).rejects.toThrow(/app\.tenant_id|invalid input syntax for type uuid/);
    }
  } finally {
    await client.end();
  }
});

test('the app role without a tenant gets an error from whatever row it comes to, by whichever index', async () => {
  const [enterprise, unknown] = [newId<EnterpriseId>(), newId<EnterpriseId>()];
  await database.owner.query(`insert into enterprise (tenant_id, id, environment_id, chain_id, name, time_zone, created_utc) values ($1, $2, 'demo', $2, 'Hotel', 'UTC', now())`, [tenants[0], enterprise]);
  await database.owner.query(`insert into record (tenant_id, collection, id, environment_id, source, enterprise_id, first_seq, seq, changed_at, hash, payload)
    select $1, 'c', gen_random_uuid(), 'demo', $2::uuid, $2, n, n, now(), '\\x00', '\\x00' from generate_series(1, 20000) n`, [tenants[0], enterprise]);
  await database.owner.query('analyze record');
  const client = new pg.Client({ connectionString: roleUrl(database.databaseUrl, database.keys, 'app').reveal() });
  await client.connect();
  try {
    const find = (id: EnterpriseId) => client.query(`select 1 from record where enterprise_id = $1 and collection = 'c'`, [id]);
    await expect(find(enterprise)).rejects.toThrow(/app\.tenant_id/);
    // No row of any tenant, so nothing that the policy is asked for: the limit that migrations/tenant-table.ts tells.
    expect((await find(unknown)).rows).toEqual([]);
    await expect(client.query(`select 1 from record where collection = 'c' and id = $1`, [unknown])).rejects.toThrow(/app\.tenant_id/);
  } finally {
    await client.end();
  }
});

test('the app role cannot see people, sessions, platform keys or client tokens at all', async () => {
  for (const table of ['app_user', 'session', 'platform_api_key', 'platform_key', 'application_client_token', 'platform_audit_event', 'idempotency_key']) {
    await expect(db.inTenant(tenants[0], (tx) => tx.run(new Sql([`select 1 from ${table}`], [])))).rejects.toThrow(/permission denied/);
  }
});
