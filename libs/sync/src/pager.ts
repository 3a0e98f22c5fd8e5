// One page: asked of Mews outside any transaction, then written, counted and remembered in one.
import { Injectable } from '@nestjs/common';
import { Config, Database, newId, type TenantTx } from '@keyrack/core';
import { Vault, type Sealer } from '@keyrack/credentials';
import { buildPageRequest, MewsClient, MewsError, nextCursor, readPage, type CollectionEntry, type MewsAnswer, type MewsTarget, type PageItem, type Quarantined, type RecordList } from '@keyrack/mews';
import { bury, deleteListed } from './deleted.js';
import { FanIn } from './fan-in.js';
import { compare, knownOf, ListWriter, lockFeed, Lookup, renewTombstones, unknownOf, type PageScope } from './page-writer.js';
import { storedId } from './record-id.js';
import { PLATFORM_SOURCE, type ClaimedRun, type Member, type RunWindow } from './run.js';
import { RunsRepository } from './runs.repository.js';
import { packIds } from './seen.js';
import { Sights } from './sights.js';

/** How long a worker waits in place for the request budget before it lets the run go. */
export const WAIT_IN_PLACE_MS = 1_500;
/** The planner's statistics lag behind a first load, and by them it would scan the table for each page, or compile its plans. */
const planning = { enable_seqscan: 'off', jit: 'off', plan_cache_mode: 'force_generic_plan' };

/** What is through after a page; `more`: nothing, the window has more pages. */
export type PageOutcome = 'more' | 'window' | 'run';

@Injectable()
export class Pager {
  constructor(private readonly db: Database, private readonly mews: MewsClient, private readonly vault: Vault, private readonly runs: RunsRepository, private readonly fanIn: FanIn, private readonly sights: Sights, private readonly config: Config) {}

  /**
   * @param ends what is through with the window's last page: the window, or with it the run, which then ends in the same transaction
   * @throws MewsError, Inseparable; @throws StaleFence when the run is no longer ours, with nothing written
   */
  async page(run: ClaimedRun, entry: CollectionEntry, target: MewsTarget, window: RunWindow, ends: 'window' | 'run', signal: AbortSignal): Promise<PageOutcome> {
    const answer = await this.#ask(run, entry, target, window, signal);
    const next = await this.db.inTenant(run.tenantId, (tx) => this.#store(tx, run, entry, window, answer, ends), planning);
    if (next === undefined) return 'more';
    run.attempts = 0;
    run.unrecorded = 0;
    window.cursor = next;
    window.pages += 1;
    return next === null ? ends : 'more';
  }

  async #ask(run: ClaimedRun, entry: CollectionEntry, target: MewsTarget, window: RunWindow, signal: AbortSignal): Promise<MewsAnswer> {
    const interval = entry.intervals.find((one) => one.name === window.interval);
    const body = buildPageRequest(entry, {
      enterpriseIds: entry.enterprises ? run.members.map((member) => member.enterpriseId) : [],
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

  /** @returns the next page's cursor; undefined, with nothing written, where one whose records were asked for does not ride along any more */
  async #store(tx: TenantTx, run: ClaimedRun, entry: CollectionEntry, window: RunWindow, answer: MewsAnswer, ends: 'window' | 'run'): Promise<string | null | undefined> {
    const [alone, ...others] = run.members;
    const lookups = new Map(alone && others.length === 0 ? entry.lists.map(({ name }) => [name, new Lookup(tx, scopeOf(run, alone, name))]) : []);
    const page = readPage(entry, answer.bytes, (list, item) => {   // while Postgres opens the transaction, and looks up what is found
      if (item.id !== null) item.id = storedId(run.environmentId, list.name, item.id);
      lookups.get(list.name)?.add(item);
    });
    const next = nextCursor(entry, page, window.pageSize, window.cursor);
    const sealer = await this.vault.tenant(tx);
    if (others.length > 0) run.members = await this.fanIn.members(tx, run);
    if (run.members.length <= others.length) return undefined;
    const counts = new Map(run.members.map((member) => [member, { added: 0, updated: 0, unchanged: 0, quarantined: 0, deleted: 0, records: 0 }]));
    for (const list of page.lists) {
      for (const { member, items } of await this.fanIn.split(tx, run, entry, list)) {
        const total = counts.get(member);
        if (!total || !member.live) continue;
        total.records += items.length;
        await this.#storeList(tx, sealer, run, member, entry, window, list.list, lookups.get(list.list.name) ?? lookupOf(tx, scopeOf(run, member, list.list.name), items), total);
      }
    }
    let own = { added: 0, updated: 0, unchanged: 0, quarantined: 0, deleted: 0 };
    for (const [member, total] of counts) {
      if (member.id === run.id) own = total;
      else if (total.records > 0) await this.runs.memberDone(tx, member, total);
    }
    const records = page.lists.reduce((sum, { items }) => sum + items.length, 0);
    const quiet = [...counts.values()].every(({ added, updated, quarantined, deleted }) => added + updated + quarantined + deleted === 0);
    const progress = { window, nextCursor: next, ...own, records, quiet, answeredAt: answer.answeredAt };
    await (next === null && ends === 'run' ? this.runs.lastPageDone(tx, run, progress) : this.runs.pageDone(tx, run, progress, this.config.leaseMs));
    return next;
  }

  async #storeList(tx: TenantTx, sealer: Sealer, run: ClaimedRun, member: Member, entry: CollectionEntry, window: RunWindow, list: RecordList, lookup: Lookup, total: Counts): Promise<void> {
    if (window.deleted) return this.#storeDeleted(tx, sealer, entry, list, lookup, total);
    const writer = new ListWriter(tx, sealer, lookup.scope), ids: string[] = [], spoilt: string[] = [];
    for await (const part of compare(tx, sealer, entry, list, lookup)) {
      for (const bad of part.quarantined) await quarantine(tx, sealer, run, member, bad);
      total.quarantined += part.quarantined.length;
      ids.push(...part.ids);
      spoilt.push(...part.spoilt);
      await writer.write(part);
    }
    const present = [...ids, ...spoilt];
    if (run.sweeps && present.length > 0) await this.runs.rememberSeen(tx, run, window, list.name, packIds(present));
    const { added, updated } = await writer.end();
    // After the records: where some were written it is under the feed's lock, and what another token of the chain wrote a moment ago is seen.
    await this.sights.note(tx, run, entry, list.name, ids);
    total.added += added;
    total.updated += updated;
    // A record that stands in a page twice with different values is written twice.
    total.unchanged += Math.max(0, ids.length - added - updated);
  }

  async #storeDeleted(tx: TenantTx, sealer: Sealer, entry: CollectionEntry, list: RecordList, { scope, items }: Lookup, total: Counts): Promise<void> {
    // Looked up again under the feed's lock: another token of the chain may have buried the same a moment ago.
    await lockFeed(tx, list.name);
    for await (const part of compare(tx, sealer, entry, list, lookupOf(tx, scope, items))) {
      total.deleted += await deleteListed(tx, list.name, part.ids);
      await renewTombstones(tx, sealer, scope, knownOf(part));
      const writer = new ListWriter(tx, sealer, scope), never = unknownOf(part);
      await writer.write(never);
      await writer.end();
      await bury(tx, list.name, scope.source, never.fresh.map(({ record }) => record.id));
    }
  }
}

interface Counts { records: number; added: number; updated: number; unchanged: number; quarantined: number; deleted: number }

function lookupOf(tx: TenantTx, scope: PageScope, items: readonly PageItem[]): Lookup {
  const lookup = new Lookup(tx, scope);
  for (const item of items) lookup.add(item);
  return lookup;
}

const ofEnterprise = (member: Member): boolean => member.source === member.enterpriseId;

const scopeOf = (run: ClaimedRun, member: Member, collection: string): PageScope => ({
  environment: run.environmentId, collection, source: member.source,
  enterpriseId: ofEnterprise(member) ? member.enterpriseId : null,
  chainId: ofEnterprise(member) || member.source.startsWith(PLATFORM_SOURCE) ? null : member.chainId,
  askedAfter: run.askedAfter, serviceOwners: run.serviceOwners,
});

async function quarantine(tx: TenantTx, sealer: Sealer, run: ClaimedRun, member: Member, bad: Quarantined): Promise<void> {
  const id = newId();
  const payload = sealer.seal({ environment: run.environmentId, table: 'run_quarantine', column: 'payload', row: id }, Buffer.from(JSON.stringify(bad.raw ?? null)));
  await tx.sql`insert into run_quarantine (tenant_id, run_id, id, reason, payload) values (${tx.tenantId}, ${member.id}, ${id}, ${bad.reason}, ${payload})`;
}
