// Adding AccessTokens through the api, against the sandbox: what is saved, what is refused, and that nothing is saved then.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Imports } from '@keyrack/access-tokens';
import { Audit } from '@keyrack/audit';
import { systemIn, type TenantId } from '@keyrack/core';
import { Vault } from '@keyrack/credentials';
import { Erasure } from '@keyrack/tenants';
import { untilLocked } from '../harness/keyrack.js';
import { comeIn, signIn } from '../harness/people.js';
import { everyRow, formsOf, openVendor, type Tenant, type Vendor } from './vendor.js';

let vendor: Vendor;
beforeAll(async () => { vendor = await openVendor(); });
afterAll(() => vendor?.close());
beforeEach(() => vendor.sandbox.faults.clear());

const world = () => vendor.sandbox.world;
/** A token for new enterprises of its own, so that tests do not meet. */
function issue(count = 1, kind?: 'portfolio') {
  const enterprises = Array.from({ length: count }, () => world().addEnterprise().id);
  return { ...world().issueToken({ enterprises, ...(kind && { kind }) }), ids: enterprises };
}
const saved = async (tenant: Tenant) => {
  const counts = await Promise.all(['access_token', 'enterprise', 'reach', 'reach_event', 'connection', 'audit_event'].map(async (table) =>
    (await vendor.database.owner.query<{ n: number }>(`select count(*)::int as n from ${table} where tenant_id = $1`, [tenant.id])).rows[0]?.n));
  return counts;
};
const nothing = [0, 0, 0, 0, 0, 0];

test('a single token is added, expanded and connected', async () => {
  const tenant = await vendor.tenant(), { accessToken, ids } = issue();
  const { status, body } = await tenant.add(accessToken, { label: 'First hotel' });
  expect(status).toBe(201);
  expect(body).toMatchObject({ kind: 'enterprise', status: 'active', hint: `…${accessToken.slice(-4)}`, label: 'First hotel', fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/), moved: [] });
  expect(body.enterprises).toEqual([{ id: ids[0], name: expect.any(String), chainId: expect.any(String), timeZone: expect.stringMatching(/\//), via: 'direct', connected: true, connectedBy: null }]);
  expect((await tenant.request('GET', `/access-tokens/${body.id}`)).body).toMatchObject({
    id: body.id, environment: 'sandbox', status: 'active', enterprises: { reached: 1, connected: 1 }, lastVerifiedAt: expect.stringMatching(/Z$/), lastError: null, ageDays: 0, revokedAt: null });
  expect((await tenant.request('GET', '/enterprises')).body.items).toMatchObject([{
    id: ids[0], connected: true, tokens: 1, connection: { accessTokenId: body.id, state: 'usable' }, freshness: { state: 'never' }, activity: { running: 0, waiting: 0, queued: 0, failed: 0 } }]);
  const { rows: schedules } = await vendor.database.owner.query('select 1 from schedule where enterprise_id = $1 and enabled and next_run_at <= now()', [ids[0]]);
  expect(schedules.length).toBeGreaterThan(0);
  expect((await tenant.request('GET', '/reach')).body.items).toMatchObject([{ accessTokenId: body.id, via: 'direct', connected: true, lostAt: null, firstSeenAt: expect.any(String), lastSeenAt: expect.any(String) }]);
  expect((await vendor.database.owner.query('select action from audit_event where tenant_id = $1 order by seq', [tenant.id])).rows.map((row) => row.action)).toEqual(['access_token.added', 'connection.made', 'schedules.defaulted']);
});

test("a portfolio token opens its enterprises, never the portfolio's dummy", async () => {
  const tenant = await vendor.tenant(), { accessToken, ids, dummyEnterpriseId } = issue(3, 'portfolio');
  const { body } = await tenant.add(accessToken, { connect: [ids[1]] });
  expect(body.kind).toBe('portfolio');
  expect(body.enterprises.map((e: { id: string }) => e.id).sort()).toEqual([...ids].sort());
  expect(body.enterprises.filter((e: { connected: boolean }) => e.connected)).toMatchObject([{ id: ids[1], via: 'portfolio' }]);
  expect((await tenant.request('GET', `/enterprises/${dummyEnterpriseId}`)).status).toBe(404);
  expect((await tenant.request('GET', '/enterprises?connected=false')).body.items).toHaveLength(2);
  expect((await vendor.database.owner.query('select distinct enterprise_id as id from schedule where tenant_id = $1', [tenant.id])).rows).toEqual([{ id: ids[1] }]);
});

test('a portfolio larger than a page of Mews is read to its last page', async () => {
  const tenant = await vendor.tenant();
  const ids = Array.from({ length: 1_003 }, () => world().addEnterprise().id);
  const { accessToken } = world().issueToken({ enterprises: ids, kind: 'portfolio' });
  const { status, body } = await tenant.add(accessToken, { connect: 'none' });
  expect([status, body.enterprises.length, body.enterprises.some((e: { connected: boolean }) => e.connected)]).toEqual([201, 1_003, false]);
});

test('an enterprise whose name Postgres cannot hold is added under what is left of it', async () => {
  const tenant = await vendor.tenant(), { id } = world().addEnterprise({ name: 'Grand\u0000Hotel \ud83d' });
  const added = await tenant.add(world().issueToken({ enterprises: [id] }).accessToken);
  expect(added).toMatchObject({ status: 201, body: { enterprises: [{ id, name: 'Grand Hotel \ufffd' }] } });
  expect((await tenant.request('GET', `/enterprises/${id}`)).body.name).toBe('Grand Hotel \ufffd');
});

test('a preview shows what adding would bring and saves nothing', async () => {
  const tenant = await vendor.tenant(), { accessToken, ids } = issue(2, 'portfolio');
  const preview = () => tenant.request('POST', '/access-tokens/preview', { applicationId: vendor.applicationId, environment: 'sandbox', accessToken });
  expect(await preview()).toMatchObject({ status: 200, body: { kind: 'portfolio', alreadyAdded: false, hint: `…${accessToken.slice(-4)}` } });
  expect(await saved(tenant)).toEqual(nothing);
  const { body: added } = await tenant.add(accessToken, { connect: [ids[0]] });
  const { body } = await preview();
  expect(body).toMatchObject({ alreadyAdded: true, accessTokenId: added.id });
  expect(body.enterprises.find((e: { id: string }) => e.id === ids[0]).connectedBy).toMatchObject({ accessTokenId: added.id, kind: 'portfolio' });
  expect(body.enterprises.find((e: { id: string }) => e.id === ids[1]).connectedBy).toBeNull();
});

test('the same token again is a duplicate in its tenant and unavailable in another, without telling whose it is or asking Mews', async () => {
  const [mine, other] = [await vendor.tenant(), await vendor.tenant()], { accessToken } = issue();
  const { body: added } = await mine.add(accessToken);
  const before = vendor.sandbox.log.count(accessToken);
  expect(await mine.add(`  ${accessToken}\n`)).toMatchObject({ status: 409, body: { code: 'access_token.duplicate', accessTokenId: added.id } });
  const refused = await other.add(accessToken);
  expect(refused).toMatchObject({ status: 409, body: { code: 'access_token.unavailable' } });
  expect(JSON.stringify(refused.body)).not.toMatch(new RegExp(`${mine.id}|tenant-|${added.id}`));
  expect(await other.request('POST', '/access-tokens/preview', { applicationId: vendor.applicationId, environment: 'sandbox', accessToken })).toMatchObject({ status: 409 });
  expect(vendor.sandbox.log.count(accessToken)).toBe(before);
  expect(await saved(other)).toEqual(nothing);
});

test('of many that add the same token at once, in two tenants, one wins and the others are told', async () => {
  const [mine, other] = [await vendor.tenant(), await vendor.tenant()], { accessToken } = issue(2, 'portfolio');
  const answers = await Promise.all([mine, other, mine, other, mine, other].map((tenant) => tenant.add(accessToken)));
  expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1);
  for (const { status, body } of answers) if (status !== 201) expect([status, body.code]).toEqual([409, expect.stringMatching(/^access_token\.(duplicate|unavailable)$/)]);
  const loser = answers.findIndex((answer) => answer.status === 201) % 2 === 0 ? other : mine;
  expect(await saved(loser)).toEqual(nothing);
});

test('a token that Mews refuses is 422 with what Mews said and what to do, and nothing is saved', async () => {
  const tenant = await vendor.tenant(), { accessToken } = issue();
  world().revokeToken(accessToken);
  const { status, body } = await tenant.add(accessToken);
  expect(status).toBe(422);
  expect(body).toMatchObject({ code: 'access_token.rejected', upstream: { status: 401, requestId: expect.any(String), message: expect.stringMatching(/AccessToken/) } });
  expect(body.detail).toMatch(/copied whole.*ClientToken/s);
  expect(await saved(tenant)).toEqual(nothing);
});

test('a token without the permission to list enterprises is told apart from a wrong one', async () => {
  const tenant = await vendor.tenant(), token = issue();
  world().access.find(token.accessToken)?.denied.add('enterprises/getAll');
  const { status, body } = await tenant.add(token.accessToken);
  expect([status, body.code]).toEqual([422, 'access_token.rejected']);
  expect(body.detail).toMatch(/enterprises\/getAll/);
  expect(await saved(tenant)).toEqual(nothing);
});

test.each<[string, object, number, string]>([
  ['an error of Mews', { kind: 'status', status: 500 }, 502, 'mews.failed'],
  ['a refused connection', { kind: 'reset', when: 'before' }, 502, 'mews.unreachable'],
  ['a truncated answer', { kind: 'truncate' }, 502, 'mews.'],
  ['an answer that is no JSON', { kind: 'invalid_json' }, 502, 'mews.invalid_answer'],
  ['a list that is no list', { kind: 'wrong_types' }, 502, 'mews.invalid_answer'],
  ['a throttled request', { kind: 'status', status: 429, retryAfter: 60 }, 503, 'mews.throttled'],
])('%s on the second request is told with what to do next, and nothing is saved', async (_, fault, status, code) => {
  const tenant = await vendor.tenant(), { accessToken } = issue();
  vendor.sandbox.faults.add({ ...(fault as { kind: 'hang' }), path: 'enterprises/getAll', accessToken });
  const answer = await tenant.add(accessToken);
  expect(answer.status).toBe(status);
  expect(answer.body.code).toMatch(new RegExp(`^${code}`));
  expect(answer.body.detail).toMatch(/try again|check|Mews/i);
  expect(await saved(tenant)).toEqual(nothing);
});

test('an environment where nobody answers is mews.unreachable and names the address as the thing to check', async () => {
  const tenant = await vendor.tenant(), { accessToken } = issue();
  const { status, body } = await tenant.add(accessToken, { environment: 'nowhere' });
  expect([status, body.code]).toEqual([502, 'mews.unreachable']);
  expect(body.detail).toMatch(/platform address/);
  expect(await saved(tenant)).toEqual(nothing);
});

test('enterprises to connect that the token does not open are named, and nothing is saved', async () => {
  const tenant = await vendor.tenant(), { accessToken, ids } = issue(2, 'portfolio'), stranger = issue().ids[0] ?? '';
  const { status, body } = await tenant.add(accessToken, { connect: [ids[0], stranger] });
  expect([status, body.code, body.errors]).toEqual([422, 'enterprise.not_reached', [{ pointer: '/connect/1', detail: expect.stringContaining(stranger) }]]);
  expect(await saved(tenant)).toEqual(nothing);
});

test.each<[string, object, string]>([
  ['an empty token', { accessToken: '  ' }, '/accessToken'],
  ['two tokens at once', { accessToken: 'one-token another-token' }, '/accessToken'],
  ['no token', { accessToken: undefined }, '/accessToken'],
  ['an unknown choice', { connect: 'some' }, '/connect'],
  ['an application id that is none', { applicationId: 'x' }, '/applicationId'],
  ['an unknown key', { conect: 'all' }, '/conect'],
])('%s is refused with a pointer', async (_, more, pointer) => {
  const tenant = await vendor.tenant();
  const { status, body } = await tenant.add(issue().accessToken, more);
  expect([status, body.code]).toEqual([422, 'request.invalid']);
  expect(body.errors.map((error: { pointer: string }) => error.pointer.split('/').slice(0, 2).join('/'))).toContain(pointer);
});

test('an unknown environment or application, and one without a ClientToken, are told apart', async () => {
  const tenant = await vendor.tenant(), { accessToken } = issue();
  expect((await tenant.add(accessToken, { environment: 'moon' })).body.code).toBe('environment.not_found');
  expect((await tenant.add(accessToken, { applicationId: tenant.id })).body.code).toBe('application.not_found');
  expect((await tenant.add(accessToken, { environment: 'demo' })).body.code).toBe('application.no_client_token');
});

test("nonsense in any field is the sender's to mend, never a fault of ours", async () => {
  const tenant = await vendor.tenant(), { accessToken } = issue();
  const cursor = (key: unknown[]) => Buffer.from(JSON.stringify(key)).toString('base64url');
  for (const path of [
    '/enterprises?q=%00', '/access-tokens?environment=%00', `/enterprises?cursor=${cursor(['a', 'b'])}`, `/reach?cursor=${cursor([1, 2, 3, 4])}`, `/reach?cursor=${cursor(['w', 'x', 'y', 'z'])}`,
    `/reach/events?cursor=${cursor(['never', tenant.id])}`, `/access-tokens?cursor=${cursor(['x'])}`, '/reach?asOf=yesterday', '/enterprises?connected=1', '/enterprises/xyz',
  ]) expect([path, await tenant.request('GET', path)]).toEqual([path, expect.objectContaining({ status: 422, body: expect.objectContaining({ code: 'request.invalid' }) })]);
  expect(await tenant.add(accessToken, { environment: 'sandbox\u0000' })).toMatchObject({ status: 422 });
  for (const label of ['a\u0000b', '\ud800']) expect(await tenant.add(accessToken, { label })).toMatchObject({ status: 422 });
  expect(await saved(tenant)).toEqual(nothing);
  expect((await tenant.add(accessToken, { label: 'Hôtel 💥' })).status).toBe(201);
});

test('an own token takes its enterprise over from the portfolio; the portfolio leaves what an own token serves', async () => {
  const tenant = await vendor.tenant();
  const portfolio = issue(3, 'portfolio'), [first = '', second = ''] = portfolio.ids;
  const [ownFirst, ownSecond] = [world().issueToken({ enterprises: [first] }), world().issueToken({ enterprises: [second] })];
  const { body: a } = await tenant.add(ownFirst.accessToken);
  const { body: p } = await tenant.add(portfolio.accessToken);
  expect(p.enterprises.find((e: { id: string }) => e.id === first)).toMatchObject({ connected: false, connectedBy: { accessTokenId: a.id, kind: 'enterprise' } });
  const { body: b } = await tenant.add(ownSecond.accessToken);
  expect(b.moved).toEqual([{ enterpriseId: second, from: { accessTokenId: p.id, hint: p.hint, kind: 'portfolio' } }]);
  const back = await tenant.request('PUT', `/enterprises/${first}/connection`, { accessTokenId: p.id });
  expect(back).toMatchObject({ status: 200, body: { accessTokenId: p.id, movedFrom: { accessTokenId: a.id } } });
  expect((await tenant.request('DELETE', `/enterprises/${first}/connection`)).status).toBe(204);
  expect((await tenant.request('DELETE', `/enterprises/${first}/connection`)).body.code).toBe('connection.not_found');
  expect((await tenant.request('GET', `/access-tokens/${p.id}`)).body.enterprises).toEqual({ reached: 3, connected: 1 });
});

test('a token that arrives when its tenant is gone leaves nothing behind', async () => {
  const tenant = await vendor.tenant(), other = await vendor.tenant(), { accessToken } = issue();
  await tenant.add(issue().accessToken);
  vendor.sandbox.faults.add({ kind: 'delay', ms: 1_000, accessToken, count: 1 });
  const late = tenant.add(accessToken);
  await sleep(200);
  expect((await vendor.api.request('DELETE', `/v1/tenants/${tenant.id}`)).status).toBe(202);
  // Another process does it, and this one has the tenant's key at hand still.
  const { db, keys } = vendor.database;
  await new Erasure(db, new Vault({ keys }), new Audit(db, { keys })).eraseTenant(tenant.id as TenantId);
  expect(await late).toMatchObject({ status: 409, body: { code: 'tenant.deleting' } });
  expect((await vendor.database.owner.query('select 1 from access_token where tenant_id = $1', [tenant.id])).rows).toEqual([]);
  expect((await other.add(accessToken)).status).toBe(201);
});

test('a token whose tenant is deleted while it is being saved leaves nothing behind', async () => {
  const tenant = await vendor.tenant(), other = await vendor.tenant(), { accessToken, ids } = issue(), { db, keys, owner } = vendor.database;
  // Its transaction waits for another one that has the same enterprise in hand.
  const holding = await owner.connect();
  await holding.query('begin');
  await holding.query(`insert into enterprise (tenant_id, id, environment_id, chain_id, name, time_zone, created_utc) values ($1, $2, 'sandbox', gen_random_uuid(), 'Hotel', 'UTC', now())`, [tenant.id, ids[0]]);
  const late = tenant.add(accessToken);
  await untilLocked(vendor.database);
  expect((await vendor.api.request('DELETE', `/v1/tenants/${tenant.id}`)).status).toBe(202);
  const erased = new Erasure(db, new Vault({ keys }), new Audit(db, { keys })).eraseTenant(tenant.id as TenantId);
  await Promise.race([erased, sleep(2_000)]);
  await holding.query('rollback');
  holding.release();
  await Promise.all([late, erased]);
  expect((await saved(tenant)).slice(0, -1)).toEqual([0, 0, 0, 0, 0]);
  expect((await other.add(accessToken)).status).toBe(201);
});

test('a token in the place of a name or of an Idempotency-Key, which are stored as they are, is refused and kept nowhere', async () => {
  const tenant = await vendor.tenant(), { accessToken } = issue(), body = { applicationId: vendor.applicationId, environment: 'sandbox', accessToken };
  expect(await tenant.add(accessToken, { label: `Hotel ${accessToken.toLowerCase()}` })).toMatchObject({ status: 422, body: { errors: [{ pointer: '/label', detail: expect.stringContaining('a token in it') }] } });
  expect(await vendor.api.request('POST', '/v1/applications', { name: 'App', version: accessToken })).toMatchObject({ status: 422, body: { errors: [{ pointer: '/version' }] } });
  for (const key of [accessToken, `add-${accessToken}`]) expect(await tenant.request('POST', '/access-tokens', body, { 'idempotency-key': key })).toMatchObject({ status: 422, body: { errors: [{ pointer: 'Idempotency-Key' }] } });
  expect(await saved(tenant)).toEqual(nothing);
  expect((await everyRow(vendor.database)).toLowerCase()).not.toContain(accessToken.toLowerCase());
});

test('a file that comes when its tenant is gone leaves nothing behind, though this process has the keys at hand', async () => {
  const tenant = await vendor.tenant(), { db, keys, owner } = vendor.database;
  await tenant.add(issue().accessToken);
  expect((await vendor.api.request('DELETE', `/v1/tenants/${tenant.id}`)).status).toBe(202);
  await new Erasure(db, new Vault({ keys }), new Audit(db, { keys })).eraseTenant(tenant.id as TenantId);
  const started = vendor.api.app.get(Imports).start(systemIn(tenant.id as TenantId, 'test'), `access_token,environment,application\n${issue().accessToken},sandbox,Keyrack test`, 'import');
  await expect(started).rejects.toMatchObject({ code: 'tenant.deleting' });
  expect((await owner.query('select from token_import_line where tenant_id = $1', [tenant.id])).rows).toEqual([]);
});

test.each([
  ['a key that is revoked', 401, 'auth.required'],
  ['a person who is demoted', 403, 'auth.forbidden'],
])('%s while Mews is asked adds, rotates and enables nothing', async (who, status, code) => {
  const tenant = await vendor.tenant(), { accessToken, ids } = issue(), { accessToken: other } = issue(), { accessToken: next } = world().issueToken({ enterprises: ids }), email = `${tenant.id}@example.com`;
  const kept = (await tenant.add(accessToken)).body.id;
  expect((await tenant.request('POST', `/access-tokens/${kept}/disable`)).status).toBe(200);
  const userId = await comeIn(vendor.api, tenant.id, { email, role: 'owner' }), { headers } = await signIn(vendor.api, email);
  const { body: { id, key } } = await tenant.request('POST', '/api-keys', { name: 'leaked', role: 'owner' });
  const byKey = who.startsWith('a key'), before = await saved(tenant);
  const send = (path: string, body?: object) => vendor.api.request('POST', `/v1/tenants/${tenant.id}/access-tokens${path}`, body, byKey ? key : null, byKey ? {} : headers);
  for (const asked of [accessToken, other, next]) vendor.sandbox.faults.add({ kind: 'delay', ms: 1_500, accessToken: asked, count: 1 });
  const late = [send('', { applicationId: vendor.applicationId, environment: 'sandbox', accessToken: other }), send(`/${kept}/rotate`, { accessToken: next }), send(`/${kept}/enable`)];
  await sleep(500);
  const left = byKey ? await tenant.request('DELETE', `/api-keys/${id}`) : await tenant.request('PUT', `/members/${userId}`, { role: 'viewer' });
  expect(left.status).toBeLessThan(300);
  for (const { status: answered, body } of await Promise.all(late)) expect([answered, body.code]).toEqual([status, code]);
  expect((await saved(tenant)).slice(0, -1)).toEqual(before.slice(0, -1));
  expect((await tenant.request('GET', `/access-tokens/${kept}`)).body.status).toBe('disabled');
  const { rows } = await vendor.database.owner.query(`select action, subject from audit_event where tenant_id = $1 and action in ('access.denied', 'api_key.refused')`, [tenant.id]);
  expect(rows).toEqual(byKey ? [{ action: 'api_key.refused', subject: expect.objectContaining({ reason: 'revoked' }) }]
    : Array.from(late, () => ({ action: 'access.denied', subject: expect.objectContaining({ permission: 'access-tokens:write', reason: 'taken away meanwhile' }) })));
});

test('the text of a token is in no answer and in no row, in any form', async () => {
  const tenant = await vendor.tenant();
  const [kept, revoked, rotated, successor] = [issue(), issue(), issue(), issue()];
  const { body: added } = await tenant.add(kept.accessToken);
  const { body: old } = await tenant.add(rotated.accessToken, { connect: 'none' });
  await tenant.add(kept.accessToken);
  world().revokeToken(revoked.accessToken);
  await tenant.add(revoked.accessToken);
  await tenant.add(revoked.accessToken, { environment: 'nowhere' });
  await tenant.add(revoked.accessToken, { connect: revoked.accessToken });
  await tenant.request('POST', `/access-tokens/${old.id}/rotate`, { accessToken: successor.accessToken });
  await tenant.request('POST', `/access-tokens/${added.id}/verify`);
  for (const path of ['/access-tokens', '/reach', '/reach/events', '/enterprises', '/audit']) await tenant.request('GET', path);
  const rows = await everyRow(vendor.database);
  expect(rows).toContain(added.fingerprint);
  const haystack = `${rows}\n${vendor.answers.join('\n')}`;
  for (const token of [kept, revoked, rotated, successor].map((one) => one.accessToken).concat(world().access.clientToken)) {
    for (const form of formsOf(token)) expect(haystack.includes(form)).toBe(false);
  }
});
