// What holds the api together: it refuses to start unsafe, stops in time, serves the UI, and tells nobody what went wrong inside.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Controller, Get } from '@nestjs/common';
import { DiscoveryModule, NestFactory } from '@nestjs/core';
import { Module } from '@nestjs/common';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Audit } from '@keyrack/audit';
import { Secret } from '@keyrack/core';
import { registerRing, Rotation, Vault } from '@keyrack/credentials';
import { Tenants } from '@keyrack/tenants';
import { RouteCheck } from '../../apps/api/src/route-check.js';
import { Public, Requires } from '../../apps/api/src/route.js';
import { startApi, type Api } from '../harness/api.js';
import { withNewKey } from '../credentials/keyholders.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';
import { untilLocked } from '../harness/keyrack.js';

let database: TestDatabase;
let api: Api;
let uiDir: string;
beforeAll(async () => {
  uiDir = await mkdtemp(join(tmpdir(), 'keyrack-ui-'));
  await mkdir(join(uiDir, 'assets'));
  await writeFile(join(uiDir, 'index.html'), '<!doctype html><title>Keyrack</title>');
  await writeFile(join(uiDir, 'assets', 'app-1.js'), 'export {};');
  database = await createTestDatabase();
  api = await startApi(database, {}, { uiDir });
});
afterAll(async () => { await api?.close(); await database?.drop(); await rm(uiDir, { recursive: true, force: true }); });

test('a route that does not say who may use it stops the start, by name', async () => {
  @Controller('declared') class Declared {
    @Get() @Requires('tenant:read') one() { return 1; }
    @Get('public') @Public() two() { return 2; }
  }
  @Controller('forgotten') class Forgotten { @Get(':id') read() { return 1; } }
  const start = async (controllers: (new () => object)[]) => {
    @Module({ imports: [DiscoveryModule], controllers, providers: [RouteCheck] }) class App {}
    const app = await NestFactory.createApplicationContext(App, { logger: false, abortOnError: false });
    await app.close();
  };
  await expect(start([Declared])).resolves.toBeUndefined();
  await expect(start([Declared, Forgotten])).rejects.toThrow('Forgotten.read');
});

test('a stop waits for the answer to a request, and not for its connection nor for one that asks for nothing', async () => {
  const one = await startApi(database), client = await database.owner.connect(), silent = connect(Number(new URL(one.url).port), '127.0.0.1');
  await once(silent, 'connect');
  await client.query('begin');
  await client.query('lock table tenant in access exclusive mode');
  const answer = one.request('GET', '/v1/tenants');
  await untilLocked(database);
  const closed = one.close();
  await sleep(500);
  await client.query('commit');
  client.release();
  const answeredAt = Date.now();
  expect((await answer).status).toBe(200);
  await closed;
  expect(Date.now() - answeredAt).toBeLessThan(5_000);
}, 120_000);

test("the UI's pages are served at its own addresses, to browsers only", async () => {
  const html = { accept: 'text/html,*/*' };
  for (const path of ['/', '/t/mine/runs', '/t/v1/x']) {
    const page = await api.request('GET', path, undefined, null, html);
    expect({ path, status: page.status, type: page.headers.get('content-type') }).toEqual({ path, status: 200, type: expect.stringContaining('text/html') });
    expect(page.headers.get('cache-control')).toBe('no-cache');
  }
  expect((await api.request('GET', '/assets/app-1.js', undefined, null)).headers.get('cache-control')).toMatch('immutable');
  expect((await api.request('GET', '/t/mine/runs', undefined, null)).body).toMatchObject({ code: 'route.not_found' });
  for (const path of ['/v1/nothing', '/api/nothing', '/hooks/nothing']) expect((await api.request('GET', path, undefined, null, html)).status).toBe(404);
  for (const path of ['/../package.json', '/%2e%2e/package.json', '/assets/..%2f..%2fpackage.json']) expect(JSON.stringify((await api.request('GET', path, undefined, null)).body)).not.toContain('dependencies');
});

test('answers carry the headers that keep a page from being framed, sniffed or scripted', async () => {
  const { headers } = await api.request('GET', '/', undefined, null, { accept: 'text/html' });
  expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*script-src 'self'.*frame-ancestors 'none'/);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('x-frame-options')).toBeTruthy();
  for (const path of ['/v1/tenants', '/%761/tenants', '/v1/nothing']) expect([path, (await api.request('GET', path)).headers.get('cache-control')]).toEqual([path, 'no-store']);
});

test('an unexpected error is told as internal, without its words', async () => {
  const tenants = api.app.get(Tenants);
  const list = tenants.list.bind(tenants);
  tenants.list = () => Promise.reject(new Error('connection to 10.1.2.3 failed for password hunter2'));
  const { status, body } = await api.request('GET', '/v1/tenants');
  tenants.list = list;
  expect({ status, body }).toMatchObject({ status: 500, body: { code: 'internal', traceId: expect.any(String) } });
  expect(JSON.stringify(body)).not.toMatch(/hunter2|10\.1\.2\.3/);
});

test('readiness tells what is missing: a migration, a key, the database', async () => {
  await database.owner.query(`create table migration_kept as select * from migration; delete from migration where id = (select max(id) from migration)`);
  expect(await api.request('GET', '/readyz', undefined, null)).toMatchObject({ status: 503, body: { ok: false, checks: { migrations: expect.stringContaining('keyrack migrate') } } });
  await database.owner.query(`delete from migration; insert into migration select * from migration_kept; drop table migration_kept`);
  await api.request('POST', '/v1/tenants', { slug: 'keyed', name: 'Keyed' });
  await database.owner.query(`insert into ring_key (name) values ('k9'); update tenant_key set ring_key = 'k9'`);
  expect(await api.request('GET', '/readyz', undefined, null)).toMatchObject({ status: 503, body: { checks: { database: 'ok', keys: 'KEYRACK_KEYS lacks a key that is in use: the log tells which' } } });
  await database.owner.query(`update tenant_key set ring_key = 'k1'`);
  expect((await api.request('GET', '/readyz', undefined, null)).status).toBe(200);
});

test('a key that was put into the ring\'s file, and wraps data keys by now, is not missing to a process that had no need of it yet', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'keyrack-ring-')), file = join(folder, 'keys'), later = withNewKey(database.keys, 'k2');
  await writeFile(file, database.keys.reveal(), { mode: 0o600 });
  await api.request('POST', '/v1/tenants', { slug: 'rewrapped', name: 'Rewrapped' });
  const idle = await startApi(database, { KEYRACK_KEYS: '', KEYRACK_KEYS_FILE: file });
  try {
    await writeFile(file, later.reveal());
    await database.db.onPlatform('test', (tx) => tx.run(registerRing(new Vault({ keys: later }).ring)));
    await new Rotation(database.db, new Audit(database.db, database), new Vault({ keys: later }), []).ringKeys();
    await sleep(1_050);
    expect(await idle.request('GET', '/readyz', undefined, null)).toMatchObject({ status: 200 });
  } finally {
    // Under the key that the other programs of this file have.
    const [, ...rest] = later.reveal().split(','), back = new Vault({ keys: new Secret([...rest, later.reveal().split(',')[0]].join(',')) });
    await new Rotation(database.db, new Audit(database.db, database), back, []).ringKeys();
    await idle.close();
    await rm(folder, { recursive: true });
  }
});

const main = new URL('../../dist/apps/api/main.js', import.meta.url).pathname;

/** Starts the built api as its own process. */
function spawnApi(env: Record<string, string>): { child: ChildProcess; output: () => string; exited: Promise<number | null> } {
  let text = '';
  const child = spawn(process.execPath, [main], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], env: { PATH: process.env['PATH'] ?? '', KEYRACK_PORT: '0', ...env } });
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => { text += chunk.toString(); });
  return { child, output: () => text, exited: new Promise((resolve) => { child.once('exit', resolve); }) };
}

test('a wrong configuration is told in plain lines, and the process leaves with 78', async () => {
  const { output, exited } = spawnApi({ DATABASE_URL: 'mysql://x', KEYRACK_KEYS: 'k1:short' });
  expect(await exited).toBe(78);
  expect(output()).toMatch(/^DATABASE_URL: must look like postgres/m);
  expect(output()).not.toMatch(/\n\s+at /);
});

test('an address of the database with characters that have to be written otherwise is told so, and not repeated', async () => {
  const { output, exited } = spawnApi({ ...database.env, DATABASE_URL: 'postgres://keyrack:hunter2/@10.1.2.3:5432/keyrack' });
  expect(await exited).toBe(78);
  expect(output()).toMatch(/^DATABASE_URL: .*percent-encoded/m);
  expect(output()).not.toMatch(/hunter2/);
});

test('a request that comes on a busy connection while the process stops is told to ask again', async () => {
  const one = await startApi(database), client = await database.owner.connect(), socket = connect(Number(new URL(one.url).port), '127.0.0.1');
  let text = '';
  socket.on('data', (chunk: Buffer) => { text += chunk.toString(); });
  const ended = once(socket, 'close');
  const ask = () => socket.write(`GET /v1/tenants HTTP/1.1\r\nHost: keyrack\r\nAuthorization: Bearer ${one.bootstrapKey}\r\n\r\n`);
  await client.query('begin');
  await client.query('lock table tenant in access exclusive mode');
  ask();
  await untilLocked(database);
  const closed = one.close();
  await sleep(500);
  ask();
  await sleep(200);
  await client.query('commit');
  client.release();
  await Promise.all([closed, ended]);
  const [first = '', second = ''] = text.split(/(?<!^)(?=HTTP\/1\.1 )/);
  expect(first).toMatch(/^HTTP\/1\.1 200 /);
  expect(second).toMatch(/^HTTP\/1\.1 503 /);
  expect(second).toMatch(/content-type: application\/problem\+json[^]*connection: close|connection: close[^]*content-type: application\/problem\+json/i);
  expect(second).toMatch(/retry-after: 1\r\n[^]*"code":"server\.stopping"/i);
}, 30_000);

test('many who ask at once whether the process is ready cost the database one question', async () => {
  const client = await database.owner.connect();
  await client.query('begin');
  await client.query('lock table migration in access exclusive mode');
  const answers = Promise.all(Array.from({ length: 30 }, () => api.request('GET', '/readyz', undefined, null)));
  await untilLocked(database);
  await sleep(500);
  const { rows: [waiting] } = await client.query(`select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`);
  await client.query('commit');
  client.release();
  expect((await answers).every(({ status }) => status === 200)).toBe(true);
  expect(waiting.n).toBe(1);
});

test.each(['SIGTERM', 'the end of its supervisor'])('on %s it stops within 10 seconds', async (how) => {
  const { child, exited, output } = spawnApi(database.env);
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve());
    void exited.then((code) => reject(new Error(`exited with ${code}: ${output()}`)));
  });
  const at = Date.now();
  if (how === 'SIGTERM') child.kill('SIGTERM');
  else child.disconnect();
  expect(await exited).toBe(0);
  expect(Date.now() - at).toBeLessThan(10_000);
});

test('every answer carries the headers that keep a browser to our own page', async () => {
  const pages = ['/', '/t/mine/runs', '/assets/app-1.js', '/docs'];
  for (const path of [...pages, '/livez', '/v1/tenants', '/openapi.json', '/nothing']) {
    const { headers, status } = await api.request('GET', path, undefined, null, { accept: pages.includes(path) ? 'text/html,*/*' : '*/*' });
    if (pages.includes(path)) expect([path, status]).toEqual([path, 200]);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/default-src 'none'/);
    expect(policy).toMatch(/frame-ancestors 'none'/);
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY', 'referrer-policy': 'no-referrer', 'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin', 'strict-transport-security': 'max-age=31536000', 'permissions-policy': expect.stringContaining('camera=()'),
    });
  }
});
