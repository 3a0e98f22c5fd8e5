// What Mews lists as deleted, where the records do not say so themselves.
import type { TenantTx } from '@keyrack/core';
import { deleteRecords } from './page-writer.js';

/** Deletes those of the records that are there, whichever token found them. Call it under the feed's lock, so that nobody revives or moves them meanwhile. Returns how many. */
export async function deleteListed(tx: TenantTx, collection: string, ids: readonly string[]): Promise<number> {
  const found = await tx.sql<{ source: string; ids: string[] }>`
    select source, array_agg(id order by id) as ids from record
     where tenant_id = ${tx.tenantId} and collection = ${collection} and id = any(${[...ids]}::text[]) and deleted_at is null group by source order by source`;
  let deleted = 0;
  for (const one of found) deleted += await deleteRecords(tx, collection, one.source, one.ids);
  return deleted;
}

/** Makes tombstones of what this transaction wrote: nobody was told that it lived, so neither the feed nor a run tells that it went. */
export async function bury(tx: TenantTx, collection: string, source: string, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.sql`
    with buried as (
      update record set deleted_at = clock_timestamp(), seq = 0
       where tenant_id = ${tx.tenantId} and collection = ${collection} and id = any(${[...ids]}::text[]) and deleted_at is null and seq = first_seq
         and xmin = pg_current_xact_id()::xid returning 1),
    counted as (select count(*) as n from buried)
    update record_count set live = live - n, deleted = deleted + n from counted
     where tenant_id = ${tx.tenantId} and collection = ${collection} and source = ${source}`;
}
