// One collection: rows per owner, oldest first, found by id, and pages that stay put while rows come and go.
import { wholeSecond, type MewsRecord, type Row } from './record.js';

export interface NewRow { record: MewsRecord; id: string; createdMs: number; updatedMs: number; hidden?: MewsRecord | null }
interface Place { createdMs: number; seq: number }

export class Store {
  private readonly byOwner = new Map<string, Row[]>();
  private readonly byId = new Map<string, Row>();
  /** Where vanished rows stood: a cursor that names one still works. */
  private readonly vanished = new Map<string, Place>();
  private seq = 0;

  /** Adds a record; most are the newest of their owner, the others are put in their place. */
  add(owner: string, { record, id, createdMs, updatedMs, hidden = null }: NewRow): Row {
    const row: Row = { id, owner, createdMs: wholeSecond(createdMs), seq: this.seq++, updatedMs: wholeSecond(updatedMs), record, hidden, json: null };
    if (this.byId.has(id)) throw new Error(`the id ${id} exists`);
    const rows = this.byOwner.get(owner) ?? [];
    if (rows.length === 0) this.byOwner.set(owner, rows);
    const last = rows[rows.length - 1];
    if (last === undefined || compare(last, row) < 0) rows.push(row);
    else rows.splice(position(rows, row), 0, row);
    this.byId.set(id, row);
    return row;
  }

  /** Adds many at once, in any order. */
  addAll(owner: string, rows: readonly NewRow[]): void {
    for (const row of rows.toSorted((x, y) => x.createdMs - y.createdMs)) this.add(owner, row);
  }

  get(id: string): Row | undefined { return this.byId.get(id); }

  remove(id: string): boolean {
    const row = this.byId.get(id);
    const rows = row && this.byOwner.get(row.owner);
    if (!row || !rows) return false;
    rows.splice(position(rows, row), 1);
    this.byId.delete(id);
    this.vanished.set(id, { createdMs: row.createdMs, seq: row.seq });
    return true;
  }

  /** The rows of these owners, oldest first. */
  rows(owners: readonly string[]): readonly Row[] {
    const lists = owners.map((owner) => this.byOwner.get(owner) ?? []).filter((list) => list.length > 0);
    const [only] = lists;
    if (lists.length <= 1) return only ?? [];
    return lists.flat().toSorted(compare);
  }

  /** Newest first after `cursor`, at most `count` rows that match; undefined when the cursor was never an id here. */
  page(owners: readonly string[], cursor: string | null, count: number, matches: (row: Row) => boolean, order: 'to-older' | 'to-newer' = 'to-older'): Row[] | undefined {
    const rows = this.rows(owners);
    const newer = order === 'to-newer';
    let at = newer ? 0 : rows.length - 1;
    if (cursor !== null) {
      const place = this.byId.get(cursor) ?? this.vanished.get(cursor);
      if (!place) return undefined;
      at = position(rows, place);
      if (!newer) at -= 1;
      else if (rows[at]?.id === cursor) at += 1;
    }
    const found: Row[] = [];
    for (; at >= 0 && at < rows.length && found.length < count; at += newer ? 1 : -1) {
      const row = rows[at];
      if (row && matches(row)) found.push(row);
    }
    return found;
  }
}

function compare(x: Place, y: Place): number { return x.createdMs - y.createdMs || x.seq - y.seq; }

/** The first index whose row does not stand before `place`. */
function position(rows: readonly Row[], place: Place): number {
  let low = 0, high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const row = rows[middle];
    if (row && compare(row, place) < 0) low = middle + 1; else high = middle;
  }
  return low;
}
