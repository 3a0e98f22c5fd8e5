// Limits of the public surface: who counts as whom behind proxies, what is counted, and that processes count together.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { ConfigError, loadConfig, minuteMs } from '@keyrack/core';
import { RequestLimits } from '@keyrack/limits';
import { startApi, type Api } from '../harness/api.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';
import { redisUrl } from '../harness/needs.js';

let database: TestDatabase;
const open: Api[] = [];
beforeAll(async () => { database = await createTestDatabase(); });
afterAll(async () => {
  for (const started of open) await started.close();
  await database?.drop();
});

async function api(env: Record<string, string>): Promise<Api> {
  const started = await startApi(database, env);
  open.push(started);
  return started;
}
const from = (address: string) => ({ 'x-forwarded-for': address });
const ask = (one: Api, headers: Record<string, string> = {}, key: string | null = null) => one.request('GET', '/v1/tenants', undefined, key, headers);

test('an address over its limit is 429 until its window is over, told by headers; health and metrics are not counted', async () => {
  const one = await api({ KEYRACK_RATE_LIMIT_ADDRESS: '3' });
  const first = await ask(one);
  expect([first.status, first.headers.get('ratelimit-policy'), first.headers.get('ratelimit')]).toEqual([401, '"address";q=3;w=60', expect.stringMatching(/^"address";r=2;t=(59|60)$/)]);
  await ask(one);
  await ask(one);
  const over = await ask(one);
  expect(over).toMatchObject({ status: 429, body: { code: 'request.rate_limited', status: 429, detail: 'Too many requests from this address: wait and try again', traceId: over.headers.get('x-trace-id') } });
  expect(over.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(over.headers.get('ratelimit')).toMatch(/^"address";r=0;t=\d+$/);
  expect(Number(over.headers.get('retry-after'))).toBeGreaterThan(50);
  for (const path of ['/livez', '/readyz', '/metrics']) expect((await one.request('GET', path, undefined, null)).status).toBe(200);
});

test('a key over its limit stops itself alone, a tenant over its limit all who work in it', async () => {
  const one = await api({ KEYRACK_RATE_LIMIT_CALLER: '12', KEYRACK_RATE_LIMIT_TENANT: '6' });
  await one.request('POST', '/v1/tenants', { slug: 'busy', name: 'Busy' });
  const key = async () => (await one.request('POST', '/v1/tenants/busy/api-keys', { name: 'key', role: 'viewer' })).body.key;
  const [greedy, other] = [await key(), await key()];
  for (let i = 0; i < 12; i++) expect((await ask(one, {}, greedy)).status).toBe(200);
  const over = await ask(one, {}, greedy);
  expect(over).toMatchObject({ status: 429, body: { detail: 'Too many requests with this key or session: wait and try again' } });
  expect(over.headers.get('ratelimit')).toMatch(/^"address";r=\d+;t=\d+, "caller";r=0;t=\d+$/);
  const inTenant = () => one.request('GET', '/v1/tenants/busy', undefined, other);
  const statuses: number[] = [];
  for (let i = 0; i < 5; i++) statuses.push((await inTenant()).status);
  expect(statuses).toEqual([200, 200, 200, 200, 429]);
  expect((await inTenant()).body.detail).toBe('Too many requests for this tenant: wait and try again');
  expect((await ask(one, {}, other)).status).toBe(200);
});

test('denials beyond a small limit are 429 and no event, but for one that tells so; what is allowed goes on', async () => {
  const one = await api({ KEYRACK_RATE_LIMIT_DENIAL: '4', KEYRACK_TRUST_PROXY: '1' });
  for (const slug of ['inside', 'outside']) await one.request('POST', '/v1/tenants', { slug, name: slug });
  const key = async () => (await one.request('POST', '/v1/tenants/inside/api-keys', { name: 'key', role: 'viewer' })).body.key as string;
  const get = async (path: string, by: string, address: string) => (await one.request('GET', path, undefined, by, from(address))).status;
  const [greedy, neighbour] = [await key(), await key()];
  // The limit does not tell a tenant of others from one that is not there: both count, and end alike.
  const statuses: number[] = [];
  for (const path of ['/v1/tenants/outside', '/v1/tenants/nobody', '/v1/users', '/v1/tenants/inside/audit', '/v1/tenants/outside', '/v1/tenants/nobody', '/v1/users', '/v1/tenants/inside/audit']) statuses.push(await get(path, greedy, '203.0.113.1'));
  expect(statuses).toEqual([404, 404, 403, 403, 429, 429, 429, 429]);
  expect(await get('/v1/tenants/inside', greedy, '203.0.113.1')).toBe(200);
  // Another key at the same address is as one; elsewhere it has its own limit.
  expect([await get('/v1/users', neighbour, '203.0.113.1'), await get('/v1/users', neighbour, '203.0.113.1'), await get('/v1/users', neighbour, '203.0.113.2')]).toEqual([429, 429, 403]);
  expect(await get('/v1/users', greedy, '203.0.113.3')).toBe(429);
  const { rows } = await database.owner.query<{ action: string; of: string | null; address: string | null }>(`
    select action, subject->>'of' as of, subject->>'address' as address from platform_audit_event where action in ('access.denied', 'denials.throttled') order by seq`);
  expect(rows.map(({ action, of, address }) => [action, of, address].join(' ').trim())).toEqual([
    'access.denied', 'access.denied', 'access.denied', 'denials.throttled caller 203.0.113.1', 'denials.throttled address 203.0.113.1', 'access.denied']);
});

test('attempts at sign-ins, links and passwords from one address are limited before the database is asked', async () => {
  const one = await api({ KEYRACK_TRUST_PROXY: '1' });
  const attempt = (path: string, address: string, body: object = {}, method = 'POST') => one.request(method, path, body, null, from(address));
  const statuses = await Promise.all(Array.from({ length: 300 }, (_, i) => attempt(i % 2 === 0 ? '/v1/session' : '/v1/access-links/open', '203.0.113.20')));
  expect(new Set(statuses.map(({ status }) => status))).toEqual(new Set([422]));
  const holder = await database.owner.connect();
  await holder.query('begin; lock table sign_in_attempt in access exclusive mode');
  try {
    const signIn = { email: 'somebody@example.com', password: 'a guess' };
    expect(await attempt('/v1/session', '203.0.113.20', signIn)).toMatchObject({ status: 429, body: { code: 'request.rate_limited', detail: 'Too many sign-ins or links from this address: wait and try again' } });
    expect((await attempt('/v1/access-links/redeem', '203.0.113.20', { secret: 'x', password: 'twelve characters' })).status).toBe(429);
    for (const [method, path] of [['PUT', '/v1/session/password'], ['POST', '/v1/access-links/join']] as const) expect((await attempt(path, '203.0.113.20', {}, method)).status).toBe(429);
    expect((await one.request('GET', '/v1/session/oidc/callback', undefined, null, from('203.0.113.20'))).headers.get('location')).toBe('/sign-in?problem=request.rate_limited');
  } finally {
    await holder.query('rollback');
    holder.release();
  }
  expect((await attempt('/v1/session', '203.0.113.21')).status).toBe(422);
});

test('without a trusted proxy nobody can choose its own address', async () => {
  const one = await api({ KEYRACK_RATE_LIMIT_ADDRESS: '2' });
  const statuses: number[] = [];
  for (let i = 1; i <= 3; i++) statuses.push((await ask(one, from(`203.0.113.${i}`))).status);
  expect(statuses).toEqual([401, 401, 429]);
});

test.each(['1', '127.0.0.0/8'])('behind a proxy (%s) the address before it counts, whatever the client wrote before that', async (trust) => {
  const one = await api({ KEYRACK_RATE_LIMIT_ADDRESS: '2', KEYRACK_TRUST_PROXY: trust });
  const statuses: number[] = [];
  for (let i = 1; i <= 3; i++) statuses.push((await ask(one, from(`198.51.100.${i}, 203.0.113.9`))).status);
  expect(statuses).toEqual([401, 401, 429]);
  expect((await ask(one, from('203.0.113.9, 203.0.113.10'))).status).toBe(401);
  // One subscriber has a whole /64.
  for (const [address, status] of [['2001:db8::1', 401], ['2001:db8::2', 401], ['2001:db8::3', 429], ['2001:db8:0:1::3', 401]] as const) expect((await ask(one, from(address))).status).toBe(status);
});

test.each(['true', 'all', '0', '10', '0.0.0.0/0', '::/0', '10.0.0.0/33', '10.0.0.0/8,', 'proxy.internal'])('KEYRACK_TRUST_PROXY=%s is refused with the fix', (value) => {
  const load = () => loadConfig({ DATABASE_URL: 'postgres://x', KEYRACK_KEYS: database.keys.reveal(), KEYRACK_TRUST_PROXY: value });
  expect(load).toThrow(ConfigError);
  expect(load).toThrow(/KEYRACK_TRUST_PROXY: must be none, the number of proxies/);
});

(redisUrl === undefined ? test.skip : test)('processes count together in Redis; each by itself while Redis is away', async () => {
  const limits = { address: 10, caller: 10, tenant: 10, denial: 10 };
  const connections = [1, 2].map(() => new Redis(redisUrl ?? '', { maxRetriesPerRequest: 0, enableOfflineQueue: false, lazyConnect: true }));
  for (const redis of connections) redis.on('error', () => undefined);
  await Promise.all(connections.map((redis) => redis.connect()));
  const subject = `test ${Date.now()}`;
  try {
    const [one, two] = connections.map((redis) => new RequestLimits(limits, redis));
    if (!one || !two) throw new Error('two were made');
    const counted = await Promise.all(Array.from({ length: 24 }, (_, i) => (i % 2 === 0 ? one : two).count('caller', subject)));
    expect(counted.filter(({ over }) => !over)).toHaveLength(10);
    expect(Math.max(...counted.map(({ resetMs }) => resetMs))).toBeLessThanOrEqual(minuteMs);
    connections[0]?.disconnect();
    const alone = await Promise.all(Array.from({ length: 12 }, () => one.count('tenant', subject)));
    expect(alone.filter(({ over }) => !over)).toHaveLength(10);
  } finally {
    for (const redis of connections) redis.disconnect();
  }
});

(redisUrl === undefined ? test.skip : test)('with Redis too a caller that is over its limit stays out, however often it asks', async () => {
  const one = await api({ REDIS_URL: redisUrl ?? '', KEYRACK_RATE_LIMIT_CALLER: '3' });
  const statuses: number[] = [];
  for (let i = 0; i < 10; i++) statuses.push((await ask(one, {}, one.bootstrapKey)).status);
  expect(statuses).toEqual([200, 200, 200, 429, 429, 429, 429, 429, 429, 429]);
});
