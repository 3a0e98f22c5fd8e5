// What Mews lists as deleted, where the records do not say so themselves.
import type { TenantTx } from '@keyrack/core';
import { deleteRecords } from './page-writer.js';

/** Deletes those of the records that are there, whichever token found them. Returns how many. */
export async function deleteListed(tx: TenantTx, collection: string, ids: readonly string[]): Promise<number> {
  // As a page does, so that nobody revives or moves them meanwhile.
  await tx.sql`select from feed where tenant_id = ${tx.tenantId} and collection = ${collection} for update`;
  const found = await tx.sql<{ source: string; ids: string[] }>`
    select source, array_agg(id order by id) as ids from record
     where tenant_id = ${tx.tenantId} and collection = ${collection} and id = any(${[...ids]}::text[]) and deleted_at is null group by source order by source`;
  let deleted = 0;
  for (const one of found) deleted += await deleteRecords(tx, collection, one.source, one.ids);
  return deleted;
}
