// Finds what a full run no longer saw, and decides whether it may be deleted.
import { Injectable } from '@nestjs/common';
import type { TenantTx } from '@keyrack/core';
import type { CollectionEntry } from '@keyrack/mews';
import { chunk } from './plan.js';
import { deleteRecords } from './page-writer.js';
import type { ClaimedRun } from './run.js';
import { RunsRepository } from './runs.repository.js';
import { SeenIds } from './seen.js';

const SCAN_ROWS = 20_000;
const DELETE_ROWS = 1_000;
/** More than this share of a collection vanishing at once is more likely a fault than the truth: a person decides. */
const VANISHED_SHARE_MAX = 0.05;

export interface Vanished { list: string; ids: string[]; known: number }

@Injectable()
export class Sweep {
  constructor(private readonly runs: RunsRepository) {}

  /** Whether there is anything that could have vanished; if not, nothing need be remembered during the run. */
  async hasSomething(tx: TenantTx, run: ClaimedRun, entry: CollectionEntry): Promise<boolean> {
    const rows = await tx.sql`select 1 from record_count where tenant_id = ${tx.tenantId} and collection = any(${entry.lists.map((list) => list.name)}) and source = ${run.source} and live > 0 limit 1`;
    return rows.length > 0;
  }

  /** The records of the run's source that no page of it held, per list of the answer. */
  async vanished(tx: TenantTx, run: ClaimedRun, entry: CollectionEntry): Promise<Vanished[]> {
    const found: Vanished[] = [];
    for (const { name } of entry.lists) {
      const seen = new SeenIds(await this.runs.seenPages(tx, run, name));
      const ids: string[] = [];
      let known = 0, last = '';
      for (;;) {
        const rows = await tx.sql<{ id: string }>`
          select id from record where tenant_id = ${tx.tenantId} and collection = ${name} and source = ${run.source} and deleted_at is null and id > ${last}
           order by id limit ${SCAN_ROWS}`;
        known += rows.length;
        ids.push(...rows.map((row) => row.id).filter((id) => !seen.has(id)));
        if (rows.length < SCAN_ROWS) break;
        last = rows.at(-1)?.id ?? '';
      }
      if (ids.length > 0) found.push({ list: name, ids, known });
    }
    return found;
  }

  /** Deletes what vanished. Returns how many. */
  async delete(tx: TenantTx, source: string, vanished: readonly Vanished[]): Promise<number> {
    let deleted = 0;
    for (const { list, ids } of vanished) for (const part of chunk(ids, DELETE_ROWS)) deleted += await deleteRecords(tx, list, source, part);
    return deleted;
  }
}

/** Whether a person must confirm: too much vanished. A single record may always go. */
export const needsReview = (vanished: readonly Vanished[]): boolean =>
  vanished.some(({ ids, known }) => ids.length > Math.max(1, known * VANISHED_SHARE_MAX));
