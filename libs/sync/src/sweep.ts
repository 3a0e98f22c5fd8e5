// Finds what a full run no longer saw, and decides whether it may be deleted.
import { Injectable } from '@nestjs/common';
import { allOf, sql, type RunId, type TenantTx } from '@keyrack/core';
import type { CollectionEntry } from '@keyrack/mews';
import { chunk } from './plan.js';
import { deleteRecords } from './page-writer.js';
import { storedUuid } from './record-id.js';
import type { ClaimedRun } from './run.js';
import { RunsRepository } from './runs.repository.js';
import { UNNAMED } from './seen.js';
import { Sights, type Elsewhere } from './sights.js';

const SCAN_ROWS = 5_000;
const DELETE_ROWS = 1_000;
/** More than this share of a collection vanishing at once is more likely a fault than the truth: a person decides. */
const VANISHED_SHARE_MAX = 0.05;

/** Above this many a recheck, perhaps one by one, would cost more than the sweep did; a person decides instead. */
const RECHECK_MAX = 2_000;

/** So many ids are kept between finding and deleting them; more are looked for again. */
const KEPT_MAX = 20_000;

/** A part of what is missing, of `known` records that this source has or sees. `elsewhere`: what it no longer has and another token of its chain sees. */
interface Part {
  known: number; ids: string[]; elsewhere: Elsewhere[];
  /** What stands under another token of the chain, and this source no longer has either. `unsightedLiving`: how many of them nobody deleted yet. */
  unsighted: string[]; unsightedLiving: number;
  /** Mews listed a record whose id could not be read. */
  unnamed: boolean;
}

/** What is missing of `known` records of a list, those that stand under other tokens of the chain included, though no other token sees it. */
export interface Vanished {
  list: string; known: number; missing: number;
  /** What this source no longer sees either and stands under another token. */
  unsighted: number;
  /** How many belong to a parent that is gone: they went with it, and that was judged. */
  orphans: number;
  /** The ids of the others, where they are few enough to be asked for once more. */
  own: string[];
  /** One was listed without its id: it may be any of those that are missing. */
  unnamed: boolean;
  /** Null where there is more than is kept. */
  parts: Part[] | null;
}

/** A run whose losses are looked for. */
type Swept = Pick<ClaimedRun, 'id' | 'source' | 'mode'> & { leaderId: RunId };

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
  async vanished(tx: TenantTx, run: Swept, entry: CollectionEntry): Promise<Vanished[]> {
    const found: Vanished[] = [];
    for (const { name } of entry.lists) {
      const one: Vanished = { list: name, known: 0, missing: 0, unsighted: 0, orphans: 0, own: [], unnamed: false, parts: [] };
      let kept = 0;
      for await (const part of this.#missing(tx, run, name)) {
        const orphans = await this.#orphans(tx, entry, name, part.ids), own = part.ids.filter((id) => !orphans.has(id));
        one.known += part.known;
        one.unnamed ||= part.unnamed;
        one.missing += part.ids.length;
        one.unsighted += part.unsightedLiving;
        one.orphans += orphans.size;
        one.own.push(...own.slice(0, Math.max(0, RECHECK_MAX - one.own.length)));
        const { length } = [...part.ids, ...part.elsewhere, ...part.unsighted];
        if (length === 0) continue;
        kept += length;
        if (kept > KEPT_MAX) one.parts = null;
        one.parts?.push(part);
      }
      if (kept > 0) found.push({ ...one, known: run.mode === 'full' ? one.known : await this.#count(tx, run, name) });
    }
    return found;
  }

  async *#missing(tx: TenantTx, run: Swept, list: string): AsyncGenerator<Part> {
    const readAnew = run.mode === 'full' ? undefined : sql`
      parent_id in (select jsonb_array_elements_text(filter.value)::uuid from run_window w, jsonb_each(w.filter) filter where w.tenant_id = ${tx.tenantId} and w.run_id = ${run.leaderId} and w.interval_name is null)`;
    const sighted = await this.sights.has(tx, run.source, list);
    for await (const seen of this.runs.seen(tx, run.leaderId, list)) {
      const unnamed = seen.covers(UNNAMED) && seen.has(UNNAMED);
      for await (const rows of tx.stream<{ id: string; since: boolean }>(sql`
        select id, changed_at >= (select planned_at from run where tenant_id = ${tx.tenantId} and id = ${run.id}) as since
          from record where ${allOf([ofSource(tx, run.source, list), readAnew])}`, SCAN_ROWS)) {
        const known = rows.filter(({ id }) => seen.covers(id)), missing = known.filter((row) => !row.since && !seen.has(row.id)).map(({ id }) => id);
        const elsewhere = await this.sights.elsewhere(tx, run.source, list, missing), others = new Set(elsewhere.map(({ id }) => id));
        yield { known: known.length, ids: missing.filter((id) => !others.has(id)), elsewhere, unsighted: [], unsightedLiving: 0, unnamed };
      }
      if (!sighted) continue;
      for await (const rows of tx.stream<{ id: string; living: boolean }>(sql`
        select s.id, r.deleted_at is null as living from record_sight s join record r on r.tenant_id = s.tenant_id and r.collection = s.collection and r.id = s.id
         where ${allOf([sql`s.tenant_id = ${tx.tenantId}`, sql`s.collection = ${list}`, sql`s.source = ${run.source}`, readAnew])}`, SCAN_ROWS)) {
        const covered = rows.filter(({ id }) => seen.covers(id)), unsighted = covered.filter(({ id }) => !seen.has(id)), living = (some: typeof rows): number => some.filter((row) => row.living).length;
        yield { known: living(covered), ids: [], elsewhere: [], unsighted: unsighted.map(({ id }) => id), unsightedLiving: living(unsighted), unnamed };
      }
    }
  }

  async #orphans(tx: TenantTx, entry: CollectionEntry, list: string, ids: readonly string[]): Promise<Set<string>> {
    if (entry.lists[0].parent === undefined || ids.length === 0) return new Set();
    const rows = await tx.sql<{ id: string }>`
      select child.id from record child where tenant_id = ${tx.tenantId} and collection = ${list} and id = any(${[...ids]}::text[]) and parent_id is not null
         and not exists (select from record parent where parent.tenant_id = child.tenant_id and parent.collection = any(${entry.parents.map((one) => one.collection)})
               and parent.id = ${storedUuid(sql`child.parent_id`)} and parent.deleted_at is null)`;
    return new Set(rows.map(({ id }) => id));
  }

  async #count(tx: TenantTx, run: Pick<ClaimedRun, 'source'>, list: string): Promise<number> {
    const [row] = await tx.run<{ n: number }>(sql`
      select (select count(*)::int from record where ${ofSource(tx, run.source, list)})
           + (select count(*)::int from record_sight s join record r on r.tenant_id = s.tenant_id and r.collection = s.collection and r.id = s.id
               where s.tenant_id = ${tx.tenantId} and s.collection = ${list} and s.source = ${run.source} and r.deleted_at is null) as n`);
    return row?.n ?? 0;
  }

  /** Deletes what vanished, and leaves to others what they see. Returns how many were deleted. */
  async delete(tx: TenantTx, run: Swept, vanished: readonly Vanished[]): Promise<number> {
    let deleted = 0;
    for (const { list, parts } of vanished) {
      for await (const { ids, elsewhere, unsighted } of parts ?? this.#missing(tx, run, list)) {
        for (const part of chunk(unsighted, DELETE_ROWS)) await this.sights.forget(tx, run.source, list, part);
        for (const part of chunk(elsewhere, DELETE_ROWS)) await this.sights.handOver(tx, list, part);
        for (const part of chunk(ids, DELETE_ROWS)) {
          // Another token may have seen one since it was found missing.
          const seen = await this.sights.elsewhere(tx, run.source, list, part), others = new Set(seen.map(({ id }) => id));
          await this.sights.handOver(tx, list, seen);
          deleted += await deleteRecords(tx, list, run.source, part.filter((id) => !others.has(id)));
        }
      }
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
const ownLosses = ({ missing, orphans }: Vanished): number => missing - orphans;

/** Whether each is asked for once more before it counts as deleted. */
export const isAskedAgain = (vanished: Vanished): boolean => ownLosses(vanished) <= RECHECK_MAX;

/**
 * Whether a person must confirm: everything vanished, or what is missing may be listed without its id, or too much of it or to ask for it again. A single record of several may always go, any number where ids
 * change; what belongs to records of the primary list goes with them, and what belongs to a parent with the parent.
 */
export function needsReview(entry: CollectionEntry, vanished: readonly Vanished[]): boolean {
  const gone = vanished.filter(({ missing }) => missing > 0), primary = gone.find(({ list }) => list === entry.name);
  const goesAlong = ({ list }: Vanished): boolean => primary !== undefined && entry.lists.some((one) => one.name === list && one.through?.collection === entry.name);
  const judged = gone.filter((one) => !goesAlong(one));
  return judged.some((one) => {
    const own = ownLosses(one), { missing, unsighted, known, unnamed } = one;
    return own > 0 && (unnamed || missing + unsighted === known || (!entry.idsChange && (!isAskedAgain(one) || own + unsighted > Math.max(1, known * VANISHED_SHARE_MAX))));
  });
}
