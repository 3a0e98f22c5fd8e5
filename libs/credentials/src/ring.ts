// Which keys of the ring the database knows: checked at every start, so that no process runs that could not read what the others write.
import type { Audit } from '@keyrack/audit';
import { AppError, checkValueOf, ConfigError, INDEX, sql, type Actor, type Database, type KeyRing, type PlatformTx, type Sql } from '@keyrack/core';

export interface RingUse { name: string; dataKeys: number }

/** Data keys by the ring key that wraps them. */
export const ringUse = (tx: PlatformTx): Promise<RingUse[]> => tx.sql<RingUse>`
  select ring_key as name, count(*) as "dataKeys" from (select ring_key from tenant_key union all select ring_key from platform_key) k group by 1 order by 1`;

/** Makes the ring's keys known, except those that were retired: only known ones can wrap. */
export const registerRing = ({ wrapping, index }: KeyRing): Sql => sql`
  insert into ring_key (name, check_value)
  select k.name, decode(k.value, 'hex') from jsonb_to_recordset(${JSON.stringify([...wrapping, [INDEX, index] as const].map(([name, key]) => ({ name, value: checkValueOf(key).toString('hex') })))}::jsonb) as k (name text, value text)
   where not exists (select 1 from retired_ring_key r where r.name = k.name)
  on conflict (name) do update set check_value = excluded.check_value where ring_key.check_value is null`;

/** @throws ConfigError when the ring lacks a key that is in use, holds another one under its name, or would wrap under a retired one */
export async function checkRing(tx: PlatformTx, ring: KeyRing): Promise<void> {
  const use = await ringUse(tx);
  const lost = use.filter(({ name }) => !ring.wrapping.has(name));
  if (lost.length > 0) throw new ConfigError(lost.map(missing).join('\n'));
  const [retired] = await tx.sql`select 1 from retired_ring_key where name = ${ring.currentName}`;
  if (retired) throw new ConfigError(`KEYRACK_KEYS: the first key, "${ring.currentName}", was retired: put the key first that is active now (keyrack keys status)`);
  await tx.run(registerRing(ring));
  const known = await tx.sql<{ name: string; value: Buffer }>`select name, check_value as value from ring_key where check_value is not null`;
  for (const { name, value } of known) {
    const key = name === INDEX ? ring.index : ring.wrapping.get(name), count = use.find((one) => one.name === name)?.dataKeys ?? 0;
    if (!key || checkValueOf(key).equals(value)) continue;
    if (name === INDEX) throw new ConfigError('KEYRACK_KEYS: the key "index" is another one than before: put that one back. With another one no API key, session or fingerprint would be known');
    if (count > 0) throw new ConfigError(`KEYRACK_KEYS: "${name}" is another key than the one that wraps ${dataKeys(count)}: put that one back, and give the new one another name`);
    await tx.sql`update ring_key set check_value = ${checkValueOf(key)} where name = ${name}`;
  }
}

const missing = ({ name, dataKeys: count }: RingUse): string =>
  `KEYRACK_KEYS lacks the key "${name}", which still wraps ${dataKeys(count)}: put it back. It can go after "keyrack keys rotate" and "keyrack keys retire ${name}"`;
const dataKeys = (count: number): string => `${count} data key${count === 1 ? '' : 's'}`;

/** What is wrong with the ring, in a line; null when nothing is. @param vault gives the ring, read again where it lacks one of the keys */
export async function ringTrouble(tx: PlatformTx, vault: { ringWith(names: readonly string[]): KeyRing }): Promise<string | null> {
  const use = await ringUse(tx), ring = vault.ringWith(use.map(({ name }) => name)), lost = use.filter(({ name }) => !ring.wrapping.has(name));
  return lost.length > 0 ? lost.map(missing).join('; ') : null;
}

/**
 * Takes a key out of use for good. It may leave the ring then. Does nothing where that was done before: the run that did it may have been cut off after it.
 * @throws AppError `ring_key.in_use` while it wraps a data key or is the active one, `ring_key.unknown`
 */
export async function retireRingKey(db: Database, audit: Audit, me: Actor, ring: KeyRing, name: string): Promise<void> {
  if (name === INDEX) throw new AppError('ring_key.in_use', { detail: 'The key "index" is for fingerprints, API keys and sessions, which need it for good' });
  if (name === ring.currentName) throw new AppError('ring_key.in_use', { detail: `"${name}" is the active key: put a new one before it in KEYRACK_KEYS, restart, and run "keyrack keys rotate" first` });
  await db.onPlatform('retire a ring key', async (tx) => {
    const [retired] = await tx.sql`select 1 from retired_ring_key where name = ${name}`;
    if (retired) return;
    const [known] = await tx.sql`select 1 from ring_key where name = ${name} for update`;
    if (!known) throw new AppError('ring_key.unknown', { detail: `No data key of this database was ever wrapped by "${name}": keyrack keys status lists the keys` });
    // The lock keeps others from wrapping under it from here on.
    const count = (await ringUse(tx)).find((one) => one.name === name)?.dataKeys ?? 0;
    if (count > 0) throw new AppError('ring_key.in_use', { detail: `"${name}" still wraps ${dataKeys(count)}: run "keyrack keys rotate" first` });
    await tx.sql`delete from ring_key where name = ${name}`;
    await tx.sql`insert into retired_ring_key (name) values (${name})`;
    await audit.record(tx, me, { action: 'ring_key.retired', name });
  });
}
