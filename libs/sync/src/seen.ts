// Which records a full run has seen, in 8 bytes an id, so that an unchanged record need not be written to be remembered.
import { hash } from 'node:crypto';

const BYTES = 8;

const digest = (id: string): Buffer => hash('sha1', id, 'buffer').subarray(0, BYTES);

const numberOf = (id: string): bigint => digest(id).readBigUInt64BE();

/** In place of the id of a record that is there and does not tell it. */
export const UNNAMED = '';

/** One page's ids, for the table run_seen. */
export const packIds = (ids: readonly string[]): Buffer => Buffer.concat(ids.map(digest));

/** Of so many pages' ids at the most, or about that, a part of the answer is held in memory: all that have the same rest of a division. */
const PART_BYTES = 16_000_000;

/** In how many parts ids of so many bytes are held. */
export const seenParts = (bytes: number): number => Math.max(1, Math.ceil(bytes / PART_BYTES));

/**
 * Answers whether an id that it covers was on one of the pages. Two ids of a million share their 8 bytes about once in 10^7 runs;
 * the deletion that this would hide is found by the next full run.
 */
export class SeenIds {
  #ids = new BigUint64Array(1_024);
  #count = 0;
  #sorted = true;
  readonly #parts: bigint;
  readonly #nth: bigint;

  constructor(parts = 1, nth = 0) {
    this.#parts = BigInt(parts);
    this.#nth = BigInt(nth);
  }

  add(page: Buffer): void {
    for (let at = 0; at < page.length; at += BYTES) {
      const id = page.readBigUInt64BE(at);
      if (this.#parts !== 1n && id % this.#parts !== this.#nth) continue;
      if (this.#count === this.#ids.length) this.#grow();
      this.#ids[this.#count++] = id;
    }
    this.#sorted = false;
  }

  covers(id: string): boolean { return this.#parts === 1n || numberOf(id) % this.#parts === this.#nth; }

  has(id: string): boolean {
    const wanted = numberOf(id);
    if (!this.#sorted) this.#ids.subarray(0, this.#count).sort();
    this.#sorted = true;
    let low = 0, high = this.#count - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = this.#ids[middle] ?? 0n;
      if (found === wanted) return true;
      if (found < wanted) low = middle + 1; else high = middle - 1;
    }
    return false;
  }

  #grow(): void {
    const more = new BigUint64Array(2 * this.#ids.length);
    more.set(this.#ids);
    this.#ids = more;
  }
}
