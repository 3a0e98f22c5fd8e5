// A chain is held against every checkpoint that was signed for it.
import { expect, test } from '@jest/globals';
import { eventHash } from './chain.js';
import { verifyChain, type StoredEvent, type Vouched } from './verify.js';

const chain = 'platform';

function chainOf(length: number, said: string): StoredEvent[] {
  const events: StoredEvent[] = [];
  let before: Buffer = Buffer.alloc(0);
  for (let seq = 1; seq <= length; seq++) {
    const event = { chain, seq, id: `${seq}`, at: new Date(seq), actor: { kind: 'user', id: 'u', name: 'n' }, action: 'tenant.created', subject: { said } };
    const hash = eventHash(before, event);
    events.push({ ...event, previousHash: before, hash });
    before = hash;
  }
  return events;
}

async function problemOf(events: StoredEvent[], vouched: Vouched): Promise<string | undefined> {
  async function* stored(): AsyncGenerator<StoredEvent> { yield* events; }
  const end = events.at(-1);
  return (await verifyChain(chain, stored(), end ?? { seq: 0, hash: Buffer.alloc(0) }, vouched)).firstBad?.problem;
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
