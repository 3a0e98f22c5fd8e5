// Records who did what, in the transaction that did it, and lists it. One hash chain per tenant and one of the platform.
import { Inject, Injectable } from '@nestjs/common';
import { v7 } from 'uuid';
import {
  allOf, Database, decodeCursor, PlatformTx, sql, toPage, type Actor, type Page, type Sql, type TenantId, type TenantTx,
} from '@keyrack/core';
import type { AuditFilter, AuditQuery, AuditRow } from './audit-row.js';
import { eventHash } from './chain.js';
import type { AuditEvent } from './event.js';

type StoredRow = Omit<AuditRow, 'at'> & { at: Date };
interface Head { seq: number; hash: Buffer }

const EXPORT_PAGE = 500;

@Injectable()
export class Audit {
  constructor(@Inject(Database) private readonly db: Database) {}

  /**
   * Appends an event to the chain of the transaction's tenant, or to the platform's.
   * It locks the chain until the transaction ends: record last, after the rows that the event tells about.
   */
  async record(tx: TenantTx | PlatformTx, actor: Actor, { action, ...rest }: AuditEvent): Promise<void> {
    // As JSON sees it: what is hashed now must be what jsonb gives back later.
    const subject: unknown = JSON.parse(JSON.stringify(rest));
    const [id, at] = [v7(), new Date()];
    const who = { kind: actor.kind, id: actor.id, name: actor.name };
    if (tx instanceof PlatformTx) {
      const [head] = await tx.sql<Head>`select seq, hash from platform_audit_head for update`;
      if (!head) throw new Error('the platform has no audit head');
      const seq = head.seq + 1;
      const hash = eventHash(head.hash, { chain: 'platform', seq, id, at, actor: who, action, subject });
      await tx.sql`
        with head as (update platform_audit_head set seq = ${seq}, hash = ${hash})
        insert into platform_audit_event (seq, id, at, actor_kind, actor_id, actor_name, action, subject, previous_hash, hash)
        values (${seq}, ${id}, ${at}, ${who.kind}, ${who.id}, ${who.name}, ${action}, ${JSON.stringify(subject)}, ${head.hash}, ${hash})`;
      return;
    }
    const tenant = tx.tenantId;
    // The update of nothing takes the row's lock, also when two first events of a tenant meet.
    const [head] = await tx.sql<Head>`
      insert into audit_head (tenant_id) values (${tenant}) on conflict (tenant_id) do update set seq = audit_head.seq returning seq, hash`;
    if (!head) throw new Error('the tenant has no audit head');
    const seq = head.seq + 1;
    const hash = eventHash(head.hash, { chain: tenant, seq, id, at, actor: who, action, subject });
    await tx.sql`
      with head as (update audit_head set seq = ${seq}, hash = ${hash} where tenant_id = ${tenant})
      insert into audit_event (tenant_id, seq, id, at, actor_kind, actor_id, actor_name, action, subject, previous_hash, hash)
      values (${tenant}, ${seq}, ${id}, ${at}, ${who.kind}, ${who.id}, ${who.name}, ${action}, ${JSON.stringify(subject)}, ${head.hash}, ${hash})`;
  }

  /** A tenant's events, newest first. */
  async list(tenantId: TenantId, query: AuditQuery): Promise<Page<AuditRow>> {
    const where = conditions(query);
    return toAuditPage(query, await this.db.inTenant(tenantId, (tx) => tx.run<StoredRow>(sql`
      select ${columns} from audit_event where tenant_id = ${tenantId} and ${where} order by seq desc limit ${query.limit + 1}`)));
  }

  /** The platform's events, newest first. */
  async listPlatform(query: AuditQuery): Promise<Page<AuditRow>> {
    const where = conditions(query);
    return toAuditPage(query, await this.db.onPlatform('list audit events', (tx) => tx.run<StoredRow>(sql`
      select ${columns} from platform_audit_event where ${where} order by seq desc limit ${query.limit + 1}`)));
  }

  /** Every matching event, read page by page, so that an export of any length fits into memory. */
  async *all(tenantId: TenantId | 'platform', filter: AuditFilter): AsyncGenerator<AuditRow> {
    let cursor: string | null = null;
    do {
      const query: AuditQuery = { ...filter, limit: EXPORT_PAGE, cursor: cursor ?? undefined };
      const page: Page<AuditRow> = await (tenantId === 'platform' ? this.listPlatform(query) : this.list(tenantId, query));
      yield* page.items;
      cursor = page.nextCursor;
    } while (cursor !== null);
  }
}

const columns = sql`seq, id, at, json_build_object('kind', actor_kind, 'id', actor_id, 'name', actor_name) as actor, action, subject`;

function conditions({ actor, action, from, to, cursor }: AuditQuery): Sql {
  const after = decodeCursor(cursor, 1);
  return allOf([
    actor === undefined ? undefined : sql`(actor_id = ${actor} or actor_name = ${actor})`,
    action === undefined ? undefined : sql`(action = ${action} or split_part(action, '.', 1) = ${action})`,
    from === undefined ? undefined : sql`at >= ${from}`,
    to === undefined ? undefined : sql`at < ${to}`,
    after === null ? undefined : sql`seq < ${Number(after[0])}`,
  ]);
}

function toAuditPage({ limit }: AuditQuery, rows: StoredRow[]): Page<AuditRow> {
  const page = toPage(rows, limit, (row) => [row.seq]);
  return { ...page, items: page.items.map((row) => ({ ...row, at: row.at.toISOString() })) };
}
