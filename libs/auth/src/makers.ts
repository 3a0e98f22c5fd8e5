// Holds whoever makes a link or an API key, or changes who may do what, while they do. Between the guard's look at a request and its commit, its caller may
// lose the role, be disabled or revoked: what they make then would outlive what was taken away, and what they give themselves would give it back.
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '@keyrack/audit';
import { AppError, Database, sql, type Actor, type PlatformTx, type Sql, type TenantActor, type TenantTx, type UserId } from '@keyrack/core';
import { allows, type Permission, type Role } from './roles.js';

/** `ends`: when the API key that makes something expires; null for one that does not, and for people. */
interface Standing { role: Role | undefined; ends: Date | null }

const reason = 'hold who makes a link or a key';
const none: Standing = { role: undefined, ends: null };

/**
 * Lets `make` work while nobody can take the permission away: a change of the maker waits until it is done, or came before and is seen.
 * `whom` is the person whom it is about. Both throw AppError `auth.forbidden` when the permission was taken away meanwhile, which is an event.
 */
@Injectable()
export class Makers {
  constructor(@Inject(Database) private readonly db: Database, @Inject(Audit) private readonly audit: Audit) {}

  /** Memberships, of whom it is about too, and the tenant's keys are locked in the transaction that makes it; people and keys of the platform, which it cannot see, in one around it. */
  async inTenant<Made>(me: TenantActor, permission: Permission, whom: UserId | null, make: (tx: TenantTx, ends: Date | null) => Promise<Made>): Promise<Made> {
    const made = await this.db.onPlatform(reason, async (around) => {
      const above = await onPlatform(around, me, whom);
      // Its deletion waits for what is made here, and then finds it.
      const [tenant] = await around.sql`select 1 from tenant where id = ${me.tenantId} and state = 'active' for share`;
      if (!tenant) throw new AppError('tenant.deleting');
      return above && this.db.inTenant(me.tenantId, async (tx) => {
        const within = await inTenant(tx, me, whom);
        if (!allows(permission, above.role, within.role)) return undefined;
        const done = { is: await make(tx, within.ends ?? above.ends) };
        // Postgres ends a transaction that has been idle for long, and its locks with it: then this fails, and undoes what was made.
        await around.sql`select 1`;
        return done;
      });
    });
    return made ? made.is : this.refuse(me, permission);
  }

  async onPlatform<Made>(me: Actor, permission: Permission, whom: UserId | null, make: (tx: PlatformTx, ends: Date | null) => Promise<Made>): Promise<Made> {
    const made = await this.db.onPlatform(reason, async (tx) => {
      const standing = await onPlatform(tx, me, whom);
      return standing && allows(permission, standing.role) ? { is: await make(tx, standing.ends) } : undefined;
    });
    return made ? made.is : this.refuse(me, permission);
  }

  /** For a transaction that has locked the person already, with others whom it changes: two that locked them shared first would wait for each other. */
  async isAllowed(tx: PlatformTx, me: Actor, permission: Permission): Promise<boolean> {
    const standing = await onPlatform(tx, me, null);
    return standing !== undefined && allows(permission, standing.role);
  }

  async refuse(me: Actor | TenantActor, permission: Permission): Promise<never> {
    const event = { action: 'access.denied', permission, reason: 'taken away meanwhile' } as const;
    if ('tenantId' in me) await this.db.inTenant(me.tenantId, (tx) => this.audit.record(tx, me, event));
    else await this.db.onPlatform('record a denial', (tx) => this.audit.record(tx, me, event));
    throw new AppError('auth.forbidden', { detail: `The permission ${permission} was taken away meanwhile` });
  }
}

/**
 * People are locked in the order in which a change of one locks them. Whom it is about is locked too: what is made refers to them, and would wait for
 * a reset of theirs that waits for this.
 * @returns undefined for a person who is disabled
 */
async function onPlatform(tx: PlatformTx, me: Actor, whom: UserId | null): Promise<Standing | undefined> {
  const people = await tx.sql<{ id: string; role: Role | null; isActive: boolean }>`
    select id, platform_role as role, disabled_at is null as "isActive" from app_user
     where id = any(${[whom, me.kind === 'user' ? me.id : null]}::uuid[]) order by id for share`;
  if (me.kind === 'user') {
    const person = people.find(({ id }) => id === me.id);
    return person?.isActive ? { role: person.role ?? undefined, ends: null } : undefined;
  }
  const [key] = await tx.sql<Standing>`select role, expires_at as ends from platform_api_key where ${usable(me)} for share`;
  return key ?? none;
}

async function inTenant(tx: TenantTx, me: TenantActor, whom: UserId | null): Promise<Standing> {
  const members = await tx.sql<{ id: string; role: Role }>`
    select user_id as id, role from membership where tenant_id = ${me.tenantId} and user_id = any(${[whom, me.kind === 'user' ? me.id : null]}::uuid[]) order by user_id for update`;
  if (me.kind === 'user') return { role: members.find(({ id }) => id === me.id)?.role, ends: null };
  const [key] = await tx.sql<Standing>`select role, expires_at as ends from api_key where tenant_id = ${me.tenantId} and ${usable(me)} for share`;
  return key ?? none;
}

const usable = ({ id }: Actor): Sql => sql`id = ${id} and revoked_at is null and (expires_at is null or expires_at > now())`;
