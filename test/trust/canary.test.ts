// Tokens, keys and passwords go through every outcome that there is, and are then looked for in everything that Keyrack leaves behind.
import { execFile, fork, type ChildProcess } from 'node:child_process';
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
import { hitsIn, hitsInFiles, valuesOfRedis, type Canary, type Hit } from './canary.js';

const mewsToken = (): string => `${randomBytes(16).toString('hex').toUpperCase()}-${randomBytes(16).toString('hex').toUpperCase()}`;
const programs = { api: new URL('../../dist/apps/api/main.js', import.meta.url).pathname, worker: new URL('../../dist/apps/worker/main.js', import.meta.url).pathname };
const ofRedis = redisUrl === undefined ? undefined : Object.assign(new URL(redisUrl), { pathname: '/11' }).toString();
const command = new URL('../../dist/apps/cli/src/keyrack.js', import.meta.url).href;
const alone = ['on Postgres alone', undefined] as const, beside = ['with Redis', ofRedis] as const;
/** The short form has Redis where there is one: it is a store more, and Postgres is searched all the same. */
const stores = ofRedis === undefined ? [alone] : process.env['KEYRACK_FAULTS'] === 'long' ? [alone, beside] : [beside];

describe.each<readonly [string, string | undefined]>(stores)('%s', (_, redis) => {
  const startedMs = Date.now() - 5_000, canaries: Canary[] = [], children: ChildProcess[] = [], sinks: { name: string; text: string }[] = [];
  let sandbox: Awaited<ReturnType<typeof startSandbox>>, database: TestDatabase, issuer: Issuer, url: string, env: Record<string, string>;
  const bootstrap = `boot-${randomBytes(20).toString('base64url')}`;

  const canary = (name: string, secret: string): string => { canaries.push({ name, secret }); return secret; };
  /** Not secret: put into each sink by the way that leads there, and must be found in each. It looks like the name of a ring key, which a command prints. */
  const plant: Canary = { name: 'plant', secret: `p${randomBytes(15).toString('hex')}` };
  const log = { name: 'logs', text: '' }, answers = { name: 'answers', text: '' }, events = { name: 'events', text: '' };
  const csv = { name: 'CSV', text: '' }, jsonLines = { name: 'JSON Lines', text: '' }, commands = { name: 'commands', text: '' };

  beforeAll(async () => {
    sandbox = await startSandbox({ profile: 'small', seed: `canary-${randomUUID()}`, limit: { requests: 5_000 } });
    database = await createTestDatabase();
    for (const role of ['app', 'platform'] as const) canary(`password of the ${role} role`, rolePassword(database.keys, role).reveal());
    canary('bootstrap key', bootstrap);
    for (const entry of database.keys.reveal().split(',')) {
      const [name, key = ''] = entry.split(':');
      canaries.push({ name: `ring key ${name}`, secret: Buffer.from(key, 'base64') });
      canary(`ring key ${name} as text`, key);
    }
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
    const child = fork(programs[program], [], { env: { PATH: process.env['PATH'], ...env }, silent: true, execArgv: ['--import', `data:text/javascript,console.log('${plant.secret}')`] });
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

  /** Follows what the api tells to open pages. @returns how to stop */
  async function follow(path: string): Promise<() => void> {
    const stop = new AbortController();
    const { body } = await fetch(url + path, { headers: { authorization: `Bearer ${bootstrap}` }, signal: stop.signal });
    const read = async () => { for await (const chunk of body ?? []) events.text += Buffer.from(chunk as Uint8Array).toString('latin1'); };
    void read().catch(() => undefined);   // stopped
    return () => { stop.abort(); };
  }

  async function download(sink: { text: string }, path: string, accept: string): Promise<void> {
    const answer = await fetch(url + path, { headers: { authorization: `Bearer ${bootstrap}`, accept } });
    expect([path, answer.status, answer.headers.get('content-type')]).toEqual([path, 200, expect.stringContaining(accept)]);
    sink.text += await answer.text();
  }

  /** Keeps all that the command prints. @returns whether it did what it was told */
  const run = (args: string[], more: Record<string, string> = {}) => new Promise<boolean>((resolve) => {
    const code = `const { keyrack } = await import('${command}'); process.exitCode = await keyrack(['node', 'keyrack', ...${JSON.stringify(args)}], process.env)`;
    execFile(process.execPath, ['--input-type=module', '--eval', code], { env: { PATH: process.env['PATH'], ...env, ...more } }, (error, stdout, stderr) => {
      commands.text += `\n${args.join(' ')}\n${stdout}\n${stderr}`;
      resolve(error === null);
    });
  });

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
    for (const slug of ['acme', 'other']) await tell('tenant', 201, call('POST', '/v1/tenants', { slug, name: `${slug} ${plant.secret}` }));
    const stopFollowing = await follow(`${tenant}/events`);
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

    // What is downloaded, told to open pages and printed by the command.
    await database.owner.query('update enterprise set name = $1', [plant.secret]);
    await until(10_000, async () => events.text.includes(String(plant.secret)) || undefined);
    stopFollowing();
    const token = `${tenant}/access-tokens/${first.id}`, times = `from=2020-01-01T00:00:00Z&to=${new Date().toISOString()}`;
    const reach = ['', `/drift?${times}`, '/overlaps', '/unused-tokens'].flatMap((list) => [`${tenant}/reach${list}`, `/v1/platform/reach${list}`]);
    for (const path of [...reach, `${token}/blast-radius`, `${token}/users`, `${tenant}/audit`, '/v1/audit']) await download(csv, path, 'text/csv');
    for (const path of [`${tenant}/audit`, '/v1/audit']) await download(jsonLines, path, 'application/jsonl');
    const spoilt = { keys: { KEYRACK_KEYS: `${env['KEYRACK_KEYS']}x` }, database: { DATABASE_URL: `postgres://keyrack:${canary('password of the database', randomBytes(16).toString('hex'))}@127.0.0.1:1/keyrack` } };
    const good = [['keys', 'generate', String(plant.secret)], ['keys', 'status'], ['keys', 'rotate', '--data-keys'], ['migrate'], ['audit', 'verify'], ['audit', 'public-key']];
    const bad: [string[], Record<string, string>?][] = [[['keys', 'retire', 'k1']], [['keys', 'retire', bootstrap.slice(0, 4)]], [['keys', 'status'], spoilt.keys], [['keys', 'status'], spoilt.database], [['migrate'], spoilt.database], [['audit', 'verify'], spoilt.keys]];
    for (const args of good) expect([args, await run(args)]).toEqual([args, true]);
    for (const [args, more] of bad) expect([args, await run(args, more)]).toEqual([args, false]);
  }, 420_000);

  test('none of them is in a log, an answer, a live update, a download, what a command prints, a metric, a job, the queue\'s store or the database\'s files, in any form; what is planted there is found in each', async () => {
    for (const { secret } of canaries) expect(secret.length).toBeGreaterThanOrEqual(16);
    const hits: Hit[] = [];
    if (redis) {
      const store = new Redis(redis);
      const found = await valuesOfRedis(store);
      expect(found.length).toBeGreaterThan(0);
      sinks.push(...found, ...await planted(store));
      store.disconnect();
    }
    const { rows: tables } = await database.owner.query<{ name: string }>(`select format('%I.%I', table_schema, table_name) as name from information_schema.tables where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`);
    for (const { name } of tables) {
      const { rows } = await database.owner.query<{ text: string | null }>(`select string_agg(t::text, chr(10)) as text from ${name} t`);
      sinks.push({ name, text: rows[0]?.text ?? '' });
    }
    sinks.push(log, answers, events, csv, jsonLines, commands);
    expect(log.text.length).toBeGreaterThan(20_000);
    for (const { name, text } of sinks) hits.push(...hitsIn(name, Buffer.from(text, 'latin1'), [...canaries, plant]));

    // As it lies on the disk: also what was written in between and is not in any table now.
    await database.owner.query('checkpoint');
    const { rows: [place] } = await database.owner.query<{ data: string; oid: string }>(`select current_setting('data_directory') as data, oid::text from pg_database where datname = current_database()`);
    const folders = [`${place?.data}/base/${place?.oid}`, `${place?.data}/pg_wal`];
    for (const folder of folders) {
      const { hits: found, bytes } = await hitsInFiles(folder, startedMs, [...canaries, plant]);
      hits.push(...found);
      expect(bytes).toBeGreaterThan(1_000_000);
    }
    const ofPlant = (hit: Hit): boolean => hit.canary === plant.name;
    const foundIn = new Set(hits.filter(ofPlant).map(({ sink }) => folders.find((folder) => sink.startsWith(folder)) ?? sink));
    const kinds = redis ? ['string', 'hash', 'list', 'set', 'zset', 'stream'].map((type) => `redis ${type} planted ${type}`) : [];
    const missed = ['logs', 'answers', 'events', 'CSV', 'JSON Lines', 'commands', 'public.tenant', 'public.platform_audit_event', ...folders, ...kinds].filter((name) => !foundIn.has(name));
    expect({ hits: hits.filter((hit) => !ofPlant(hit)), missed }).toEqual({ hits: [], missed: [] });
  }, 120_000);

  /** Puts the plant into a value of each type, once and in a long text, as a job would have it. @returns what is then read there */
  async function planted(store: Redis): Promise<{ name: string; text: string }[]> {
    const text = JSON.stringify({ name: 'sync.run', padding: 'x'.repeat(200), data: { token: plant.secret }, more: 'sync.run'.repeat(20) });
    const key = (type: string) => `planted ${type}`;
    await store.set(key('string'), text);
    await store.hset(key('hash'), 'data', text);
    await store.rpush(key('list'), text);
    await store.sadd(key('set'), text);
    await store.zadd(key('zset'), 1, text);
    await store.xadd(key('stream'), '*', 'data', text);
    return (await valuesOfRedis(store)).filter(({ name }) => name.includes(' planted '));
  }

  test('the search finds what lies there, text and bytes', () => {
    const finds = (form: string, secret: string | Buffer) => hitsIn('here', Buffer.from(`x${form}y`, 'latin1'), [{ name: 'one', secret }]).length > 0;
    for (const secret of [`${randomBytes(12).toString('base64')}+/ü`, randomBytes(32)]) {
      const bytes = Buffer.from(secret as string), half = Math.floor(bytes.length / 2);
      for (const part of [bytes, bytes.subarray(0, half), bytes.subarray(half)]) {
        const base64 = [0, 1, 2, 3].map((shift) => Buffer.concat([Buffer.alloc(shift, 'x'), part, Buffer.from(';')]).toString('base64'));
        const hex = part.toString('hex');
        for (const form of [part.toString('latin1'), hex, hex.toUpperCase(), ...base64, ...(typeof secret === 'string' ? [encodeURIComponent(part.toString())] : [])]) expect([form, finds(form, secret)]).toEqual([form, true]);
      }
      expect(finds('nothing', secret)).toBe(false);
    }
  });
});
