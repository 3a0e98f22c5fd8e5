// A chain is held against every checkpoint that was signed for it.
import { expect, test } from '@jest/globals';
import { eventHash } from './chain.js';
import type { Checkpoint } from './checkpoint.js';
import { verifyChain, type StoredEvent } from './verify.js';

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
const checkpoint = ({ seq, hash }: StoredEvent): Checkpoint => ({ chain, seq, hash: hash.toString('hex'), at: new Date().toISOString() });

async function problemOf(events: StoredEvent[], checkpoints: Checkpoint[]): Promise<string | undefined> {
  async function* stored(): AsyncGenerator<StoredEvent> { yield* events; }
  const end = events.at(-1);
  return (await verifyChain(chain, stored(), end ?? { seq: 0, hash: Buffer.alloc(0) }, checkpoints)).firstBad?.problem;
}

test('two checkpoints of one event that say different things cannot both be true, in either order', async () => {
  const [recorded, anew] = [chainOf(5, 'then'), chainOf(5, 'never')];
  const at = (events: StoredEvent[]) => events.slice(2, 3).map(checkpoint);
  expect(await problemOf(anew, [...at(anew), ...at(anew)])).toBeUndefined();
  expect(await problemOf(anew, [...at(recorded), ...at(anew)])).toBe('rewritten');
  expect(await problemOf(anew, [...at(anew), ...at(recorded)])).toBe('rewritten');
});

test('a chain of years has more checkpoints than a call takes arguments', async () => {
  const events = chainOf(2, 'then');
  const many = Array.from({ length: 200_000 }, (_, i) => ({ chain, seq: i + 3, hash: '00', at: '' }));
  expect(await problemOf(events, many)).toBe('missing');
});
