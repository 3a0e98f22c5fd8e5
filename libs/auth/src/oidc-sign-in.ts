// Who of our people somebody is whom the identity provider vouches for. It proves who they are; what they may do is decided here.
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '@keyrack/audit';
import { AppError, Database, nameSchema, networkOf, newId, systemActor, type Actor, type PlatformTx, type Secret, type UserId } from '@keyrack/core';
import { emailOf } from './access-link.js';
import { Attempts, forgetAttempts, type Subject } from './attempts.js';
import { Oidc, type Identity, type PendingSignIn } from './oidc.js';
import { Redemption } from './redemption.js';
import { Sessions } from './sessions.js';

interface Person { id: UserId; email: string; disabled: boolean }
const unknown = (): AppError => new AppError('oidc.unknown_person');

@Injectable()
export class OidcSignIn {
  constructor(
    @Inject(Oidc) private readonly oidc: Oidc, @Inject(Sessions) private readonly sessions: Sessions, @Inject(Redemption) private readonly redemption: Redemption,
    @Inject(Database) private readonly db: Database, @Inject(Audit) private readonly audit: Audit, @Inject(Attempts) private readonly attempts: Attempts,
  ) {}

  /**
   * Starts a session for whoever came back from the provider.
   * @param before the session that the browser has had until now
   * @throws AppError `oidc.refused`, `oidc.unreachable`, `oidc.unverified_email`, `oidc.unknown_person`, `request.rate_limited`
   */
  async finish(query: string, pending: PendingSignIn, address: string, before: Secret | undefined): Promise<Secret> {
    const subjects: Subject[] = [`address ${networkOf(address)}`];
    await this.attempts.count(subjects, { actor: systemActor('sign-in'), address, email: null });
    let identity: Identity | undefined;
    try {
      identity = await this.oidc.finish(query, pending);
      // Of two that come at once, for the first time, one makes the person, whom the other one has not found and then cannot make.
      const person = await this.#known(identity) ?? await this.#invited(identity, address) ?? await this.#known(identity);
      if (!person) throw unknown();
      await this.db.onPlatform('forget a sign-in attempt', (tx) => forgetAttempts(tx, subjects));
      const token = await this.sessions.start(person, address, identity, before);
      if (!token) throw unknown();
      return token;
    } catch (error) {
      if (error instanceof AppError) {
        await this.db.onPlatform('refuse a sign-in', (tx) =>
          this.audit.record(tx, systemActor('sign-in'), { action: 'user.sign_in_refused', email: emailOf(identity?.email), address, reason: error.code }));
      }
      throw error;
    }
  }

  /** By issuer and subject; the first time by the verified address of somebody who is here already. */
  #known(identity: Identity): Promise<Person | undefined> {
    const { issuer, subject, email } = identity;
    return this.db.onPlatform('find a person by identity', async (tx) => {
      const [linked] = await tx.sql<Person>`
        select u.id, u.email, u.disabled_at is not null as disabled from user_identity i join app_user u on u.id = i.user_id
         where i.issuer = ${issuer} and i.subject = ${subject}`;
      if (linked) return active(linked);
      if (email === undefined || !identity.emailVerified) throw new AppError('oidc.unverified_email');
      const [person] = await tx.sql<Person>`select id, email, disabled_at is not null as disabled from app_user where lower(email) = ${email} for update`;
      if (!person) return undefined;
      await this.#link(tx, active(person), identity);
      return person;
    });
  }

  /**
   * Whoever made the account first may have chosen its password without owning the address, which the provider has verified only now:
   * the password and the sessions that it opened end here.
   */
  async #link(tx: PlatformTx, { id, email }: Person, { issuer, subject }: Identity): Promise<void> {
    const linked = await tx.sql`insert into user_identity (issuer, subject, user_id) values (${issuer}, ${subject}, ${id}) on conflict do nothing returning 1`;
    if (linked.length === 0) {
      // By another sign-in of theirs at the same time; otherwise the address has gone to somebody else at the provider.
      const [own] = await tx.sql`select 1 from user_identity where issuer = ${issuer} and subject = ${subject} and user_id = ${id}`;
      if (own) return;
      throw unknown();
    }
    await tx.sql`update app_user set password_hash = null where id = ${id}`;
    await tx.sql`delete from session where user_id = ${id}`;
    await this.audit.record(tx, { kind: 'user', id, name: email }, { action: 'user.identity_linked', userId: id, issuer, subject });
  }

  /** A person who is not here yet needs an invitation: the provider alone lets nobody in. */
  async #invited(identity: Identity, address: string): Promise<Person | undefined> {
    const email = emailOf(identity.email);
    const invitations = email === null ? [] : await this.redemption.invitationsTo(email);
    if (email === null || invitations.length === 0) return undefined;
    const name = nameSchema.safeParse(identity.name).data ?? email;
    const person = await this.db.onPlatform('make an invited person', async (tx) => {
      const [made] = await tx.sql<{ id: UserId }>`
        insert into app_user (id, email, name) values (${newId<UserId>()}, ${email}, ${name}) on conflict (lower(email)) do nothing returning id`;
      if (!made) return undefined;
      const me: Actor = { kind: 'user', id: made.id, name: email };
      await this.audit.record(tx, me, { action: 'user.created', userId: made.id, email, platformRole: null });
      await this.#link(tx, { id: made.id, email, disabled: false }, identity);
      return { id: made.id, email, disabled: false };
    });
    if (!person) return undefined;
    for (const invitation of invitations) await this.redemption.accept(invitation, { kind: 'user', id: person.id, name: email }, address);
    return person;
  }
}

function active(person: Person): Person {
  if (person.disabled) throw unknown();
  return person;
}
