// People who sign in: invited by a link, with a role on the platform or in tenants, disabled rather than deleted.
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Audit } from '@keyrack/audit';
import { AppError, Database, decodeCursor, idSchema, nameSchema, sql, toPage, type Actor, type Page, type PlatformTx, type UserId } from '@keyrack/core';
import { revokeLinksMadeBy } from './access-links.js';
import type { ListQuery } from './api-keys.js';
import { Makers } from './makers.js';
import { loses } from './roles.js';

const platformRole = z.enum(['admin', 'operator', 'auditor']);

export const userChangeSchema = z.strictObject({ name: nameSchema, platformRole: platformRole.nullable(), disabled: z.boolean() }).partial();
export type UserChange = z.infer<typeof userChangeSchema>;

export const userSchema = z.object({
  id: idSchema<UserId>(), email: z.string(), name: z.string(), platformRole: platformRole.nullable(), disabled: z.boolean(), createdAt: z.iso.datetime(),
}).meta({ id: 'User' });
export type User = z.infer<typeof userSchema>;

type UserRow = Omit<User, 'createdAt'> & { createdAt: Date };

@Injectable()
export class People {
  constructor(@Inject(Database) private readonly db: Database, @Inject(Audit) private readonly audit: Audit, @Inject(Makers) private readonly makers: Makers) {}

  async list({ limit, cursor }: ListQuery): Promise<Page<User>> {
    const after = decodeCursor(cursor, 1);
    const rows = await this.db.onPlatform('list users', (tx) => tx.run<UserRow>(sql`
      select ${columns} from app_user where ${after ? sql`id > ${after[0]}` : sql`true`} order by id limit ${limit + 1}`));
    return toPage(rows.map(toUser), limit, (user) => [user.id]);
  }

  /**
   * The role of somebody who has one on the platform is changed; a first one takes an invitation. Whoever made the account may not own its address,
   * and only the link reaches the person who is meant.
   * Who is disabled or no administrator any more leaves no link behind by which they, or whom they chose, could come in.
   * Being disabled ends the person's sessions, and who they are at the identity provider is found out anew afterwards.
   * @throws AppError `user.not_found`; `user.invitation_needed`; `user.last_admin` when nobody would be left who can administer; `auth.forbidden` where the role was taken away meanwhile
   */
  async change(me: Actor, id: UserId, change: UserChange): Promise<User> {
    const changed = await this.db.onPlatform('change a user', async (tx) => {
      const before = await lockUser(tx, me, id);
      if (!await this.makers.isAllowed(tx, me, 'users:write')) return undefined;
      const { name = before.name, platformRole: role = before.platformRole, disabled = before.disabled } = change;
      if (before.platformRole === null && role !== null) throw new AppError('user.invitation_needed', { detail: `${before.email} has no role on the platform: invite them to one`, errors: [{ pointer: '/platformRole', detail: 'takes an invitation' }] });
      const [row] = await tx.run<UserRow>(sql`
        update app_user set name = ${name}, platform_role = ${role},
               disabled_at = case when ${disabled} then coalesce(disabled_at, now()) end
         where id = ${id} returning ${columns}`);
      if (!row) throw new AppError('user.not_found');
      if (before.platformRole === 'admin' && !before.disabled) await refuseWithoutAdmin(tx);
      if (disabled) {
        await tx.sql`delete from session where user_id = ${id}`;
        await tx.sql`delete from user_identity where user_id = ${id}`;
      }
      if (disabled || loses('users:write', before.platformRole, role)) await revokeLinksMadeBy(tx, this.audit, me, before);
      const told = {
        ...(before.name !== name && { name: { before: before.name, after: name } }),
        ...(before.platformRole !== role && { platformRole: { before: before.platformRole, after: role } }),
        ...(before.disabled !== disabled && { disabled: { before: before.disabled, after: disabled } }),
      };
      if (Object.keys(told).length > 0) await this.audit.record(tx, me, { action: 'user.changed', userId: id, ...told });
      return toUser(row);
    });
    return changed ?? this.makers.refuse(me, 'users:write');
  }
}

/** All administrators are locked with the user and whoever asks: two who demote each other at once must not leave none. */
async function lockUser(tx: PlatformTx, me: Actor, id: UserId): Promise<UserRow> {
  const rows = await tx.run<UserRow>(sql`select ${columns} from app_user where id = any(${[id, me.id]}::uuid[]) or platform_role = 'admin' order by id for update`);
  const user = rows.find((row) => row.id === id);
  if (!user) throw new AppError('user.not_found');
  return user;
}

async function refuseWithoutAdmin(tx: PlatformTx): Promise<void> {
  const [admin] = await tx.sql`select 1 from app_user where platform_role = 'admin' and disabled_at is null limit 1`;
  if (!admin) throw new AppError('user.last_admin');
}

const columns = sql`id, email, name, platform_role as "platformRole", disabled_at is not null as disabled, created_at as "createdAt"`;

const toUser = (row: UserRow): User => ({ ...row, createdAt: row.createdAt.toISOString() });
