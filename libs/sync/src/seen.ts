// Which records a full run has seen, in 8 bytes an id, so that an unchanged record need not be written to be remembered.
import { createHash } from 'node:crypto';

const BYTES = 8;

const digest = (id: string): Buffer => createHash('sha1').update(id).digest().subarray(0, BYTES);

/** In place of the id of a record that is there and does not tell it. */
export const UNNAMED = '';

/** One page's ids, for the table run_seen. */
export const packIds = (ids: readonly string[]): Buffer => Buffer.concat(ids.map(digest));

/**
 * Answers whether an id was on one of the pages. Two ids of a million share their 8 bytes about once in 10^7 runs;
 * the deletion that this would hide is found by the next full run.
 */
export class SeenIds {
  readonly #ids: BigUint64Array;
  #count = 0;
  #sorted = true;

  /** @param bytes of all pages that will be added */
  constructor(bytes: number) {
    this.#ids = new BigUint64Array(bytes / BYTES);
  }

  add(page: Buffer): void {
    for (let at = 0; at < page.length; at += BYTES) this.#ids[this.#count++] = page.readBigUInt64BE(at);
    this.#sorted = false;
  }

  has(id: string): boolean {
    const wanted = digest(id).readBigUInt64BE();
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
}
