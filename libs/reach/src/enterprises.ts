// The enterprises that a tenant's AccessTokens open or once opened, as Mews names them.
import { Injectable } from '@nestjs/common';
import {
  allOf, AppError, Database, decodeCursor, sql, toPage, type AccessTokenId, type ChainId, type EnterpriseId, type EnvironmentId, type Page, type TenantActor, type TenantTx,
} from '@keyrack/core';
import type { TokenKind } from './reach.js';
import type { EnterpriseItem, EnterprisesQuery } from './reach.schemas.js';

/** What Keyrack keeps of an enterprise that Mews lists. */
export interface ListedEnterprise { id: EnterpriseId; chainId: ChainId; name: string; timeZone: string; createdUtc: Date }

interface StoredEnterprise {
  id: EnterpriseId; name: string; chainId: ChainId; timeZone: string; environment: string; tokens: number;
  accessTokenId: AccessTokenId | null; hint: string; kind: TokenKind; connectedAt: Date; state: string;
}

@Injectable()
export class Enterprises {
  constructor(private readonly db: Database) {}

  /** By name. */
  async list(me: TenantActor, query: EnterprisesQuery): Promise<Page<EnterpriseItem>> {
    const after = decodeCursor(query.cursor, 2);
    const where = allOf([
      query.connected === undefined ? undefined : query.connected ? sql`c.enterprise_id is not null` : sql`c.enterprise_id is null`,
      query.q ? sql`(strpos(lower(e.name), lower(${query.q})) > 0 or e.id::text = lower(${query.q}))` : undefined,
      after ? sql`(e.name, e.id) > (${after[0]}, ${after[1]}::uuid)` : undefined,
    ]);
    const rows = await this.db.inTenant(me.tenantId, (tx) => tx.run<StoredEnterprise>(sql`${selected} where ${where} order by e.name, e.id limit ${query.limit + 1}`));
    const page = toPage(rows, query.limit, (row) => [row.name, row.id]);
    return { ...page, items: page.items.map(publicItem) };
  }

  /** @throws AppError `enterprise.not_found` */
  async get(me: TenantActor, id: EnterpriseId): Promise<EnterpriseItem> {
    const [row] = await this.db.inTenant(me.tenantId, (tx) => tx.run<StoredEnterprise>(sql`${selected} where e.id = ${id}`));
    if (!row) throw new AppError('enterprise.not_found', { detail: 'No AccessToken of this tenant has ever opened an enterprise with this id: GET …/enterprises lists those that are known' });
    return publicItem(row);
  }

  /**
   * Writes what Mews says about enterprises; those that did not change are neither written nor locked.
   * @throws AppError `environment.mismatch` when one of them is known in another environment of this tenant.
   */
  async upsert(tx: TenantTx, environment: EnvironmentId, listed: readonly ListedEnterprise[]): Promise<void> {
    // In the order of ids, so that two sweeps of the same enterprises wait for each other instead of locking each other out.
    const sorted = [...listed].sort((a, b) => (a.id < b.id ? -1 : 1));
    await tx.sql`
      insert into enterprise (tenant_id, id, environment_id, chain_id, name, time_zone, created_utc)
      select ${tx.tenantId}::uuid, l.id, ${environment}, l.chain_id, l.name, l.time_zone, l.created_utc
        from unnest(${sorted.map((e) => e.id)}::uuid[], ${sorted.map((e) => e.chainId)}::uuid[], ${sorted.map((e) => e.name)}::text[],
                    ${sorted.map((e) => e.timeZone)}::text[], ${sorted.map((e) => e.createdUtc)}::timestamptz[]) with ordinality l (id, chain_id, name, time_zone, created_utc, ord)
        left join enterprise e on e.id = l.id
       where e.id is null or (e.environment_id = ${environment}::text and (e.chain_id, e.name, e.time_zone, e.created_utc) is distinct from (l.chain_id, l.name, l.time_zone, l.created_utc))
       order by l.ord
      on conflict (tenant_id, id) do update set chain_id = excluded.chain_id, name = excluded.name, time_zone = excluded.time_zone,
        created_utc = excluded.created_utc, updated_at = now() where enterprise.environment_id = excluded.environment_id`;
    const foreign = await tx.sql<{ id: EnterpriseId; environment: string }>`
      select id, environment_id as environment from enterprise where id = any(${sorted.map((e) => e.id)}::uuid[]) and environment_id <> ${environment} order by id`;
    const [first] = foreign;
    if (first) {
      throw new AppError('environment.mismatch', {
        detail: `Enterprise ${first.id} is known in the environment "${first.environment}", but this AccessToken was given for "${environment}". Choose the environment that issued the token; if two environments stand for the same Mews platform, use one of them`,
        data: { enterpriseIds: foreign.map((row) => row.id) },
      });
    }
  }
}

const selected = sql`
  select e.id, e.name, e.chain_id as "chainId", e.time_zone as "timeZone", e.environment_id as environment,
         c.access_token_id as "accessTokenId", t.hint, t.kind, c.connected_at as "connectedAt", s.state,
         (select count(*) from reach r where r.tenant_id = e.tenant_id and r.enterprise_id = e.id and r.lost_at is null) as tokens
    from enterprise e
    left join connection c on c.tenant_id = e.tenant_id and c.enterprise_id = e.id
    left join connection_state s on s.tenant_id = c.tenant_id and s.enterprise_id = c.enterprise_id
    left join access_token t on t.tenant_id = c.tenant_id and t.id = c.access_token_id`;

function publicItem({ accessTokenId, hint, kind, connectedAt, state, ...enterprise }: StoredEnterprise): EnterpriseItem {
  if (accessTokenId === null) return { ...enterprise, connected: false, connection: null };
  return { ...enterprise, connected: true, connection: { accessTokenId, hint, kind, connectedAt: connectedAt.toISOString(), state: state as 'usable' } };
}
