// Postgres decides what runs next: due schedules become runs, dead leases come back, and ready runs are admitted in turns.
import { Injectable } from '@nestjs/common';
import { sql, type Sql, type EnterpriseId, type PlatformTx, type RunId, type TenantId } from '@keyrack/core';
import { collections, isShareable } from '@keyrack/mews';
import type { Cadence } from './schedule.js';
import { LONG } from './run.js';
import { needs } from './synced.js';

const DISPATCH_LOCK = 7_254_197;
/** Processes that die one after another while they work on a run alone, without a step of it in between, before it is set aside. */
const DEATHS_MAX = 3;
/** The last try waits, so that whatever kills all processes alike is over. */
const LAST_TRY_AFTER_S = 30;

export interface DueSchedule extends Cadence {
  tenantId: TenantId; id: string; enterpriseId: EnterpriseId; collection: string; dueAt: Date;
  environmentId: string; accessTokenId: string; chainId: string; usable: boolean;
}

export interface NewRun { tenantId: string; id: string; collection: string; source: string; enterpriseId: string; accessTokenId: string; priority: number; /** Where the source was never read. */ firstPriority: number; /** How lately another run of the source makes this one needless. */ restMs: number; /** How long it must wait before it may start. */ delayMs: number }

/** A ready run that goes to the queue. `turn`: how many of its tenant are in hands with it; who has few goes first there too. */
export interface Admitted { tenantId: TenantId; id: RunId; admission: number; turn: number }

const shareable = collections.filter(isShareable).map((entry) => entry.name);

// The clock in a subquery of its own: called for each row, it would cost more than the row.
const now = sql`(select clock_timestamp())`;

/** A run `r` that is on its way to a worker, unless that takes longer than `claimMs`. */
const onItsWay = (r: Sql, claimMs: number): Sql => sql`coalesce(${r}.admitted_at >= (select clock_timestamp() - ${claimMs} * interval '1 ms'), false)`;

/** A run `r` that takes others of its collection and token along, or rides along with one. */
const shares = (r: Sql): Sql => sql`${r}.collection = any(${shareable}) and ${r}.planned_at is null and not ${r}.apart and not ${r}.backfill`;

/** A run `need` that others wait for. Not for a paused one, which may stay so for days: what was never read they find missing, and say so. */
const comesFirst = sql`not need.backfill and need.state in ('queued', 'running', 'waiting') and need.wait_reason is distinct from 'paused'`;

/** A run `r` for which it is time, and which waits for no other collection. Of a chain's as its own token sees them: the trouble of another token stays its own. */
const open = (r: Sql): Sql => sql`
  ${r}.state in ('queued', 'waiting') and ${r}.leader_id is null and ${r}.available_at <= ${now}
  and not exists (
    select 1 from ${needsOf('enterprise')}
      join run need on need.tenant_id = ${r}.tenant_id and need.collection = d.needs and need.source = ${r}.enterprise_id::text and ${comesFirst}
     where d.collection = ${r}.collection)
  and not exists (
    select 1 from ${needsOf('chain')}
      join enterprise e on e.tenant_id = ${r}.tenant_id and e.id = ${r}.enterprise_id
      join run need on need.tenant_id = ${r}.tenant_id and need.collection = d.needs and need.source in (${r}.source, e.chain_id || ':' || ${r}.access_token_id) and ${comesFirst}
     where d.collection = ${r}.collection)`;

function needsOf(owner: 'enterprise' | 'chain'): Sql {
  const owned = needs.filter((need) => need.owner === owner);
  return sql`unnest(${owned.map((need) => need.collection)}::text[], ${owned.map((need) => need.needs)}::text[]) as d (collection, needs)`;
}

@Injectable()
export class DispatchRepository {
  /**
   * One dispatcher at a time, whatever the number of workers. Held to the end of the transaction. Null for those who do not lead;
   * else what there is to do besides admitting: most turns find neither. What a crash takes of a turn the next one does again.
   */
  async lead(tx: PlatformTx): Promise<{ due: boolean; lost: boolean } | null> {
    const [row] = await tx.prepared<{ leads: boolean; due: boolean; lost: boolean }>('dispatch-lead', sql`
      select pg_try_advisory_xact_lock(${DISPATCH_LOCK}) as leads, set_config('synchronous_commit', 'off', true), set_config('enable_seqscan', 'off', true), exists (select 1 from schedule where enabled and next_run_at <= now()) as due,
             exists (select 1 from run where state = 'running' and leader_id is null and lease_until < clock_timestamp())
               or exists (select 1 from run m join run l on l.tenant_id = m.tenant_id and l.id = m.leader_id
                           where m.leader_id is not null and m.state in ('queued', 'running', 'waiting') and l.state not in ('queued', 'running', 'waiting')) as lost`);
    return row?.leads ? row : null;
  }

  /** Those that are due, and those that soon will be and can share the requests of one: once together, they stay so. */
  async due(tx: PlatformTx, limit: number): Promise<DueSchedule[]> {
    return tx.sql<DueSchedule>`
      with due as (select * from schedule where enabled and next_run_at <= now() order by next_run_at limit ${limit} for update skip locked),
      along as (
        select s.*
          from (select distinct c.tenant_id, c.access_token_id, due.collection from due join connection_state c using (tenant_id, enterprise_id) where due.collection = any(${shareable}) and c.kind = 'portfolio') stream
          join connection c using (tenant_id, access_token_id)
          -- By the key of each: a join would read every schedule there is.
          cross join lateral (
            select * from schedule
             where tenant_id = c.tenant_id and enterprise_id = c.enterprise_id and collection = stream.collection
               and enabled and next_run_at > now() and next_run_at <= now() + every::interval / 2
               for update skip locked) s)
      select s.tenant_id as "tenantId", s.id, s.enterprise_id as "enterpriseId", s.collection, s.next_run_at as "dueAt", s.every, s.cron, s.time_zone as "timeZone",
             c.environment_id as "environmentId", c.access_token_id as "accessTokenId", c.chain_id as "chainId", c.state is not distinct from 'usable' as usable
        from (select * from due union all select * from along) s
        left join connection_state c on c.tenant_id = s.tenant_id and c.enterprise_id = s.enterprise_id`;
  }

  async reschedule(tx: PlatformTx, next: readonly { id: string; tenantId: string; at: Date }[]): Promise<void> {
    await tx.sql`
      update schedule s set next_run_at = n.at from json_to_recordset(${JSON.stringify(next.map((one) => ({ id: one.id, tenant_id: one.tenantId, at: one.at })))}::json) as n (id uuid, tenant_id uuid, at timestamptz)
       where s.tenant_id = n.tenant_id and s.id = n.id`;
  }

  /**
   * Queues increments, one for each source: not where one is live, where the collection is unavailable, or where another
   * enterprise of the same chain and token was served a moment ago.
   */
  async createRuns(tx: PlatformTx, runs: readonly NewRun[]): Promise<void> {
    const rows = runs.map((run) => ({ tenant_id: run.tenantId, id: run.id, collection: run.collection, source: run.source, enterprise_id: run.enterpriseId, access_token_id: run.accessTokenId, priority: run.priority, first_priority: run.firstPriority, rest_ms: run.restMs, delay_ms: run.delayMs }));
    await tx.sql`
      insert into run (tenant_id, id, collection, source, enterprise_id, access_token_id, mode, trigger, priority, available_at)
      select distinct on (r.tenant_id, r.collection, r.source) r.tenant_id, r.id, r.collection, r.source, r.enterprise_id, r.access_token_id, 'incremental', 'schedule', case when s.completed_at is null then r.first_priority else r.priority end, clock_timestamp() + r.delay_ms * interval '1 ms'
        from json_to_recordset(${JSON.stringify(rows)}::json) as r (tenant_id uuid, id uuid, collection text, source text, enterprise_id uuid, access_token_id uuid, priority int, first_priority int, rest_ms int, delay_ms int)
        left join sync_state s on s.tenant_id = r.tenant_id and s.collection = r.collection and s.source = r.source
       where coalesce(s.unavailable_until < now(), true)
         and (r.source = r.enterprise_id::text or coalesce(s.completed_at < now() - r.rest_ms * interval '1 ms', true))
       order by r.tenant_id, r.collection, r.source, r.enterprise_id
      on conflict (tenant_id, collection, source, backfill) where state in ('queued', 'running', 'waiting') do nothing`;
  }

  /**
   * Puts back what a dead process held, all at once when the last of its leases is over; sets aside a run under which one process after
   * another died. Of a process that renews its others, a run that it does not know to have comes back alone: its claim, or its end, was lost
   * with a connection. They keep their place: what was begun goes before what was not.
   * A run whose row is locked is writing a page, or its process froze in doing so: waiting for it would hold up the dispatch of all.
   * @param leaseMs of which a process renews all that it has every third
   */
  async reap(tx: PlatformTx, leaseMs: number): Promise<void> {
    await tx.sql`
      with process as (
        select worker, count(*) = 1 as one_run, max(lease_until) < clock_timestamp() as dead from run
         where state = 'running' and worker in (select worker from run where state = 'running' and lease_until < clock_timestamp()) group by worker),
      held as (
        select run.tenant_id, run.id, dead and one_run as alone from run join process using (worker)
         -- Looked at again when its lock is held: a lease that was renewed meanwhile is good.
         where state = 'running' and (dead or lease_until < clock_timestamp() - ${leaseMs / 2} * interval '1 ms') and lease_until < clock_timestamp()
           for no key update of run skip locked),
      verdict as (select held.*, alone and run.deaths + 1 >= ${DEATHS_MAX} as poison, alone and run.deaths + 2 = ${DEATHS_MAX} as last_try from held join run using (tenant_id, id))
      update run set worker = null, lease_until = null, interruptions = interruptions + 1, deaths = deaths + alone::int,
             state = case when poison then 'failed' else 'queued' end,
             finished_at = case when poison then clock_timestamp() end,
             -- Runs that were ended together again and again come back apart, so that the one which ends its process is soon alone.
             available_at = case when last_try then clock_timestamp() + ${LAST_TRY_AFTER_S} * interval '1 s' when interruptions < 3 then available_at else clock_timestamp() + random() * least(20, 2 ^ (interruptions - 2)) * interval '1 s' end,
             error = case when poison then ${JSON.stringify({ code: 'run.poison', message: `${DEATHS_MAX} worker processes died while they worked on this run alone without getting on with it; it is set aside so that it harms no other` })}::jsonb else error end
        from verdict
       where run.tenant_id = verdict.tenant_id and run.id = verdict.id`;
  }

  /** Puts back what rode along with a run that has ended; apart where it failed, since nobody knows whose trouble it was. */
  async release(tx: PlatformTx): Promise<void> {
    await tx.sql`
      update run m set state = case when m.wait_reason = 'paused' then m.state else 'queued' end, leader_id = null, planned_at = null, apart = m.apart or l.state = 'failed'
        from run l
       where m.leader_id is not null and m.state in ('queued', 'running', 'waiting') and l.tenant_id = m.tenant_id and l.id = m.leader_id
         and l.state not in ('queued', 'running', 'waiting')`;
  }

  /**
   * Chooses up to `runs` ready runs of up to `tenants` tenants: they take turns, at most `perTenant` of one are on their way to a worker
   * at a time, and what a run depends on goes first. Those that a worker has hold up nobody: where all places are taken each is left after
   * a second. What is quick waits for no turn of what takes long. Of runs that can share their requests one is admitted, and takes the
   * others along.
   * `claimMs`: an admitted run that nobody claimed within this time is admitted again, since its job was lost.
   */
  async admit(tx: PlatformTx, { tenants, runs, perTenant, claimMs }: { tenants: number; runs: number; perTenant: number; claimMs: number }): Promise<Admitted[]> {
    const r = sql`r`, m = sql`m`, admitted = (one: Sql): Sql => onItsWay(one, claimMs);
    return tx.prepared('dispatch-admit', sql`
      -- By the index of live runs: whatever the planner's statistics say, the runs that are over must not be read.
      with live as materialized (
        select tenant_id, count(*) filter (where state = 'running' or ${admitted(sql`run`)}) as busy, count(*) filter (where (state = 'running' or ${admitted(sql`run`)}) and priority < ${LONG}) as quick, count(*) filter (where ${admitted(sql`run`)}) as coming
          from run where state in ('queued', 'running', 'waiting') and leader_id is null group by tenant_id),
      -- The first of each tenant in the order of the index, so that the length of its backlog costs nothing.
      ready as (
        select live.tenant_id, first.id, case when first.priority < ${LONG} then live.quick else live.busy end + first.place as turn from live, lateral (
          select r.id, r.priority, row_number() over (order by r.priority, r.available_at, r.id) as place from run r
           where r.tenant_id = live.tenant_id and not ${admitted(r)} and ${open(r)}
             and not (${shares(r)} and exists (
               select 1 from run m
                where m.tenant_id = r.tenant_id and m.collection = r.collection and m.access_token_id = r.access_token_id and m.mode = r.mode and ${shares(m)}
                  and (${admitted(m)} or (m.priority, m.available_at, m.id) < (r.priority, r.available_at, r.id)) and ${open(m)}))
           order by r.priority, r.available_at, r.id limit greatest(${perTenant} - live.coming, 0)) first),
      -- Those with the same turn by lot: in an order of its own, the last of many would never come.
      served as (select tenant_id, random() as lot from ready group by tenant_id order by min(turn), lot limit ${tenants})
      update run set admitted_at = clock_timestamp(), admission = admission + 1
        -- A run whose row is locked is being claimed and planned, which may take long: waiting for it would hold up the dispatch of all.
        from (select tenant_id, id, turn from ready join served using (tenant_id) join run using (tenant_id, id) order by turn, lot limit ${runs}
                 for no key update of run skip locked) chosen
       where run.tenant_id = chosen.tenant_id and run.id = chosen.id
      returning run.tenant_id as "tenantId", run.id, run.admission, chosen.turn`);
  }

  /** Connected enterprises that have no schedule yet: a process may have died between connecting and scheduling. */
  async unscheduled(tx: PlatformTx): Promise<{ tenantId: TenantId; enterpriseId: EnterpriseId }[]> {
    return tx.sql`
      select c.tenant_id as "tenantId", c.enterprise_id as "enterpriseId" from connection c
       where c.connected_at > now() - interval '1 day' and not exists (select 1 from schedule s where s.tenant_id = c.tenant_id and s.enterprise_id = c.enterprise_id)
       limit 100`;
  }
}
