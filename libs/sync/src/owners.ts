// Whose a record is that does not name its enterprise: it is told by its service, its parent or another record, which is stored.
import { sql, type TenantTx } from '@keyrack/core';
import type { CollectionEntry, RecordList } from '@keyrack/mews';
import { storedId } from './record-id.js';

/** The collection whose records tell whose the records of a list are; null where they name their enterprise or their parent. */
export const toldBy = (list: RecordList): string | null =>
  (list.enterprise !== undefined ? null : list.service !== undefined ? 'services' : list.through?.collection ?? null);

/** @param ids of services, parents or other records, as Mews writes them @returns the enterprises of those that are stored */
export async function enterprisesOf(tx: TenantTx, environment: string, entry: CollectionEntry, list: RecordList, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const told = toldBy(list), collections = told === null ? entry.parents.map((parent) => parent.collection) : [told];
  const stored = new Map(ids.map((id) => [storedId(environment, list.name, id), id]));
  const rows = await tx.prepared<{ id: string; enterpriseId: string }>('record-owners', sql`
    select id, enterprise_id as "enterpriseId" from record where tenant_id = ${tx.tenantId} and collection = any(${collections}::text[]) and id = any(${[...stored.keys()]}::text[]) and enterprise_id is not null`);
  return new Map(rows.flatMap((row) => { const id = stored.get(row.id); return id === undefined ? [] : [[id, row.enterpriseId]]; }));
}
