// Deletes what a tenant owns: its data keys first, so that nothing can be read any more, then its rows, a batch at a time.
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '@keyrack/audit';
import { Database, Sql, sql, systemActor, type TenantId } from '@keyrack/core';
import { Vault } from '@keyrack/credentials';
import { DELETION } from './tenants.js';

const me = systemActor('tenant.erase');
const BATCH = 5_000;
// What outlives the tenant: the proof of what was done, and the operation that callers follow.
const KEPT = ['audit_event', 'audit_head', 'operation'];

interface OwnedTable { name: string; references: string[] }

@Injectable()
export class Erasure {
  constructor(@Inject(Database) private readonly db: Database, @Inject(Vault) private readonly vault: Vault, @Inject(Audit) private readonly audit: Audit) {}

  /** Tenants whose deletion was started and is not done: erase each again after a crash. */
  async pending(): Promise<TenantId[]> {
    const rows = await this.db.onPlatform('find tenants to erase', (tx) => tx.sql<{ id: TenantId }>`select id from tenant where state = 'deleting' order by id`);
    return rows.map(({ id }) => id);
  }

  /** Safe to run again, and by two processes at once: it deletes what is still there and does nothing for a tenant that is not being deleted. `signal` stops it between batches. */
  async eraseTenant(tenantId: TenantId, signal?: AbortSignal): Promise<void> {
    if (!(await this.pending()).includes(tenantId)) return;
    await this.db.inTenant(tenantId, async (tx) => {
      const keyIds = await this.vault.destroyTenantKeys(tx);
      if (keyIds.length > 0) await this.audit.record(tx, me, { action: 'data_key.destroyed', keyIds, reason: 'tenant deleted' });
    });
    await this.#forget(tenantId);
    const tables = childrenFirst(await this.#ownedTables());
    // A page or request that was under way may have added to a table that was emptied already. Once its run is gone no page commits.
    for (let deleted = 1; deleted > 0;) {
      deleted = 0;
      for (const table of tables) deleted += await this.#empty(tenantId, table, signal);
    }
    await this.db.onPlatform('finish the deletion of a tenant', async (tx) => {
      const [row] = await tx.sql<{ slug: string }>`update tenant set state = 'deleted', deleted_at = now() where id = ${tenantId} and state = 'deleting' returning slug`;
      if (!row) return;
      await tx.sql`update operation set state = 'succeeded', finished_at = now() where tenant_id = ${tenantId} and kind = ${DELETION} and state = 'running'`;
      await this.audit.record(tx, me, { action: 'tenant.deleted', tenantId, slug: row.slug });
    });
  }

  /**
   * What names no tenant, while its rows can still tell that it is theirs: the budgets of its tokens, unless another tenant has the token by now,
   * and the answers that its API keys can ask for again. Answers to people are everywhere the same person's; they go after a day.
   */
  async #forget(tenantId: TenantId): Promise<void> {
    await this.db.onPlatform('forget budgets and answers of a tenant', async (tx) => {
      await tx.sql`
        delete from request_budget b using access_token t where t.tenant_id = ${tenantId} and t.fingerprint = b.key
           and not exists (select 1 from access_token other where other.fingerprint = b.key and other.tenant_id <> t.tenant_id)`;
      await tx.sql`delete from idempotency_key i using api_key k where k.tenant_id = ${tenantId} and i.owner = 'api_key:' || k.id`;
    });
  }

  /** @returns how many rows there were */
  async #empty(tenantId: TenantId, table: string, signal?: AbortSignal): Promise<number> {
    const name = identifier(table), mine = sql`tenant_id = ${tenantId}`;
    let all = 0;
    // Small transactions: one over millions of rows would hold back every vacuum and reader of change positions.
    for (let left = true; left;) {
      signal?.throwIfAborted();
      left = await this.db.inTenant(tenantId, async (tx) => {
        const [gone] = await tx.run<{ n: number }>(sql`
          with gone as (delete from ${name} where ${mine} and ctid in (select ctid from ${name} where ${mine} limit ${BATCH}) returning 1) select count(*) as n from gone`);
        all += gone?.n ?? 0;
        // Also a row that somebody changed while this waited for it: it stands elsewhere now, and is still there.
        return (await tx.run(sql`select 1 from ${name} where ${mine} limit 1`)).length > 0;
      });
    }
    return all;
  }

  /** Read from the catalogue, so that a new table is erased without anybody remembering it here. */
  #ownedTables(): Promise<OwnedTable[]> {
    return this.db.onPlatform('list the tables of tenants', (tx) => tx.sql<OwnedTable>`
      select c.relname as name,
             coalesce((select array_agg(p.relname::text) from pg_constraint k join pg_class p on p.oid = k.confrelid
                where k.contype = 'f' and k.conrelid = c.oid and k.confrelid <> c.oid), '{}') as references
        from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
       where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace and c.relname <> all(${KEPT}) order by c.relname`);
  }
}

/** Orders tables so that a row goes before the row it points to. */
export function childrenFirst(tables: readonly OwnedTable[]): string[] {
  const left = new Map(tables.map(({ name, references }) => [name, references]));
  const order: string[] = [];
  while (left.size > 0) {
    const free = [...left.keys()].filter((name) => [...left.values()].every((references) => !references.includes(name)));
    if (free.length === 0) throw new Error(`tables refer to each other in a circle: ${[...left.keys()].join(', ')}`);
    for (const name of free) left.delete(name);
    order.push(...free);
  }
  return order;
}

// The names come from the catalogue, not from callers.
const identifier = (name: string): Sql => new Sql([`"${name.replaceAll('"', '""')}"`], []);
