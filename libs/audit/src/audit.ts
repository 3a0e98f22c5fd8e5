// Records who did what, in the transaction that did it, and lists it. One hash chain per tenant and one of the platform.
import type { KeyObject } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { v7 } from 'uuid';
import {
  allOf, Config, Database, decodeCursor, PlatformTx, sql, toPage, type Actor, type Page, type Sql, type TenantId, type TenantTx,
} from '@keyrack/core';
import type { AuditFilter, AuditQuery, AuditRow } from './audit-row.js';
import { chainKey, eventHash, unkeyedHash, type ChainedEvent } from './chain.js';
import type { AuditEvent } from './event.js';

type StoredRow = Omit<AuditRow, 'at'> & { at: Date };
interface Head { seq: number; hash: Buffer; /** Whether events are hashed with the key from here on. */ keyed: boolean }

const EXPORT_PAGE = 500;
const KEYED = 'audit.keyed';
const KEYING_LOCK = 7_254_203;

@Injectable()
export class Audit {
  readonly #key: KeyObject;

  constructor(@Inject(Database) private readonly db: Database, @Inject(Config) { keys }: Pick<Config, 'keys'>) { this.#key = chainKey(keys); }

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
      const [head] = await tx.sql<Head>`select seq, hash, keyed from platform_audit_head for update`;
      if (!head) throw new Error('the platform has no audit head');
      const { seq, hash, keyed } = this.#next(head, { chain: 'platform', id, at, actor: who, action, subject });
      await tx.sql`
        with head as (update platform_audit_head set seq = ${seq}, hash = ${hash}, keyed = ${keyed})
        insert into platform_audit_event (seq, id, at, actor_kind, actor_id, actor_name, action, subject, previous_hash, hash)
        values (${seq}, ${id}, ${at}, ${who.kind}, ${who.id}, ${who.name}, ${action}, ${JSON.stringify(subject)}, ${head.hash}, ${hash})`;
      return;
    }
    const tenant = tx.tenantId;
    // The update of nothing takes the row's lock, also when two first events of a tenant meet.
    const [head] = await tx.sql<Head>`
      insert into audit_head (tenant_id) values (${tenant}) on conflict (tenant_id) do update set seq = audit_head.seq returning seq, hash, keyed`;
    if (!head) throw new Error('the tenant has no audit head');
    if (head.seq === 0) head.keyed = await beginsKeyed(tx);
    const { seq, hash, keyed } = this.#next(head, { chain: tenant, id, at, actor: who, action, subject });
    await tx.sql`
      with head as (update audit_head set seq = ${seq}, hash = ${hash}, keyed = ${keyed} where tenant_id = ${tenant})
      insert into audit_event (tenant_id, seq, id, at, actor_kind, actor_id, actor_name, action, subject, previous_hash, hash)
      values (${tenant}, ${seq}, ${id}, ${at}, ${who.kind}, ${who.id}, ${who.name}, ${action}, ${JSON.stringify(subject)}, ${head.hash}, ${hash})`;
  }

  #next(head: Head, rest: Omit<ChainedEvent, 'seq'>): Head {
    const event = { ...rest, seq: head.seq + 1 }, keyed = head.keyed || event.action === KEYED;
    return { seq: event.seq, keyed, hash: keyed ? eventHash(this.#key, head.hash, event) : unkeyedHash(head.hash, event) };
  }

  /**
   * Keys every chain that was begun without the key, the platform's last: by then all others are. Safe to run again after a crash.
   * A program of a version that does not know the key would append events to them that verification finds.
   * @returns how many; none where it was done before
   */
  async keyChains(me: Actor): Promise<number> {
    const isDone = () => this.db.onPlatform('see whether the audit chains are keyed', async (tx) => (await tx.sql<Head>`select keyed from platform_audit_head`)[0]?.keyed);
    let count = 0;
    while (!await isDone()) {
      const left = await this.db.onPlatform('list audit chains without the key', (tx) => tx.sql<{ tenantId: TenantId }>`select tenant_id as "tenantId" from audit_head where not keyed`);
      for (const { tenantId } of left) await this.db.inTenant(tenantId, (tx) => this.record(tx, me, { action: KEYED }));
      count += left.length;
      await this.db.onPlatform('key the platform\'s audit chain', async (tx) => {
        await tx.sql`select pg_advisory_xact_lock(${KEYING_LOCK})`;
        const begunMeanwhile = await tx.sql`select 1 from audit_head where not keyed limit 1`;
        if (begunMeanwhile.length > 0) return;
        await this.record(tx, me, { action: KEYED });
        count += 1;
      });
    }
    return count;
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

/** A tenant's chain begins as the platform's goes on. The lock is held to the end, so that none begins without the key once the platform's has it. */
async function beginsKeyed(tx: TenantTx): Promise<boolean> {
  await tx.sql`select pg_advisory_xact_lock_shared(${KEYING_LOCK})`;
  const [platform] = await tx.sql<Head>`select keyed from platform_audit_head`;
  return platform?.keyed === true;
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
