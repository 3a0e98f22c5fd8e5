// What somebody who holds one AccessToken could do with it: the enterprises and collections that it opens, and when it was last used.
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { AccessTokens, accessTokenItem, type AccessTokenItem } from '@keyrack/access-tokens';
import { Database, type AccessTokenId, type TenantActor } from '@keyrack/core';
import { collections, type CollectionEntry } from '@keyrack/mews';
import { openedCounts, ReachAudit, type TokenKind } from '@keyrack/reach';
import { TokenEvidence, type Evidence } from './token-evidence.js';

const instant = z.iso.datetime();

export const blastRadiusQuery = z.strictObject({
  asOf: z.iso.datetime({ offset: true, error: 'must be a time as 2026-08-07T12:00:00Z' }).transform((text) => new Date(text)).optional()
    .meta({ format: 'date-time' }).describe('What it opened at that time, and what is known of its collections up to then. Of refusals, and of reads that are longer ago than 30 days, only the first and the last of each collection are known: a time told is one at which it was so, there may have been a later one up to then. What it serves, hint, label, kind, status and what Mews does not serve to its kind are told as of now'),
});
export type BlastRadiusQuery = z.infer<typeof blastRadiusQuery>;

const states = ['read', 'refused', 'not_served', 'not_tried'] as const;
export const openedCollection = z.object({
  collection: z.string(), operation: z.string(), personal: z.boolean().describe('Holds personal data of guests or staff'),
  state: z.enum(states).describe('`read`: a sync has read some of it by this token, however it ended; as of a time at which a sync that has was under way, it counts from its beginning. `refused`: Mews answered 401, the token lacks the permission. `not_served`: Mews does not serve it to portfolio tokens. `not_tried`: no sync has asked for it by this token, so whether it opens is unknown. As of more than 30 days ago it is `read` from the first time that it was read to the last, also where it was refused in between'),
  lastReadAt: instant.nullable(), refusedAt: instant.nullable(), reason: z.string().nullable().describe('What Mews said when it refused; kept of the last refusal only'), requestId: z.string().nullable(),
});
export type OpenedCollection = z.infer<typeof openedCollection>;

const numbers = z.object({ read: z.int(), refused: z.int(), notServed: z.int(), notTried: z.int() });
export const blastRadiusShape = z.object({
  ...accessTokenItem.pick({ label: true, hint: true, fingerprint: true, kind: true, status: true, environment: true, createdAt: true, ageDays: true }).shape,
  accessTokenId: accessTokenItem.shape.id, asOf: instant.nullable(),
  enterprises: openedCounts,
  lastUse: z.object({ syncedAt: instant.nullable(), interactiveAt: instant.nullable(), verifiedAt: instant.nullable() })
    .describe('With `asOf`: the last sync that is known up to then; where it is longer ago than 30 days there may have been a later one; the others are null where they were later'),
  numbers: numbers.describe('All collections by their state'), personal: numbers.describe('Those that hold personal data'),
  collections: z.array(openedCollection),
}).meta({ id: 'BlastRadius' });
export type BlastRadius = z.infer<typeof blastRadiusShape>;

@Injectable()
export class BlastRadii {
  constructor(private readonly db: Database, private readonly tokens: AccessTokens, private readonly reach: ReachAudit, private readonly evidence: TokenEvidence) {}

  /** @throws AppError `access_token.not_found` */
  async of(me: TenantActor, id: AccessTokenId, { asOf }: BlastRadiusQuery): Promise<BlastRadius> {
    const token = await this.tokens.get(me, id);
    const { enterprises, evidence } = await this.db.inTenant(me.tenantId, async (tx) => ({
      enterprises: await this.reach.opened(tx, id, asOf), evidence: await this.evidence.of(tx, id, collections.map(({ name }) => name), knownWithin(token, asOf)),
    }));
    const { label, hint, fingerprint, kind, status, environment, createdAt, ageDays } = token;
    const found = collections.map((entry) => judgeCollection(entry, kind, evidence));
    return {
      accessTokenId: id, label, hint, fingerprint, kind, status, environment, createdAt, ageDays, asOf: asOf?.toISOString() ?? null,
      enterprises, lastUse: lastUse(token, evidence, asOf), numbers: count(found), personal: count(found.filter(({ personal }) => personal)), collections: found,
    };
  }
}

/** What the text before a rotation was allowed says nothing of the one after it. */
function knownWithin({ rotatedAt }: AccessTokenItem, asOf = new Date()): { from: Date; to: Date } {
  const rotated = new Date(rotatedAt ?? 0);
  return { from: rotated <= asOf ? rotated : new Date(0), to: asOf };
}

/** The later of having read it and having been refused decides; where that is not known it opens, or the harm would be told too small. */
export function judgeCollection({ name, path, personal, portfolio }: Pick<CollectionEntry, 'name' | 'path' | 'personal' | 'portfolio'>, kind: TokenKind, { read, refused, readOn }: Evidence): OpenedCollection {
  const readAt = read.get(name), refusal = refused.get(name);
  const refusedSince = refusal !== undefined && !readOn.has(name) && (readAt === undefined || refusal.at >= readAt);
  const state = refusedSince ? 'refused' : readAt ? 'read' : portfolio === 'no' && kind === 'portfolio' ? 'not_served' : 'not_tried';
  return {
    collection: name, operation: path, personal, state, lastReadAt: readAt?.toISOString() ?? null,
    refusedAt: refusal?.at.toISOString() ?? null, reason: refusal?.message ?? null, requestId: refusal?.requestId ?? null,
  };
}

const count = (found: readonly OpenedCollection[]): BlastRadius['numbers'] => {
  const of = (state: OpenedCollection['state']) => found.filter((one) => one.state === state).length;
  return { read: of('read'), refused: of('refused'), notServed: of('not_served'), notTried: of('not_tried') };
};

function lastUse({ lastSyncedAt, lastInteractiveAt, lastVerifiedAt }: AccessTokenItem, { read }: Evidence, asOf: Date | undefined): BlastRadius['lastUse'] {
  if (!asOf) return { syncedAt: lastSyncedAt, interactiveAt: lastInteractiveAt, verifiedAt: lastVerifiedAt };
  const by = (at: string | null) => (at !== null && new Date(at) <= asOf ? at : null);
  const syncs = [by(lastSyncedAt), ...[...read.values()].map((at) => at.toISOString())].filter((at) => at !== null).sort();
  return { syncedAt: syncs.at(-1) ?? null, interactiveAt: by(lastInteractiveAt), verifiedAt: by(lastVerifiedAt) };
}
