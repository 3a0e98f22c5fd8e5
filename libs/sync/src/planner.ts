// Plans a claimed run: reads how far the collection has come and which ids it needs, and stores the windows.
import { Injectable } from '@nestjs/common';
import { addMonths, AppError, type TenantTx } from '@keyrack/core';
import type { CollectionEntry } from '@keyrack/mews';
import { AHEAD_MS, OVERLAP_MS, chunk, olderWindow, planWindows, walkBack, PAGE_SIZE_MAX, type PlanInput, type WindowFilter, type WindowPlan } from './plan.js';
import type { ClaimedRun } from './run.js';
import { RunsRepository } from './runs.repository.js';
import { Sweep } from './sweep.js';
import { dependenciesOf } from './synced.js';

/** How long a chain may have been quiet before it is taken to have begun later: its records may be years older than the enterprise. */
const CHAIN_QUIET_MONTHS = 12;

@Injectable()
export class Planner {
  constructor(private readonly runs: RunsRepository, private readonly sweep: Sweep) {}

  /** @param now Mews' own now @throws AppError `run.dependency_missing` when ids are needed that were never pulled */
  async plan(tx: TenantTx, run: ClaimedRun, entry: CollectionEntry, now: Date): Promise<void> {
    const bounded = run.from !== null || run.to !== null;
    const mode = bounded || run.highWater !== null ? run.mode : 'full';
    const parentIds = await this.#parentIds(tx, run, entry);
    const windows = planWindows(entry, { mode, from: run.from, to: run.to, highWater: run.highWater, createdUtc: run.enterpriseCreatedUtc, now, parentIds });
    const everything = entry.strategy === 'snapshot' || mode === 'full';
    const sweeps = everything && !bounded && await this.sweep.hasSomething(tx, run, entry);
    await this.runs.storePlan(tx, run, windows, { mode, planTo: now, sweeps });
    Object.assign(run, { mode, sweeps, planned: true });
  }

  /**
   * What a full run must still ask when its windows are through: older than the enterprise, as long as that finds something.
   * Returns whether there is more to do.
   */
  async planOlder(tx: TenantTx, run: ClaimedRun, entry: CollectionEntry): Promise<boolean> {
    const [interval] = entry.intervals;
    if (run.mode !== 'full' || run.from !== null || run.to !== null || !interval || entry.firstLoad !== 'windows') return false;
    const quietMonths = entry.scope === 'chain' ? CHAIN_QUIET_MONTHS : 0;
    const { windows, records } = await this.runs.oldestInterval(tx, run, quietMonths);
    const walkedTo = windows[0]?.startUtc;
    if (!walkedTo || (records === 0 && walkedTo <= addMonths(run.enterpriseCreatedUtc, -quietMonths))) return false;
    const older = windows.map((window) => olderWindow(interval, window)).filter((window) => window !== null);
    await this.runs.appendWindows(tx, run, older);
    return older.length > 0;
  }

  /**
   * Before anything counts as deleted it is asked for once more: what changed while the sweep ran moved past it, and what is
   * still missing is asked for by its id. Returns whether there is more to do.
   */
  async planRecheck(tx: TenantTx, run: ClaimedRun, entry: CollectionEntry, missing: readonly string[], sweptFrom: Date, now: Date): Promise<boolean> {
    const parentIds = await this.#parentIds(tx, run, entry);
    const parents: WindowFilter = parentIds ? { [parentIds.property]: parentIds.ids.slice(0, parentIds.maxItems) } : {};
    const tail = entry.intervals.slice(0, 1).flatMap((interval) => walkBack(interval, new Date(sweptFrom.getTime() - OVERLAP_MS), new Date(now.getTime() + AHEAD_MS)))
      .map((window): WindowPlan => ({ ...window, filter: parents, pageSize: PAGE_SIZE_MAX }));
    const { byIds } = entry;
    const one = byIds && (!parentIds || parentIds.ids.length <= parentIds.maxItems)
      ? chunk(missing, byIds.maxItems).map((ids): WindowPlan => ({ startUtc: null, endUtc: null, interval: null, filter: { ...parents, [byIds.name]: ids }, pageSize: PAGE_SIZE_MAX }))
      : [];
    await this.runs.appendWindows(tx, run, [...tail, ...one]);
    return tail.length + one.length > 0;
  }

  async #parentIds(tx: TenantTx, run: ClaimedRun, entry: CollectionEntry): Promise<PlanInput['parentIds']> {
    if (entry.scope !== 'service' || !entry.services) return null;
    for (const dependency of dependenciesOf(entry)) {
      const [done] = await tx.sql`select 1 from sync_state where tenant_id = ${tx.tenantId} and collection = ${dependency} and source = ${run.source} and completed_at is not null`;
      if (!done) throw new AppError('run.dependency_missing', { detail: `${entry.name} are asked for by the ids of ${dependency}, which have not been synced for this enterprise: sync ${dependency} first` });
    }
    const rows = await tx.sql<{ id: string }>`
      select id from record where tenant_id = ${tx.tenantId} and collection = 'services' and enterprise_id = ${run.enterpriseId} and deleted_at is null order by id`;
    return { property: entry.services.name, maxItems: entry.services.maxItems, ids: rows.map((row) => row.id) };
  }
}
