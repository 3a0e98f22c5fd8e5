// Walks one hash chain and finds the first event that is not as it was recorded.
import { eventHash, type ChainedEvent } from './chain.js';
import type { Checkpoint } from './checkpoint.js';

export interface StoredEvent extends ChainedEvent { previousHash: Buffer; hash: Buffer }
export interface ChainHead { seq: number; hash: Buffer }

/** What is wrong with an event, or with the place where it should be. */
export const chainProblems = {
  missing: 'the event is not there',
  edited: 'the event is not the one that was recorded: its content does not give its hash',
  unlinked: 'the event does not follow the one before it',
  unexpected: 'the event stands beyond the end of the chain',
  head_mismatch: 'the end of the chain is not this event',
  rewritten: 'a signed checkpoint says otherwise: the chain was written anew from here or later',
  checkpoint_invalid: 'a checkpoint for this event is not signed with the key of this ring',
} as const;
export type ChainProblem = keyof typeof chainProblems;

/** `chain` is a tenant's id or `platform`. */
export interface FirstBad { chain: string; seq: number; problem: ChainProblem }
export interface ChainVerdict { checked: number; firstBad: FirstBad | null }

/**
 * @param events in the order of their sequence numbers
 * @param checkpoints what the chain was like at earlier moments, kept outside the database; their signatures have been checked
 */
export async function verifyChain(chain: string, events: AsyncIterable<StoredEvent>, head: ChainHead, checkpoints: readonly Checkpoint[]): Promise<ChainVerdict> {
  // All that was signed counts: a later checkpoint of the same event does not replace an earlier one.
  const vouched = new Map<number, string[]>();
  let end = head.seq;
  for (const { seq, hash } of checkpoints) {
    vouched.set(seq, [...vouched.get(seq) ?? [], hash]);
    end = Math.max(end, seq);
  }
  let last: ChainHead = { seq: 0, hash: Buffer.alloc(0) }, vouchedTo = 0, checked = 0;
  const bad = (seq: number, problem: ChainProblem): ChainVerdict => ({ checked, firstBad: { chain, seq, problem } });
  for await (const { previousHash, hash, ...event } of events) {
    if (event.seq !== last.seq + 1) return bad(last.seq + 1, 'missing');
    if (event.seq > head.seq) return bad(event.seq, 'unexpected');
    if (!previousHash.equals(last.hash)) return bad(event.seq, 'unlinked');
    if (!eventHash(previousHash, event).equals(hash)) return bad(event.seq, 'edited');
    const wanted = vouched.get(event.seq);
    if (wanted?.some((one) => one !== hash.toString('hex'))) return bad(vouchedTo + 1, 'rewritten');
    if (wanted !== undefined) vouchedTo = event.seq;
    last = { seq: event.seq, hash };
    checked += 1;
  }
  // A tail that was cut off with its head shows by a checkpoint beyond it.
  if (end > last.seq) return bad(last.seq + 1, 'missing');
  return head.hash.equals(last.hash) ? { checked, firstBad: null } : bad(last.seq, 'head_mismatch');
}
