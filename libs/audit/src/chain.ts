// The hash chain: each event's hash covers the event and the hash before it, so that an edit, a gap or a reordering shows. It is made
// with a key of the ring, so that whoever has the database alone can neither add an event nor write the chain anew.
import { createHash, createHmac, type KeyObject } from 'node:crypto';
import { deriveKey, parseKeyRing, type Secret } from '@keyrack/core';

/** What the hash covers, in the form in which it is stored and read back. */
export interface ChainedEvent {
  /** The tenant's id, or `platform`: an event cannot be moved to another chain. */
  chain: string;
  seq: number;
  id: string;
  at: Date;
  actor: { kind: string; id: string; name: string };
  action: string;
  subject: unknown;
}

/** Derived from the ring's index key, which does not rotate. */
export const chainKey = (keys: Secret): KeyObject => deriveKey(parseKeyRing(keys), 'audit chain');

export const eventHash = (key: KeyObject, previous: Buffer, event: ChainedEvent): Buffer => createHmac('sha256', key).update(previous).update(textOf(event)).digest();

/** Of events from before their chain was keyed: whoever knows the event can make it. */
export const unkeyedHash = (previous: Buffer, event: ChainedEvent): Buffer => createHash('sha256').update(previous).update(textOf(event)).digest();

const textOf = ({ at, ...event }: ChainedEvent): string => canonicalJson({ ...event, at: at.toISOString() });

/** JSON with sorted keys and no spaces: the same value gives the same bytes, also after a round trip through jsonb. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`;
}
