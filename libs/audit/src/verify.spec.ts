// A chain is held against every checkpoint that was signed for it.
import { expect, test } from '@jest/globals';
import { generateKeyRing, Secret } from '@keyrack/core';
import { chainKey, eventHash, unkeyedHash } from './chain.js';
import { verifyChain, type StoredEvent, type Vouched } from './verify.js';

const chain = 'platform', key = chainKey(new Secret(generateKeyRing()));

/** @param without the events that have no key, by sequence number */
function chainOf(length: number, said: string, without: readonly number[] = []): StoredEvent[] {
  const events: StoredEvent[] = [];
  let before: Buffer = Buffer.alloc(0);
  for (let seq = 1; seq <= length; seq++) {
    const event = { chain, seq, id: `${seq}`, at: new Date(seq), actor: { kind: 'user', id: 'u', name: 'n' }, action: 'tenant.created', subject: { said } };
    const hash = without.includes(seq) ? unkeyedHash(before, event) : eventHash(key, before, event);
    events.push({ ...event, previousHash: before, hash });
    before = hash;
  }
  return events;
}

async function problemOf(events: StoredEvent[], vouched: Vouched = new Map(), allKeyed = false): Promise<string | undefined> {
  async function* stored(): AsyncGenerator<StoredEvent> { yield* events; }
  const end = events.at(-1);
  return (await verifyChain(chain, stored(), { head: end ?? { seq: 0, hash: Buffer.alloc(0) }, vouched, key, allKeyed })).firstBad?.problem;
}

test('two checkpoints of one event that say different things cannot both be true, in either order', async () => {
  const [recorded, anew] = [chainOf(5, 'then'), chainOf(5, 'never')];
  const third = (...of: StoredEvent[][]): Vouched => new Map([[3, new Set(of.map((events) => events[2]?.hash.toString('hex') ?? ''))]]);
  expect(await problemOf(anew, third(anew, anew))).toBeUndefined();
  expect(await problemOf(anew, third(recorded, anew))).toBe('rewritten');
  expect(await problemOf(anew, third(anew, recorded))).toBe('rewritten');
});

test('a chain of years has more checkpoints than a call takes arguments', async () => {
  const events = chainOf(2, 'then');
  const many = new Map(Array.from({ length: 200_000 }, (_, i) => [i + 3, new Set(['00'])]));
  expect(await problemOf(events, many)).toBe('missing');
});

test.each<[string, number[], string | undefined, string | undefined]>([
  ['with it', [], undefined, undefined],
  ['begun without it', [1, 2, 3], undefined, undefined],
  ['that is without it', [1, 2, 3, 4, 5], undefined, 'unkeyed'],
  ['that ends without it', [5], 'unkeyed', 'unkeyed'],
  ['with one in its midst without it', [3], 'unkeyed', 'unkeyed'],
])('the key, once used, is used for good: a chain %s', async (_, without, before, after) => {
  expect(await problemOf(chainOf(5, 'then', without))).toBe(before);
  expect(await problemOf(chainOf(5, 'then', without), new Map(), true)).toBe(after);
});

test('a chain that does not exist yet is no chain without the key', async () => {
  expect(await problemOf([], new Map(), true)).toBeUndefined();
});
