// Writes generated records for one owner: their ids, when they were made, and who may see when.
import type { Sink } from './generate-hotel.js';
import type { Random } from './random.js';
import { dayMs, iso, type MewsRecord } from './record.js';

/** When a record was made, and when it last changed. */
export type Times = readonly [createdMs: number, updatedMs: number];
/** Which of its times a record shows. */
export type Shown = 'both' | 'created' | 'updated' | 'neither';

export class Writer {
  constructor(readonly random: Random, readonly owner: string, readonly firstMs: number, readonly epochMs: number, readonly put: Sink) {}

  /** In the first days of the owner, a part of it changed since. */
  founded(): Times { return this.since(this.firstMs + this.random.between(0, Math.min(3 * dayMs, this.epochMs - this.firstMs)), 0.4); }

  /** Within the last days, but not before the owner was there. */
  lately(days: number): Times { return this.since(this.random.between(Math.max(this.firstMs, this.epochMs - days * dayMs), this.epochMs), 0.4); }

  /** Made at that moment, as far as it is past and the owner was there, and perhaps changed since. */
  since(ms: number, changes: number): Times {
    const createdMs = Math.min(Math.max(ms, this.firstMs), this.epochMs);
    return [createdMs, this.random.chance(changes) ? this.random.between(createdMs, this.epochMs) : createdMs];
  }

  save(collection: string, fields: MewsRecord, [createdMs, updatedMs]: Times, shown: Shown = 'both', hidden: MewsRecord | null = null): string {
    const id = this.random.uuid();
    const created = shown === 'both' || shown === 'created' ? { CreatedUtc: iso(createdMs) } : {};
    const updated = shown === 'both' || shown === 'updated' ? { UpdatedUtc: iso(updatedMs) } : {};
    this.put(collection, this.owner, { Id: id, ...fields, ...created, ...updated }, createdMs, updatedMs, hidden);
    return id;
  }
}

/** Items of a list, one in so many. */
export function everyNth<T>(list: readonly T[], n: number, most = Number.POSITIVE_INFINITY): T[] { return list.filter((_, i) => i % n === 0).slice(0, most); }
