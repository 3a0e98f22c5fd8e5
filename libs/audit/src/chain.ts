// The hash chain: each event's hash covers the event and the hash before it, so that an edit, a gap or a reordering shows.
import { createHash } from 'node:crypto';

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

export const eventHash = (previous: Buffer, { at, ...event }: ChainedEvent): Buffer =>
  createHash('sha256').update(previous).update(canonicalJson({ ...event, at: at.toISOString() })).digest();

/** JSON with sorted keys and no spaces: the same value gives the same bytes, also after a round trip through jsonb. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`;
}
