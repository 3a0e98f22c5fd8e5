// The one way a table with a tenant_id is made safe: row-level security enabled and forced, a policy per runtime role.
import type { QueryRunner } from 'typeorm';

export interface Grants { app: string; platform?: string }

/**
 * Binds a table to the tenant of the transaction. The app role sees the tenant's rows only, and without a tenant a query throws
 * (the strict current_setting): zero rows would read as "everything was deleted". It throws where Postgres uses an index that begins with the tenant,
 * or comes to a row. Where it looks by other columns and no row of any tenant is there, or the table is empty, it answers no rows, which is true. The platform role sees all rows that its grants allow.
 * @param grants privileges per role as SQL, for example `{ app: 'select, insert', platform: 'select (id, state)' }`
 */
export async function protect(q: QueryRunner, table: string, grants: Grants): Promise<void> {
  await q.query(`alter table ${table} enable row level security`);
  await q.query(`alter table ${table} force row level security`);
  const role = await roles(q);
  const tenant = `tenant_id = (select current_setting('app.tenant_id')::uuid)`;
  await q.query(`create policy tenant on ${table} to ${role.app} using (${tenant}) with check (${tenant})`);
  await grant(q, table, grants);
  if (grants.platform) await q.query(`create policy platform on ${table} to ${role.platform} using (true) with check (true)`);
}

/** Grants on a table that belongs to no tenant. */
export async function grant(q: QueryRunner, table: string, grants: Partial<Grants>): Promise<void> {
  const role = await roles(q);
  if (grants.app) await q.query(`grant ${grants.app} on ${table} to ${role.app}`);
  if (grants.platform) await q.query(`grant ${grants.platform} on ${table} to ${role.platform}`);
}

/** The quoted names of this database's runtime roles. */
export async function roles(q: QueryRunner): Promise<{ app: string; platform: string }> {
  const [row] = await q.query(`select quote_ident(current_database() || '_app') as app, quote_ident(current_database() || '_platform') as platform`);
  return row;
}
