// The collections that the engine syncs now, and what each needs from others before it can be asked.
import { AppError, sql } from '@keyrack/core';
import { collection, type CollectionEntry } from '@keyrack/mews';

const names = [
  'services', 'resources', 'resourceCategories', 'reservations', 'customers', 'companies', 'rates', 'products', 'orderItems',
  'payments', 'bills', 'accountingCategories', 'businessSegments', 'outlets',
] as const;

/** The entries that are synced, those that others depend on first. */
export const syncedEntries: readonly CollectionEntry[] = names.map(entryOf).sort((a, b) => a.stage - b.stage);

export const isSynced = (name: string): boolean => syncedEntries.some((entry) => entry.name === name);

/** @throws AppError `collection.unknown` */
export function entryOf(name: string): CollectionEntry {
  const entry = collection(name);
  if (!entry) throw new AppError('collection.unknown', { detail: `Mews has no collection "${name}"; GET /v1/collections lists them` });
  return entry;
}

/** @throws AppError `collection.unknown` when the collection exists but is not synced yet. */
export function syncedEntry(name: string): CollectionEntry {
  const entry = entryOf(name);
  if (!isSynced(name)) throw new AppError('collection.unknown', { detail: `"${name}" is not synced by this version; GET /v1/collections tells which are` });
  return entry;
}

const ofChain = syncedEntries.filter((entry) => entry.scope === 'chain').map((entry) => entry.name);

/** The source of a schedule `s` of an enterprise `e` with its connection `c`; null when a chain's is not connected. */
export const sourceOfSchedule = sql`case when s.collection = any(${ofChain}) then e.chain_id || ':' || c.access_token_id else s.enterprise_id::text end`;

/** What an entry waits for: the synced collections whose ids its requests are made of. */
export const dependenciesOf = (entry: CollectionEntry): string[] => entry.dependsOn.filter((name) => name !== 'enterprises' && isSynced(name));

/** All public names of records that are kept: the primary list of each entry and the lists beside it. */
export const recordCollections: ReadonlySet<string> = new Set(syncedEntries.flatMap((entry) => entry.lists.map((list) => list.name)));
