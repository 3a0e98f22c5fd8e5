// Walks pg_catalog: every table with a tenant_id is bound to its tenant, and the runtime roles cannot get around it.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';

let database: TestDatabase;
beforeAll(async () => { database = await createTestDatabase(); });
afterAll(() => database?.drop());

const rows = async <Row extends object>(text: string): Promise<Row[]> => (await database.owner.query<Row>(text)).rows;

/** Unique keys that reach across tenants on purpose, with the reason. */
const acrossTenants: Record<string, string> = {
  access_token_fingerprint: 'an AccessToken belongs to one tenant of an environment; which one, the other must not learn',
};

const tenantTables = `
  select c.oid, c.relname as name, c.relrowsecurity as enabled, c.relforcerowsecurity as forced
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
   where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace`;

test('there are tables of tenants, and row-level security is enabled and forced on each', async () => {
  const tables = await rows<{ name: string; enabled: boolean; forced: boolean }>(tenantTables);
  expect(tables.length).toBeGreaterThan(10);
  expect(tables.filter(({ enabled, forced }) => !enabled || !forced)).toEqual([]);
});

test('each has a tenant_id that cannot be null, and a policy for the app role that binds reads and writes with the strict setting', async () => {
  const tables = await rows<{ name: string; nullable: boolean; using: string | null; check: string | null; cmd: string | null }>(`
    select t.name, not a.attnotnull as nullable, pg_get_expr(p.polqual, p.polrelid) as using, pg_get_expr(p.polwithcheck, p.polrelid) as check, p.polcmd as cmd
      from (${tenantTables}) t join pg_attribute a on a.attrelid = t.oid and a.attname = 'tenant_id'
      left join pg_policy p on p.polrelid = t.oid and exists (select 1 from pg_roles r where r.oid = any(p.polroles) and r.rolname = current_database() || '_app')`);
  for (const { name, nullable, using, check, cmd } of tables) {
    expect({ name, nullable, cmd }).toEqual({ name, nullable: false, cmd: '*' });
    for (const bound of [using, check]) {
      expect(bound).toMatch(/^\(tenant_id = \( SELECT \(current_setting\('app\.tenant_id'::text\)\)::uuid AS current_setting\)\)$/);
    }
  }
});

test('no policy is for everybody, and only the platform role has one that sees all tenants', async () => {
  const policies = await rows<{ table: string; role: string | null; using: string }>(`
    select p.polrelid::regclass::text as table, r.rolname as role, pg_get_expr(p.polqual, p.polrelid) as using
      from pg_policy p cross join unnest(p.polroles) as u(oid) left join pg_roles r on r.oid = u.oid`);
  expect(policies.filter(({ role }) => role === null)).toEqual([]);
  expect(policies.filter(({ role, using }) => using === 'true' && !role?.endsWith('_platform'))).toEqual([]);
});

test('no runtime role can change, delete or empty an event of the audit trail, or take away where a chain ends', async () => {
  const held = await rows<{ trail: string; right: string }>(`
    select t as trail, p as right from unnest(array['app', 'platform']) r,
           unnest(array['audit_event', 'platform_audit_event', 'audit_head', 'platform_audit_head']) t, unnest(array['update', 'delete', 'truncate']) p
     where case p when 'update' then t like '%_event' and has_any_column_privilege(current_database() || '_' || r, t, p) else has_table_privilege(current_database() || '_' || r, t, p) end
     order by 1, 2`);
  expect(held).toEqual([]);
  // The roles are those that write it.
  expect(await rows(`select 1 where has_table_privilege(current_database() || '_app', 'audit_event', 'insert') and has_table_privilege(current_database() || '_platform', 'platform_audit_event', 'insert')`)).toHaveLength(1);
});

test('unique keys include the tenant, except where a reason is written down', async () => {
  const keys = await rows<{ index: string; columns: string[] }>(`
    select i.indexrelid::regclass::text as index, array_agg(a.attname::text) as columns
      from pg_index i join (${tenantTables}) t on t.oid = i.indrelid
      join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
     where i.indisunique group by 1`);
  expect(keys.filter(({ columns }) => !columns.includes('tenant_id')).map(({ index }) => index).sort()).toEqual(Object.keys(acrossTenants));
});

/** Indexes of tenants' tables that do not begin with the tenant, with the reason. */
const withoutTenantFirst: Record<string, string> = {
  access_token_expansion: 'the platform role looks for what is due, in all tenants',
  access_token_fingerprint: acrossTenants['access_token_fingerprint'] ?? '',
  access_link_secret_hash_tenant_id_key: 'the platform role finds the tenant by it', api_key_key_hash_tenant_id_key: 'the platform role finds the tenant by it',
  reach_event_of_all: 'the platform role reads the events of all tenants by time',
  record_of_enterprise: 'one enterprise in the order of its records; its id is as narrow as the tenant and the enterprise would be',
  run_in_hands: 'the platform role looks for what a worker holds, of all tenants',
  schedule_due: 'the platform role looks for what is due, in all tenants',
  token_import_open: 'the platform role looks for what is open, in all tenants',
};

// By the tenant Postgres cannot look anything up without reading the setting, which throws where there is none. By another column it can:
// it throws at the first row that it finds, and finding none it answers none.
test('an index of a table of tenants begins with the tenant, except where a reason is written down', async () => {
  const indexes = await rows<{ name: string }>(`
    select i.indexrelid::regclass::text as name from pg_index i join (${tenantTables}) t on t.oid = i.indrelid
     where i.indkey[0] <> (select attnum from pg_attribute where attrelid = i.indrelid and attname = 'tenant_id') order by 1`);
  expect(indexes.map(({ name }) => name)).toEqual(Object.keys(withoutTenantFirst).sort());
});

test('a foreign key between tables of tenants includes the tenant on both sides', async () => {
  const keys = await rows<{ name: string; from: string[]; to: string[] }>(`
    select k.conname as name,
           array(select attname::text from pg_attribute where attrelid = k.conrelid and attnum = any(k.conkey)) as from,
           array(select attname::text from pg_attribute where attrelid = k.confrelid and attnum = any(k.confkey)) as to
      from pg_constraint k join (${tenantTables}) f on f.oid = k.conrelid join (${tenantTables}) t on t.oid = k.confrelid where k.contype = 'f'`);
  expect(keys.length).toBeGreaterThan(5);
  expect(keys.filter(({ from, to }) => !from.includes('tenant_id') || !to.includes('tenant_id'))).toEqual([]);
});

test('the runtime roles own nothing, bypass nothing, inherit nothing and may create nothing', async () => {
  const roles = await rows<{ name: string; strong: boolean; owns: number; member: number; creates: boolean; owner: boolean }>(`
    select r.rolname as name, r.rolsuper or r.rolbypassrls or r.rolcreatedb or r.rolcreaterole or r.rolreplication as strong,
           (select count(*)::int from pg_class c where c.relowner = r.oid) as owns,
           (select count(*)::int from pg_auth_members m where m.member = r.oid) as member,
           has_schema_privilege(r.oid, 'public', 'create') as creates,
           exists (select 1 from pg_database d where d.datname = current_database() and d.datdba = r.oid) as owner
      from pg_roles r where r.rolname in (current_database() || '_app', current_database() || '_platform')`);
  expect(roles).toHaveLength(2);
  for (const role of roles) expect(role).toMatchObject({ strong: false, owns: 0, member: 0, creates: false, owner: false });
});

/** What the platform role may read of bytes, and what each is. */
const platformBytes: Record<string, string> = {
  'access_link.secret_hash': 'finds the link, and with it the tenant', 'platform_access_link.secret_hash': 'the same, of the platform',
  'api_key.key_hash': 'finds the key, and with it the tenant', 'platform_api_key.key_hash': 'the same, of the platform',
  'session.token_hash': 'finds the session', 'session.csrf_hash': 'compares the token of the page',
  'audit_event.hash': 'verifies the chains', 'audit_event.previous_hash': 'verifies the chains', 'audit_head.hash': 'verifies the chains',
  'platform_audit_event.hash': 'appends and verifies', 'platform_audit_event.previous_hash': 'verifies', 'platform_audit_head.hash': 'appends and verifies',
  'application_client_token.ciphertext': "the vendor's own ClientTokens, sealed: a call to Mews needs one", 'platform_key.wrapped': 'the data key that opens them, wrapped under the ring',
  'environment.address_mac': 'tells an address that was changed past Keyrack', 'ring_key.check_value': 'tells a key from another one of the same name',
  'idempotency_key.request_hash': 'tells a repetition from another request',
};

test('the platform role can read no record and no ciphertext of a tenant: what it reads of bytes is written down', async () => {
  const readable = await rows<{ name: string }>(`
    select c.relname || '.' || a.attname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f') and has_column_privilege(current_database() || '_platform', c.oid, a.attnum, 'select')
       and (a.atttypid = 'bytea'::regtype or c.relname = 'record') order by 1`);
  expect(readable.map(({ name }) => name)).toEqual(Object.keys(platformBytes).sort());
});

test('views see with the eyes of their caller, and no materialized view is granted', async () => {
  const views = await rows<{ name: string; kind: string; invoker: boolean }>(`
    select relname as name, relkind as kind, coalesce(reloptions @> array['security_invoker=true'], false) as invoker
      from pg_class where relnamespace = 'public'::regnamespace and relkind in ('v', 'm')`);
  expect(views.filter(({ kind, invoker }) => kind === 'm' || !invoker)).toEqual([]);
});

test('functions of ours do not run with the rights of their owner', async () => {
  expect(await rows(`select proname from pg_proc where pronamespace = 'public'::regnamespace and prosecdef`)).toEqual([]);
});
