// Finds out who sent a request. Looked up on every request, so that a revoked key and an ended session stop at once.
import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Database, Secret, sql, type Actor, type ApiKeyId, type PlatformRole, type PlatformTx, type TenantId, type TenantRole, type UserId } from '@keyrack/core';
import { isNoApiKey } from './api-key.js';
import type { Caller } from './caller.js';
import { Hasher } from './hasher.js';

export const sessionLimits = { idleHours: 12, absoluteDays: 7 } as const;

/** A look that only watches is no use of a key, and does not keep a session from going idle. */
export type Visit = 'request' | 'watch';

/** A key that was one, and opens nothing any more; the trail of its tenant, or of the platform, may tell of it. */
export interface RefusedKey { reason: 'revoked' | 'expired'; actor: Actor & { id: ApiKeyId }; tenantId: TenantId | null }

interface KeyRow { id: ApiKeyId; name: string; tenantId: TenantId | null; platformRole: PlatformRole | null; tenantRole: TenantRole | null; stale: boolean; refused: RefusedKey['reason'] | null }
interface SessionRow { userId: UserId; email: string; platformRole: PlatformRole | null; tenants: { id: TenantId; role: TenantRole }[]; stale: boolean }

@Injectable()
export class Auth {
  constructor(@Inject(Database) private readonly db: Database, @Inject(Hasher) private readonly hasher: Hasher) {}

  /** The caller behind an API key; what is known of one that is expired or revoked; null for one that is unknown. */
  async byApiKey(key: Secret, visit: Visit): Promise<Caller | { refused: RefusedKey } | null> {
    if (isNoApiKey(key.reveal())) return null;
    const hash = this.hasher.hash('api key', key);
    const [row] = await this.db.atOnce<KeyRow>('authenticate an API key', sql`
      select id, name, null as "tenantId", role as "platformRole", null as "tenantRole",
             (last_used_at is null or last_used_at < now() - interval '1 minute') as stale, ${refused} as refused
        from platform_api_key where key_hash = ${hash}
      union all
      select k.id, k.name, k.tenant_id, null, k.role, (k.last_used_at is null or k.last_used_at < now() - interval '1 minute'), ${refused}
        from api_key k join tenant t on t.id = k.tenant_id and t.state <> 'deleted'
       where k.key_hash = ${hash}`);
    if (!row) return null;
    const actor = { kind: 'api_key', id: row.id, name: row.name } as const;
    if (row.refused) return { refused: { reason: row.refused, actor, tenantId: row.tenantId } };
    if (row.stale && visit === 'request') await this.db.onPlatform('tell that an API key is used', (tx) => touchKey(tx, row));
    return {
      actor: { ...actor, ...(row.platformRole && { platformRole: row.platformRole }) },
      tenants: new Map(row.tenantId && row.tenantRole ? [[row.tenantId, row.tenantRole]] : []),
    };
  }

  /** The caller behind a session cookie, or null when the session is unknown, idle for too long, or over. */
  async bySession(token: Secret, visit: Visit): Promise<Caller | null> {
    const hash = this.hasher.hash('session', token);
    const [row] = await this.db.atOnce<SessionRow>('authenticate a session', sql`
      select u.id as "userId", u.email, u.platform_role as "platformRole", s.last_seen_at < now() - interval '1 minute' as stale,
             coalesce((select json_agg(json_build_object('id', m.tenant_id, 'role', m.role))
                from membership m join tenant t on t.id = m.tenant_id and t.state <> 'deleted' where m.user_id = u.id), '[]') as tenants
        from session s join app_user u on u.id = s.user_id and u.disabled_at is null
       where s.token_hash = ${hash} and s.expires_at > now() and s.last_seen_at > now() - make_interval(hours => ${sessionLimits.idleHours})`);
    if (!row) return null;
    if (row.stale && visit === 'request') await this.db.onPlatform('tell that a session is used', (tx) => tx.sql`update session set last_seen_at = now() where token_hash = ${hash}`);
    return {
      actor: { kind: 'user', id: row.userId, name: row.email, ...(row.platformRole && { platformRole: row.platformRole }) },
      tenants: new Map(row.tenants.map(({ id, role }) => [id, role])),
      csrfToken: this.csrfToken(token),
    };
  }

  /** Derived from the session, so that a page that reloads gets the same one again and nothing more needs to be stored in clear. */
  csrfToken(session: Secret): string { return this.hasher.hash('csrf', session).toString('base64url'); }

  /** The session goes on under another id, and is over for whoever has taken its cookie. @returns its new cookie */
  async renewSession(tx: PlatformTx, token: Secret): Promise<Secret> {
    const renewed = newSessionToken();
    await tx.sql`
      update session set token_hash = ${this.hasher.hash('session', renewed)}, csrf_hash = ${this.hasher.hash('csrf', this.csrfToken(renewed))}
       where token_hash = ${this.hasher.hash('session', token)}`;
    return renewed;
  }

  /** Deletes what has run out; nothing depends on it but the size of the tables. */
  async forgetExpired(): Promise<void> {
    await this.db.onPlatform('forget expired sessions', async (tx) => {
      await tx.sql`delete from session where expires_at < now() or last_seen_at < now() - make_interval(hours => ${sessionLimits.idleHours})`;
      await tx.sql`delete from sign_in_attempt where at < now() - interval '1 day'`;
      await tx.sql`delete from platform_access_link where expires_at < now() - interval '30 days'`;
      await tx.sql`delete from access_link l using tenant t where t.id = l.tenant_id and l.expires_at < now() - interval '30 days'`;
    });
  }
}

export const newSessionToken = (): Secret => new Secret(randomBytes(32).toString('base64url'));

/** Why a key opens nothing any more; null for one that does. */
const refused = sql`case when revoked_at is not null then 'revoked' when expires_at <= now() then 'expired' end`;

async function touchKey(tx: PlatformTx, { id, tenantId }: KeyRow): Promise<void> {
  if (tenantId) await tx.sql`update api_key set last_used_at = now() where tenant_id = ${tenantId} and id = ${id}`;
  else await tx.sql`update platform_api_key set last_used_at = now() where id = ${id}`;
}
