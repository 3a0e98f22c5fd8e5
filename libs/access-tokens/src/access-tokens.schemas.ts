// The shapes of this room's input and answers, each written once.
import { AppError, cursorSchema, HAS_TOKEN, idSchema, INVISIBLE, limitSchema, pageOf, Secret, visible, withoutToken, type AccessTokenId, type ApplicationId, type EnvironmentId } from '@keyrack/core';
import { connectedBy, enterpriseId, tokenKind, via } from '@keyrack/reach';
import { z } from 'zod';

const instant = z.iso.datetime();
const applicationId = idSchema<ApplicationId>();
export const accessTokenId = idSchema<AccessTokenId>();
export const accessTokenStatus = z.enum(['active', 'invalid', 'disabled', 'revoked']);
export type AccessTokenStatus = z.infer<typeof accessTokenStatus>;

// Opaque, but it travels in JSON and comes from a clipboard: what surrounds it is cut, what cannot be part of a token is told.
export const accessToken = z.string().trim().min(1, 'is empty: paste the AccessToken that Mews issued').max(500, 'is too long for an AccessToken')
  .regex(/^[\x21-\x7e]*$/, 'has spaces, line breaks or other characters that no AccessToken has: paste one token only')
  .transform((text) => new Secret(text)).meta({ format: 'password', writeOnly: true });
export const environment = z.string().trim().min(1).transform((id) => id as EnvironmentId).meta({ examples: ['demo'] });
export const label = z.string().trim().max(200).regex(visible, INVISIBLE).refine(withoutToken, HAS_TOKEN).optional();

export const tokenToPreview = z.strictObject({ applicationId, environment, accessToken });
export type TokenToPreview = z.infer<typeof tokenToPreview>;

export const newAccessToken = tokenToPreview.extend({
  label,
  connect: z.union([z.enum(['all', 'none']), z.array(enterpriseId).max(10_000)], { error: 'must be "all", "none" or a list of enterprise ids' }).default('all')
    .describe('Which of the enterprises that the AccessToken opens are served by it from now on'),
});
export type NewAccessToken = z.infer<typeof newAccessToken>;

export const rotation = z.strictObject({ accessToken });
export type Rotation = z.infer<typeof rotation>;

const openedEnterprise = z.object({ id: enterpriseId, name: z.string(), chainId: z.guid(), timeZone: z.string() });

export const tokenPreview = z.object({
  kind: tokenKind, hint: z.string(), fingerprint: z.string(),
  alreadyAdded: z.boolean().describe('Whether this tenant has this AccessToken already'),
  accessTokenId: accessTokenId.nullable(),
  enterprises: z.array(openedEnterprise.extend({ connectedBy: connectedBy.nullable() })),
});
export type TokenPreview = z.infer<typeof tokenPreview>;

export const addedAccessToken = z.object({
  id: accessTokenId, kind: tokenKind, status: accessTokenStatus, hint: z.string(), fingerprint: z.string(), environment: z.string(), applicationId, label: z.string().nullable(),
  enterprises: z.array(openedEnterprise.extend({ via, connected: z.boolean(), connectedBy: connectedBy.nullable().describe('The AccessToken that goes on serving this enterprise, if it is another') })),
  moved: z.array(z.object({ enterpriseId, from: connectedBy })).describe('Enterprises that another AccessToken served until now'),
});
export type AddedAccessToken = z.infer<typeof addedAccessToken>;

export const lastError = z.object({ code: z.string(), message: z.string(), requestId: z.string().nullable(), at: instant });
export type LastError = z.infer<typeof lastError>;

export const accessTokenItem = z.object({
  id: accessTokenId, environment: z.string(), applicationId, label: z.string().nullable(), kind: tokenKind, status: accessTokenStatus, hint: z.string(), fingerprint: z.string(),
  enterprises: z.object({ reached: z.number().int(), connected: z.number().int() }),
  lastVerifiedAt: instant.nullable().describe('When Mews last told what it opens'),
  lastUsedAt: instant.nullable().describe('The later of the two below. That Keyrack re-reads the reach on schedule is no use'),
  lastSyncedAt: instant.nullable().describe('Last used by a sync'), lastInteractiveAt: instant.nullable().describe('Last used because a person or a program asked: verified, enabled, rotated'),
  lastError: lastError.nullable(),
  createdAt: instant, rotatedAt: instant.nullable(), revokedAt: instant.nullable(),
  ageDays: z.number().int().describe('Days since this token text was stored'),
});
export type AccessTokenItem = z.infer<typeof accessTokenItem>;
export const accessTokenPage = pageOf(accessTokenItem);

export const accessTokensQuery = z.strictObject({ status: accessTokenStatus.optional(), kind: tokenKind.optional(), environment: z.string().optional(), limit: limitSchema, cursor: cursorSchema });
export type AccessTokensQuery = z.infer<typeof accessTokensQuery>;

export const verification = z.object({
  gained: z.array(enterpriseId), lost: z.array(enterpriseId), status: accessTokenStatus, kind: tokenKind, lastError: lastError.nullable(),
});
export type Verification = z.infer<typeof verification>;

/** What a token's owner may recognise it by. Of a short text even four characters would tell too much. */
export const hintOf = (token: Secret): string => (token.reveal().length < 16 ? '…' : `…${token.reveal().slice(-4)}`);

/** The enterprises to connect out of those that a token opens. @throws AppError `enterprise.not_reached` naming each id that it does not open. */
export function chooseEnterprises<Id extends string>(connect: 'all' | 'none' | readonly Id[], opened: readonly Id[]): Id[] {
  if (connect === 'none') return [];
  if (connect === 'all') return [...opened];
  const known = new Set(opened);
  const unknown = [...new Set(connect)].filter((id) => !known.has(id));
  if (unknown.length === 0) return [...new Set(connect)];
  throw new AppError('enterprise.not_reached', {
    detail: `The AccessToken does not open ${unknown.length === 1 ? 'one' : unknown.length} of the enterprises to connect. Take them out of "connect", or ask Mews to add them to the token; nothing was saved`,
    errors: unknown.map((id) => ({ pointer: `/connect/${connect.indexOf(id)}`, detail: `${id} is not opened by this AccessToken` })),
    data: { enterpriseIds: unknown },
  });
}
