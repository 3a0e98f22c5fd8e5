// Runs as people see them: start, list, look at, cancel, try again, confirm deletions.
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Audit } from '@keyrack/audit';
import { againAfterDeadlock, allOf, AppError, cursorSchema, Database, decodeCursor, idSchema, limitSchema, newId, sql, toPage, type EnterpriseId, type OperationId, type Page, type RunId, type TenantActor, type TenantTx } from '@keyrack/core';
import { UsableConnections } from './connected.js';
import { beginFull, forgetPlan } from './replan.js';
import { laneOf, liveStates, priorityOf, runStates, sourceOf, type RunDetail, type RunMode, type RunState, type RunView } from './run.js';
import { runColumns, viewOfRun, type RunRow } from './run-view.js';
import { RunsRepository } from './runs.repository.js';
import { Sweep } from './sweep.js';
import { entriesOf, wantedRuns, type SyncInput } from './sync-request.js';
import { entryOf } from './synced.js';

export const runsQuery = z.strictObject({
  enterpriseId: idSchema<EnterpriseId>().optional(), collection: z.string().max(100).optional(),
  state: z.string().optional().describe('One state, or several separated by commas').transform((text, context) => {
    const states = text?.split(',');
    if (states?.some((state) => !(runStates as readonly string[]).includes(state))) context.addIssue({ code: 'custom', message: `must be one or more of ${runStates.join(', ')}` });
    return states;
  }),
  limit: limitSchema, cursor: cursorSchema,
});
export type RunsQuery = z.infer<typeof runsQuery>;

interface Queued { id: RunId; collection: string; source: string; enterprise_id: string; access_token_id: string; priority: number; mode: RunMode; from_utc: Date | null; to_utc: Date | null }

@Injectable()
export class Runs {
  constructor(private readonly db: Database, private readonly connections: UsableConnections, private readonly repository: RunsRepository, private readonly sweep: Sweep, private readonly audit: Audit) {}

  /**
   * Queues a run for each enterprise and collection, except where one is live: that one is then part of the operation, and where it was
   * reading already, so is an increment after it: what changed a moment ago may be on a page that it has read.
   * A backfill and an increment of one collection are two runs. An increment that is under way begins again as the full run that is asked for.
   * @throws AppError `connection.not_found` naming the enterprises that are not connected, `collection.unknown`, `sync.backfill_under_way`
   */
  async start(me: TenantActor, input: SyncInput): Promise<{ operationId: OperationId; runIds: RunId[] }> {
    const entries = entriesOf(input.collections);
    return againAfterDeadlock(() => this.db.inTenant(me.tenantId, async (tx) => {
      const connected = await this.connections.usable(tx, input.enterpriseIds ?? null);
      const missing = input.enterpriseIds?.filter((id) => !connected.some((one) => one.enterpriseId === id)) ?? [];
      if (missing.length > 0) throw new AppError('connection.not_found', { detail: 'These enterprises have no connection that can be used now: connect them, or look at their AccessToken', errors: missing.map((id) => ({ pointer: `/enterpriseIds/${input.enterpriseIds?.indexOf(id)}`, detail: `${id} has no connection that can be used now: connect it, or take it out` })), data: { enterpriseIds: missing } });
      const rows = (await wantedRuns(tx, entries, connected, input)).map(({ entry, one, source, mode, from, to }) => ({
        id: newId<RunId>(), collection: entry.name, source, enterprise_id: one.enterpriseId, access_token_id: one.accessTokenId, priority: priorityOf(entry, laneOf({ mode, bounded: from !== undefined || to !== undefined })), mode, from_utc: from ?? null, to_utc: to ?? null,
      }));
      const operationId = newId<OperationId>();
      await tx.sql`insert into operation (tenant_id, id, kind) values (${tx.tenantId}, ${operationId}, 'sync')`;
      const runIds = await this.#queue(tx, operationId, rows, input);
      await tx.sql`insert into operation_run (tenant_id, operation_id, run_id) select ${tx.tenantId}, ${operationId}, unnest(${runIds}::uuid[])`;
      await this.audit.record(tx, me, { action: 'sync.requested', operationId, mode: input.mode, collections: input.collections ?? null, enterpriseIds: input.enterpriseIds ?? null, runs: runIds.length });
      return { operationId, runIds };
    }));
  }

  /** Collections that were named are tried again although they were unavailable. */
  async #queue(tx: TenantTx, operationId: OperationId, rows: readonly Queued[], input: SyncInput): Promise<RunId[]> {
    const queued = await tx.sql<{ id: RunId; collection: string; source: string; begun: boolean; other: boolean }>`
      with wanted as (
        select distinct on (w.collection, w.source) w.*
          from json_to_recordset(${JSON.stringify(rows)}::json) as w (id uuid, collection text, source text, enterprise_id uuid, access_token_id uuid, priority int, mode text, from_utc timestamptz, to_utc timestamptz)
          left join sync_state s on s.tenant_id = ${tx.tenantId} and s.collection = w.collection and s.source = w.source
         where ${input.collections !== undefined} or coalesce(s.unavailable_until < now(), true)
         order by w.collection, w.source, w.enterprise_id)
      insert into run (tenant_id, id, collection, source, enterprise_id, access_token_id, mode, trigger, from_utc, to_utc, priority)
      select ${tx.tenantId}, id, collection, source, enterprise_id, access_token_id, mode, 'request', from_utc, to_utc, priority from wanted order by priority, collection, source
      -- A queued increment becomes what was asked for.
      on conflict (tenant_id, collection, source, backfill) where state in ('queued', 'running', 'waiting') do update
        set mode = case when run.started_at is null and excluded.mode = 'full' then 'full' else run.mode end, trigger = case when run.started_at is null then 'request' else run.trigger end,
            priority = case when run.started_at is null and excluded.mode = 'full' then excluded.priority else least(run.priority, excluded.priority) end,
            available_at = case when run.state = 'queued' then least(run.available_at, excluded.available_at) else run.available_at end,
            again = case when run.planned_at is null or run.backfill then run.again else run.again || ${operationId}::uuid end
      returning id, collection, source, started_at is not null and mode <> 'full' and not backfill as begun, backfill and (from_utc, to_utc) is distinct from (${input.from ?? null}::timestamptz, ${input.to ?? null}::timestamptz) as other`;
    const others = queued.filter((run) => run.other).map((run) => run.id);
    if (others.length > 0) throw new AppError('sync.backfill_under_way', { data: { runIds: others } });
    const full = new Set(rows.filter(({ mode }) => mode === 'full').map(({ collection, source }) => `${collection} ${source}`));
    await beginFull(tx, queued.filter(({ collection, source, begun }) => begun && full.has(`${collection} ${source}`)).map(({ id }) => id));
    return queued.map((row) => row.id);
  }

  async list(me: TenantActor, query: RunsQuery): Promise<Page<RunView>> {
    const before = decodeCursor(query.cursor, 1);
    const rows = await this.db.inTenant(me.tenantId, (tx) => tx.run<RunRow>(sql`
      ${runColumns} where ${allOf([
        sql`r.tenant_id = ${tx.tenantId}`,
        query.enterpriseId === undefined ? undefined : sql`r.enterprise_id = ${query.enterpriseId}`,
        query.collection === undefined ? undefined : sql`r.collection = ${query.collection}`,
        query.state === undefined ? undefined : sql`r.state = any(${query.state})`,
        before === null ? undefined : sql`r.id < ${before[0]}::uuid`,
      ])} order by r.id desc limit ${query.limit + 1}`));
    return toPage(rows.map(viewOfRun), query.limit, (run) => [run.id]);
  }

  /** @throws AppError `run.not_found` */
  async get(me: TenantActor, id: RunId): Promise<RunDetail> {
    return this.db.inTenant(me.tenantId, async (tx) => {
      const [row] = await tx.run<RunRow>(sql`${runColumns} where r.tenant_id = ${tx.tenantId} and r.id = ${id}`);
      if (!row) throw new AppError('run.not_found');
      const windows = await tx.sql<{ interval: string | null; startUtc: Date | null; endUtc: Date | null; done: boolean; pages: number; records: number }>`
        select interval_name as interval, start_utc as "startUtc", end_utc as "endUtc", done, pages, records from run_window
         where tenant_id = ${tx.tenantId} and run_id = ${row.leadRunId ?? id} order by ord limit 1000`;
      return {
        ...viewOfRun(row),
        windows: windows.map(({ done, ...window }) => ({ ...window, startUtc: window.startUtc?.toISOString() ?? null, endUtc: window.endUtc?.toISOString() ?? null, state: done ? 'done' : 'pending' })),
      };
    });
  }

  /** Ends a live run; its worker stops before its next page. @throws AppError `run.not_found`, `run.wrong_state` */
  async cancel(me: TenantActor, id: RunId): Promise<RunDetail> {
    await this.db.inTenant(me.tenantId, async (tx) => {
      requireState(await this.repository.lockForChange(tx, id), liveStates, 'is over already');
      await tx.sql`update run set state = 'cancelled', worker = null, lease_until = null, finished_at = clock_timestamp() where tenant_id = ${tx.tenantId} and id = ${id}`;
      await tx.sql`delete from run_seen where tenant_id = ${tx.tenantId} and run_id = ${id}`;
      await this.audit.record(tx, me, { action: 'run.cancelled', runId: id });
    });
    return this.get(me, id);
  }

  /**
   * Stops a live run before its next page until it is resumed; what it has stays. Only what asks for several enterprises is planned and asked
   * anew then: the others do not wait for it. @throws AppError `run.not_found`, `run.wrong_state`
   */
  async pause(me: TenantActor, id: RunId): Promise<RunDetail> {
    await this.db.inTenant(me.tenantId, async (tx) => {
      const run = await this.repository.lockForChange(tx, id);
      requireState(run, liveStates, 'is over already');
      if (run.waitReason === 'paused') return;
      await tx.sql`
        update run set state = 'waiting', wait_reason = 'paused', available_at = 'infinity', worker = null, lease_until = null, admitted_at = null
         where tenant_id = ${tx.tenantId} and id = ${id}`;
      if (run.leads) await forgetPlan(tx, id);
      await this.audit.record(tx, me, { action: 'run.paused', runId: id });
    });
    return this.get(me, id);
  }

  /** Goes on where the run was paused, or begins anew where it was part of a stream. @throws AppError `run.not_found`, `run.wrong_state` */
  async resume(me: TenantActor, id: RunId): Promise<RunDetail> {
    await this.db.inTenant(me.tenantId, async (tx) => {
      const run = await this.repository.lockForChange(tx, id);
      if (run.state !== 'waiting' || run.waitReason !== 'paused') throw new AppError('run.wrong_state', { detail: 'The run is not paused', data: { state: run.state } });
      await tx.sql`update run set state = 'queued', wait_reason = null, available_at = clock_timestamp(), planned_at = case when leader_id is null then planned_at end, leader_id = null where tenant_id = ${tx.tenantId} and id = ${id}`;
      await this.audit.record(tx, me, { action: 'run.resumed', runId: id });
    });
    return this.get(me, id);
  }

  /** A new run like one that failed or was cancelled. @throws AppError `run.not_found`, `run.wrong_state`, `connection.not_found`, `sync.backfill_under_way` */
  async retry(me: TenantActor, id: RunId): Promise<RunDetail> {
    const newRunId = await againAfterDeadlock(() => this.db.inTenant(me.tenantId, async (tx) => {
      requireState(await this.repository.lockForChange(tx, id), ['failed', 'cancelled', 'needs_review'], 'has not failed');
      const [old] = await tx.sql<{ enterpriseId: EnterpriseId; collection: string; mode: RunMode; bounded: boolean }>`select enterprise_id as "enterpriseId", collection, mode, backfill as bounded from run where tenant_id = ${tx.tenantId} and id = ${id}`;
      const [connected] = old ? await this.connections.usable(tx, [old.enterpriseId]) : [];
      if (!old || !connected) throw new AppError('connection.not_found', { detail: 'The enterprise has no connection that can be used now' });
      const entry = entryOf(old.collection);
      const [run] = await tx.sql<{ id: RunId; begun: boolean; other: boolean }>`
        insert into run (tenant_id, id, collection, source, enterprise_id, access_token_id, mode, trigger, from_utc, to_utc, priority)
        select tenant_id, ${newId<RunId>()}, collection, ${sourceOf(entry, connected)}, enterprise_id, ${connected.accessTokenId}, mode, 'retry', from_utc, to_utc, ${priorityOf(entry, laneOf(old))}
          from run where tenant_id = ${tx.tenantId} and id = ${id}
        on conflict (tenant_id, collection, source, backfill) where state in ('queued', 'running', 'waiting') do update
          set priority = least(run.priority, excluded.priority), mode = case when run.started_at is null and excluded.mode = 'full' then 'full' else run.mode end
        returning id, started_at is not null and mode <> 'full' and not backfill and (select mode = 'full' from run old where old.tenant_id = ${tx.tenantId} and old.id = ${id}) as begun,
          exists (select from run old where old.tenant_id = ${tx.tenantId} and old.id = ${id} and (old.from_utc, old.to_utc) is distinct from (run.from_utc, run.to_utc)) as other`;
      if (!run) throw new AppError('run.not_found');
      if (run.other) throw new AppError('sync.backfill_under_way', { data: { runIds: [run.id] } });
      if (run.begun) await beginFull(tx, [run.id]);
      await this.audit.record(tx, me, { action: 'run.retried', runId: id, newRunId: run.id });
      return run.id;
    }));
    return this.get(me, newRunId);
  }

  /** Deletes what a full run found missing, after a person looked. @throws AppError `run.not_found`, `run.wrong_state` */
  async confirmDeletions(me: TenantActor, id: RunId): Promise<RunDetail> {
    await this.db.inTenant(me.tenantId, async (tx) => {
      const locked = await this.repository.lockForChange(tx, id);
      requireState(locked, ['needs_review'], 'asks for no review');
      const [newer] = await tx.sql`
        select 1 from sync_state s join run r on r.tenant_id = s.tenant_id and r.collection = s.collection and r.source = s.source
         where r.tenant_id = ${tx.tenantId} and r.id = ${id} and s.full_completed_at > r.finished_at`;
      if (newer) throw new AppError('run.wrong_state', { detail: 'A later full run has looked again: what this one found is out of date', data: { state: locked.state } });
      const vanished = await this.sweep.vanished(tx, locked, entryOf(locked.collection));
      const deleted = await this.sweep.delete(tx, locked, vanished);
      await tx.sql`update run set state = 'succeeded', deleted = ${deleted}, error = null where tenant_id = ${tx.tenantId} and id = ${id}`;
      await this.repository.forgetSeen(tx, locked);
      await this.audit.record(tx, me, { action: 'run.deletions_confirmed', runId: id, deleted });
    });
    return this.get(me, id);
  }
}

function requireState(run: { state: RunState }, allowed: readonly RunState[], otherwise: string): void {
  if (!allowed.includes(run.state)) throw new AppError('run.wrong_state', { detail: `The run ${otherwise}: its state is ${run.state}`, data: { state: run.state } });
}
