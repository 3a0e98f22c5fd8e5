// Makes, lists and revokes the links of a tenant and of the platform: invitations and password resets.
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '@keyrack/audit';
import {
  AppError, Config, Database, decodeCursor, newId, PlatformTx, sql, toPage, type AccessLinkId, type Actor, type ApiKeyId, type Page, type Sql, type TenantActor, type TenantId, type TenantTx, type UserId,
} from '@keyrack/core';
import {
  addressOf, expiryOf, newLinkSecret, open, placeOf, type AccessLink, type CreatedAccessLink, type LinkScope, type NewPlatformLink, type NewTenantLink,
} from './access-link.js';
import type { ListQuery } from './api-keys.js';
import { Hasher } from './hasher.js';
import { Makers } from './makers.js';

type LinkRow = Omit<AccessLink, 'expiresAt' | 'createdAt'> & { expiresAt: Date; createdAt: Date };
interface RevokedRow { linkId: AccessLinkId; kind: AccessLink['kind']; email: string; tenantId?: TenantId }
type Wanted = Pick<AccessLink, 'kind' | 'email' | 'role' | 'userId'>;

@Injectable()
export class AccessLinks {
  constructor(
    @Inject(Database) private readonly db: Database, @Inject(Hasher) private readonly hasher: Hasher,
    @Inject(Audit) private readonly audit: Audit, @Inject(Config) private readonly config: Config, @Inject(Makers) private readonly makers: Makers,
  ) {}

  /** @throws AppError `user.duplicate` for a member; for resets `user.not_found` and `user.managed_elsewhere`; `auth.forbidden` where the role was taken away meanwhile */
  async createInTenant(me: TenantActor, body: NewTenantLink): Promise<CreatedAccessLink> {
    const wanted = await this.db.onPlatform('look who a link is for', (tx) => body.kind === 'invitation' ? invitedTo(tx, me, body) : memberOf(tx, me, body.userId));
    if ('managedElsewhere' in wanted) return this.#refuse(me, wanted.managedElsewhere);
    return this.makers.inTenant(me, 'members:write', wanted.userId, (tx, makerEnds) => this.#create(tx, me.tenantId, me, wanted, makerEnds));
  }

  async #refuse(me: TenantActor, userId: UserId): Promise<never> {
    await this.db.inTenant(me.tenantId, (tx) => this.audit.record(tx, me, { action: 'password_reset.refused', userId, reason: 'managed elsewhere' }));
    throw new AppError('user.managed_elsewhere', { detail: 'This person also has access outside this tenant, or signs in at the identity provider: an administrator of the platform can reset the password' });
  }

  /** @throws AppError `user.duplicate` for a person with a role on the platform; for resets `user.not_found`; `auth.forbidden` where the role was taken away meanwhile */
  async createOnPlatform(me: Actor, body: NewPlatformLink): Promise<CreatedAccessLink> {
    const wanted = await this.db.onPlatform('look who a link is for', (tx) => body.kind === 'invitation' ? invitedToPlatform(tx, body) : person(tx, body.userId));
    return this.makers.onPlatform(me, 'users:write', wanted.userId, (tx, makerEnds) => this.#create(tx, 'platform', me, wanted, makerEnds));
  }

  /** Links that can still be used, newest first. */
  async list(scope: LinkScope, { limit, cursor }: ListQuery): Promise<Page<AccessLink>> {
    const after = decodeCursor(cursor, 1);
    const { table, mine } = placeOf(scope);
    const rows = await this.#in(scope, (tx) => tx.run<LinkRow>(sql`
      select ${shown} from ${table} where ${mine} and ${open} and ${after ? sql`id < ${after[0]}` : sql`true`} order by id desc limit ${limit + 1}`));
    return toPage(rows.map(toLink), limit, (link) => [link.id]);
  }

  /** @throws AppError `access_link.not_found`, also when it was used or has expired */
  async revoke(scope: LinkScope, me: Actor, id: AccessLinkId): Promise<void> {
    await this.#in(scope, async (tx) => {
      const [row] = await this.#revoke(tx, scope, me, { id });
      if (!row) throw new AppError('access_link.not_found');
    });
  }

  /** A link takes the place of an earlier one to the same person, so that one that was lost or seen by others is of no use any more. */
  async #create(tx: TenantTx | PlatformTx, scope: LinkScope, me: Actor, wanted: Wanted, makerEnds: Date | null): Promise<CreatedAccessLink> {
    const { table, columns, values } = placeOf(scope);
    const { kind, email, role, userId } = wanted;
    const secret = newLinkSecret();
    // Two at once would not see each other: the link that was left could bring back whoever came by the other one and was taken out.
    await tx.sql`select pg_advisory_xact_lock(hashtextextended(${`access link ${scope} ${kind} ${email}`}, 0))`;
    await this.#revoke(tx, scope, me, wanted);
    const [row] = await tx.run<LinkRow>(sql`
      insert into ${table} (${columns} id, kind, email, role, user_id, secret_hash, made_by, made_by_key, expires_at)
      values (${values} ${newId<AccessLinkId>()}, ${kind}, ${email}, ${role}, ${userId}, ${this.hasher.hash('access link', secret)}, ${me.name}, ${me.kind === 'api_key' ? me.id : null}, ${expiryOf(kind, makerEnds)})
      returning ${shown}`);
    if (!row) throw new Error('the link was not inserted');
    const link = toLink(row);
    const told = { linkId: link.id, email, expiresAt: link.expiresAt };
    if (role !== null) await this.audit.record(tx, me, { action: 'invitation.created', ...told, role });
    if (userId !== null) await this.audit.record(tx, me, { action: 'password_reset.created', ...told, userId });
    return { ...link, link: addressOf(this.config.publicUrl, secret) };
  }

  /** Revokes the open link with the id, or those to the same person. */
  #revoke(tx: TenantTx | PlatformTx, scope: LinkScope, me: Actor, which: { id: AccessLinkId } | Wanted): Promise<RevokedRow[]> {
    return revokeOpen(tx, this.audit, me, scope, 'id' in which ? sql`id = ${which.id}` : sql`kind = ${which.kind} and email = ${which.email}`);
  }

  #in<T>(scope: LinkScope, work: (tx: TenantTx | PlatformTx) => Promise<T>): Promise<T> {
    return scope === 'platform' ? this.db.onPlatform('manage links', work) : this.db.inTenant(scope, work);
  }
}

const shown = sql`id, kind, email, role, user_id as "userId", made_by as "madeBy", expires_at as "expiresAt", created_at as "createdAt"`;

async function revokeOpen(tx: TenantTx | PlatformTx, audit: Audit, me: Actor, scope: LinkScope, chosen: Sql): Promise<RevokedRow[]> {
  const rows = await markRevoked(tx, scope, chosen);
  await tellRevoked(tx, audit, me, rows);
  return rows;
}

async function markRevoked(tx: TenantTx | PlatformTx, scope: LinkScope | 'every tenant', chosen: Sql): Promise<RevokedRow[]> {
  const { table, mine } = scope === 'every tenant' ? { table: sql`access_link`, mine: sql`true` } : placeOf(scope);
  const told = scope === 'every tenant' ? sql`, tenant_id as "tenantId"` : sql``;
  return tx.run<RevokedRow>(sql`update ${table} set revoked_at = now() where ${mine} and ${open} and ${chosen} returning id as "linkId", kind, email ${told}`);
}

async function tellRevoked(tx: TenantTx | PlatformTx, audit: Audit, me: Actor, rows: readonly RevokedRow[]): Promise<void> {
  for (const { kind, ...link } of rows) await audit.record(tx, me, { action: kind === 'invitation' ? 'invitation.revoked' : 'password_reset.revoked', ...link });
}

/** A key is known by its id, since names are given twice; a person by the e-mail address, which nobody else has and which does not change. */
export type LinkMaker = { key: ApiKeyId } | { email: string };

/**
 * Revokes what somebody made who may make no more: it would let them, or whom they chose, in again.
 * @param tx of one tenant for its links; of the platform for all that there are
 */
export async function revokeLinksMadeBy(tx: TenantTx | PlatformTx, audit: Audit, me: Actor, maker: LinkMaker): Promise<void> {
  const made = 'key' in maker ? sql`made_by_key = ${maker.key}` : sql`made_by = ${maker.email} and made_by_key is null`;
  if (!(tx instanceof PlatformTx)) return void await revokeOpen(tx, audit, me, tx.tenantId, made);
  // All before the first event: a reset holds its link when it waits for the trail.
  await tellRevoked(tx, audit, me, [...await markRevoked(tx, 'platform', made), ...await markRevoked(tx, 'every tenant', made)]);
}

const toLink = (row: LinkRow): AccessLink => ({ ...row, expiresAt: row.expiresAt.toISOString(), createdAt: row.createdAt.toISOString() });

const duplicate = (detail: string): AppError => new AppError('user.duplicate', { detail, errors: [{ pointer: '/email', detail }] });

async function invitedTo(tx: PlatformTx, { tenantId }: TenantActor, { email, role }: Pick<Extract<NewTenantLink, { kind: 'invitation' }>, 'email' | 'role'>): Promise<Wanted> {
  const [member] = await tx.sql`
    select 1 from membership m join app_user u on u.id = m.user_id where m.tenant_id = ${tenantId} and lower(u.email) = ${email}`;
  if (member) throw duplicate('is a member already: change the role in the list of members');
  return { kind: 'invitation', email, role, userId: null };
}

async function invitedToPlatform(tx: PlatformTx, { email, role }: Pick<Extract<NewPlatformLink, { kind: 'invitation' }>, 'email' | 'role'>): Promise<Wanted> {
  const [known] = await tx.sql`select 1 from app_user where lower(email) = ${email} and platform_role is not null`;
  if (known) throw duplicate('has a role on the platform already: change it in the list of users');
  return { kind: 'invitation', email, role, userId: null };
}

async function person(tx: PlatformTx, userId: UserId): Promise<Wanted> {
  const [user] = await tx.sql<{ email: string; disabled: boolean }>`select lower(email) as email, disabled_at is not null as disabled from app_user where id = ${userId}`;
  if (!user) throw new AppError('user.not_found');
  if (user.disabled) throw new AppError('user.not_found', { detail: 'This person is disabled: enable the account first' });
  return { kind: 'password_reset', email: user.email, role: null, userId };
}

async function memberOf(tx: PlatformTx, { tenantId }: TenantActor, userId: UserId): Promise<Wanted | { managedElsewhere: UserId }> {
  const [member] = await tx.sql`select 1 from membership where tenant_id = ${tenantId} and user_id = ${userId}`;
  if (!member) throw new AppError('user.not_found', { detail: 'This person is no member of the tenant' });
  return await isManagedIn(tx, tenantId, userId) ? person(tx, userId) : { managedElsewhere: userId };
}

/**
 * Whether a person has access to this tenant alone: else whoever resets the password could enter where they have no role themselves. Nor
 * may they set one for somebody who has none because the identity provider vouches for them: it would open what that person is invited to later.
 */
export async function isManagedIn(tx: PlatformTx, tenantId: TenantActor['tenantId'], userId: UserId): Promise<boolean> {
  const [row] = await tx.sql`
    select 1 from app_user u where u.id = ${userId} and u.platform_role is null and u.disabled_at is null
       and exists (select 1 from membership m where m.user_id = u.id and m.tenant_id = ${tenantId})
       and not exists (select 1 from membership m join tenant t on t.id = m.tenant_id and t.state <> 'deleted' where m.user_id = u.id and m.tenant_id <> ${tenantId})
       and not exists (select 1 from user_identity i where i.user_id = u.id)`;
  return row !== undefined;
}

/**
 * The hash of a password that somebody else may know: of a person with access to one tenant at the most, whose owner can have used the link by which it
 * was chosen. Undefined where there is no such password.
 */
export async function sharedPassword(tx: PlatformTx, userId: UserId): Promise<string | undefined> {
  const [row] = await tx.sql<{ hash: string }>`
    select u.password_hash as hash from app_user u where u.id = ${userId} and u.password_hash is not null and u.platform_role is null
       and (select count(*) from membership m join tenant t on t.id = m.tenant_id and t.state <> 'deleted' where m.user_id = u.id) <= 1`;
  return row?.hash;
}
