// What Keyrack stores beside what the sandbox's world holds: the measure of every sync test.
import { expect } from '@jest/globals';
import type { Keyrack } from '../harness/keyrack.js';

export const enterpriseCollections = [
  'services', 'resources', 'resourceCategories', 'reservations', 'rates', 'products', 'customerProducts', 'orderItems', 'payments', 'bills',
  'accountingCategories', 'businessSegments', 'outlets',
] as const;
export const chainCollections = ['customers', 'companies'] as const;

type Mews = Record<string, unknown>;
export interface Stored { id: string; enterpriseId?: string; chainId?: string; record: Mews; updatedAt: string; deletedAt?: string }
export interface Change { seq: number; change: 'added' | 'updated' | 'deleted'; id: string; record?: Mews }
export interface Run { id: string; collection: string; enterpriseId: string; mode: string; state: string; requests: number; pages: number; waitedMs: number; attempts: number; error: { code: string; message: string } | null; waiting: { reason: string; until: string } | null; records: { added: number; updated: number; unchanged: number; deleted: number; quarantined: number } }

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

/** The records of these owners as Mews answers them to us. */
export const listed = (keyrack: Keyrack, collection: string, owners: readonly string[]): Map<string, Mews> =>
  new Map(owners.flatMap((owner) => keyrack.sandbox.world.list(collection, owner)).map((record) => [String(record['Id']), collection === 'customers' ? { ...record, Address: null } : record]));

export const chainsOf = (keyrack: Keyrack, enterpriseIds: readonly string[]): string[] => [...new Set(enterpriseIds.map((id) => keyrack.sandbox.world.enterprise(id).chain.id))];

/** Every record of the enterprises and their chains is stored once, value for value, under the right owner, and nothing else is. Returns how many. */
export async function expectMirror(keyrack: Keyrack, enterpriseIds: readonly string[]): Promise<number> {
  let count = 0;
  for (const collection of [...enterpriseCollections, ...chainCollections]) {
    const ofChain = (chainCollections as readonly string[]).includes(collection);
    const world = listed(keyrack, collection, ofChain ? chainsOf(keyrack, enterpriseIds) : enterpriseIds);
    const kept = await stored(keyrack, collection);
    expect({ collection, missing: [...world.keys()].filter((id) => !kept.has(id)), beyond: [...kept.keys()].filter((id) => !world.has(id)) }).toEqual({ collection, missing: [], beyond: [] });
    for (const [id, item] of kept) {
      expect(item.record).toEqual(world.get(id));
      expect(ofChain ? [typeof item.chainId, item.enterpriseId] : [item.chainId, typeof item.enterpriseId]).toEqual(ofChain ? ['string', undefined] : [undefined, 'string']);
    }
    count += world.size;
  }
  return count;
}

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
