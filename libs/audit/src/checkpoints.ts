// Writes down, outside the database, what the end of each chain is like now.
import { Inject, Injectable } from '@nestjs/common';
import { Config, Database } from '@keyrack/core';
import { checkpointKey, readLine, signedLine } from './checkpoint.js';
import { checkpointStore } from './checkpoint-store.js';

@Injectable()
export class Checkpoints {
  readonly #store;
  readonly #key;
  /** How far each chain is written down; read back once, so that a restart does not repeat what is there. */
  #written: Map<string, number> | undefined;

  constructor(@Inject(Database) private readonly db: Database, @Inject(Config) config: Config) {
    this.#store = checkpointStore(config.auditCheckpoints);
    this.#key = checkpointKey(config.keys);
  }

  /** Appends a checkpoint for every chain that has grown. Two processes at once write the same twice, which does no harm: a trail must agree with both. @returns how many */
  async write(): Promise<number> {
    const written = this.#written ??= await this.#readBack();
    const heads = await this.db.onPlatform('write audit checkpoints', (tx) => tx.sql<{ chain: string; seq: number; hash: string }>`
      select 'platform' as chain, seq, encode(hash, 'hex') as hash from platform_audit_head
      union all select tenant_id::text, seq, encode(hash, 'hex') from audit_head order by 1`);
    const grown = heads.filter(({ chain, seq }) => seq > (written.get(chain) ?? 0));
    if (grown.length === 0) return 0;
    const at = new Date().toISOString();
    await this.#store.append(grown.map((head) => signedLine(this.#key, { ...head, at })));
    for (const { chain, seq } of grown) written.set(chain, seq);
    return grown.length;
  }

  async #readBack(): Promise<Map<string, number>> {
    const written = new Map<string, number>();
    for await (const line of this.#store.lines()) {
      const { checkpoint, valid } = readLine(this.#key, line) ?? { valid: false };
      if (valid && checkpoint) written.set(checkpoint.chain, Math.max(checkpoint.seq, written.get(checkpoint.chain) ?? 0));
    }
    return written;
  }
}
