// What a request to sync asks for, run by run: the start queues it, the preview only tells.
import { z } from 'zod';
import { AppError, idSchema, type EnterpriseId, type TenantTx } from '@keyrack/core';
import { collection, type CollectionEntry } from '@keyrack/mews';
import type { UsableConnection } from './connected.js';
import { runMode, sourceOf } from './run.js';
import { missingFrom, syncedEntries } from './synced.js';

const instant = z.iso.datetime({ offset: true, error: 'must be an instant such as 2026-01-31T12:00:00Z' }).transform((text) => new Date(text));

export const syncInput = z.strictObject({
  enterpriseIds: z.array(idSchema<EnterpriseId>()).min(1).max(1_000).optional().describe('All connected enterprises when left out'),
  collections: z.array(z.string()).min(1).max(100).optional().describe('All that the AccessTokens may read when left out'),
  mode: runMode.default('incremental'),
  from: instant.refine((at) => at.getTime() < Date.now(), 'lies in the future: a backfill reads what has been').optional()
    .describe('Start of a backfill, by the interval that Mews has for the collection, mostly its update time. A collection without one is read whole; a backfill deletes nothing'),
  to: instant.optional().describe('End of a backfill, exclusive'),
}).refine(({ from, to }) => !from || !to || from < to, { path: ['to'], message: 'must be later than from' });
export type SyncInput = z.infer<typeof syncInput>;

export interface Wanted extends Pick<SyncInput, 'mode' | 'from' | 'to'> { entry: CollectionEntry; one: UsableConnection; source: string }

/** @throws AppError `collection.unknown` naming each name that Mews does not know */
export function entriesOf(names: readonly string[] | undefined): readonly CollectionEntry[] {
  if (!names) return syncedEntries;
  const errors = names.flatMap((name, i) => (collection(name) ? [] : [{ pointer: `/collections/${i}`, detail: `Mews has no collection "${name}": take a name that GET /v1/collections lists, or leave "collections" out for all` }]));
  if (errors.length > 0) throw new AppError('collection.unknown', { detail: errors.map(({ detail }) => detail).join('. '), errors });
  return syncedEntries.filter((entry) => names.includes(entry.name));
}

/** A run for each enterprise and collection; before them what they are asked for by, where it was never pulled. */
export async function wantedRuns(tx: TenantTx, entries: readonly CollectionEntry[], connected: readonly UsableConnection[], { mode, from, to }: Pick<SyncInput, 'mode' | 'from' | 'to'>): Promise<Wanted[]> {
  // A parent is wanted for its ids, not for the period that was asked for.
  const parents = await missingParents(tx, entries, connected);
  return [
    ...parents.map((wanted) => ({ ...wanted, mode: 'incremental' as const, from: undefined, to: undefined })),
    ...connected.flatMap((one) => entries.map((entry) => ({ entry, one, source: sourceOf(entry, one), mode, from, to }))),
  ];
}

async function missingParents(tx: TenantTx, entries: readonly CollectionEntry[], connected: readonly UsableConnection[]): Promise<Pick<Wanted, 'entry' | 'one' | 'source'>[]> {
  const parents = missingFrom(entries);
  if (parents.length === 0) return [];
  const rows = await tx.sql<{ collection: string; source: string }>`
    select collection, source from sync_state where tenant_id = ${tx.tenantId} and collection = any(${parents.map((entry) => entry.name)}) and completed_at is not null`;
  const done = new Set(rows.map(({ collection: name, source }) => `${name} ${source}`));
  return connected.flatMap((one) => parents.map((entry) => ({ entry, one, source: sourceOf(entry, one) }))).filter(({ entry, source }) => !done.has(`${entry.name} ${source}`));
}
