// The collections as the engine takes them: in which order, from which source, and what each needs from others before it can be asked.
import { AppError, sql } from '@keyrack/core';
import { collection, collections, ownerOf, parentsOf, type CollectionEntry, type Owner } from '@keyrack/mews';
import { PLATFORM_SOURCE } from './run.js';

/** Those that others refer to first. */
export const syncedEntries: readonly CollectionEntry[] = collections.toSorted((a, b) => a.stage - b.stage);

/** @throws AppError `collection.unknown` */
export function entryOf(name: string): CollectionEntry {
  const entry = collection(name);
  if (!entry) throw new AppError('collection.unknown', { detail: `Mews has no collection "${name}"; GET /v1/collections lists them` });
  return entry;
}

const ownedBy = (owner: Owner): string[] => collections.filter((entry) => ownerOf(entry) === owner).map((entry) => entry.name);

/** The source of a schedule `s` of an enterprise `e` with its connection `c`; null when a chain's is not connected. */
export const sourceOfSchedule = sql`case when s.collection = any(${ownedBy('chain')}) then e.chain_id || ':' || c.access_token_id
  when s.collection = any(${ownedBy('platform')}) then ${PLATFORM_SOURCE}::text || e.environment_id else s.enterprise_id::text end`;

/** An entry that is asked for by ids of another, and where that one's state is found: under the enterprise, or under any token of the chain. */
export interface Need { collection: string; needs: string; owner: Owner }
export const needs: readonly Need[] = collections.flatMap((entry) => needsOf(entry));

export function needsOf(entry: CollectionEntry): Need[] {
  return parentsOf(entry).map((parent) => ({ collection: entry.name, needs: parent.collection, owner: ownerOf(entryOf(parent.collection)) }));
}

/** What must have been read before these entries can be, and is not among them; parents of parents too. */
export function missingFrom(entries: readonly CollectionEntry[]): CollectionEntry[] {
  const found = new Map<string, CollectionEntry>();
  const visit = (entry: CollectionEntry): void => {
    for (const { needs: name } of needsOf(entry)) {
      if (found.has(name) || entries.some((one) => one.name === name)) continue;
      found.set(name, entryOf(name));
      visit(entryOf(name));
    }
  };
  entries.forEach(visit);
  return [...found.values()];
}

/** All public names of records that are kept: the primary list of each entry and the lists beside it. */
export const recordCollections: ReadonlySet<string> = new Set(syncedEntries.flatMap((entry) => entry.lists.map((list) => list.name)));
