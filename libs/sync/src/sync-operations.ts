// A sync operation's progress: derived from its runs, so that it cannot disagree with them.
import { Injectable } from '@nestjs/common';
import type { OperationId, TenantTx } from '@keyrack/core';
import type { RunError, RunState } from './run.js';

export interface SyncProgress {
  state: 'running' | 'succeeded' | 'failed' | 'partial'; done: number; total: number;
  results: { runId: string; enterpriseId: string; collection: string; state: RunState; error: RunError | null }[];
}

@Injectable()
export class SyncOperations {
  async progress(tx: TenantTx, id: OperationId): Promise<SyncProgress> {
    const results = await tx.sql<SyncProgress['results'][number]>`
      select r.id as "runId", r.enterprise_id as "enterpriseId", r.collection, r.state, r.error
        from operation_run o join run r on r.tenant_id = o.tenant_id and r.id = o.run_id
       where o.tenant_id = ${tx.tenantId} and o.operation_id = ${id} order by r.id`;
    return { ...summarise(results.map((run) => run.state)), results };
  }
}

/** An unavailable collection ends as cancelled and does not make a sync fail. */
export function summarise(states: readonly RunState[]): Omit<SyncProgress, 'results'> {
  const total = states.length;
  const live = states.filter((state) => state === 'queued' || state === 'running' || state === 'waiting').length;
  const bad = states.filter((state) => state === 'failed' || state === 'needs_review').length;
  const state = live > 0 ? 'running' : bad === 0 ? 'succeeded' : bad === total ? 'failed' : 'partial';
  return { state, done: total - live, total };
}
