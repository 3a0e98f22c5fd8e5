// Works on one run until it ends or must wait. Told as a state machine:
// claim -> plan -> page after page, window after window -> older windows -> recheck of what vanished -> settle.
// A process may die between any two steps: the next one continues from what the last transaction left.
import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { AccessTokens } from '@keyrack/access-tokens';
import { AppError, Config, dayMs, Database, LOGGER, type Logger, type RunId, type TenantId } from '@keyrack/core';
import { fallbackOf, MewsClient, MewsError, readConfiguration, type CollectionEntry } from '@keyrack/mews';
import { judge, type Verdict } from './failure.js';
import { Pager } from './pager.js';
import { halveIds, splitWindow, withoutIds } from './plan.js';
import { Planner } from './planner.js';
import { Readers } from './readers.js';
import type { ClaimedRun, RunError, RunWindow } from './run.js';
import { RunsRepository, StaleFence } from './runs.repository.js';
import { needsReview, Sweep } from './sweep.js';
import { entryOf } from './synced.js';

const UNAVAILABLE_MS = 7 * dayMs;
/** Above this many missing records a recheck one by one would cost more than the sweep did; a person decides instead. */
const RECHECK_MAX = 10_000;

/** Ids that a run may leave out because Mews does not know them; beyond, or before any page was read, it is the request that is wrong. */
const UNKNOWN_MAX = 100;
const UNKNOWN_FIRST_MAX = 5;

@Injectable()
export class Runner {
  /** Names this process in the ledger; a new one after each start, so that its own dead runs are not taken for live ones. */
  readonly worker = `${process.pid}-${randomUUID()}`;
  /** What this process works on now. */
  readonly #inHands = new Set<ClaimedRun>();

  constructor(
    private readonly db: Database, private readonly runs: RunsRepository, private readonly planner: Planner, private readonly pager: Pager,
    private readonly sweep: Sweep, private readonly readers: Readers, private readonly tokens: AccessTokens, private readonly mews: MewsClient, private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Does nothing when the run is not ready or in other hands. Never throws for what a run can run into. */
  async execute(tenantId: TenantId, id: RunId, signal: AbortSignal): Promise<void> {
    const run = await this.db.inTenant(tenantId, (tx) => this.runs.claim(tx, id, this.worker, this.config.leaseMs));
    if (!run) return;
    this.#inHands.add(run);
    try {
      await this.#work(run, entryOf(run.collection), signal);
    } catch (error) {
      await this.#unlessStale(run, () => this.#settle(run, error, signal));
    } finally {
      this.#inHands.delete(run);
    }
  }

  /**
   * Keeps the leases of the runs in hands alive; call it every third of a lease. Not of all that the ledger has under this process's
   * name: one whose claim or end was lost with the connection is worked on by nobody, and must come back when its lease ends.
   */
  async heartbeat(): Promise<void> {
    const runs = [...this.#inHands];
    if (runs.length > 0) await this.db.onPlatform('lease heartbeat', (tx) => this.runs.heartbeat(tx, runs, this.config.leaseMs));
  }

  async #work(run: ClaimedRun, entry: CollectionEntry, signal: AbortSignal): Promise<void> {
    if (!run.planned) await this.db.inTenant(run.tenantId, (tx) => this.planner.plan(tx, run, entry, this.mews.nowAt(run.environmentId)));
    do {
      let window = await this.#nextWindow(run);
      while (window) {
        await this.#readWindow(run, entry, window, signal);
        window = await this.#nextWindow(run);
      }
    } while (await this.#moreToDo(run, entry));
    await this.#finish(run, entry);
  }

  #nextWindow(run: ClaimedRun): Promise<RunWindow | null> {
    return this.db.inTenant(run.tenantId, (tx) => this.runs.nextWindow(tx, run));
  }

  async #readWindow(run: ClaimedRun, entry: CollectionEntry, window: RunWindow, signal: AbortSignal): Promise<void> {
    const filter = withoutIds(window.filter, run.leftOut);
    if (filter === null) return this.db.inTenant(run.tenantId, (tx) => this.runs.skipWindow(tx, run, window));
    window.filter = filter;
    try {
      let more = true;
      while (more) {
        // Read anew for each page: a token that is disabled or rotated in the middle of a long run must not be used again.
        more = await this.pager.page(run, run.fallback ? fallbackOf(entry) : entry, await this.tokens.target(run.tenantId, run.accessTokenId), window, signal);
        signal.throwIfAborted();
      }
    } catch (error) {
      if (!(error instanceof MewsError)) throw error;
      if (error.kind === 'too_heavy') await this.#askForLess(run, entry, window, error);
      else if (error.kind === 'bad_request' && error.status !== null && Object.keys(window.filter).length > 0) await this.#findUnknown(run, entry, window, error);
      else throw error;
    }
  }

  /**
   * Mews refuses a request for one id that it does not know: the ids are halved until that one stands alone, and is left out.
   * Records that are asked for because they are missing are missing then.
   */
  async #findUnknown(run: ClaimedRun, { byIds }: CollectionEntry, window: RunWindow, cause: MewsError): Promise<void> {
    const rechecked = byIds !== undefined && byIds.name in window.filter;
    const halves = rechecked ? null : halveIds(window), alone = rechecked ? [] : Object.values(window.filter).flat();
    await this.db.inTenant(run.tenantId, async (tx) => {
      if (halves) return this.runs.isolateIds(tx, run, window, halves);
      const pages = await this.runs.leaveOut(tx, run, window, alone);
      if (run.leftOut.length + alone.length > (pages === 0 ? UNKNOWN_FIRST_MAX : UNKNOWN_MAX)) throw cause;
    });
    run.unrecorded = 0;
    if (!halves) run.leftOut.push(...alone);
  }

  async #askForLess(run: ClaimedRun, entry: CollectionEntry, window: RunWindow, cause: MewsError): Promise<void> {
    await this.db.inTenant(run.tenantId, async (tx) => {
      // In the middle of a window its cursor is worth keeping: the page is halved first.
      if (window.cursor !== null && window.pageSize > 1) return this.runs.shrinkPage(tx, run, window, Math.ceil(window.pageSize / 2));
      const parts = splitWindow(entry, window);
      if (!parts) throw new AppError('mews.failed', { detail: `Mews finds even a single record too heavy: ${cause.detail}`, cause });
      return this.runs.replaceWindow(tx, run, window, parts);
    });
    run.unrecorded = 0;
  }

  async #moreToDo(run: ClaimedRun, entry: CollectionEntry): Promise<boolean> {
    return this.db.inTenant(run.tenantId, async (tx) => {
      if (await this.planner.planOlder(tx, run, entry)) return true;
      if (!run.sweeps) return false;
      const sweptFrom = await this.runs.beginRecheck(tx, run);
      if (sweptFrom === null) return false;
      const missing = (await this.sweep.vanished(tx, run, entry)).filter((one) => one.list === entry.name).flatMap((one) => one.ids);
      if (missing.length === 0 || missing.length > RECHECK_MAX) return false;
      return this.planner.planRecheck(tx, run, entry, missing, sweptFrom, this.mews.nowAt(run.environmentId));
    });
  }

  async #finish(run: ClaimedRun, entry: CollectionEntry): Promise<void> {
    await this.db.inTenant(run.tenantId, async (tx) => {
      await this.runs.advanceState(tx, run);
      const vanished = run.sweeps ? await this.sweep.vanished(tx, run, entry) : [];
      if (needsReview(entry, vanished)) {
        const text = vanished.map(({ list, ids, known }) => `${ids.length} of ${known} ${list}`).join(', ');
        await this.runs.finish(tx, run, { state: 'needs_review', error: { code: 'run.deletions_need_review', message: `Mews no longer lists ${text}. Nothing was deleted: confirm the deletions, or find out why they are missing and sync again` } });
      } else {
        await this.runs.finish(tx, run, { state: 'succeeded', deleted: await this.sweep.delete(tx, run.source, vanished) });
      }
    });
  }

  /** Acts on an error: waits, gives up, or finds out what a 401 means. */
  async #settle(run: ClaimedRun, error: unknown, signal: AbortSignal): Promise<void> {
    if (error instanceof StaleFence) return;
    if (signal.aborted) return this.db.inTenant(run.tenantId, (tx) => this.runs.release(tx, run));
    const verdict = judge(error, run.attempts, Math.random());
    if (verdict.kind === 'park' && verdict.reason === 'retry') this.logger.warn({ runId: run.id, collection: run.collection, ...verdict.error, ...(!(error instanceof MewsError) && { cause: error instanceof Error ? error.stack : 'unknown' }) }, 'run failed, will be tried again');
    return this.#act(run, verdict);
  }

  async #act(run: ClaimedRun, verdict: Verdict): Promise<void> {
    switch (verdict.kind) {
      case 'park': return this.db.inTenant(run.tenantId, (tx) => this.runs.park(tx, run, verdict));
      case 'skip': return this.db.inTenant(run.tenantId, (tx) => this.runs.finish(tx, run, { state: 'cancelled', error: verdict.error }));
      case 'fail': return this.db.inTenant(run.tenantId, (tx) => this.runs.finish(tx, run, { state: 'failed', error: verdict.error }));
      case 'unavailable': return this.#unavailable(run, verdict.error);
      case 'unauthorized': return this.#unauthorized(run, verdict.error);
      case 'split': return this.#act(run, { kind: 'fail', error: { code: 'mews.too_heavy', message: 'Mews finds the request too heavy, and it cannot be made smaller' } });
    }
  }

  #unavailable(run: ClaimedRun, error: RunError): Promise<void> {
    return this.db.inTenant(run.tenantId, async (tx) => {
      await this.runs.markUnavailable(tx, run, error.message, UNAVAILABLE_MS);
      await this.runs.finish(tx, run, { state: 'cancelled', error: { ...error, code: 'collection.unavailable' } });
    });
  }

  /** 401 for everything means the token; for one collection while the configuration is still readable, the permission for it. */
  async #unauthorized(run: ClaimedRun, error: RunError): Promise<void> {
    const target = await this.tokens.target(run.tenantId, run.accessTokenId);
    run.unrecorded += 1;
    try {
      await readConfiguration(this.mews, target);
    } catch (second) {
      if (!(second instanceof MewsError)) throw second;
      if (second.kind !== 'unauthorized') return this.#act(run, judge(second, run.attempts, Math.random()));
      await this.tokens.suspend(run.tenantId, run.accessTokenId, { code: 'access_token.rejected', message: error.message, requestId: error.requestId ?? null, fingerprint: target.fingerprint });
      return this.db.inTenant(run.tenantId, (tx) => this.runs.finish(tx, run, { state: 'failed', error: { ...error, code: 'access_token.rejected' } }));
    }
    if (await this.#beginAgain(run)) return;
    return this.#unavailable(run, { ...error, message: `Mews does not allow this AccessToken to read ${run.collection}: ${error.message}` });
  }

  /** Without the permission for an operation there may be another operation, or another token of the tenant. Returns whether there is. */
  #beginAgain(run: ClaimedRun): Promise<boolean> {
    const entry = entryOf(run.collection);
    return this.db.inTenant(run.tenantId, async (tx) => {
      if (entry.fallbackPath !== undefined && !run.fallback) {
        await this.runs.beginAgain(tx, run, { fallback: true, accessTokenId: run.accessTokenId, refused: run.refused });
        return true;
      }
      const refused = [...run.refused, run.accessTokenId];
      const accessTokenId = await this.readers.find(tx, { ...run, refused }, entry);
      if (accessTokenId !== null) await this.runs.beginAgain(tx, run, { fallback: false, accessTokenId, refused });
      return accessTokenId !== null;
    });
  }

  /** The run may be lost to us at any moment; then there is nothing left to settle. */
  async #unlessStale(run: ClaimedRun, settle: () => Promise<void>): Promise<void> {
    try {
      await settle();
    } catch (error) {
      if (error instanceof StaleFence) return;
      // The lease ends by itself, and another worker takes the run up again.
      this.logger.error({ runId: run.id, cause: error instanceof Error ? error.stack : 'unknown' }, 'a run could not be settled');
    }
  }
}
