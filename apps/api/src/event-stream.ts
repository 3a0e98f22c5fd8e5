// One open answer of server-sent events about runs. It ends when its caller is not allowed to read it any more, or does not read it.
import type { ServerResponse } from 'node:http';

/** What an event tells of; sent as it is. */
interface Told { id: string }

/** Half of the second within which what is revoked counts everywhere: a check takes its time too. */
export const CHECK_EVERY_MS = 500;
const KEEP_ALIVE_MS = 15_000;
/** How long a reader may take nothing. */
const STALLED_MS = 30_000;

export class EventStream {
  /** What the reader has not been sent yet: of each run its latest state, so that a slow reader costs no more than its runs. */
  readonly #unsent = new Map<string, Told>();
  readonly #timers: NodeJS.Timeout[];
  #fullSince: number | undefined;
  #checking: Promise<boolean> | undefined;

  /** @param isAllowed asked before anything is sent, and twice a second; a rejection counts as no */
  constructor(private readonly raw: ServerResponse, private readonly isAllowed: () => Promise<boolean>) {
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
    raw.flushHeaders();   // there may be nothing to tell for long
    this.#timers = [setInterval(() => void this.#check(), CHECK_EVERY_MS), setInterval(() => this.#write(': still here\n\n'), KEEP_ALIVE_MS)];
    raw.on('drain', () => {
      this.#fullSince = undefined;
      void this.#flush();
    });
    raw.on('close', () => { for (const timer of this.#timers) clearInterval(timer); });
  }

  async send(runs: readonly Told[]): Promise<void> {
    for (const run of runs) this.#unsent.set(run.id, run);
    await this.#flush();
  }

  /** What the reader has not taken is thrown away: it may not wait for that. */
  end(): void {
    if (this.raw.writableNeedDrain) this.raw.destroy();
    else this.raw.end();
  }

  async #flush(): Promise<void> {
    if (this.#unsent.size === 0 || this.#fullSince !== undefined || !await this.#check()) return;
    const runs = [...this.#unsent.values()];
    this.#unsent.clear();
    if (runs.length > 0) this.#write(`event: runs\ndata: ${JSON.stringify({ runs })}\n\n`);
  }

  #write(text: string): void {
    if (this.raw.writableEnded || this.#fullSince !== undefined) return;
    if (!this.raw.write(text)) this.#fullSince = performance.now();
  }

  /** One at a time. Ends the stream when it may not go on. @returns whether it may */
  #check(): Promise<boolean> {
    return this.#checking ??= this.#mayGoOn().finally(() => { this.#checking = undefined; });
  }

  async #mayGoOn(): Promise<boolean> {
    const stalled = this.#fullSince !== undefined && performance.now() - this.#fullSince > STALLED_MS;
    const may = !stalled && await this.isAllowed().catch(() => false);
    if (!may) this.end();
    return may && !this.raw.writableEnded && !this.raw.destroyed;
  }
}
