// Data keys as rows: rewrapped, made and destroyed, each with its audit event in the same transaction.
import type { Audit } from '@keyrack/audit';
import { PlatformTx, sql, systemActor, type Database, type KeyRing, type Sql, type TenantTx } from '@keyrack/core';
import { newWrappedKey, rewrapKey, unwrapKey, type WrappedKey } from './data-key.js';
import { lockKeysOf, PLATFORM, type Scope } from './vault.js';

export const rotator = systemActor('keys.rotate');
export type ScopeTx = TenantTx | PlatformTx;

/** A transaction of the tenant, or of the platform for its own keys. */
export const inScope = <T>(db: Database, scope: Scope, reason: string, work: (tx: ScopeTx) => Promise<T>): Promise<T> =>
  scope === PLATFORM ? db.onPlatform(reason, work) : db.inTenant(scope, work, { jit: 'off' });

const keysOf = (scope: Scope): Sql => (scope === PLATFORM ? sql`platform_key where true` : sql`tenant_key where tenant_id = ${scope}`);

const read = (tx: ScopeTx, scope: Scope): Promise<WrappedKey[]> => tx.run<WrappedKey>(sql`
  select key_id as "keyId", wrapped, ring_key as "ringKey" from ${keysOf(scope)} order by key_id desc`);

/** Owners that have a data key under another ring key than the active one. */
export const wrappedByOthers = (tx: PlatformTx, ring: KeyRing): Promise<{ scope: Scope }[]> => tx.sql<{ scope: Scope }>`
  select distinct tenant_id::text as scope from tenant_key where ring_key <> ${ring.currentName}
  union all select distinct ${PLATFORM} from platform_key where ring_key <> ${ring.currentName} order by 1`;

/** Puts the owner's data keys under the active ring key. Only a row that is still what was read is replaced. @returns how many were */
export async function rewrapKeys(tx: ScopeTx, audit: Audit, ring: KeyRing, scope: Scope): Promise<number> {
  let count = 0;
  for (const stored of (await read(tx, scope)).filter(({ ringKey }) => ringKey !== ring.currentName)) {
    const { wrapped, ringKey } = rewrapKey(ring, scope, stored);
    const table = scope === PLATFORM ? sql`platform_key` : sql`tenant_key`;
    const owned = scope === PLATFORM ? sql`true` : sql`tenant_id = ${scope}`;
    const done = await tx.run(sql`update ${table} set wrapped = ${wrapped}, ring_key = ${ringKey} where ${owned} and key_id = ${stored.keyId} and wrapped = ${stored.wrapped} returning 1`);
    if (done.length === 0) continue;
    await audit.record(tx, rotator, { action: 'data_key.rewrapped', keyId: stored.keyId, ringKey: { before: stored.ringKey, after: ringKey } });
    count += 1;
  }
  return count;
}

/** Makes a new data key unless one was made since. An owner whose keys are destroyed, or are about to be, gets none. */
export async function makeKey(tx: ScopeTx, audit: Audit, ring: KeyRing, scope: Scope, since: Date): Promise<void> {
  await lockKeysOf(tx, scope);
  if (scope !== PLATFORM && (await tx.sql`select 1 from tenant where id = ${scope} and state = 'active'`).length === 0) return;
  const [newest] = await tx.run<WrappedKey & { createdAt: Date }>(sql`
    select key_id as "keyId", wrapped, ring_key as "ringKey", created_at as "createdAt" from ${keysOf(scope)} order by key_id desc limit 1`);
  if (!newest || newest.createdAt >= since) return;
  const { keyId, wrapped, ringKey } = newWrappedKey(ring, scope, newest.keyId + 1, unwrapKey(ring, scope, newest));
  if (scope === PLATFORM) await tx.sql`insert into platform_key (key_id, wrapped, ring_key, created_at) values (${keyId}, ${wrapped}, ${ringKey}, clock_timestamp())`;
  else await tx.sql`insert into tenant_key (tenant_id, key_id, wrapped, ring_key, created_at) values (${scope}, ${keyId}, ${wrapped}, ${ringKey}, clock_timestamp())`;
  await audit.record(tx, rotator, { action: 'data_key.made', keyId, ringKey });
}

/** Destroys the owner's data keys that are older than this one. */
export async function destroyOlder(tx: ScopeTx, audit: Audit, scope: Scope, keyId: number): Promise<void> {
  await lockKeysOf(tx, scope);
  const gone = scope === PLATFORM
    ? await tx.sql<{ keyId: number }>`delete from platform_key where key_id < ${keyId} returning key_id as "keyId"`
    : await tx.sql<{ keyId: number }>`delete from tenant_key where tenant_id = ${scope} and key_id < ${keyId} returning key_id as "keyId"`;
  if (gone.length > 0) await audit.record(tx, rotator, { action: 'data_key.destroyed', keyIds: gone.map((row) => row.keyId), reason: 'rotated' });
}
