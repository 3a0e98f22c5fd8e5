// Tokens, keys and passwords go through every outcome that there is, and are then looked for in everything that Keyrack leaves behind.
import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { startSandbox } from '../../apps/sandbox/src/index.js';
import { rolePassword } from '@keyrack/core';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';
import { startIssuer, type Issuer } from '../harness/issuer.js';
import { until } from '../harness/keyrack.js';
import { redisUrl } from '../harness/needs.js';
import { hitsIn, hitsInFiles, type Canary, type Hit } from './canary.js';

const mewsToken = (): string => `${randomBytes(16).toString('hex').toUpperCase()}-${randomBytes(16).toString('hex').toUpperCase()}`;
const programs = { api: new URL('../../dist/apps/api/main.js', import.meta.url).pathname, worker: new URL('../../dist/apps/worker/main.js', import.meta.url).pathname };
const ofRedis = redisUrl === undefined ? undefined : Object.assign(new URL(redisUrl), { pathname: '/11' }).toString();
const alone = ['on Postgres alone', undefined] as const, beside = ['with Redis', ofRedis] as const;
/** The short form has Redis where there is one: it is a store more, and Postgres is searched all the same. */
const stores = ofRedis === undefined ? [alone] : process.env['KEYRACK_FAULTS'] === 'long' ? [alone, beside] : [beside];

describe.each<readonly [string, string | undefined]>(stores)('%s', (_, redis) => {
  const startedMs = Date.now() - 5_000, canaries: Canary[] = [], children: ChildProcess[] = [], sinks: { name: string; text: string }[] = [];
  let sandbox: Awaited<ReturnType<typeof startSandbox>>, database: TestDatabase, issuer: Issuer, url: string, env: Record<string, string>;
  const bootstrap = `boot-${randomBytes(20).toString('base64url')}`;

  const canary = (name: string, secret: string): string => { canaries.push({ name, secret }); return secret; };
  const log = { name: 'logs', text: '' }, answers = { name: 'answers', text: '' };

  beforeAll(async () => {
    sandbox = await startSandbox({ profile: 'small', seed: `canary-${randomUUID()}`, limit: { requests: 5_000 } });
    database = await createTestDatabase();
    for (const role of ['app', 'platform'] as const) canary(`password of the ${role} role`, rolePassword(database.keys, role).reveal());
    canary('bootstrap key', bootstrap);
    for (const entry of database.keys.reveal().split(',')) canary(`ring key ${entry.split(':')[0]}`, entry.split(':')[1] ?? '');
    issuer = await startIssuer();
    env = {
      KEYRACK_PUBLIC_URL: 'https://keyrack.example.com', KEYRACK_OIDC_ISSUER: issuer.url, KEYRACK_OIDC_CLIENT_ID: issuer.clientId, KEYRACK_OIDC_CLIENT_SECRET: canary('OIDC client secret', issuer.clientSecret),
      ...database.env, KEYRACK_BOOTSTRAP_KEY: bootstrap, KEYRACK_ALLOW_HTTP_PLATFORM: 'true',
      KEYRACK_LOG_LEVEL: 'debug', KEYRACK_PORT: '0', KEYRACK_LEASE_SECONDS: '2', KEYRACK_MEWS_TIMEOUT_SECONDS: '2', ...(redis && { REDIS_URL: redis }),
    };
    url = (await start('api')).url;
    await start('worker');
  }, 120_000);
  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    await sandbox?.stop();
    await issuer?.down();
    await database?.drop();
  });

  async function start(program: 'api' | 'worker'): Promise<{ child: ChildProcess; url: string }> {
    const child = fork(programs[program], [], { env: { PATH: process.env['PATH'], ...env }, silent: true, execArgv: [] });
    children.push(child);
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => { log.text += chunk.toString(); });
    let served = '';
    child.on('message', (message: { url?: string }) => { served = message.url ?? ''; });
    const from = log.text.length;
    await until(60_000, async () => (program === 'api' ? served !== '' : log.text.slice(from).includes('worker started')) || undefined);
    return { child, url: served };
  }

  async function call(method: string, path: string, body?: unknown, { key = bootstrap, type = 'application/json', keep = true } = {}): Promise<{ status: number; body: any }> {   // oxlint-disable-line typescript/no-explicit-any -- whatever the api answered
    const answer = await fetch(url + path, { method, headers: { authorization: `Bearer ${key}`, ...(body !== undefined && { 'content-type': type }) }, ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }) });
    const text = await answer.text();
    // The one answer that may hold a secret is the one that makes it.
    if (keep) answers.text += `\n${method} ${answer.status} ${JSON.stringify([...answer.headers])} ${text}`;
    return { status: answer.status, body: /json/.test(answer.headers.get('content-type') ?? '') ? JSON.parse(text) : text };
  }

  const tenant = '/v1/tenants/acme';
  const idle = () => until(90_000, async () => {
    const { body } = await call('GET', `${tenant}/overview`);
    return body.runs.running + body.runs.waiting + body.runs.queued === 0 || undefined;
  });

  test('every outcome is driven', async () => {
    const { world, faults } = sandbox;
    const tell = async (label: string, wanted: number, answer: ReturnType<typeof call>) => {
      const { status, body } = await answer;
      expect({ label, status }).toEqual({ label, status: wanted });
      return body;
    };
    const clientToken = canary('ClientToken', sandbox.tokens[0]?.clientToken ?? '');
    await tell('environment', 201, call('POST', '/v1/environments', { id: 'sandbox', name: 'Sandbox', platformAddress: sandbox.url, requestLimit: { requests: 5_000, seconds: 30 } }));
    const application = await tell('application', 201, call('POST', '/v1/applications', { name: 'Test', version: '1', clientTokens: [{ environment: 'sandbox', clientToken }] }));
    for (const slug of ['acme', 'other']) await tell('tenant', 201, call('POST', '/v1/tenants', { slug, name: slug }));
    const add = (accessToken: string, where = tenant, more = {}) => call('POST', `${where}/access-tokens`, { applicationId: application.id, environment: 'sandbox', accessToken, ...more });

    // Onboarding, well and badly.
    const [single, portfolio] = ['enterprise', 'portfolio'].map((kind) => canary(`${kind} token`, sandbox.tokens.find((token) => token.kind === kind)?.accessToken ?? ''));
    if (!single || !portfolio) throw new Error('the sandbox has no tokens');
    const first = await tell('onboard', 201, add(single));
    await tell('onboard a portfolio', 201, add(portfolio));
    await tell('again', 409, add(single));
    await tell('by another tenant', 409, add(single, '/v1/tenants/other'));
    const unknown = canary('unknown token', mewsToken());
    await tell('unknown', 422, add(unknown));
    const second = canary('second token of an enterprise', world.issueToken({ enterprises: [first.enterprises[0].id] }).accessToken);
    faults.add({ kind: 'status', status: 500, message: `it fails for ${second} and ${clientToken}` });
    await tell('an error that repeats the token', 502, add(second));
    faults.clear();
    await tell('broken JSON', 400, call('POST', `${tenant}/access-tokens`, `{"accessToken":"${second}",`));
    await tell('a member that is not known', 422, call('POST', `${tenant}/access-tokens`, { applicationId: application.id, environment: 'sandbox', token: second, [second]: 1 }));
    await add(`${second}\n`);
    for (const path of [`/access-tokens/${second}`, `/enterprises?q=${second}`, `/records/${second}`, `/reach?asOf=${second}`, `/${second}`]) await call('GET', tenant + path);
    await call('GET', `/v1/tenants/${second}`);
    await tell('a token as an API key', 401, call('GET', tenant, undefined, { key: second }));
    await call('POST', `${tenant}/access-tokens/import`, `access_token,environment,application,label\n${second},nowhere,Test,one\n${unknown},sandbox,Test,two\nshort\n"${second},sandbox`, { type: 'text/csv' });
    await call('POST', `${tenant}/access-tokens/import`, `access_token,environment,application,label\n${second},nowhere,Test,one\n${unknown},sandbox,Test,two\n`, { type: 'text/csv' });
    await call('POST', `${tenant}/access-tokens/${first.id}/rotate`, { accessToken: second });
    await call('POST', `${tenant}/access-tokens/${first.id}/rotate`, { accessToken: unknown });
    await idle();

    // Syncs through everything that Mews, the network and the machine can do.
    const elsewhere = createServer((request, response) => { answers.text += `\nredirected: ${request.url}`; response.end('{}'); }).listen(0, '127.0.0.1');
    await once(elsewhere, 'listening');
    const location = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/api?AccessToken=${single}`;
    const troubles: Record<string, Parameters<typeof faults.add>[0]> = {
      'bills/getAll': { kind: 'status', status: 400, message: `AccessToken ${single} is odd` }, 'rates/getAll': { kind: 'status', status: 401, message: `AccessToken ${portfolio} may not` },
      'resources/getAll': { kind: 'status', status: 403, message: `for ${clientToken}` }, 'customers/getAll': { kind: 'heavy', maxCount: 10 },
      'reservations/getAll/2023-06-06': { kind: 'status', status: 429, retryAfter: 1, count: 2 }, 'payments/getAll': { kind: 'status', status: 500, message: single, count: 3 },
      'orderItems/getAll': { kind: 'reset', when: 'after', count: 2 }, 'outlets/getAll': { kind: 'truncate', count: 2 }, 'tasks/getAll': { kind: 'invalid_json', count: 2 },
      'rules/getAll': { kind: 'wrong_types', count: 2 }, 'companies/getAll': { kind: 'redirect', status: 307, location, count: 2 }, 'counters/getAll': { kind: 'bad_record', count: 2 }, 'cashiers/getAll': { kind: 'hang', count: 4 },
    };
    const asked = (path: string) => sandbox.log.requests(undefined, path).length;
    const before = new Map(Object.keys(troubles).map((path) => [path, asked(path)]));
    for (const [path, fault] of Object.entries(troubles)) faults.add({ path, ...fault });
    await tell('sync', 202, call('POST', `${tenant}/syncs`, { mode: 'full' }));
    await until(60_000, async () => (await call('GET', `${tenant}/overview`)).body.runs.running > 0 || undefined);
    children.find((child) => child.spawnargs.some((arg) => arg.includes('worker')))?.kill('SIGKILL');
    const replaced = await start('worker');
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    replaced.child.kill('SIGABRT');
    await start('worker');
    const unasked = () => Object.keys(troubles).filter((path) => asked(path) === before.get(path));
    await until(120_000, async () => unasked().length === 0 || undefined).catch(() => undefined);
    expect(unasked()).toEqual([]);
    // What hangs is given up after its time.
    await until(60_000, async () => log.text.includes('UND_ERR_HEADERS_TIMEOUT') || undefined);
    faults.clear();
    elsewhere.close();

    // People and keys.
    const password = canary('password', `pass-${randomBytes(18).toString('base64url')}`);
    const { link } = await tell('an invitation', 201, call('POST', '/v1/access-links', { kind: 'invitation', email: 'person@example.com', role: 'operator' }, { keep: false }));
    const secret = canary('link', String(link).split('#')[1] ?? '');
    await tell('a person', 204, call('POST', '/v1/access-links/redeem', { secret, name: 'Person', password }));
    await tell('a used link', 404, call('POST', '/v1/access-links/open', { secret }));
    await call('POST', '/v1/session', { email: 'person@example.com', password: `${password}x` });
    await call('POST', '/v1/session', { email: canary('password in the wrong field', `pass-${randomBytes(18).toString('hex')}`), password: 'x' });
    const signedIn = await fetch(`${url}/v1/session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ email: 'person@example.com', password }) });
    canary('session', /=([^;]+)/.exec(signedIn.headers.get('set-cookie') ?? '')?.[1] ?? '');
    // At the identity provider: as somebody unknown, and with a code that it does not take.
    for (const spoilt of [false, true]) {
      issuer.claims = { sub: 'somebody', email: 'somebody@example.com', email_verified: true };
      const left = await fetch(`${url}/v1/session/oidc`, { redirect: 'manual' });
      const cookie = left.headers.get('set-cookie')?.split(';')[0] ?? '';
      const approved = await fetch(left.headers.get('location') ?? '', { redirect: 'manual' });
      const back = new URL(approved.headers.get('location') ?? '');
      const code = canary('authorization code', `${back.searchParams.get('code') ?? ''}${spoilt ? randomBytes(8).toString('hex') : ''}`);
      back.searchParams.set('code', code);
      const came = await fetch(url + back.pathname + back.search, { redirect: 'manual', headers: { cookie } });
      expect(came.headers.get('location')).toBe(`/sign-in?problem=${spoilt ? 'oidc.refused' : 'oidc.unknown_person'}`);
      answers.text += `\n${JSON.stringify([...came.headers])}`;
    }
    const made = (await call('POST', `${tenant}/api-keys`, { name: 'key', role: 'owner' }, { keep: false })).body;
    canary('API key', made.key);
    await call('GET', tenant, undefined, { key: made.key });
    await call('DELETE', `${tenant}/api-keys/${made.id}`);
    await call('GET', tenant, undefined, { key: made.key });

    // What is left to do with a token, and the end.
    for (const step of ['verify', 'disable', 'enable']) await call('POST', `${tenant}/access-tokens/${first.id}/${step}`);
    world.revokeToken(portfolio);
    await call('POST', `${tenant}/syncs`, { mode: 'incremental' });
    await until(60_000, async () => ((await call('GET', `${tenant}/access-tokens`)).body.items.some(({ status }: { status: string }) => status === 'invalid')) || undefined);
    for (const path of ['/access-tokens', '/enterprises', '/runs?limit=500', '/reach', '/audit?limit=500', '/stats', '/schedules']) await call('GET', tenant + path);
    for (const path of ['/v1/audit?limit=500', '/v1/reach', '/v1/environments', '/v1/applications', '/metrics', '/livez', '/readyz', '/openapi.json']) await call('GET', path);
    const { body: runs } = await call('GET', `${tenant}/runs?state=failed&limit=500`);
    for (const { id } of runs.items) await call('GET', `${tenant}/runs/${id}`);
  }, 420_000);

  test('none of them is in a log, an answer, a metric, a job, the queue\'s store or the database\'s files, in any form', async () => {
    for (const { secret } of canaries) expect(secret.length).toBeGreaterThanOrEqual(16);
    const hits: Hit[] = [];
    if (redis) {
      const store = new Redis(redis), { length } = sinks;
      for (const key of await store.keys('*')) sinks.push({ name: `redis ${key}`, text: `${key} ${(await store.dumpBuffer(key))?.toString('latin1') ?? ''}` });
      expect(sinks.length).toBeGreaterThan(length);
      store.disconnect();
    }
    const { rows: tables } = await database.owner.query<{ name: string }>(`select format('%I.%I', table_schema, table_name) as name from information_schema.tables where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`);
    for (const { name } of tables) {
      const { rows } = await database.owner.query<{ text: string | null }>(`select string_agg(t::text, chr(10)) as text from ${name} t`);
      sinks.push({ name, text: rows[0]?.text ?? '' });
    }
    sinks.push(log, answers);
    expect(log.text.length).toBeGreaterThan(20_000);
    for (const { name, text } of sinks) hits.push(...hitsIn(name, Buffer.from(text, 'latin1'), canaries));

    // As it lies on the disk: also what was written in between and is not in any table now.
    await database.owner.query('checkpoint');
    const { rows: [place] } = await database.owner.query<{ data: string; oid: string }>(`select current_setting('data_directory') as data, oid::text from pg_database where datname = current_database()`);
    for (const folder of [`${place?.data}/base/${place?.oid}`, `${place?.data}/pg_wal`]) {
      const { hits: found, bytes } = await hitsInFiles(folder, startedMs, canaries);
      hits.push(...found);
      expect(bytes).toBeGreaterThan(1_000_000);
    }
    expect(hits).toEqual([]);
  }, 120_000);

  test('the search finds what lies there', async () => {
    const [{ secret } = { secret: '' }] = canaries;
    const text = (of: string) => hitsIn('here', Buffer.from(`x${of}y`), canaries).length;
    const half = Math.floor(secret.length / 2);
    for (const part of [secret, secret.slice(0, half), secret.slice(half)]) {
      const base64 = ['', 'x', 'xy', 'xyz'].map((before) => Buffer.from(`${before}${part};`).toString('base64'));
      for (const form of [part, encodeURIComponent(part), Buffer.from(part).toString('hex'), ...base64]) expect(text(form)).toBeGreaterThan(0);
    }
    expect(text('nothing')).toBe(0);
  });
});
