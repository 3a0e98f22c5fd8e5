// Sessions, API keys and roles: who gets in, how far, and how one is kept out.
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Auth, Hasher } from '@keyrack/auth';
import { Secret } from '@keyrack/core';
import { newApiKey } from '../../libs/auth/src/api-key.js';
import { startApi, type Answer, type Api } from '../harness/api.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';
import { until } from '../harness/keyrack.js';
import { comeIn, join, secretOf, signIn as signInAs } from '../harness/people.js';

const email = 'admin@example.com';
const password = 'correct horse battery staple';
let database: TestDatabase;
let api: Api;
beforeAll(async () => {
  database = await createTestDatabase();
  api = await startApi(database, { KEYRACK_ADMIN_EMAIL: email, KEYRACK_ADMIN_PASSWORD: password });
  for (const slug of ['mine', 'other']) await api.request('POST', '/v1/tenants', { slug, name: slug });
});
afterAll(async () => { await api?.close(); await database?.drop(); });

const makeKey = async (role: string, tenant = 'mine'): Promise<{ id: string; key: string }> => (await api.request('POST', `/v1/tenants/${tenant}/api-keys`, { name: `a ${role}`, role })).body;

const signIn = async (): Promise<{ cookie: string; csrf: string; answer: Answer }> => {
  const answer = await api.request('POST', '/v1/session', { email, password }, null);
  return { cookie: answer.headers.get('set-cookie')?.split(';')[0] ?? '', csrf: answer.body.csrfToken, answer };
};

test('a password opens a session, in a cookie that scripts and other hosts cannot touch', async () => {
  const { cookie, answer, csrf } = await signIn();
  expect(answer).toMatchObject({ status: 200, body: { user: { email, platformRole: 'admin' }, tenants: [{ slug: 'mine', role: null }, { slug: 'other' }] } });
  const attributes = answer.headers.get('set-cookie') ?? '';
  for (const attribute of ['__Host-keyrack=', 'HttpOnly', 'Secure', 'SameSite=Lax', 'Path=/']) expect(attributes).toContain(attribute);
  expect(attributes).not.toMatch(/domain/i);
  expect((await api.request('GET', '/v1/session', undefined, null, { cookie })).body).toEqual(answer.body);
  const again = await signIn();
  expect(again.cookie).not.toBe(cookie);
  expect(again.csrf).not.toBe(csrf);
  // Stored as a hash only.
  const { rows } = await database.owner.query('select encode(token_hash, $1) as hash from session', ['escape']);
  expect(JSON.stringify(rows)).not.toContain(cookie.split('=')[1]);
});

test('passwords are stored as argon2id of 19 MiB and two passes', async () => {
  const { rows } = await database.owner.query('select password_hash as hash from app_user where password_hash is not null');
  expect(rows.length).toBeGreaterThan(0);
  for (const { hash } of rows) expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
});

test('a change by cookie needs the token of the page; reading does not', async () => {
  const { cookie, csrf } = await signIn();
  const other = await signIn();
  const post = (headers: Record<string, string>) => api.request('POST', '/v1/tenants', { slug: `by-cookie-${Math.random().toString(36).slice(2)}`, name: 'x' }, null, { cookie, ...headers });
  expect(await post({})).toMatchObject({ status: 403, body: { code: 'auth.csrf' } });
  expect(await post({ 'x-keyrack-csrf': other.csrf })).toMatchObject({ status: 403, body: { code: 'auth.csrf' } });
  expect((await post({ 'x-keyrack-csrf': csrf })).status).toBe(201);
  expect((await api.request('GET', '/v1/tenants', undefined, null, { cookie })).status).toBe(200);
});

test('signing out ends the session, here and now', async () => {
  const { cookie, csrf } = await signIn();
  const out = await api.request('DELETE', '/v1/session', undefined, null, { cookie, 'x-keyrack-csrf': csrf });
  expect(out.status).toBe(204);
  expect(out.headers.get('set-cookie')).toMatch(/__Host-keyrack=;/);
  expect((await api.request('GET', '/v1/session', undefined, null, { cookie })).status).toBe(401);
});

test('signing in again in a browser ends the session that it had, whose cookie nobody could sign out any more', async () => {
  const first = await signIn(), elsewhere = await signIn();
  expect((await api.request('POST', '/v1/session', { email, password: 'wrong' }, null, { cookie: first.cookie })).status).toBe(401);
  expect((await api.request('GET', '/v1/session', undefined, null, { cookie: first.cookie })).status).toBe(200);
  expect((await api.request('POST', '/v1/session', { email, password }, null, { cookie: first.cookie })).status).toBe(200);
  expect((await api.request('GET', '/v1/session', undefined, null, { cookie: first.cookie })).status).toBe(401);
  expect((await api.request('GET', '/v1/session', undefined, null, { cookie: elsewhere.cookie })).status).toBe(200);
  const { rows } = await database.owner.query('select action, actor_name as who from platform_audit_event order by seq desc limit 2');
  expect(rows).toEqual([{ action: 'user.signed_in', who: email }, { action: 'user.signed_out', who: email }]);
});

test.each([['idle for 12 hours', `last_seen_at = now() - interval '12 hours 1 second'`], ['7 days old', `expires_at = now() - interval '1 second'`]])('a session that is %s is over', async (_, change) => {
  const { cookie } = await signIn();
  await database.owner.query(`update session set ${change}`);
  expect(await api.request('GET', '/v1/session', undefined, null, { cookie })).toMatchObject({ status: 401, body: { code: 'auth.required' } });
});

test('a session lives 7 days at the most, and a disabled person has none', async () => {
  const { cookie } = await signIn();
  const { rows } = await database.owner.query(`select max(expires_at - created_at) <= interval '7 days' as ok from session`);
  expect(rows).toEqual([{ ok: true }]);
  await database.owner.query(`update app_user set disabled_at = now()`);
  expect((await api.request('GET', '/v1/session', undefined, null, { cookie })).status).toBe(401);
  expect((await api.request('POST', '/v1/session', { email, password }, null)).status).toBe(401);
  await database.owner.query(`update app_user set disabled_at = null`);
  await database.owner.query('delete from sign_in_attempt');
});

test('a wrong password and a wrong address fail alike, in words and in time', async () => {
  const answers: unknown[] = [];
  const refused = async (address: string) => {
    const at = performance.now(), { headers, body } = await api.request('POST', '/v1/session', { email: address, password: 'wrong' }, null), { traceId: _, ...rest } = body;
    const ms = performance.now() - at;
    expect(rest).toMatchObject({ code: 'auth.failed', status: 401 });
    expect(headers.get('set-cookie')).toBeNull();
    answers.push(rest);
    return ms;
  };
  // The fastest of each, in turn: any of them may meet a moment in which the machine is busy, so that it goes on until both met a free one.
  let known = Infinity, unknown = Infinity;
  for (let nth = 0; nth < 5 || (nth < 40 && unknown <= known / 2); nth += 1) {
    known = Math.min(known, await refused(email));
    unknown = Math.min(unknown, await refused('nobody@example.com'));
    await database.owner.query('delete from sign_in_attempt');
  }
  for (const answer of answers) expect(answer).toEqual(answers[0]);
  // argon2 takes tens of milliseconds; without it the answer would come in a few.
  expect(unknown).toBeGreaterThan(known / 2);
});

test('what is no e-mail address is refused alike and not kept: it may be a password', async () => {
  for (const given of ['hunter2-typed-too-early', `${email}\ud800`, `${email}\u0000`, '\ud800@example.com']) {
    for (const headers of [{}, { 'sec-fetch-site': 'cross-site' }]) {
      expect((await api.request('POST', '/v1/session', { email: given, password }, null, headers)).status).toBe('sec-fetch-site' in headers ? 403 : 401);
    }
  }
  const { rows } = await database.owner.query(`select subject from platform_audit_event where action = 'user.sign_in_refused' order by seq desc limit 8`);
  expect(rows.map(({ subject }) => subject.email)).toEqual(Array.from({ length: 8 }, () => null));
  await database.owner.query('delete from sign_in_attempt');
});

test('guessing is stopped per account, also when sent at once, and the right password waits too', async () => {
  const guesses = await Promise.all(Array.from({ length: 16 }, () => api.request('POST', '/v1/session', { email, password: 'guess' }, null)));
  expect(guesses.filter(({ status }) => status === 401)).toHaveLength(10);
  const limited = await api.request('POST', '/v1/session', { email, password }, null);
  expect(limited).toMatchObject({ status: 429, body: { code: 'request.rate_limited' } });
  expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(60);
  // An account that does not exist is throttled alike.
  const unknown = await Promise.all(Array.from({ length: 11 }, () => api.request('POST', '/v1/session', { email: 'ghost@example.com', password: 'x' }, null)));
  expect(unknown.filter(({ status }) => status === 429)).toHaveLength(1);
  await database.owner.query('delete from sign_in_attempt');
});

test('guessing is stopped per address, whatever the account', async () => {
  await database.owner.query(`insert into sign_in_attempt (subject) select 'address 127.0.0.1' from generate_series(1, 50)`);
  expect((await api.request('POST', '/v1/session', { email, password }, null)).status).toBe(429);
  await database.owner.query('delete from sign_in_attempt');
  expect((await api.request('POST', '/v1/session', { email, password }, null)).status).toBe(200);
});

test('a sign-in of one\'s own takes back no guess at others from the same address, a link that is valid none at links', async () => {
  await comeIn(api, 'mine', { email: 'guesser@example.com' });
  await database.owner.query('delete from sign_in_attempt');
  await database.owner.query(`insert into sign_in_attempt (subject) select kind || ' 127.0.0.1' from generate_series(1, 49), unnest(array['address', 'link']) as kind`);
  const guess = () => api.request('POST', '/v1/session', { email: 'guesser@example.com', password: 'guess' }, null);
  const own = () => api.request('POST', '/v1/session', { email, password }, null);
  expect([(await own()).status, (await own()).status, (await guess()).status, (await guess()).status, (await own()).status]).toEqual([200, 200, 401, 429, 429]);
  const invited = await api.request('POST', '/v1/tenants/mine/access-links', { kind: 'invitation', email: 'linked@example.com', role: 'viewer' });
  const open = async (secret: string) => (await api.request('POST', '/v1/access-links/open', { secret }, null)).status;
  expect([await open(secretOf(invited)), await open('guess'), await open('guess')]).toEqual([200, 404, 429]);
  await database.owner.query('delete from sign_in_attempt');
  // What was held against the own account is forgotten.
  await Promise.all(Array.from({ length: 9 }, guess));
  expect((await signInAs(api, 'guesser@example.com')).answer.status).toBe(200);
  await Promise.all(Array.from({ length: 9 }, guess));
  expect((await signInAs(api, 'guesser@example.com')).answer.status).toBe(200);
  await database.owner.query('delete from sign_in_attempt');
});

test('another site cannot sign a person in', async () => {
  expect(await api.request('POST', '/v1/session', { email, password }, null, { 'sec-fetch-site': 'cross-site' })).toMatchObject({ status: 403, body: { code: 'auth.csrf' } });
});

test('an API key is shown once, stored as a hash, and revoked at once', async () => {
  const made = await api.request('POST', '/v1/tenants/mine/api-keys', { name: 'software', role: 'developer' });
  expect(made).toMatchObject({ status: 201, body: { key: expect.stringMatching(/^kr_[a-z2-7]{38}$/), role: 'developer', expiresAt: null } });
  const { id, key } = made.body;
  expect((await api.request('GET', '/v1/tenants/mine', undefined, key)).status).toBe(200);
  const listed = await api.request('GET', '/v1/tenants/mine/api-keys');
  expect(listed.body.items[0]).toMatchObject({ id, hint: `…${key.slice(-4)}`, lastUsedAt: expect.any(String) });
  expect(JSON.stringify(listed.body)).not.toContain(key);
  const { rows } = await database.owner.query('select api_key::text as row, key_hash as hash from api_key where id = $1', [id]);
  expect(rows[0].row).not.toContain(key);
  expect(rows[0].hash).toEqual(new Hasher({ keys: database.keys }).hash('api key', key));
  expect((await api.request('DELETE', `/v1/tenants/mine/api-keys/${id}`)).status).toBe(204);
  expect((await api.request('GET', '/v1/tenants/mine', undefined, key)).status).toBe(401);
  expect((await api.request('DELETE', `/v1/tenants/mine/api-keys/${id}`)).status).toBe(404);
});

test('what is revoked in one process counts in another one at once', async () => {
  const elsewhere = await startApi(database, { KEYRACK_BOOTSTRAP_KEY: api.bootstrapKey });
  try {
    const [tenants, platforms] = await Promise.all([makeKey('viewer'), api.request('POST', '/v1/api-keys', { name: 'reporting', role: 'auditor' }).then(({ body }) => body as { id: string; key: string })]);
    const { cookie, csrf } = await signIn();
    const ask = async () => [
      await elsewhere.request('GET', '/v1/tenants/mine', undefined, tenants.key), await elsewhere.request('GET', '/v1/audit', undefined, platforms.key), await elsewhere.request('GET', '/v1/session', undefined, null, { cookie }),
    ].map(({ status }) => status);
    // More than once: what is remembered by then must not count.
    expect([await ask(), await ask()]).toEqual([[200, 200, 200], [200, 200, 200]]);
    const ended = await Promise.all([api.request('DELETE', `/v1/tenants/mine/api-keys/${tenants.id}`), api.request('DELETE', `/v1/api-keys/${platforms.id}`), api.request('DELETE', '/v1/session', undefined, null, { cookie, 'x-keyrack-csrf': csrf })]);
    expect(ended.map(({ status }) => status)).toEqual([204, 204, 204]);
    expect(await ask()).toEqual([401, 401, 401]);
  } finally { await elsewhere.close(); }
});

test('a key that is revoked while its file is on the way brings in nothing', async () => {
  const { id, key } = await makeKey('owner');
  const sending = request(`${api.url}/v1/tenants/mine/access-tokens/import`, { method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'text/csv' } });
  sending.write('access_token,environment,application,label\n');
  await until(10_000, async () => (await database.owner.query('select 1 from api_key where id = $1 and last_used_at is not null', [id])).rows[0]);
  expect((await api.request('DELETE', `/v1/tenants/mine/api-keys/${id}`)).status).toBe(204);
  sending.end('a-token,demo,App 1,\n');
  const [answer] = await once(sending, 'response') as [IncomingMessage];
  answer.resume();
  expect(answer.statusCode).toBe(401);
  expect((await database.owner.query(`select 1 from audit_event where action = 'access_tokens.import_started'`)).rows).toEqual([]);
});

test('the platform\'s keys are made, listed without their text and revoked at once', async () => {
  const made = await api.request('POST', '/v1/api-keys', { name: 'reporting', role: 'auditor' });
  expect(made).toMatchObject({ status: 201, body: { key: expect.stringMatching(/^kr_/), role: 'auditor' } });
  const { id, key } = made.body;
  expect((await api.request('GET', '/v1/audit', undefined, key)).status).toBe(200);
  expect((await api.request('POST', '/v1/api-keys', { name: 'x', role: 'admin' }, key)).status).toBe(403);
  const listed = await api.request('GET', '/v1/api-keys', undefined, key);
  expect(listed.body.items).toEqual([expect.objectContaining({ id, name: 'reporting', hint: `…${key.slice(-4)}` }), expect.objectContaining({ name: 'bootstrap', role: 'admin' })]);
  expect(JSON.stringify(listed.body)).not.toContain(key);
  expect((await api.request('DELETE', `/v1/api-keys/${id}`)).status).toBe(204);
  expect((await api.request('GET', '/v1/audit', undefined, key)).status).toBe(401);
  expect(await api.request('DELETE', `/v1/api-keys/${id}`)).toMatchObject({ status: 404, body: { code: 'api_key.not_found' } });
  // A tenant's key is none of them.
  expect((await api.request('DELETE', `/v1/api-keys/${(await makeKey('viewer')).id}`)).status).toBe(404);
});

test('a key that has expired opens nothing; one cannot be made so', async () => {
  const { key } = (await api.request('POST', '/v1/tenants/mine/api-keys', { name: 'short', role: 'viewer', expiresAt: new Date(Date.now() + 60_000).toISOString() })).body;
  expect((await api.request('GET', '/v1/tenants/mine', undefined, key)).status).toBe(200);
  await database.owner.query(`update api_key set expires_at = now() where name = 'short'`);
  expect((await api.request('GET', '/v1/tenants/mine', undefined, key)).status).toBe(401);
  expect(await api.request('POST', '/v1/tenants/mine/api-keys', { name: 'x', role: 'viewer', expiresAt: '2001-01-01T00:00:00Z' }))
    .toMatchObject({ status: 422, body: { errors: [{ pointer: '/expiresAt', detail: 'must be in the future' }] } });
});

test('a repeated request for a key is told that it succeeded, not the key', async () => {
  const headers = { 'idempotency-key': 'key-once' };
  const first = await api.request('POST', '/v1/tenants/mine/api-keys', { name: 'once', role: 'viewer' }, undefined, headers);
  const second = await api.request('POST', '/v1/tenants/mine/api-keys', { name: 'once', role: 'viewer' }, undefined, headers);
  expect(first.status).toBe(201);
  expect(second).toMatchObject({ status: 409, body: { code: 'idempotency_key.conflict' } });
  expect(JSON.stringify((await database.owner.query('select answer from idempotency_key')).rows)).not.toContain(first.body.key);
});

test("a tenant's key sees its own tenant only: 404 elsewhere, 403 where its role does not reach", async () => {
  const { key, id } = await makeKey('viewer');
  const theirs = await makeKey('owner', 'other');
  expect((await api.request('GET', '/v1/tenants', undefined, key)).body.items.map(({ slug }: { slug: string }) => slug)).toEqual(['mine']);
  for (const path of ['/v1/tenants/other', '/v1/tenants/other/api-keys', '/v1/tenants/other/audit', '/v1/tenants/nobody']) {
    expect(await api.request('GET', path, undefined, key)).toMatchObject({ status: 404, body: { code: 'tenant.not_found' } });
  }
  expect(await api.request('POST', '/v1/tenants/mine/api-keys', { name: 'x', role: 'owner' }, key)).toMatchObject({ status: 403, body: { code: 'auth.forbidden' } });
  expect((await api.request('POST', '/v1/tenants', { slug: 'new', name: 'x' }, key)).status).toBe(403);
  expect((await api.request('DELETE', '/v1/tenants/mine', undefined, key)).status).toBe(403);
  // An owner of one tenant cannot name the keys of another through its own.
  expect((await api.request('DELETE', `/v1/tenants/other/api-keys/${id}`, undefined, theirs.key)).status).toBe(404);
  expect((await api.request('GET', '/v1/tenants/mine', undefined, key)).status).toBe(200);
});

test('a key whose checksum is wrong is refused as every other, and the database is not asked', async () => {
  const { key } = await makeKey('viewer'), mistyped = key.slice(0, -1) + (key.endsWith('a') ? 'b' : 'a');
  const answers = await Promise.all([mistyped, newApiKey().reveal(), 'nonsense'].map((one) => api.request('GET', '/v1/tenants', undefined, one)));
  expect(answers.map(({ status }) => status)).toEqual([401, 401, 401]);
  expect(new Set(answers.map(({ body }) => JSON.stringify({ ...body, traceId: '' }))).size).toBe(1);

  const auth = new Auth(database.db, api.app.get(Hasher)), asked = jest.spyOn(database.db, 'atOnce'), transactions = jest.spyOn(database.db, 'onPlatform');
  for (const text of [mistyped, newApiKey().reveal(), 'a-bootstrap-key-of-any-form']) expect(await auth.byApiKey(new Secret(text), 'request')).toBeNull();
  expect(asked).toHaveBeenCalledTimes(2);
  expect(transactions).not.toHaveBeenCalled();
  for (const spy of [asked, transactions]) spy.mockRestore();
});

test('the audit trail tells who did what, in an unbroken chain, as a page and as CSV', async () => {
  await api.request('POST', '/v1/tenants/other/api-keys', { name: '=cmd()', role: 'viewer' });
  const { body } = await api.request('GET', '/v1/tenants/other/audit?action=api_key.created&limit=1');
  expect(body.items[0]).toMatchObject({ action: 'api_key.created', actor: { kind: 'api_key', name: 'bootstrap' }, subject: { name: '=cmd()', role: 'viewer' } });
  const csv = await api.request('GET', '/v1/tenants/other/audit', undefined, undefined, { accept: 'text/csv' });
  expect(csv.headers.get('content-type')).toMatch('text/csv');
  expect(csv.body.split('\n')[0]).toBe('seq,at,actor_kind,actor_id,actor_name,action,subject');
  expect(csv.body).toMatch(/api_key\.created/);
  const owner = await makeKey('owner', 'other');
  expect((await api.request('GET', '/v1/tenants/other/audit?actor=bootstrap', undefined, owner.key)).status).toBe(200);
  expect((await api.request('GET', '/v1/audit', undefined, owner.key)).status).toBe(403);
  expect((await api.request('GET', '/v1/audit?action=user')).body.items.map(({ action }: { action: string }) => action)).toEqual(expect.arrayContaining(['user.signed_in', 'user.created', 'user.sign_in_refused']));
  const { rows } = await database.owner.query(`
    select count(*)::int as n, count(*) filter (where previous_hash is distinct from coalesce(before, '\\x'))::int as broken
      from (select previous_hash, lag(hash) over (order by seq) as before from platform_audit_event) e`);
  expect(rows[0].n).toBeGreaterThan(5);
  expect(rows[0].broken).toBe(0);
});

test('a person is given a role in one tenant, and has that one and no other', async () => {
  const person = { email: 'person@example.com', name: 'Person', password: 'a long enough password' };
  const id = await comeIn(api, 'other', person);
  await join(api, 'mine', { ...person, role: 'developer' }, 'known to me alone');
  expect((await api.request('DELETE', `/v1/tenants/other/members/${id}`)).status).toBe(204);
  expect(await api.request('PUT', `/v1/tenants/mine/members/${id}`, { role: 'viewer' })).toMatchObject({ status: 200, body: { userId: id, role: 'viewer' } });
  const session = await api.request('POST', '/v1/session', { email: person.email, password: 'known to me alone' }, null);
  const cookie = session.headers.get('set-cookie')?.split(';')[0] ?? '';
  expect(session.body.tenants).toEqual([expect.objectContaining({ slug: 'mine', role: 'viewer' })]);
  expect(session.body.permissions).toEqual({ viewer: expect.arrayContaining(['records:read', 'runs:read']) });
  expect(session.body.permissions.viewer).not.toContain('syncs:write');
  expect((await api.request('GET', '/v1/tenants/mine', undefined, null, { cookie })).status).toBe(200);
  expect((await api.request('GET', '/v1/tenants/other', undefined, null, { cookie })).status).toBe(404);
  expect((await api.request('GET', '/v1/users', undefined, null, { cookie })).status).toBe(403);
  expect((await api.request('DELETE', `/v1/tenants/mine/members/${id}`)).status).toBe(204);
  expect((await api.request('GET', '/v1/tenants/mine', undefined, null, { cookie })).status).toBe(404);
  // Without any role one can still see oneself, and leave.
  expect((await api.request('GET', '/v1/session', undefined, null, { cookie })).body.tenants).toEqual([]);
  await api.request('PATCH', `/v1/users/${id}`, { disabled: true });
  expect((await api.request('GET', '/v1/session', undefined, null, { cookie })).status).toBe(401);
});

test('a first role takes an invitation: whoever asks, an account that somebody made under an address gets none by its id', async () => {
  const id = await comeIn(api, 'other', { email: 'cfo@example.com' });
  for (const role of ['admin', 'operator', 'auditor']) {
    expect(await api.request('PATCH', `/v1/users/${id}`, { platformRole: role })).toMatchObject({ status: 409, body: { code: 'user.invitation_needed', errors: [{ pointer: '/platformRole' }] } });
  }
  expect(await api.request('PUT', `/v1/tenants/mine/members/${id}`, { role: 'viewer' })).toMatchObject({ status: 404, body: { code: 'user.not_found', detail: expect.stringContaining('invite them') } });
  expect((await api.request('GET', '/v1/tenants/mine/members')).body.items.map(({ userId }: { userId: string }) => userId)).not.toContain(id);

  await join(api, 'platform', { email: 'cfo@example.com', role: 'auditor' });
  expect(await api.request('PATCH', `/v1/users/${id}`, { platformRole: 'operator' })).toMatchObject({ status: 200, body: { platformRole: 'operator' } });
  expect(await api.request('PATCH', `/v1/users/${id}`, { platformRole: null })).toMatchObject({ status: 200, body: { platformRole: null } });
  expect((await api.request('PATCH', `/v1/users/${id}`, { platformRole: 'operator' })).status).toBe(409);
});

test('a change of a person tells what was changed, and a change of nothing is no event', async () => {
  const id = await comeIn(api, 'platform', { email: 'renamed@example.com', name: 'Before', role: 'auditor' });
  for (const change of [{}, { name: 'Before', platformRole: 'auditor', disabled: false }]) expect(await api.request('PATCH', `/v1/users/${id}`, change)).toMatchObject({ status: 200, body: { id, name: 'Before' } });
  expect(await api.request('PATCH', `/v1/users/${id}`, { name: 'After' })).toMatchObject({ status: 200, body: { name: 'After' } });
  const { body: { items } } = await api.request('GET', '/v1/audit?action=user.changed');
  expect(items.map(({ subject }: { subject: { userId: string } }) => subject).filter(({ userId }: { userId: string }) => userId === id)).toEqual([{ userId: id, name: { before: 'Before', after: 'After' } }]);
});

test('the last administrator cannot be demoted or disabled, also by two at once', async () => {
  const { items } = (await api.request('GET', '/v1/users')).body;
  const first = items.find((user: { email: string }) => user.email === email).id;
  for (const change of [{ platformRole: null }, { disabled: true }]) {
    expect(await api.request('PATCH', `/v1/users/${first}`, change)).toMatchObject({ status: 409, body: { code: 'user.last_admin' } });
  }
  const second = await comeIn(api, 'platform', { email: 'second@example.com', role: 'admin' });
  const answers = await Promise.all([first, second].map((id) => api.request('PATCH', `/v1/users/${id}`, { disabled: true })));
  expect(answers.map(({ status }) => status)).toEqual(expect.arrayContaining([200, 409]));
  await database.owner.query(`update app_user set disabled_at = null`);
});

test('the first key and the first person are made once, also by a second process', async () => {
  const second = await startApi(database, { KEYRACK_ADMIN_EMAIL: 'other@example.com', KEYRACK_ADMIN_PASSWORD: password, KEYRACK_BOOTSTRAP_KEY: api.bootstrapKey });
  await second.close();
  expect((await database.owner.query(`select 1 from app_user where email = 'other@example.com'`)).rows).toEqual([]);
  expect((await database.owner.query('select count(*)::int as n from platform_api_key where name = $1', ['bootstrap'])).rows).toEqual([{ n: 1 }]);
});
