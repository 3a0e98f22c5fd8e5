// What each ring key still protects: data keys, and the values that are sealed under those.
import type { Database, KeyRing, PlatformTx } from '@keyrack/core';
import { inScope } from './key-rows.js';
import { countSealed, type SealedColumn } from './sealed-column.js';
import { PLATFORM, type Scope } from './vault.js';

export interface RingKeyStatus {
  name: string;
  /** `missing`: in use, and not in KEYRACK_KEYS. `retired`: may leave KEYRACK_KEYS. */
  state: 'active' | 'old' | 'missing' | 'retired';
  dataKeys: number;
  values: number;
}

export interface KeyStatus {
  ringKeys: RingKeyStatus[];
  /** Owners with more than one data key: a rotation of data keys is not done there. */
  ownersWithOldKeys: number;
  /** Since when a rotation of data keys is under way. */
  rotatingSince: Date | null;
  /** Values whose data key is gone, so that nothing opens them. */
  orphans: number;
}

const ROWS = 1_000;

interface KeyPlace { scope: Scope; keyId: number; ringKey: string }

/** Counts every value: on a large database this takes minutes, and disturbs nobody. */
export async function keyStatus(db: Database, ring: KeyRing, columns: readonly SealedColumn[]): Promise<KeyStatus> {
  const { places, retired, rotatingSince } = await db.onPlatform('look at the keys', async (tx) => ({
    places: await tx.sql<KeyPlace>`select tenant_id::text as scope, key_id as "keyId", ring_key as "ringKey" from tenant_key union all select ${PLATFORM}, key_id, ring_key from platform_key`,
    retired: (await tx.sql<{ name: string }>`select name from retired_ring_key`).map(({ name }) => name),
    rotatingSince: (await openRotation(tx)) ?? null,
  }));
  const status: KeyStatus = { ringKeys: [], ownersWithOldKeys: 0, rotatingSince, orphans: 0 };
  const used = new Map(places.map(({ ringKey }) => [ringKey, { dataKeys: 0, values: 0 }]));
  for (const scope of new Set(places.map((place) => place.scope))) {
    const own = places.filter((place) => place.scope === scope);
    const counts = await countAll(db, scope, columns);
    if (own.length > 1) status.ownersWithOldKeys += 1;
    for (const { keyId, ringKey } of own) {
      const of = used.get(ringKey) ?? { dataKeys: 0, values: 0 };
      used.set(ringKey, { dataKeys: of.dataKeys + 1, values: of.values + (counts.get(keyId) ?? 0) });
      counts.delete(keyId);
    }
    for (const count of counts.values()) status.orphans += count;
  }
  const names = new Set([...ring.wrapping.keys(), ...used.keys()]);
  status.ringKeys = [...names].map((name) => ({ name, state: stateOf(name, ring, retired), ...(used.get(name) ?? { dataKeys: 0, values: 0 }) }));
  return status;
}

/** How many values of the owner are sealed under each of its data keys: in small transactions, since there may be millions. */
async function countAll(db: Database, scope: Scope, columns: readonly SealedColumn[]): Promise<Map<number, number>> {
  const all = new Map<number, number>();
  for (const at of columns.filter(({ owner }) => owner === (scope === PLATFORM ? 'platform' : 'tenant'))) {
    let after: readonly string[] | null = null;
    do {
      const { counts, last }: Awaited<ReturnType<typeof countSealed>> = await inScope(db, scope, 'count sealed values', (tx) => countSealed(tx, scope, at, after, ROWS));
      for (const [keyId, n] of counts) if (keyId !== null) all.set(keyId, (all.get(keyId) ?? 0) + n);
      after = last;
    } while (after !== null);
  }
  return all;
}

function stateOf(name: string, ring: KeyRing, retired: readonly string[]): RingKeyStatus['state'] {
  if (!ring.wrapping.has(name)) return 'missing';
  if (name === ring.currentName) return 'active';
  return retired.includes(name) ? 'retired' : 'old';
}

async function openRotation(tx: PlatformTx): Promise<Date | undefined> {
  const [row] = await tx.sql<{ startedAt: Date }>`select started_at as "startedAt" from key_rotation where finished_at is null`;
  return row?.startedAt;
}
