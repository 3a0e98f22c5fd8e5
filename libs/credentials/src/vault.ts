// Hands out sealers: finds the data keys of a tenant or of the platform, unwraps them and keeps them for a short while.
import { createHmac, timingSafeEqual, type KeyObject } from 'node:crypto';
import { Inject, Injectable, Logger, Optional } from '@nestjs/common';
import { Audit } from '@keyrack/audit';
import { AppError, Config, deriveKey, parseKeyRing, PlatformTx, readKeyRing, secondMs, sql, systemActor, type EnvironmentId, type KeyRing, type Secret, type Sql, type TenantId, type TenantTx, type Tx } from '@keyrack/core';
import { newWrappedKey, unwrapKey, type WrappedKey } from './data-key.js';
import { Refusals } from './refusals.js';
import { registerRing } from './ring.js';
import { lengthPrefixed, Sealer, type DataKey } from './sealer.js';

export const PLATFORM = 'platform';
export type Scope = TenantId | typeof PLATFORM;
const FIRST_KEY_ID = 1;
/**
 * Bounds how long a process seals under a data key after another process has made a newer one, and how long it can read a tenant whose
 * keys another process has destroyed. A rotation removes an old key only after every process has had this long to let go of it.
 */
export const KEYS_KEPT_MS = 3 * secondMs;
/** A ring's file is not read more often than this. */
const RING_KEPT_MS = secondMs;
const CACHED_MAX = 5_000;

/** Where the tokens of an environment are sent. */
export interface Addresses { id: EnvironmentId; platformAddress: string; webSocketAddress: string | null }

interface KeyRow extends WrappedKey { uncommitted: boolean }
interface Cached { sealer: Sealer; until: number }

@Injectable()
export class Vault {
  #ring: KeyRing;
  #readAt = Date.now();
  readonly #fingerprintKey: KeyObject;
  readonly #addressKey: KeyObject;
  readonly #logger = new Logger('vault');
  readonly #cached = new Map<string, Cached>();

  /** @throws ConfigError when the key ring cannot be used. */
  constructor(
    @Inject(Config) private readonly config: Pick<Config, 'keys'> & Partial<Pick<Config, 'keysFile'>>,
    @Optional() @Inject(Refusals) private readonly refusals?: Refusals, @Optional() @Inject(Audit) private readonly audit?: Audit,
  ) {
    this.#ring = parseKeyRing(config.keys);
    this.#fingerprintKey = deriveKey(this.#ring, 'fingerprint');
    this.#addressKey = deriveKey(this.#ring, 'environment addresses');
  }

  get ring(): KeyRing { return this.#ring; }

  /** The ring; where it lacks one of these keys its file, if it came from one, is read again first. */
  ringWith(names: readonly string[]): KeyRing {
    if (names.some((name) => !this.ring.wrapping.has(name))) this.#readRing();
    return this.ring;
  }

  /**
   * @param values what will be opened, where that is at hand already: their keys are known then
   * @throws AppError `secret.unreadable` when the tenant's keys are destroyed or the ring cannot unwrap them.
   */
  async tenant(tx: TenantTx, values: Iterable<Buffer | null> = []): Promise<Sealer> {
    const asked = Date.now(), sealer = this.#fresh(tx.tenantId) ?? this.#remember(tx.tenantId, await storedKeys(tx, tx.tenantId), asked);
    return sealer.knowing(tx, values);
  }

  /** The sealer of the vendor's own secrets; its key is made at the first use. */
  async platform(tx: PlatformTx, values: Iterable<Buffer | null> = []): Promise<Sealer> {
    const fresh = this.#fresh(PLATFORM);
    if (fresh) return fresh.knowing(tx, values);
    const asked = Date.now(), stored = await storedKeys(tx, PLATFORM);
    if (stored.length > 0) return this.#remember(PLATFORM, stored, asked).knowing(tx, values);
    await this.#readRingToWrap(tx);
    const { keyId, wrapped, ringKey } = newWrappedKey(this.ring, PLATFORM, FIRST_KEY_ID);
    const made = await tx.sql`insert into platform_key (key_id, wrapped, ring_key) values (${keyId}, ${wrapped}, ${ringKey}) on conflict do nothing returning 1`;
    if (made.length > 0) await this.audit?.record(tx, systemActor('vault'), { action: 'data_key.made', keyId, ringKey });
    return this.#remember(PLATFORM, await storedKeys(tx, PLATFORM), asked);
  }

  /** The same, if it was used lately. */
  platformAtHand(): Sealer | undefined { return this.#fresh(PLATFORM); }

  /** Makes the first data key of a new tenant. The platform role may write keys, not read them: a tenant and its key are made together. */
  async createTenantKey(...of: [tx: TenantTx] | [tx: PlatformTx, tenantId: TenantId]): Promise<void> {
    const [tx, tenantId] = of.length === 1 ? [of[0], of[0].tenantId] : of;
    if (tx instanceof PlatformTx) await this.#readRingToWrap(tx);
    const { keyId, wrapped, ringKey } = newWrappedKey(this.ring, tenantId, FIRST_KEY_ID);
    await tx.sql`insert into tenant_key (tenant_id, key_id, wrapped, ring_key) values (${tenantId}, ${keyId}, ${wrapped}, ${ringKey})`;
  }

  /** Until the transaction ends nobody destroys the tenant's data keys: its deletion, which begins with that, waits. It may have begun before. */
  async holdTenantKeys(tx: TenantTx): Promise<void> {
    await tx.sql`select pg_advisory_xact_lock_shared(${keyLock(tx.tenantId)})`;
  }

  /** After this commits nothing of the tenant can be decrypted, here at once and in other processes within seconds. @returns the ids of the keys that were there */
  async destroyTenantKeys(tx: TenantTx): Promise<number[]> {
    await lockKeysOf(tx, tx.tenantId);
    const gone = await tx.sql<{ keyId: number }>`delete from tenant_key where tenant_id = ${tx.tenantId} returning key_id as "keyId"`;
    this.#cached.delete(tx.tenantId);
    return gone.map(({ keyId }) => keyId);
  }

  /** Lets go of the keys that are kept: they are read anew at the next use. */
  forget(scope: Scope): void { this.#cached.delete(scope); }

  /** Tells equal tokens of one environment apart from others without holding them: HMAC-SHA256 in hex. */
  fingerprint(environment: EnvironmentId, token: Secret): string {
    return createHmac('sha256', this.#fingerprintKey).update(lengthPrefixed([environment, token.reveal()])).digest('hex');
  }

  /** What nobody can write beside an environment's addresses who has the database alone: HMAC-SHA256. */
  addressMac({ id, platformAddress, webSocketAddress }: Addresses): Buffer {
    return createHmac('sha256', this.#addressKey).update(lengthPrefixed([id, platformAddress, ...(webSocketAddress === null ? [] : [webSocketAddress])])).digest();
  }

  /** Whether Keyrack wrote these addresses; if not, an event in the audit trail tells of it. */
  vouchesFor(addresses: Addresses, mac: Buffer | null): boolean {
    const own = this.addressMac(addresses);
    if (mac !== null && mac.length === own.length && timingSafeEqual(mac, own)) return true;
    this.refusals?.note(PLATFORM, { environment: addresses.id, table: 'environment', column: 'platform_address', row: addresses.id, keyId: null, reason: 'the address was not written by Keyrack' });
    return false;
  }

  #fresh(scope: Scope): Sealer | undefined {
    const cached = this.#cached.get(scope);
    return cached && cached.until > Date.now() ? cached.sealer : undefined;
  }

  /** @param asked when, since an answer that was slow is as old as its question: what was found may have been replaced meanwhile */
  #remember(scope: Scope, rows: KeyRow[], asked: number): Sealer {
    this.#cached.delete(scope);
    const [current, ...older] = this.#unwrapped(scope, rows);
    if (!current) throw new AppError('secret.unreadable', { detail: 'The tenant has no data key: it was destroyed with the tenant' });
    const sealer = new Sealer(scope, [current, ...older], {
      learn: (tx) => this.#learn(tx, scope),
      refused: (refusal) => this.refusals?.note(scope, refusal),
    });
    // A key of this very transaction may still be rolled back: sealing under it later would lose the data.
    if (rows.some((row) => row.uncommitted)) return sealer;
    const cached: Cached = { sealer, until: asked + KEYS_KEPT_MS };
    this.#cached.set(scope, cached);
    // Not at the next use, which may never come: the keys of a deleted tenant would stay in memory for as long as the process lives.
    setTimeout(() => { if (this.#cached.get(scope) === cached) this.#cached.delete(scope); }, cached.until - Date.now()).unref();
    const oldest = this.#cached.keys().next().value;
    if (this.#cached.size > CACHED_MAX && oldest !== undefined) this.#cached.delete(oldest);
    return sealer;
  }

  async #learn(tx: Tx, scope: Scope): Promise<DataKey[] | undefined> {
    const rows = await storedKeys(tx, scope);
    return rows.some((row) => row.uncommitted) ? undefined : this.#unwrapped(scope, rows);
  }

  /** Reads the ring's file again, if it came from one: a key may have been added there, or another one be the active one, since the start. */
  #readRing(): void {
    const { keysFile } = this.config;
    if (keysFile === undefined || Date.now() - this.#readAt < RING_KEPT_MS) return;
    this.#readAt = Date.now();
    try {
      const ring = readKeyRing(keysFile);
      // Another index key would not know any fingerprint: that is for a start to refuse.
      if (ring.index.equals(this.#ring.index)) this.#ring = ring;
    } catch (error) {
      this.#logger.error(`the key ring stays as it was: ${error instanceof Error ? error.message : 'unknown'}`);
    }
  }

  async #readRingToWrap(tx: PlatformTx): Promise<void> {
    this.#readRing();
    // Each time: a transaction in which a key became known may have been rolled back.
    await tx.run(registerRing(this.ring));
  }

  #unwrapped(scope: Scope, rows: readonly KeyRow[]): DataKey[] {
    const ring = this.ringWith(rows.map(({ ringKey }) => ringKey));
    return rows.map((row) => {
      try {
        return unwrapKey(ring, scope, row);
      } catch (error) {
        const [table, id] = scope === PLATFORM ? ['platform_key', row.keyId] : ['tenant_key', `${scope}/${row.keyId}`];
        if (error instanceof AppError) this.refusals?.note(scope, { environment: '', table, column: 'wrapped', row: String(id), keyId: row.keyId, reason: error.detail });
        throw error;
      }
    });
  }
}

const storedKeys = (tx: Tx, scope: Scope): Promise<KeyRow[]> => tx.run<KeyRow>(sql`
  select key_id as "keyId", wrapped, ring_key as "ringKey", xmin::text = pg_current_xact_id_if_assigned()::xid::text as uncommitted
    from ${scope === PLATFORM ? sql`platform_key` : sql`tenant_key where tenant_id = ${scope}`} order by key_id desc`);

/** Until the transaction ends nobody else makes or destroys data keys of this owner. */
export async function lockKeysOf(tx: Tx, scope: Scope): Promise<void> {
  await tx.sql`select pg_advisory_xact_lock(${keyLock(scope)})`;
}

const keyLock = (scope: Scope): Sql => sql`hashtextextended(${`keyrack data keys of ${scope}`}, 0)`;
