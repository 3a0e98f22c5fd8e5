// Invitations and password resets without mail: who may make a link, what it opens, and that it opens it once.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startApi, type Answer, type Api } from '../harness/api.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';
import { until, untilLocked } from '../harness/keyrack.js';
import { comeIn, join as joinLater, longPassword, secretOf, signIn, type SignedIn } from '../harness/people.js';

let database: TestDatabase, api: Api, owner: string;
beforeAll(async () => {
  database = await createTestDatabase();
  api = await startApi(database, { KEYRACK_PUBLIC_URL: 'https://keyrack.example.com/' });
  for (const slug of ['mine', 'other']) await api.request('POST', '/v1/tenants', { slug, name: slug });
  owner = (await api.request('POST', '/v1/tenants/mine/api-keys', { name: 'owner', role: 'owner' })).body.key;
});
afterAll(async () => { await api?.close(); await database?.drop(); });
beforeEach(() => database.owner.query('delete from sign_in_attempt'));

let people = 0;
const newEmail = (): string => `person-${people += 1}@example.com`;
const links = '/v1/tenants/mine/access-links';
const invite = (email: string, role = 'viewer') => api.request('POST', links, { kind: 'invitation', email, role }, owner);
const reset = (userId: string) => api.request('POST', links, { kind: 'password_reset', userId }, owner);
const asAnybody = (path: string, body: object) => api.request('POST', `/v1/access-links/${path}`, body, null);
const redeem = (secret: string, password = longPassword) => asAnybody('redeem', { secret, name: 'Person', password });
const join = (me: SignedIn, secret: string, password?: string, current = longPassword) => api.request('POST', '/v1/access-links/join', { secret, ...(password !== undefined && { current, password }) }, null, me.headers);
/** What is answered to a request that comes while a change of a person is under way, which commits once the request waits for it. */
async function during<T>(change: string, id: string, request: () => Promise<T>): Promise<T> {
  const other = await database.owner.connect();
  try {
    await other.query('begin');
    await other.query(change, [id]);
    const answer = request();
    await Promise.race([answer, untilLocked(database)]);
    await other.query('commit');
    return await answer;
  } finally {
    other.release(true);
  }
}
/** While `work` runs, every transaction that makes a change ends with its commit. */
async function crashAfter(change: string, work: () => Promise<void>): Promise<void> {
  await database.owner.query(`create function crash() returns trigger language plpgsql as $$ begin raise exception 'crash'; end $$`);
  await database.owner.query(`create constraint trigger crash after ${change} deferrable initially deferred for each row execute function crash()`);
  try {
    await work();
  } finally {
    await database.owner.query('drop function crash cascade');
  }
}
const tenantsOf = (answer: Answer) => answer.body.tenants.map(({ slug, role }: { slug: string; role: string }) => `${slug} ${role}`);
const actions = async (path: string): Promise<string[]> => (await api.request('GET', `${path}/audit?limit=500`)).body.items.map(({ action }: { action: string }) => action);

test('an owner invites a person, who chooses a password and signs in; the secret is in the fragment, shown once and stored as a hash', async () => {
  const email = newEmail();
  const made = await invite(email.toUpperCase(), 'developer');
  expect(made).toMatchObject({ status: 201, body: { kind: 'invitation', email, role: 'developer', userId: null, madeBy: 'owner', link: expect.stringMatching(/^https:\/\/keyrack\.example\.com\/link#[\w-]{27,}$/) } });
  expect(Date.parse(made.body.expiresAt) - Date.now()).toBeGreaterThan(71 * 3_600_000);
  expect(Date.parse(made.body.expiresAt) - Date.now()).toBeLessThan(72 * 3_600_000 + 1_000);
  const secret = secretOf(made);
  const listed = await api.request('GET', links, undefined, owner);
  expect(listed.body.items[0]).toMatchObject({ id: made.body.id, email });
  expect(JSON.stringify(listed.body)).not.toContain(secret);
  expect(await asAnybody('open', { secret })).toMatchObject({ status: 200, body: { kind: 'invitation', email, tenant: 'mine', role: 'developer', next: 'choose_password' } });

  expect(await redeem(secret, 'short')).toMatchObject({ status: 422, body: { errors: [{ pointer: '/password' }] } });
  expect(await asAnybody('redeem', { secret, password: longPassword })).toMatchObject({ status: 422, body: { errors: [{ pointer: '/name' }] } });
  expect((await redeem(secret)).status).toBe(204);
  expect(tenantsOf((await signIn(api, email)).answer)).toEqual(['mine developer']);
  expect((await api.request('GET', links, undefined, owner)).body.items.map(({ id }: { id: string }) => id)).not.toContain(made.body.id);
  expect(await actions('/v1/tenants/mine')).toEqual(expect.arrayContaining(['invitation.created', 'invitation.accepted']));

  const { rows } = await database.owner.query(`select (select json_agg(l) from access_link l)::text || (select json_agg(e) from audit_event e)::text || (select json_agg(e) from platform_audit_event e)::text as all`);
  for (const form of [secret, Buffer.from(secret, 'base64url').toString('hex')]) expect(rows[0].all).not.toContain(form);
});

test('of two who use a link at once one succeeds, and it opens nothing afterwards', async () => {
  const email = newEmail();
  const secret = secretOf(await invite(email));
  const answers = await Promise.all(['the first password!', 'the second password!'].map((password) => redeem(secret, password)));
  expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
  expect((await redeem(secret)).status).toBe(404);
  const { rows } = await database.owner.query('select count(*)::int as n from app_user where email = $1', [email]);
  expect(rows).toEqual([{ n: 1 }]);

  const user = (await database.owner.query('select id from app_user where email = $1', [email])).rows[0].id;
  const again = secretOf(await reset(user));
  const resets = await Promise.all(['the third password!', 'the fourth password!'].map((password) => redeem(again, password)));
  expect(resets.map(({ status }) => status).sort()).toEqual([204, 404]);
});

test('an unknown, a used, a revoked and an expired link are answered alike', async () => {
  const [used, revoked, expired] = [await invite(newEmail()), await invite(newEmail()), await invite(newEmail())];
  expect((await redeem(secretOf(used))).status).toBe(204);
  expect((await api.request('DELETE', `${links}/${revoked.body.id}`, undefined, owner)).status).toBe(204);
  expect((await api.request('DELETE', `${links}/${revoked.body.id}`, undefined, owner)).status).toBe(404);
  await database.owner.query(`update access_link set expires_at = now() where id = $1`, [expired.body.id]);
  const bodies = new Set<string>();
  for (const secret of ['nonsense', ...[used, revoked, expired].map(secretOf)]) {
    for (const answer of [await asAnybody('open', { secret }), await redeem(secret)]) {
      expect(answer.status).toBe(404);
      bodies.add(JSON.stringify({ ...answer.body, traceId: '' }));
    }
  }
  expect([...bodies]).toEqual([expect.stringContaining('access_link.not_found')]);
  expect(await actions('/v1')).toContain('access_link.refused');
});

test('whoever comes second with a link, or joins with one that resets a password, is refused with an event', async () => {
  const email = newEmail(), id = await comeIn(api, 'mine', { email }), refused = async () => (await actions('/v1')).filter((action) => action === 'access_link.refused').length;
  const secret = secretOf(await reset(id)), me = await signIn(api, email), before = await refused();
  expect(await join(me, secret, 'known to me alone')).toMatchObject({ status: 404, body: { code: 'access_link.not_found' } });
  expect(await refused()).toBe(before + 1);
  // Both have found it before one of them uses it.
  const late = await during('update access_link set used_at = now() where user_id = $1', id, () => redeem(secret));
  expect(late).toMatchObject({ status: 404, body: { code: 'access_link.not_found' } });
  expect(await refused()).toBe(before + 2);
  expect((await api.request('GET', '/v1/audit?action=access_link.refused&limit=1')).body.items[0]).toMatchObject({ actor: { id }, subject: { linkId: expect.any(String) } });
  const stranger = newEmail();
  await comeIn(api, 'other', { email: stranger });
  const invitation = await invite(stranger), them = await signIn(api, stranger);
  expect((await during('update access_link set revoked_at = now() where id = $1', invitation.body.id, () => join(them, secretOf(invitation), 'known to me alone'))).status).toBe(404);
  expect(await refused()).toBe(before + 3);
});

test('guessing is stopped per address', async () => {
  await database.owner.query(`insert into sign_in_attempt (subject) select 'link 127.0.0.1' from generate_series(1, 49)`);
  expect((await asAnybody('open', { secret: 'guess' })).status).toBe(404);
  const limited = await asAnybody('open', { secret: 'guess' });
  expect(limited).toMatchObject({ status: 429, body: { code: 'request.rate_limited' } });
  expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(60);
});

test('a second link to the same person takes the place of the first', async () => {
  const email = newEmail();
  const [first, second] = [secretOf(await invite(email)), secretOf(await invite(email, 'developer'))];
  expect((await redeem(first)).status).toBe(404);
  expect((await redeem(second)).status).toBe(204);
  expect(await invite(email)).toMatchObject({ status: 409, body: { code: 'user.duplicate', errors: [{ pointer: '/email' }] } });
});

test.each([
  ['a tenant', 'audit_head', links, { kind: 'invitation', role: 'owner' }],
  ['the platform', 'platform_audit_head', '/v1/access-links', { kind: 'invitation', role: 'auditor' }],
])('of two links of %s to one person that are made at once one is left', async (_, head, path, body) => {
  const email = newEmail(), other = await database.owner.connect();
  try {
    await other.query('begin');
    await other.query(`select 1 from ${head} for update`);   // a link is made, and its event waits
    const making = [1, 2].map(() => api.request('POST', path, { ...body, email }));
    await until(10_000, async () => (await database.owner.query(`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)).rows[1]);
    await other.query('commit');
    const secrets = (await Promise.all(making)).map(secretOf);
    expect((await Promise.all(secrets.map((secret) => asAnybody('open', { secret })))).map(({ status }) => status).sort()).toEqual([200, 404]);
  } finally {
    other.release(true);
  }
});

test('an invited person who has an account joins with it, and nobody else does', async () => {
  const [email, stranger] = [newEmail(), newEmail()];
  await comeIn(api, 'other', { email });
  await comeIn(api, 'other', { email: stranger });
  const secret = secretOf(await invite(email));
  expect((await asAnybody('open', { secret })).body.next).toBe('sign_in');
  expect(await redeem(secret, 'a password of the inviter')).toMatchObject({ status: 409, body: { code: 'access_link.sign_in_first' } });
  const other = await signIn(api, stranger);
  expect(await api.request('POST', '/v1/access-links/join', { secret }, null, other.headers)).toMatchObject({ status: 409, body: { code: 'access_link.other_person' } });
  const me = await signIn(api, email);
  expect((await join(me, secret, 'a password of my own')).status).toBe(204);
  const again = await signIn(api, email, 'a password of my own');
  expect(tenantsOf(again.answer)).toEqual(['mine viewer', 'other viewer']);
  expect((await join(again, secret)).status).toBe(404);
});

test('a password that an owner elsewhere may know opens nothing that its person joins later', async () => {
  const email = newEmail(), known = 'what the owner chose';
  // The owner of the other tenant invited the address, used the link, and stays signed in.
  await comeIn(api, 'other', { email, password: known });
  const [owners, me] = [await signIn(api, email, known), await signIn(api, email, known)];
  const secret = secretOf(await invite(email));
  expect(await join(me, secret)).toMatchObject({ status: 422, body: { errors: [{ pointer: '/password', detail: expect.stringContaining('is required') }] } });
  expect(await join(me, secret, known, known)).toMatchObject({ status: 422, body: { errors: [{ pointer: '/password', detail: 'must be another one than until now' }] } });
  const joined = await join(me, secret, 'known to me alone', known), cookie = joined.headers.get('set-cookie')?.split(';')[0] ?? '';
  expect(joined.status).toBe(204);
  expect((await signIn(api, email, known)).answer.status).toBe(401);
  for (const { headers } of [owners, me]) expect((await api.request('GET', '/v1/session', undefined, null, headers)).status).toBe(401);
  expect(tenantsOf(await api.request('GET', '/v1/session', undefined, null, { cookie }))).toEqual(['mine viewer', 'other viewer']);
  const again = await signIn(api, email, 'known to me alone');
  expect(tenantsOf(again.answer)).toEqual(['mine viewer', 'other viewer']);
  expect(await actions('/v1')).toContain('user.changed');

  // No owner can have set it since: it stays for what comes next.
  await api.request('POST', '/v1/tenants', { slug: 'third', name: 'third' });
  const third = secretOf(await api.request('POST', '/v1/tenants/third/access-links', { kind: 'invitation', email, role: 'viewer' }));
  expect((await join(again, third)).status).toBe(204);

  // The platform's invitation asks for it too.
  const alone = newEmail();
  await comeIn(api, 'other', { email: alone, password: known });
  const platform = secretOf(await api.request('POST', '/v1/access-links', { kind: 'invitation', email: alone, role: 'auditor' }));
  const session = await signIn(api, alone, known);
  expect((await join(session, platform)).status).toBe(422);
  expect((await join(session, platform, 'known to me alone', known)).status).toBe(204);
  expect((await signIn(api, alone, known)).answer.status).toBe(401);
});

test.each([
  ['of a new password', 'update of password_hash on app_user', longPassword],
  ['of the role that it is for', 'insert on membership', 'known to me alone'],
])('a crash at the commit %s leaves the role not given and the link usable', async (_, change, password) => {
  const email = newEmail();
  await comeIn(api, 'other', { email });
  const secret = secretOf(await invite(email)), me = await signIn(api, email);
  await crashAfter(change, async () => { expect((await join(me, secret, 'known to me alone')).status).toBe(500); });
  expect(tenantsOf((await signIn(api, email, password)).answer)).toEqual(['other viewer']);
  expect((await join(me, secret, 'yet another password', password)).status).toBe(204);
  expect(tenantsOf((await signIn(api, email, 'yet another password')).answer)).toEqual(['mine viewer', 'other viewer']);
});

test('who has taken a session cannot choose the password with an invitation of their own, nor guess it', async () => {
  const email = newEmail();
  await comeIn(api, 'other', { email });
  const me = await signIn(api, email), secret = secretOf(await invite(email));
  expect(await api.request('POST', '/v1/access-links/join', { secret, password: 'of who has taken the session' }, null, me.headers)).toMatchObject({ status: 422, body: { errors: [{ pointer: '/current', detail: 'is required with a new one' }] } });
  for (let guess = 0; guess < 10; guess += 1) {
    expect(await join(me, secret, 'of who has taken the session', `guess ${guess}`)).toMatchObject({ status: 422, body: { errors: [{ pointer: '/current', detail: 'is not your password' }] } });
  }
  expect((await join(me, secret, 'of who has taken the session')).status).toBe(429);
  expect((await actions('/v1')).filter((action) => action === 'user.password_change_refused').length).toBeGreaterThanOrEqual(10);
  await database.owner.query('delete from sign_in_attempt');
  expect((await signIn(api, email)).answer.status).toBe(200);
});

test('a new password that is replaced before the role is given gives no role', async () => {
  const email = newEmail(), id = await comeIn(api, 'other', { email }), secret = secretOf(await invite(email)), me = await signIn(api, email);
  await database.owner.query(`create function replace_password() returns trigger language plpgsql as $$ begin new.password_hash := 'of the owner'; return new; end $$`);
  await database.owner.query('create trigger replace_password before update of password_hash on app_user for each row execute function replace_password()');
  try {
    expect(await join(me, secret, 'known to me alone')).toMatchObject({ status: 404, body: { code: 'access_link.not_found' } });
  } finally {
    await database.owner.query('drop function replace_password cascade');
  }
  expect((await database.owner.query('select 1 from membership where user_id = $1', [id])).rows).toHaveLength(1);
  expect((await asAnybody('open', { secret })).status).toBe(200);
});

test('a password that an owner elsewhere may know since a moment ago opens nothing that is joined in that moment', async () => {
  const email = newEmail(), id = await comeIn(api, 'other', { email });
  await api.request('POST', '/v1/tenants', { slug: 'fourth', name: 'fourth' });
  await joinLater(api, 'fourth', { email }, 'known to me alone');
  const me = await signIn(api, email, 'known to me alone');
  // Taken out of one tenant, reset by the owner of the other.
  const taken = `with gone as (delete from membership where user_id = $1 and tenant_id = (select id from tenant where slug = 'fourth')) update app_user set password_hash = 'of the owner' where id = $1`;
  for (const [where, role] of [['/v1/tenants/mine/access-links', 'viewer'], ['/v1/access-links', 'auditor']] as const) {
    const secret = secretOf(await api.request('POST', where, { kind: 'invitation', email, role }));
    expect(await during(taken, id, () => join(me, secret))).toMatchObject({ status: 404, body: { code: 'access_link.not_found' } });
    await database.owner.query(`insert into membership (tenant_id, user_id, role) select id, $1, 'viewer' from tenant where slug = 'fourth'`, [id]);
  }
  expect((await database.owner.query('select platform_role as role from app_user where id = $1', [id])).rows).toEqual([{ role: null }]);
  expect(tenantsOf(await api.request('GET', '/v1/session', undefined, null, me.headers))).toEqual(['fourth viewer', 'other viewer']);
});

test.each([
  ['a tenant', links, 'viewer', `password_hash = 'another'`],
  ['the platform', '/v1/access-links', 'auditor', `password_hash = 'another'`],
  ['a tenant', links, 'viewer', 'disabled_at = now()'],
])('the password of who meanwhile got another one, or was disabled, is not replaced by who joins %s', async (_, path, role, change) => {
  const email = newEmail(), id = await comeIn(api, 'other', { email }), secret = secretOf(await api.request('POST', path, { kind: 'invitation', email, role })), me = await signIn(api, email);
  const stored = async () => (await database.owner.query('select password_hash as hash from app_user where id = $1', [id])).rows[0].hash, before = await stored();
  const answer = await during(`update app_user set ${change} where id = $1`, id, () => join(me, secret, 'of who has taken the session'));
  expect(answer).toMatchObject({ status: 404, body: { code: 'access_link.not_found' } });
  expect([before, 'another']).toContain(await stored());
  expect((await asAnybody('open', { secret })).status).toBe(200);
});

test('a reset by an owner who loses the race against an invitation elsewhere changes nothing', async () => {
  const email = newEmail(), id = await comeIn(api, 'mine', { email }), secret = secretOf(await reset(id));
  // The other tenant's invitation is being accepted: not visible yet.
  const answer = await during(`insert into membership (tenant_id, user_id, role) select id, $1, 'viewer' from tenant where slug = 'other'`, id, () => redeem(secret, 'a password of the owner'));
  expect(answer.status).toBe(404);
  expect((await signIn(api, email, 'a password of the owner')).answer.status).toBe(401);
  expect((await signIn(api, email)).answer.status).toBe(200);
  const { rows } = await database.owner.query(`
    select action from audit_event where actor_id = $1 and action like 'password_reset%' union all select subject->>'reason' from platform_audit_event where actor_id = $1 and action = 'access_link.refused'`, [id]);
  expect(rows).toEqual([{ action: 'managed elsewhere' }]);
});

test('a crash at the commit of a reset leaves the password as it was, and the link usable', async () => {
  const email = newEmail(), secret = secretOf(await reset(await comeIn(api, 'mine', { email })));
  await crashAfter('update of password_hash on app_user', async () => { expect((await redeem(secret, 'a password of my own')).status).toBe(500); });
  expect((await signIn(api, email)).answer.status).toBe(200);
  expect((await redeem(secret, 'a password of my own')).status).toBe(204);
  expect((await signIn(api, email, 'a password of my own')).answer.status).toBe(200);
  expect((await redeem(secret, 'yet another password')).status).toBe(404);
});

test('a reset gives a new password, ends every session and lets a person in who had guessed too often', async () => {
  const email = newEmail();
  const id = await comeIn(api, 'mine', { email });
  const before = await signIn(api, email);
  const made = await reset(id);
  expect(made).toMatchObject({ status: 201, body: { kind: 'password_reset', email, role: null, userId: id } });
  expect(Date.parse(made.body.expiresAt) - Date.now()).toBeLessThan(3_600_000 + 1_000);
  await Promise.all(Array.from({ length: 10 }, () => signIn(api, email, 'guess')));
  expect((await signIn(api, email)).answer.status).toBe(429);
  expect((await redeem(secretOf(made), 'a password of my own')).status).toBe(204);
  expect((await api.request('GET', '/v1/session', undefined, null, before.headers)).status).toBe(401);
  expect((await signIn(api, email)).answer.status).toBe(401);
  expect((await signIn(api, email, 'a password of my own')).answer.status).toBe(200);
  expect(await actions('/v1/tenants/mine')).toEqual(expect.arrayContaining(['password_reset.created', 'password_reset.used']));
});

test('an owner cannot reset the password of a person who can also enter elsewhere, not even with a link from before; the platform can', async () => {
  const email = newEmail();
  const id = await comeIn(api, 'mine', { email });
  const early = secretOf(await reset(id));
  await joinLater(api, 'other', { email, role: 'owner' }, 'known to me alone');
  expect((await redeem(early, 'a password of the owner')).status).toBe(404);
  expect((await api.request('GET', '/v1/audit?action=access_link.refused&limit=1')).body.items[0]).toMatchObject({ actor: { id }, subject: { reason: 'managed elsewhere', linkId: expect.any(String) } });
  expect(await reset(id)).toMatchObject({ status: 409, body: { code: 'user.managed_elsewhere' } });
  const { rows } = await database.owner.query(`select 1 from audit_event where action = 'password_reset.used' and subject->>'userId' = $1`, [id]);
  expect(rows).toEqual([]);
  expect((await signIn(api, email, 'known to me alone')).answer.status).toBe(200);
  await api.request('DELETE', `/v1/tenants/other/members/${id}`);
  await joinLater(api, 'platform', { email, password: 'known to me alone', role: 'auditor' });
  expect(await reset(id)).toMatchObject({ status: 409, body: { code: 'user.managed_elsewhere' } });
  const made = await api.request('POST', '/v1/access-links', { kind: 'password_reset', userId: id });
  expect((await redeem(secretOf(made), 'yet another password')).status).toBe(204);
  expect((await signIn(api, email, 'yet another password')).answer.status).toBe(200);
  // Of another tenant, of nobody, of somebody disabled.
  const theirs = await comeIn(api, 'other', { email: newEmail() });
  for (const userId of [theirs, '00000000-0000-7000-8000-000000000000']) expect(await reset(userId)).toMatchObject({ status: 404, body: { code: 'user.not_found' } });
  await api.request('PATCH', `/v1/users/${id}`, { disabled: true });
  expect(await api.request('POST', '/v1/access-links', { kind: 'password_reset', userId: id })).toMatchObject({ status: 404 });
});

test('the platform invites to a role of its own, lists and revokes', async () => {
  const email = newEmail();
  const made = await api.request('POST', '/v1/access-links', { kind: 'invitation', email, role: 'auditor' });
  expect((await api.request('GET', '/v1/access-links')).body.items[0]).toMatchObject({ id: made.body.id, email, role: 'auditor' });
  expect((await asAnybody('open', { secret: secretOf(made) })).body).toMatchObject({ tenant: null, role: 'auditor' });
  expect((await redeem(secretOf(made))).status).toBe(204);
  expect((await signIn(api, email)).answer.body.user).toMatchObject({ email, platformRole: 'auditor' });
  expect(await api.request('POST', '/v1/access-links', { kind: 'invitation', email, role: 'admin' })).toMatchObject({ status: 409, body: { code: 'user.duplicate' } });
  const revoked = await api.request('POST', '/v1/access-links', { kind: 'invitation', email: newEmail(), role: 'admin' });
  expect((await api.request('DELETE', `/v1/access-links/${revoked.body.id}`)).status).toBe(204);
  expect((await redeem(secretOf(revoked))).status).toBe(404);
  expect(await actions('/v1')).toEqual(expect.arrayContaining(['invitation.created', 'invitation.accepted', 'invitation.revoked', 'user.created']));
  // A role of a tenant is not given through the platform, nor the other way round.
  expect((await api.request('POST', '/v1/access-links', { kind: 'invitation', email: newEmail(), role: 'owner' })).status).toBe(422);
  expect((await invite(newEmail(), 'admin')).status).toBe(422);
});

test('a person changes the own password by the one until now, and every session ends but for a new one', async () => {
  const email = newEmail();
  await comeIn(api, 'mine', { email });
  const [here, elsewhere] = [await signIn(api, email), await signIn(api, email)];
  const change = (current: string) => api.request('PUT', '/v1/session/password', { current, password: 'my second password' }, null, here.headers);
  expect(await change('wrong')).toMatchObject({ status: 422, body: { errors: [{ pointer: '/current' }] } });
  const changed = await change(longPassword), cookie = changed.headers.get('set-cookie')?.split(';')[0] ?? '';
  expect(changed.status).toBe(204);
  // Also for whoever has taken the cookie of this one.
  for (const { headers } of [here, elsewhere]) expect((await api.request('GET', '/v1/session', undefined, null, headers)).status).toBe(401);
  const session = await api.request('GET', '/v1/session', undefined, null, { cookie });
  expect(session).toMatchObject({ status: 200, body: { user: { email } } });
  here.headers = { cookie, 'x-keyrack-csrf': session.body.csrfToken };
  expect((await signIn(api, email, 'my second password')).answer.status).toBe(200);
  for (let i = 0; i < 10; i += 1) await change('guess');
  expect((await change('my second password')).status).toBe(429);
  // An API key is nobody's session.
  expect((await api.request('PUT', '/v1/session/password', { current: 'x', password: longPassword })).status).toBe(401);
});

test.each([['with the password that was changed', `password_hash = 'another'`], ['of a person who was disabled', 'disabled_at = now()']])('a sign-in %s while it was under way opens no session', async (_, change) => {
  const email = newEmail(), id = await comeIn(api, 'mine', { email });
  const { answer } = await during(`update app_user set ${change} where id = $1`, id, () => signIn(api, email));
  expect(answer).toMatchObject({ status: 401, body: { code: 'auth.failed' } });
  expect((await database.owner.query('select 1 from session where user_id = $1', [id])).rows).toEqual([]);
});

test('a password that was changed meanwhile is not changed by who knew the one of before', async () => {
  const email = newEmail(), id = await comeIn(api, 'mine', { email }), me = await signIn(api, email);
  const answer = await during(`update app_user set password_hash = 'another' where id = $1`, id, () =>
    api.request('PUT', '/v1/session/password', { current: longPassword, password: 'known to me alone' }, null, me.headers));
  expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer: '/current' }] } });
  expect((await database.owner.query('select password_hash as hash from app_user where id = $1', [id])).rows).toEqual([{ hash: 'another' }]);
});

describe('who leaves has no way back', () => {
  const pending = newEmail;
  const makeBy = async (me: SignedIn, where: string, body: object): Promise<string> => {
    const made = await api.request('POST', where, body, null, me.headers);
    expect(made.status).toBe(201);
    return secretOf(made);
  };
  const stillOpen = async (...secrets: string[]) => Promise.all(secrets.map(async (secret) => (await asAnybody('open', { secret })).status === 200));

  test.each([
    ['removed', (id: string) => api.request('DELETE', `/v1/tenants/mine/members/${id}`, undefined, owner)],
    ['no owner any more', (id: string) => api.request('PUT', `/v1/tenants/mine/members/${id}`, { role: 'developer' }, owner)],
    ['disabled', (id: string) => api.request('PATCH', `/v1/users/${id}`, { disabled: true })],
  ])('the links that an owner made who is %s are revoked, and those of others stay', async (how, leave) => {
    const email = newEmail(), id = await comeIn(api, 'mine', { email, role: 'owner' }), member = await comeIn(api, 'mine', { email: newEmail() });
    const me = await signIn(api, email);
    const theirs = [await makeBy(me, links, { kind: 'invitation', email: pending(), role: 'owner' }), await makeBy(me, links, { kind: 'password_reset', userId: member })];
    const others = secretOf(await invite(pending()));
    // What takes no right away takes no link.
    expect((await api.request('PATCH', `/v1/users/${id}`, { name: 'Renamed' })).status).toBe(200);
    expect((await api.request('PUT', `/v1/tenants/mine/members/${id}`, { role: 'owner' }, owner)).status).toBe(200);
    expect(await stillOpen(...theirs, others)).toEqual([true, true, true]);
    expect((await leave(id)).status).toBeLessThan(300);
    expect(await stillOpen(...theirs, others)).toEqual([false, false, true]);
    const { rows } = await database.owner.query(`
      select action from (select action, subject, seq from ${how === 'disabled' ? 'platform_audit_event' : 'audit_event'} where action <> 'access_link.refused' order by seq desc limit 3) e`);
    expect(rows.map(({ action }) => action).sort()).toEqual(['invitation.revoked', how === 'removed' ? 'member.removed' : how === 'disabled' ? 'user.changed' : 'member.set', 'password_reset.revoked'].sort());
  });

  test.each([['demoted', { platformRole: 'operator' }], ['disabled', { disabled: true }]])('an administrator who is %s leaves no link, on the platform or in a tenant', async (_, change) => {
    await comeIn(api, 'platform', { email: newEmail(), role: 'admin' });   // somebody has to be left
    const email = newEmail(), id = await comeIn(api, 'platform', { email, role: 'admin' }), me = await signIn(api, email);
    const theirs = [
      await makeBy(me, '/v1/access-links', { kind: 'invitation', email: pending(), role: 'admin' }),
      await makeBy(me, '/v1/tenants/other/access-links', { kind: 'invitation', email: pending(), role: 'owner' }),
    ];
    expect(await stillOpen(...theirs)).toEqual([true, true]);
    expect((await api.request('PATCH', `/v1/users/${id}`, change)).status).toBe(200);
    expect(await stillOpen(...theirs)).toEqual([false, false]);
    const { body } = await api.request('GET', '/v1/audit?action=invitation.revoked&limit=2');
    expect(body.items.map(({ subject }: { subject: { tenantId?: string } }) => subject.tenantId !== undefined).sort()).toEqual([false, true]);
  });

  test.each([
    ["a tenant's", '/v1/tenants/mine/api-keys', 'owner', [links]],
    ["the platform's", '/v1/api-keys', 'admin', [links, '/v1/tenants/other/access-links', '/v1/access-links']],
  ])('the links that %s API key made end with it, and those of another key of the same name stay', async (_, keys, role, places) => {
    const newKey = async () => (await api.request('POST', keys, { name: 'twice', role })).body;
    const [leaked, kept] = [await newKey(), await newKey()], member = await comeIn(api, 'mine', { email: newEmail() });
    const make = async ({ key }: { key: string }, where: string, body: object) => secretOf(await api.request('POST', where, body, key));
    const inviteBy = (by: { key: string }) => Promise.all(places.map((where) => make(by, where, { kind: 'invitation', email: pending(), role: where === '/v1/access-links' ? 'admin' : 'owner' })));
    const [theirs, others] = [[...await inviteBy(leaked), await make(leaked, links, { kind: 'password_reset', userId: member })], await inviteBy(kept)];
    expect(new Set(await stillOpen(...theirs, ...others))).toEqual(new Set([true]));
    expect((await api.request('DELETE', `${keys}/${leaked.id}`)).status).toBe(204);
    expect(new Set(await stillOpen(...theirs))).toEqual(new Set([false]));
    expect(new Set(await stillOpen(...others))).toEqual(new Set([true]));
    const told = await actions(role === 'admin' ? '/v1' : '/v1/tenants/mine');
    expect(told.filter((action) => action !== 'access_link.refused').slice(0, theirs.length + 1).sort()).toEqual(['api_key.revoked', ...places.map(() => 'invitation.revoked'), 'password_reset.revoked']);
  });

  test('a link expires with the API key that made it, at the latest', async () => {
    const expiresAt = new Date(Date.now() + 30 * 60_000).toISOString(), member = await comeIn(api, 'mine', { email: newEmail() });
    for (const [keys, role] of [['/v1/tenants/mine/api-keys', 'owner'], ['/v1/api-keys', 'admin']] as const) {
      const { key } = (await api.request('POST', keys, { name: 'short', role, expiresAt })).body;
      for (const body of [{ kind: 'invitation', email: pending(), role: 'viewer' }, { kind: 'password_reset', userId: member }]) {
        expect(await api.request('POST', links, body, key)).toMatchObject({ status: 201, body: { expiresAt } });
      }
    }
  });

  const post = (by: SignedIn | string, path: string, body: object) => typeof by === 'string' ? api.request('POST', path, body, by) : api.request('POST', path, body, null, by.headers);
  const asPerson = (where: string, role: string) => async () => {
    const email = newEmail(), id = await comeIn(api, where, { email, role });
    return { id, by: await signIn(api, email) };
  };
  const asKey = (keys: string, role: string) => async () => {
    const { id, key } = (await api.request('POST', keys, { name: 'leaving', role })).body;
    await api.request('GET', '/v1/tenants/mine', undefined, key);   // notes when it was last used, once a minute
    return { id: String(id), by: String(key) };
  };
  const member = { places: [links, '/v1/tenants/mine/api-keys'], come: asPerson('mine', 'owner') };
  const admin = { places: [links, '/v1/tenants/mine/api-keys', '/v1/access-links', '/v1/api-keys'], come: asPerson('platform', 'admin') };

  test.each([
    ['an owner who is demoted', member, `update membership set role = 'developer' where user_id = $1`],
    ['an owner who is removed', member, `delete from membership where user_id = $1`],
    ['an owner who is disabled', member, `update app_user set disabled_at = now() where id = $1`],
    ['an administrator who is demoted', admin, `update app_user set platform_role = 'operator' where id = $1`],
    ["a tenant's key that is revoked", { ...member, come: asKey('/v1/tenants/mine/api-keys', 'owner') }, 'update api_key set revoked_at = now() where id = $1'],
    ["the platform's key that is revoked", { ...admin, come: asKey('/v1/api-keys', 'admin') }, 'update platform_api_key set revoked_at = now() where id = $1'],
  ])('%s while the request is under way makes no link and no key', async (_, { places, come }, change) => {
    const made = async () => (await database.owner.query(`
      select (select count(*) from access_link) + (select count(*) from platform_access_link) + (select count(*) from api_key) + (select count(*) from platform_api_key) as n`)).rows[0].n;
    for (const path of places) {
      const { id, by } = await come(), isLink = path.endsWith('links'), role = path.startsWith('/v1/tenants') ? 'owner' : 'admin';
      const before = await made();
      const answer = await during(change, id, () => post(by, path, isLink ? { kind: 'invitation', email: pending(), role } : { name: 'way back', role }));
      expect(answer).toMatchObject({ status: 403, body: { code: 'auth.forbidden' } });
      expect(await made()).toBe(before);
      const { body } = await api.request('GET', `${path.startsWith('/v1/tenants') ? '/v1/tenants/mine' : '/v1'}/audit?action=access.denied&limit=1`);
      expect(body.items[0]).toMatchObject({ actor: { id }, subject: { reason: 'taken away meanwhile' } });
    }
  });

  const members = (id: string) => `/v1/tenants/mine/members/${id}`, users = (id: string) => `/v1/users/${id}`;
  test.each([
    ['an owner who is demoted', member, `update membership set role = 'developer' where user_id = $1`, 'PUT', members, { role: 'owner' }],
    ["a tenant's key that is revoked", { come: asKey('/v1/tenants/mine/api-keys', 'owner') }, 'update api_key set revoked_at = now() where id = $1', 'PUT', members, { role: 'owner' }],
    ['an administrator who is demoted', admin, `update app_user set platform_role = 'operator' where id = $1`, 'PATCH', users, { platformRole: 'admin' }],
    ['an administrator who is disabled', admin, 'update app_user set disabled_at = now() where id = $1', 'PATCH', users, { disabled: false }],
    ["the platform's key that is revoked", { come: asKey('/v1/api-keys', 'admin') }, 'update platform_api_key set revoked_at = now() where id = $1', 'PATCH', users, { disabled: true }],
  ])('%s while the request is under way changes nobody, themselves neither', async (_, { come }, change, method, path, body) => {
    const place = method === 'PUT' ? 'mine' : 'platform', { id, by } = await come();
    const other = await comeIn(api, place, { email: pending(), role: method === 'PUT' ? 'viewer' : 'auditor' }), whom = typeof by === 'string' ? other : id;
    const ask = () => typeof by === 'string' ? api.request(method, path(whom), body, by) : api.request(method, path(whom), body, null, by.headers);
    const state = async () => (await database.owner.query(`
      select u.platform_role, u.disabled_at is null as active, m.role from app_user u left join membership m on m.user_id = u.id where u.id = any($1) order by u.id`, [[id, other]])).rows;
    const before = await state();
    const answer = await during(change, id, ask);
    expect(answer).toMatchObject({ status: 403, body: { code: 'auth.forbidden' } });
    const after = await state();
    if (typeof by === 'string') expect(after).toEqual(before);
    else expect(after).not.toEqual(before);
    const { items } = (await api.request('GET', `${method === 'PUT' ? '/v1/tenants/mine' : '/v1'}/audit?action=access.denied&limit=1`)).body;
    expect(items[0]).toMatchObject({ actor: { id }, subject: { reason: 'taken away meanwhile' } });
  });

  test('whoever makes a link is not demoted before it is made, so that it is found and revoked', async () => {
    const { id, by } = await asPerson('mine', 'owner')(), other = await database.owner.connect();
    try {
      await other.query('begin');
      await other.query('select 1 from audit_head for update');   // the link is made, and its event waits
      const making = post(by, links, { kind: 'invitation', email: pending(), role: 'owner' });
      await untilLocked(database);
      const leaving = api.request('PUT', `/v1/tenants/mine/members/${id}`, { role: 'developer' }, owner);
      expect(await Promise.race([leaving, new Promise((resolve) => { setTimeout(resolve, 300, 'waits'); })])).toBe('waits');
      await other.query('commit');
      const made = await making;
      expect([made.status, (await leaving).status]).toEqual([201, 200]);
      expect(await stillOpen(secretOf(made))).toEqual([false]);
    } finally {
      other.release(true);
    }
  });
});
