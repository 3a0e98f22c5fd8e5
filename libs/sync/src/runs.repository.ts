// The ledger of a run in progress: claim, plan, page by page, finish. Every write names the fence; a stale one changes no row.
import { Injectable } from '@nestjs/common';
import { AppError, newId, sql, type AccessTokenId, type PlatformTx, type RunId, type Sql, type TenantTx } from '@keyrack/core';
import type { CollectionEntry } from '@keyrack/mews';
import type { ParentsSeen } from './parents.js';
import { inParts, type WindowPlan } from './plan.js';
import { priorityOf, type ClaimedRun, type Member, type RunError, type RunMode, type RunState, type RunWindow, type WaitReason } from './run.js';
import { SeenIds, seenParts } from './seen.js';
import { entryOf } from './synced.js';

/** Another worker has taken the run, or it was cancelled or its lease ended: stop, whatever was being done. */
export class StaleFence extends Error {
  override readonly name = 'StaleFence';
}

export interface PageProgress {
  window: RunWindow; nextCursor: string | null; records: number;
  added: number; updated: number; unchanged: number; quarantined: number; deleted: number;
  /** Whether it stores nothing, for this run or one that rides along, that was not stored before. */
  quiet: boolean;
  answeredAt: Date;
}

interface LockedRun { id: RunId; leaderId: RunId; state: RunState; collection: string; source: string; mode: RunMode; waitReason: WaitReason | null; /** Others ride along with it. */ leads: boolean }
export interface StoredPlan { mode: RunMode; planTo: Date; sweeps: boolean; accessTokenId: AccessTokenId; fallback: boolean; refused: readonly AccessTokenId[]; parentsSeen: ParentsSeen }
export interface SourceState { fullAt: Date | null; parentsSeen: ParentsSeen; fallback: boolean; /** How the last complete run asked. */ wasFallback: boolean; refused: AccessTokenId[]; leftOut: string[]; live: number }

/** Counts what was sent since the last write. */
const sent = (run: ClaimedRun): Sql => sql`requests = requests + ${run.unrecorded}`;

/** The window of a page, where the ledger has come as far as the page before it: a crash may have taken that back behind the worker's back. */
const after = (tx: TenantTx, run: ClaimedRun, { window }: PageProgress): Sql =>
  sql`tenant_id = ${tx.tenantId} and run_id = ${run.id} and ord = ${window.ord} and pages = ${window.pages}`;

/** What a quiet page moves may be lost with the last moment before a crash: then it is asked for again. Records may not: somebody has followed them. */
const durability = ({ quiet }: PageProgress): Sql => sql`durability as materialized (select set_config('synchronous_commit', ${quiet ? 'off' : 'on'}, true))`;

/** After this time an operation or a token that was refused is tried again. */
const REFUSED_DAYS = 7;
/** Windows that are written at once: each may hold a thousand ids, and a plan thousands of them. */
const WINDOWS_AT_ONCE = 25;
/** Pages of seen ids that are read at once. */
const SEEN_PAGES = 100;

export interface RunEnd { state: Exclude<RunState, 'queued' | 'running' | 'waiting'>; deleted?: number; error?: RunError }

const planned = (plan: StoredPlan) => sql`
  planned_at = clock_timestamp(), mode = ${plan.mode}, plan_to = ${plan.planTo}, sweeps = ${plan.sweeps}, access_token_id = ${plan.accessTokenId},
  fallback = ${plan.fallback}, refused = ${[...plan.refused]}::uuid[], parents_seen = ${JSON.stringify(plan.parentsSeen)}::jsonb`;

const windowColumns = sql`ord, start_utc as "startUtc", end_utc as "endUtc", interval_name as interval, filter, page_size as "pageSize", cursor, pages, records, begun_again as "begunAgain", deleted`;

const ended = (end: RunEnd) => sql`
  state = ${end.state}, worker = null, lease_until = null, wait_reason = null, finished_at = clock_timestamp(),
  deleted = deleted + ${end.deleted ?? 0}, error = ${end.error ? JSON.stringify(end.error) : null}::jsonb`;

/** @param runs of `r` the run whose state moves, and of `l` the one that asked for it; each is one row */
const moveState = (runs: Sql) => sql`
  insert into sync_state (tenant_id, collection, source, high_water, completed_at, full_completed_at, parents_seen, left_out, fallback, refused, refused_until)
  select r.tenant_id, r.collection, r.source, least(l.plan_to, coalesce(l.first_answer_at, l.plan_to)), clock_timestamp(), case when r.mode = 'full' then clock_timestamp() end,
         r.parents_seen, r.left_out, r.fallback, r.refused,
         -- What Mews refused to a token says nothing of another one that took over while the run was under way: that one is to try.
         case when r.refused <> '{}' or (r.fallback and exists (select from connection c where c.tenant_id = r.tenant_id and c.enterprise_id = r.enterprise_id and c.access_token_id = r.access_token_id))
              then clock_timestamp() + ${REFUSED_DAYS} * interval '1 day' end
    from ${runs} where not r.backfill
  on conflict (tenant_id, collection, source) do update
    set high_water = greatest(sync_state.high_water, excluded.high_water), completed_at = excluded.completed_at,
        full_completed_at = coalesce(excluded.full_completed_at, sync_state.full_completed_at), parents_seen = excluded.parents_seen,
        left_out = case when excluded.full_completed_at is null then array(select distinct unnest(sync_state.left_out || excluded.left_out)) else excluded.left_out end,
        fallback = excluded.fallback, refused = excluded.refused,
        refused_until = case when excluded.refused_until is not null and sync_state.refused_until > clock_timestamp() then sync_state.refused_until else excluded.refused_until end,
        unavailable_reason = null, unavailable_until = null`;

const BEHIND = sql`coalesce(max(ord), 0)`;

const windowRows = (windows: readonly WindowPlan[]): string =>
  JSON.stringify(windows.map((window, i) => ({ n: i + 1, start_utc: window.startUtc, end_utc: window.endUtc, interval_name: window.interval, filter: window.filter, page_size: window.pageSize, deleted: window.deleted })));

@Injectable()
export class RunsRepository {
  /**
   * Takes a run that is ready. Null when it is not: finished, cancelled, or in other hands.
   * @param again also one that this worker took a moment ago, where the answer was lost on its way
   */
  async claim(tx: TenantTx, id: RunId, worker: string, leaseMs: number, again = false): Promise<ClaimedRun | null> {
    const [row] = await tx.prepared<Omit<ClaimedRun, 'members' | 'serviceOwners'>>('run-claim', sql`
      update run set state = 'running', fence = fence + 1, worker = ${worker}, lease_until = clock_timestamp() + ${leaseMs} * interval '1 ms',
             started_at = coalesce(started_at, clock_timestamp()), wait_reason = null, admitted_at = null
        from enterprise e, access_token t
       where run.tenant_id = ${tx.tenantId} and run.id = ${id} and run.leader_id is null
         and (run.state in ('queued', 'waiting') and run.available_at <= clock_timestamp() or ${again} and run.state = 'running' and run.worker = ${worker})
         and e.tenant_id = run.tenant_id and e.id = run.enterprise_id and t.tenant_id = run.tenant_id and t.id = run.access_token_id
      returning run.tenant_id as "tenantId", run.id, run.fence, run.collection, run.source, e.environment_id as "environmentId",
        run.enterprise_id as "enterpriseId", e.chain_id as "chainId", e.created_utc as "enterpriseCreatedUtc", run.access_token_id as "accessTokenId", t.kind as "tokenKind",
        run.mode, run.trigger, run.from_utc as "from", run.to_utc as "to", run.planned_at is not null as planned, run.attempts, run.sweeps,
        run.fallback, run.refused, run.apart, run.left_out as "leftOut", 0 as unrecorded, clock_timestamp() as "askedAfter",
        (select high_water from sync_state s where s.tenant_id = run.tenant_id and s.collection = run.collection and s.source = run.source) as "highWater"`);
    return row ? { ...row, members: [{ ...row, live: true }], serviceOwners: new Map() } : null;
  }

  /** What rides along is in the same state as its leader. */
  async follow(tx: TenantTx, run: ClaimedRun): Promise<void> {
    await tx.sql`
      update run m set state = l.state, wait_reason = l.wait_reason, available_at = l.available_at from run l
       where l.tenant_id = ${tx.tenantId} and l.id = ${run.id} and m.tenant_id = l.tenant_id and m.leader_id = l.id and m.state in ('queued', 'running', 'waiting') and m.wait_reason is distinct from 'paused'`;
  }

  /** Takes a queued run into the leader's stream, with a plan of its own but none of its own windows. */
  async ride(tx: TenantTx, leader: ClaimedRun, member: Pick<ClaimedRun, 'id'>, plan: StoredPlan): Promise<void> {
    await tx.sql`
      update run set state = 'running', leader_id = ${leader.id}, fence = fence + 1, started_at = coalesce(started_at, clock_timestamp()), wait_reason = null, admitted_at = null, ${planned(plan)}
       where tenant_id = ${tx.tenantId} and id = ${member.id}`;
  }

  /** Puts the runs of a stream back, each to be planned and to ask by itself. */
  async part(tx: TenantTx, run: ClaimedRun): Promise<void> {
    await this.#guarded(tx, run, sql`state = 'queued', worker = null, lease_until = null, planned_at = null, tailed = false, apart = true, ${sent(run)}`);
    await tx.sql`
      update run set state = case when wait_reason = 'paused' then state else 'queued' end, available_at = case when wait_reason = 'paused' then available_at else clock_timestamp() end,
             leader_id = null, planned_at = null, apart = true
       where tenant_id = ${tx.tenantId} and leader_id = ${run.id} and state in ('queued', 'running', 'waiting')`;
    await tx.sql`delete from run_seen where tenant_id = ${tx.tenantId} and run_id = ${run.id}`;
  }

  /** How far earlier runs of the source have come, and how many records there are. */
  async stateOf(tx: TenantTx, run: Pick<ClaimedRun, 'collection' | 'source'>, entry: CollectionEntry): Promise<SourceState> {
    const [row] = await tx.prepared<SourceState>('source-state', sql`
      select s.full_completed_at as "fullAt", coalesce(s.parents_seen, '{}') as "parentsSeen", coalesce(s.refused_until > clock_timestamp() and s.fallback, false) as fallback, coalesce(s.fallback, false) as "wasFallback",
             case when s.refused_until > clock_timestamp() then s.refused else '{}' end as refused, coalesce(s.left_out, '{}') as "leftOut",
             (select coalesce(sum(live), 0)::int from record_count where tenant_id = ${tx.tenantId} and collection = any(${entry.lists.map((list) => list.name)}) and source = ${run.source}) as live
        from (select) one left join sync_state s on s.tenant_id = ${tx.tenantId} and s.collection = ${run.collection} and s.source = ${run.source}`);
    return row ?? { fullAt: null, parentsSeen: {}, fallback: false, wasFallback: false, refused: [], leftOut: [], live: 0 };
  }

  /** Parents that changed since they were left out are asked for like others again: at once, since they count as changed until a run has read them. */
  async takeBack(tx: TenantTx, { collection, source }: Pick<ClaimedRun, 'collection' | 'source'>, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await tx.sql`
      update sync_state set left_out = array(select id from unnest(left_out) as id where id <> all(${[...ids]}::text[]))
       where tenant_id = ${tx.tenantId} and collection = ${collection} and source = ${source}`;
  }

  /** Returns the first of the windows, as stored. */
  async storePlan(tx: TenantTx, run: ClaimedRun, windows: AsyncIterable<WindowPlan>, plan: StoredPlan): Promise<RunWindow | null> {
    // Of an earlier plan, which only a run that changed hands can have.
    if (run.fence > 1) await tx.sql`delete from run_window where tenant_id = ${tx.tenantId} and run_id = ${run.id}`;
    const parts = inParts(windows, WINDOWS_AT_ONCE), { value: first } = await parts.next() as { value: WindowPlan[] | undefined };
    const [row] = await tx.prepared<RunWindow & { ord: number | null; windows: number }>('run-plan', sql`
      with planned as (
        -- Since it was claimed, in this transaction, more time may have passed than a lease has.
        update run set lease_until = clock_timestamp() + (lease_until - now()), ${planned(plan)}
         where tenant_id = ${tx.tenantId} and id = ${run.id} and fence = ${run.fence} and state = 'running' returning 1),
      added as (
        insert into run_window (tenant_id, run_id, ord, start_utc, end_utc, interval_name, filter, page_size, deleted)
        select ${tx.tenantId}, ${run.id}, w.n, w.start_utc, w.end_utc, w.interval_name, w.filter, w.page_size, w.deleted
          from planned, json_to_recordset(${windowRows(first ?? [])}::json) as w (n int, start_utc timestamptz, end_utc timestamptz, interval_name text, filter jsonb, page_size int, deleted boolean)
        returning *)
      select w.*, (select count(*) = 1 from added) as last from planned left join (select ${windowColumns} from added order by ord limit 1) w on true`);
    if (!row) throw new StaleFence();
    for await (const part of parts) await this.#addWindows(tx, run, part, BEHIND);
    return row.ord === null ? null : row;
  }

  /** Adds windows behind those that are there. Returns whether there are any. */
  async appendWindows(tx: TenantTx, run: ClaimedRun, windows: Iterable<WindowPlan> | AsyncIterable<WindowPlan>): Promise<boolean> {
    let some = false;
    for await (const part of inParts(windows, WINDOWS_AT_ONCE)) {
      await this.#addWindows(tx, run, part, BEHIND);
      some = true;
    }
    return some;
  }

  /** @param base how the number is found that the windows are counted from */
  async #addWindows(tx: TenantTx, run: ClaimedRun, windows: readonly WindowPlan[], base: Sql): Promise<void> {
    await this.#guarded(tx, run, sql`fence = fence`);
    await tx.run(sql`
      insert into run_window (tenant_id, run_id, ord, start_utc, end_utc, interval_name, filter, page_size, deleted)
      select ${tx.tenantId}, ${run.id}, base + n, w.start_utc, w.end_utc, w.interval_name, w.filter, w.page_size, w.deleted
        from (select ${base} as base from run_window where tenant_id = ${tx.tenantId} and run_id = ${run.id}) last,
             json_to_recordset(${windowRows(windows)}::json) as w (n int, start_utc timestamptz, end_utc timestamptz, interval_name text, filter jsonb, page_size int, deleted boolean)`);
  }

  async nextWindow(tx: TenantTx, run: ClaimedRun): Promise<RunWindow | null> {
    const [row] = await tx.prepared<RunWindow>('next-window', sql`
      select ${windowColumns}, not exists (select 1 from run_window more where more.tenant_id = ${tx.tenantId} and more.run_id = ${run.id} and not more.done and more.ord > w.ord) as last
        from run_window w where tenant_id = ${tx.tenantId} and run_id = ${run.id} and not done order by ord limit 1`);
    return row ?? null;
  }

  /** The windows of a run that hold its oldest interval, and how many records there were in the oldest `spanMs`: a window may have been split. */
  async oldestInterval(tx: TenantTx, run: ClaimedRun, spanMs: number): Promise<{ windows: WindowPlan[]; records: number }> {
    const windows = await tx.sql<WindowPlan>`
      select ${windowColumns}
        from run_window where tenant_id = ${tx.tenantId} and run_id = ${run.id} and start_utc is not null
         and start_utc = (select min(start_utc) from run_window where tenant_id = ${tx.tenantId} and run_id = ${run.id})`;
    const [oldest] = await tx.sql<{ records: number }>`
      select coalesce(sum(records), 0)::int as records from run_window where tenant_id = ${tx.tenantId} and run_id = ${run.id}
         and start_utc < ${windows[0]?.startUtc ?? null}::timestamptz + ${spanMs} * interval '1 ms'`;
    return { windows, records: oldest?.records ?? 0 };
  }

  /**
   * Replaces a window by its parts, which come next: what is too heavy even in its smallest part shows after a few requests, and a single id
   * that Mews does not know is soon alone. Behind all other windows each of them would be halved first, millions of times in the end.
   */
  async replaceWindow(tx: TenantTx, run: ClaimedRun, window: RunWindow, parts: readonly WindowPlan[]): Promise<void> {
    await this.#dropWindow(tx, run, window);
    await this.#addWindows(tx, run, parts, sql`coalesce(min(ord), 0) - ${parts.length + 1}::int`);
  }

  async #dropWindow(tx: TenantTx, run: ClaimedRun, window: RunWindow): Promise<void> {
    await this.#guarded(tx, run, sent(run));
    await tx.sql`delete from run_window where tenant_id = ${tx.tenantId} and run_id = ${run.id} and ord = ${window.ord}`;
  }

  /** Notes ids that Mews does not know, for whom nothing more is asked. Returns how many pages the run has read. */
  async leaveOut(tx: TenantTx, run: ClaimedRun, window: RunWindow, ids: readonly string[]): Promise<number> {
    const [row] = await tx.run<{ pages: number }>(sql`
      update run set ${sent(run)}, left_out = left_out || ${[...ids]}::text[]
       where tenant_id = ${tx.tenantId} and id = ${run.id} and fence = ${run.fence} and state = 'running' returning pages`);
    if (!row) throw new StaleFence();
    await this.skipWindow(tx, run, window);
    return row.pages;
  }

  /** A window whose ids were all left out meanwhile, or which asked again for one that Mews does not know. */
  async skipWindow(tx: TenantTx, run: ClaimedRun, window: RunWindow): Promise<void> {
    await this.#guarded(tx, run, sql`fence = fence`);
    await tx.sql`update run_window set done = true where tenant_id = ${tx.tenantId} and run_id = ${run.id} and ord = ${window.ord}`;
  }

  /** From its first page, once. What it held before is not forgotten. */
  async beginWindowAgain(tx: TenantTx, run: ClaimedRun, window: RunWindow): Promise<void> {
    await this.#guarded(tx, run, sent(run));
    await tx.sql`update run_window set cursor = null, begun_again = true where tenant_id = ${tx.tenantId} and run_id = ${run.id} and ord = ${window.ord}`;
  }

  async shrinkPage(tx: TenantTx, run: ClaimedRun, window: RunWindow, pageSize: number): Promise<void> {
    await this.#guarded(tx, run, sent(run));
    await tx.sql`update run_window set page_size = ${pageSize} where tenant_id = ${tx.tenantId} and run_id = ${run.id} and ord = ${window.ord}`;
  }

  /** Moves the window's cursor past a page, counts it and renews the lease. Throws StaleFence, which undoes the page, where the run is in other hands or the page before was lost. */
  async pageDone(tx: TenantTx, run: ClaimedRun, page: PageProgress, leaseMs: number): Promise<void> {
    const [row] = await tx.prepared<{ at: Date }>('page-done', sql`
      with ${durability(page)},
      advanced as (
        update run_window set cursor = ${page.nextCursor}, done = ${page.nextCursor === null}, pages = pages + 1, records = records + ${page.records}
         where ${after(tx, run, page)} returning 1)
      update run set ${sent(run)}, pages = pages + 1, attempts = 0, deaths = 0, interruptions = 0,
             added = added + ${page.added}, updated = updated + ${page.updated}, unchanged = unchanged + ${page.unchanged}, quarantined = quarantined + ${page.quarantined}, deleted = deleted + ${page.deleted},
             first_answer_at = coalesce(first_answer_at, ${page.answeredAt}), lease_until = clock_timestamp() + ${leaseMs} * interval '1 ms'
        from durability, advanced
       where tenant_id = ${tx.tenantId} and id = ${run.id} and fence = ${run.fence} and state = 'running'
      returning clock_timestamp() as at`);
    if (!row) throw new StaleFence();
    run.askedAfter = row.at;
  }

  /**
   * As `pageDone` for the last page of a run that nothing comes after: ends it too, and moves how far its collection has come.
   * One statement, since most runs are one page in which nothing is.
   */
  async lastPageDone(tx: TenantTx, run: ClaimedRun, page: PageProgress): Promise<void> {
    const [row] = await tx.prepared<{ again: boolean }>('last-page-done', sql`
      with ${durability(page)},
      advanced as (
        update run_window set cursor = null, done = true, pages = pages + 1, records = records + ${page.records}
         where ${after(tx, run, page)} returning 1),
      l as (
        update run set ${sent(run)}, pages = pages + 1, attempts = 0, deaths = 0, interruptions = 0,
               added = added + ${page.added}, updated = updated + ${page.updated}, unchanged = unchanged + ${page.unchanged}, quarantined = quarantined + ${page.quarantined},
               first_answer_at = coalesce(first_answer_at, ${page.answeredAt}), ${ended({ state: 'succeeded', deleted: page.deleted })}
          from advanced
         where tenant_id = ${tx.tenantId} and id = ${run.id} and fence = ${run.fence} and state = 'running'
        returning run.*),
      moved as (${moveState(sql`l r, l`)})
      select again <> '{}' as again from l, durability`);
    if (!row) throw new StaleFence();
    if (row.again) await this.#askAgain(tx, run, run.id);
    if (Object.keys(page.window.filter).length > 0) await this.forgetSeen(tx, { leaderId: run.id });
  }

  /** Counts a page for a run that rides along. */
  async memberDone(tx: TenantTx, member: Member, page: Pick<PageProgress, 'added' | 'updated' | 'unchanged' | 'quarantined'>): Promise<void> {
    await tx.prepared('member-done', sql`
      update run set pages = pages + 1, added = added + ${page.added}, updated = updated + ${page.updated}, unchanged = unchanged + ${page.unchanged}, quarantined = quarantined + ${page.quarantined}
       where tenant_id = ${tx.tenantId} and id = ${member.id}`);
  }

  async rememberSeen(tx: TenantTx, run: ClaimedRun, window: RunWindow, list: string, ids: Buffer): Promise<void> {
    await tx.sql`insert into run_seen (tenant_id, run_id, ord, page, collection, ids) values (${tx.tenantId}, ${run.id}, ${window.ord}, ${window.pages}, ${list}, ${ids})
      on conflict (tenant_id, run_id, ord, page, collection) do update set ids = run_seen.ids || excluded.ids`;
  }

  /** What the pages of a list held, in parts that are not in memory together. @param leaderId the run that asked */
  async *seen(tx: TenantTx, leaderId: RunId, list: string): AsyncGenerator<SeenIds> {
    const of = sql`from run_seen where tenant_id = ${tx.tenantId} and run_id = ${leaderId} and collection = ${list}`;
    const [row] = await tx.run<{ bytes: number }>(sql`select coalesce(sum(length(ids)), 0)::bigint as bytes ${of}`), parts = seenParts(row?.bytes ?? 0);
    for (let nth = 0; nth < parts; nth += 1) {
      const seen = new SeenIds(parts, nth);
      for await (const pages of tx.stream<{ ids: Buffer }>(sql`select ids ${of}`, SEEN_PAGES)) for (const { ids } of pages) seen.add(ids);
      yield seen;
    }
  }

  /** Drops what a sweep saw and asked, unless another enterprise's part of it waits for a review. */
  async forgetSeen(tx: TenantTx, run: Pick<LockedRun, 'leaderId'>): Promise<void> {
    const [review] = await tx.sql`select 1 from run where tenant_id = ${tx.tenantId} and (id = ${run.leaderId} or leader_id = ${run.leaderId}) and state = 'needs_review' limit 1`;
    if (review) return;
    await tx.sql`delete from run_seen where tenant_id = ${tx.tenantId} and run_id = ${run.leaderId}`;
    // Thousands of ids a run, which nobody reads again.
    await tx.sql`update run_window set filter = '{}' where tenant_id = ${tx.tenantId} and run_id = ${run.leaderId} and filter <> '{}'`;
  }

  /** When the sweep began; null when what vanished was already asked for again. */
  async sweptFrom(tx: TenantTx, run: ClaimedRun): Promise<Date | null> {
    const [row] = await tx.sql<{ from: Date }>`select least(plan_to, first_answer_at) as "from" from run where tenant_id = ${tx.tenantId} and id = ${run.id} and not tailed`;
    return row?.from ?? null;
  }

  beginRecheck(tx: TenantTx, run: ClaimedRun): Promise<void> { return this.#guarded(tx, run, sql`tailed = true`); }

  /** Lets the run go until later; its worker is free for another. */
  async park(tx: TenantTx, run: ClaimedRun, wait: { ms: number; reason: WaitReason; error: RunError | null; unasked?: true }): Promise<void> {
    await this.#guarded(tx, run, sql`
      state = 'waiting', worker = null, lease_until = null, wait_reason = ${wait.reason}, available_at = clock_timestamp() + ${wait.ms} * interval '1 ms',
      waited_ms = waited_ms + ${wait.ms}, error = ${wait.error === null ? null : JSON.stringify(wait.error)}::jsonb,
      attempts = attempts + ${wait.reason === 'retry' && !wait.unasked ? 1 : 0}, ${sent(run)}`);
    if (run.members.length > 1) await this.follow(tx, run);
  }

  /**
   * Gives the run back to be planned anew, after an operation or a token was refused: by another one of them. What one token has read is not counted for another.
   * @returns when the run began in which the refused token has read something; null where it has not, or goes on
   */
  async beginAgain(tx: TenantTx, run: ClaimedRun, by: { fallback: boolean; accessTokenId: AccessTokenId; refused: readonly AccessTokenId[] }): Promise<Date | null> {
    const isOther = by.accessTokenId !== run.accessTokenId;
    const [before] = await tx.sql<{ readAt: Date | null }>`select started_at as "readAt" from run where tenant_id = ${tx.tenantId} and id = ${run.id} and ${isOther} and has_read`;
    await this.#guarded(tx, run, sql`
      state = 'queued', worker = null, lease_until = null, planned_at = null, tailed = false, ${sent(run)},
      ${isOther ? sql`pages = 0, first_answer_at = null, ` : sql``}fallback = ${by.fallback}, access_token_id = ${by.accessTokenId}, refused = ${[...by.refused]}::uuid[]`);
    await tx.sql`delete from run_seen where tenant_id = ${tx.tenantId} and run_id = ${run.id}`;
    return before?.readAt ?? null;
  }

  /** Gives the run back at once, for a worker that is stopping. */
  async release(tx: TenantTx, run: ClaimedRun): Promise<void> {
    await this.#guarded(tx, run, sql`state = 'queued', worker = null, lease_until = null, ${sent(run)}`);
    if (run.members.length > 1) await this.follow(tx, run);
  }

  /** Lets admitted runs that nobody has claimed be admitted again, at once. */
  async readmit(tx: TenantTx, ids: readonly RunId[]): Promise<void> {
    await tx.sql`update run set admitted_at = null where tenant_id = ${tx.tenantId} and id = any(${[...ids]}::uuid[]) and state in ('queued', 'waiting')`;
  }

  async finish(tx: TenantTx, run: ClaimedRun, end: RunEnd): Promise<void> {
    await this.#guarded(tx, run, sql`${ended(end)}, ${sent(run)}`);
    await this.#askAgain(tx, run, run.id);
    // With others it is known at the end only that no part of it waits for a review.
    if (run.members.length === 1) await this.forgetSeen(tx, { leaderId: run.id });
  }

  /** Ends a run that rides along; its leader must not have ended before, so that its fence guards the transaction. */
  async finishMember(tx: TenantTx, run: ClaimedRun, member: Member, end: RunEnd): Promise<void> {
    await tx.sql`update run set ${ended(end)} where tenant_id = ${tx.tenantId} and id = ${member.id} and state = 'running'`;
    await this.#askAgain(tx, run, member.id);
  }

  /** Queues an increment for the operations that came while the run, or one that rode along, was reading; not where it came to nothing. */
  async #askAgain(tx: TenantTx, { collection }: ClaimedRun, id: RunId): Promise<void> {
    await tx.sql`
      with over as (select * from run where tenant_id = ${tx.tenantId} and id = ${id} and again <> '{}' and state in ('succeeded', 'needs_review')),
      next as (
        insert into run (tenant_id, id, collection, source, enterprise_id, access_token_id, mode, trigger, priority)
        select tenant_id, ${newId<RunId>()}, collection, source, enterprise_id, access_token_id, 'incremental', 'request', ${priorityOf(entryOf(collection), 'asked')} from over
        on conflict (tenant_id, collection, source, backfill) where state in ('queued', 'running', 'waiting') do update set priority = least(run.priority, excluded.priority)
        returning id)
      insert into operation_run (tenant_id, operation_id, run_id) select over.tenant_id, unnest(over.again), next.id from over, next on conflict do nothing`;
  }

  /** Moves how far the collection has come for one enterprise of the run; never backwards. */
  async advanceState(tx: TenantTx, run: ClaimedRun, member: Member): Promise<void> {
    await tx.run(moveState(sql`(select * from run where tenant_id = ${tx.tenantId} and id = ${member.id}) r, (select * from run where tenant_id = ${tx.tenantId} and id = ${run.id}) l`));
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
               where run.state = 'running' for no key update of run skip locked) held
       where run.tenant_id = held.tenant_id and run.id = held.id`;
  }

  /** Each step that lasts is one that no process died of. */
  async #guarded(tx: TenantTx, run: ClaimedRun, changes: Sql): Promise<void> {
    const [row] = await tx.run(sql`update run set ${changes}, deaths = 0, interruptions = 0 where tenant_id = ${tx.tenantId} and id = ${run.id} and fence = ${run.fence} and state = 'running' returning 1`);
    if (!row) throw new StaleFence();
  }

  /** @throws AppError `run.not_found` */
  async lockForChange(tx: TenantTx, id: RunId): Promise<LockedRun> {
    const [row] = await tx.sql<LockedRun>`select id, coalesce(leader_id, id) as "leaderId", state, collection, source, mode, wait_reason as "waitReason",
             exists (select 1 from run m where m.tenant_id = run.tenant_id and m.leader_id = run.id) as leads from run where tenant_id = ${tx.tenantId} and id = ${id} for update`;
    if (!row) throw new AppError('run.not_found');
    return row;
  }
}
