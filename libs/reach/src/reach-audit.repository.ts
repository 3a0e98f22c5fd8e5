// All SQL of the audit of reach. Each list works in a tenant's transaction and in the platform's, and ends as soon as its page is full.
import { Injectable } from '@nestjs/common';
import { allOf, sql, type AccessTokenId, type EnterpriseId, type Sql, type TenantId, type Tx } from '@keyrack/core';
import type { NoticedBy, TokenKind, Via } from './reach.js';
import type { DriftQuery, OpenedCounts, OverlapRow, OverlapsQuery, UnusedQuery, UnusedToken } from './reach-audit.schemas.js';

/** Of one tenant, or across all. */
interface Where { tenantId?: TenantId | undefined }
type Listed<Query> = Omit<Query, 'limit' | 'cursor'> & Where;
export type DriftFilter = Listed<DriftQuery> & { from: Date; to: Date };
export type OverlapsFilter = Listed<OverlapsQuery>;
export type UnusedFilter = Listed<UnusedQuery>;
export type Key = readonly (string | number)[] | null;

interface Token { tenantId: TenantId; accessTokenId: AccessTokenId; hint: string; label: string | null; kind: TokenKind }
export interface StoredDrift extends Token {
  id: string; change: 'gained' | 'lost'; at: Date; noticedBy: NoticedBy | null; enterpriseId: EnterpriseId; enterpriseName: string;
  openBefore: boolean; openAfter: boolean; servedById: AccessTokenId | null; servedByHint: string; servedByKind: TokenKind;
}
export interface StoredOverlap extends Token, Pick<OverlapRow, 'status' | 'connectionState'> {
  enterpriseId: EnterpriseId; enterpriseName: string; tokens: number; own: number; via: Via; firstSeenAt: Date;
  usedAccessTokenId: AccessTokenId | null; usedHint: string | null; usedKind: TokenKind | null;
}
export interface StoredUnused extends Token, Pick<UnusedToken, 'fingerprint' | 'status' | 'environment' | 'ageDays' | 'unusedDays' | 'opens' | 'serves'> {
  createdAt: Date; lastUsedAt: Date | null; lastSyncedAt: Date | null; lastInteractiveAt: Date | null; lastVerifiedAt: Date | null; idleSince: Date;
}

const openAt = (at: Date | undefined): Sql => (at ? sql`r.first_seen_at <= ${at} and (r.lost_at is null or r.lost_at > ${at})` : sql`r.lost_at is null`);

@Injectable()
export class ReachAuditRepository {
  /** Newest first. */
  async drift(tx: Tx, filter: DriftFilter, after: Key, limit: number): Promise<StoredDrift[]> {
    const { from, to } = filter;
    const where = allOf([
      sql`v.at > ${from} and v.at <= ${to}`,
      filter.tenantId && sql`v.tenant_id = ${filter.tenantId}`,
      filter.accessTokenId && sql`v.access_token_id = ${filter.accessTokenId}`,
      filter.enterpriseId && sql`v.enterprise_id = ${filter.enterpriseId}`,
      filter.change && sql`v.kind = ${filter.change}`,
      filter.connected === undefined ? undefined : sql`${filter.connected} = ((v.tenant_id, v.enterprise_id) in (select c.tenant_id, c.enterprise_id from connection c))`,
      // Of several changes of one enterprise the one that began what stood at the end, or ended what stood at the beginning.
      filter.changes === 'net' ? sql`stay.before <> stay.after and stay.stands` : undefined,
      after ? sql`(v.at, v.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)` : undefined,
    ]);
    return tx.sql<StoredDrift>`
      select v.tenant_id as "tenantId", v.id, v.kind as change, v.at, v.noticed_by as "noticedBy", v.access_token_id as "accessTokenId", t.hint, t.label, t.kind,
             v.enterprise_id as "enterpriseId", e.name as "enterpriseName", v.before as "openBefore", v.after as "openAfter",
             u.id as "servedById", u.hint as "servedByHint", u.kind as "servedByKind"
        from (select v.*, stay.before, stay.after
                from reach_event v
                cross join lateral (
                  select coalesce(bool_or(r.first_seen_at <= ${from} and (r.lost_at is null or r.lost_at > ${from})), false) as before,
                         coalesce(bool_or(r.first_seen_at <= ${to} and (r.lost_at is null or r.lost_at > ${to})), false) as after,
                         coalesce(bool_or(case v.kind when 'gained' then r.first_seen_at = v.at and (r.lost_at is null or r.lost_at > ${to}) else r.lost_at = v.at and r.first_seen_at <= ${from} end), false) as stands
                    from reach r where r.tenant_id = v.tenant_id and r.access_token_id = v.access_token_id and r.enterprise_id = v.enterprise_id) stay
               where ${where} order by v.at desc, v.id desc limit ${limit}) v
        join access_token t on t.tenant_id = v.tenant_id and t.id = v.access_token_id
        join enterprise e on e.tenant_id = v.tenant_id and e.id = v.enterprise_id
        left join connection c on c.tenant_id = v.tenant_id and c.enterprise_id = v.enterprise_id
        left join access_token u on u.tenant_id = c.tenant_id and u.id = c.access_token_id
       order by v.at desc, v.id desc`;
  }

  /** By the enterprises' names, with a row for each token that opens one which others open too. */
  async overlaps(tx: Tx, filter: OverlapsFilter, after: Key, limit: number): Promise<StoredOverlap[]> {
    const open = openAt(filter.asOf);
    // Of one tenant its id is no part of the order: the planner would sort everything again for it.
    const order = filter.tenantId ? sql`e.name, e.id` : sql`e.tenant_id, e.name, e.id`;
    const where = allOf([
      filter.tenantId && sql`e.tenant_id = ${filter.tenantId}`,
      filter.enterpriseId && sql`e.id = ${filter.enterpriseId}`,
      filter.q ? sql`strpos(lower(e.name), lower(${filter.q})) > 0` : undefined,
      after ? sql`(e.tenant_id, e.name, e.id) >= (${after[0]}::uuid, ${after[1]}, ${after[2]}::uuid)` : undefined,
    ]);
    // The enterprise at which the page before ended is gone on with.
    const beyond = after ? sql`((e.tenant_id, e.id) <> (${after[0]}::uuid, ${after[2]}::uuid) or r.access_token_id > ${after[3]}::uuid)` : sql`true`;
    // Every enterprise gives two rows at least, but for the first: no more than a page of them is looked at.
    return tx.sql<StoredOverlap>`
      with page as (
        select e.tenant_id, e.id, e.name, r.via, r.first_seen_at, r.access_token_id
          from (select e.tenant_id, e.id, e.name from enterprise e
                 where ${where} and exists (select 1 from reach r where r.tenant_id = e.tenant_id and r.enterprise_id = e.id and ${open} offset 1)
                 order by ${order} limit ${limit}) e
         cross join lateral (select r.via, r.first_seen_at, r.access_token_id from reach r
                where r.tenant_id = e.tenant_id and r.enterprise_id = e.id and ${open} and ${beyond} order by r.access_token_id limit ${limit}) r
         order by ${order}, r.access_token_id limit ${limit}),
      counted as materialized (
        select d.tenant_id, d.id, n.tokens, n.own
          from (select distinct tenant_id, id from page) d
         cross join lateral (select count(*) as tokens, count(*) filter (where k.kind = 'enterprise') as own
            from reach r join access_token k on k.tenant_id = r.tenant_id and k.id = r.access_token_id
           where r.tenant_id = d.tenant_id and r.enterprise_id = d.id and ${open}) n)
      select o.tenant_id as "tenantId", o.id as "enterpriseId", o.name as "enterpriseName", n.tokens, n.own, o.via, o.first_seen_at as "firstSeenAt",
             o.access_token_id as "accessTokenId", t.hint, t.label, t.kind, t.status,
             u.id as "usedAccessTokenId", u.hint as "usedHint", u.kind as "usedKind", s.state as "connectionState"
        from page o
        join counted n on n.tenant_id = o.tenant_id and n.id = o.id
        join access_token t on t.tenant_id = o.tenant_id and t.id = o.access_token_id
        left join connection_state s on s.tenant_id = o.tenant_id and s.enterprise_id = o.id
        left join access_token u on u.tenant_id = s.tenant_id and u.id = s.access_token_id
       order by o.tenant_id, o.name, o.id, o.access_token_id`;
  }

  /** The longest unused first. */
  async unused(tx: Tx, filter: UnusedFilter, after: Key, limit: number): Promise<StoredUnused[]> {
    // Whole milliseconds, as a cursor holds them.
    const idleSince = sql`date_trunc('milliseconds', coalesce(greatest(t.last_synced_at, t.last_interactive_at), t.created_at))`;
    const where = allOf([
      sql`t.status <> 'revoked' and ${idleSince} <= now() - ${filter.days} * interval '24 hours'`,
      filter.tenantId && sql`t.tenant_id = ${filter.tenantId}`,
      filter.status && sql`t.status = ${filter.status}`,
      filter.kind && sql`t.kind = ${filter.kind}`,
      after ? sql`(${idleSince}, t.id) > (${after[0]}::timestamptz, ${after[1]}::uuid)` : undefined,
    ]);
    return tx.sql<StoredUnused>`
      select t.tenant_id as "tenantId", t.id as "accessTokenId", t.hint, t.label, t.fingerprint, t.kind, t.status, t.environment_id as environment, t.created_at as "createdAt",
             greatest(t.last_synced_at, t.last_interactive_at) as "lastUsedAt", t.last_synced_at as "lastSyncedAt", t.last_interactive_at as "lastInteractiveAt",
             t.last_verified_at as "lastVerifiedAt", ${idleSince} as "idleSince", ${daysSince(sql`t.created_at`)} as "ageDays", ${daysSince(idleSince)} as "unusedDays",
             (select count(*) from reach r where r.tenant_id = t.tenant_id and r.access_token_id = t.id and r.lost_at is null) as opens,
             (select count(*) from connection c where c.tenant_id = t.tenant_id and c.access_token_id = t.id) as serves
        from access_token t where ${where} order by ${idleSince}, t.id limit ${limit}`;
  }

  /** @param at the time to tell it for, now unless given */
  async opened(tx: Tx, tenantId: TenantId, token: AccessTokenId, at?: Date): Promise<OpenedCounts> {
    const [row] = await tx.sql<OpenedCounts>`
      select count(*) as opens, count(distinct e.chain_id) as chains,
             (select count(*) from connection c where c.tenant_id = ${tenantId} and c.access_token_id = ${token}) as serves,
             count(*) filter (where not exists (select 1 from reach r where r.tenant_id = mine.tenant_id and r.enterprise_id = mine.enterprise_id and r.access_token_id <> mine.access_token_id and ${openAt(at)})) as "onlyThis"
        from (select r.* from reach r where r.tenant_id = ${tenantId} and r.access_token_id = ${token} and ${openAt(at)}) mine
        join enterprise e on e.tenant_id = mine.tenant_id and e.id = mine.enterprise_id`;
    if (!row) throw new Error('aggregates without a row');
    return row;
  }
}

const daysSince = (at: Sql): Sql => sql`floor(extract(epoch from now() - ${at}) / 86400)::int`;
