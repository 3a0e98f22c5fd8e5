// Writes one list of one page: what is new or changed is sealed and upserted in one statement, what is unchanged is not touched.
import type { Sealer } from '@keyrack/credentials';
import type { TenantTx } from '@keyrack/core';
import type { PageRecord } from '@keyrack/mews';
import { byteaArray, textArray, timestamptzArray, uuidArray } from './binary-array.js';

/** Where a page's records belong. */
export interface PageScope {
  environment: string;
  collection: string;
  /** Which pull they came from: an enterprise, or a chain as one AccessToken sees it. */
  source: string;
  /** Set on every record of the page; null for records that belong to a chain or to nobody. */
  enterpriseId: string | null;
  /** The chain of records that do not name theirs. */
  chainId: string | null;
}

export interface WriteResult { added: number; updated: number; unchanged: number }

interface KnownRow { id: string; hash: Buffer; deleted: boolean }
interface Prepared { record: PageRecord; hash: Buffer; json: Buffer }

/** Where a record's payload is sealed to. */
export const payloadBinding = (environment: string, collection: string, id: string) =>
  ({ environment, table: 'record', column: 'payload', row: `${collection}/${id}` });

/**
 * Upserts the records and moves the change feed by as many positions as there are new or changed ones.
 * Must be the last lasting work of its transaction: it takes the feed's row lock, under which positions become visible in order.
 */
export async function writePage(tx: TenantTx, sealer: Sealer, scope: PageScope, records: readonly PageRecord[]): Promise<WriteResult> {
  if (records.length === 0) return { added: 0, updated: 0, unchanged: 0 };
  const known = await knownRows(tx, scope.collection, records.map((record) => record.id));
  const changed = records.flatMap((record): Prepared[] => {
    const json = Buffer.from(JSON.stringify(record.raw));
    const hash = sealer.contentHash(json);
    const row = known.get(record.id);
    if (row && !row.deleted && row.hash.equals(hash)) return [];
    return [{ record, hash, json }];
  });
  if (changed.length === 0) return { added: 0, updated: 0, unchanged: records.length };
  const revived = changed.filter((one) => known.get(one.record.id)?.deleted === true).length;
  const { inserted, written } = await upsert(tx, sealer, scope, changed, revived);
  return { added: inserted + revived, updated: written - inserted - revived, unchanged: records.length - written };
}

async function knownRows(tx: TenantTx, collection: string, ids: readonly string[]): Promise<Map<string, KnownRow>> {
  const connection = await tx.connection();
  const { rows } = await connection.query<KnownRow>({
    name: 'record-known',
    text: 'select id, hash, deleted_at is not null as deleted from record where tenant_id = $1 and collection = $2 and id = any($3::text[])',
    values: [tx.tenantId, collection, textArray(ids)],
  });
  return new Map(rows.map((row) => [row.id, row]));
}

async function upsert(tx: TenantTx, sealer: Sealer, scope: PageScope, changed: readonly Prepared[], revived: number): Promise<{ inserted: number; written: number }> {
  const { environment, collection, source, enterpriseId, chainId } = scope;
  const connection = await tx.connection();
  const { rows: [row] } = await connection.query<{ inserted: number; written: number }>({
    name: 'record-upsert',
    text: `
      with position as (
        insert into feed (tenant_id, collection, last_seq) values ($1, $2, $4)
        on conflict (tenant_id, collection) do update set last_seq = feed.last_seq + $4
        returning last_seq - $4 as before),
      written as (
        insert into record (tenant_id, collection, id, environment_id, source, enterprise_id, chain_id, service_id, parent_id, first_seq, seq, changed_at, updated_utc, hash, payload)
        select $1, $2, page.id, $14, $3, $5, coalesce(page.chain_id, $6), page.service_id, page.parent_id, before + n, before + n, clock_timestamp(), page.updated_utc, page.hash, page.payload
          from position, unnest($8::text[], $9::uuid[], $10::uuid[], $15::uuid[], $11::timestamptz[], $12::bytea[], $13::bytea[])
            with ordinality as page (id, chain_id, service_id, parent_id, updated_utc, hash, payload, n)
        on conflict (tenant_id, collection, id) do update
          set environment_id = excluded.environment_id, source = excluded.source, enterprise_id = excluded.enterprise_id, chain_id = excluded.chain_id,
              service_id = excluded.service_id, parent_id = excluded.parent_id,
              first_seq = case when record.deleted_at is null then record.first_seq else excluded.first_seq end,
              seq = excluded.seq, changed_at = excluded.changed_at, updated_utc = excluded.updated_utc, deleted_at = null,
              hash = excluded.hash, payload = excluded.payload
          -- Another token of the chain may have written the record since its hash was read: the same again is no second change,
          -- and a page that was fetched earlier must not take it back.
          where record.deleted_at is not null
             or (record.hash <> excluded.hash and coalesce(excluded.updated_utc >= record.updated_utc, true))
        returning xmax = 0 as inserted),
      total as (select count(*) filter (where inserted) as inserted, count(*) as written from written),
      counted as (
        insert into record_count (tenant_id, collection, source, enterprise_id, chain_id, live, last_changed_at)
        select $1, $2, $3, $5, $6, inserted + $7, clock_timestamp() from total
        on conflict (tenant_id, collection, source) do update
          set live = record_count.live + excluded.live, deleted = record_count.deleted - $7, last_changed_at = excluded.last_changed_at)
      select inserted, written from total`,
    values: [
      tx.tenantId, collection, source, changed.length, enterpriseId, chainId, revived,
      textArray(changed.map(({ record }) => record.id)),
      uuidArray(changed.map(({ record }) => record.chainId)),
      uuidArray(changed.map(({ record }) => record.serviceId)),
      timestamptzArray(changed.map(({ record }) => record.updatedUtc)),
      byteaArray(changed.map(({ hash }) => hash)),
      byteaArray(changed.map(({ record, json }) => sealer.seal(payloadBinding(environment, collection, record.id), json))),
      environment,
      uuidArray(changed.map(({ record }) => record.parentId)),
    ],
  });
  return row ?? { inserted: 0, written: 0 };
}

/** Marks records as deleted; each takes a position in the change feed, where it stays as a tombstone. Returns how many. */
export async function deleteRecords(tx: TenantTx, collection: string, source: string, ids: readonly string[]): Promise<number> {
  const [row] = await tx.sql<{ deleted: number }>`
    with position as (
      insert into feed (tenant_id, collection, last_seq) values (${tx.tenantId}, ${collection}, ${ids.length})
      on conflict (tenant_id, collection) do update set last_seq = feed.last_seq + ${ids.length}
      returning last_seq - ${ids.length} as before),
    gone as (
      update record set deleted_at = clock_timestamp(), changed_at = clock_timestamp(), seq = before + n
        from position, unnest(${[...ids]}::text[]) with ordinality as vanished (id, n)
       where record.tenant_id = ${tx.tenantId} and record.collection = ${collection} and record.id = vanished.id and record.deleted_at is null
       returning record.id),
    counted as (
      update record_count set live = live - (select count(*) from gone), deleted = deleted + (select count(*) from gone), last_changed_at = clock_timestamp()
       where tenant_id = ${tx.tenantId} and collection = ${collection} and source = ${source})
    select count(*) as deleted from gone`;
  return row?.deleted ?? 0;
}
