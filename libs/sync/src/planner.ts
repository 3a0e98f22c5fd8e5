// Plans a claimed run: reads how far the collection has come, who may read it and with which ids, and stores the windows.
import { Injectable } from '@nestjs/common';
import { AppError, dayMs, inTurn, type AccessTokenId, type TenantTx } from '@keyrack/core';
import { ownerOf, type CollectionEntry } from '@keyrack/mews';
import { FanIn, type Candidate } from './fan-in.js';
import { Parents } from './parents.js';
import { longestMs, merged, modeOf, olderWindow, planWindows, recheckWindows, together, total, windowsOf, PAGE_SIZE_MAX, type Ids, type ParentIds, type PlanInput } from './plan.js';
import { Readers } from './readers.js';
import type { ClaimedRun, Member, RunWindow } from './run.js';
import { RunsRepository, type StoredPlan } from './runs.repository.js';
import { Sights } from './sights.js';
import { Sweep } from './sweep.js';
import { TokenEvidence } from './token-evidence.js';

/** A chain's records may be years older than the enterprise, with any quiet time between; only Mews itself, of 2012, is older. */
const MEWS_BEGAN = new Date('2012-01-01T00:00:00Z');

/** Runs that differ by more in how far they have come do not go together: the one behind would make all the others read again. */
const STRETCH_MAX_MS = dayMs;

/** What a run would ask for, and how it would go on. `returned`: parents that were left out and have changed. */
export interface Outlook { input: PlanInput; plan: StoredPlan; returned: string[] }

@Injectable()
export class Planner {
  constructor(private readonly runs: RunsRepository, private readonly sweep: Sweep, private readonly parents: Parents, private readonly readers: Readers, private readonly fanIn: FanIn, private readonly sights: Sights, private readonly evidence: TokenEvidence) {}

  /**
   * Takes along the queued runs of other enterprises that can be read by the same requests. Returns the first window.
   * @param now Mews' own now @throws AppError `run.dependency_missing`, `collection.unavailable`
   */
  async plan(tx: TenantTx, run: ClaimedRun, entry: CollectionEntry, now: Date): Promise<RunWindow | null> {
    await this.sights.adopt(tx, run, entry);
    const own = await this.outlook(tx, run, entry, now);
    const riders = await this.#riders(tx, run, entry, now, own);
    const sweeps = own.plan.sweeps || riders.some(({ outlook }) => outlook.plan.sweeps);
    const planned = planWindows(entry, together(own.input, riders.map(({ outlook }) => outlook.input)));
    const first = await this.runs.storePlan(tx, run, windowsOf(planned), { ...own.plan, sweeps });
    await this.runs.takeBack(tx, run, own.returned);
    for (const { candidate, outlook } of riders) {
      await this.runs.ride(tx, run, candidate, outlook.plan);
      await this.runs.takeBack(tx, candidate, outlook.returned);
    }
    const { mode, accessTokenId, fallback, refused } = own.plan;
    Object.assign(run, { mode, sweeps, accessTokenId, fallback, refused, planned: true });
    if (riders.length > 0) this.join(run, await this.fanIn.members(tx, run));
    return first;
  }

  /** What is read for several enterprises goes back to when the first of them began. */
  join(run: ClaimedRun, members: readonly Member[]): void {
    run.members = members;
    run.enterpriseCreatedUtc = earliest(members.map((member) => member.enterpriseCreatedUtc));
  }

  async #riders(tx: TenantTx, run: ClaimedRun, entry: CollectionEntry, now: Date, { plan, input }: Outlook): Promise<{ candidate: Candidate; outlook: Outlook }[]> {
    const alone = plan.refused.length > 0 || plan.fallback || plan.accessTokenId !== run.accessTokenId;
    const riders: { candidate: Candidate; outlook: Outlook }[] = [];
    for (const candidate of alone ? [] : await this.fanIn.candidates(tx, run, entry)) {
      const outlook = await this.#outlookOrNull(tx, candidate, entry, now);
      if (outlook?.plan.mode === plan.mode && outlook.plan.refused.length === 0 && outlook.plan.accessTokenId === run.accessTokenId && !outlook.plan.fallback && sameStretch(input, outlook.input)) riders.push({ candidate, outlook });
    }
    return riders;
  }

  /** Null when it cannot be planned: it says why when its own turn comes. */
  async #outlookOrNull(tx: TenantTx, run: Candidate, entry: CollectionEntry, now: Date): Promise<Outlook | null> {
    try {
      return await this.outlook(tx, run, entry, now);
    } catch (error) {
      if (error instanceof AppError) return null;
      throw error;
    }
  }

  /** Reads only. @throws AppError as `plan` */
  async outlook(tx: TenantTx, run: Candidate, entry: CollectionEntry, now: Date): Promise<Outlook> {
    const state = await this.runs.stateOf(tx, run, entry);
    const refused = [...new Set([...run.refused, ...state.refused])], fallback = run.fallback || state.fallback;
    const accessTokenId = await this.readers.find(tx, { ...run, refused }, entry);
    if (accessTokenId === null) throw new AppError('collection.unavailable', { detail: unserved(entry) });
    const parents = await this.parents.find(tx, { ...run, accessTokenId }, entry, state.parentsSeen);
    const { from, to, highWater, enterpriseCreatedUtc: createdUtc } = run, bounded = from !== null || to !== null;
    const input: PlanInput = { mode: 'full', from, to, highWater, fullAt: state.fullAt, createdUtc, now, parents: parents?.ids ?? null };
    const fullRequests = total(planWindows(entry, input)) + Math.ceil(state.live / PAGE_SIZE_MAX);
    // The two operations give one record different ids: what the other one gave is to be found again, or gone.
    const mode = modeOf(entry, { asked: bounded || fallback === state.wasFallback ? run.mode : 'full', trigger: run.trigger, bounded, highWater, fullAt: state.fullAt, fullRequests, now });
    const replaces = mode === 'full' || (entry.lists[0].parent !== undefined && parents?.ids.some(({ changed }) => changed.count > 0));
    const sweeps = !bounded && replaces === true && await this.sweep.hasSomething(tx, run, entry) && await this.#seesAll(tx, run, entry, accessTokenId);
    const asked = mode === 'incremental' ? known(input.parents, state.leftOut) : input.parents;
    return { input: { ...input, mode, parents: asked }, plan: { mode, planTo: now, sweeps, accessTokenId, fallback, refused, parentsSeen: parents?.seen ?? {} }, returned: await changedOf(input.parents, state.leftOut) };
  }

  /** Each token of a chain may see other records of it: what the source's own token has read and another one, which stands in for it, does not list is not gone. */
  async #seesAll(tx: TenantTx, { source, chainId, collection }: Candidate, entry: CollectionEntry, accessTokenId: AccessTokenId): Promise<boolean> {
    if (ownerOf(entry) !== 'chain' || source === `${chainId}:${accessTokenId}`) return true;
    return !(await this.evidence.hasRead(tx, source.slice(chainId.length + 1) as AccessTokenId, collection));
  }

  /**
   * What a full run must still ask when its windows are through: older than the enterprise, as long as that finds something.
   * Returns whether there is more to do.
   */
  async planOlder(tx: TenantTx, run: ClaimedRun, entry: CollectionEntry): Promise<boolean> {
    const [interval] = entry.intervals;
    if (!walksOlder(run, entry) || !interval) return false;
    const { windows, records } = await this.runs.oldestInterval(tx, run, longestMs(interval));
    const walkedTo = windows[0]?.startUtc;
    if (!walkedTo || (records === 0 && walkedTo <= (entry.chains ? MEWS_BEGAN : run.enterpriseCreatedUtc))) return false;
    const older = windows.map((window) => olderWindow(interval, window)).filter((window) => window !== null);
    return this.runs.appendWindows(tx, run, older);
  }

  /**
   * Before anything counts as deleted it is asked for once more: what changed while the sweep ran moved past it, and what is
   * still missing is asked for again. Returns whether there is more to do.
   */
  async planRecheck(tx: TenantTx, run: ClaimedRun, entry: CollectionEntry, missing: readonly string[], sweptFrom: Date, now: Date): Promise<boolean> {
    const parentIds = entry.lists[0].parent === undefined ? null : await this.parents.living(tx, run.environmentId, entry, missing), oldest = await this.runs.oldestInterval(tx, run, 0);
    const states = await inTurn(run.members, (member) => this.runs.stateOf(tx, { ...run, source: member.source }, entry));
    const windows = recheckWindows(entry, {
      mode: 'full', from: null, to: null, highWater: run.highWater, fullAt: null, now, sweptFrom, missing,
      // The first sweep went on behind the enterprise's beginning as long as it found something.
      createdUtc: earliest([run.enterpriseCreatedUtc, ...oldest.windows.flatMap(({ startUtc }) => startUtc ?? [])]),
      live: states.reduce((sum, { live }) => sum + live, 0),
      parentIds,
      parents: parentIds === null ? await this.#allParents(tx, run, entry) : null,
    });
    return this.runs.appendWindows(tx, run, windowsOf(windows));
  }

  async #allParents(tx: TenantTx, run: ClaimedRun, entry: CollectionEntry): Promise<ParentIds[] | null> {
    const found = await inTurn(run.members, (member) => this.parents.find(tx, { ...member, accessTokenId: run.accessTokenId }, entry, {}));
    return merged(found.map((one) => one?.ids ?? null));
  }
}

/** Whether a run may have to go on with older windows when its own are through. */
export const walksOlder = (run: ClaimedRun, entry: CollectionEntry): boolean =>
  run.mode === 'full' && run.from === null && run.to === null && entry.intervals.length > 0 && entry.firstLoad === 'windows';

/** Parents that Mews no longer knew are not asked for until they change, or everything is read again. */
function known(parents: ParentIds[] | null, leftOut: readonly string[]): ParentIds[] | null {
  const unknown = new Set(leftOut);
  const asked = ({ count, read }: Ids): Ids => ({ count, read: async function* without() { for await (const part of read()) yield part.filter((id) => !unknown.has(id)); } });
  return parents?.map((parent) => ({ ...parent, others: asked(parent.others), turn: asked(parent.turn) })) ?? null;
}

async function changedOf(parents: ParentIds[] | null, leftOut: readonly string[]): Promise<string[]> {
  const unknown = new Set(leftOut), changed: string[] = [];
  if (unknown.size > 0) for (const parent of parents ?? []) for await (const part of parent.changed.read()) changed.push(...part.filter((id) => unknown.has(id)));
  return changed;
}

const unserved = ({ name, portfolio, scope }: CollectionEntry): string => (portfolio === 'no'
  ? `Mews does not serve ${name} to Portfolio Access Tokens, and the tenant has no other AccessToken that opens ${scope === 'platform' ? 'this environment' : 'this enterprise'}`
  : `Mews allows no AccessToken of the tenant to read ${name} here`);

const earliest = (times: readonly Date[]): Date => new Date(Math.min(...times.map((time) => time.getTime())));

const sameStretch = (a: PlanInput, b: PlanInput): boolean =>
  a.mode === 'full' || Math.abs((a.highWater?.getTime() ?? 0) - (b.highWater?.getTime() ?? 0)) <= STRETCH_MAX_MS;
