// The vault on Postgres: keys that were never committed are never used, and a moved key row does not open.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Audit } from '@keyrack/audit';
import { generateKeyRing, newId, Secret, type EnvironmentId, type TenantId } from '@keyrack/core';
import { Vault } from '@keyrack/credentials';
import { makeKey, rewrapKeys } from '../../libs/credentials/src/key-rows.js';
import { KEYS_KEPT_MS } from '../../libs/credentials/src/vault.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';
import { until } from '../harness/keyrack.js';
import { withNewKey } from './keyholders.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

let database: TestDatabase;
beforeAll(async () => { database = await createTestDatabase(); });
afterAll(() => database?.drop());

const at = { environment: 'demo', table: 't', column: 'c', row: '1' };
const newVault = () => new Vault({ keys: database.keys });
const newTenant = async (): Promise<TenantId> => {
  const id = newId<TenantId>();
  await database.owner.query(`insert into tenant (id, slug, name) values ($1::uuid, 's-' || $1, 'n')`, [id]);
  return id;
};

test("the platform's key of a rolled back transaction is not used afterwards", async () => {
  const vault = newVault();
  await expect(database.db.onPlatform('test', async (tx) => { await vault.platform(tx); throw new Error('rolled back'); })).rejects.toThrow('rolled back');
  const sealed = await database.db.onPlatform('test', async (tx) => (await vault.platform(tx)).seal(at, Buffer.from('x')));
  // Another process, which knows only what is stored, can open it.
  const opened = await database.db.onPlatform('test', async (tx) => (await newVault().platform(tx)).open(at, sealed));
  expect(opened.toString()).toBe('x');
});

test('many processes that need the first platform key at once end with one', async () => {
  await database.owner.query('delete from platform_key');
  const sealed = await Promise.all(Array.from({ length: 6 }, () => database.db.onPlatform('test', async (tx) => (await newVault().platform(tx)).seal(at, Buffer.from('x')))));
  await database.db.onPlatform('test', async (tx) => {
    const sealer = await newVault().platform(tx);
    for (const value of sealed) expect(sealer.open(at, value).toString()).toBe('x');
  });
});

test("a tenant's key put in another tenant's row, altered, or wrapped by an unknown key does not unwrap", async () => {
  const [a, b] = [await newTenant(), await newTenant()];
  for (const id of [a, b]) await database.db.inTenant(id, (tx) => newVault().createTenantKey(tx));
  const unreadable = expect.objectContaining({ code: 'secret.unreadable' });
  const open = (id: TenantId, vault = newVault()) => database.db.inTenant(id, (tx) => vault.tenant(tx));
  await database.owner.query('update tenant_key set wrapped = (select wrapped from tenant_key where tenant_id = $1) where tenant_id = $2', [a, b]);
  await expect(open(b)).rejects.toEqual(unreadable);
  await expect(open(a)).resolves.toBeDefined();
  await expect(open(a, new Vault({ keys: new Secret(generateKeyRing()) }))).rejects.toEqual(unreadable);
  await database.owner.query(`insert into ring_key (name) values ('k7')`);
  await database.owner.query(`update tenant_key set ring_key = 'k7' where tenant_id = $1`, [a]);
  await expect(open(a)).rejects.toThrow(/k7/);
});

test('fingerprints are equal for equal tokens of one environment only, stay when wrapping keys change, and are others under another index key', () => {
  const [demo, production] = ['demo', 'production'] as string[] as EnvironmentId[];
  if (!demo || !production) throw new Error('no environments');
  const vault = newVault();
  expect(vault.fingerprint(demo, new Secret('t'))).toBe(newVault().fingerprint(demo, new Secret('t')));
  expect(vault.fingerprint(demo, new Secret('t'))).toMatch(/^[0-9a-f]{64}$/);
  expect(vault.fingerprint(demo, new Secret('t'))).not.toBe(vault.fingerprint(production, new Secret('t')));
  const rotated = new Vault({ keys: new Secret(`k2:${generateKeyRing().split(/[:,]/)[1]},${database.keys.reveal()}`) });
  expect(rotated.fingerprint(demo, new Secret('t'))).toBe(vault.fingerprint(demo, new Secret('t')));
  const otherIndex = new Vault({ keys: new Secret(database.keys.reveal().replace(/index:.*/, generateKeyRing().split(',')[1] ?? '')) });
  expect(otherIndex.fingerprint(demo, new Secret('t'))).not.toBe(vault.fingerprint(demo, new Secret('t')));
});

test('a ring in a file is read again when a key is unknown, and before one is wrapped: nothing has to be restarted', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyrack-vault-')), keysFile = join(folder, 'keys'), keys = database.keys;
  const putRing = (text: string): void => { writeFileSync(keysFile, text, { mode: 0o600 }); };
  try {
    putRing(keys.reveal());
    const old = new Vault({ keys, keysFile }), id = await newTenant(), later = withNewKey(keys, 'k2');
    await database.db.inTenant(id, (tx) => old.createTenantKey(tx));
    putRing(later.reveal());
    await sleep(1_050);
    const other = await newTenant();
    await database.db.onPlatform('test', (tx) => old.createTenantKey(tx, other));
    expect((await database.owner.query('select ring_key from tenant_key where tenant_id = $1', [other])).rows).toEqual([{ ring_key: 'k2' }]);

    const reader = new Vault({ keys, keysFile });
    putRing('k2:nonsense');
    await sleep(1_050);
    await database.db.inTenant(id, (tx) => rewrapKeys(tx, new Audit(database.db, database), new Vault({ keys: later }).ring, id));
    const read = () => database.db.inTenant(id, (tx) => reader.tenant(tx));
    await expect(read()).rejects.toThrow('no key named "k2"');
    putRing(later.reveal());
    await sleep(1_050);
    await expect(read()).resolves.toBeDefined();
  } finally { rmSync(folder, { recursive: true }); }
});

test('a process that was slow to hear of its keys seals under them no longer than one that was not', async () => {
  const [vault, other] = [newVault(), newVault()], id = await newTenant();
  await database.db.inTenant(id, (tx) => other.createTenantKey(tx));
  await database.db.inTenant(id, async (tx) => {
    const { run } = tx;
    jest.spyOn(tx, 'run').mockImplementationOnce(async (query) => {
      const rows = await run.call(tx, query);
      await sleep(KEYS_KEPT_MS - 500);
      return rows;
    });
    await vault.tenant(tx);
  });
  await database.db.inTenant(id, (tx) => makeKey(tx, new Audit(database.db, database), other.ring, id, new Date(Date.now() + 1_000)));
  await sleep(700);
  expect((await database.db.inTenant(id, (tx) => vault.tenant(tx))).currentKeyId).toBe(2);
});

test('destroyed data keys leave the memory of another process that had them at hand, whether it asks for them again or not', async () => {
  const [warm, asking, destroying] = [newVault(), newVault(), newVault()], id = await newTenant();
  await database.db.inTenant(id, (tx) => destroying.createTenantKey(tx));
  const held = async (vault: Vault) => new WeakRef(await database.db.inTenant(id, (tx) => vault.tenant(tx)));
  const refs = await Promise.all([held(warm), held(asking)]);
  await database.db.inTenant(id, (tx) => destroying.destroyTenantKeys(tx));
  await until(KEYS_KEPT_MS + 1_000, async () => (await database.db.inTenant(id, (tx) => asking.tenant(tx)).then(() => undefined, (error: unknown) => error)) ?? undefined);
  await until(KEYS_KEPT_MS + 1_000, async () => {
    await sleep(50);
    collectGarbage();
    return refs.every((ref) => ref.deref() === undefined) || undefined;
  });
});
