// Signing in with a password, and out. Guessing is slowed per account and per address, and failures tell nothing.
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Audit } from '@keyrack/audit';
import { AppError, Database, networkOf, Secret, sql, systemActor, type Actor, type PlatformRole, type PlatformTx, type TenantId, type TenantRole, type UserId } from '@keyrack/core';
import { emailOf } from './access-link.js';
import { accountSubject, Attempts, forgetAttempts, type Subject, type Trier } from './attempts.js';
import { Auth, newSessionToken, sessionLimits } from './auth.js';
import type { Caller } from './caller.js';
import { Hasher } from './hasher.js';
import { currentPasswordSchema, hashPassword, isPassword, passwordSchema } from './password.js';
import { everyPermission, everyRole, permissionsOf } from './roles.js';

export const signInSchema = z.strictObject({
  email: z.string().trim().min(1, 'is required').max(320).toLowerCase(),
  password: z.string().min(1, 'is required').max(200).transform((text) => new Secret(text)),
});
export type SignIn = z.infer<typeof signInSchema>;

export const ownPasswordSchema = z.strictObject({ current: currentPasswordSchema, password: passwordSchema });
export type OwnPassword = z.infer<typeof ownPasswordSchema>;

export const sessionSchema = z.object({
  user: z.object({ id: z.guid(), email: z.string(), name: z.string(), platformRole: z.enum(['admin', 'operator', 'auditor']).nullable() }),
  tenants: z.array(z.object({ id: z.guid(), slug: z.string(), name: z.string(), role: z.enum(['owner', 'developer', 'viewer']).nullable() }))
    .describe('The tenants that this person can open; role is null where only the platform role opens them'),
  permissions: z.partialRecord(z.enum(everyRole), z.array(z.enum(everyPermission))).describe('What each role that this person has may do, where it is theirs'),
  csrfToken: z.string().describe('Send it as X-Keyrack-CSRF with every request that changes something'),
}).meta({ id: 'Session' });
export type Session = z.infer<typeof sessionSchema>;

interface UserRow { id: UserId; email: string; name: string; platformRole: PlatformRole | null; passwordHash: string | null }

@Injectable()
export class Sessions {
  constructor(
    @Inject(Database) private readonly db: Database, @Inject(Auth) private readonly auth: Auth,
    @Inject(Hasher) private readonly hasher: Hasher, @Inject(Audit) private readonly audit: Audit, @Inject(Attempts) private readonly attempts: Attempts,
  ) {}

  /**
   * Starts a session under a new id.
   * @param before the session that the browser has had until now
   * @throws AppError `auth.failed` for a wrong address and a wrong password alike; `request.rate_limited` after too many failures.
   */
  async signIn({ email, password }: SignIn, address: string, before: Secret | undefined): Promise<{ token: Secret; session: Session }> {
    const subjects = this.#subjects(email, address);
    const known = emailOf(email);
    await this.attempts.count(subjects, somebody(address, known));
    const user = known === null ? undefined : await this.db.onPlatform('sign in', (tx) => findUser(tx, known));
    // Outside any transaction: it takes tens of milliseconds of one core.
    const isTheirs = await isPassword(password, user?.passwordHash ?? undefined);
    const token = isTheirs && user ? await this.start(user, address, { passwordHash: user.passwordHash }, before) : undefined;
    if (!user || !token) {
      await this.db.onPlatform('refuse a sign-in', (tx) =>
        this.audit.record(tx, systemActor('sign-in'), { action: 'user.sign_in_refused', email: known, address }));
      throw new AppError('auth.failed');
    }
    await this.db.onPlatform('forget sign-in attempts', (tx) => forgetAttempts(tx, subjects));
    return this.db.onPlatform('describe a session', async (tx) => ({ token, session: await sessionOf(tx, user, this.auth.csrfToken(token)) }));
  }

  /**
   * A new session of a person who has proved who they are, by the password or by the identity provider. The one that the browser has had ends:
   * its cookie is overwritten, so that nobody could sign it out any more, but somebody may have taken it.
   * @returns its cookie; none where the person was disabled or the password changed meanwhile: what ends their sessions then must not miss this one
   */
  async start({ id, email }: Pick<UserRow, 'id' | 'email'>, address: string, proof: Pick<UserRow, 'passwordHash'> | { issuer: string }, before: Secret | undefined): Promise<Secret | undefined> {
    const token = newSessionToken();
    const holds = 'issuer' in proof ? sql`true` : sql`password_hash = ${proof.passwordHash}`;
    return this.db.onPlatform('start a session', async (tx) => {
      const started = await tx.sql`
        insert into session (token_hash, user_id, csrf_hash, expires_at)
        select ${this.hasher.hash('session', token)}::bytea, id, ${this.hasher.hash('csrf', this.auth.csrfToken(token))}::bytea, now() + make_interval(days => ${sessionLimits.absoluteDays})
          from app_user where id = ${id} and disabled_at is null and ${holds} for share returning 1`;
      if (started.length === 0) return undefined;
      if (before) await this.#end(tx, before);
      await this.audit.record(tx, { kind: 'user', id, name: email }, { action: 'user.signed_in', userId: id, address, ...('issuer' in proof && { issuer: proof.issuer }) });
      return token;
    });
  }

  /**
   * Another site could sign a person in as somebody else, and read later what they typed there.
   * @throws AppError `auth.csrf`; `request.rate_limited` after too many failures
   */
  async refuseFromAnotherSite({ email }: SignIn, address: string): Promise<never> {
    const known = emailOf(email);
    await this.attempts.count(this.#subjects(email, address), somebody(address, known));
    await this.db.onPlatform('refuse a sign-in', (tx) =>
      this.audit.record(tx, systemActor('sign-in'), { action: 'user.sign_in_refused', email: known, address, reason: 'another site' }));
    throw new AppError('auth.csrf', { detail: 'Sign in from the page of Keyrack itself' });
  }

  #subjects(email: string, address: string): Subject[] { return [accountSubject(this.hasher, email), `address ${networkOf(address)}`]; }

  /** What the page of a signed-in person needs to know. */
  async describe(me: Actor, caller: Caller | undefined): Promise<Session> {
    const csrfToken = caller?.csrfToken;
    return this.db.onPlatform('describe a session', async (tx) => {
      const user = me.kind === 'user' ? await findUser(tx, me.name) : undefined;
      if (!user || !csrfToken) throw new AppError('auth.required', { detail: 'There is no session: this address is for signed-in people' });
      return sessionOf(tx, user, csrfToken);
    });
  }

  /**
   * A person changes the own password, which ends every other session of theirs, and this one for whoever has taken its cookie.
   * @returns its new cookie
   * @throws AppError `request.invalid` when the password until now is wrong; `request.rate_limited` after too many of those
   */
  async changePassword(me: Actor, token: Secret, { current, password }: OwnPassword): Promise<Secret> {
    const subjects: Subject[] = [accountSubject(this.hasher, me.name)];
    await this.attempts.count(subjects, { actor: me, address: null, email: emailOf(me.name) });
    const user = await this.db.onPlatform('find a person', (tx) => findUser(tx, me.name));
    const isTheirs = await isPassword(current, user?.passwordHash ?? undefined);
    const hash = isTheirs ? await hashPassword(password) : undefined;
    const renewed = user && hash !== undefined && await this.db.onPlatform('change the own password', async (tx) => {
      // Not where it was changed meanwhile: by a reset, for example, against whoever knows the one of before.
      const rows = await tx.sql`update app_user set password_hash = ${hash} where id = ${user.id} and password_hash = ${user.passwordHash} returning 1`;
      if (rows.length === 0) return undefined;
      await forgetAttempts(tx, subjects);
      await tx.sql`delete from session where user_id = ${user.id} and token_hash <> ${this.hasher.hash('session', token)}`;
      await this.audit.record(tx, me, { action: 'user.changed', userId: user.id, passwordChanged: true });
      return this.auth.renewSession(tx, token);
    });
    if (renewed) return renewed;
    await this.db.onPlatform('refuse a new password', (tx) => this.audit.record(tx, me, { action: 'user.password_change_refused', userId: me.id }));
    throw new AppError('request.invalid', { errors: [{ pointer: '/current', detail: 'is not your password' }] });
  }

  signOut(token: Secret): Promise<void> { return this.db.onPlatform('end a session', (tx) => this.#end(tx, token)); }

  async #end(tx: PlatformTx, token: Secret): Promise<void> {
    const [person] = await tx.sql<{ id: UserId; name: string }>`
      delete from session s using app_user u where u.id = s.user_id and s.token_hash = ${this.hasher.hash('session', token)} returning u.id, u.email as name`;
    if (person) await this.audit.record(tx, { kind: 'user', ...person }, { action: 'user.signed_out', userId: person.id });
  }
}

const somebody = (address: string, email: string | null): Trier => ({ actor: systemActor('sign-in'), address, email });

async function sessionOf(tx: PlatformTx, user: UserRow, csrfToken: string): Promise<Session> {
  const { id, email, name, platformRole } = user, tenants = await tenantsOf(tx, user);
  const held = new Set([platformRole, ...tenants.map(({ role }) => role)].filter((role) => role !== null));
  return { user: { id, email, name, platformRole }, tenants, permissions: Object.fromEntries([...held].map((role) => [role, permissionsOf(role)])), csrfToken };
}

async function findUser(tx: PlatformTx, email: string): Promise<UserRow | undefined> {
  const [user] = await tx.sql<UserRow>`
    select id, email, name, platform_role as "platformRole", password_hash as "passwordHash"
      from app_user where lower(email) = lower(${email}) and disabled_at is null`;
  return user;
}

async function tenantsOf(tx: PlatformTx, user: UserRow): Promise<Session['tenants']> {
  const seen = user.platformRole ? sql`true` : sql`m.role is not null`;
  return tx.run<{ id: TenantId; slug: string; name: string; role: TenantRole | null }>(sql`
    select t.id, t.slug, t.name, m.role from tenant t
      left join membership m on m.tenant_id = t.id and m.user_id = ${user.id}
     where t.state = 'active' and ${seen} order by t.name, t.id limit 10000`);
}
