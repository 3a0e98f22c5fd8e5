// All SQL about AccessTokens. Transitions are guarded: a statement that returns no row means that somebody else was first.
import { Injectable } from '@nestjs/common';
import { allOf, sql, type AccessTokenId, type ApplicationId, type EnvironmentId, type PlatformTx, type Sql, type TenantId, type TenantTx, type Tx } from '@keyrack/core';
import type { TokenKind } from '@keyrack/reach';
import type { AccessTokensQuery, AccessTokenStatus, LastError } from './access-tokens.schemas.js';

export interface StoredToken {
  id: AccessTokenId; environmentId: EnvironmentId; applicationId: ApplicationId; label: string | null; kind: TokenKind; status: AccessTokenStatus;
  hint: string; fingerprint: string; ciphertext: Buffer | null; lastVerifiedAt: Date | null; lastError: LastError | null;
}
export interface ListedToken extends Omit<StoredToken, 'ciphertext' | 'environmentId'> {
  environment: EnvironmentId; reached: number; connected: number; lastUsedAt: Date | null; lastSyncedAt: Date | null; lastInteractiveAt: Date | null; createdAt: Date; rotatedAt: Date | null; revokedAt: Date | null; ageDays: number;
}
/** `unusedLately`: the uses that were noted a minute ago or longer, or never. */
export interface TokenToUse extends StoredToken { readAt: Date; unusedLately: Readonly<Record<'sync' | 'interactive', boolean>> }
export interface TokenSecret { ciphertext: Buffer; hint: string; fingerprint: string }
export interface Verified { kind: TokenKind; portfolioId: string | null; status: AccessTokenStatus; at: Date }
/** What a token is opened for. Keyrack's own re-reading of reach (`check`) is no use of it: no token would ever be unused. */
export type TokenUse = 'sync' | 'interactive' | 'check';
/** Which text Mews was asked about, and when, where that is known. */
export interface Asked { fingerprint?: string; readAt?: Date }
export interface DueToken { tenantId: TenantId; id: AccessTokenId }

const stored = sql`id, environment_id as "environmentId", application_id as "applicationId", label, kind, status, hint, fingerprint, ciphertext,
  last_verified_at as "lastVerifiedAt", last_error as "lastError"`;

// Spread, so that a thousand tokens added in one hour are not re-read in one minute for ever.
const nextExpansion = sql`now() + (case when kind = 'portfolio' then interval '1 hour' else interval '6 hours' end) * (0.9 + random() * 0.2)`;

/** Whether a token has that text still, and no later sweep was written meanwhile. */
const isStill = ({ fingerprint, readAt }: Asked): Sql =>
  sql`fingerprint = coalesce(${fingerprint ?? null}::text, fingerprint) and (last_verified_at < ${readAt ?? null}::timestamptz) is not false`;

@Injectable()
export class AccessTokensRepository {
  /** The database's clock, the only one that orders sweeps of several processes. Whole milliseconds, as Date holds them. */
  async now(tx: Tx): Promise<Date> {
    const [row] = await tx.sql<{ at: Date }>`select date_trunc('milliseconds', clock_timestamp()) as at`;
    if (!row) throw new Error('the database has no time');
    return row.at;
  }

  /** With the database's time, and which uses are long enough ago to be noted again. */
  async findToUse(tx: TenantTx, id: AccessTokenId): Promise<TokenToUse | undefined> {
    return (await tx.prepared<TokenToUse>('token-to-use', sql`
      select ${stored}, date_trunc('milliseconds', clock_timestamp()) as "readAt",
             json_build_object('sync', coalesce(last_synced_at < now() - interval '1 minute', true), 'interactive', coalesce(last_interactive_at < now() - interval '1 minute', true)) as "unusedLately"
        from access_token where tenant_id = ${tx.tenantId} and id = ${id}`))[0];
  }

  /** Whether the tenant is there still: Mews may have been asked for so long that it is deleted by now, rows and all. */
  async hasTenant(tx: TenantTx): Promise<boolean> {
    return (await tx.sql`select 1 from tenant where id = ${tx.tenantId} and state = 'active'`).length > 0;
  }

  /** Every change of a token takes its row first: changes of one token come one after another. */
  async lock(tx: TenantTx, id: AccessTokenId): Promise<StoredToken | undefined> {
    return (await tx.sql<StoredToken>`select ${stored} from access_token where id = ${id} for update`)[0];
  }

  async byFingerprint(tx: TenantTx, environment: EnvironmentId, fingerprint: string): Promise<{ id: AccessTokenId; hint: string } | undefined> {
    return (await tx.sql<{ id: AccessTokenId; hint: string }>`
      select id, hint from access_token where environment_id = ${environment} and fingerprint = ${fingerprint} and status <> 'revoked'`)[0];
  }

  /** Whether any tenant has it; not whose it is. */
  async isTaken(tx: PlatformTx, environment: EnvironmentId, fingerprint: string): Promise<boolean> {
    return (await tx.sql`select 1 from access_token where environment_id = ${environment} and fingerprint = ${fingerprint} and status <> 'revoked'`).length > 0;
  }

  async insert(tx: TenantTx, token: Pick<StoredToken, 'id' | 'environmentId' | 'applicationId' | 'label'>, secret: TokenSecret, verified: Verified): Promise<void> {
    await tx.sql`
      insert into access_token (tenant_id, id, environment_id, application_id, label, kind, status, hint, fingerprint, ciphertext, portfolio_id, last_verified_at)
      values (${tx.tenantId}, ${token.id}, ${token.environmentId}, ${token.applicationId}, ${token.label}, ${verified.kind}, ${verified.status},
              ${secret.hint}, ${secret.fingerprint}, ${secret.ciphertext}, ${verified.portfolioId}, ${verified.at})`;
    await tx.sql`update access_token set next_expansion_at = ${nextExpansion} where id = ${token.id}`;
  }

  async replaceSecret(tx: TenantTx, id: AccessTokenId, secret: TokenSecret): Promise<void> {
    await tx.sql`update access_token set ciphertext = ${secret.ciphertext}, hint = ${secret.hint}, fingerprint = ${secret.fingerprint}, rotated_at = now() where id = ${id}`;
  }

  async verified(tx: TenantTx, id: AccessTokenId, { kind, portfolioId, status, at }: Verified): Promise<void> {
    await tx.sql`update access_token set kind = ${kind}, portfolio_id = ${portfolioId}, status = ${status}, last_verified_at = ${at}, last_error = null where id = ${id}`;
    await tx.sql`update access_token set next_expansion_at = ${nextExpansion} where id = ${id}`;
  }

  /** Notes that Mews could not be asked, or refuses still; what was known stays. A refused token is not asked about again soon. */
  async noteError(tx: TenantTx, id: AccessTokenId, error: LastError, asked: Asked): Promise<void> {
    await tx.sql`
      update access_token set last_error = ${JSON.stringify(error)}, next_expansion_at = case when status = 'invalid' then ${nextExpansion} else next_expansion_at end
       where id = ${id} and status in ('active', 'invalid') and ${isStill(asked)}`;
  }

  /** From active to invalid. */
  async suspend(tx: TenantTx, id: AccessTokenId, error: LastError, asked: Asked): Promise<boolean> {
    const rows = await tx.sql`
      update access_token set status = 'invalid', last_error = ${JSON.stringify(error)}, next_expansion_at = ${nextExpansion}
       where id = ${id} and status = 'active' and ${isStill(asked)} returning id`;
    return rows.length > 0;
  }

  async disable(tx: TenantTx, id: AccessTokenId): Promise<boolean> {
    return (await tx.sql`update access_token set status = 'disabled' where id = ${id} and status in ('active', 'invalid') returning id`).length > 0;
  }

  /** The ciphertext goes at once; what the token could reach stays on record. */
  async revoke(tx: TenantTx, id: AccessTokenId): Promise<boolean> {
    return (await tx.sql`update access_token set status = 'revoked', ciphertext = null, revoked_at = now() where id = ${id} and status <> 'revoked' returning id`).length > 0;
  }

  /** Writes at most once a minute: a sync asks for its token with every run. */
  async used(tx: TenantTx, id: AccessTokenId, use: Exclude<TokenUse, 'check'>): Promise<void> {
    const column = use === 'sync' ? sql`last_synced_at` : sql`last_interactive_at`;
    await tx.sql`update access_token set ${column} = now() where id = ${id} and (${column} is null or ${column} < now() - interval '1 minute')`;
  }

  /** Newest first. */
  async list(tx: TenantTx, filter: { id?: AccessTokenId } & Partial<Pick<AccessTokensQuery, 'status' | 'kind' | 'environment'>>, before: string | null, limit: number): Promise<ListedToken[]> {
    const where = allOf([
      filter.id && sql`t.id = ${filter.id}`,
      filter.status && sql`t.status = ${filter.status}`,
      filter.kind && sql`t.kind = ${filter.kind}`,
      filter.environment ? sql`t.environment_id = ${filter.environment}` : undefined,
      before === null ? undefined : sql`t.id < ${before}::uuid`,
    ]);
    return tx.sql<ListedToken>`
      select t.id, t.environment_id as environment, t.application_id as "applicationId", t.label, t.kind, t.status, t.hint, t.fingerprint,
             t.last_verified_at as "lastVerifiedAt", greatest(t.last_synced_at, t.last_interactive_at) as "lastUsedAt",
             t.last_synced_at as "lastSyncedAt", t.last_interactive_at as "lastInteractiveAt", t.last_error as "lastError",
             t.created_at as "createdAt", t.rotated_at as "rotatedAt", t.revoked_at as "revokedAt",
             floor(extract(epoch from now() - coalesce(t.rotated_at, t.created_at)) / 86400)::int as "ageDays",
             (select count(*) from reach r where r.tenant_id = t.tenant_id and r.access_token_id = t.id and r.lost_at is null) as reached,
             (select count(*) from connection c where c.tenant_id = t.tenant_id and c.access_token_id = t.id) as connected
        from access_token t where ${where} order by t.id desc limit ${limit}`;
  }

  /** Tokens whose reach should be read again, the longest overdue first. */
  async due(tx: PlatformTx, limit: number): Promise<DueToken[]> {
    return tx.sql<DueToken>`
      select t.tenant_id as "tenantId", t.id from access_token t join tenant on tenant.id = t.tenant_id and tenant.state = 'active'
       where t.status in ('active', 'invalid') and t.next_expansion_at <= now() order by t.next_expansion_at limit ${limit}`;
  }

  /** Takes due tokens for `retryMinutes`: when their job is lost or fails, they come back after that. */
  async claimDue(tx: TenantTx, ids: readonly AccessTokenId[], retryMinutes: number): Promise<AccessTokenId[]> {
    const rows = await tx.sql<{ id: AccessTokenId }>`
      update access_token set next_expansion_at = now() + ${retryMinutes} * interval '1 minute' where id in (
        select id from access_token where id = any(${ids}::uuid[]) and next_expansion_at <= now() order by id for update skip locked)
      returning id`;
    return rows.map((row) => row.id);
  }
}
