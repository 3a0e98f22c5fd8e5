// A run's row and how it is shown.
import { sql } from '@keyrack/core';
import type { RunError, RunMode, RunState, RunView, WaitReason } from './run.js';

export interface RunRow {
  id: string; enterpriseId: string; enterpriseName: string; chainId: string | null; collection: string; mode: RunMode; trigger: 'schedule' | 'request' | 'retry'; state: RunState;
  from: Date | null; to: Date | null; accessTokenId: string; accessTokenHint: string; requests: number; pages: number; leftOut: string[];
  added: number; updated: number; unchanged: number; deleted: number; quarantined: number; windowsDone: number; windowsTotal: number;
  waitedMs: number; waitReason: WaitReason | null; availableAt: Date | null; attempts: number; leadRunId: string | null; createdAt: Date; startedAt: Date | null; finishedAt: Date | null; error: RunError | null;
}

/** Select and joins; a `where` follows. */
export const runColumns = sql`
  select r.id, r.enterprise_id as "enterpriseId", e.name as "enterpriseName", case when split_part(r.source, ':', 1) = e.chain_id::text then e.chain_id end as "chainId",
         r.collection, r.mode, r.trigger, r.state, r.from_utc as "from", r.to_utc as "to", r.access_token_id as "accessTokenId", t.hint as "accessTokenHint", r.requests, r.pages, r.left_out as "leftOut",
         r.added, r.updated, r.unchanged, r.deleted, r.quarantined, w.done as "windowsDone", w.total as "windowsTotal",
         -- A wait is counted when it begins, and may end early.
         least(r.waited_ms, (extract(epoch from coalesce(r.finished_at, clock_timestamp()) - r.started_at) * 1000)::bigint) as "waitedMs", r.wait_reason as "waitReason",
         nullif(r.available_at, 'infinity') as "availableAt", r.attempts, r.leader_id as "leadRunId", r.created_at as "createdAt", r.started_at as "startedAt", r.finished_at as "finishedAt", r.error
    from run r
    join enterprise e on e.tenant_id = r.tenant_id and e.id = r.enterprise_id
    join access_token t on t.tenant_id = r.tenant_id and t.id = r.access_token_id
    cross join lateral (select count(*) filter (where done) as done, count(*) as total from run_window where tenant_id = r.tenant_id and run_id = coalesce(r.leader_id, r.id)) w`;

export function viewOfRun(row: RunRow): RunView {
  const { added, updated, unchanged, deleted, quarantined, waitReason, availableAt, from, to, createdAt, startedAt, finishedAt, ...same } = row;
  return {
    ...same,
    records: { added, updated, unchanged, deleted, quarantined },
    waiting: row.state === 'waiting' && waitReason !== null ? { reason: waitReason, until: availableAt?.toISOString() ?? null } : null,
    from: from?.toISOString() ?? null, to: to?.toISOString() ?? null,
    createdAt: createdAt.toISOString(), startedAt: startedAt?.toISOString() ?? null, finishedAt: finishedAt?.toISOString() ?? null,
  };
}
