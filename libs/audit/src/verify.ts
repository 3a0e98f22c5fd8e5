// Walks one hash chain and finds the first event that is not as it was recorded.
import type { KeyObject } from 'node:crypto';
import { eventHash, unkeyedHash, type ChainedEvent } from './chain.js';

export interface StoredEvent extends ChainedEvent { previousHash: Buffer; hash: Buffer }
export interface ChainHead { seq: number; hash: Buffer }

/** What is wrong with an event, or with the place where it should be. */
export const chainProblems = {
  missing: 'the event is not there',
  edited: 'the event is not the one that was recorded: its content does not give its hash',
  unkeyed: 'the event was appended without the key of the ring, where all events must have it by now: by somebody who has the database, or by a program of a version from before the key',
  unlinked: 'the event does not follow the one before it',
  unexpected: 'the event stands beyond the end of the chain',
  head_mismatch: 'the end of the chain is not this event',
  rewritten: 'a signed checkpoint says otherwise: the chain was written anew from here or later',
  checkpoint_missing: 'the signed checkpoint that was written of this event is not where checkpoints are kept, and no later one is: nothing vouches for the chain up to here',
  checkpoint_invalid: 'a checkpoint for this event is not signed with the key of this ring',
} as const;
export type ChainProblem = keyof typeof chainProblems;

/** `chain` is a tenant's id or `platform`. */
export interface FirstBad { chain: string; seq: number; problem: ChainProblem }
export interface ChainVerdict { checked: number; /** Whether its last event is hashed with the key. */ keyed: boolean; firstBad: FirstBad | null }

/** What the chain was like at earlier moments, as the checkpoints say: the hashes that were signed for an event. Those of years are held at once, each only once. */
export type Vouched = ReadonlyMap<number, ReadonlySet<string>>;

export interface Expected {
  head: ChainHead;
  /** Kept outside the database; the signatures have been checked. */
  vouched: Vouched;
  key: KeyObject;
  /** Whether the platform's chain is keyed: then all are. */
  allKeyed: boolean;
}

/** @param events in the order of their sequence numbers */
export async function verifyChain(chain: string, events: AsyncIterable<StoredEvent>, { head, vouched, key, allKeyed }: Expected): Promise<ChainVerdict> {
  const end = Math.max(head.seq, lastVouched(vouched));
  let last: ChainHead = { seq: 0, hash: Buffer.alloc(0) }, vouchedTo = 0, checked = 0, keyed = false;
  const bad = (seq: number, problem: ChainProblem): ChainVerdict => ({ checked, keyed, firstBad: { chain, seq, problem } });
  for await (const { previousHash, hash, ...event } of events) {
    if (event.seq !== last.seq + 1) return bad(last.seq + 1, 'missing');
    if (event.seq > head.seq) return bad(event.seq, 'unexpected');
    if (!previousHash.equals(last.hash)) return bad(event.seq, 'unlinked');
    const hashed = hashedHow(key, previousHash, event, hash);
    if (hashed === null) return bad(event.seq, 'edited');
    if (hashed === 'unkeyed' && keyed) return bad(event.seq, 'unkeyed');
    const wanted = vouched.get(event.seq);
    if (wanted && [...wanted].some((one) => one !== hash.toString('hex'))) return bad(vouchedTo + 1, 'rewritten');
    if (wanted !== undefined) vouchedTo = event.seq;
    last = { seq: event.seq, hash };
    keyed = hashed === 'keyed';
    checked += 1;
  }
  // A tail that was cut off with its head shows by a checkpoint beyond it.
  if (end > last.seq) return bad(last.seq + 1, 'missing');
  if (!head.hash.equals(last.hash)) return bad(last.seq, 'head_mismatch');
  return allKeyed && !keyed && checked > 0 ? bad(last.seq, 'unkeyed') : { checked, keyed, firstBad: null };
}

/** How the content gives this hash; null where it does not, or can give none: it may be a time that is no time, or nested too deeply to be walked. */
function hashedHow(key: KeyObject, previous: Buffer, event: ChainedEvent, hash: Buffer): 'keyed' | 'unkeyed' | null {
  try {
    if (eventHash(key, previous, event).equals(hash)) return 'keyed';
    return unkeyedHash(previous, event).equals(hash) ? 'unkeyed' : null;
  } catch {
    return null;
  }
}

/** The last event that a checkpoint vouches for; 0 for none. */
export function lastVouched(vouched: Vouched): number {
  let last = 0;
  for (const seq of vouched.keys()) last = Math.max(last, seq);
  return last;
}
