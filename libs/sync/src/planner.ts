// Plans a claimed run: reads how far the collection has come, who may read it and with which ids, and stores the windows.
import { Injectable } from '@nestjs/common';
import { addMonths, AppError, type TenantTx } from '@keyrack/core';
import type { CollectionEntry } from '@keyrack/mews';
import { Parents } from './parents.js';
import { modeOf, olderWindow, planWindows, recheckWindows, PAGE_SIZE_MAX, type ParentIds, type PlanInput } from './plan.js';
import { Readers } from './readers.js';
import type { ClaimedRun } from './run.js';
import { RunsRepository } from './runs.repository.js';
import { Sights } from './sights.js';
import { Sweep } from './sweep.js';

/** How long a chain may have been quiet before it is taken to have begun later: its records may be years older than the enterprise. */
const CHAIN_QUIET_MONTHS = 12;

@Injectable()
export class Planner {
  constructor(private readonly runs: RunsRepository, private readonly sweep: Sweep, private readonly parents: Parents, private readonly readers: Readers, private readonly sights: Sights) {}

  /** @param now Mews' own now @throws AppError `run.dependency_missing`, `collection.unavailable` */
  async plan(tx: TenantTx, run: ClaimedRun, entry: CollectionEntry, now: Date): Promise<void> {
    await this.sights.adopt(tx, run, entry);
    const state = await this.runs.stateOf(tx, run, entry);
    const refused = [...new Set([...run.refused, ...state.refused])], fallback = run.fallback || state.fallback;
    const accessTokenId = await this.readers.find(tx, { ...run, refused }, entry);
    if (accessTokenId === null) throw new AppError('collection.unavailable', { detail: unserved(entry) });
    const parents = await this.parents.find(tx, run, entry, state.parentsSeen);
    const { from, to, highWater, enterpriseCreatedUtc: createdUtc } = run, bounded = from !== null || to !== null;
    const input: PlanInput = { mode: 'full', from, to, highWater, createdUtc, now, parents: parents?.ids ?? null };
    const fullRequests = planWindows(entry, input).length + Math.ceil(state.live / PAGE_SIZE_MAX);
    const mode = modeOf(entry, { asked: run.mode, bounded, highWater, fullAt: state.fullAt, fullRequests, now });
    const replaces = mode === 'full' || (entry.lists[0].parent !== undefined && parents?.ids.some(({ changed }) => changed.length > 0));
    const sweeps = !bounded && replaces === true && await this.sweep.hasSomething(tx, run, entry);
    await this.runs.storePlan(tx, run, planWindows(entry, { ...input, mode, ...(mode === 'incremental' && { parents: known(input.parents, state.leftOut) }) }), { mode, planTo: now, sweeps, accessTokenId, fallback, refused, parentsSeen: parents?.seen ?? {} });
    Object.assign(run, { mode, sweeps, accessTokenId, fallback, refused, planned: true });
  }

  /**
   * What a full run must still ask when its windows are through: older than the enterprise, as long as that finds something.
   * Returns whether there is more to do.
   */
  async planOlder(tx: TenantTx, run: ClaimedRun, entry: CollectionEntry): Promise<boolean> {
    const [interval] = entry.intervals;
    if (run.mode !== 'full' || run.from !== null || run.to !== null || !interval || entry.firstLoad !== 'windows') return false;
    const quietMonths = entry.chains ? CHAIN_QUIET_MONTHS : 0;
    const { windows, records } = await this.runs.oldestInterval(tx, run, quietMonths);
    const walkedTo = windows[0]?.startUtc;
    if (!walkedTo || (records === 0 && walkedTo <= addMonths(run.enterpriseCreatedUtc, -quietMonths))) return false;
    const older = windows.map((window) => olderWindow(interval, window)).filter((window) => window !== null);
    await this.runs.appendWindows(tx, run, older);
    return older.length > 0;
  }

  /**
   * Before anything counts as deleted it is asked for once more: what changed while the sweep ran moved past it, and what is
   * still missing is asked for again. Returns whether there is more to do.
   */
  async planRecheck(tx: TenantTx, run: ClaimedRun, entry: CollectionEntry, missing: readonly string[], sweptFrom: Date, now: Date): Promise<boolean> {
    const byParent = entry.lists[0].parent !== undefined;
    const { live } = await this.runs.stateOf(tx, run, entry);
    const windows = recheckWindows(entry, {
      mode: 'full', from: null, to: null, highWater: run.highWater, createdUtc: run.enterpriseCreatedUtc, now, sweptFrom, missing, live,
      parentIds: byParent ? await this.parents.living(tx, entry, missing) : null,
      parents: byParent ? null : (await this.parents.find(tx, run, entry, {}))?.ids ?? null,
    });
    await this.runs.appendWindows(tx, run, windows);
    return windows.length > 0;
  }
}

/** Parents that Mews no longer knew are not asked for until they change, or everything is read again. */
const known = (parents: ParentIds[] | null, leftOut: readonly string[]): ParentIds[] | null =>
  parents?.map((parent) => ({ ...parent, others: parent.others.filter((id) => !leftOut.includes(id)) })) ?? null;

const unserved = ({ name, portfolio, scope }: CollectionEntry): string => (portfolio === 'no'
  ? `Mews does not serve ${name} to Portfolio Access Tokens, and the tenant has no other AccessToken that opens ${scope === 'platform' ? 'this environment' : 'this enterprise'}`
  : `Mews allows no AccessToken of the tenant to read ${name} here`);
