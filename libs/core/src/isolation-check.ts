// Isolation rests on Postgres: on roles that cannot get past row-level security, and on tables that are forced under it. A program that
// finds it otherwise does not start. It cannot see everything (policies are held by the tests); it sees what an administrator may change in passing.
// A copy of a table that somebody put aside is no concern of a role that may not read it.
import type { DataSource } from 'typeorm';
import { ConfigError } from './config-error.js';

interface Found { role: string; strong: boolean; owns: boolean; open: string[] }

const look = `
  with mine as (select c.oid, c.relname, c.relowner, c.relrowsecurity and c.relforcerowsecurity as forced,
                       exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped)
                         and (has_any_column_privilege(c.oid, 'select, insert, update') or has_table_privilege(c.oid, 'delete')) as tenants
                  from pg_class c where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace)
  select current_user as role, (select rolsuper or rolbypassrls from pg_roles where rolname = current_user) as strong,
         exists (select from mine where pg_has_role(relowner, 'member')) as owns,
         array(select relname::text from mine where tenants and not forced order by 1) as open`;

/** @throws ConfigError that names the fix */
export async function refuseWithoutIsolation(source: DataSource): Promise<void> {
  const [found]: Found[] = await source.query(look);
  if (!found) throw new Error('Postgres did not tell the role');
  const { role, strong, owns, open } = found;
  if (strong) throw new ConfigError(`The database role "${role}" gets past row-level security: alter role "${role}" nosuperuser nobypassrls`);
  if (owns) throw new ConfigError(`The database role "${role}" owns tables, or is a member of the role that does: give them another owner, and revoke that membership`);
  if (open.length > 0) {
    throw new ConfigError(`Row-level security is not forced on ${open.join(', ')}: alter table ${open[0]} enable row level security, force row level security, and find out who changed that`);
  }
}
