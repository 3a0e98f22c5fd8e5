// Requests of nobody that is known: all are told to the trail, and however many there are, in one event a minute.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Audit } from '@keyrack/audit';
import { Denials } from '@keyrack/auth';
import { Database } from '@keyrack/core';
import { keyrack } from '../../apps/cli/src/keyrack.js';
import { startApi, type Api } from '../harness/api.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';
import { comeIn, signIn } from '../harness/people.js';

let database: TestDatabase, api: Api;
const open: Api[] = [];
const start = async (): Promise<Api> => {
  const started = await startApi(database, { KEYRACK_TRUST_PROXY: '1' });
  open.push(started);
  return started;
};
beforeAll(async () => {
  database = await createTestDatabase();
  api = await start();
  await api.request('POST', '/v1/tenants', { slug: 'mine', name: 'Mine' });
}, 60_000);
beforeEach(() => denials().tell());
afterAll(async () => {
  for (const started of open) await started.close();
  await database?.drop();
});

interface Told { since: string; count: number; reasons: Record<string, number>; networks: { network: string; count: number }[]; elsewhere: number }

const denials = (): Denials => api.app.get(Denials);
const sql = async <Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> => (await database.owner.query<Row>(text, values)).rows;
/** How long the trails are together. */
const length = async (): Promise<number> => (await sql<{ n: number }>('select ((select count(*) from audit_event) + (select count(*) from platform_audit_event))::int as n'))[0]?.n ?? 0;
/** The newest first. */
const told = async (): Promise<Told[]> => (await sql<{ subject: Told }>(`select subject from platform_audit_event where action = 'denials.counted' order by seq desc`)).map(({ subject }) => subject);
const total = (all: Told[]): number => all.reduce((sum, { count }) => sum + count, 0);
const ask = async (headers: Record<string, string>, of = api): Promise<number> => (await of.request('GET', '/v1/tenants', undefined, null, headers)).status;

test('garbage is one event, with how many and of what kind, and nothing of what was sent; the chain stays whole', async () => {
  const before = await length(), secrets = Array.from({ length: 40 }, () => randomBytes(20).toString('hex'));
  const kinds = [
    (secret: string) => ({ authorization: `Bearer ${secret}` }), (secret: string) => ({ authorization: `Bearer kr_${secret}` }),
    (secret: string) => ({ authorization: `Basic ${secret}` }), (secret: string) => ({ cookie: `__Host-keyrack=${secret}` }), () => ({}),
  ];
  const statuses = await Promise.all(secrets.map((secret, i) => ask({ ...kinds[i % kinds.length]?.(secret), 'x-forwarded-for': i < 30 ? '203.0.113.1' : '2001:db8::1' })));
  expect(new Set(statuses)).toEqual(new Set([401]));
  expect(await length()).toBe(before);
  await denials().tell();
  expect(await length()).toBe(before + 1);
  const [row] = await sql<{ action: string; actor_kind: string; actor_name: string; subject: Told; text: string }>('select *, e::text as text from platform_audit_event e order by seq desc limit 1');
  expect(row).toMatchObject({ action: 'denials.counted', actor_kind: 'system', actor_name: 'access', subject: {
    since: expect.stringMatching(/^\d{4}-\d\d-\d\dT/), count: 40, reasons: { 'unknown key': 16, 'malformed key': 8, 'unknown session': 8, 'nothing sent': 8 },
    networks: [{ network: '203.0.113.1', count: 30 }, { network: '2001:db8:0:0::/64', count: 10 }], elsewhere: 0,
  } });
  // Not even the beginning of one.
  for (const secret of secrets) expect(row?.text).not.toContain(secret.slice(0, 8));
  expect(row?.text).not.toContain('kr_');
  await denials().tell();
  expect(await length()).toBe(before + 1);
  expect((await api.request('GET', '/v1/audit?action=denials&limit=1')).body.items[0]).toMatchObject({ action: 'denials.counted', subject: { count: 40 } });
  expect(await keyrack(['node', 'keyrack', 'audit', 'verify'], { DATABASE_URL: database.databaseUrl.reveal(), KEYRACK_KEYS: database.keys.reveal() })).toBe(0);
});

test.each<[string, () => Promise<unknown>, Record<string, number>]>([
  ['a session that has ended', async () => {
    const { headers } = await signIn(api, await person());
    await api.request('DELETE', '/v1/session', undefined, null, headers);
    await ask(headers);
  }, { 'unknown session': 1 }],
  ['a session of somebody who was disabled', async () => {
    const email = await person(), { headers } = await signIn(api, email);
    await sql('update app_user set disabled_at = now() where email = $1', [email]);
    await ask(headers);
  }, { 'unknown session': 1 }],
  ['a key that was revoked, beyond the first time, which has its own event', async () => {
    const { id, key } = (await api.request('POST', '/v1/tenants/mine/api-keys', { name: 'key', role: 'viewer' })).body;
    await api.request('DELETE', `/v1/tenants/mine/api-keys/${id}`);
    for (let i = 0; i < 3; i++) await ask({ authorization: `Bearer ${key}` });
    expect(await sql(`select 1 from audit_event where action = 'api_key.refused' and subject->>'apiKeyId' = $1`, [id])).toHaveLength(1);
  }, { 'refused key': 2 }],
  ['a key where only a person can be', async () => {
    expect((await api.request('GET', '/v1/session')).status).toBe(401);
    expect((await api.request('PUT', '/v1/session/password', { current: 'x', password: 'a long enough password' })).status).toBe(401);
  }, { 'key instead of a session': 2 }],
  ['a return from the identity provider that was not begun', () => api.request('GET', '/v1/session/oidc/callback?code=x&state=y', undefined, null), { 'sign-in not begun': 1 }],
])('%s is counted', async (_, refused, reasons) => {
  const known = (await told()).length;
  await refused();
  await denials().tell();
  const now = await told();
  expect(now).toHaveLength(known + 1);
  expect(now[0]).toMatchObject({ reasons });
  expect(Object.keys(now[0]?.reasons ?? {})).toEqual(Object.keys(reasons));
});

test('what has its own event, and what is let through, is not counted', async () => {
  const known = (await told()).length;
  expect((await api.request('POST', '/v1/session', { email: 'somebody@example.com', password: 'x' }, null)).status).toBe(401);
  expect((await api.request('GET', '/v1/tenants/mine')).status).toBe(200);
  await denials().tell();
  expect(await told()).toHaveLength(known);
});

test('a flood from many addresses grows the trail by an event an interval at the most, of a bounded size, and all of it is counted', async () => {
  const everyMs = 400, flooded = new Denials(api.app.get(Database), api.app.get(Audit), everyMs), before = await length();
  const began = performance.now();
  let sent = 0, slowestMs = 0;
  while (performance.now() - began < 4 * everyMs) {
    const at = performance.now();
    for (let i = 0; i < 2_000; i++) flooded.count('unknown key', `10.${sent >> 16 & 255}.${sent >> 8 & 255}.${sent++ & 255}`);
    slowestMs = Math.max(slowestMs, performance.now() - at);
    await sleep(20);
  }
  await flooded.tell();
  const intervals = Math.ceil((performance.now() - began) / everyMs), grown = await length() - before;
  expect(grown).toBeGreaterThanOrEqual(2);
  expect(grown).toBeLessThanOrEqual(intervals + 1);
  const events = (await told()).slice(0, grown);
  expect(total(events)).toBe(sent);
  for (const event of events) {
    expect(event.networks).toHaveLength(10);
    expect(event.elsewhere).toBe(event.count - 10);
    expect(JSON.stringify(event).length).toBeLessThan(1_000);
  }
  // A flood of requests arrives more slowly than that by far.
  expect(slowestMs).toBeLessThan(everyMs);
});

test('of the networks since the last event 1,000 are held, whoever comes after them is in the sum alone', async () => {
  for (let i = 0; i < 1_000; i++) denials().count('unknown key', `10.0.${i >> 8}.${i & 255}`);
  for (let i = 0; i < 50; i++) denials().count('unknown key', i % 2 === 0 ? '203.0.113.7' : '10.0.0.7');
  await denials().tell();
  const [event] = await told();
  expect(event).toMatchObject({ count: 1_050, elsewhere: 1_050 - 26 - 9 });
  expect(event?.networks[0]).toEqual({ network: '10.0.0.7', count: 26 });
  expect(JSON.stringify(event)).not.toContain('203.0.113.7');
});

test('nobody waits for the trail: while it is held, requests are answered, and told afterwards', async () => {
  const known = (await told()).length, holder = await database.owner.connect();
  await holder.query('begin; lock table platform_audit_head in access exclusive mode');
  let telling: Promise<void> | undefined;
  try {
    expect(await ask({})).toBe(401);
    telling = denials().tell();
    expect(await ask({ authorization: 'Bearer nonsense' })).toBe(401);
    expect(await told()).toHaveLength(known);
  } finally {
    await holder.query('rollback');
    holder.release();
  }
  await telling;
  await denials().tell();
  expect((await told()).slice(0, -known || undefined).map(({ reasons }) => reasons)).toEqual([{ 'unknown key': 1 }, { 'nothing sent': 1 }]);
});

test('what could not be written is counted on', async () => {
  const known = (await told()).length;
  await sql(`alter table platform_audit_event add constraint full_trail check (false) not valid`);
  try {
    await ask({});
    const telling = denials().tell();
    await ask({ authorization: 'Bearer nonsense' });
    await telling;
  } finally {
    await sql('alter table platform_audit_event drop constraint full_trail');
  }
  expect(await told()).toHaveLength(known);
  await denials().tell();
  expect((await told()).slice(0, -known || undefined)).toMatchObject([{ count: 2, reasons: { 'nothing sent': 1, 'unknown key': 1 }, networks: [{ network: '127.0.0.1', count: 2 }] }]);
});

test('a process that stops tells what it has counted', async () => {
  const known = (await told()).length, stopping = await start();
  for (let i = 0; i < 3; i++) await ask({ authorization: 'Bearer nonsense' }, stopping);
  await stopping.close();
  expect((await told()).slice(0, -known || undefined)).toMatchObject([{ count: 3, reasons: { 'unknown key': 3 } }]);
  expect((await api.request('GET', '/v1/audit/verify')).body).toMatchObject({ ok: true });
});

let people = 0;
async function person(): Promise<string> {
  const email = `person-${people += 1}@example.com`;
  await comeIn(api, 'mine', { email });
  return email;
}
