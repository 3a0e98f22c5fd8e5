// Finds what a full run no longer saw, and decides whether it may be deleted.
import { Injectable } from '@nestjs/common';
import { allOf, sql, type RunId, type Sql, type TenantTx } from '@keyrack/core';
import type { CollectionEntry } from '@keyrack/mews';
import { chunk } from './plan.js';
import { deleteRecords } from './page-writer.js';
import { storedUuid } from './record-id.js';
import type { ClaimedRun } from './run.js';
import { RunsRepository } from './runs.repository.js';
import { UNNAMED, type SeenIds } from './seen.js';
import { Sights, type Elsewhere } from './sights.js';

const SCAN_ROWS = 20_000;
const DELETE_ROWS = 1_000;
/** More than this share of a collection vanishing at once is more likely a fault than the truth: a person decides. */
const VANISHED_SHARE_MAX = 0.05;

/** Above this many a recheck, perhaps one by one, would cost more than the sweep did; a person decides instead. */
const RECHECK_MAX = 2_000;

/** What is missing of `known` records. `elsewhere`: what this source no longer has and another token of its chain sees. */
export interface Vanished {
  list: string; ids: string[]; known: number; elsewhere: Elsewhere[];
  /** What stands under another token of the chain, and this source no longer has either. */
  unsighted: string[];
  /** How many of the ids belong to a parent that is gone: they went with it, and that was judged. */
  orphans: number;
  /** Mews listed a record whose id could not be read: it may be any of those that are missing. */
  unnamed: boolean;
}

@Injectable()
export class Sweep {
  constructor(private readonly runs: RunsRepository, private readonly sights: Sights) {}

  /** Whether there is anything that could have vanished; if not, nothing need be remembered during the run. */
  async hasSomething(tx: TenantTx, run: Pick<ClaimedRun, 'source'>, entry: CollectionEntry): Promise<boolean> {
    for (const { name } of entry.lists) {
      const rows = await tx.run(sql`select 1 from record where ${ofSource(tx, run.source, name)} limit 1`);
      if (rows.length > 0 || await this.sights.has(tx, run.source, name)) return true;
    }
    return false;
  }

  /**
   * The records that a run should have seen again and that no page of it held, per list of the answer: all of its source, or in an
   * increment the children of the parents that it read anew. What was written since the run was planned is alive, whoever wrote it:
   * a review may be confirmed days later.
   */
  async vanished(tx: TenantTx, run: Pick<ClaimedRun, 'id' | 'source' | 'mode'> & { leaderId: RunId }, entry: CollectionEntry): Promise<Vanished[]> {
    const found: Vanished[] = [];
    for (const { name } of entry.lists) {
      const readAnew = run.mode === 'full' ? undefined : sql`
        parent_id in (select jsonb_array_elements_text(filter.value)::uuid from run_window w, jsonb_each(w.filter) filter where w.tenant_id = ${tx.tenantId} and w.run_id = ${run.leaderId} and w.interval_name is null)`;
      const seen = await this.runs.seen(tx, run.leaderId, name);
      const ids: string[] = [];
      let known = 0;
      for await (const rows of tx.stream<{ id: string; since: boolean }>(sql`
        select id, changed_at >= (select planned_at from run where tenant_id = ${tx.tenantId} and id = ${run.id}) as since
          from record where ${allOf([ofSource(tx, run.source, name), readAnew])}`, SCAN_ROWS)) {
        known += rows.length;
        ids.push(...rows.filter((row) => !row.since && !seen.has(row.id)).map((row) => row.id));
      }
      const elsewhere = await this.sights.elsewhere(tx, run.source, name, ids), others = new Set(elsewhere.map((one) => one.id));
      const gone = ids.filter((id) => !others.has(id)), unsighted = await this.#unsighted(tx, run.source, name, readAnew, seen);
      if (ids.length + unsighted.length > 0) found.push({ list: name, ids: gone, elsewhere, unsighted, orphans: await this.#orphans(tx, entry, name, gone), known: readAnew ? await this.#count(tx, run, name) : known, unnamed: seen.has(UNNAMED) });
    }
    return found;
  }

  async #unsighted(tx: TenantTx, source: string, list: string, readAnew: Sql | undefined, seen: SeenIds): Promise<string[]> {
    if (!await this.sights.has(tx, source, list)) return [];
    const unsighted: string[] = [];
    for await (const rows of tx.stream<{ id: string }>(sql`
      select s.id from record_sight s join record r on r.tenant_id = s.tenant_id and r.collection = s.collection and r.id = s.id
       where ${allOf([sql`s.tenant_id = ${tx.tenantId}`, sql`s.collection = ${list}`, sql`s.source = ${source}`, readAnew])}`, SCAN_ROWS)) {
      unsighted.push(...rows.filter(({ id }) => !seen.has(id)).map(({ id }) => id));
    }
    return unsighted;
  }

  async #orphans(tx: TenantTx, entry: CollectionEntry, list: string, ids: readonly string[]): Promise<number> {
    if (entry.lists[0].parent === undefined || ids.length === 0) return 0;
    const [row] = await tx.sql<{ n: number }>`
      select count(*)::int as n from record child where tenant_id = ${tx.tenantId} and collection = ${list} and id = any(${[...ids]}::text[]) and parent_id is not null
         and not exists (select from record parent where parent.tenant_id = child.tenant_id and parent.collection = any(${entry.parents.map((one) => one.collection)})
               and parent.id = ${storedUuid(sql`child.parent_id`)} and parent.deleted_at is null)`;
    return row?.n ?? 0;
  }

  async #count(tx: TenantTx, run: Pick<ClaimedRun, 'source'>, list: string): Promise<number> {
    const [row] = await tx.run<{ n: number }>(sql`select count(*)::int as n from record where ${ofSource(tx, run.source, list)}`);
    return row?.n ?? 0;
  }

  /** Deletes what vanished, and leaves to others what they see. Returns how many were deleted. */
  async delete(tx: TenantTx, source: string, vanished: readonly Vanished[]): Promise<number> {
    let deleted = 0;
    for (const { list, ids, elsewhere, unsighted } of vanished) {
      for (const part of chunk(unsighted, DELETE_ROWS)) await this.sights.forget(tx, source, list, part);
      for (const part of chunk(elsewhere, DELETE_ROWS)) await this.sights.handOver(tx, list, part);
      for (const part of chunk(ids, DELETE_ROWS)) deleted += await deleteRecords(tx, list, source, part);
    }
    return deleted;
  }
}

/** The living records of one source. An enterprise's own are found by the index that begins with it, not among all of the tenant. */
const ofSource = (tx: TenantTx, source: string, list: string) => allOf([
  sql`tenant_id = ${tx.tenantId}`, sql`collection = ${list}`, sql`source = ${source}`, sql`deleted_at is null`,
  source.includes(':') ? undefined : sql`enterprise_id = ${source}::uuid`,
]);

/** How many are missing though what they belong to is there. */
const ownLosses = ({ ids, orphans }: Vanished): number => ids.length - orphans;

/** Whether each is asked for once more before it counts as deleted. */
export const isAskedAgain = (vanished: Vanished): boolean => ownLosses(vanished) <= RECHECK_MAX;

/**
 * Whether a person must confirm: everything vanished, or what is missing may be listed without its id, or too much of it or to ask for it again. A single record of several may always go, any number where ids
 * change; what belongs to records of the primary list goes with them, and what belongs to a parent with the parent.
 */
export function needsReview(entry: CollectionEntry, vanished: readonly Vanished[]): boolean {
  const gone = vanished.filter(({ ids }) => ids.length > 0), primary = gone.find(({ list }) => list === entry.name);
  const goesAlong = ({ list }: Vanished): boolean => primary !== undefined && entry.lists.some((one) => one.name === list && one.through?.collection === entry.name);
  const judged = gone.filter((one) => !goesAlong(one));
  return judged.some((one) => {
    const missing = ownLosses(one), { ids, known, unnamed } = one;
    return missing > 0 && (unnamed || ids.length === known || (!entry.idsChange && (!isAskedAgain(one) || missing > Math.max(1, known * VANISHED_SHARE_MAX))));
  });
}
