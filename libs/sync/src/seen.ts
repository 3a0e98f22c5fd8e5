// Which records a full run has seen, in 8 bytes an id, so that an unchanged record need not be written to be remembered.
import { createHash } from 'node:crypto';

const BYTES = 8;

const digest = (id: string): Buffer => createHash('sha1').update(id).digest().subarray(0, BYTES);

/** One page's ids, for the table run_seen. */
export const packIds = (ids: readonly string[]): Buffer => Buffer.concat(ids.map(digest));

/**
 * Answers whether an id was on one of the pages. Two ids of a million share their 8 bytes about once in 10^7 runs;
 * the deletion that this would hide is found by the next full run.
 */
export class SeenIds {
  readonly #sorted: BigUint64Array;

  constructor(pages: readonly Buffer[]) {
    this.#sorted = BigUint64Array.from(pages.flatMap((page) => Array.from({ length: page.length / BYTES }, (_, i) => page.readBigUInt64BE(i * BYTES)))).sort();
  }

  has(id: string): boolean {
    const wanted = digest(id).readBigUInt64BE();
    let low = 0, high = this.#sorted.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = this.#sorted[middle] ?? 0n;
      if (found === wanted) return true;
      if (found < wanted) low = middle + 1; else high = middle - 1;
    }
    return false;
  }
}
