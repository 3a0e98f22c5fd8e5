// Writes down, outside the database, what the end of each chain is like now.
import { stat } from 'node:fs/promises';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { Config, ConfigError, Database, type PlatformTx } from '@keyrack/core';
import { checkpointKey, readLine, signedLine } from './checkpoint.js';
import { checkpointStore } from './checkpoint-store.js';

interface Head { chain: string; seq: number; hash: string; /** How far the chain is written down, by any process. */ written: number }

@Injectable()
export class Checkpoints implements OnModuleInit {
  readonly #store;
  readonly #key;
  readonly #isWanted;
  #hasLooked = false;

  constructor(@Inject(Database) private readonly db: Database, @Inject(Config) private readonly config: Config) {
    this.#isWanted = config.auditCheckpoints !== undefined;
    this.#store = checkpointStore(config.auditCheckpoints);
    this.#key = checkpointKey(config.keys);
  }

  /** @throws ConfigError where a file is named, which keeps none. What may pass, such as a disk that is away, keeps nobody from starting: each look tells it */
  async onModuleInit(): Promise<void> {
    const { auditCheckpoints: where } = this.config;
    if (where === undefined || where === 'stdout') return;
    if ((await stat(where).catch(() => undefined))?.isDirectory() === false) throw new ConfigError(`KEYRACK_AUDIT_CHECKPOINTS: ${where} is no folder: name one, or stdout`);
  }

  /**
   * Appends a checkpoint for every chain that has grown. What the database remembers of earlier ones spares what another process has written;
   * two at once write the same twice, which does no harm: a trail must agree with both.
   * @returns how many
   */
  async write(): Promise<number> {
    if (!this.#isWanted) return 0;
    // At first the store itself is asked: it may be new, or have lost what the database remembers of it.
    const stored = this.#hasLooked ? undefined : await this.#readBack();
    const heads = await this.db.onPlatform('write audit checkpoints', (tx) => tx.sql<Head>`
      select h.chain, h.seq, encode(h.hash, 'hex') as hash, coalesce(c.seq, 0) as written
        from (select 'platform' as chain, seq, hash from platform_audit_head union all select tenant_id::text, seq, hash from audit_head) h
        left join audit_checkpoint c on c.chain = h.chain order by 1`);
    const grown = heads.filter(({ chain, seq, written }) => seq > (stored ? stored.get(chain) ?? 0 : written));
    if (grown.length > 0) {
      const at = new Date().toISOString();
      await this.#store.append(grown.map(({ chain, seq, hash }) => signedLine(this.#key, { chain, seq, hash, at })));
      await this.db.onPlatform('remember audit checkpoints', (tx) => remember(tx, grown));
    }
    this.#hasLooked = true;
    return grown.length;
  }

  async #readBack(): Promise<Map<string, number>> {
    const stored = new Map<string, number>();
    for await (const line of this.#store.lines()) {
      const { checkpoint, valid } = readLine(this.#key, line) ?? { valid: false };
      if (valid && checkpoint) stored.set(checkpoint.chain, Math.max(checkpoint.seq, stored.get(checkpoint.chain) ?? 0));
    }
    return stored;
  }
}

/** After they were written: what is remembered must be there. */
async function remember(tx: PlatformTx, heads: readonly Head[]): Promise<void> {
  await tx.sql`
    insert into audit_checkpoint (chain, seq) select * from unnest(${heads.map(({ chain }) => chain)}::text[], ${heads.map(({ seq }) => seq)}::bigint[])
    on conflict (chain) do update set seq = excluded.seq, at = now() where audit_checkpoint.seq < excluded.seq`;
}
