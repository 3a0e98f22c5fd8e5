// A link by which a person comes in without mail. Its secret is shown once, in the fragment of its address, which browsers send to no server.
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { hourMs, idSchema, Secret, sql, type AccessLinkId, type Sql, type TenantId, type UserId } from '@keyrack/core';

const LIVES_MS = { invitation: 72 * hourMs, password_reset: hourMs } as const;
const SECRET_BYTES = 24;

export const emailSchema = z.email('must be an e-mail address').max(320).toLowerCase();

/** What was given as an e-mail address, if it is one: a password that was typed into the wrong field must not be kept. */
export const emailOf = (given: string | undefined): string | null => emailSchema.safeParse(given).data ?? null;

const tenantRole = z.enum(['owner', 'developer', 'viewer']);
const platformRole = z.enum(['admin', 'operator', 'auditor']);

const resetSchema = z.strictObject({ kind: z.literal('password_reset'), userId: idSchema<UserId>() });
const invitationSchema = <Role extends z.ZodType>(role: Role) => z.strictObject({ kind: z.literal('invitation'), email: emailSchema, role });
export const newTenantLinkSchema = z.discriminatedUnion('kind', [invitationSchema(tenantRole), resetSchema]);
export const newPlatformLinkSchema = z.discriminatedUnion('kind', [invitationSchema(platformRole), resetSchema]);
export type NewTenantLink = z.infer<typeof newTenantLinkSchema>;
export type NewPlatformLink = z.infer<typeof newPlatformLinkSchema>;

const kind = z.enum(['invitation', 'password_reset']);
const role = z.enum([...platformRole.options, ...tenantRole.options]).nullable().describe('What the invited person will be; null for a reset');

export const accessLinkSchema = z.object({
  id: idSchema<AccessLinkId>(), kind, email: z.string(), role, userId: idSchema<UserId>().nullable().describe('Whose password it resets'),
  madeBy: z.string(), expiresAt: z.iso.datetime(), createdAt: z.iso.datetime(),
}).meta({ id: 'AccessLink' });
export type AccessLink = z.infer<typeof accessLinkSchema>;

export const createdAccessLinkSchema = accessLinkSchema.extend({
  link: z.string().describe('The link itself; no other answer ever holds it. A path where KEYRACK_PUBLIC_URL is not set'),
}).meta({ id: 'CreatedAccessLink' });
export type CreatedAccessLink = z.infer<typeof createdAccessLinkSchema>;

/** Whose links: one tenant's, or the platform's. */
export type LinkScope = TenantId | 'platform';

/** The table of a scope, the condition on its rows, and what an insert adds for it. */
export const placeOf = (scope: LinkScope): { table: Sql; mine: Sql; columns: Sql; values: Sql } => scope === 'platform'
  ? { table: sql`platform_access_link`, mine: sql`true`, columns: sql``, values: sql`` }
  : { table: sql`access_link`, mine: sql`tenant_id = ${scope}`, columns: sql`tenant_id, `, values: sql`${scope}::uuid, ` };

/** Can still be used. */
export const open = sql`used_at is null and revoked_at is null and expires_at > now()`;

export const newLinkSecret = (): Secret => new Secret(randomBytes(SECRET_BYTES).toString('base64url'));
/** @param makerEnds when the API key that makes it expires: no link outlives its key */
export const expiryOf = (of: AccessLink['kind'], makerEnds: Date | null): Date => new Date(Math.min(Date.now() + LIVES_MS[of], makerEnds?.getTime() ?? Infinity));
export const addressOf = (publicUrl: string | undefined, secret: Secret): string => `${publicUrl ?? ''}/link#${secret.reveal()}`;
