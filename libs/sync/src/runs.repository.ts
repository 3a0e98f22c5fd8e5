// The ledger of a run in progress: claim, plan, page by page, finish. Every write names the fence; a stale one changes no row.
import { Injectable } from '@nestjs/common';
import { AppError, sql, type AccessTokenId, type PlatformTx, type RunId, type TenantTx } from '@keyrack/core';
import type { CollectionEntry } from '@keyrack/mews';
import type { ParentsSeen } from './parents.js';
import type { WindowPlan } from './plan.js';
import { SeenIds } from './seen.js';
import type { ClaimedRun, RunError, RunMode, RunState, RunWindow, WaitReason } from './run.js';

/** Another worker has taken the run, or it was cancelled or its lease ended: stop, whatever was being done. */
export class StaleFence extends Error {
  override readonly name = 'StaleFence';
}

export interface PageProgress {
  window: RunWindow; nextCursor: string | null; records: number;
  added: number; updated: number; unchanged: number; quarantined: number;
  answeredAt: Date;
}

interface LockedRun { id: RunId; state: RunState; collection: string; source: string; mode: RunMode; waitReason: WaitReason | null }
export interface StoredPlan { mode: RunMode; planTo: Date; sweeps: boolean; accessTokenId: AccessTokenId; fallback: boolean; refused: readonly AccessTokenId[]; parentsSeen: ParentsSeen }
export interface SourceState { fullAt: Date | null; parentsSeen: ParentsSeen; fallback: boolean; refused: AccessTokenId[]; live: number }

/** After this time an operation or a token that was refused is tried again. */
const REFUSED_DAYS = 7;
/** Pages of seen ids that are read at once. */
const SEEN_PAGES = 100;

@Injectable()
export class RunsRepository {
  /** Takes a run that is ready. Null when it is not: finished, cancelled, or in other hands. */
  async claim(tx: TenantTx, id: RunId, worker: string, leaseMs: number): Promise<ClaimedRun | null> {
    const [row] = await tx.sql<ClaimedRun>`
      update run set state = 'running', fence = fence + 1, worker = ${worker}, lease_until = clock_timestamp() + ${leaseMs} * interval '1 ms',
             started_at = coalesce(started_at, clock_timestamp()), wait_reason = null, admitted_at = null
        from enterprise e
       where run.tenant_id = ${tx.tenantId} and run.id = ${id} and run.state in ('queued', 'waiting') and run.available_at <= clock_timestamp()
         and e.tenant_id = run.tenant_id and e.id = run.enterprise_id
      returning run.tenant_id as "tenantId", run.id, run.fence, run.collection, run.source, e.environment_id as "environmentId",
        run.enterprise_id as "enterpriseId", e.chain_id as "chainId", e.created_utc as "enterpriseCreatedUtc", run.access_token_id as "accessTokenId",
        run.mode, run.from_utc as "from", run.to_utc as "to", run.planned_at is not null as planned, run.attempts, run.sweeps,
        run.first_answer_at as "firstAnswerAt", run.fallback, run.refused,
        (select high_water from sync_state s where s.tenant_id = run.tenant_id and s.collection = run.collection and s.source = run.source) as "highWater"`;
    return row ?? null;
  }

  /** How far earlier runs of the source have come, and how many records there are. */
  async stateOf(tx: TenantTx, run: ClaimedRun, entry: CollectionEntry): Promise<SourceState> {
    const [row] = await tx.sql<SourceState>`
      select s.full_completed_at as "fullAt", coalesce(s.parents_seen, '{}') as "parentsSeen", coalesce(s.refused_until > clock_timestamp() and s.fallback, false) as fallback,
             case when s.refused_until > clock_timestamp() then s.refused else '{}' end as refused,
             (select coalesce(sum(live), 0)::int from record_count where tenant_id = ${tx.tenantId} and collection = any(${entry.lists.map((list) => list.name)}) and source = ${run.source}) as live
        from (select) one left join sync_state s on s.tenant_id = ${tx.tenantId} and s.collection = ${run.collection} and s.source = ${run.source}`;
    return row ?? { fullAt: null, parentsSeen: {}, fallback: false, refused: [], live: 0 };
  }

  async storePlan(tx: TenantTx, run: ClaimedRun, windows: readonly WindowPlan[], plan: StoredPlan): Promise<void> {
    await this.#guarded(tx, run, sql`
      planned_at = clock_timestamp(), mode = ${plan.mode}, plan_to = ${plan.planTo}, sweeps = ${plan.sweeps}, access_token_id = ${plan.accessTokenId},
      fallback = ${plan.fallback}, refused = ${[...plan.refused]}::uuid[], parents_seen = ${JSON.stringify(plan.parentsSeen)}::jsonb`);
    await tx.sql`delete from run_window where tenant_id = ${tx.tenantId} and run_id = ${run.id}`;
    await this.appendWindows(tx, run, windows);
  }

  /** Adds windows behind those that are there. */
  async appendWindows(tx: TenantTx, run: ClaimedRun, windows: readonly WindowPlan[]): Promise<void> {
    await this.#guarded(tx, run, sql`fence = fence`);
    const rows = windows.map((window, i) => ({ n: i + 1, start_utc: window.startUtc, end_utc: window.endUtc, interval_name: window.interval, filter: window.filter, page_size: window.pageSize }));
    await tx.sql`
      insert into run_window (tenant_id, run_id, ord, start_utc, end_utc, interval_name, filter, page_size)
      select ${tx.tenantId}, ${run.id}, base + n, w.start_utc, w.end_utc, w.interval_name, w.filter, w.page_size
        from (select coalesce(max(ord), 0) as base from run_window where tenant_id = ${tx.tenantId} and run_id = ${run.id}) last,
             json_to_recordset(${JSON.stringify(rows)}::json) as w (n int, start_utc timestamptz, end_utc timestamptz, interval_name text, filter jsonb, page_size int)`;
  }

  async nextWindow(tx: TenantTx, run: ClaimedRun): Promise<RunWindow | null> {
    const [row] = await tx.sql<RunWindow>`
      select ord, start_utc as "startUtc", end_utc as "endUtc", interval_name as interval, filter, page_size as "pageSize", cursor, pages, records
        from run_window where tenant_id = ${tx.tenantId} and run_id = ${run.id} and not done order by ord limit 1`;
    return row ?? null;
  }

  /** The windows of a run that hold its oldest interval, and how many records there were in the oldest `months`, or in that interval for 0. */
  async oldestInterval(tx: TenantTx, run: ClaimedRun, months: number): Promise<{ windows: RunWindow[]; records: number }> {
    const windows = await tx.sql<RunWindow>`
      select ord, start_utc as "startUtc", end_utc as "endUtc", interval_name as interval, filter, page_size as "pageSize", cursor, pages, records
        from run_window where tenant_id = ${tx.tenantId} and run_id = ${run.id} and start_utc is not null
         and start_utc = (select min(start_utc) from run_window where tenant_id = ${tx.tenantId} and run_id = ${run.id})`;
    const [oldest] = await tx.sql<{ records: number }>`
      select coalesce(sum(records), 0)::int as records from run_window where tenant_id = ${tx.tenantId} and run_id = ${run.id}
         and start_utc <= ${windows[0]?.startUtc ?? null}::timestamptz + ${months} * interval '1 month'`;
    return { windows, records: oldest?.records ?? 0 };
  }

  /** Replaces a window that was too heavy by its parts. */
  async replaceWindow(tx: TenantTx, run: ClaimedRun, window: RunWindow, parts: readonly WindowPlan[]): Promise<void> {
    await this.#guarded(tx, run, sql`requests = requests + 1`);
    await tx.sql`delete from run_window where tenant_id = ${tx.tenantId} and run_id = ${run.id} and ord = ${window.ord}`;
    await this.appendWindows(tx, run, parts);
  }

  async shrinkPage(tx: TenantTx, run: ClaimedRun, window: RunWindow, pageSize: number): Promise<void> {
    await this.#guarded(tx, run, sql`requests = requests + 1`);
    await tx.sql`update run_window set page_size = ${pageSize} where tenant_id = ${tx.tenantId} and run_id = ${run.id} and ord = ${window.ord}`;
  }

  /** Moves the window's cursor past a page, counts it and renews the lease. Throws StaleFence, which undoes the page. */
  async pageDone(tx: TenantTx, run: ClaimedRun, page: PageProgress, leaseMs: number): Promise<void> {
    const [row] = await tx.prepared('page-done', sql`
      with advanced as (
        update run_window set cursor = ${page.nextCursor}, done = ${page.nextCursor === null}, pages = pages + 1, records = records + ${page.records}
         where tenant_id = ${tx.tenantId} and run_id = ${run.id} and ord = ${page.window.ord})
      update run set requests = requests + 1, pages = pages + 1, attempts = 0, deaths = 0, interruptions = 0,
             added = added + ${page.added}, updated = updated + ${page.updated}, unchanged = unchanged + ${page.unchanged}, quarantined = quarantined + ${page.quarantined},
             first_answer_at = coalesce(first_answer_at, ${page.answeredAt}), lease_until = clock_timestamp() + ${leaseMs} * interval '1 ms'
       where tenant_id = ${tx.tenantId} and id = ${run.id} and fence = ${run.fence} and state = 'running'
      returning 1`);
    if (!row) throw new StaleFence();
  }

  async rememberSeen(tx: TenantTx, run: ClaimedRun, window: RunWindow, list: string, ids: Buffer): Promise<void> {
    await tx.sql`insert into run_seen (tenant_id, run_id, ord, page, collection, ids) values (${tx.tenantId}, ${run.id}, ${window.ord}, ${window.pages}, ${list}, ${ids})
      on conflict (tenant_id, run_id, ord, page, collection) do update set ids = run_seen.ids || excluded.ids`;
  }

  /** What the pages of a list held; they are not in memory together. */
  async seen(tx: TenantTx, run: Pick<ClaimedRun, 'id'>, list: string): Promise<SeenIds> {
    const of = sql`from run_seen where tenant_id = ${tx.tenantId} and run_id = ${run.id} and collection = ${list}`;
    const [row] = await tx.run<{ bytes: number }>(sql`select coalesce(sum(length(ids)), 0)::bigint as bytes ${of}`);
    const seen = new SeenIds(row?.bytes ?? 0);
    for await (const pages of tx.stream<{ ids: Buffer }>(sql`select ids ${of}`, SEEN_PAGES)) for (const { ids } of pages) seen.add(ids);
    return seen;
  }

  /** When the sweep began, once; null when what vanished was already asked for again. */
  async beginRecheck(tx: TenantTx, run: ClaimedRun): Promise<Date | null> {
    const [row] = await tx.sql<{ from: Date }>`
      update run set tailed = true where tenant_id = ${tx.tenantId} and id = ${run.id} and fence = ${run.fence} and state = 'running' and not tailed
      returning least(plan_to, first_answer_at) as "from"`;
    return row?.from ?? null;
  }

  /** Lets the run go until later; its worker is free for another. */
  async park(tx: TenantTx, run: ClaimedRun, wait: { ms: number; reason: WaitReason; error: RunError | null }): Promise<void> {
    await this.#guarded(tx, run, sql`
      state = 'waiting', worker = null, lease_until = null, wait_reason = ${wait.reason}, available_at = clock_timestamp() + ${wait.ms} * interval '1 ms',
      waited_ms = waited_ms + ${wait.ms}, error = ${wait.error === null ? null : JSON.stringify(wait.error)}::jsonb,
      deaths = 0, interruptions = 0, attempts = attempts + ${wait.reason === 'retry' ? 1 : 0}, requests = requests + ${wait.reason === 'budget' ? 0 : 1}`);
  }

  /** Gives the run back to be planned anew, after an operation or a token was refused: by another one of them. */
  async beginAgain(tx: TenantTx, run: ClaimedRun, by: { fallback: boolean; accessTokenId: AccessTokenId; refused: readonly AccessTokenId[] }): Promise<void> {
    await this.#guarded(tx, run, sql`
      state = 'queued', worker = null, lease_until = null, planned_at = null, tailed = false, requests = requests + 1,
      fallback = ${by.fallback}, access_token_id = ${by.accessTokenId}, refused = ${[...by.refused]}::uuid[]`);
    await tx.sql`delete from run_seen where tenant_id = ${tx.tenantId} and run_id = ${run.id}`;
  }

  /** Gives the run back at once, for a worker that is stopping. */
  async release(tx: TenantTx, run: ClaimedRun): Promise<void> {
    await this.#guarded(tx, run, sql`state = 'queued', worker = null, lease_until = null`);
  }

  async finish(tx: TenantTx, run: ClaimedRun, end: { state: Exclude<RunState, 'queued' | 'running' | 'waiting'>; deleted?: number; error?: RunError }): Promise<void> {
    await this.#guarded(tx, run, sql`
      state = ${end.state}, worker = null, lease_until = null, wait_reason = null, finished_at = clock_timestamp(),
      deleted = deleted + ${end.deleted ?? 0}, error = ${end.error ? JSON.stringify(end.error) : null}::jsonb`);
    if (end.state === 'needs_review') return;
    await tx.sql`delete from run_seen where tenant_id = ${tx.tenantId} and run_id = ${run.id}`;
    // Thousands of ids a run, which nobody reads again.
    await tx.sql`update run_window set filter = '{}' where tenant_id = ${tx.tenantId} and run_id = ${run.id} and filter <> '{}'`;
  }

  /** Moves how far the collection has come; never backwards. */
  async advanceState(tx: TenantTx, run: ClaimedRun): Promise<void> {
    await tx.sql`
      insert into sync_state (tenant_id, collection, source, high_water, completed_at, full_completed_at, parents_seen, fallback, refused, refused_until)
      select tenant_id, collection, source, least(plan_to, coalesce(first_answer_at, plan_to)), clock_timestamp(), case when mode = 'full' then clock_timestamp() end,
             parents_seen, fallback, refused, case when fallback or refused <> '{}' then clock_timestamp() + ${REFUSED_DAYS} * interval '1 day' end
        from run where tenant_id = ${tx.tenantId} and id = ${run.id} and from_utc is null and to_utc is null
      on conflict (tenant_id, collection, source) do update
        set high_water = greatest(sync_state.high_water, excluded.high_water), completed_at = excluded.completed_at,
            full_completed_at = coalesce(excluded.full_completed_at, sync_state.full_completed_at), parents_seen = excluded.parents_seen,
            fallback = excluded.fallback, refused = excluded.refused,
            refused_until = case when excluded.refused_until is not null and sync_state.refused_until > clock_timestamp() then sync_state.refused_until else excluded.refused_until end,
            unavailable_reason = null, unavailable_until = null`;
  }

  /** The token cannot read this collection: it is not asked again for a while. */
  async markUnavailable(tx: TenantTx, run: ClaimedRun, reason: string, forMs: number): Promise<void> {
    await tx.sql`
      insert into sync_state (tenant_id, collection, source, unavailable_reason, unavailable_until)
      values (${tx.tenantId}, ${run.collection}, ${run.source}, ${reason}, clock_timestamp() + ${forMs} * interval '1 ms')
      on conflict (tenant_id, collection, source) do update set unavailable_reason = excluded.unavailable_reason, unavailable_until = excluded.unavailable_until`;
  }

  /**
   * Keeps the leases of runs alive, also while one waits for a slow answer. A run that is locked is writing a page, which renews
   * its lease; waiting for it, with the other rows in hands, could end in a deadlock.
   */
  async heartbeat(tx: PlatformTx, runs: readonly ClaimedRun[], leaseMs: number): Promise<void> {
    await tx.sql`
      update run set lease_until = clock_timestamp() + ${leaseMs} * interval '1 ms'
        from (select run.tenant_id, run.id from run join unnest(${runs.map((run) => run.tenantId)}::uuid[], ${runs.map((run) => run.id)}::uuid[], ${runs.map((run) => run.fence)}::int[]) as mine (tenant_id, id, fence) using (tenant_id, id, fence)
               where run.state = 'running' and run.lease_until > clock_timestamp() for no key update of run skip locked) held
       where run.tenant_id = held.tenant_id and run.id = held.id`;
  }

  async #guarded(tx: TenantTx, run: ClaimedRun, changes: ReturnType<typeof sql>): Promise<void> {
    const [row] = await tx.run(sql`update run set ${changes} where tenant_id = ${tx.tenantId} and id = ${run.id} and fence = ${run.fence} and state = 'running' returning 1`);
    if (!row) throw new StaleFence();
  }

  /** @throws AppError `run.not_found` */
  async lockForChange(tx: TenantTx, id: RunId): Promise<LockedRun> {
    const [row] = await tx.sql<LockedRun>`select id, state, collection, source, mode, wait_reason as "waitReason" from run where tenant_id = ${tx.tenantId} and id = ${id} for update`;
    if (!row) throw new AppError('run.not_found');
    return row;
  }
}
