// The shapes of an audit of reach: what drifted, what overlaps, which tokens nobody uses. Each also with its tenant, for the platform's auditors.
import { cursorSchema, idSchema, limitSchema, pageOf, type TenantId } from '@keyrack/core';
import { z } from 'zod';
import { noticers } from './reach.js';
import { accessTokenId, connectedBy, connectionStates, enterpriseId, tokenKind, via } from './reach.schemas.js';

const instant = z.iso.datetime();
const moment = z.iso.datetime({ offset: true, error: 'must be a time as 2026-08-07T12:00:00Z' }).transform((text) => new Date(text)).meta({ format: 'date-time' });
const paging = { limit: limitSchema, cursor: cursorSchema };
const ofTenant = { tenantId: idSchema<TenantId>(), tenant: z.string().describe('The slug of the tenant') };
/** Lists across tenants can be narrowed to one. */
export const tenantFilter = { tenant: z.string().max(100).optional().describe('Slug or id of one tenant') };
const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
const token = { accessTokenId, hint: z.string().describe('The end of the token'), label: z.string().nullable() };
const tokenStatus = z.enum(['active', 'invalid', 'disabled', 'revoked']);

export const driftRow = z.object({
  id: z.guid(), change: z.enum(['gained', 'lost']), at: instant,
  noticedBy: z.enum(noticers).nullable().describe('What noticed it: the token was `added`, re-read on schedule (`check`), or a person or program had it verified, enabled, rotated or revoked. Null where it was not noted'),
  ...token, kind: tokenKind, enterpriseId, enterpriseName: z.string(),
  openBefore: z.boolean().describe('Whether the token opened the enterprise when the period began'), openAfter: z.boolean().describe('The same for its end'),
  connectedBy: connectedBy.nullable().describe('The AccessToken that serves the enterprise now. Null: nobody has connected it'),
});
export type DriftRow = z.infer<typeof driftRow>;

export const driftQuery = z.strictObject({
  from: moment.optional().describe('The state at this time is compared; 30 days before `to` unless told'), to: moment.optional().describe('With the state at this time; now unless told'),
  accessTokenId: accessTokenId.optional(), enterpriseId: enterpriseId.optional(), change: z.enum(['gained', 'lost']).optional(),
  changes: z.enum(['net', 'all']).default('net').describe('`net`: the difference between both times. `all`: also what came and went, or went and came back, in between'),
  connected: flag.optional().describe('Whether an AccessToken serves the enterprise now: with `change=gained` and false, what is open and nobody has connected'),
  ...paging,
}).refine(({ from, to }) => !from || from < (to ?? new Date()), { path: ['from'], error: 'must be before the end of the period' });
export type DriftQuery = z.infer<typeof driftQuery>;

const reasons = z.enum(['own_token', 'chosen', 'kept']).describe('`own_token`: it is the enterprise\'s own, which goes before a portfolio\'s. `chosen`: a portfolio token, though the enterprise has its own: somebody chose it. `kept`: another of its kind; the connection stays until somebody moves it');
export const overlapRow = z.object({
  enterpriseId, enterpriseName: z.string(), tokens: z.int().describe('How many AccessTokens open it'),
  ...token, kind: tokenKind, via, status: tokenStatus, firstSeenAt: instant,
  used: z.boolean().describe('Whether syncs of this enterprise use this AccessToken now'),
  usedAccessTokenId: accessTokenId.nullable().describe('The AccessToken that serves the enterprise now'), usedHint: z.string().nullable(),
  why: reasons.nullable(), connectionState: z.enum(connectionStates).nullable().describe('`usable`, or why the schedules pause; null: not connected'),
});
export type OverlapRow = z.infer<typeof overlapRow>;

export const overlapsQuery = z.strictObject({
  asOf: moment.optional().describe('What overlapped at that time. Which token is used is always told as of now'),
  enterpriseId: enterpriseId.optional(), q: z.string().trim().max(200).optional().describe('Part of the enterprise\'s name'), ...paging,
});
export type OverlapsQuery = z.infer<typeof overlapsQuery>;

export const unusedToken = z.object({
  ...token, fingerprint: z.string(), kind: tokenKind, status: tokenStatus, environment: z.string(), createdAt: instant, ageDays: z.int().describe('Days since it was added'),
  lastUsedAt: instant.nullable(), lastSyncedAt: instant.nullable(), lastInteractiveAt: instant.nullable(),
  lastVerifiedAt: instant.nullable().describe('That Keyrack re-reads the reach on schedule is no use of a token'),
  unusedDays: z.int().describe('Days since its last use; of one never used, since it was added'),
  opens: z.int().describe('Enterprises that it opens now'), serves: z.int().describe('Enterprises whose syncs use it'),
});
export type UnusedToken = z.infer<typeof unusedToken>;

export const unusedQuery = z.strictObject({
  days: z.coerce.number().int().min(0).max(3_650).default(90).describe('Not used for so many days; those never used count from the day they were added. 0 lists every token'),
  status: tokenStatus.exclude(['revoked']).optional(), kind: tokenKind.optional(), ...paging,
});
export type UnusedQuery = z.infer<typeof unusedQuery>;

export const platformDriftQuery = driftQuery.safeExtend(tenantFilter);
export const platformOverlapsQuery = overlapsQuery.extend(tenantFilter);
export const platformUnusedQuery = unusedQuery.extend(tenantFilter);
export const driftPage = pageOf(driftRow);
export const overlapPage = pageOf(overlapRow);
export const unusedPage = pageOf(unusedToken);
export const platformDriftPage = pageOf(driftRow.extend(ofTenant));
export const platformOverlapPage = pageOf(overlapRow.extend(ofTenant));
export const platformUnusedPage = pageOf(unusedToken.extend(ofTenant));

export const openedCounts = z.object({
  opens: z.int().describe('Enterprises that it opens'), chains: z.int().describe('The chains of these'), serves: z.int().describe('Enterprises whose syncs use it now'),
  onlyThis: z.int().describe('Enterprises that no other AccessToken of the tenant opens'),
});
export type OpenedCounts = z.infer<typeof openedCounts>;
