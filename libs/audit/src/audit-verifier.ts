// Checks every audit chain of the database against itself and against the checkpoints that are kept outside of it.
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Config, Database, sql, type PlatformTx } from '@keyrack/core';
import { chainKey } from './chain.js';
import { checkpointKey, readLine } from './checkpoint.js';
import { checkpointStore } from './checkpoint-store.js';
import { chainProblems, lastVouched, verifyChain, type ChainHead, type ChainProblem, type ChainVerdict, type Expected, type FirstBad, type StoredEvent, type Vouched } from './verify.js';

const problemNames = Object.keys(chainProblems) as [ChainProblem, ...ChainProblem[]];

export const verificationSchema = z.object({
  ok: z.boolean(),
  checked: z.int().describe('Events that were checked'),
  chains: z.int().describe('One for each tenant, and the platform\'s'),
  checkpoints: z.int().describe('Events that signed checkpoints vouch for, against which the chains were held'),
  keyed: z.boolean().describe('Whether every chain is keyed: where not, what somebody who has the database appends is not found. An update from before the key needs `keyrack audit key`'),
  badChains: z.int(),
  firstBad: z.object({
    chain: z.string().describe('A tenant\'s id, or platform'), seq: z.int().describe('Sequence number of the first bad event; for rewritten the earliest that it can be, the one after the last that a checkpoint vouches for'),
    problem: z.enum(problemNames), detail: z.string(),
  }).optional().describe('Of the first chain that is not as it was recorded'),
}).meta({ id: 'AuditVerification' });
export type Verification = z.infer<typeof verificationSchema>;

const READ_ROWS = 1_000;
const nothing: Vouched = new Map();

@Injectable()
export class AuditVerifier {
  constructor(@Inject(Database) private readonly db: Database, @Inject(Config) private readonly config: Config) {}

  /** @param collected checkpoints that were collected elsewhere, as lines; without them those of KEYRACK_AUDIT_CHECKPOINTS, of which none may be missing */
  async verify(collected?: AsyncIterable<string>): Promise<Verification> {
    const store = checkpointStore(this.config.auditCheckpoints);
    // What is remembered before the store is read has been written by then.
    const written = collected === undefined && store.isReadable ? await this.#written() : [];
    const { valid, invalid } = await this.#read(collected ?? store.lines());
    // Not by their heads: a head that is missing hides no event.
    const chains = await this.db.onPlatform('list the audit chains', (tx) => tx.sql<{ chain: string }>`
      select 'platform' as chain union all select id::text from tenant order by 1 desc`);
    // A chain that lost all it had is not in the database any more.
    const names = new Set([...chains.map(({ chain }) => chain), ...valid.keys()]);
    const bad: FirstBad[] = [...invalid.values()];
    const key = chainKey(this.config.keys);
    let checked = 0, allKeyed = false;
    for (const chain of names) {
      const verdict = await this.#chain(chain, { vouched: valid.get(chain) ?? nothing, key, allKeyed });
      // The platform's comes first, and was keyed last.
      if (chain === 'platform') allKeyed = verdict.keyed;
      checked += verdict.checked;
      if (verdict.firstBad) bad.push(verdict.firstBad);
    }
    for (const { chain, seq } of written) if (lastVouched(valid.get(chain) ?? nothing) < seq) bad.push({ chain, seq, problem: 'checkpoint_missing' });
    const [first] = bad;
    return {
      ok: first === undefined, checked, keyed: allKeyed, chains: names.size, checkpoints: [...valid.values()].reduce((sum, of) => sum + of.size, 0), badChains: new Set(bad.map(({ chain }) => chain)).size,
      ...(first && { firstBad: { ...first, detail: chainProblems[first.problem] } }),
    };
  }

  /** How far each chain was written down. The database may be the one that lies; then what it says is missing is no loss, and what it leaves out is in the store. */
  #written(): Promise<{ chain: string; seq: number }[]> {
    return this.db.onPlatform('list the audit checkpoints', (tx) => tx.sql`select chain, seq from audit_checkpoint order by chain desc`);
  }

  async #read(lines: AsyncIterable<string>): Promise<{ valid: Map<string, Map<number, Set<string>>>; invalid: Map<string, FirstBad> }> {
    const key = checkpointKey(this.config.keys), valid = new Map<string, Map<number, Set<string>>>(), invalid = new Map<string, FirstBad>();
    for await (const line of lines) {
      const read = readLine(key, line);
      if (!read) continue;   // a log has other lines, and a crash may have cut one short
      const { chain, seq, hash } = read.checkpoint;
      if (!read.valid) {
        // The first of each chain: of those of another ring all are, and there may be years of them.
        if (!invalid.has(chain)) invalid.set(chain, { chain, seq, problem: 'checkpoint_invalid' });
        continue;
      }
      const vouched = valid.get(chain) ?? new Map<number, Set<string>>();
      valid.set(chain, vouched);
      // All that was signed counts: a later checkpoint of the same event does not replace an earlier one.
      vouched.set(seq, (vouched.get(seq) ?? new Set()).add(hash));
    }
    return { valid, invalid };
  }

  /** In one snapshot, so that what is appended meanwhile is no difference between the chain and its head. */
  #chain(chain: string, expected: Omit<Expected, 'head'>): Promise<ChainVerdict> {
    return this.db.onPlatform('verify an audit chain', async (tx) => {
      await tx.sql`set transaction isolation level repeatable read`;
      const [head] = chain === 'platform'
        ? await tx.sql<ChainHead>`select seq, hash from platform_audit_head`
        : await tx.sql<ChainHead>`select seq, hash from audit_head where tenant_id = ${chain}::uuid`;
      return verifyChain(chain, eventsOf(tx, chain), { ...expected, head: head ?? { seq: 0, hash: Buffer.alloc(0) } });
    });
  }
}

async function* eventsOf(tx: PlatformTx, chain: string): AsyncGenerator<StoredEvent> {
  const of = chain === 'platform' ? sql`platform_audit_event` : sql`audit_event where tenant_id = ${chain}::uuid`;
  // Times are recorded in whole milliseconds, and hashed so: one that has more digits was changed, and is none.
  const pages = tx.stream<Omit<StoredEvent, 'chain'>>(sql`
    select seq, id, case when at = date_trunc('milliseconds', at) then at end as at, json_build_object('kind', actor_kind, 'id', actor_id, 'name', actor_name) as actor, action, subject, previous_hash as "previousHash", hash
      from ${of} order by seq`, READ_ROWS);
  for await (const rows of pages) for (const row of rows) yield { chain, ...row };
}
