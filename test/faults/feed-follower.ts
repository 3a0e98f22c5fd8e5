// Follows the change feeds as a consumer would, while workers come and go.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from '../harness/api.js';

export interface Change { seq: number; change: string; id: string; record?: Record<string, unknown> }

const LIMIT = 500;
const PAUSE_MS = 250;

export class FeedFollower {
  /** Everything that came, in the order in which it came. */
  readonly changes = new Map<string, Change[]>();
  readonly #cursors = new Map<string, string>();
  #following: Promise<void> | undefined;
  #reading: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(private readonly api: Api, private readonly collections: readonly string[], private readonly keep: 'ids' | 'records', private readonly tenant = 'acme') {}

  /** Asks again and again until `stop`. */
  start(): void { this.#following = this.#follow(); }

  async #follow(): Promise<void> {
    while (!this.#stopped) {
      await this.catchUp();
      await sleep(PAUSE_MS);
    }
  }

  /** Reads each feed to its present end. One reader at a time: two would read the same changes by the same cursor. */
  catchUp(): Promise<void> {
    const read = this.#reading.then(() => this.#read());
    this.#reading = read.catch(() => undefined);
    return read;
  }

  async #read(): Promise<void> {
    for (const collection of this.collections) while (await this.#page(collection));
  }

  async #page(collection: string): Promise<boolean> {
    const cursor = this.#cursors.get(collection);
    const { status, body } = await this.api.request('GET', `/v1/tenants/${this.tenant}/changes/${collection}?limit=${LIMIT}${cursor === undefined ? '' : `&cursor=${cursor}`}`);
    if (status === 503) return false;   // the database is away: at the next round
    if (status !== 200) throw new Error(`changes of ${collection}: ${status}`);
    const items = body.items as Change[];
    const known = this.changes.get(collection) ?? [];
    this.changes.set(collection, known);
    for (const item of items) known.push(this.keep === 'records' ? item : { seq: item.seq, change: item.change, id: item.id });
    this.#cursors.set(collection, body.cursor);
    return items.length === LIMIT;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#following;
    await this.catchUp();
  }
}
