// Counts requests that are refused because it is not known who sends them, and tells the platform's trail how many: one event a minute at the
// most, or anybody could fill it. Of what they sent nothing is kept but the network. A process that is killed loses the counts of that minute.
import { Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import type { Audit, AuditEvent } from '@keyrack/audit';
import { networkOf, systemActor, type Database } from '@keyrack/core';

/** `refused key`: one that was a key, as often as `api_key.refused` does not tell of it. `unknown session`: over, or never one. */
export type DenialReason = 'nothing sent' | 'malformed key' | 'unknown key' | 'refused key' | 'unknown session' | 'key instead of a session' | 'sign-in not begun';

interface Counts { since: Date; reasons: Map<DenialReason, number>; networks: Map<string, number> }

/** Networks that are counted one by one, and those that an event names. */
const NETWORKS_MAX = 1_000, NAMED_MAX = 10;

export class Denials implements BeforeApplicationShutdown {
  readonly #logger = new Logger('auth');
  #counts: Counts | undefined;
  #timer: NodeJS.Timeout | undefined;
  #telling: Promise<void> = Promise.resolve();

  /** @param everyMs from the first denial to the event that tells of it and of those after it */
  constructor(private readonly db: Database, private readonly audit: Audit, private readonly everyMs: number) {}

  /** Returns at once. `address` is the caller's. */
  count(reason: DenialReason, address: string): void {
    const { reasons, networks } = this.#counts ??= { since: new Date(), reasons: new Map(), networks: new Map() };
    add(reasons, reason);
    add(networks, networkOf(address));
    this.#tellLater();
  }

  /** Writes down what was counted; where that fails it is counted on. Resolves when it is done, or failed. */
  tell(): Promise<void> { return this.#telling = this.#telling.then(() => this.#write()); }

  beforeApplicationShutdown(): Promise<void> { return this.tell(); }

  #tellLater(): void { this.#timer ??= setTimeout(() => void this.tell(), this.everyMs).unref(); }

  async #write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const told = this.#counts;
    if (!told) return;
    this.#counts = undefined;
    try {
      await this.db.onPlatform('tell of denials', (tx) => this.audit.record(tx, systemActor('access'), toEvent(told)));
    } catch (error) {
      this.#logger.error(`denials could not be put into the audit trail: ${error instanceof Error ? error.message : 'unknown'}`);
      this.#takeBack(told);
    }
  }

  #takeBack(told: Counts): void {
    const meanwhile = this.#counts;
    for (const [reason, times] of meanwhile?.reasons ?? []) add(told.reasons, reason, times);
    for (const [network, times] of meanwhile?.networks ?? []) add(told.networks, network, times);
    this.#counts = told;
    this.#tellLater();
  }
}

/** Whoever has many addresses must not fill the memory: what is beyond the limit is in the sum alone. */
function add<Key>(counts: Map<Key, number>, key: Key, times = 1): void {
  if (counts.has(key) || counts.size < NETWORKS_MAX) counts.set(key, (counts.get(key) ?? 0) + times);
}

const sum = (counts: readonly number[]): number => counts.reduce((all, one) => all + one, 0);

function toEvent({ since, reasons, networks }: Counts): AuditEvent {
  const count = sum([...reasons.values()]);
  const named = [...networks].map(([network, times]) => ({ network, count: times })).sort((a, b) => b.count - a.count).slice(0, NAMED_MAX);
  return { action: 'denials.counted', since: since.toISOString(), count, reasons: Object.fromEntries(reasons), networks: named, elsewhere: count - sum(named.map((one) => one.count)) };
}
