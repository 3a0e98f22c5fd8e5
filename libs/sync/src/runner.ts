// Works on one run until it ends or must wait. Told as a state machine:
// claim -> plan -> page after page, window after window -> older windows -> recheck of what vanished -> settle.
// A process may die between any two steps: the next one continues from what the last transaction left.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { AccessTokens } from '@keyrack/access-tokens';
import { AppError, Config, dayMs, Database, isStoreAway, LOGGER, type Logger, type RunId, type TenantId, type TenantTx } from '@keyrack/core';
import { deletedOf, fallbackOf, MewsClient, MewsError, readConfiguration, type CollectionEntry, type MewsTarget } from '@keyrack/mews';
import { judge, type Verdict } from './failure.js';
import { FanIn, Inseparable } from './fan-in.js';
import { Pager, WAIT_IN_PLACE_MS } from './pager.js';
import { halveIds, splitWindow, withoutIds } from './plan.js';
import { Planner, walksOlder } from './planner.js';
import { Readers } from './readers.js';
import { mewsId } from './record-id.js';
import type { ClaimedRun, Member, RunError, RunWindow } from './run.js';
import { RunsRepository, StaleFence, type RunEnd } from './runs.repository.js';
import { isAskedAgain, needsReview, Sweep, type Vanished } from './sweep.js';
import { entryOf } from './synced.js';
import { TokenEvidence } from './token-evidence.js';

const UNAVAILABLE_MS = 7 * dayMs;
/** For how long a run keeps its place in a busy worker, or a job that has more runs. Then others come first, and it goes on when its turn comes again. */
const TURN_MS = 1_000;
const SETTLE_AGAIN_MS = [100, 1_000, 2_000];

/** What a stop aborts: `stopping` at once, to end after the page in hands; `signal` when there is no more time. */
type Stop = Readonly<Record<'signal' | 'stopping', AbortSignal>>;

/** The run's turn is over; it has come as far as its last page. */
class TurnOver extends Error {}

/** A window to read, and the token to read its first page with where it was read just now. */
interface First { window: RunWindow; target: MewsTarget | null }
/** `first` fails where the run could be claimed and not planned. */
interface Begun { run: ClaimedRun; first: () => Promise<First | null> }

/** Ids that a run may leave out because Mews does not know them; beyond, or before any page was read, it is the request that is wrong. */
const UNKNOWN_MAX = 100;
const UNKNOWN_FIRST_MAX = 5;

@Injectable()
export class Runner {
  /** Names this process in the ledger; a new one after each start, so that its own dead runs are not taken for live ones. */
  readonly worker = `${process.pid}-${randomUUID()}`;
  /** What this process works on now. */
  readonly #inHands = new Map<ClaimedRun, { since: number; awaited: boolean }>();

  constructor(
    private readonly db: Database, private readonly runs: RunsRepository, private readonly planner: Planner, private readonly pager: Pager,
    private readonly fanIn: FanIn, private readonly sweep: Sweep, private readonly readers: Readers, private readonly evidence: TokenEvidence, private readonly tokens: AccessTokens, private readonly mews: MewsClient, private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Works on the runs of a job, one after the other. Those that a stop or a slow one would hold up go back, for whoever has a place. */
  async executeAll(tenantId: TenantId, ids: readonly RunId[], stop: Stop): Promise<void> {
    const until = Date.now() + TURN_MS;
    for (const [i, id] of ids.entries()) {
      if (i > 0 && (stop.stopping.aborted || Date.now() > until)) return this.db.inTenant(tenantId, (tx) => this.runs.readmit(tx, ids.slice(i)));
      await this.execute(tenantId, id, stop, i + 1 < ids.length);
    }
  }

  /**
   * Does nothing when the run is not ready or in other hands. Never throws for what a run can run into.
   * @param awaited others wait until it is through
   */
  async execute(tenantId: TenantId, id: RunId, stop: Stop, awaited = false): Promise<void> {
    const begun = await this.#begin(tenantId, id);
    if (!begun) return;
    const { run } = begun;
    this.#inHands.set(run, { since: Date.now(), awaited });
    try {
      await this.#work(run, entryOf(run.collection), await begun.first(), stop);
    } catch (error) {
      await this.#unlessStale(run, () => this.#settle(run, error, stop));
    } finally {
      this.#inHands.delete(run);
    }
  }

  /**
   * Claims, plans and finds the first window in one transaction. Where that fails it claims alone, so that the failure is the run's; also
   * what was claimed and the answer lost: left alone, it would look like the last run of a process that died.
   */
  async #begin(tenantId: TenantId, id: RunId): Promise<Begun | null> {
    try {
      return await this.db.inTenant(tenantId, async (tx) => {
        const run = await this.#claim(tx, id);
        if (!run) return null;
        const window = run.planned ? await this.runs.nextWindow(tx, run) : await this.planner.plan(tx, run, entryOf(run.collection), this.mews.nowAt(run.environmentId));
        const target = window && await this.tokens.targetIn(tx, run.accessTokenId);
        return { run, first: async () => (window && target ? { window, target: await target() } : null) };
      });
    } catch (error) {
      const inHands = [...this.#inHands.keys()].some((run) => run.tenantId === tenantId && run.id === id);
      const run = await this.db.inTenant(tenantId, (tx) => this.#claim(tx, id, !inHands));
      return run && { run, first: () => Promise.reject(error) };
    }
  }

  async #claim(tx: TenantTx, id: RunId, again = false): Promise<ClaimedRun | null> {
    const run = await this.runs.claim(tx, id, this.worker, this.config.leaseMs, again);
    if (!run) return null;
    if (run.planned) {
      await this.runs.follow(tx, run);
      this.planner.join(run, await this.fanIn.members(tx, run));
    }
    return run;
  }

  /**
   * Keeps the leases of the runs in hands alive; call it every third of a lease. Not of all that the ledger has under this process's
   * name: one whose claim or end was lost with the connection is worked on by nobody, and must come back when its lease ends.
   */
  async heartbeat(): Promise<void> {
    const runs = [...this.#inHands.keys()];
    if (runs.length > 0) await this.db.onPlatform('lease heartbeat', (tx) => this.runs.heartbeat(tx, runs, this.config.leaseMs));
  }

  async #work(run: ClaimedRun, entry: CollectionEntry, first: First | null, stop: Stop): Promise<void> {
    for (let next = first; ; next = await this.#next(run)) {
      if (next && await this.#readWindow(run, entry, next, stop) === 'run') return;
      if (!next && !(await this.#moreToDo(run, entry))) break;
    }
    await this.#finish(run, entry);
  }

  async #next(run: ClaimedRun): Promise<First | null> {
    const window = await this.db.inTenant(run.tenantId, (tx) => this.runs.nextWindow(tx, run));
    return window && { window, target: null };
  }

  /** Returns what is through: the window, or with it the run. */
  async #readWindow(run: ClaimedRun, entry: CollectionEntry, { window, target }: First, stop: Stop): Promise<'window' | 'run'> {
    const filter = withoutIds(window.filter, run.leftOut);
    if (filter === null) {
      await this.db.inTenant(run.tenantId, (tx) => this.runs.skipWindow(tx, run, window));
      return 'window';
    }
    window.filter = filter;
    // With nothing to look for again, nobody who rides along and nothing older to ask for, the run ends with its last page.
    const ends = window.last && !run.sweeps && run.members.length === 1 && !walksOlder(run, entry) ? 'run' : 'window';
    const asked = window.deleted ? deletedOf(entry) : run.fallback ? fallbackOf(entry) : entry;
    try {
      for (let known = target; ; known = null) {
        // Read anew for each page: a token that is disabled or rotated in the middle of a long run must not be used again.
        const by = known ?? await this.tokens.target(run.tenantId, run.accessTokenId);
        const outcome = await this.pager.page(run, asked, by, window, ends, stop.signal);
        if (outcome === 'run') return outcome;
        if (stop.stopping.aborted || this.#isTurnOver(run)) throw new TurnOver();
        if (outcome === 'window') return outcome;
      }
    } catch (error) {
      if (!(error instanceof MewsError)) throw error;
      if (error.kind === 'too_heavy') await this.#askForLess(run, entry, window, error);
      else if (error.kind === 'bad_request' && error.status !== null && window.cursor !== null && !window.begunAgain) await this.#beginWindowAgain(run, window);
      // Of a stream, its runs must find out one by one whose id it is.
      else if (error.kind === 'bad_request' && error.status !== null && Object.keys(window.filter).length > 0 && run.members.length === 1) await this.#findUnknown(run, entry, window, error);
      else throw error;
      return 'window';
    }
  }

  /** Nobody waits for its place while the worker has others to give, and no other run of its job is behind it. */
  #isTurnOver(run: ClaimedRun): boolean {
    const { since, awaited } = this.#inHands.get(run) ?? { since: 0, awaited: false };
    return (awaited || this.#inHands.size >= this.config.workerConcurrency) && Date.now() - since >= TURN_MS;
  }

  /**
   * Mews refuses a request for one id that it does not know: the ids are halved until that one stands alone, and is left out.
   * A record that is asked for because it is missing is gone then. Where one stands alone and pages of it were read, it is the cursor that
   * Mews does not know: to leave out what it lists would delete the rest of that.
   */
  async #findUnknown(run: ClaimedRun, { byIds }: CollectionEntry, window: RunWindow, cause: MewsError): Promise<void> {
    const rechecked = byIds !== undefined && byIds.name in window.filter;
    const halves = halveIds(window, rechecked ? byIds.name : undefined), alone = rechecked ? [] : Object.values(window.filter).flat();
    if (!halves && window.cursor !== null) throw cause;
    await this.db.inTenant(run.tenantId, async (tx) => {
      if (halves) return this.runs.replaceWindow(tx, run, window, halves);
      if (rechecked) return this.runs.skipWindow(tx, run, window);
      const pages = await this.runs.leaveOut(tx, run, window, alone);
      if (run.leftOut.length + alone.length > (pages === 0 ? UNKNOWN_FIRST_MAX : UNKNOWN_MAX)) throw cause;
    });
    if (halves || !rechecked) run.unrecorded = 0;
    if (!halves) run.leftOut.push(...alone);
  }

  /** The record that the cursor names may be gone, and the cursor with it. */
  async #beginWindowAgain(run: ClaimedRun, window: RunWindow): Promise<void> {
    await this.db.inTenant(run.tenantId, (tx) => this.runs.beginWindowAgain(tx, run, window));
    run.unrecorded = 0;
  }

  async #askForLess(run: ClaimedRun, entry: CollectionEntry, window: RunWindow, cause: MewsError): Promise<void> {
    await this.db.inTenant(run.tenantId, async (tx) => {
      // In the middle of a window its cursor is worth keeping: the page is halved first.
      if (window.cursor !== null && window.pageSize > 1) return this.runs.shrinkPage(tx, run, window, Math.ceil(window.pageSize / 2));
      const parts = splitWindow(entry, window);
      if (!parts) throw cause.status === 408 ? cause : new AppError('mews.failed', { detail: `Mews finds even a single record too heavy: ${cause.detail}`, cause });
      return this.runs.replaceWindow(tx, run, window, parts);
    });
    run.unrecorded = 0;
  }

  async #moreToDo(run: ClaimedRun, entry: CollectionEntry): Promise<boolean> {
    return this.db.inTenant(run.tenantId, async (tx) => {
      if (await this.planner.planOlder(tx, run, entry)) return true;
      if (!run.sweeps) return false;
      const sweptFrom = await this.runs.sweptFrom(tx, run);
      if (sweptFrom === null) return false;
      // Reads the whole collection, which may take longer than a lease: no lock may keep the heartbeat from renewing it meanwhile.
      const askedAgain = (await this.#vanished(tx, run, entry)).flatMap(({ vanished }) => vanished).filter((one) => one.missing > 0 && isAskedAgain(one));
      if (askedAgain.length === 0) return false;
      // Only records of the primary list can be asked for by their ids.
      const missing = askedAgain.filter(({ list }) => list === entry.name).flatMap(({ list, own }) => own.map((id) => mewsId(run.environmentId, list, id)));
      await this.runs.beginRecheck(tx, run);
      return this.planner.planRecheck(tx, run, entry, missing, sweptFrom, this.mews.nowAt(run.environmentId));
    });
  }

  async #finish(run: ClaimedRun, entry: CollectionEntry): Promise<void> {
    await this.db.inTenant(run.tenantId, async (tx) => {
      const found = run.sweeps ? await this.#vanished(tx, run, entry) : run.members.filter(({ live }) => live).map((member) => ({ member, vanished: [] }));
      for (const { member, vanished } of found) {
        await this.runs.advanceState(tx, run, member);
        const end = await this.#endOf(tx, run, entry, member, vanished);
        await (member.id === run.id ? this.runs.finish(tx, run, end) : this.runs.finishMember(tx, run, member, end));
      }
      if (run.members.length > 1) await this.runs.forgetSeen(tx, { leaderId: run.id });
    });
  }

  async #endOf(tx: TenantTx, run: ClaimedRun, entry: CollectionEntry, member: Member, vanished: readonly Vanished[]): Promise<RunEnd> {
    if (!needsReview(entry, vanished)) return { state: 'succeeded', deleted: await this.sweep.delete(tx, sweptOf(run, member), vanished) };
    const text = vanished.filter(({ missing }) => missing > 0).map(({ list, missing, known }) => `${missing} of ${known} ${list}`).join(', ');
    return { state: 'needs_review', error: { code: 'run.deletions_need_review', message: `Mews no longer lists ${text}. Nothing was deleted: confirm the deletions, or find out why they are missing and sync again` } };
  }

  /** What each enterprise of the run misses. */
  async #vanished(tx: TenantTx, run: ClaimedRun, entry: CollectionEntry): Promise<{ member: Member; vanished: Vanished[] }[]> {
    const found: { member: Member; vanished: Vanished[] }[] = [];
    for (const member of run.members) if (member.live) found.push({ member, vanished: await this.sweep.vanished(tx, sweptOf(run, member), entry) });
    return found;
  }

  /** Acts on an error: waits, gives up, or finds out what a 401 means. */
  async #settle(run: ClaimedRun, error: unknown, stop: Stop): Promise<void> {
    if (error instanceof StaleFence) return;
    if (stop.signal.aborted || error instanceof TurnOver) return this.db.inTenant(run.tenantId, (tx) => this.runs.release(tx, run));
    if (error instanceof Inseparable) return this.db.inTenant(run.tenantId, (tx) => this.runs.part(tx, run));
    const verdict = judge(error, run.attempts, Math.random());
    if (verdict.kind === 'park' && (verdict.reason === 'retry' || verdict.reason === 'outage')) this.logger.warn({ runId: run.id, collection: run.collection, ...verdict.error, ...(error instanceof MewsError ? { message: error.summary } : { cause: error instanceof Error ? error.stack : 'unknown' }) }, 'run failed, will be tried again');
    // Whatever it is, it may be the trouble of one enterprise alone.
    if (verdict.kind !== 'park' && run.members.length > 1) return this.db.inTenant(run.tenantId, (tx) => this.runs.part(tx, run));
    return this.#act(run, verdict, stop);
  }

  async #act(run: ClaimedRun, verdict: Verdict, stop: Stop): Promise<void> {
    switch (verdict.kind) {
      case 'park': return this.db.inTenant(run.tenantId, (tx) => this.runs.park(tx, run, verdict));
      case 'skip': return this.db.inTenant(run.tenantId, (tx) => this.runs.finish(tx, run, { state: 'cancelled', error: verdict.error }));
      case 'fail': return this.db.inTenant(run.tenantId, (tx) => this.runs.finish(tx, run, { state: 'failed', error: verdict.error }));
      case 'unavailable': return this.db.inTenant(run.tenantId, (tx) => this.#unavailable(tx, run, verdict.error));
      case 'unauthorized': return this.#unauthorized(run, verdict.error, stop);
      case 'doubtful': return this.#doubtful(run, verdict, stop);
      case 'split': return this.#act(run, { kind: 'fail', error: { code: 'mews.too_heavy', message: 'Mews finds the request too heavy, and it cannot be made smaller' } }, stop);
    }
  }

  async #unavailable(tx: TenantTx, run: ClaimedRun, error: RunError): Promise<void> {
    await this.runs.markUnavailable(tx, run, error.message, UNAVAILABLE_MS);
    await this.runs.finish(tx, run, { state: 'cancelled', error: { ...error, code: 'collection.unavailable' } });
  }

  /** Where Mews still answers others, it is the operation: waiting for hours would only hide it. */
  async #doubtful(run: ClaimedRun, verdict: Extract<Verdict, { kind: 'doubtful' }>, stop: Stop): Promise<void> {
    const refusal = await this.#askConfiguration(run, await this.tokens.target(run.tenantId, run.accessTokenId), stop);
    if (refusal === null) return this.#act(run, { kind: 'fail', error: verdict.error }, stop);
    const isDown = refusal instanceof MewsError && (refusal.kind === 'server' || refusal.kind === 'unreachable') && !stop.signal.aborted;
    return isDown ? this.#act(run, { ...verdict, kind: 'park' }, stop) : this.#settle(run, refusal, stop);
  }

  /** Asks what every token may ask. Nobody waits for it: where the budget is spent the run asks for its page again. @returns what was refused, null where nothing was */
  async #askConfiguration(run: ClaimedRun, target: MewsTarget, stop: Stop): Promise<unknown> {
    run.unrecorded += 1;
    try {
      await readConfiguration(this.mews, target, { use: 'background', maxWaitMs: WAIT_IN_PLACE_MS, signal: stop.signal });
      return null;
    } catch (error) {
      if (error instanceof MewsError && error.unsent) run.unrecorded -= 1;
      return error;
    }
  }

  /** 401 for everything means the token; for one collection while the configuration is still readable, the permission for it. */
  async #unauthorized(run: ClaimedRun, error: RunError, stop: Stop): Promise<void> {
    const target = await this.tokens.target(run.tenantId, run.accessTokenId);
    const second = await this.#askConfiguration(run, target, stop);
    if (second !== null) {
      if (stop.signal.aborted || !(second instanceof MewsError) || second.kind !== 'unauthorized') return this.#settle(run, second, stop);
      await this.tokens.suspend(run.tenantId, run.accessTokenId, { code: 'access_token.rejected', message: error.message, requestId: error.requestId ?? null, fingerprint: target.fingerprint });
      return this.db.inTenant(run.tenantId, (tx) => this.runs.finish(tx, run, { state: 'failed', error: { ...error, code: 'access_token.rejected' } }));
    }
    return this.#refused(run, error);
  }

  /** Without the permission for an operation there may be another operation, or another token of the tenant. */
  #refused(run: ClaimedRun, error: RunError): Promise<void> {
    const entry = entryOf(run.collection);
    return this.db.inTenant(run.tenantId, async (tx) => {
      if (entry.fallbackPath !== undefined && !run.fallback) {
        await this.runs.beginAgain(tx, run, { fallback: true, accessTokenId: run.accessTokenId, refused: run.refused });
        return;
      }
      const refused = [...run.refused, run.accessTokenId];
      const accessTokenId = await this.readers.find(tx, { ...run, refused }, entry);
      const readAt = accessTokenId === null ? null : await this.runs.beginAgain(tx, run, { fallback: false, accessTokenId, refused });
      if (accessTokenId === null) await this.#unavailable(tx, run, { ...error, message: `Mews does not allow this AccessToken to read ${run.collection}: ${error.message}` });
      // After the run has ended: what it had read before is not taken for a later read.
      await this.evidence.noteRefusal(tx, run, error);
      if (readAt !== null) await this.evidence.noteRead(tx, run, readAt);
    });
  }

  /**
   * The run may be lost to us at any moment; then there is nothing left to settle. Where only a connection was lost it is tried again, and
   * what had been done is found to be: left as it is, the run would look like the last one of a process that died.
   */
  async #unlessStale(run: ClaimedRun, settle: () => Promise<void>): Promise<void> {
    for (let tries = 0; ; tries += 1) {
      try {
        return await settle();
      } catch (error) {
        if (error instanceof StaleFence) return;
        const againMs = isStoreAway(error) ? SETTLE_AGAIN_MS[tries] : undefined;
        if (againMs === undefined) {
          // The lease ends by itself, and another worker takes the run up again.
          this.logger.error({ runId: run.id, cause: error instanceof Error ? error.stack : 'unknown' }, 'a run could not be settled');
          return;
        }
        await sleep(againMs);
      }
    }
  }
}

const sweptOf = ({ id, mode }: ClaimedRun, member: Member) => ({ ...member, mode, leaderId: id });
