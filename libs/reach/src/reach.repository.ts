// All SQL about reach: sweeps written set-based, and lists by keyset over the primary key.
import { Injectable } from '@nestjs/common';
import { allOf, sql, type AccessTokenId, type EnterpriseId, type Sql, type TenantId, type TenantTx, type Tx } from '@keyrack/core';
import type { NoticedBy, ReachDiff, TokenKind, Via } from './reach.js';
import type { ReachEventsQuery, ReachQuery } from './reach.schemas.js';

export interface SweptToken { id: AccessTokenId; via: Via }
/** When a token's reach was read, and what for. */
export interface SweepTime { at: Date; noticedBy: NoticedBy }

export interface StoredReach {
  tenantId: TenantId; accessTokenId: AccessTokenId; hint: string; kind: TokenKind; enterpriseId: EnterpriseId; enterpriseName: string; via: Via;
  connected: boolean; firstSeenAt: Date; lastSeenAt: Date | null; lostAt: Date | null;
}
export interface StoredReachEvent { id: string; kind: 'gained' | 'lost'; at: Date; accessTokenId: AccessTokenId; hint: string; enterpriseId: EnterpriseId; enterpriseName: string }

type Key = readonly (string | number)[] | null;
export type ReachFilter = Pick<ReachQuery, 'accessTokenId' | 'enterpriseId' | 'asOf' | 'state'> & { tenantId?: TenantId | undefined };

@Injectable()
export class ReachRepository {
  async current(tx: TenantTx, token: AccessTokenId): Promise<EnterpriseId[]> {
    const rows = await tx.sql<{ id: EnterpriseId }>`select enterprise_id as id from reach where access_token_id = ${token} and lost_at is null`;
    return rows.map((row) => row.id);
  }

  /**
   * Writes what a sweep found, in one statement; enterprises that stay cost nothing: the token's last_verified_at is when they were last seen.
   * The caller holds the token's row lock, so that sweeps of one token do not cross. `at` must be later than the sweep before.
   */
  async applySweep(tx: TenantTx, token: SweptToken, diff: ReachDiff, { at, noticedBy }: SweepTime): Promise<void> {
    await tx.sql`
      with lost as (
        update reach r set lost_at = ${at}, last_seen_at = t.last_verified_at
          from access_token t
         where t.id = r.access_token_id and r.access_token_id = ${token.id} and r.lost_at is null and r.enterprise_id = any(${diff.lost}::uuid[])
        returning 'lost' as kind, r.tenant_id, r.access_token_id, r.enterprise_id, r.lost_at as at),
      gained as (
        insert into reach (tenant_id, environment_id, access_token_id, enterprise_id, via, first_seen_at)
        select t.tenant_id, t.environment_id, t.id, gained.id, ${token.via}, ${at}::timestamptz
          from access_token t cross join unnest(${diff.gained}::uuid[]) gained (id) where t.id = ${token.id}
        returning 'gained' as kind, tenant_id, access_token_id, enterprise_id, first_seen_at as at)
      insert into reach_event (id, kind, tenant_id, access_token_id, enterprise_id, at, noticed_by)
      select gen_random_uuid(), change.*, ${noticedBy} from (select * from lost union all select * from gained) change`;
  }

  /** Corrects how current enterprises are reached after a token turned out to be of the other kind. */
  async setVia(tx: TenantTx, token: AccessTokenId, via: Via): Promise<void> {
    await tx.sql`update reach set via = ${via} where access_token_id = ${token} and lost_at is null and via <> ${via}`;
  }

  /** Works in a tenant's transaction and in the platform's; the order is that of the primary key, so a page costs the same at any depth. */
  async list(tx: Tx, filter: ReachFilter, after: Key, limit: number): Promise<StoredReach[]> {
    const where = allOf([
      filter.tenantId && sql`r.tenant_id = ${filter.tenantId}`,
      filter.accessTokenId && sql`r.access_token_id = ${filter.accessTokenId}`,
      filter.enterpriseId && sql`r.enterprise_id = ${filter.enterpriseId}`,
      filter.asOf ? sql`r.first_seen_at <= ${filter.asOf} and (r.lost_at is null or r.lost_at > ${filter.asOf})` : stateIs(filter.state),
      after ? sql`(r.tenant_id, r.access_token_id, r.enterprise_id, r.first_seen_at) > (${after[0]}::uuid, ${after[1]}::uuid, ${after[2]}::uuid, ${after[3]}::timestamptz)` : undefined,
    ]);
    return tx.sql<StoredReach>`
      select r.tenant_id as "tenantId", r.access_token_id as "accessTokenId", t.hint, t.kind, r.enterprise_id as "enterpriseId", e.name as "enterpriseName", r.via,
             c.access_token_id is not null as connected, r.first_seen_at as "firstSeenAt",
             case when r.lost_at is null then t.last_verified_at else r.last_seen_at end as "lastSeenAt", r.lost_at as "lostAt"
        from (select * from reach r where ${where} order by r.tenant_id, r.access_token_id, r.enterprise_id, r.first_seen_at limit ${limit}) r
        join access_token t on t.tenant_id = r.tenant_id and t.id = r.access_token_id
        join enterprise e on e.tenant_id = r.tenant_id and e.id = r.enterprise_id
        left join connection c on c.tenant_id = r.tenant_id and c.enterprise_id = r.enterprise_id and c.access_token_id = r.access_token_id and r.lost_at is null
       order by r.tenant_id, r.access_token_id, r.enterprise_id, r.first_seen_at`;
  }

  /** Newest first. */
  async events(tx: TenantTx, filter: Omit<ReachEventsQuery, 'limit' | 'cursor'>, after: Key, limit: number): Promise<StoredReachEvent[]> {
    const where = allOf([
      filter.accessTokenId && sql`v.access_token_id = ${filter.accessTokenId}`,
      filter.enterpriseId && sql`v.enterprise_id = ${filter.enterpriseId}`,
      filter.kind && sql`v.kind = ${filter.kind}`,
      after ? sql`(v.at, v.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)` : undefined,
    ]);
    return tx.sql<StoredReachEvent>`
      select v.id, v.kind, v.at, v.access_token_id as "accessTokenId", t.hint, v.enterprise_id as "enterpriseId", e.name as "enterpriseName"
        from (select * from reach_event v where ${where} order by v.at desc, v.id desc limit ${limit}) v
        join access_token t on t.tenant_id = v.tenant_id and t.id = v.access_token_id
        join enterprise e on e.tenant_id = v.tenant_id and e.id = v.enterprise_id
       order by v.at desc, v.id desc`;
  }

  /** The slugs of some tenants, for lists across tenants. */
  async slugs(tx: Tx, tenants: readonly TenantId[]): Promise<Map<TenantId, string>> {
    const rows = await tx.sql<{ id: TenantId; slug: string }>`select id, slug from tenant where id = any(${tenants}::uuid[])`;
    return new Map(rows.map((row) => [row.id, row.slug]));
  }
}

function stateIs(state: ReachFilter['state']): Sql | undefined {
  switch (state) {
    case 'current': return sql`r.lost_at is null`;
    case 'lost': return sql`r.lost_at is not null`;
    case 'all': return undefined;
  }
}
