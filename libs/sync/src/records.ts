// What tenants read: records as Mews delivered them, the change feed, and counts.
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { allOf, AppError, cursorSchema, Database, decodeCursor, idSchema, limitSchema, sql, toPage, type ChainId, type EnterpriseId, type Page, type TenantActor, type TenantTx } from '@keyrack/core';
import { Vault } from '@keyrack/credentials';
import { payloadBinding } from './page-writer.js';
import { isOfPlatform, mewsId, storedId } from './record-id.js';
import { recordCollections } from './synced.js';

const instant = z.iso.datetime();
const mewsRecord = z.record(z.string(), z.unknown()).describe('The record as Mews delivered it, value for value; an inactive one says so itself');

export const recordsQuery = z.strictObject({
  enterpriseId: idSchema<EnterpriseId>().optional(), chainId: idSchema<ChainId>().optional(),
  includeDeleted: z.enum(['true', 'false']).default('false').transform((text) => text === 'true').describe('Also records that Mews no longer lists'),
  limit: limitSchema, cursor: cursorSchema,
});
export type RecordsQuery = z.infer<typeof recordsQuery>;

export const changesQuery = z.strictObject({
  limit: limitSchema,
  cursor: z.string().regex(/^\d{1,15}(\.\d{1,15}){0,2}$/, 'must be the cursor of an earlier answer; leave it out to start from the beginning').default('0'),
});
export type ChangesQuery = z.infer<typeof changesQuery>;

export const recordShape = z.object({
  id: z.string(), environment: z.string().optional().describe('Of what is the platform\'s: the environment. Its ids are codes, the same in each'), enterpriseId: z.guid().optional(), chainId: z.guid().optional(), serviceId: z.guid().optional(),
  record: mewsRecord, updatedAt: instant.describe('When Keyrack last saw it change'), deletedAt: instant.optional().describe('When Keyrack found that Mews no longer lists it'),
}).meta({ id: 'Record' });
export type RecordView = z.infer<typeof recordShape>;

export const changeShape = z.object({
  seq: z.int(), change: z.enum(['added', 'updated', 'deleted']), id: z.string(), environment: z.string().optional().describe('As in a record'), record: mewsRecord.optional(), changedAt: instant,
}).meta({ id: 'Change' });
export const changesShape = z.object({ items: z.array(changeShape), cursor: z.string() });
export type Changes = z.infer<typeof changesShape>;

interface RecordRow { id: string; environment: string; enterpriseId: string | null; chainId: string | null; serviceId: string | null; payload: Buffer; firstSeq: number; seq: number; changedAt: Date; deletedAt: Date | null }

const columns = sql`
  select r.id, r.enterprise_id as "enterpriseId", r.chain_id as "chainId", r.service_id as "serviceId", r.payload, r.first_seq as "firstSeq", r.seq,
         r.changed_at as "changedAt", r.deleted_at as "deletedAt", r.environment_id as environment
    from record r`;

@Injectable()
export class Records {
  constructor(private readonly db: Database, private readonly vault: Vault) {}

  /** @throws AppError `collection.unknown` */
  async list(me: TenantActor, collection: string, query: RecordsQuery): Promise<Page<RecordView>> {
    requireKept(collection);
    // Each in the order of an index: an enterprise's records as they first came, all of a collection by their id. A cursor of one is none of the other.
    const byPosition = query.enterpriseId !== undefined, order = byPosition ? sql`r.first_seq` : sql`r.id`;
    const after = decodeCursor(query.cursor, byPosition ? 2 : 1)?.at(-1);
    return this.db.inTenant(me.tenantId, async (tx) => {
      const rows = await tx.run<RecordRow>(sql`${columns} where ${allOf([
        sql`r.tenant_id = ${tx.tenantId}`, sql`r.collection = ${collection}`,
        query.enterpriseId === undefined ? undefined : sql`r.enterprise_id = ${query.enterpriseId}`,
        query.chainId === undefined ? undefined : sql`r.chain_id = ${query.chainId}`,
        query.includeDeleted ? undefined : sql`r.deleted_at is null`,
        after === undefined ? undefined : sql`${order} > ${after}`,
      ])} order by ${order} limit ${query.limit + 1}`);
      const page = toPage(rows, query.limit, (row) => (byPosition ? ['position', row.firstSeq] : [row.id]));
      return { ...page, items: await this.#opened(tx, collection, page.items) };
    });
  }

  /** @throws AppError `collection.unknown`, `record.not_found` */
  async get(me: TenantActor, collection: string, id: string): Promise<RecordView> {
    requireKept(collection);
    const [record] = await this.db.inTenant(me.tenantId, async (tx) =>
      this.#opened(tx, collection, await tx.run<RecordRow>(sql`${columns} where r.tenant_id = ${tx.tenantId} and r.collection = ${collection} and ${isOfPlatform(collection) ? sql`r.id = r.environment_id || '|' || ${id}` : sql`r.id = ${storedId('', collection, id)}`} order by r.id limit 1`)));
    if (!record) throw new AppError('record.not_found');
    return record;
  }

  /** What changed after the cursor, oldest first: each record once, at its latest change. Every committed change comes, also while workers write. */
  async changes(me: TenantActor, collection: string, query: ChangesQuery): Promise<Changes> {
    requireKept(collection);
    const { after, known, ...pass } = readCursor(query.cursor);
    return this.db.inTenant(me.tenantId, async (tx) => {
      const end = pass.end ?? await lastPosition(tx, collection);
      const rows = await tx.run<RecordRow>(sql`${columns} where r.tenant_id = ${tx.tenantId} and r.collection = ${collection} and r.seq > 0 and r.seq > ${after} order by r.seq limit ${query.limit}`);
      const records = await this.#opened(tx, collection, rows);
      const items = rows.map((row, i): Changes['items'][number] => {
        const record = records[i]?.record;
        return {
          seq: row.seq, ...placeOf(collection, row), changedAt: row.changedAt.toISOString(),
          change: row.deletedAt ? 'deleted' : row.firstSeq > known && (row.seq <= end || row.firstSeq > after) ? 'added' : 'updated',
          ...(record && { record }),
        };
      });
      return { items, cursor: writeCursor({ after: rows.at(-1)?.seq ?? after, known, end }, rows.length < query.limit) };
    });
  }

  async #opened(tx: TenantTx, collection: string, rows: readonly RecordRow[]): Promise<RecordView[]> {
    const sealer = await this.vault.tenant(tx, rows.map(({ payload }) => payload));
    return rows.map((row) => ({
      ...placeOf(collection, row),
      ...(row.enterpriseId && { enterpriseId: row.enterpriseId }), ...(row.chainId && { chainId: row.chainId }), ...(row.serviceId && { serviceId: row.serviceId }),
      record: JSON.parse(sealer.open(payloadBinding(row.environment, collection, row.id), row.payload).toString()) as Record<string, unknown>,
      updatedAt: row.changedAt.toISOString(),
      ...(row.deletedAt && { deletedAt: row.deletedAt.toISOString() }),
    }));
  }
}

/** A record's id as Mews writes it, and the environment where that is not enough. */
const placeOf = (collection: string, { id, environment }: Pick<RecordRow, 'id' | 'environment'>): Pick<RecordView, 'id' | 'environment'> =>
  ({ id: mewsId(environment, collection, id), ...(isOfPlatform(collection) && { environment }) });

/**
 * A place in a change feed: after position `after`. The reader has all that first came up to `known`; it is on a pass over what
 * there was up to `end`. Without these a newcomer would be told that records "updated" which it was never given: a record stands
 * at its latest change only. What changes again while the pass goes on is told apart as well as can be: by its first position.
 */
interface FeedPlace { after: number; known: number; end: number | null }

function readCursor(text: string): FeedPlace {
  const [after = 0, known = after, end = null] = text.split('.').map(Number);
  return { after, known, end };
}

function writeCursor({ after, known, end }: FeedPlace & { end: number }, caughtUp: boolean): string {
  if (caughtUp) return String(after);
  return after >= end ? `${after}.${end}` : `${after}.${known}.${end}`;
}

async function lastPosition(tx: TenantTx, collection: string): Promise<number> {
  const [feed] = await tx.sql<{ last: number }>`select last_seq as last from feed where tenant_id = ${tx.tenantId} and collection = ${collection}`;
  return feed?.last ?? 0;
}

function requireKept(collection: string): void {
  if (!recordCollections.has(collection)) throw new AppError('collection.unknown', { detail: `No records of "${collection}" are kept; there are ${[...recordCollections].join(', ')}` });
}
