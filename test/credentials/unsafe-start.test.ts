// The api and a worker refuse to start with a key ring that is unsafe or does not fit the database, and where tenants are not kept apart: the fix
// named, no key repeated.
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { generateKey, loadConfig } from '@keyrack/core';
import { Vault } from '@keyrack/credentials';
import { startApi } from '../harness/api.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';
import { makeHolder } from './keyholders.js';

let database: TestDatabase, folder: string;
beforeAll(async () => {
  database = await createTestDatabase();
  folder = mkdtempSync(join(tmpdir(), 'keyrack-unsafe-'));
  const vault = new Vault({ keys: database.keys });
  for (let i = 0; i < 2; i += 1) await makeHolder(database, vault, 1);
});
afterAll(async () => { await database?.drop(); rmSync(folder, { recursive: true, force: true }); });

const programs = ['api', 'worker'].map((name) => fileURLToPath(new URL(`../../dist/apps/${name}/main.js`, import.meta.url)));

/** Ends with 78 and a message for each program. */
async function refused(env: Record<string, string>, which = programs): Promise<string[]> {
  return Promise.all(which.map((program) => new Promise<string>((resolve, reject) => {
    let text = '';
    const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env['PATH'] ?? '', KEYRACK_PORT: '0', DATABASE_URL: database.databaseUrl.reveal(), ...env } });
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => { text += chunk.toString(); });
    const timer = setTimeout(() => { child.kill('SIGKILL'); }, 25_000);
    child.once('close', (code) => {
      clearTimeout(timer);
      if (code === 78) resolve(text);
      else reject(new Error(`it ended with ${code}: ${text}`));
    });
  })));
}

const own = () => database.keys.reveal();
const index = () => own().split(',').find((entry) => entry.startsWith('index:')) ?? '';

test.each<[string, () => Record<string, string>, string]>([
  ['no ring', () => ({}), 'KEYRACK_KEYS: is missing, and nothing is stored without a key ring: make one with npx keyrack keys generate'],
  ['a default key', () => ({ KEYRACK_KEYS: `k1:${Buffer.from('changeme'.repeat(4)).toString('base64')},${index()}` }), 'the key "k1" is not random; make one with: npx keyrack keys generate'],
  ['a ring that lies open', () => {
    const file = join(folder, 'keys');
    writeFileSync(file, own());
    chmodSync(file, 0o644);
    return { KEYRACK_KEYS_FILE: file };
  }, 'chmod 600'],
  ['a command for the ring that fails', () => ({ KEYRACK_KEYS_COMMAND: 'echo access denied >&2; exit 254' }), 'access denied\nKEYRACK_KEYS_COMMAND: ended with 254; what it says of it stands above'],
  ['checkpoints of the audit trail in a file', () => {
    const file = join(folder, 'checkpoints');
    writeFileSync(file, '');
    return { KEYRACK_KEYS: own(), KEYRACK_AUDIT_CHECKPOINTS: file };
  }, 'checkpoints is no folder: name one, or stdout'],
  ['a ring without a key in use', () => ({ KEYRACK_KEYS: `${generateKey('k2')},${index()}` }), 'KEYRACK_KEYS lacks the key "k1", which still wraps 3 data keys: put it back'],
])('%s', async (_, make, message) => {
  const env = make();
  for (const told of await refused(env)) {
    expect(told).toContain(message);
    expect(told).not.toMatch(/\n\s+at /);
    for (const key of `${env['KEYRACK_KEYS'] ?? ''},${own()}`.split(/[:,]/).filter((part) => part.length > 8)) expect(told).not.toContain(key);
  }
});

/** Both look by the same code, so that they take turns: a start costs a second. */
let turn = 0;
const bound = `tenant_id = (select current_setting('app.tenant_id')::uuid)`;

test.each([
  ['a runtime role that gets past row-level security', (name: string) => [`alter role ${name}_app bypassrls`, `alter role ${name}_app nobypassrls`], 'gets past row-level security: alter role'],
  ['the platform role that gets past row-level security', (name: string) => [`alter role ${name}_platform bypassrls`, `alter role ${name}_platform nobypassrls`], '_platform" gets past row-level security: alter role'],
  ['a runtime role that may become one that gets past it', (name: string) => [`create role ${name}_strong bypassrls; grant ${name}_strong to ${name}_app`, `drop role ${name}_strong`], '_strong", which gets past row-level security: revoke "'],
  ['a table of tenants that is not under it', () => ['alter table record no force row level security', 'alter table record force row level security'], 'Row-level security is not forced on record: alter table record'],
  ['a policy that lets a tenant at all rows', () => ['alter policy tenant on enterprise using (true)', `alter policy tenant on enterprise using (${bound})`], 'lets "'],
  ['a policy that lets a tenant write any row', () => ['alter policy tenant on enterprise with check (true)', `alter policy tenant on enterprise with check (${bound})`], 'at rows: tenant on enterprise. Drop it'],
  ['a policy for everybody beside it', () => [`create policy other on enterprise for select using (${bound} or name = 'Hotel')`, 'drop policy other on enterprise'], 'at rows: other on enterprise. Drop it'],
  ['a table of tenants that would look empty', (name: string) => ['drop policy tenant on enterprise', `create policy tenant on enterprise to ${name}_app using (${bound}) with check (${bound})`], 'would look empty to "'],
  ['an audit trail that a runtime role may change', (name: string) => [`grant update (subject) on audit_event to ${name}_app`, `revoke update on audit_event from ${name}_app`], 'does not bear: update on audit_event. revoke update on audit_event from "'],
  ['an audit trail that a runtime role may cut short', (name: string) => [`grant delete on platform_audit_event to ${name}_platform`, `revoke delete on platform_audit_event from ${name}_platform`], 'does not bear: delete on platform_audit_event. revoke delete on platform_audit_event from "'],
  ['rights that row-level security does not hold', (name: string) => [`grant truncate, trigger on record to ${name}_app`, `revoke truncate, trigger on record from ${name}_app`], 'does not bear: trigger on record, truncate on record. revoke trigger on record from "'],
  ["a view with its owner's eyes", (name: string) => [`create view peek as select * from enterprise; grant select on peek to ${name}_app`, 'drop view peek'], '_app" may read peek with the rights of the view\'s owner: alter view peek set'],
  ['the platform role that owns a table', (name: string) => [`alter table record owner to ${name}_platform`, `alter table record owner to current_user`], '_platform" owns tables, or is a member'],
  ['a runtime role that owns a table', (name: string) => [`alter table record owner to ${name}_app`, `alter table record owner to current_user`], 'owns tables, or is a member of the role that does: give them another owner'],
] as const)('%s', async (_, change, message) => {
  const [spoil = '', mend = ''] = change(new URL(database.databaseUrl.reveal()).pathname.slice(1));
  await database.owner.query(spoil);
  try {
    const [told = ''] = await refused({ KEYRACK_KEYS: own() }, programs.slice(turn % 2).slice(0, 1));
    expect(told).toContain(message);
  } finally {
    turn += 1;
    await database.owner.query(mend);
  }
});

test('a bootstrap key that is short, or that anybody would try', async () => {
  const keys = database.keys.reveal(), [api = ''] = programs;
  for (const [key, why] of [['too-short', /at least 16 characters/], ['changeme-changeme', /one piece again and again/]] as const) {
    const [text = ''] = await refused({ KEYRACK_KEYS: keys, KEYRACK_BOOTSTRAP_KEY: key }, [api]);
    expect(text).toMatch(why);
    expect(text).toContain('make one with: openssl rand -hex 24');
    expect(text).not.toContain(key);
  }
  expect((await database.owner.query('select 1 from platform_api_key')).rows).toEqual([]);
});

test('a password for the first person that nobody could choose', async () => {
  const [told = ''] = await refused({ KEYRACK_KEYS: own(), KEYRACK_ADMIN_EMAIL: 'admin@example.com', KEYRACK_ADMIN_PASSWORD: 'hunter2-abc' }, programs.slice(0, 1));
  expect(told).toContain('KEYRACK_ADMIN_PASSWORD: must have at least 12 characters; make one with: openssl rand -base64 18');
  expect(told).not.toContain('hunter2-abc');
});

test('a command hands the ring to the api, which opens what was sealed before', async () => {
  const file = join(folder, 'keys-to-print');
  writeFileSync(file, own(), { mode: 0o600 });
  const api = await startApi(database, { KEYRACK_KEYS: '', KEYRACK_KEYS_COMMAND: `cat ${file}` });
  try {
    expect((await api.request('GET', '/readyz', undefined, null)).status).toBe(200);
  } finally {
    await api.close();
  }
});

test('a command that prints the ring is not handed the other secrets', async () => {
  for (const told of await refused({ KEYRACK_KEYS_COMMAND: 'env >&2; exit 3', KEYRACK_BOOTSTRAP_KEY: 'for-nobody-else-to-see', REDIS_URL: 'redis://:nor-this@localhost' })) {
    expect(told).toContain('KEYRACK_PORT=0');
    for (const secret of ['for-nobody-else', 'nor-this', 'DATABASE_URL=']) expect(told).not.toContain(secret);
  }
});

test('a command that cannot even be started is told as one', () => {
  const env = { DATABASE_URL: database.databaseUrl.reveal(), KEYRACK_KEYS_COMMAND: `: ${'x'.repeat(3_000_000)}` };
  expect(() => loadConfig(env)).toThrow(/^KEYRACK_KEYS_COMMAND: spawnSync .* E2BIG$/);
});

test('the programs need no password of the owner: their roles come from the ring', async () => {
  const url = new URL(database.databaseUrl.reveal());
  url.username = url.password = '';
  const api = await startApi(database, { DATABASE_URL: url.toString() });
  try {
    expect((await api.request('GET', '/readyz', undefined, null)).status).toBe(200);
    expect((await api.request('POST', '/v1/tenants', { slug: 'one', name: 'One' })).status).toBe(201);
  } finally {
    await api.close();
  }
});
