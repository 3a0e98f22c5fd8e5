// Who can make Keyrack use a tenant's AccessTokens, or read what it read by them: people and API keys, by the table of roles.
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { cursorSchema, Database, decodeCursor, limitSchema, pageOf, sql, toPage, type Page, type TenantActor } from '@keyrack/core';
import { allows, type Permission, type Role } from './roles.js';

const instant = z.iso.datetime();
const uses = { sync: 'syncs:write', manage: 'access-tokens:write', connect: 'connections:write', read: 'records:read' } as const satisfies Record<string, Permission>;
export type Use = keyof typeof uses;

export const tokenUserShape = z.object({
  kind: z.enum(['member', 'api_key', 'platform_user', 'platform_api_key']), id: z.guid(), name: z.string(),
  email: z.string().nullable().describe('Of people. Those of the platform are told to its administrators and auditors only'),
  role: z.enum(['owner', 'developer', 'viewer', 'admin', 'operator', 'auditor']),
  can: z.array(z.enum(['sync', 'manage', 'connect', 'read'])).describe('`sync`: have it used by a sync. `manage`: add, verify, rotate, disable and revoke. `connect`: choose which token is used. `read`: read the records that it brought'),
  hint: z.string().nullable().describe('The end of an API key'), expiresAt: instant.nullable(), lastUsedAt: instant.nullable(),
}).meta({ id: 'TokenUser' });
export type TokenUser = z.infer<typeof tokenUserShape>;
export const tokenUserPage = pageOf(tokenUserShape);
export const tokenUsersQuery = z.strictObject({ limit: limitSchema, cursor: cursorSchema });
export type TokenUsersQuery = z.infer<typeof tokenUsersQuery>;

interface UserRow { kind: TokenUser['kind']; id: string; name: string; email: string | null; role: Role; hint: string | null; expiresAt: Date | null; lastUsedAt: Date | null }
type Key = readonly (string | number)[] | null;

const exportRows = 1_000;
const usesOf = (role: Role): Use[] => (Object.keys(uses) as Use[]).filter((use) => allows(uses[use], role));
const usingRoles = (['owner', 'developer', 'viewer', 'admin', 'operator', 'auditor'] as const).filter((role) => usesOf(role).length > 0);

@Injectable()
export class TokenUsers {
  constructor(@Inject(Database) private readonly db: Database) {}

  /** Members, then API keys, then the platform's people and keys, each by name. Whoever is disabled, revoked or expired is not there. */
  async list(me: TenantActor, { limit, cursor }: TokenUsersQuery): Promise<Page<TokenUser>> {
    const page = toPage(await this.#read(me, decodeCursor(cursor, 3), limit + 1), limit, keyOf);
    return { ...page, items: page.items.map(answer(me)) };
  }

  async *every(me: TenantActor): AsyncGenerator<TokenUser> {
    for (let after: Key = null, more = true; more;) {
      const rows: UserRow[] = await this.#read(me, after, exportRows), last = rows.at(-1);
      yield* rows.map(answer(me));
      more = rows.length === exportRows;
      after = last ? keyOf(last) : null;
    }
  }

  #read(me: TenantActor, after: Key, limit: number): Promise<UserRow[]> {
    // The app role cannot see people: names come through the platform role.
    return this.db.onPlatform('list who can use tokens', (tx) => tx.sql<UserRow>`
      select * from (
        select 'member' as kind, u.id, u.name, u.email, m.role, null as hint, null::timestamptz as "expiresAt", null::timestamptz as "lastUsedAt"
          from membership m join app_user u on u.id = m.user_id where m.tenant_id = ${me.tenantId} and u.disabled_at is null
        union all
        select 'api_key', id, name, null, role, hint, expires_at, last_used_at
          from api_key where tenant_id = ${me.tenantId} and revoked_at is null and (expires_at is null or expires_at > now())
        union all
        select 'platform_user', id, name, email, platform_role, null, null, null from app_user where platform_role is not null and disabled_at is null
        union all
        select 'platform_api_key', id, name, null, role, hint, expires_at, last_used_at
          from platform_api_key where revoked_at is null and (expires_at is null or expires_at > now())) users
       where role = any(${usingRoles}::text[]) and ${after ? sql`(${rank}, name, id) > (${Number(after[0])}, ${after[1]}, ${after[2]}::uuid)` : sql`true`}
       order by ${rank}, name, id limit ${limit}`);
  }
}

const kinds: readonly string[] = ['member', 'api_key', 'platform_user', 'platform_api_key'] satisfies TokenUser['kind'][];
const rank = sql`array_position(${[...kinds]}::text[], kind)`;
const keyOf = (row: UserRow): (string | number)[] => [kinds.indexOf(row.kind) + 1, row.name, row.id];

const answer = (me: TenantActor) => ({ expiresAt, lastUsedAt, ...row }: UserRow): TokenUser => ({
  ...row, email: row.kind === 'member' || allows('users:read', me.platformRole) ? row.email : null,
  can: usesOf(row.role), expiresAt: expiresAt?.toISOString() ?? null, lastUsedAt: lastUsedAt?.toISOString() ?? null,
});
