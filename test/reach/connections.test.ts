// One AccessToken per connected enterprise: who takes over from whom, and what the audit trail says about it.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AccessTokenId, EnterpriseId, TenantActor } from '@keyrack/core';
import type { TokenKind } from '@keyrack/reach';
import { hotel, newEnterpriseId, openRooms, type Rooms } from './rooms.js';

let rooms: Rooms;
beforeAll(async () => { rooms = await openRooms(); });
afterAll(() => rooms?.database.drop());

const connect = (me: TenantActor, id: AccessTokenId, kind: TokenKind, wanted: EnterpriseId[]) =>
  rooms.database.db.inTenant(me.tenantId, (tx) => rooms.connections.connect(tx, me, { id, kind }, wanted));
const events = async (me: TenantActor) => (await rooms.database.owner.query<{ action: string; subject: object }>(
  `select action, subject from audit_event where tenant_id = $1 order by seq`, [me.tenantId])).rows;
const servedBy = async (me: TenantActor, id: EnterpriseId) => (await rooms.enterprises.get(me, id)).connection?.accessTokenId;

async function twoTokens() {
  const me = await rooms.tenant();
  const [portfolio, own] = [await rooms.token(me, 'portfolio'), await rooms.token(me, 'enterprise')];
  const [a, b] = [hotel('A'), hotel('B')];
  await rooms.sweep(me, portfolio, 'portfolio', [a, b], new Date());
  await rooms.sweep(me, own, 'enterprise', [a], new Date());
  return { me, portfolio, own, a, b };
}

test("an enterprise's own token takes over from a portfolio's, and the answer and the audit trail say from whom", async () => {
  const { me, portfolio, own, a, b } = await twoTokens();
  expect((await connect(me, portfolio, 'portfolio', [a.id, b.id])).connected).toEqual(new Set([a.id, b.id]));
  const { connected, moved, left } = await connect(me, own, 'enterprise', [a.id]);
  expect([connected, moved, left.size]).toEqual([new Set([a.id]), [{ enterpriseId: a.id, from: expect.objectContaining({ accessTokenId: portfolio, kind: 'portfolio' }) }], 0]);
  expect([await servedBy(me, a.id), await servedBy(me, b.id)]).toEqual([own, portfolio]);
  expect(await events(me)).toEqual([
    { action: 'connection.made', subject: { enterpriseIds: [a.id, b.id], accessTokenId: portfolio } },
    { action: 'connection.moved', subject: { enterpriseId: a.id, accessTokenId: { before: portfolio, after: own } } },
  ]);
});

test('a portfolio token that asks for all leaves what an own token serves', async () => {
  const { me, portfolio, own, a, b } = await twoTokens();
  await connect(me, own, 'enterprise', [a.id]);
  const { connected, moved, left } = await connect(me, portfolio, 'portfolio', [a.id, b.id]);
  expect([connected, moved, left.get(a.id)]).toEqual([new Set([b.id]), [], expect.objectContaining({ accessTokenId: own })]);
  expect(await servedBy(me, a.id)).toBe(own);
});

test('an explicit connection always moves, with before and after; repeated it changes nothing', async () => {
  const { me, portfolio, own, a } = await twoTokens();
  await connect(me, own, 'enterprise', [a.id]);
  const moved = await rooms.connections.assign(me, a.id, portfolio);
  expect(moved.movedFrom).toMatchObject({ accessTokenId: own });
  expect(await rooms.connections.assign(me, a.id, portfolio)).toMatchObject({ movedFrom: null, connectedAt: moved.connectedAt });
  expect((await events(me)).slice(1)).toEqual([{ action: 'connection.moved', subject: { enterpriseId: a.id, accessTokenId: { before: own, after: portfolio } } }]);
});

test('a token that does not open the enterprise, is not active, or is unknown cannot be connected', async () => {
  const { me, portfolio, own, a, b } = await twoTokens();
  await expect(rooms.connections.assign(me, b.id, own)).rejects.toMatchObject({ code: 'enterprise.not_reached' });
  await expect(rooms.connections.assign(me, newEnterpriseId(), own)).rejects.toMatchObject({ code: 'enterprise.not_found' });
  await expect(rooms.connections.assign(me, a.id, newEnterpriseId() as string as AccessTokenId)).rejects.toMatchObject({ code: 'access_token.not_found' });
  const stranger = await twoTokens();
  await expect(rooms.connections.assign(me, a.id, stranger.own)).rejects.toMatchObject({ code: 'access_token.not_found' });
  await rooms.database.owner.query(`update access_token set status = 'disabled' where id = $1`, [portfolio]);
  await expect(rooms.connections.assign(me, a.id, portfolio)).rejects.toMatchObject({ code: 'access_token.not_active' });
  expect(await events(me)).toEqual([]);
});

test('disconnecting is audited, and only what is connected can be disconnected', async () => {
  const { me, own, a } = await twoTokens();
  await rooms.connections.assign(me, a.id, own);
  await rooms.connections.disconnect(me, a.id);
  expect((await rooms.enterprises.get(me, a.id)).connected).toBe(false);
  await expect(rooms.connections.disconnect(me, a.id)).rejects.toMatchObject({ code: 'connection.not_found' });
  expect((await events(me)).at(-1)).toEqual({ action: 'connection.removed', subject: { enterpriseIds: [a.id], accessTokenId: own } });
});

test('two tokens that ask for the same enterprises at the same time end with one connection each, told truly', async () => {
  const me = await rooms.tenant();
  const hotels = Array.from({ length: 40 }, (_, i) => hotel(`H${i}`));
  const tokens = [await rooms.token(me, 'portfolio'), await rooms.token(me, 'portfolio'), await rooms.token(me, 'portfolio')];
  for (const token of tokens) await rooms.sweep(me, token, 'portfolio', hotels, new Date());
  const ids = hotels.map((one) => one.id);
  const results = await Promise.all(tokens.map((token, i) => connect(me, token, 'portfolio', i === 1 ? [...ids].reverse() : ids)));
  expect(results.map((result) => result.connected.size).sort((x, y) => x - y)).toEqual([0, 0, 40]);
  const winner = tokens[results.findIndex((result) => result.connected.size === 40)];
  for (const id of ids) expect(await servedBy(me, id)).toBe(winner);
});

test('enterprises are listed by name, found by part of it, and told apart by connection', async () => {
  const { me, own, a, b } = await twoTokens();
  await rooms.connections.assign(me, a.id, own);
  const list = async (filter: object) => (await rooms.enterprises.list(me, { limit: 50, ...filter })).items.map((item) => item.id);
  expect(await list({})).toEqual([a.id, b.id]);
  expect(await list({ connected: true })).toEqual([a.id]);
  expect(await list({ connected: false })).toEqual([b.id]);
  expect(await list({ q: 'b' })).toEqual([b.id]);
  expect(await list({ q: a.id.toUpperCase() })).toEqual([a.id]);
  expect(await list({ q: '%' })).toEqual([]);
  expect(await rooms.enterprises.get(me, a.id)).toMatchObject({ tokens: 2, environment: 'demo', connection: { accessTokenId: own, kind: 'enterprise', state: 'usable' } });
});
