// The life of a stored AccessToken: verified, refused, restored, rotated, disabled, revoked, re-read on schedule.
import { afterAll, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { AccessTokens, ReachExpansion, Verifier } from '@keyrack/access-tokens';
import type { AccessTokenId, TenantId } from '@keyrack/core';
import { Surveyor } from '../../libs/access-tokens/src/survey.js';
import { openVendor, type Tenant, type Vendor } from './vendor.js';

let vendor: Vendor;
beforeAll(async () => { vendor = await openVendor(); });
afterAll(() => vendor?.close());
beforeEach(() => vendor.sandbox.faults.clear());

const world = () => vendor.sandbox.world;
async function stored(count = 1) {
  const tenant = await vendor.tenant();
  const ids = Array.from({ length: count }, () => world().addEnterprise().id);
  const { accessToken } = world().issueToken({ enterprises: ids, ...(count > 1 && { kind: 'portfolio' as const }) });
  const { body } = await tenant.add(accessToken);
  const token = `/access-tokens/${body.id}`;
  return { tenant, ids, accessToken, id: body.id as AccessTokenId, token, status: async () => (await tenant.request('GET', token)).body.status as string };
}
const connectionState = async (tenant: Tenant, id: string) => (await tenant.request('GET', `/enterprises/${id}`)).body.connection?.state;
const actions = async (tenant: Tenant) => (await vendor.database.owner.query<{ action: string }>('select action from audit_event where tenant_id = $1 order by seq', [tenant.id])).rows.map((row) => row.action);
const target = ({ tenant, id }: { tenant: Tenant; id: AccessTokenId }) => vendor.api.app.get(AccessTokens).target(tenant.id as TenantId, id);

/** What Mews says next about a token is under way until `arrive` lets it in. */
function slowAnswer(): { asked: Promise<void>; arrive: () => void } {
  const surveyor = vendor.api.app.get(Surveyor), read = surveyor.readConfirmed.bind(surveyor);
  let arrive = (): void => undefined;
  const arrived = new Promise<void>((resolve) => { arrive = resolve; });
  const asked = new Promise<void>((resolve) => {
    jest.spyOn(surveyor, 'readConfirmed').mockImplementationOnce(async (...of) => {
      try {
        return await read(...of);
      } finally {
        resolve();
        await arrived;
      }
    });
  });
  return { asked, arrive: () => { arrive(); } };
}

test('an enterprise lost at Mews pauses its connection with the reason, a regained one resumes, and both are events', async () => {
  const { tenant, ids: [a = '', b = ''], accessToken, token } = await stored(3);
  world().unlink(accessToken, a);
  expect((await tenant.request('POST', `${token}/verify`)).body).toMatchObject({ gained: [], lost: [a], status: 'active' });
  expect([await connectionState(tenant, a), await connectionState(tenant, b)]).toEqual(['enterprise_lost', 'usable']);
  world().link(accessToken, a);
  const more = world().addEnterprise().id;
  world().link(accessToken, more);
  const regained = (await tenant.request('POST', `${token}/verify`)).body;
  expect([regained.gained.sort(), regained.lost]).toEqual([[a, more].sort(), []]);
  expect(await connectionState(tenant, a)).toBe('usable');
  const events = (await tenant.request('GET', `/reach/events?enterpriseId=${a}`)).body.items;
  expect(events.map((event: { kind: string }) => event.kind)).toEqual(['gained', 'lost', 'gained']);
  expect((await tenant.request('GET', `/reach?enterpriseId=${a}&state=all`)).body.items).toHaveLength(2);
  expect((await tenant.request('GET', `/enterprises/${more}`)).body.connected).toBe(false);
});

test('a refusal that Mews does not repeat changes nothing', async () => {
  const { tenant, token, accessToken } = await stored();
  vendor.sandbox.faults.add({ kind: 'status', status: 401, path: 'configuration/get', accessToken, count: 1 });
  expect((await tenant.request('POST', `${token}/verify`)).body).toMatchObject({ status: 'active', gained: [], lost: [] });
});

test('a confirmed refusal makes the token invalid with the reason, pauses its connections and loses no reach; a later success mends it', async () => {
  const one = await stored();
  world().revokeToken(one.accessToken);
  const refused = (await one.tenant.request('POST', `${one.token}/verify`)).body;
  expect(refused).toMatchObject({ status: 'invalid', gained: [], lost: [], lastError: { code: 'access_token.rejected', requestId: expect.any(String), at: expect.stringMatching(/Z$/) } });
  expect((await one.tenant.request('GET', one.token)).body).toMatchObject({ status: 'invalid', enterprises: { reached: 1, connected: 1 }, lastError: { code: 'access_token.rejected' } });
  expect(await connectionState(one.tenant, one.ids[0] ?? '')).toBe('token_invalid');
  await expect(target(one)).rejects.toMatchObject({ code: 'access_token.not_active' });
  expect(await actions(one.tenant)).toContain('access_token.suspended');
  world().restoreToken(one.accessToken);
  await vendor.database.owner.query(`update schedule set next_run_at = now() + interval '1 hour' where tenant_id = $1`, [one.tenant.id]);
  expect((await one.tenant.request('POST', `${one.token}/verify`)).body).toMatchObject({ status: 'active', lastError: null });
  const { rows } = await vendor.database.owner.query('select bool_and(next_run_at <= now()) as due from schedule where tenant_id = $1', [one.tenant.id]);
  expect(rows).toEqual([{ due: true }]);
  expect(await connectionState(one.tenant, one.ids[0] ?? '')).toBe('usable');
  expect((await target(one)).kind).toBe('enterprise');
});

test('when Mews cannot be asked the reach stays, and the reason is kept until the next success', async () => {
  const { tenant, token, accessToken, status } = await stored();
  vendor.sandbox.faults.add({ kind: 'status', status: 503, accessToken });
  expect(await tenant.request('POST', `${token}/verify`)).toMatchObject({ status: 502, body: { code: 'mews.failed' } });
  expect((await tenant.request('GET', token)).body).toMatchObject({ status: 'active', enterprises: { reached: 1 }, lastError: { code: 'mews.failed' } });
  vendor.sandbox.faults.clear();
  await tenant.request('POST', `${token}/verify`);
  expect((await tenant.request('GET', token)).body.lastError).toBeNull();
  expect(await status()).toBe('active');
});

test('a token that cannot be decrypted says so until it can, whoever asked: a sweep on schedule or a person', async () => {
  const { tenant, id, token } = await stored();
  const flipBit = () => vendor.database.owner.query('update access_token set ciphertext = set_byte(ciphertext, 40, get_byte(ciphertext, 40) # 1) where id = $1', [id]);
  const expand = () => vendor.api.app.get(Verifier).expand(tenant.id as TenantId, id);
  const unreadable = { status: 'active', enterprises: { reached: 1 }, lastError: { code: 'secret.unreadable', message: 'The sealed value at access_token.ciphertext cannot be opened: it was altered or moved', requestId: null } };
  await flipBit();
  await expect(expand()).rejects.toMatchObject({ code: 'secret.unreadable' });
  expect((await tenant.request('GET', token)).body).toMatchObject(unreadable);
  await flipBit();
  await expand();
  expect((await tenant.request('GET', token)).body).toMatchObject({ status: 'active', lastError: null });
  await flipBit();
  expect(await tenant.request('POST', `${token}/verify`)).toMatchObject({ status: 500, body: { code: 'secret.unreadable' } });
  expect((await tenant.request('GET', token)).body).toMatchObject(unreadable);
});

test('a rotated token keeps its id and connections, and is used from then on', async () => {
  const one = await stored(2);
  const before = (await one.tenant.request('GET', one.token)).body;
  const next = world().issueToken({ enterprises: [...one.ids, world().addEnterprise().id] });
  const { status, body } = await one.tenant.request('POST', `${one.token}/rotate`, { accessToken: next.accessToken });
  expect([status, body]).toMatchObject([200, { id: one.id, status: 'active', hint: `…${next.accessToken.slice(-4)}`, enterprises: { reached: 3, connected: 2 }, rotatedAt: expect.any(String) }]);
  expect(body.fingerprint).not.toBe(before.fingerprint);
  expect((await target(one)).accessToken.reveal()).toBe(next.accessToken);
  expect(await actions(one.tenant)).toContain('access_token.rotated');
  // The old text is free again, as far as Keyrack is concerned.
  expect((await one.tenant.add(one.accessToken, { connect: 'none' })).status).toBe(201);
});

test('a token that cannot be decrypted any more is mended by a rotation', async () => {
  const { tenant, id, ids, token } = await stored();
  await vendor.database.owner.query('update access_token set ciphertext = set_byte(ciphertext, 40, get_byte(ciphertext, 40) # 1) where id = $1', [id]);
  const next = world().issueToken({ enterprises: ids });
  expect(await tenant.request('POST', `${token}/rotate`, { accessToken: next.accessToken })).toMatchObject({ status: 200, body: { id, status: 'active' } });
  expect((await tenant.request('POST', `${token}/verify`)).body).toMatchObject({ status: 'active', lastError: null });
});

test('a token that would cut off a connected enterprise is refused with the list, and the old one stays', async () => {
  const one = await stored(3);
  const less = world().issueToken({ enterprises: one.ids.slice(1) });
  const { status, body } = await one.tenant.request('POST', `${one.token}/rotate`, { accessToken: less.accessToken });
  expect([status, body.code, body.enterprises]).toEqual([409, 'access_token.reach_shrinks', [{ id: one.ids[0], name: expect.any(String) }]]);
  expect((await target(one)).accessToken.reveal()).toBe(one.accessToken);
  await one.tenant.request('DELETE', `/enterprises/${one.ids[0]}/connection`);
  expect((await one.tenant.request('POST', `${one.token}/rotate`, { accessToken: less.accessToken })).status).toBe(200);
  expect((await one.tenant.request('GET', one.token)).body.enterprises).toEqual({ reached: 2, connected: 2 });
});

test('a rotation to a known or refused text is refused; it mends an invalid token', async () => {
  const [one, other] = [await stored(), await stored()];
  expect((await one.tenant.request('POST', `${one.token}/rotate`, { accessToken: one.accessToken })).body.code).toBe('access_token.duplicate');
  expect((await one.tenant.request('POST', `${one.token}/rotate`, { accessToken: other.accessToken })).body.code).toBe('access_token.unavailable');
  world().revokeToken(one.accessToken);
  await one.tenant.request('POST', `${one.token}/verify`);
  const next = world().issueToken({ enterprises: one.ids });
  world().revokeToken(next.accessToken);
  expect((await one.tenant.request('POST', `${one.token}/rotate`, { accessToken: next.accessToken })).body.code).toBe('access_token.rejected');
  expect(await one.status()).toBe('invalid');
  world().restoreToken(next.accessToken);
  expect((await one.tenant.request('POST', `${one.token}/rotate`, { accessToken: next.accessToken })).body).toMatchObject({ status: 'active', lastError: null });
});

test('a refusal of the old text does not suspend the token that was rotated meanwhile', async () => {
  const one = await stored();
  const old = await target(one);
  const next = world().issueToken({ enterprises: one.ids });
  await one.tenant.request('POST', `${one.token}/rotate`, { accessToken: next.accessToken });
  await vendor.api.app.get(AccessTokens).suspend(one.tenant.id as TenantId, one.id, { code: 'access_token.rejected', message: 'Invalid AccessToken.', requestId: null, fingerprint: old.fingerprint });
  expect(await one.status()).toBe('active');
});

test('a refusal that arrives after a later success is yesterday\'s news', async () => {
  const one = await stored();
  world().revokeToken(one.accessToken);
  const slow = slowAnswer(), refused = one.tenant.request('POST', `${one.token}/verify`);
  await slow.asked;
  world().restoreToken(one.accessToken);
  expect((await one.tenant.request('POST', `${one.token}/verify`)).body.status).toBe('active');
  slow.arrive();
  expect((await refused).body).toMatchObject({ status: 'active', lastError: null });
  expect((await one.tenant.request('GET', one.token)).body).toMatchObject({ status: 'active', lastError: null });
});

test('a refusal of the text before tells what the token is now', async () => {
  const one = await stored(), next = world().issueToken({ enterprises: one.ids });
  world().revokeToken(one.accessToken);
  const slow = slowAnswer(), refused = one.tenant.request('POST', `${one.token}/verify`);
  await slow.asked;
  await one.tenant.request('POST', `${one.token}/rotate`, { accessToken: next.accessToken });
  slow.arrive();
  expect((await refused).body).toMatchObject({ status: 'active', lastError: null });
});

test('what Mews listed before a later sweep is not written over it when a token is enabled', async () => {
  const one = await stored(2), [a = ''] = one.ids;
  await one.tenant.request('POST', `${one.token}/disable`);
  const slow = slowAnswer(), enabled = one.tenant.request('POST', `${one.token}/enable`);
  await slow.asked;
  world().unlink(one.accessToken, a);
  expect((await one.tenant.request('POST', `${one.token}/enable`)).body).toMatchObject({ status: 'active', enterprises: { reached: 1 } });
  slow.arrive();
  expect((await enabled).body).toMatchObject({ status: 'active', enterprises: { reached: 1 } });
  expect((await one.tenant.request('GET', `/reach/events?enterpriseId=${a}`)).body.items.map(({ kind }: { kind: string }) => kind)).toEqual(['lost', 'gained']);
  expect((await actions(one.tenant)).filter((action) => action === 'access_token.enabled')).toHaveLength(1);
});

test('an invalid token that a sweep on schedule finds accepted again is an event', async () => {
  const one = await stored(), before = (await actions(one.tenant)).length, expand = () => vendor.api.app.get(Verifier).expand(one.tenant.id as TenantId, one.id);
  world().revokeToken(one.accessToken);
  expect(await expand()).toMatchObject({ status: 'invalid' });
  world().restoreToken(one.accessToken);
  expect(await expand()).toMatchObject({ status: 'active', gained: [], lost: [] });
  await expand();
  expect((await actions(one.tenant)).slice(before)).toEqual(['access_token.suspended', 'access_token.enabled']);
});

test('half a surrogate pair in what Mews says keeps no refusal from being believed', async () => {
  const one = await stored();
  vendor.sandbox.faults.add({ kind: 'status', status: 401, message: 'Invalid AccessToken \ud83d', accessToken: one.accessToken });
  expect(await one.tenant.request('POST', `${one.token}/verify`)).toMatchObject({ status: 200, body: { status: 'invalid' } });
  const { tenant, token, accessToken } = await stored();
  vendor.sandbox.faults.add({ kind: 'status', status: 401, message: `${'x'.repeat(999)}\u{1f600}`, accessToken });
  expect(await tenant.request('POST', `${token}/verify`)).toMatchObject({ status: 200, body: { status: 'invalid' } });
});

test('a disabled token is not used, verified or connected; enabling asks Mews first', async () => {
  const one = await stored();
  expect((await one.tenant.request('POST', `${one.token}/disable`)).body).toMatchObject({ status: 'disabled', enterprises: { connected: 1 } });
  expect((await one.tenant.request('POST', `${one.token}/disable`)).status).toBe(200);
  expect(await connectionState(one.tenant, one.ids[0] ?? '')).toBe('token_disabled');
  await expect(target(one)).rejects.toMatchObject({ code: 'access_token.not_active' });
  expect((await one.tenant.request('POST', `${one.token}/verify`)).body.code).toBe('access_token.not_active');
  world().revokeToken(one.accessToken);
  expect((await one.tenant.request('POST', `${one.token}/enable`)).body.code).toBe('access_token.rejected');
  expect(await one.status()).toBe('disabled');
  world().restoreToken(one.accessToken);
  expect((await one.tenant.request('POST', `${one.token}/enable`)).body.status).toBe('active');
  expect((await actions(one.tenant)).filter((action) => /abled/.test(action))).toEqual(['access_token.disabled', 'access_token.enabled']);
});

test('what enabling a token finds, and that a token is of another kind, stands in the audit trail', async () => {
  const one = await stored(), [other, third] = [world().addEnterprise().id, world().addEnterprise().id], [own = ''] = one.ids;
  const told = async () => (await one.tenant.request('GET', '/audit')).body.items.map(({ action, subject: { accessTokenId: _, ...subject } }: { action: string; subject: Record<string, unknown> }) => ({ action, ...subject }))[0];
  world().link(one.accessToken, other);
  await vendor.api.app.get(Verifier).expand(one.tenant.id as TenantId, one.id);
  expect(await told()).toEqual({ action: 'reach.changed', gained: [other], lost: [], kind: { before: 'enterprise', after: 'portfolio' } });
  world().unlink(one.accessToken, other);
  await one.tenant.request('POST', `${one.token}/verify`);
  expect(await told()).toEqual({ action: 'access_token.verified', gained: [], lost: [other], kind: { before: 'portfolio', after: 'enterprise' } });
  await one.tenant.request('POST', `${one.token}/disable`);
  world().link(one.accessToken, third);
  world().unlink(one.accessToken, own);
  await one.tenant.request('POST', `${one.token}/enable`);
  expect((await actions(one.tenant)).slice(-2)).toEqual(['reach.changed', 'access_token.enabled']);
  const [, found] = (await one.tenant.request('GET', '/audit')).body.items;
  expect(found.subject).toEqual({ accessTokenId: one.id, gained: [third], lost: [own] });
});

test('a revoked token loses its ciphertext and its connections; what it reached stays on record; its text may be added again', async () => {
  const one = await stored(2);
  const during = new Date().toISOString();
  expect((await one.tenant.request('DELETE', one.token)).status).toBe(204);
  expect((await one.tenant.request('DELETE', one.token)).status).toBe(204);
  expect((await vendor.database.owner.query('select ciphertext from access_token where id = $1', [one.id])).rows).toEqual([{ ciphertext: null }]);
  expect((await one.tenant.request('GET', one.token)).body).toMatchObject({ status: 'revoked', enterprises: { reached: 0, connected: 0 }, revokedAt: expect.any(String) });
  expect((await one.tenant.request('GET', '/enterprises?connected=true')).body.items).toEqual([]);
  expect((await one.tenant.request('GET', `/reach?asOf=${during}`)).body.items).toHaveLength(2);
  expect((await one.tenant.request('GET', '/reach')).body.items).toEqual([]);
  for (const act of ['verify', 'enable', 'disable']) expect((await one.tenant.request('POST', `${one.token}/${act}`)).body.code).toBe('access_token.not_active');
  expect((await one.tenant.add(one.accessToken)).status).toBe(201);
});

test("another tenant's token is 404 on every route, and nothing changes", async () => {
  const [mine, other] = [await stored(), await vendor.tenant()];
  const calls: [string, string, object?][] = [['GET', ''], ['POST', '/verify'], ['POST', '/rotate', { accessToken: 'x'.repeat(30) }], ['POST', '/disable'], ['POST', '/enable'], ['DELETE', '']];
  for (const [method, path, body] of calls) expect(await other.request(method, mine.token + path, body)).toMatchObject({ status: 404, body: { code: 'access_token.not_found' } });
  expect((await other.request('PUT', `/enterprises/${mine.ids[0]}/connection`, { accessTokenId: mine.id })).status).toBe(404);
  expect(await mine.status()).toBe('active');
});

test('sweeps that overlap end with the truth, each change once', async () => {
  const one = await stored(20);
  const verifier = vendor.api.app.get(Verifier);
  world().unlink(one.accessToken, one.ids[0] ?? '');
  await Promise.all(Array.from({ length: 6 }, () => verifier.expand(one.tenant.id as TenantId, one.id)));
  const events = (await one.tenant.request('GET', '/reach/events?kind=lost')).body.items;
  expect(events).toMatchObject([{ enterpriseId: one.ids[0] }]);
  expect((await one.tenant.request('GET', one.token)).body.enterprises.reached).toBe(19);
});

test('due tokens are handed out once, invalid ones too, disabled ones never; a lost job comes back', async () => {
  const [active, invalid, disabled] = [await stored(), await stored(), await stored()];
  const expansion = vendor.api.app.get(ReachExpansion);
  world().revokeToken(invalid.accessToken);
  await invalid.tenant.request('POST', `${invalid.token}/verify`);
  await disabled.tenant.request('POST', `${disabled.token}/disable`);
  await vendor.database.owner.query(`update access_token set next_expansion_at = now() + interval '1 day'`);
  const next = async (id: string) => (await vendor.database.owner.query<{ minutes: number }>(`select extract(epoch from next_expansion_at - now())::float / 60 as minutes from access_token where id = $1`, [id])).rows[0]?.minutes ?? 0;
  await vendor.database.owner.query(`update access_token set next_expansion_at = now() - interval '1 minute' where id = any($1)`, [[active.id, invalid.id, disabled.id]]);
  const counts = await Promise.all([expansion.expandDue(), expansion.expandDue(), expansion.expandDue()]);
  expect(counts.reduce((sum, n) => sum + n, 0)).toBe(2);
  expect(await next(active.id)).toBeGreaterThan(8);
  expect(await next(active.id)).toBeLessThan(11);
  await vendor.api.app.get(Verifier).expand(active.tenant.id as TenantId, active.id);
  expect(await next(active.id)).toBeGreaterThan(300);
  expect(await next(active.id)).toBeLessThan(400);
  await vendor.api.app.get(Verifier).expand(invalid.tenant.id as TenantId, invalid.id);
  expect(await next(invalid.id)).toBeGreaterThan(300);
  expect(await vendor.api.app.get(Verifier).expand(disabled.tenant.id as TenantId, disabled.id)).toBeNull();
});

test('a sync and a caller use a token, re-reading it on schedule does not; each change says what noticed it', async () => {
  const { tenant, token, id, accessToken } = await stored(2);
  const lastUse = async () => { const { lastUsedAt, lastSyncedAt, lastInteractiveAt } = (await tenant.request('GET', token)).body; return [lastUsedAt, lastSyncedAt, lastInteractiveAt] as (string | null)[]; };
  const one = world().addEnterprise().id, other = world().addEnterprise().id;
  world().link(accessToken, one);
  await vendor.api.app.get(Verifier).expand(tenant.id as TenantId, id);
  expect(await lastUse()).toEqual([null, null, null]);
  await target({ tenant, id });
  const [used, synced, asked] = await lastUse();
  expect([used === synced, used, asked]).toEqual([true, expect.any(String), null]);
  world().link(accessToken, other);
  await tenant.request('POST', `${token}/verify`);
  const [usedNow, , askedNow] = await lastUse();
  expect([usedNow === askedNow, askedNow]).toEqual([true, expect.any(String)]);
  await tenant.request('DELETE', token);
  const { body } = await tenant.request('GET', '/reach/drift?changes=all');
  expect((body.items as { change: string; noticedBy: string }[]).map(({ change, noticedBy }) => `${change} ${noticedBy}`)).toEqual([
    ...Array.from({ length: 4 }, () => 'lost revoke'), 'gained verify', 'gained check', 'gained added', 'gained added']);
});

test('reach is exported as CSV, where a name that a spreadsheet would run is only text', async () => {
  const tenant = await vendor.tenant();
  const hotel = world().addEnterprise({ name: '=1+1' });
  await tenant.add(world().issueToken({ enterprises: [hotel.id] }).accessToken);
  const { headers, body } = await tenant.request('GET', '/reach', undefined, { accept: 'text/csv' });
  expect(headers.get('content-type')).toMatch('text/csv');
  const [header, row] = String(body).trim().split('\n');
  expect(header).toBe('accessTokenId,hint,kind,enterpriseId,enterpriseName,via,connected,firstSeenAt,lastSeenAt,lostAt');
  expect(row).toContain(`,${hotel.id},'=1+1,direct,true,`);
  const all = await vendor.api.request('GET', `/v1/reach?enterpriseId=${hotel.id}`);
  expect(all.body.items).toMatchObject([{ tenantId: tenant.id, enterpriseId: hotel.id }]);
});
