// Isolation rests on Postgres: on roles that cannot get past row-level security, and on tables that are forced under it. A program that
// finds it otherwise does not start. It cannot see everything (most grants are held by the tests); it sees what an administrator may change in passing.
// `grant all` gives also what row-level security does not hold, and the changing of the audit trail.
// A copy of a table that somebody put aside is no concern of a role that may not read it.
import type { DataSource } from 'typeorm';
import { ConfigError } from './config-error.js';

interface Found { role: string; /** Roles that get past row-level security: itself, or those that it may become. */ strong: string[]; owns: boolean; open: string[]; loose: string[]; empty: string[]; views: string[]; rights: string[] }

/** The policy of migrations/tenant-table.ts as Postgres prints it; how it sets its brackets is left to it. */
const BOUND = String.raw`^\W*tenant_id = \W*select \W*current_setting\('app\.tenant_id'::text\)\W*uuid( as current_setting)?\W*$`;

const look = `
  with mine as (select c.oid, c.relname, c.relowner, c.relrowsecurity and c.relforcerowsecurity as forced,
                       exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped)
                         and (has_any_column_privilege(c.oid, 'select, insert, update') or has_table_privilege(c.oid, 'delete')) as tenants
                  from pg_class c where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace)
  select current_user as role, array(select rolname::text from pg_roles where (rolsuper or rolbypassrls) and pg_has_role(oid, 'member') order by 1) as strong,
         exists (select from mine where pg_has_role(relowner, 'member')) as owns,
         array(select relname::text from mine where tenants and not forced order by 1) as open,
         array(select p.polname || ' on ' || relname from mine join pg_policy p on p.polrelid = mine.oid,
                      unnest(array[pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)]) as bound
                where current_user = current_database() || '_app' and tenants and p.polpermissive and bound !~* $1
                  and exists (select from unnest(p.polroles) r where case r when 0 then true else pg_has_role(r, 'member') end)
                group by 1 order by 1) as loose,
         array(select relname::text from mine
                where tenants and not exists (select from pg_policy p, unnest(p.polroles) r where p.polrelid = mine.oid and p.polpermissive and case r when 0 then true else pg_has_role(r, 'member') end)
                order by 1) as empty,
         array(select c.relname::text from pg_class c
                where c.relkind in ('v', 'm') and c.relnamespace = 'public'::regnamespace and has_any_column_privilege(c.oid, 'select')
                  and not exists (select from pg_options_to_table(c.reloptions) where option_name = 'security_invoker' and option_value::boolean)
                  and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e') order by 1) as views,
         array(select p || ' on ' || relname from mine, unnest(array['update', 'delete', 'truncate', 'trigger']) p
                where case when p in ('truncate', 'trigger') then has_table_privilege(oid, p)
                           when p = 'update' then relname in ('audit_event', 'platform_audit_event') and has_any_column_privilege(oid, p)
                           else relname in ('audit_event', 'platform_audit_event', 'audit_head', 'platform_audit_head') and has_table_privilege(oid, p) end
                order by 1) as rights`;

/** @throws ConfigError that names the fix */
export async function refuseWithoutIsolation(source: DataSource): Promise<void> {
  const [found]: Found[] = await source.query(look, [BOUND]);
  if (!found) throw new Error('Postgres did not tell the role');
  const { role, strong, owns, open, loose, empty, views, rights } = found;
  if (strong.includes(role)) throw new ConfigError(`The database role "${role}" gets past row-level security: alter role "${role}" nosuperuser nobypassrls`);
  if (owns) throw new ConfigError(`The database role "${role}" owns tables, or is a member of the role that does: give them another owner, and revoke that membership`);
  if (strong.length > 0) throw new ConfigError(`The database role "${role}" may become "${strong[0]}", which gets past row-level security: revoke "${strong[0]}" from "${role}"`);
  if (open.length > 0) {
    throw new ConfigError(`Row-level security is not forced on ${open.join(', ')}: alter table ${open[0]} enable row level security, force row level security, and find out who changed that`);
  }
  if (loose.length > 0) throw new ConfigError(`Another policy than the tenant's own lets "${role}" at rows: ${loose.join(', ')}. Drop it, or bind it to the setting app.tenant_id again, and find out who changed that`);
  if (empty.length > 0) throw new ConfigError(`A policy is gone, without which ${empty.join(', ')} would look empty to "${role}": make it again as in migrations/tenant-table.ts, and find out who dropped it`);
  if (views.length > 0) throw new ConfigError(`"${role}" may read ${views.join(', ')} with the rights of the view's owner: alter view ${views[0]} set (security_invoker = true), or revoke it`);
  if (rights.length > 0) throw new ConfigError(`"${role}" has rights that row-level security or the audit trail does not bear: ${rights.join(', ')}. revoke ${rights[0]} from "${role}", and find out who granted that`);
}
