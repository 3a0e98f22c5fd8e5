// Hands out sealers: finds the data keys of a tenant or of the platform, unwraps them and keeps them for a short while.
import { createHmac, type KeyObject } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import {
  AppError, Config, deriveKey, minuteMs, parseKeyRing, type EnvironmentId, type KeyRing, type PlatformTx, type Secret, type TenantId, type TenantTx,
} from '@keyrack/core';
import { newWrappedKey, unwrapKey, type WrappedKey } from './data-key.js';
import { lengthPrefixed, Sealer } from './sealer.js';

const PLATFORM = 'platform';
const FIRST_KEY_ID = 1;
// Bounds how long a process can still read a tenant whose keys another process has destroyed. A rotation must not seal under a
// new key before every process has had this long to see it.
const CACHE_MS = 3 * minuteMs;
const CACHED_MAX = 5_000;

interface KeyRow extends WrappedKey { uncommitted: boolean }
interface Cached { sealer: Sealer; until: number }

@Injectable()
export class Vault {
  readonly #ring: KeyRing;
  readonly #fingerprintKey: KeyObject;
  readonly #cached = new Map<string, Cached>();

  /** @throws ConfigError when the key ring cannot be used. */
  constructor(@Inject(Config) config: Pick<Config, 'keys'>) {
    this.#ring = parseKeyRing(config.keys);
    this.#fingerprintKey = deriveKey(this.#ring, 'fingerprint');
  }

  /** @throws AppError `secret.unreadable` when the tenant's keys are destroyed or the ring cannot unwrap them. */
  async tenant(tx: TenantTx): Promise<Sealer> {
    return this.#fresh(tx.tenantId) ?? this.#remember(tx.tenantId, await tx.sql<KeyRow>`
      select key_id as "keyId", wrapped, ring_key as "ringKey", xmin::text = pg_current_xact_id_if_assigned()::xid::text as uncommitted
        from tenant_key where tenant_id = ${tx.tenantId} order by key_id desc`);
  }

  /** The sealer of the vendor's own secrets; its key is made at the first use. */
  async platform(tx: PlatformTx): Promise<Sealer> {
    const fresh = this.#fresh(PLATFORM);
    if (fresh) return fresh;
    const stored = await platformKeys(tx);
    if (stored.length > 0) return this.#remember(PLATFORM, stored);
    const { keyId, wrapped, ringKey } = newWrappedKey(this.#ring, PLATFORM, FIRST_KEY_ID);
    await tx.sql`insert into platform_key (key_id, wrapped, ring_key) values (${keyId}, ${wrapped}, ${ringKey}) on conflict do nothing`;
    return this.#remember(PLATFORM, await platformKeys(tx));
  }

  /** The same, if it was used lately. */
  platformAtHand(): Sealer | undefined { return this.#fresh(PLATFORM); }

  /** Makes the first data key of a new tenant. The platform role may write keys, not read them: a tenant and its key are made together. */
  async createTenantKey(...of: [tx: TenantTx] | [tx: PlatformTx, tenantId: TenantId]): Promise<void> {
    const [tx, tenantId] = of.length === 1 ? [of[0], of[0].tenantId] : of;
    const { keyId, wrapped, ringKey } = newWrappedKey(this.#ring, tenantId, FIRST_KEY_ID);
    await tx.sql`insert into tenant_key (tenant_id, key_id, wrapped, ring_key) values (${tenantId}, ${keyId}, ${wrapped}, ${ringKey})`;
  }

  /** After this commits nothing of the tenant can be decrypted, here at once and in other processes within minutes. */
  async destroyTenantKeys(tx: TenantTx): Promise<void> {
    await tx.sql`delete from tenant_key where tenant_id = ${tx.tenantId}`;
    this.#cached.delete(tx.tenantId);
  }

  /** Names of ring keys that still wrap data keys and are not in the ring: what they wrap cannot be read. */
  async missingRingKeys(tx: PlatformTx): Promise<string[]> {
    const used = await tx.sql<{ name: string }>`select ring_key as name from tenant_key union select ring_key from platform_key order by name`;
    return used.map(({ name }) => name).filter((name) => !this.#ring.wrapping.has(name));
  }

  /** Tells equal tokens of one environment apart from others without holding them: HMAC-SHA256 in hex. */
  fingerprint(environment: EnvironmentId, token: Secret): string {
    return createHmac('sha256', this.#fingerprintKey).update(lengthPrefixed([environment, token.reveal()])).digest('hex');
  }

  #fresh(scope: TenantId | typeof PLATFORM): Sealer | undefined {
    const cached = this.#cached.get(scope);
    return cached && cached.until > Date.now() ? cached.sealer : undefined;
  }

  #remember(scope: TenantId | typeof PLATFORM, rows: KeyRow[]): Sealer {
    const [current, ...older] = rows.map((row) => unwrapKey(this.#ring, scope, row));
    if (!current) throw new AppError('secret.unreadable', { detail: 'The tenant has no data key: it was destroyed with the tenant' });
    const sealer = new Sealer(scope, [current, ...older]);
    // A key of this very transaction may still be rolled back: sealing under it later would lose the data.
    if (rows.some((row) => row.uncommitted)) return sealer;
    this.#cached.delete(scope);
    this.#cached.set(scope, { sealer, until: Date.now() + CACHE_MS });
    const oldest = this.#cached.keys().next().value;
    if (this.#cached.size > CACHED_MAX && oldest !== undefined) this.#cached.delete(oldest);
    return sealer;
  }
}

const platformKeys = (tx: PlatformTx): Promise<KeyRow[]> => tx.sql<KeyRow>`
  select key_id as "keyId", wrapped, ring_key as "ringKey", xmin::text = pg_current_xact_id_if_assigned()::xid::text as uncommitted
    from platform_key order by key_id desc`;
