// What a person does with a link: looks at it, chooses a password, or joins with the account that they have. Whatever is wrong with a link, the answer is the same.
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Audit } from '@keyrack/audit';
import {
  AppError, Database, nameSchema, networkOf, newId, Secret, sql, systemActor,
  type AccessLinkId, type Actor, type PlatformRole, type PlatformTx, type Sql, type TenantId, type TenantRole, type TenantTx, type UserId,
} from '@keyrack/core';
import { emailOf, open, placeOf, type AccessLink } from './access-link.js';
import { isManagedIn, sharedPassword } from './access-links.js';
import { accountSubject, Attempts, forgetAttempts, type Subject } from './attempts.js';
import { Auth } from './auth.js';
import { Hasher } from './hasher.js';
import { currentPasswordSchema, hashPassword, isPassword, passwordSchema } from './password.js';

const secretSchema = z.string().min(1, 'is required').max(200).transform((text) => new Secret(text)).describe('What stands behind the # of the link');

export const linkSecretSchema = z.strictObject({ secret: secretSchema });
export type LinkSecret = z.infer<typeof linkSecretSchema>;

export const redeemSchema = z.strictObject({ secret: secretSchema, password: passwordSchema, name: nameSchema.optional().describe('Of a new person') });
export type Redeem = z.infer<typeof redeemSchema>;

export const joinSchema = z.strictObject({
  secret: secretSchema, current: currentPasswordSchema.optional(),
  password: passwordSchema.optional().describe('A new one of one\'s own; needed, with the one until now, by whoever has a password and access to one tenant at the most, which the owner there may know'),
});
export type Join = z.infer<typeof joinSchema>;

export const openedLinkSchema = z.object({
  kind: z.enum(['invitation', 'password_reset']), email: z.string(), tenant: z.string().nullable().describe('The name of the tenant that invites; null for the platform'),
  role: z.string().nullable(), madeBy: z.string(), expiresAt: z.iso.datetime(),
  next: z.enum(['choose_password', 'sign_in']).describe('An invited person who has an account signs in and joins; everybody else chooses a password'),
}).meta({ id: 'OpenedLink' });
export type OpenedLink = z.infer<typeof openedLinkSchema>;

/** A new password that takes effect with the role, the one that it replaces, and the session that goes on. */
interface Renewal { hash: string; before: string; session: Secret }

/** A link that can be used. */
export type FoundLink = { id: AccessLinkId; email: string; tenantName: string | null; madeBy: string; expiresAt: Date; known: boolean } & (
  | { tenantId: TenantId; role: TenantRole | null; userId: UserId | null }
  | { tenantId: null; role: PlatformRole | null; userId: UserId | null });

@Injectable()
export class Redemption {
  constructor(
    @Inject(Database) private readonly db: Database, @Inject(Hasher) private readonly hasher: Hasher,
    @Inject(Audit) private readonly audit: Audit, @Inject(Attempts) private readonly attempts: Attempts, @Inject(Auth) private readonly auth: Auth,
  ) {}

  async open({ secret }: LinkSecret, address: string): Promise<OpenedLink> {
    const { email, tenantName, role, madeBy, expiresAt, known } = await this.#find(secret, address);
    const kind: AccessLink['kind'] = role === null ? 'password_reset' : 'invitation';
    return { kind, email, tenant: tenantName, role, madeBy, expiresAt: expiresAt.toISOString(), next: kind === 'invitation' && known ? 'sign_in' : 'choose_password' };
  }

  /**
   * Resets the password, or makes the invited person with it. A new password ends the person's sessions.
   * @throws AppError `access_link.not_found`, `access_link.sign_in_first`, `request.rate_limited`
   */
  async redeem({ secret, password, name }: Redeem, address: string): Promise<void> {
    const link = await this.#find(secret, address);
    if (link.role !== null && name === undefined) throw new AppError('request.invalid', { errors: [{ pointer: '/name', detail: 'is required' }] });
    const hash = await hashPassword(password);
    if (link.userId !== null) return this.#reset(link, link.userId, hash, address);
    const me = await this.db.onPlatform('make an invited person', (tx) => makePerson(tx, this.audit, link, name ?? link.email, hash));
    await this.#whileValid(link, me, address, () => this.#join(link, me, address, { hash }));
  }

  /**
   * A person who is signed in takes the role that they were invited to. Where somebody else may know the password, it must not open what this
   * link opens: whoever has the link chooses a new one, and every other session ends. Who has taken the session alone does not know the one until now.
   * @returns the new cookie of the session, where a password was chosen
   * @throws AppError `access_link.not_found`, `access_link.other_person`, `request.invalid` where a new password is missing or the one until now wrong,
   *   `request.rate_limited` after too many of those
   */
  async join(me: Actor, session: Secret | undefined, { secret, ...passwords }: Join, address: string): Promise<Secret | undefined> {
    const link = await this.#find(secret, address);
    if (me.kind !== 'user' || session === undefined || link.email !== me.name.toLowerCase()) {
      await this.#tellRefused(link, me, address, 'other person');
      throw new AppError('access_link.other_person', { detail: 'Sign out, then open the link again' });
    }
    return this.#whileValid(link, me, address, async () => {
      if (link.role === null) throw new AppError('access_link.not_found');
      const renewed = await this.#newPassword(me, passwords);
      await this.#join(link, me, address, renewed && { ...renewed, session });
      return renewed && this.db.onPlatform('renew a session', (tx) => this.auth.renewSession(tx, session));
    });
  }

  /** One that was used or revoked since it was found is refused with an event, as one that never was. */
  #whileValid<T>(link: FoundLink, me: Actor, address: string, work: () => Promise<T>): Promise<T> {
    return work().catch(async (error: unknown) => {
      if (error instanceof AppError && error.code === 'access_link.not_found') await this.#tellRefused(link, me, address);
      throw error;
    });
  }

  #tellRefused({ id: linkId }: FoundLink, me: Actor, address: string, reason?: 'other person'): Promise<void> {
    return this.db.onPlatform('refuse a link', (tx) => this.audit.record(tx, me, { action: 'access_link.refused', address, linkId, ...(reason && { reason }) }));
  }

  async #newPassword(me: Actor, { current, password }: Omit<Join, 'secret'>): Promise<Omit<Renewal, 'session'> | undefined> {
    const shared = await this.db.onPlatform('look who may know a password', (tx) => sharedPassword(tx, me.id as UserId));
    if (shared === undefined) return undefined;
    const refused = (pointer: string, detail: string): AppError => new AppError('request.invalid', { errors: [{ pointer, detail }] });
    if (password === undefined) throw refused('/password', 'is required: whoever made the link to your account may know the one that you have');
    if (current === undefined) throw refused('/current', 'is required with a new one');
    const subjects = [accountSubject(this.hasher, me.name)];
    await this.attempts.count(subjects, { actor: me, address: null, email: emailOf(me.name) });
    const isTheirs = await isPassword(current, shared);
    await this.db.onPlatform('check a password', (tx) => (isTheirs ? forgetAttempts(tx, subjects) : this.audit.record(tx, me, { action: 'user.password_change_refused', userId: me.id })));
    if (!isTheirs) throw refused('/current', 'is not your password');
    if (await isPassword(password, shared)) throw refused('/password', 'must be another one than until now');
    return { hash: await hashPassword(password), before: shared };
  }

  /** The open invitations to an address, for a person whose address was verified in another way than by a link. */
  invitationsTo(email: string): Promise<FoundLink[]> {
    return this.db.onPlatform('find invitations to a person', (tx) => tx.run<FoundLink>(found(sql`email = ${email} and kind = 'invitation'`)));
  }

  /** Gives the role of an invitation, unless it was used or revoked meanwhile. */
  async accept(invitation: FoundLink, me: Actor, address: string): Promise<void> {
    await this.#join(invitation, me, address).catch((error: unknown) => {
      if (!(error instanceof AppError) || error.code !== 'access_link.not_found') throw error;
    });
  }

  async #find(secret: Secret, address: string): Promise<FoundLink> {
    const subjects: Subject[] = [`link ${networkOf(address)}`];
    await this.attempts.count(subjects, { actor: systemActor('access-link'), address, email: null });
    const hash = this.hasher.hash('access link', secret);
    const link = await this.db.onPlatform('find a link', async (tx) => {
      const [one] = await tx.run<FoundLink>(found(sql`secret_hash = ${hash}`));
      if (one) await forgetAttempts(tx, subjects);
      else await this.audit.record(tx, systemActor('access-link'), { action: 'access_link.refused', address });
      return one;
    });
    if (!link) throw new AppError('access_link.not_found');
    return link;
  }

  /**
   * Uses the link and gives what it promises, at once. A role that the person got meanwhile is left as it is.
   * No transaction can write people and a tenant's trail: there a new password comes first. After a crash in between it holds, the link can
   * still be used, and the role is not given.
   */
  async #join(link: FoundLink, me: Actor, address: string, password?: Renewal | { hash: string }): Promise<void> {
    const { id: linkId, email, tenantId, role } = link, renewal = password && 'session' in password ? password : undefined;
    if (role === null) throw new Error('a reset gives no role');
    const event = { action: 'invitation.accepted', linkId, email, userId: me.id, role, address } as const;
    if (tenantId === null) {
      return this.db.onPlatform('accept an invitation', async (tx) => {
        await use(tx, link);
        if (renewal) await this.#renew(tx, me, renewal);
        await hold(tx, me, password?.hash);
        await tx.sql`update app_user set platform_role = coalesce(platform_role, ${role}) where id = ${me.id}`;
        await this.audit.record(tx, me, event);
      });
    }
    if (renewal) await this.db.onPlatform('join with a new password', (tx) => this.#renew(tx, me, renewal));
    await this.db.onPlatform('hold who joins', async (around) => {
      await hold(around, me, password?.hash);
      await this.db.inTenant(tenantId, async (tx) => {
        await use(tx, link);
        await tx.sql`insert into membership (tenant_id, user_id, role) values (${tenantId}, ${me.id}, ${role}) on conflict (tenant_id, user_id) do nothing`;
        await this.audit.record(tx, me, event);
        await around.sql`select 1`;   // fails, and undoes this, where Postgres has ended the transaction around it, and its lock
      });
    });
  }

  async #renew(tx: PlatformTx, me: Actor, { hash, before, session }: Renewal): Promise<void> {
    // Not where it was changed or the person disabled meanwhile: against whoever has taken the session, for example.
    const changed = await tx.sql`update app_user set password_hash = ${hash} where id = ${me.id} and password_hash = ${before} and disabled_at is null returning 1`;
    if (changed.length === 0) throw new AppError('access_link.not_found');
    await tx.sql`delete from session where user_id = ${me.id} and token_hash <> ${this.hasher.hash('session', session)}`;
    await this.audit.record(tx, me, { action: 'user.changed', userId: me.id, passwordChanged: true });
  }

  /**
   * Uses up the link and sets the password, at once. No transaction can write people and a tenant's trail: there the use is told first.
   * After a crash in between the trail tells of one that was none, the password is the one of before, and the link can still be used.
   */
  async #reset(link: FoundLink, userId: UserId, hash: string, address: string): Promise<void> {
    const { id: linkId, email, tenantId } = link;
    const me: Actor = { kind: 'user', id: userId, name: email };
    const event = { action: 'password_reset.used', linkId, email, userId, address } as const;
    const isReset = await this.#whileValid(link, me, address, () => this.db.onPlatform('reset a password', async (tx) => {
      // Whoever joins another tenant, or signs in at the provider for the first time, waits for this or is seen by what follows.
      await tx.sql`select 1 from app_user where id = ${userId} for update`;
      // What was so when the link was made may have changed.
      if (tenantId !== null && !await isManagedIn(tx, tenantId, userId)) {
        await this.audit.record(tx, me, { action: 'access_link.refused', address, linkId, reason: 'managed elsewhere' });
        return false;
      }
      await use(tx, link);
      const changed = await tx.sql`update app_user set password_hash = ${hash} where id = ${userId} and disabled_at is null returning 1`;
      if (changed.length === 0) throw new AppError('access_link.not_found');
      await tx.sql`delete from session where user_id = ${userId}`;
      await forgetAttempts(tx, [accountSubject(this.hasher, email)]);
      if (tenantId === null) await this.audit.record(tx, me, event);
      else await this.db.inTenant(tenantId, (own) => this.audit.record(own, me, event));
      await this.audit.record(tx, me, { action: 'user.changed', userId, passwordChanged: true });
      return true;
    }));
    if (!isReset) throw new AppError('access_link.not_found');
  }
}

/** Open links of tenants and of the platform that meet a condition. */
const found = (condition: Sql): Sql => sql`
  with link as (
    select id, tenant_id, email, role, user_id, made_by, expires_at from access_link where ${condition} and ${open}
    union all select id, null, email, role, user_id, made_by, expires_at from platform_access_link where ${condition} and ${open})
  select l.id, l.tenant_id as "tenantId", t.name as "tenantName", l.email, l.role, l.user_id as "userId", l.made_by as "madeBy", l.expires_at as "expiresAt",
         exists (select 1 from app_user u where lower(u.email) = l.email) as known
    from link l left join tenant t on t.id = l.tenant_id where l.tenant_id is null or t.state = 'active'`;

/**
 * A reset by the owner of another tenant comes before, and then the password is not this one any more, or one that the owner may know; or it waits,
 * and finds what was joined.
 * @param hash of a password that was chosen with the link
 */
async function hold(tx: PlatformTx, { id }: Actor, hash: string | undefined): Promise<void> {
  const [held] = await tx.sql`select 1 from app_user where id = ${id} and disabled_at is null and ${hash === undefined ? sql`true` : sql`password_hash = ${hash}`} for no key update`;
  if (!held || (hash === undefined && await sharedPassword(tx, id as UserId) !== undefined)) throw new AppError('access_link.not_found');
}

/** Compare and set: of two who use a link at once, one succeeds. */
async function use(tx: TenantTx | PlatformTx, { id, tenantId }: FoundLink): Promise<void> {
  const { table, mine } = placeOf(tenantId ?? 'platform');
  const used = await tx.run(sql`update ${table} set used_at = now() where ${mine} and id = ${id} and ${open} returning 1`);
  if (used.length === 0) throw new AppError('access_link.not_found');
}

/** The person comes before the role: were the link used up in between, they have an account that opens nothing. */
async function makePerson(tx: PlatformTx, audit: Audit, { email }: FoundLink, name: string, passwordHash: string): Promise<Actor> {
  const [made] = await tx.sql<{ id: UserId }>`
    insert into app_user (id, email, name, password_hash) values (${newId<UserId>()}, ${email}, ${name}, ${passwordHash})
    on conflict (lower(email)) do nothing returning id`;
  if (!made) throw new AppError('access_link.sign_in_first');
  const me: Actor = { kind: 'user', id: made.id, name: email };
  await audit.record(tx, me, { action: 'user.created', userId: made.id, email, platformRole: null });
  return me;
}
