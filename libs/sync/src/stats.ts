// Counts per collection and source, what cannot be read, and how fresh and busy each enterprise is.
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Database, durationMs, sql, type EnterpriseId, type TenantActor, type TenantTx } from '@keyrack/core';
import { freshness, freshnessShape } from './schedule.js';
import { PLATFORM_SOURCE } from './run.js';
import { sourceOfSchedule } from './synced.js';

const instant = z.iso.datetime();

export const statsShape = z.object({
  collections: z.array(z.object({ collection: z.string(), records: z.int(), deleted: z.int(), lastChangedAt: instant.nullable() })),
  items: z.array(z.object({
    collection: z.string(), enterpriseId: z.guid().nullable(), chainId: z.guid().nullable(), records: z.int(), deleted: z.int(), lastChangedAt: instant.nullable(),
  })).describe('Per enterprise, or per chain for records that belong to one'),
  unavailable: z.array(z.object({ collection: z.string(), enterpriseId: z.guid().nullable(), chainId: z.guid().nullable(), accessTokenId: z.guid().nullable(), reason: z.string(), until: instant })),
}).meta({ id: 'Stats' });
export type Stats = z.infer<typeof statsShape>;

export const activityShape = z.object({
  freshness: freshnessShape.describe('Of its worst collection; where all are fresh, of the most often pulled one'),
  activity: z.object({ running: z.int(), waiting: z.int(), queued: z.int(), failed: z.int().describe('Collections whose last run failed or asks for review') }),
}).meta({ id: 'EnterpriseActivity' });
export type EnterpriseActivity = z.infer<typeof activityShape>;

interface CountRow { collection: string; enterpriseId: string | null; chainId: string | null; records: number; deleted: number; lastChangedAt: Date | null }
interface LiveRow { enterpriseId: string; running: number; waiting: number; queued: number }
interface CollectionRow { enterpriseId: string; every: string | null; highWater: Date | null; unavailable: boolean; failed: boolean; now: Date }

@Injectable()
export class StatsService {
  constructor(private readonly db: Database) {}

  async stats(me: TenantActor): Promise<Stats> {
    return this.db.inTenant(me.tenantId, async (tx) => {
      const rows = await tx.sql<CountRow>`
        select collection, enterprise_id as "enterpriseId", chain_id as "chainId", sum(live)::bigint as records, sum(deleted)::bigint as deleted, max(last_changed_at) as "lastChangedAt"
          from record_count where tenant_id = ${tx.tenantId} group by collection, enterprise_id, chain_id order by collection, enterprise_id, chain_id`;
      return { collections: totals(rows), items: rows.map(withIso), unavailable: await this.#unavailable(tx) };
    });
  }

  /** Freshness and activity of the enterprises, in two values that must not be mixed: a running sync is not a success. */
  async activity(me: TenantActor, enterpriseIds: readonly EnterpriseId[]): Promise<Map<string, EnterpriseActivity>> {
    const ids = [...enterpriseIds];
    return this.db.inTenant(me.tenantId, async (tx) => {
      const live = await tx.sql<LiveRow>`
        select enterprise_id as "enterpriseId", count(*) filter (where state = 'running') as running, count(*) filter (where state = 'waiting') as waiting, count(*) filter (where state = 'queued') as queued
          from run where tenant_id = ${tx.tenantId} and enterprise_id = any(${ids}::uuid[]) and state in ('queued', 'running', 'waiting') group by enterprise_id`;
      const collections = await tx.run<CollectionRow>(sql`
        select s.enterprise_id as "enterpriseId", s.every, state.high_water as "highWater", coalesce(state.unavailable_until > now(), false) as unavailable,
               coalesce(last.state in ('failed', 'needs_review'), false) as failed, now() as now
          from schedule s
          join enterprise e on e.tenant_id = s.tenant_id and e.id = s.enterprise_id
          left join connection c on c.tenant_id = s.tenant_id and c.enterprise_id = s.enterprise_id
          cross join lateral (select ${sourceOfSchedule} as source) pulled
          left join sync_state state on state.tenant_id = s.tenant_id and state.collection = s.collection and state.source = pulled.source
          left join lateral (select state from run
            where tenant_id = s.tenant_id and collection = s.collection and source = pulled.source order by id desc limit 1) last on true
         where s.tenant_id = ${tx.tenantId} and s.enterprise_id = any(${ids}::uuid[]) and s.enabled`);
      return new Map(ids.map((id) => {
        const own = collections.filter((row) => row.enterpriseId === id);
        const { running, waiting, queued } = live.find((row) => row.enterpriseId === id) ?? { running: 0, waiting: 0, queued: 0 };
        return [id, { freshness: overall(own), activity: { running, waiting, queued, failed: own.filter((row) => row.failed).length } }];
      }));
    });
  }

  async #unavailable(tx: TenantTx): Promise<Stats['unavailable']> {
    const rows = await tx.sql<{ collection: string; source: string; reason: string; until: Date }>`
      select collection, source, unavailable_reason as reason, unavailable_until as until from sync_state
       where tenant_id = ${tx.tenantId} and unavailable_until > now() order by collection, source`;
    return rows.map(({ collection, source, reason, until }) => {
      const [scope = null, accessTokenId = null] = source.startsWith(PLATFORM_SOURCE) ? [] : source.split(':');
      return { collection, enterpriseId: accessTokenId === null ? scope : null, chainId: accessTokenId === null ? null : scope, accessTokenId, reason, until: until.toISOString() };
    });
  }
}

const severity = ['never', 'stale', 'fresh', 'unavailable'] as const;

/** The worst of the collections; where all are fresh, the most often pulled ones speak. */
function overall(collections: readonly CollectionRow[]): EnterpriseActivity['freshness'] {
  const each = collections.map((row) => ({ ...freshness(row, row.now), everyMs: durationMs(row.every ?? 'P1D') ?? 0 }));
  const worst = each.sort((a, b) => severity.indexOf(a.state) - severity.indexOf(b.state) || a.everyMs - b.everyMs || (b.lagSeconds ?? 0) - (a.lagSeconds ?? 0))[0];
  return worst ? { state: worst.state, lagSeconds: worst.lagSeconds } : { state: 'never', lagSeconds: null };
}

const withIso = (row: CountRow) => ({ ...row, lastChangedAt: row.lastChangedAt?.toISOString() ?? null });

function totals(rows: readonly CountRow[]): Stats['collections'] {
  const sums = new Map<string, CountRow>();
  for (const row of rows) {
    const sum = sums.get(row.collection);
    if (!sum) sums.set(row.collection, { ...row });
    else Object.assign(sum, { records: sum.records + row.records, deleted: sum.deleted + row.deleted, lastChangedAt: later(sum.lastChangedAt, row.lastChangedAt) });
  }
  return [...sums.values()].map(({ collection, records, deleted, lastChangedAt }) => ({ collection, records, deleted, lastChangedAt: lastChangedAt?.toISOString() ?? null }));
}

const later = (a: Date | null, b: Date | null): Date | null => (a && b ? (a > b ? a : b) : a ?? b);
