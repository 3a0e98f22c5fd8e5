// Runs that are planned anew although they were begun. Whoever has one in hands finds its fence out of date, or itself paused.
import type { RunId, TenantTx } from '@keyrack/core';

/**
 * What a run has planned and seen counts no more: a sighting of an earlier plan would hide what vanished since. What rode along goes back,
 * since the next plan may not ask for it, and what was not asked for would count as read.
 */
export async function forgetPlan(tx: TenantTx, id: RunId): Promise<void> {
  await tx.sql`
    update run set planned_at = null, tailed = false, leader_id = null,
           state = case when id = ${id} or wait_reason = 'paused' then state else 'queued' end, wait_reason = case when id = ${id} or wait_reason = 'paused' then wait_reason end
     where tenant_id = ${tx.tenantId} and state in ('queued', 'running', 'waiting') and (id = ${id} or leader_id = ${id})`;
  await tx.sql`delete from run_seen where tenant_id = ${tx.tenantId} and run_id = ${id}`;
}

/** Increments that were begun start again as full runs, and what shares their requests is planned again with them; paused ones stay so. */
export async function beginFull(tx: TenantTx, ids: readonly RunId[]): Promise<void> {
  if (ids.length === 0) return;
  const streams = (await tx.sql<{ id: RunId }>`select distinct coalesce(leader_id, id) as id from run where tenant_id = ${tx.tenantId} and id = any(${[...ids]}::uuid[])`).map(({ id }) => id);
  await tx.sql`
    update run set mode = case when id = any(${[...ids]}::uuid[]) then 'full' else mode end, fence = fence + 1, planned_at = null, tailed = false, again = '{}', leader_id = null, worker = null, lease_until = null, admitted_at = null,
           state = case when wait_reason = 'paused' then state else 'queued' end, wait_reason = case when wait_reason = 'paused' then wait_reason end
     where tenant_id = ${tx.tenantId} and state in ('queued', 'running', 'waiting') and (id = any(${streams}::uuid[]) or leader_id = any(${streams}::uuid[]))`;
  await tx.sql`delete from run_seen where tenant_id = ${tx.tenantId} and run_id = any(${streams}::uuid[])`;
}
