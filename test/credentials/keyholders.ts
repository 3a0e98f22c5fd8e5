// Tenants with sealed values in every place that there is, and processes that read and write them.
import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { AccessTokens } from '@keyrack/access-tokens';
import { Applications } from '@keyrack/applications';
import { Audit } from '@keyrack/audit';
import { generateKey, newId, Secret, systemIn, type AccessTokenId, type TenantId } from '@keyrack/core';
import { Vault } from '@keyrack/credentials';
import { Connections, Reach, ReachRepository } from '@keyrack/reach';
import { Records } from '@keyrack/sync';
import { AccessTokensRepository } from '../../libs/access-tokens/src/access-tokens.repository.js';
import type { TestDatabase } from '../harness/database.js';

export const ENVIRONMENT = 'demo';
const LOOPS = 6;
/** `versions`: what was last written to a record; 0 where nothing was. */
export interface Holder { tenantId: TenantId; records: string[]; tokenId: AccessTokenId; versions: Map<string, number> }

const textOf = (id: string, version = 0): string => JSON.stringify({ Id: id, Version: version, Padding: 'x'.repeat(200) });

/** The ring with a new key before the others. */
export const withNewKey = (keys: Secret, name: string): Secret => new Secret(`${generateKey(name)},${keys.reveal()}`);

/** A tenant with so many records, and one value in each other place. */
export async function makeHolder({ db, owner }: TestDatabase, vault: Vault, records: number): Promise<Holder> {
  const tenantId = newId<TenantId>(), ids = Array.from({ length: records }, () => `record ${randomUUID()}`);
  const [application, token, enterprise, run, quarantine, operation] = Array.from({ length: 6 }, () => randomUUID()) as [string, string, string, string, string, string];
  await owner.query(`insert into tenant (id, slug, name) values ($1::uuid, 's-' || $1, 'n')`, [tenantId]);
  await db.inTenant(tenantId, (tx) => vault.createTenantKey(tx));
  const sealer = await db.inTenant(tenantId, (tx) => vault.tenant(tx));
  const seal = (table: string, column: string, row: string, text: string): Buffer => sealer.seal({ environment: ENVIRONMENT, table, column, row }, Buffer.from(text));
  await owner.query(`insert into record (tenant_id, collection, id, environment_id, source, first_seq, seq, changed_at, hash, payload)
    select $1, 'reservations', id, $4, 's', n, n, now(), '\\x00', payload from unnest($2::text[], $3::bytea[]) with ordinality as r (id, payload, n)`,
  [tenantId, ids, ids.map((id) => seal('record', 'payload', `reservations/${id}`, textOf(id))), ENVIRONMENT]);
  await owner.query(`insert into application (id, name, version) values ($1::uuid, $1::text, '1')`, [application]);
  const platform = await db.onPlatform('test', (tx) => vault.platform(tx));
  await owner.query(`insert into application_client_token (application_id, environment_id, ciphertext, hint) values ($1, $2, $3, 'h')`,
    [application, ENVIRONMENT, platform.seal({ environment: ENVIRONMENT, table: 'application_client_token', column: 'ciphertext', row: application }, Buffer.from('client'))]);
  await owner.query(`insert into access_token (tenant_id, id, environment_id, application_id, kind, hint, fingerprint, ciphertext) values ($1, $2, $3, $4, 'portfolio', 'h', $5, $6)`,
    [tenantId, token, ENVIRONMENT, application, randomBytes(8).toString('hex'), seal('access_token', 'ciphertext', token, 'token')]);
  await owner.query(`insert into enterprise (tenant_id, id, environment_id, chain_id, name, time_zone, created_utc) values ($1, $2, $3, gen_random_uuid(), 'Hotel', 'UTC', '2020-01-01')`, [tenantId, enterprise, ENVIRONMENT]);
  await owner.query(`insert into run (tenant_id, id, collection, source, enterprise_id, access_token_id, mode, trigger, state) values ($1, $2, 'bills', 's', $3, $4, 'full', 'schedule', 'succeeded')`, [tenantId, run, enterprise, token]);
  await owner.query(`insert into run_quarantine (tenant_id, run_id, id, reason, payload) values ($1, $2, $3, 'r', $4)`, [tenantId, run, quarantine, seal('run_quarantine', 'payload', quarantine, 'bad')]);
  await owner.query(`insert into operation (tenant_id, id, kind) values ($1, $2, 'access_tokens.import')`, [tenantId, operation]);
  await owner.query(`insert into token_import (tenant_id, operation_id, dry_run, actor) values ($1, $2, false, '{}')`, [tenantId, operation]);
  await owner.query(`insert into token_import_line (tenant_id, operation_id, line, environment, application, hint, ciphertext) values ($1, $2, 7, $3, 'a', 'h', $4), ($1, $2, 8, $3, 'a', 'h', null)`,
    [tenantId, operation, ENVIRONMENT, seal('token_import_line', 'ciphertext', `${operation}/7`, 'waiting')]);
  return { tenantId, records: ids, tokenId: token as AccessTokenId, versions: new Map() };
}

/** Reads and writes of one process, as fast as they go, until one fails. */
export class Traffic {
  reads = 0;
  writes = 0;
  readonly failures: string[] = [];
  readonly #loops: Promise<void>[] = [];
  #begun = 0;
  #stopped = false;

  constructor(private readonly database: TestDatabase, private readonly holders: readonly Holder[]) {}

  /** Two processes of that ring: one reads, one writes and never learns from a read that there is a newer key. */
  start(keys: Secret): void { this.#loops.push(this.#read(new Vault({ keys })), this.#write(new Vault({ keys }))); }

  /** One more process, which takes its keys now and writes under them so much later, in one transaction. */
  writeLate(keys: Secret, ms: number): void {
    const [holder] = this.holders, id = holder?.records[0];   // read by others, and written by nobody else
    if (holder && id !== undefined) this.#loops.push(this.#writeOne(new Vault({ keys }), holder, id, ms).catch((error: unknown) => { this.failures.push(String(error)); }));
  }

  async #stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#loops);
  }

  /** Goes on while `work` does, and no longer. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    try { return await work(); } finally { await this.#stop(); }
  }

  /** Every record as `vault` reads it, beside what was written last. @returns the ids of those that differ */
  async wrong(vault: Vault): Promise<string[]> {
    const records = new Records(this.database.db, vault), wrong: string[] = [];
    for (const { tenantId, records: ids, versions } of this.holders) {
      let cursor: string | undefined, seen = 0;
      do {
        const page = await records.list(systemIn(tenantId, 'test'), 'reservations', { limit: 1_000, cursor, includeDeleted: false });
        seen += page.items.length;
        wrong.push(...page.items.filter(({ id, record }) => record['Version'] !== (versions.get(id) ?? 0)).map(({ id }) => id));
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      if (seen !== ids.length) wrong.push(`${tenantId}: ${seen} of ${ids.length} records`);
    }
    return wrong;
  }

  async #read(vault: Vault): Promise<void> {
    const { db } = this.database, records = new Records(db, vault), audit = new Audit(db, this.database);
    const tokens = new AccessTokens(db, new AccessTokensRepository(), vault, new Applications(db, vault, audit), new Reach(db, new ReachRepository()), new Connections(db, audit), audit);
    await this.#loop(async ({ tenantId, tokenId }, id) => {
      await records.get(systemIn(tenantId, 'test'), 'reservations', id);
      const { accessToken, clientToken } = await tokens.target(tenantId, tokenId);
      if (accessToken.reveal() !== 'token' || clientToken.reveal() !== 'client') throw new Error('another token was read');
      this.reads += 1;
    });
  }

  async #write(vault: Vault): Promise<void> {
    await this.#loop((holder, id) => this.#writeOne(vault, holder, id, Math.random() * 20));
  }

  // Takes its keys, works for a while and writes: as a page of a sync does, in one transaction.
  async #writeOne(vault: Vault, { tenantId, versions }: Holder, id: string, ms: number): Promise<void> {
    const version = (versions.get(id) ?? 0) + 1;
    await this.database.db.inTenant(tenantId, async (tx) => {
      const sealer = await vault.tenant(tx);
      await tx.sql`select pg_sleep(${ms / 1_000})`;
      const sealed = sealer.seal({ environment: ENVIRONMENT, table: 'record', column: 'payload', row: `reservations/${id}` }, Buffer.from(textOf(id, version)));
      await tx.sql`update record set payload = ${sealed} where tenant_id = ${tenantId} and collection = 'reservations' and id = ${id}`;
    });
    versions.set(id, version);
    this.writes += 1;
  }

  // Each loop has records of its own, so that a writer knows what was written last.
  async #loop(work: (holder: Holder, id: string) => Promise<void>): Promise<void> {
    const mine = this.#begun;
    this.#begun += 1;
    while (!this.#stopped) {
      const holder = this.holders[Math.floor(Math.random() * this.holders.length)];
      const id = holder?.records[Math.floor(Math.random() * holder.records.length / LOOPS) * LOOPS + mine % LOOPS];
      if (!holder || id === undefined) continue;
      await sleep(10);
      await work(holder, id).catch((error: unknown) => {
        this.failures.push(String(error));
        this.#stopped = true;
      });
    }
  }
}
