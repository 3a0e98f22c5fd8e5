// One page: asked of Mews outside any transaction, then written, counted and remembered in one.
import { Injectable } from '@nestjs/common';
import { Config, Database, newId, type TenantTx } from '@keyrack/core';
import { Vault, type Sealer } from '@keyrack/credentials';
import { buildPageRequest, MewsClient, nextCursor, parsePage, type CollectionEntry, type MewsAnswer, type MewsTarget, type Page, type PageList } from '@keyrack/mews';
import { writePage } from './page-writer.js';
import { PLATFORM_SOURCE, type ClaimedRun, type RunWindow } from './run.js';
import { RunsRepository } from './runs.repository.js';
import { packIds } from './seen.js';

/** How long a worker waits in place for the request budget before it lets the run go. */
const WAIT_IN_PLACE_MS = 1_500;

@Injectable()
export class Pager {
  constructor(private readonly db: Database, private readonly mews: MewsClient, private readonly vault: Vault, private readonly runs: RunsRepository, private readonly config: Config) {}

  /** @throws MewsError; @throws StaleFence when the run is no longer ours, with nothing written. Returns whether the window has more pages. */
  async page(run: ClaimedRun, entry: CollectionEntry, target: MewsTarget, window: RunWindow, signal: AbortSignal): Promise<boolean> {
    const answer = await this.#ask(run, entry, target, window, signal);
    const page = parsePage(entry, answer.body);
    const next = nextCursor(entry, page, window.pageSize, window.cursor);
    await this.db.inTenant(run.tenantId, async (tx) => {
      // The planner's statistics lag behind a first load: without this it would scan the table for each page.
      await tx.sql`select set_config('enable_seqscan', 'off', true)`;
      await this.#store(tx, run, window, page, next, answer);
    });
    run.attempts = 0;
    window.cursor = next;
    window.pages += 1;
    return next !== null;
  }

  #ask(run: ClaimedRun, entry: CollectionEntry, target: MewsTarget, window: RunWindow, signal: AbortSignal): Promise<MewsAnswer> {
    const interval = entry.intervals.find((one) => one.name === window.interval);
    const body = buildPageRequest(entry, {
      enterpriseIds: entry.enterprises ? [run.enterpriseId] : [],
      chainIds: entry.chains ? [run.chainId] : [],
      filter: window.filter,
      interval: interval && window.startUtc && window.endUtc ? { name: interval.name, kind: interval.kind, startUtc: window.startUtc, endUtc: window.endUtc } : null,
      count: window.pageSize,
      cursor: window.cursor,
    });
    return this.mews.call(target, entry.path, body, { use: 'background', maxWaitMs: WAIT_IN_PLACE_MS, signal });
  }

  async #store(tx: TenantTx, run: ClaimedRun, window: RunWindow, page: Page, next: string | null, answer: MewsAnswer): Promise<void> {
    const sealer = await this.vault.tenant(tx);
    const total = { records: 0, added: 0, updated: 0, unchanged: 0, quarantined: 0 };
    for (const list of page.lists) {
      const { kept, strays } = ownRecords(list, run);
      if (run.sweeps && kept.records.length > 0) await this.runs.rememberSeen(tx, run, window, list.list.name, packIds(kept.records.map((record) => record.id)));
      for (const bad of [...list.quarantined, ...strays]) await quarantine(tx, sealer, run, bad);
      const written = await writePage(tx, sealer, scopeOf(run, list), kept.records);
      total.records += list.items;
      total.quarantined += list.quarantined.length + strays.length;
      for (const fate of ['added', 'updated', 'unchanged'] as const) total[fate] += written[fate];
    }
    await this.runs.pageDone(tx, run, { window, nextCursor: next, ...total, answeredAt: answer.answeredAt }, this.config.leaseMs);
  }
}

const ofEnterprise = (run: ClaimedRun): boolean => run.source === run.enterpriseId;

const scopeOf = (run: ClaimedRun, list: PageList) => ({
  environment: run.environmentId, collection: list.list.name, source: run.source,
  enterpriseId: ofEnterprise(run) ? run.enterpriseId : null,
  chainId: ofEnterprise(run) || run.source.startsWith(PLATFORM_SOURCE) ? null : run.chainId,
});

/** A record that names another enterprise than the one asked for must not be stored under this one. */
function ownRecords(list: PageList, run: ClaimedRun) {
  if (!ofEnterprise(run)) return { kept: list, strays: [] };
  const strays = list.records.filter((record) => record.enterpriseId !== null && record.enterpriseId !== run.enterpriseId);
  if (strays.length === 0) return { kept: list, strays: [] };
  return {
    kept: { ...list, records: list.records.filter((record) => !strays.includes(record)) },
    strays: strays.map((record) => ({ reason: 'belongs to another enterprise than the one asked for', raw: record.raw })),
  };
}

async function quarantine(tx: TenantTx, sealer: Sealer, run: ClaimedRun, bad: { reason: string; raw: unknown }): Promise<void> {
  const id = newId();
  const payload = sealer.seal({ environment: run.environmentId, table: 'run_quarantine', column: 'payload', row: id }, Buffer.from(JSON.stringify(bad.raw ?? null)));
  await tx.sql`insert into run_quarantine (tenant_id, run_id, id, reason, payload) values (${tx.tenantId}, ${run.id}, ${id}, ${bad.reason}, ${payload})`;
}
