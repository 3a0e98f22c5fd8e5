// What a tenant's first page shows: numbers, what needs attention by cause, and what is still to do at first use.
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Database, type TenantActor, type TenantTx, dayOldId } from '@keyrack/core';

export const overviewShape = z.object({
  enterprises: z.object({ connected: z.int(), reached: z.int() }),
  accessTokens: z.object({ active: z.int(), invalid: z.int(), disabled: z.int() }),
  runs: z.object({ running: z.int(), waiting: z.int(), queued: z.int(), failedLast24h: z.int() }),
  records: z.int(),
  attention: z.array(z.object({ code: z.string(), title: z.string(), count: z.int(), detail: z.string() })),
  checklist: z.array(z.object({ step: z.string(), done: z.boolean() })),
}).meta({ id: 'Overview' });
export type OverviewView = z.infer<typeof overviewShape>;

interface Numbers {
  connected: number; reached: number; active: number; invalid: number; disabled: number; running: number; waiting: number; queued: number; failedLast24h: number;
  records: number; lost: number; unconnected: number; completed: number; apiKeys: number;
}

@Injectable()
export class Overview {
  constructor(private readonly db: Database) {}

  async get(me: TenantActor): Promise<OverviewView> {
    return this.db.inTenant(me.tenantId, async (tx) => {
      const n = await this.#numbers(tx);
      const { connected, reached, active, invalid, disabled, running, waiting, queued, failedLast24h, records } = n;
      return {
        enterprises: { connected, reached }, accessTokens: { active, invalid, disabled }, runs: { running, waiting, queued, failedLast24h }, records,
        attention: [...causes(n), ...await this.#failures(tx)].filter((cause) => cause.count > 0),
        checklist: [
          { step: 'Add an AccessToken', done: active + invalid + disabled > 0 },
          { step: 'Connect an enterprise', done: connected > 0 },
          { step: 'See a first sync through', done: n.completed > 0 },
          { step: 'Make an API key for your software', done: n.apiKeys > 0 },
        ],
      };
    });
  }

  async #numbers(tx: TenantTx): Promise<Numbers> {
    const [row] = await tx.sql<Numbers>`
      select (select count(*) from connection where tenant_id = ${tx.tenantId}) as connected,
             (select count(distinct enterprise_id) from reach where tenant_id = ${tx.tenantId} and lost_at is null) as reached,
             (select count(distinct r.enterprise_id) from reach r where r.tenant_id = ${tx.tenantId} and r.lost_at is null
                and not exists (select 1 from connection c where c.tenant_id = r.tenant_id and c.enterprise_id = r.enterprise_id)) as unconnected,
             (select count(*) from connection_state where tenant_id = ${tx.tenantId} and state = 'enterprise_lost') as lost,
             t.active, t.invalid, t.disabled, r.running, r.waiting, r.queued, r.failed as "failedLast24h",
             (select coalesce(sum(live), 0)::bigint from record_count where tenant_id = ${tx.tenantId}) as records,
             (select count(*) from sync_state where tenant_id = ${tx.tenantId} and completed_at is not null) as completed,
             (select count(*) from api_key where tenant_id = ${tx.tenantId} and revoked_at is null) as "apiKeys"
        from (select count(*) filter (where status = 'active') as active, count(*) filter (where status = 'invalid') as invalid, count(*) filter (where status = 'disabled') as disabled
                from access_token where tenant_id = ${tx.tenantId}) t,
             (select count(*) filter (where state = 'running') as running, count(*) filter (where state = 'waiting') as waiting, count(*) filter (where state = 'queued') as queued,
                     count(*) filter (where state = 'failed' and finished_at > now() - interval '1 day') as failed
                from run where tenant_id = ${tx.tenantId} and (state in ('queued', 'running', 'waiting') or (state = 'failed' and id > ${dayOldId()}::uuid))) r`;
    if (!row) throw new Error('aggregates without a row');
    return row;
  }

  /** The collections whose last run did not end well, by cause. */
  async #failures(tx: TenantTx): Promise<OverviewView['attention']> {
    const rows = await tx.sql<{ state: string; code: string | null; message: string | null; count: number }>`
      select state, error->>'code' as code, min(error->>'message') as message, count(*) as count
        from (select distinct on (collection, source) state, error from run
               where tenant_id = ${tx.tenantId} and state in ('succeeded', 'failed', 'needs_review') and id > ${dayOldId(30)}::uuid
               order by collection, source, id desc) last
       where state <> 'succeeded' group by state, code order by count desc limit 20`;
    return rows.map(({ state, code, message, count }) => ({
      code: state === 'needs_review' ? 'run.deletions_need_review' : code ?? 'internal', count, detail: message ?? '',
      title: state === 'needs_review' ? 'Deletions wait for a review' : 'Syncs that failed',
    }));
  }
}

const causes = (n: Numbers): OverviewView['attention'] => [
  { code: 'access_token.invalid', title: 'Mews refuses AccessTokens', count: n.invalid, detail: 'Their schedules are paused. Look at the reason, then verify or rotate each.' },
  { code: 'enterprise.lost', title: 'Connected enterprises that their token no longer opens', count: n.lost, detail: 'Their schedules are paused and resume by themselves when Mews lists them again.' },
  { code: 'access_token.disabled', title: 'AccessTokens are switched off', count: n.disabled, detail: 'Nothing is synced through them until they are enabled.' },
  { code: 'enterprise.unconnected', title: 'Enterprises that are reached but not connected', count: n.unconnected, detail: 'A token opens them, and nobody decided to use it for them.' },
];
