// The shapes of this room's answers and queries, each written once.
import { cursorSchema, idSchema, limitSchema, pageOf, type AccessTokenId, type ChainId, type EnterpriseId, type TenantId } from '@keyrack/core';
import { z } from 'zod';

const instant = z.iso.datetime();
export const accessTokenId = idSchema<AccessTokenId>();
export const enterpriseId = idSchema<EnterpriseId>();
const chainId = idSchema<ChainId>();
export const tokenKind = z.enum(['enterprise', 'portfolio']);
export const via = z.enum(['direct', 'portfolio']).describe('Through a token of its own, or through a portfolio token');

export const connectionStates = ['usable', 'enterprise_lost', 'token_invalid', 'token_disabled', 'token_revoked'] as const;

/** Which AccessToken serves an enterprise now. */
export const connectedBy = z.object({ accessTokenId, hint: z.string(), kind: tokenKind });
export type ConnectedBy = z.infer<typeof connectedBy>;

export const reachRow = z.object({
  accessTokenId, hint: z.string(), kind: tokenKind, enterpriseId, enterpriseName: z.string(),
  via: via.describe('Through a token of its own, or through a portfolio token. Of what is lost as it was when it was lost, of what is open still as it is now, also as of a time before'),
  connected: z.boolean().describe('Whether this AccessToken serves this enterprise now'),
  firstSeenAt: instant,
  lastSeenAt: instant.nullable().describe('The last time Mews listed the enterprise for this AccessToken'),
  lostAt: instant.nullable(),
});
export const platformReachRow = reachRow.extend({ tenantId: idSchema<TenantId>(), tenant: z.string().describe('The slug of the tenant') });
export type ReachRow = z.infer<typeof reachRow>;
export type PlatformReachRow = z.infer<typeof platformReachRow>;

export const reachQuery = z.strictObject({
  accessTokenId: accessTokenId.optional(),
  enterpriseId: enterpriseId.optional(),
  asOf: z.iso.datetime({ offset: true, error: 'must be a time as 2026-08-07T12:00:00Z' }).transform((text) => new Date(text)).optional()
    .meta({ format: 'date-time' }).describe('What could be reached at that time; `state` is then ignored'),
  state: z.enum(['current', 'lost', 'all']).default('current'),
  limit: limitSchema,
  cursor: cursorSchema,
});
export type ReachQuery = z.infer<typeof reachQuery>;

export const reachEvent = z.object({ id: z.guid(), kind: z.enum(['gained', 'lost']), at: instant, accessTokenId, hint: z.string(), enterpriseId, enterpriseName: z.string() });
export type ReachEvent = z.infer<typeof reachEvent>;

export const reachEventsQuery = z.strictObject({
  accessTokenId: accessTokenId.optional(), enterpriseId: enterpriseId.optional(), kind: z.enum(['gained', 'lost']).optional(),
  limit: limitSchema, cursor: cursorSchema,
});
export type ReachEventsQuery = z.infer<typeof reachEventsQuery>;

export const enterpriseItem = z.object({
  id: enterpriseId, name: z.string(), chainId, timeZone: z.string().describe('IANA time zone'), environment: z.string(),
  connected: z.boolean(),
  connection: connectedBy.extend({
    connectedAt: instant,
    state: z.enum(connectionStates)
      .describe('`usable`, or why the schedules of this enterprise pause'),
  }).nullable(),
  tokens: z.number().int().describe('How many AccessTokens open this enterprise now'),
});
export type EnterpriseItem = z.infer<typeof enterpriseItem>;

export const enterprisesQuery = z.strictObject({
  connected: z.enum(['true', 'false']).transform((text) => text === 'true').optional(),
  q: z.string().trim().max(200).optional().describe('Part of the name, or the whole id'),
  limit: limitSchema,
  cursor: cursorSchema,
});
export type EnterprisesQuery = z.infer<typeof enterprisesQuery>;

export const reachPage = pageOf(reachRow);
export const platformReachPage = pageOf(platformReachRow);
export const reachEventPage = pageOf(reachEvent);

export const newConnection = z.strictObject({ accessTokenId });
export type NewConnection = z.infer<typeof newConnection>;
export const connectionChange = z.object({
  enterpriseId, accessTokenId, connectedAt: instant,
  movedFrom: connectedBy.nullable().describe('The AccessToken that served this enterprise before'),
});
export type ConnectionChange = z.infer<typeof connectionChange>;
