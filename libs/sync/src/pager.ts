// One page: asked of Mews outside any transaction, then written, counted and remembered in one.
import { Injectable } from '@nestjs/common';
import { Config, Database, newId, type TenantTx } from '@keyrack/core';
import { Vault, type Sealer } from '@keyrack/credentials';
import { buildPageRequest, MewsClient, MewsError, nextCursor, readPage, type CollectionEntry, type MewsAnswer, type MewsTarget, type Page, type Quarantined } from '@keyrack/mews';
import { compare, writePage, type PageScope } from './page-writer.js';
import { PLATFORM_SOURCE, type ClaimedRun, type RunWindow } from './run.js';
import { RunsRepository } from './runs.repository.js';
import { packIds } from './seen.js';
import { Sights } from './sights.js';

/** How long a worker waits in place for the request budget before it lets the run go. */
const WAIT_IN_PLACE_MS = 1_500;
/** The planner's statistics lag behind a first load, and by them it would scan the table for each page, or compile its plans. */
const planning = { enable_seqscan: 'off', jit: 'off', plan_cache_mode: 'force_generic_plan' };

@Injectable()
export class Pager {
  constructor(private readonly db: Database, private readonly mews: MewsClient, private readonly vault: Vault, private readonly runs: RunsRepository, private readonly sights: Sights, private readonly config: Config) {}

  /** @throws MewsError; @throws StaleFence when the run is no longer ours, with nothing written. Returns whether the window has more pages. */
  async page(run: ClaimedRun, entry: CollectionEntry, target: MewsTarget, window: RunWindow, signal: AbortSignal): Promise<boolean> {
    const answer = await this.#ask(run, entry, target, window, signal);
    const page = readPage(entry, answer.bytes);
    const next = nextCursor(entry, page, window.pageSize, window.cursor);
    await this.db.inTenant(run.tenantId, (tx) => this.#store(tx, run, entry, window, page, next, answer), planning);
    run.attempts = 0;
    run.unrecorded = 0;
    window.cursor = next;
    window.pages += 1;
    return next !== null;
  }

  async #ask(run: ClaimedRun, entry: CollectionEntry, target: MewsTarget, window: RunWindow, signal: AbortSignal): Promise<MewsAnswer> {
    const interval = entry.intervals.find((one) => one.name === window.interval);
    const body = buildPageRequest(entry, {
      enterpriseIds: entry.enterprises ? [run.enterpriseId] : [],
      chainIds: entry.chains ? [run.chainId] : [],
      filter: window.filter,
      interval: interval && window.startUtc && window.endUtc ? { name: interval.name, kind: interval.kind, startUtc: window.startUtc, endUtc: window.endUtc } : null,
      count: window.pageSize,
      cursor: window.cursor,
    });
    try {
      const answer = await this.mews.ask(target, entry.path, body, { use: 'background', maxWaitMs: WAIT_IN_PLACE_MS, signal });
      run.unrecorded += 1;
      return answer;
    } catch (error) {
      if (error instanceof MewsError && !error.unsent) run.unrecorded += 1;
      throw error;
    }
  }

  async #store(tx: TenantTx, run: ClaimedRun, entry: CollectionEntry, window: RunWindow, page: Page, next: string | null, answer: MewsAnswer): Promise<void> {
    const sealer = await this.vault.tenant(tx);
    const total = { records: 0, added: 0, updated: 0, unchanged: 0, quarantined: 0 };
    for (const { list, items } of page.lists) {
      const scope = scopeOf(run, list.name);
      const compared = await compare(tx, sealer, scope, entry, { list, items });
      const { ids, quarantined } = compared;
      if (run.sweeps && ids.length > 0) await this.runs.rememberSeen(tx, run, window, list.name, packIds(ids));
      await this.sights.note(tx, run, entry, list.name, ids);
      for (const bad of quarantined) await quarantine(tx, sealer, run, bad);
      const { added, updated } = await writePage(tx, sealer, scope, compared);
      total.records += items.length;
      total.added += added;
      total.updated += updated;
      total.unchanged += ids.length - added - updated;
      total.quarantined += quarantined.length;
    }
    await this.runs.pageDone(tx, run, { window, nextCursor: next, ...total, answeredAt: answer.answeredAt }, this.config.leaseMs);
  }
}

const ofEnterprise = (run: ClaimedRun): boolean => run.source === run.enterpriseId;

const scopeOf = (run: ClaimedRun, collection: string): PageScope => ({
  environment: run.environmentId, collection, source: run.source,
  enterpriseId: ofEnterprise(run) ? run.enterpriseId : null,
  chainId: ofEnterprise(run) || run.source.startsWith(PLATFORM_SOURCE) ? null : run.chainId,
});

async function quarantine(tx: TenantTx, sealer: Sealer, run: ClaimedRun, bad: Quarantined): Promise<void> {
  const id = newId();
  const payload = sealer.seal({ environment: run.environmentId, table: 'run_quarantine', column: 'payload', row: id }, Buffer.from(JSON.stringify(bad.raw ?? null)));
  await tx.sql`insert into run_quarantine (tenant_id, run_id, id, reason, payload) values (${tx.tenantId}, ${run.id}, ${id}, ${bad.reason}, ${payload})`;
}
