// Writes an audit event for each value that did not open: it was moved, altered, or sealed under an unknown key.
import { Inject, Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { Audit } from '@keyrack/audit';
import { Database, hourMs, systemActor } from '@keyrack/core';
import type { Refusal } from './sealer.js';
import type { Scope } from './vault.js';

/** A job that comes back to the same value again and again is told once in this time. */
const AGAIN_AFTER_MS = hourMs;
const KNOWN_MAX = 10_000;

@Injectable()
export class Refusals implements BeforeApplicationShutdown {
  readonly #logger = new Logger('vault');
  readonly #told = new Map<string, number>();
  #writing: Promise<void> = Promise.resolve();

  constructor(@Inject(Database) private readonly db: Database, @Inject(Audit) private readonly audit: Audit) {}

  /** Returns at once: the caller is in a transaction that fails, and the event is written in one of its own. */
  note(scope: Scope, refusal: Refusal): void {
    const which = JSON.stringify([scope, refusal.table, refusal.column, refusal.row, refusal.keyId]);
    if ((this.#told.get(which) ?? 0) > Date.now() - AGAIN_AFTER_MS) return;
    if (this.#told.size >= KNOWN_MAX) this.#told.clear();
    this.#told.set(which, Date.now());
    this.#writing = this.#writing.then(() => this.#write(scope, refusal)).catch((error: unknown) => {
      this.#told.delete(which);
      this.#logger.error(`a refused value at ${refusal.table}.${refusal.column} could not be put into the audit trail: ${error instanceof Error ? error.message : 'unknown'}`);
    });
  }

  /** Resolves when what was noted is written. */
  async settled(): Promise<void> { await this.#writing; }

  async beforeApplicationShutdown(): Promise<void> { await this.settled(); }

  async #write(scope: Scope, { environment, table, column, row, keyId, reason }: Refusal): Promise<void> {
    const event = { action: 'secret.refused', environment, table, column, row, keyId, reason } as const;
    const me = systemActor('vault');
    if (scope === 'platform') await this.db.onPlatform('note a refused secret', (tx) => this.audit.record(tx, me, event));
    else await this.db.inTenant(scope, (tx) => this.audit.record(tx, me, event));
  }
}
