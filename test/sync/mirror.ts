// What Keyrack stores beside what the sandbox's world holds: the measure of every sync test.
import { isDeepStrictEqual } from 'node:util';
import { expect } from '@jest/globals';
import { collections, ownerOf, type Owner, type RecordList } from '@keyrack/mews';
import { configurationBut } from '../../apps/sandbox/src/answer.js';
import { configurationOf } from '../../apps/sandbox/src/generate-hotel.js';
import { operations } from '../../apps/sandbox/src/operations.js';
import { factsOf } from '../../apps/sandbox/src/record.js';
import type { Keyrack } from '../harness/keyrack.js';

type Mews = Record<string, unknown>;
export interface Stored { id: string; enterpriseId?: string; chainId?: string; record: Mews; updatedAt: string; deletedAt?: string }
export interface Change { seq: number; change: 'added' | 'updated' | 'deleted'; id: string; record?: Mews }
export interface Run { id: string; collection: string; enterpriseId: string; mode: string; state: string; requests: number; pages: number; windowsTotal: number; leftOut: string[]; waitedMs: number; attempts: number; error: { code: string; message: string } | null; waiting: { reason: string; until: string } | null; records: { added: number; updated: number; unchanged: number; deleted: number; quarantined: number } }

export async function stored(keyrack: Keyrack, collection: string, query = ''): Promise<Map<string, Stored>> {
  const all = new Map<string, Stored>();
  for (let cursor: string | null = ''; cursor !== null;) {
    const { status, body } = await keyrack.call('GET', `/records/${collection}?limit=500${query}${cursor === '' ? '' : `&cursor=${cursor}`}`);
    expect(status).toBe(200);
    for (const item of body.items as Stored[]) all.set(item.id, item);
    cursor = body.nextCursor as string | null;
  }
  return all;
}

const lists = collections.flatMap((entry) => entry.lists.map((list) => ({ entry, list })));

/** The records of these owners as Mews answers them to us. */
export const listed = (keyrack: Keyrack, collection: string, owners: readonly string[], by: 'path' | 'fallbackPath' = 'path'): Map<string, Mews> => {
  const { list } = lists.find((one) => one.list.name === collection) ?? {};
  return new Map(owners.flatMap((owner) => rowsOf(keyrack, collection, owner, by)).map((record) => [idIn(record, list), record]));
};

const idIn = (record: Mews, list: RecordList | undefined): string => (list?.id ?? ['Id']).map((field) => String(field.split('.').reduce<unknown>((at, name) => (at as Mews)[name], record))).join('|');

function rowsOf({ sandbox: { world } }: Keyrack, collection: string, owner: string, by: 'path' | 'fallbackPath'): Mews[] {
  if (collection === 'configuration') return [configurationBut(configurationOf(world.enterprise(owner)))];
  const { entry } = lists.find((one) => one.list.name === collection) ?? {};
  const shows = entry && operations.get(entry[by] ?? entry.path)?.shows;
  const rows = world.rows(collection, [owner]).filter((row) => !entry?.deletedApart || factsOf(row)['IsActive'] !== false);
  return rows.map((row) => (shows ? shows(factsOf(row), entry.body) : row.record));
}

export const chainsOf = (keyrack: Keyrack, enterpriseIds: readonly string[]): string[] => [...new Set(enterpriseIds.map((id) => keyrack.sandbox.world.enterprise(id).chain.id))];

/** Every record of the enterprises, their chains and the platform is stored once, value for value, under the right owner, and nothing else is. Returns how many.
 * @param only these collections; all unless told */
export async function expectMirror(keyrack: Keyrack, enterpriseIds: readonly string[], only?: readonly string[]): Promise<number> {
  const chainIds = chainsOf(keyrack, enterpriseIds);
  const owners: Record<Owner, readonly string[]> = { enterprise: enterpriseIds, chain: chainIds, platform: ['platform'] };
  const { body } = await keyrack.call('GET', '/stats');
  const unreadable = new Set((body.unavailable as { collection: string; enterpriseId: string | null; chainId: string | null }[])
    .map(({ collection, enterpriseId, chainId }) => `${collection} ${enterpriseId ?? chainId ?? 'platform'}`));
  let count = 0;
  for (const { entry, list } of lists.filter((one) => only?.includes(one.entry.name) ?? true)) {
    const owner = ownerOf(entry);
    const kept = await stored(keyrack, list.name);
    count += kept.size;
    if (entry.name === 'enterprises') { expect([...kept.keys()].sort()).toEqual([...enterpriseIds].sort()); continue; }
    const readable = owners[owner].filter((id) => !unreadable.has(`${entry.name} ${id}`));
    const world = listed(keyrack, list.name, readable), otherwise = listed(keyrack, list.name, readable, 'fallbackPath');
    expect({ collection: list.name, missing: [...world.keys()].filter((id) => !kept.has(id)), beyond: [...kept.keys()].filter((id) => !world.has(id)) }).toEqual({ collection: list.name, missing: [], beyond: [] });
    const ownerIn = new Map(readable.flatMap((id) => [...listed(keyrack, list.name, [id]).keys()].map((record) => [record, id])));
    for (const [id, item] of kept) {
      if (!isDeepStrictEqual(item.record, otherwise.get(id))) expect(item.record).toEqual(world.get(id));
      expect([list.name, id, item.enterpriseId, item.chainId]).toEqual([list.name, id, owner === 'enterprise' ? ownerIn.get(id) : undefined, owner === 'chain' ? ownerIn.get(id) : undefined]);
    }
  }
  return count;
}

/** Runs that ended other than well; a collection that nobody may read is no failure. */
export const unwell = (runs: readonly Run[]): Run[] => runs.filter(({ state, error }) => state !== 'succeeded' && !(state === 'cancelled' && error?.code === 'collection.unavailable'));

/** Follows a feed from a cursor to its end, a few at a time. */
export async function changes(keyrack: Keyrack, collection: string, cursor = '0', limit = 500): Promise<{ items: Change[]; cursor: string }> {
  const items: Change[] = [];
  for (let at = cursor; ;) {
    const { status, body } = await keyrack.call('GET', `/changes/${collection}?limit=${limit}&cursor=${at}`);
    expect(status).toBe(200);
    items.push(...body.items as Change[]);
    at = body.cursor as string;
    if (body.items.length < limit) return { items, cursor: at };
  }
}

/** The runs of an operation, by collection, with their details. */
export async function runsOf(keyrack: Keyrack, operation: { body: { results: { runId: string; collection: string }[] } }): Promise<Record<string, Run>> {
  const runs: Record<string, Run> = {};
  for (const { runId, collection } of operation.body.results) runs[collection] = (await keyrack.call('GET', `/runs/${runId}`)).body as Run;
  return runs;
}
