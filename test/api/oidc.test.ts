// Signing in at an identity provider: it says who somebody is, and Keyrack decides whether they may come in.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { ConfigError, loadConfig } from '@keyrack/core';
import { startApi, type Api } from '../harness/api.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';
import { startIssuer, type Issuer } from '../harness/issuer.js';
import { comeIn, secretOf, signIn } from '../harness/people.js';

let database: TestDatabase, api: Api, issuer: Issuer, env: Record<string, string>;
beforeAll(async () => {
  [database, issuer] = await Promise.all([createTestDatabase(), startIssuer()]);
  await issuer.down();
  env = { KEYRACK_PUBLIC_URL: 'https://keyrack.example.com', KEYRACK_OIDC_ISSUER: issuer.url, KEYRACK_OIDC_CLIENT_ID: issuer.clientId, KEYRACK_OIDC_CLIENT_SECRET: issuer.clientSecret, KEYRACK_OIDC_LABEL: 'Example Login' };
  api = await startApi(database, env);
  await api.request('POST', '/v1/tenants', { slug: 'mine', name: 'Mine' });
});
afterAll(async () => { await api?.close(); await issuer?.down().catch(() => undefined); await database?.drop(); });
beforeEach(async () => {
  issuer.claims = {};
  issuer.forged = false;
  await database.owner.query('delete from sign_in_attempt');
});

const get = (path: string, cookie = '') => api.request('GET', path, undefined, null, { cookie });
const cookieOf = (headers: Headers, name: string): string => headers.getSetCookie().find((one) => one.startsWith(`${name}=`))?.split(';')[0] ?? '';

/** Goes the way of a browser; the callback can be changed before it is opened, and the cookies of the browser too. */
async function enter(claims: Issuer['claims'], { change = (url: URL) => url, cookies = (own: string) => own, from = '/t/mine' } = {}) {
  issuer.claims = claims;
  const begun = await get(`/v1/session/oidc?from=${encodeURIComponent(from)}`);
  const approved = await fetch(begun.headers.get('location') ?? '', { redirect: 'manual' });
  const back = change(new URL(approved.headers.get('location') ?? ''));
  const finished = await get(back.pathname + back.search, cookies(cookieOf(begun.headers, '__Host-keyrack-oidc')));
  return { begun, back, status: finished.status, to: finished.headers.get('location'), session: cookieOf(finished.headers, '__Host-keyrack'), headers: finished.headers };
}
const refused = (code: string) => ({ status: 302, to: `/sign-in?problem=${code}`, session: '' });
let people = 0;
const newPerson = () => ({ sub: randomUUID(), email: `person-${people += 1}@example.com`, email_verified: true, name: 'A Person' });

test('a provider that is down keeps nobody from starting Keyrack, and is found when it is back', async () => {
  expect((await get('/v1/session/methods')).body).toEqual({ oidc: { label: 'Example Login' } });
  expect((await get('/v1/session/oidc')).headers.get('location')).toBe('/sign-in?problem=oidc.unreachable');
  await issuer.up();
  expect((await get('/v1/session/oidc')).headers.get('location')).toMatch(new RegExp(`^${issuer.url}/authorize\\?.*code_challenge_method=S256`));
});

test('a person who is here signs in, by the verified address first and by who they are at the provider ever after', async () => {
  const person = newPerson();
  await comeIn(api, 'mine', { email: person.email, role: 'developer' });
  const before = await signIn(api, person.email);
  const came = await enter({ ...person, email: person.email.toUpperCase() });
  expect(came).toMatchObject({ status: 302, to: '/t/mine' });
  const kept = came.begun.headers.getSetCookie().join();
  for (const attribute of ['HttpOnly', 'Secure', 'SameSite=Lax', 'Path=/', 'Max-Age=600']) expect(kept).toContain(attribute);
  expect(came.headers.getSetCookie().find((one) => one.startsWith('__Host-keyrack-oidc=;'))).toBeDefined();
  const session = await get('/v1/session', came.session);
  expect(session.body).toMatchObject({ user: { email: person.email }, tenants: [{ slug: 'mine', role: 'developer' }] });

  expect((await api.request('GET', '/v1/audit?action=user.signed_in&limit=1')).body.items[0].subject).toMatchObject({ issuer: issuer.url });

  // Whoever had the account until now may not be the owner of the address.
  expect((await get('/v1/session', before.cookie)).status).toBe(401);
  expect((await signIn(api, person.email)).answer.status).toBe(401);

  const again = await enter({ ...person, email: 'another@example.com', email_verified: false });
  expect((await get('/v1/session', again.session)).body.user.email).toBe(person.email);
  expect(again.session).not.toBe(came.session);
  const out = await api.request('DELETE', '/v1/session', undefined, null, { cookie: again.session, 'x-keyrack-csrf': (await get('/v1/session', again.session)).body.csrfToken });
  expect(out.status).toBe(204);
  expect((await get('/v1/session', again.session)).status).toBe(401);

  // The address now belongs to somebody else at the provider.
  expect(await enter({ ...person, sub: randomUUID() })).toMatchObject(refused('oidc.unknown_person'));
});

test('an address that only looks the same, by a letter that is lowered to one of ASCII, is another one', async () => {
  const person = newPerson(), email = `kim.${person.email}`;
  await comeIn(api, 'mine', { email });
  expect(await enter({ ...person, email: email.replace('k', '\u212a') })).toMatchObject(refused('oidc.unverified_email'));
  expect((await signIn(api, email)).answer.status).toBe(200);
});

test('an invited person comes in by the verified address alone; one who was not invited does not', async () => {
  const person = newPerson();
  expect(await enter(person)).toMatchObject(refused('oidc.unknown_person'));
  expect((await database.owner.query('select 1 from app_user where email = $1', [person.email])).rows).toEqual([]);
  const invited = await api.request('POST', '/v1/tenants/mine/access-links', { kind: 'invitation', email: person.email, role: 'viewer' });
  expect(await enter({ ...person, email_verified: false })).toMatchObject(refused('oidc.unverified_email'));
  expect(await enter({ sub: person.sub })).toMatchObject(refused('oidc.unverified_email'));
  const came = await enter(person);
  expect((await get('/v1/session', came.session)).body).toMatchObject({ user: { email: person.email, name: 'A Person' }, tenants: [{ slug: 'mine', role: 'viewer' }] });
  expect((await api.request('POST', '/v1/access-links/open', { secret: secretOf(invited) }, null)).status).toBe(404);

  const late = newPerson();
  const { body: { id } } = await api.request('POST', '/v1/tenants/mine/access-links', { kind: 'invitation', email: late.email, role: 'viewer' });
  await api.request('DELETE', `/v1/tenants/mine/access-links/${id}`);
  expect(await enter(late)).toMatchObject(refused('oidc.unknown_person'));
});

test('an owner gives no password to a person whom the provider vouches for, not even by a link from before; the platform does', async () => {
  const person = newPerson(), id = await comeIn(api, 'mine', { email: person.email });
  const { body: { key: owner } } = await api.request('POST', '/v1/tenants/mine/api-keys', { name: 'owner', role: 'owner' });
  const reset = () => api.request('POST', '/v1/tenants/mine/access-links', { kind: 'password_reset', userId: id }, owner);
  const redeem = (secret: string) => api.request('POST', '/v1/access-links/redeem', { secret, password: 'a password of the owner' }, null);
  const early = secretOf(await reset());
  expect((await enter(person)).to).toBe('/t/mine');
  expect(await reset()).toMatchObject({ status: 409, body: { code: 'user.managed_elsewhere', detail: expect.stringContaining('identity provider') } });
  expect((await redeem(early)).status).toBe(404);
  expect((await signIn(api, person.email, 'a password of the owner')).answer.status).toBe(401);
  expect((await redeem(secretOf(await api.request('POST', '/v1/access-links', { kind: 'password_reset', userId: id })))).status).toBe(204);
  expect((await signIn(api, person.email, 'a password of the owner')).answer.status).toBe(200);
});

test('a disabled person stays out, and is found anew by the address afterwards', async () => {
  const person = newPerson();
  const id = await comeIn(api, 'mine', { email: person.email });
  expect((await enter(person)).to).toBe('/t/mine');
  await api.request('PATCH', `/v1/users/${id}`, { disabled: true });
  expect(await enter(person)).toMatchObject(refused('oidc.unknown_person'));
  await api.request('PATCH', `/v1/users/${id}`, { disabled: false });
  expect((await enter({ ...person, sub: randomUUID() })).to).toBe('/t/mine');
});

const now = () => Math.floor(Date.now() / 1_000);
test.each<[string, () => Issuer['claims'], Parameters<typeof enter>[1]]>([
  ['another nonce', () => ({ nonce: 'another' }), {}],
  ['no nonce', () => ({ nonce: undefined }), {}],
  ['an expired ID token', () => ({ iat: now() - 7_200, exp: now() - 3_600 }), {}],
  ['another audience', () => ({ aud: 'another-client' }), {}],
  ['another issuer', () => ({ iss: 'https://elsewhere.example.com' }), {}],
  ['another state', () => ({}), { change: (url) => { url.searchParams.set('state', 'another'); return url; } }],
  ['another code', () => ({}), { change: (url) => { url.searchParams.set('code', 'another'); return url; } }],
  ['a person who said no', () => ({}), { change: (url) => { url.search = `?error=access_denied&state=${url.searchParams.get('state') ?? ''}`; return url; } }],
  ['another browser', () => ({}), { cookies: () => '' }],
  ['a broken cookie', () => ({}), { cookies: () => '__Host-keyrack-oidc=nonsense' }],
])('%s is refused, starts no session and is written down', async (_, claims, options) => {
  const person = newPerson();
  await comeIn(api, 'mine', { email: person.email });
  expect(await enter({ ...person, ...claims() }, options)).toMatchObject(refused('oidc.refused'));
  expect((await database.owner.query('select 1 from user_identity where subject = $1', [person.sub])).rows).toEqual([]);
  if (!options?.cookies) expect((await api.request('GET', '/v1/audit?action=user.sign_in_refused&limit=1')).body.items[0].subject).toMatchObject({ reason: 'oidc.refused' });
});

test.each([
  ['who is here', (email: string) => comeIn(api, 'mine', { email })],
  ['who is invited', (email: string) => api.request('POST', '/v1/tenants/mine/access-links', { kind: 'invitation', email, role: 'viewer' })],
])('a person %s and comes from the provider in two tabs at once, for the first time, gets in by both', async (_, prepare) => {
  const person = newPerson();
  await prepare(person.email);
  issuer.claims = person;
  const backs = await Promise.all([1, 2].map(async () => {
    const begun = await get('/v1/session/oidc?from=/t/mine'), approved = await fetch(begun.headers.get('location') ?? '', { redirect: 'manual' });
    const back = new URL(approved.headers.get('location') ?? '');
    return { path: back.pathname + back.search, cookie: cookieOf(begun.headers, '__Host-keyrack-oidc') };
  }));
  // Both have looked for who it is before the first one goes on.
  const holding = await database.owner.connect();
  await holding.query('begin; lock table user_identity in share mode');
  const came = backs.map(({ path, cookie }) => get(path, cookie));
  await sleep(1_000);
  await holding.query('rollback');
  holding.release();
  for (const { headers } of await Promise.all(came)) {
    expect(headers.get('location')).toBe('/t/mine');
    expect(await get('/v1/session', cookieOf(headers, '__Host-keyrack'))).toMatchObject({ status: 200, body: { user: { email: person.email }, tenants: [{ slug: 'mine', role: 'viewer' }] } });
  }
  expect((await database.owner.query('select 1 from user_identity where subject = $1', [person.sub])).rows).toHaveLength(1);
});

test('coming from the provider ends the session that the browser had, also of somebody else', async () => {
  const person = newPerson(), before = newPerson();
  for (const { email } of [person, before]) await comeIn(api, 'mine', { email });
  const { cookie } = await signIn(api, before.email);
  expect((await enter(person, { cookies: (own) => `${own}; ${cookie}` })).to).toBe('/t/mine');
  expect((await get('/v1/session', cookie)).status).toBe(401);
  expect((await api.request('GET', '/v1/audit?action=user.signed_out&limit=1')).body.items[0].actor.name).toBe(before.email);
});

test('an ID token that the provider did not sign is refused', async () => {
  const person = newPerson();
  await comeIn(api, 'mine', { email: person.email });
  issuer.forged = true;
  expect(await enter(person)).toMatchObject(refused('oidc.refused'));
});

test('where the trail takes no event, coming back from the provider changes nothing', async () => {
  const person = newPerson(), stranger = newPerson();
  await comeIn(api, 'mine', { email: person.email });
  const invited = await api.request('POST', '/v1/tenants/mine/access-links', { kind: 'invitation', email: stranger.email, role: 'viewer' });
  expect(invited.status).toBe(201);
  const state = async () => (await database.owner.query(`
    select (select json_agg(u order by id) from app_user u) as people, (select json_agg(i) from user_identity i) as identities,
           (select json_agg(token_hash order by token_hash) from session) as sessions, (select json_agg(l order by id) from access_link l) as links, (select json_agg(m) from membership m) as members`)).rows;
  const before = await state();
  await database.owner.query(`alter table platform_audit_event add constraint full_trail check (false) not valid`);
  try {
    for (const claims of [person, stranger]) expect(await enter(claims)).toMatchObject({ status: 500, session: '' });
  } finally {
    await database.owner.query('alter table platform_audit_event drop constraint full_trail');
  }
  expect(await state()).toEqual(before);
  for (const claims of [person, stranger]) expect(await enter(claims)).toMatchObject({ status: 302, to: '/t/mine' });
});

test('a callback serves once, and only addresses of our own are gone back to', async () => {
  const person = newPerson();
  await comeIn(api, 'mine', { email: person.email });
  let cookie = '';
  const came = await enter(person, { cookies: (own) => cookie = own });
  expect(came.to).toBe('/t/mine');
  expect((await get(came.back.pathname + came.back.search, cookie)).headers.get('location')).toBe('/sign-in?problem=oidc.refused');
  const away = ['//elsewhere', '/\\elsewhere', '/\t/elsewhere', '/\n/elsewhere', '/\t\\elsewhere', '/.//elsewhere', '/t/..//elsewhere', 'https://elsewhere', 'elsewhere', `/${'a'.repeat(2_001)}`];
  for (const from of away) {
    const kept = cookieOf((await get(`/v1/session/oidc?from=${encodeURIComponent(from)}`)).headers, '__Host-keyrack-oidc');
    expect({ from, page: JSON.parse(Buffer.from(kept.split('=')[1] ?? '', 'base64url').toString()).from }).toEqual({ from, page: '/' });
  }
  // A header holds no such letters.
  expect(await enter(person, { from: '/ü漢?q=漢#ü' })).toMatchObject({ status: 302, to: '/%C3%BC%E6%BC%A2?q=%E6%BC%A2#%C3%BC' });
});

test('a configuration in parts is refused with the fix, and without one there is nothing to sign in at', async () => {
  const base = { DATABASE_URL: 'postgres://a@b/c', KEYRACK_KEYS: database.keys.reveal() };
  const load = (more: Record<string, string>) => () => loadConfig({ ...base, ...more });
  expect(load({ KEYRACK_OIDC_ISSUER: issuer.url })).toThrow(ConfigError);
  expect(load({ KEYRACK_OIDC_ISSUER: issuer.url, KEYRACK_OIDC_CLIENT_ID: 'x' })).toThrow('KEYRACK_PUBLIC_URL');
  for (const url of ['http://login.example.com', 'http://127.0.0.1.example.com', 'ftp://x']) expect(load({ ...env, KEYRACK_OIDC_ISSUER: url })).toThrow('KEYRACK_OIDC_ISSUER');
  expect(load(env)().oidc).toMatchObject({ redirectUri: 'https://keyrack.example.com/v1/session/oidc/callback' });
  const plain = await startApi(database);
  try {
    expect((await plain.request('GET', '/v1/session/methods', undefined, null)).body).toEqual({ oidc: null });
    expect((await plain.request('GET', '/v1/session/oidc', undefined, null)).headers.get('location')).toBe('/sign-in?problem=oidc.not_configured');
  } finally { await plain.close(); }
});
