// Who of the people has which role in a tenant.
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Audit } from '@keyrack/audit';
import { AppError, Database, decodeCursor, idSchema, sql, toPage, type Page, type TenantActor, type TenantId, type TenantRole, type UserId } from '@keyrack/core';
import { revokeLinksMadeBy } from './access-links.js';
import type { ListQuery } from './api-keys.js';
import { Makers } from './makers.js';
import { loses } from './roles.js';

const tenantRole = z.enum(['owner', 'developer', 'viewer']);

export const memberChangeSchema = z.strictObject({ role: tenantRole });
export type MemberChange = z.infer<typeof memberChangeSchema>;

export const memberSchema = z.object({ userId: idSchema<UserId>(), email: z.string(), name: z.string(), role: tenantRole }).meta({ id: 'Member' });
export type Member = z.infer<typeof memberSchema>;

@Injectable()
export class Members {
  constructor(@Inject(Database) private readonly db: Database, @Inject(Audit) private readonly audit: Audit, @Inject(Makers) private readonly makers: Makers) {}

  /** By e-mail address. */
  async list(tenantId: TenantId, { limit, cursor }: ListQuery): Promise<Page<Member>> {
    const after = decodeCursor(cursor, 1);
    // The app role cannot see people: names come through the platform role.
    const rows = await this.db.onPlatform('list members', (tx) => tx.run<Member>(sql`
      select m.user_id as "userId", u.email, u.name, m.role from membership m join app_user u on u.id = m.user_id
       where m.tenant_id = ${tenantId} and ${after ? sql`u.email > ${after[0]}` : sql`true`} order by u.email limit ${limit + 1}`));
    return toPage(rows, limit, (member) => [member.email]);
  }

  /**
   * Changes a member's role. Others come in by an invitation, also where the platform asks: whoever made an account may not own its address.
   * @throws AppError `user.not_found` when the person is no member; `auth.forbidden` where the role was taken away meanwhile
   */
  async set(me: TenantActor, userId: UserId, { role }: MemberChange): Promise<Member> {
    const user = await this.#person(userId);
    return this.makers.inTenant(me, 'members:write', userId, async (tx) => {
      const [before] = await tx.sql<{ role: TenantRole }>`select role from membership where tenant_id = ${me.tenantId} and user_id = ${userId} for update`;
      if (!before) throw noMember();
      await tx.sql`update membership set role = ${role} where tenant_id = ${me.tenantId} and user_id = ${userId}`;
      if (loses('members:write', before.role, role)) await revokeLinksMadeBy(tx, this.audit, me, user);
      if (before.role !== role) await this.audit.record(tx, me, { action: 'member.set', userId, email: user.email, role: { before: before.role, after: role } });
      return { userId, ...user, role };
    });
  }

  /**
   * The links that the person made here are revoked too: they could come in again by them.
   * @throws AppError `user.not_found` when the person is no member; `auth.forbidden` where the role was taken away meanwhile
   */
  async remove(me: TenantActor, userId: UserId): Promise<void> {
    const { email } = await this.#person(userId);
    await this.makers.inTenant(me, 'members:write', userId, async (tx) => {
      const [gone] = await tx.sql<{ role: TenantRole }>`delete from membership where tenant_id = ${me.tenantId} and user_id = ${userId} returning role`;
      if (!gone) throw noMember();
      await revokeLinksMadeBy(tx, this.audit, me, { email });
      await this.audit.record(tx, me, { action: 'member.removed', userId, role: gone.role });
    });
  }

  /** The app role cannot see people. */
  async #person(userId: UserId): Promise<{ email: string; name: string }> {
    const [user] = await this.db.onPlatform('find a user', (tx) => tx.sql<{ email: string; name: string }>`select email, name from app_user where id = ${userId}`);
    if (!user) throw noMember();
    return user;
  }
}

const noMember = (): AppError => new AppError('user.not_found', { detail: 'This person is no member of the tenant: invite them' });
