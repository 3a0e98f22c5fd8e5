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

test('the platform role can read no secret and no record', async () => {
  const readable = await rows<{ table: string; column: string }>(`
    select c.relname as table, a.attname as column from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and has_column_privilege(current_database() || '_platform', c.oid, a.attnum, 'select')
       and ((c.relname, a.attname) in (('tenant_key', 'wrapped'), ('access_token', 'ciphertext')) or c.relname = 'record')`);
  expect(readable).toEqual([]);
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
