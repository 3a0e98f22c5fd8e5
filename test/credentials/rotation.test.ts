// Keys are rotated while everything goes on: no read fails, no write is lost, and a rotation that is killed is followed by the next.
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, lstatSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Audit } from '@keyrack/audit';
import { generateKeyRing, Secret } from '@keyrack/core';
import { checkRing, keyStatus, registerRing, Rotation, Vault } from '@keyrack/credentials';
import { sealedColumns } from '../../apps/cli/src/keys.js';
import { migrate } from '../../apps/cli/src/migrate.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';
import { until, untilLocked } from '../harness/keyrack.js';
import { makeHolder, Traffic, withNewKey, type Holder } from './keyholders.js';

const RECORDS = [6_000, 3_000, 1_000], OTHERS = 4;
let database: TestDatabase, holders: Holder[], ring: Secret;
beforeAll(async () => {
  database = await createTestDatabase();
  const vault = new Vault({ keys: database.keys });
  holders = await Promise.all(RECORDS.map((records) => makeHolder(database, vault, records)));
  ring = withNewKey(database.keys, 'k2');
});
afterAll(() => database?.drop());

const values = (): number => holders.reduce((sum, { records }) => sum + records.length + OTHERS, 0);
/** How fast it is has been seen; what follows shows the same with fewer records. */
async function keepFew(): Promise<void> {
  for (const { tenantId, records } of holders) {
    records.length = Math.floor(records.length * 0.4);
    await database.owner.query('delete from record where tenant_id = $1 and id not in (select unnest($2::text[]))', [tenantId, records]);
  }
}
const statusOf = (keys: Secret) => keyStatus(database.db, new Vault({ keys }).ring, sealedColumns);
const count = async (query: string): Promise<number> => (await database.owner.query<{ n: number }>(`select count(*)::int as n from ${query}`)).rows[0]?.n ?? 0;

const program = fileURLToPath(new URL('../../dist/apps/cli/src/keyrack.js', import.meta.url));
/** The command as its own process. */
function keyrack(keys: Secret | { file: string; preload?: string }, ...args: string[]): { child: ChildProcess; ended: Promise<number | null>; output: () => string } {
  let text = '';
  const child = spawn(process.execPath, ['--input-type=module', '--eval', `const { keyrack } = await import(${JSON.stringify(program)}); process.exitCode = await keyrack(['node', 'keyrack', ...${JSON.stringify(args)}], process.env)`],
    { env: { PATH: process.env['PATH'] ?? '', DATABASE_URL: database.databaseUrl.reveal(), ...('file' in keys ? { KEYRACK_KEYS_FILE: keys.file, ...(keys.preload && { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(keys.preload)}` }) } : { KEYRACK_KEYS: keys.reveal() }) }, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => { text += chunk.toString(); });
  return { child, output: () => text, ended: new Promise((resolve) => { child.once('close', resolve); }) };
}

test('ring keys and data keys are rotated within 30 s for 10,000 values, under load, and nothing is left under the old ones', async () => {
  await database.db.onPlatform('test', (tx) => tx.run(registerRing(new Vault({ keys: ring }).ring)));
  const traffic = new Traffic(database, holders);
  for (let pair = 0; pair < 3; pair += 1) traffic.start(ring);
  traffic.writeLate(ring, 10_500);
  const rotation = new Rotation(database.db, new Audit(database.db, database), new Vault({ keys: ring }), sealedColumns);
  const from = Date.now();
  const [rewrapped, { values: resealed, trouble }] = await traffic.during(async () => [await rotation.ringKeys(), await rotation.dataKeys()] as const);
  const ms = Date.now() - from;
  expect(rewrapped).toEqual({ values: holders.length + 1, trouble: [] });
  expect({ trouble, failures: traffic.failures }).toEqual({ trouble: [], failures: [] });
  expect(resealed).toBeGreaterThanOrEqual(values() - traffic.writes);
  expect(ms).toBeLessThan(30_000);
  expect(traffic.reads).toBeGreaterThan(100);
  expect(traffic.writes).toBeGreaterThan(100);
  const keys = holders.length + 1;
  expect(await statusOf(ring)).toEqual({
    ringKeys: [{ name: 'k2', state: 'active', dataKeys: keys, values: values() }, { name: 'k1', state: 'old', dataKeys: 0, values: 0 }],
    ownersWithOldKeys: 0, rotatingSince: null, orphans: 0,
  });
  expect(await traffic.wrong(new Vault({ keys: ring }))).toEqual([]);
  expect(await count(`audit_event where action in ('data_key.rewrapped', 'data_key.made', 'data_key.destroyed')`)).toBe(3 * holders.length);
  expect(await count(`platform_audit_event where action ~ '^(data_key|key_rotation)'`)).toBe(3 + 2);
}, 90_000);

test('a rotation that is killed at any point goes on with the next, and no read fails meanwhile', async () => {
  await keepFew();
  const traffic = new Traffic(database, holders);
  for (let pair = 0; pair < 2; pair += 1) traffic.start(ring);
  const stale = `record where substring(payload from 2 for 4) = '\\x00000002'::bytea`;
  const points: (() => Promise<boolean>)[] = [
    async () => await count('key_rotation where finished_at is null') > 0,
    async () => await count(stale) < 3_500,
    async () => await count(stale) < 1_500,
    // All but what is still written under the old key: it waits for those writers now, and would end soon after there is none.
    async () => await count(stale) < 100,
  ];
  await traffic.during(async () => {
    for (const reached of points) {
      const { child, ended, output } = keyrack(ring, 'keys', 'rotate', '--data-keys');
      await until(30_000, async () => {
        if (child.exitCode !== null) throw new Error(`it ended before it was killed: ${output()}`);
        return await reached() || undefined;
      });
      child.kill('SIGKILL');
      await ended;
    }
    const { ended, output } = keyrack(ring, 'keys', 'rotate', '--data-keys');
    expect({ code: await ended, output: output() }).toEqual({ code: 0, output: expect.stringContaining('Done.') });
  });
  expect(traffic.failures).toEqual([]);
  expect(traffic.reads).toBeGreaterThan(100);
  expect(traffic.writes).toBeGreaterThan(100);
  expect(await count('key_rotation where finished_at is null')).toBe(0);
  expect(await count('tenant_key where key_id <> 3')).toBe(0);
  expect(await count(`record where substring(payload from 2 for 4) <> '\\x00000003'::bytea`)).toBe(0);
  expect(await traffic.wrong(new Vault({ keys: ring }))).toEqual([]);
}, 120_000);

test('a ring key is retired when nothing needs it, and not before; a start without one that is needed is refused', async () => {
  const three = withNewKey(ring, 'k3'), run = async (keys: Secret, ...args: string[]) => {
    const { ended, output } = keyrack(keys, 'keys', ...args);
    return { code: await ended, output: output() };
  };
  const keys = holders.length + 1;
  expect(await Promise.all([run(ring, 'retire', 'k2'), run(three, 'retire', 'k2'), run(three, 'retire', 'k9')])).toEqual([
    { code: 1, output: expect.stringContaining('"k2" is the active key') },
    { code: 1, output: expect.stringContaining(`"k2" still wraps ${keys} data keys: run "keyrack keys rotate" first`) },
    { code: 1, output: expect.stringContaining('keyrack keys status') },
  ]);
  // In the file, which stays whose it was: the programs may run as somebody else.
  const folder = mkdtempSync(join(tmpdir(), 'keyrack-ring-')), file = join(folder, 'keys'), owner = process.getuid?.() === 0 ? 65_534 : process.getuid?.() ?? 0;
  writeFileSync(file, ring.reveal(), { mode: 0o600 });
  if (process.getuid?.() === 0) {
    chownSync(file, owner, owner);
    chmodSync(file, 0o640);
  }
  // What stands where it is written first is not written to, nor what it leads to, and nothing is retired.
  const elsewhere = join(folder, 'elsewhere'), unfinished = `${file}.new`;
  writeFileSync(elsewhere, 'of somebody else');
  symlinkSync(elsewhere, unfinished);
  const refused = keyrack({ file }, 'keys', 'retire', 'k1');
  expect({ code: await refused.ended, output: refused.output() }).toEqual({ code: 1, output: expect.stringContaining(`${unfinished} is there already`) });
  expect([readFileSync(elsewhere, 'utf8'), readFileSync(file, 'utf8')]).toEqual(['of somebody else', ring.reveal()]);
  rmSync(unfinished);
  const { mode } = statSync(file), done = keyrack({ file }, 'keys', 'retire', 'k1');
  expect({ code: await done.ended, output: done.output() }).toEqual({ code: 0, output: expect.stringContaining(`It was taken out of ${file}`) });
  expect(statSync(file)).toMatchObject({ mode, uid: owner });
  expect(readFileSync(file, 'utf8')).toMatch(/^k2:[^\n]+\nindex:[^\n]+\n$/);
  // One that was killed before it came to the file: the next run does the rest.
  writeFileSync(file, ring.reveal());
  const again = keyrack({ file }, 'keys', 'retire', 'k1');
  expect({ code: await again.ended, output: again.output() }).toEqual({ code: 0, output: expect.stringContaining(`It was taken out of ${file}`) });
  expect(readFileSync(file, 'utf8')).toMatch(/^k2:[^\n]+\nindex:[^\n]+\n$/);
  expect(await count(`platform_audit_event where action = 'ring_key.retired'`)).toBe(1);
  rmSync(folder, { recursive: true });
  const status = await run(ring, 'status');
  expect(status.output).toMatch(new RegExp(`k2 +│ active +│ +${keys} +│ +${values()}[^]*k1 +│ retired +│ +0 +│ +0`));
  for (const secret of ring.reveal().split(/[:,]/).filter((part) => part.length > 8)) expect(status.output).not.toContain(secret);

  const start = (text: Secret) => database.db.onPlatform('test', (tx) => checkRing(tx, new Vault({ keys: text }).ring));
  await expect(start(database.keys)).rejects.toThrow(`KEYRACK_KEYS lacks the key "k2", which still wraps ${keys} data keys: put it back`);
  await expect(start(new Secret(`${ring.reveal().split(',').find((entry) => entry.startsWith('k1:'))},${ring.reveal().replace(/k1:[^,]*,/, '')}`))).rejects.toThrow('"k1", was retired');
  await expect(start(withNewKey(database.keys, 'k2'))).rejects.toThrow(`"k2" is another key than the one that wraps ${keys} data keys`);
  const otherIndex = new Secret(ring.reveal().replace(/index:.*/, generateKeyRing().split(',')[1] ?? ''));
  await expect(start(otherIndex)).rejects.toThrow('"index" is another one than before');
  await expect(migrate({ databaseUrl: database.databaseUrl, keys: otherIndex })).rejects.toThrow('"index" is another one than before');
  await expect(start(ring)).resolves.toBeUndefined();
});

test('a tenant that is deleted while data keys are rotated is no trouble: nothing of it is left to rotate', async () => {
  const vault = new Vault({ keys: ring }), audit = new Audit(database.db, database);
  await database.db.onPlatform('test', (tx) => tx.run(registerRing(vault.ring)));
  const { tenantId } = await makeHolder(database, vault, 10);
  let isSealed = false;
  const rotated = new Rotation(database.db, audit, vault, sealedColumns, ({ owners, of }) => { isSealed ||= owners === of; }).dataKeys();
  // Everything is sealed anew, and the old keys are let go of, for seconds.
  await until(30_000, async () => isSealed || undefined);
  await sleep(1_000);
  await database.owner.query(`update tenant set state = 'deleting' where id = $1`, [tenantId]);
  await database.db.inTenant(tenantId, (tx) => vault.destroyTenantKeys(tx));
  expect(await rotated).toMatchObject({ trouble: [] });
  expect(await count('key_rotation where finished_at is null')).toBe(0);
}, 60_000);

test('a rotation of ring keys that is killed between two owners goes on with the next, and what is half done is read', async () => {
  const three = withNewKey(ring, 'k3'), [first, second] = holders.map(({ tenantId }) => tenantId), under = () => count(`(select ring_key from tenant_key union all select ring_key from platform_key) k where ring_key = 'k3'`);
  const traffic = new Traffic(database, holders);
  traffic.start(three);
  const keys = holders.length + 1;
  await traffic.during(async () => {
    // It takes two owners at a time: the first is killed with both of them in hand, the next with all but one done.
    for (const [held, done] of [[[first, second], 0], [[first], keys - 1]] as const) {
      const holding = await database.owner.connect();
      try {
        await holding.query('begin');
        await holding.query('select from tenant_key where tenant_id = any($1) for update', [held]);
        const { child, ended, output } = keyrack(three, 'keys', 'rotate');
        await until(30_000, async () => {
          if (child.exitCode !== null) throw new Error(`it ended before it was killed: ${output()}`);
          return await under() >= done && await count(`pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`) === held.length || undefined;
        });
        child.kill('SIGKILL');
        await ended;
      } finally {
        await holding.query('rollback');
        holding.release();
      }
      expect(await under()).toBeGreaterThanOrEqual(done);
      expect(await count(`tenant_key where ring_key = 'k2'`)).toBeGreaterThanOrEqual(held.length);
      const { reads, writes } = traffic;
      // By processes that ask for the keys anew, and so find some under the one and some under the other.
      await until(30_000, async () => (traffic.reads > reads + 50 && traffic.writes > writes + 50) || traffic.failures.length > 0 || undefined);
      expect(await traffic.wrong(new Vault({ keys: three })).then((wrong) => wrong.filter((id) => id.includes(' of ')))).toEqual([]);
    }
    const { ended, output } = keyrack(three, 'keys', 'rotate');
    expect({ code: await ended, output: output() }).toEqual({ code: 0, output: expect.stringMatching(/1 data key put under the ring key "k3"[^]*Done\./) });
  });
  expect(traffic.failures).toEqual([]);
  expect(await under()).toBe(keys);
  expect(await traffic.wrong(new Vault({ keys: three }))).toEqual([]);
}, 120_000);

test('a key is taken out of the file that a link leads to, and the link stays', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyrack-ring-')), file = join(folder, 'keys'), link = join(folder, 'link');
  await database.owner.query(`insert into ring_key (name) values ('k8')`);
  writeFileSync(file, withNewKey(withNewKey(ring, 'k8'), 'k3').reveal(), { mode: 0o600 });
  symlinkSync(file, link);
  const retiring = keyrack({ file: link }, 'keys', 'retire', 'k8');
  expect({ code: await retiring.ended, output: retiring.output() }).toMatchObject({ code: 0 });
  expect([readFileSync(file, 'utf8').match(/^\w+(?=:)/gm), lstatSync(link).isSymbolicLink()]).toEqual([['k3', 'k2', 'k1', 'index'], true]);
  rmSync(folder, { recursive: true });
});

test('the ring that takes the place of the file is on the disk before it does, and its name after', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyrack-ring-')), file = join(folder, 'keys');
  await database.owner.query(`insert into ring_key (name) values ('k9')`);
  writeFileSync(file, withNewKey(ring, 'k3').reveal(), { mode: 0o600 });
  const preload = `import fs from 'node:fs'; import { syncBuiltinESMExports } from 'node:module';
    const { fsyncSync, renameSync } = fs;
    fs.fsyncSync = (fd) => { console.error(fs.fstatSync(fd).isDirectory() ? 'kept the folder' : 'kept the file'); fsyncSync(fd); };
    fs.renameSync = (from, to) => { console.error('renamed'); renameSync(from, to); };
    syncBuiltinESMExports();`;
  const retiring = keyrack({ file, preload }, 'keys', 'retire', 'k9');
  expect(await retiring.ended).toBe(0);
  expect(retiring.output().match(/^(kept|renamed).*/gm)).toEqual(['kept the file', 'renamed', 'kept the folder']);
  rmSync(folder, { recursive: true });
});

test('what is put into the ring\'s file while a key is retired stays in it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyrack-ring-')), file = join(folder, 'keys'), three = withNewKey(ring, 'k3').reveal(), four = withNewKey(new Secret(three), 'k4').reveal();
  // Known to the database, and wrapping nothing.
  await database.owner.query(`insert into ring_key (name) values ('k0')`);
  writeFileSync(file, three, { mode: 0o600 });
  const holding = await database.owner.connect();
  await holding.query('begin');
  await holding.query(`select from ring_key where name = 'k0' for update`);
  const retiring = keyrack({ file }, 'keys', 'retire', 'k0');
  await untilLocked(database);
  writeFileSync(file, four);
  await holding.query('rollback');
  holding.release();
  expect({ code: await retiring.ended, output: retiring.output() }).toMatchObject({ code: 0 });
  expect(readFileSync(file, 'utf8').match(/^\w+(?=:)/gm)).toEqual(['k4', 'k3', 'k2', 'k1', 'index']);
  rmSync(folder, { recursive: true });
});

test('what each key protects is counted in pieces, so that no number of values takes a statement past its time', async () => {
  const many = await createTestDatabase(), vault = new Vault({ keys: many.keys });
  try {
    await makeHolder(many, vault, 5_000);
    // What a transaction looks at, counted by Postgres itself.
    await many.owner.query(`create function looked_at() returns boolean language plpgsql cost 10000 as $$ begin
      perform set_config('test.looked_at', (coalesce(nullif(current_setting('test.looked_at', true), ''), '0')::int + 1)::text, true);
      if current_setting('test.looked_at')::int > 2000 then raise exception 'too many at once'; end if;
      return true; end $$`);
    await many.owner.query('create policy pieces on record as restrictive for select using (looked_at()); analyze record');
    expect(await keyStatus(many.db, vault.ring, sealedColumns)).toMatchObject({ ringKeys: [{ name: 'k1', dataKeys: 2, values: 5_000 + OTHERS }], orphans: 0 });
  } finally {
    await many.drop();
  }
});
