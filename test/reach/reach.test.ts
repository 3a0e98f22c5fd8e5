// What was reachable when: intervals, events, exports, and the cost of a sweep, on real Postgres.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { systemActor } from '@keyrack/core';
import { reachEventsQuery, reachQuery } from '@keyrack/reach';
import { hotel, newEnterpriseId, openRooms, type Rooms } from './rooms.js';

let rooms: Rooms;
beforeAll(async () => { rooms = await openRooms(); });
afterAll(() => rooms?.database.drop());

const at = (minute: number) => new Date(Date.UTC(2026, 7, 7, 12, minute));
const query = (filter: object = {}) => reachQuery.parse(filter);
const fifty = { limit: 50 };

test('lost and regained are two intervals, and each time in between answers as it was', async () => {
  const me = await rooms.tenant(), token = await rooms.token(me, 'portfolio');
  const [a, b] = [hotel('A'), hotel('B')];
  expect((await rooms.sweep(me, token, 'portfolio', [a, b], at(0))).gained.sort()).toEqual([a.id, b.id].sort());
  expect(await rooms.sweep(me, token, 'portfolio', [a, b], at(5))).toMatchObject({ gained: [], lost: [] });
  expect(await rooms.sweep(me, token, 'portfolio', [b], at(10))).toMatchObject({ gained: [], lost: [a.id] });
  expect(await rooms.sweep(me, token, 'portfolio', [b, a], at(20))).toMatchObject({ gained: [a.id], lost: [] });

  const all = (await rooms.lists.reach.list(me, query({ state: 'all', enterpriseId: a.id }), fifty)).items;
  expect(all).toMatchObject([
    { enterpriseName: 'A', via: 'portfolio', connected: false, firstSeenAt: at(0).toISOString(), lastSeenAt: at(5).toISOString(), lostAt: at(10).toISOString() },
    { firstSeenAt: at(20).toISOString(), lastSeenAt: at(20).toISOString(), lostAt: null },
  ]);
  const reachedAt = async (time: Date) => (await rooms.lists.reach.list(me, query({ asOf: time.toISOString() }), fifty)).items.map((row) => row.enterpriseName).sort();
  expect(await reachedAt(new Date(at(0).getTime() - 1))).toEqual([]);
  expect(await reachedAt(at(0))).toEqual(['A', 'B']);
  expect(await reachedAt(at(9))).toEqual(['A', 'B']);
  expect(await reachedAt(at(10))).toEqual(['B']);
  expect(await reachedAt(at(19))).toEqual(['B']);
  expect(await reachedAt(at(20))).toEqual(['A', 'B']);
  expect((await rooms.lists.reach.list(me, query({ state: 'lost' }), fifty)).items).toHaveLength(1);
  expect((await rooms.lists.reach.list(me, query(), fifty)).items).toHaveLength(2);

  const events = (await rooms.reach.events(me, reachEventsQuery.parse({ enterpriseId: a.id }))).items;
  expect(events.map(({ kind, at: time }) => [kind, time])).toEqual([['gained', at(20).toISOString()], ['lost', at(10).toISOString()], ['gained', at(0).toISOString()]]);
});

test('events come newest first, page by page, each once', async () => {
  const me = await rooms.tenant(), token = await rooms.token(me, 'portfolio');
  const listed = Array.from({ length: 7 }, (_, i) => hotel(`H${i}`));
  await rooms.sweep(me, token, 'portfolio', listed, at(0));
  await rooms.sweep(me, token, 'portfolio', [], at(1));
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof rooms.reach.events>> = await rooms.reach.events(me, reachEventsQuery.parse({ limit: 3, ...(cursor && { cursor }) }));
    seen.push(...page.items.map((event) => `${event.kind} ${event.enterpriseId}`));
    cursor = page.nextCursor;
  } while (cursor);
  expect(new Set(seen).size).toBe(14);
  expect(seen).toHaveLength(14);
  expect(seen.slice(0, 7).every((text) => text.startsWith('lost'))).toBe(true);
});

test('a lost enterprise makes its connection unusable with the reason, a regained one usable again', async () => {
  const me = await rooms.tenant(), token = await rooms.token(me, 'portfolio');
  const [a, b] = [hotel('A'), hotel('B')];
  await rooms.sweep(me, token, 'portfolio', [a, b], at(0));
  await rooms.connections.assign(me, a.id, token);
  const state = async () => (await rooms.enterprises.get(me, a.id)).connection?.state;
  expect(await state()).toBe('usable');
  await rooms.sweep(me, token, 'portfolio', [b], at(1));
  expect(await state()).toBe('enterprise_lost');
  await rooms.sweep(me, token, 'portfolio', [a, b], at(2));
  expect(await state()).toBe('usable');
});

test('a quiet sweep writes no row of reach and none of enterprises; a new name is written', async () => {
  const me = await rooms.tenant(), token = await rooms.token(me, 'portfolio');
  const listed = Array.from({ length: 50 }, (_, i) => hotel(`Q${i}`));
  await rooms.sweep(me, token, 'portfolio', listed, at(0));
  const versions = async () => (await rooms.database.owner.query(
    `select (select array_agg(xmin::text || xmax::text order by id) from enterprise where tenant_id = $1) as e, (select array_agg(xmin::text || xmax::text order by enterprise_id) from reach where tenant_id = $1) as r`, [me.tenantId])).rows[0];
  const before = await versions();
  await rooms.sweep(me, token, 'portfolio', [...listed].reverse(), at(1));
  expect(await versions()).toEqual(before);
  const [first, ...others] = listed;
  if (!first) throw new Error('no enterprise');
  await rooms.sweep(me, token, 'portfolio', [{ ...first, name: 'Renamed', timeZone: 'Asia/Tokyo' }, ...others], at(2));
  expect(await rooms.enterprises.get(me, first.id)).toMatchObject({ name: 'Renamed', timeZone: 'Asia/Tokyo' });
  expect((await versions()).r).toEqual(before.r);
});

test('an enterprise known in another environment is refused, and named', async () => {
  const me = await rooms.tenant(), token = await rooms.token(me, 'enterprise');
  const a = hotel('A');
  await rooms.sweep(me, token, 'enterprise', [a], at(0));
  await expect(rooms.database.db.inTenant(me.tenantId, (tx) => rooms.enterprises.upsert(tx, 'production' as never, [hotel('new'), a])))
    .rejects.toMatchObject({ code: 'environment.mismatch', data: { enterpriseIds: [a.id] } });
});

test('an export holds every row once, however many pieces it takes', async () => {
  const me = await rooms.tenant(), token = await rooms.token(me, 'portfolio');
  const listed = Array.from({ length: 3_000 }, (_, i) => hotel(`C${i}`));
  await rooms.sweep(me, token, 'portfolio', listed, at(0));
  const seen: string[] = [];
  for await (const row of rooms.lists.reach.every(me, query())) seen.push(row.enterpriseId);
  expect(seen.sort()).toEqual(listed.map((one) => one.id).sort());
  const all = new Set<string>();
  for await (const row of rooms.lists.reach.everyOfAll(systemActor('test'), { state: 'all', accessTokenId: token })) all.add(row.enterpriseId);
  expect(all.size).toBe(3_000);
});

test("another tenant's reach, events and enterprises do not exist; the platform's auditor sees all with their tenants", async () => {
  const [mine, theirs] = [await rooms.tenant(), await rooms.tenant()];
  const shared = hotel('Shared');
  for (const me of [mine, theirs]) await rooms.sweep(me, await rooms.token(me, 'enterprise'), 'enterprise', [shared], at(0));
  expect((await rooms.lists.reach.list(mine, query({ enterpriseId: shared.id }), fifty)).items).toHaveLength(1);
  const all = (await rooms.lists.reach.listAll(systemActor('test'), query({ enterpriseId: shared.id }), fifty)).items;
  expect(all.map((row) => row.tenantId).sort()).toEqual([mine.tenantId, theirs.tenantId].sort());
  expect(all[0]).toMatchObject({ tenant: `t-${all[0]?.tenantId}` });
  const other = await rooms.tenant();
  expect((await rooms.lists.reach.list(other, query({ enterpriseId: shared.id }), fifty)).items).toEqual([]);
  await expect(rooms.enterprises.get(other, shared.id)).rejects.toMatchObject({ code: 'enterprise.not_found' });
});

test('10,000 enterprises: every page is complete and cheap at any depth', async () => {
  const me = await rooms.tenant(), token = await rooms.token(me, 'portfolio');
  const listed = Array.from({ length: 10_000 }, (_, i) => hotel(`Hotel ${i % 777}`, newEnterpriseId()));
  await rooms.sweep(me, token, 'portfolio', listed, at(0));
  await rooms.database.owner.query('analyze');
  const walk = async (read: (cursor: string | null) => Promise<{ items: { id: string }[]; nextCursor: string | null }>) => {
    const ids = new Set<string>(), times: number[] = [];
    let cursor: string | null = null;
    do {
      const start = performance.now();
      const page: Awaited<ReturnType<typeof read>> = await read(cursor);
      times.push(performance.now() - start);
      for (const item of page.items) ids.add(item.id);
      cursor = page.nextCursor;
    } while (cursor);
    return { seen: ids.size, slowest: Math.max(...times), median: times.sort((x, y) => x - y)[Math.floor(times.length / 2)] ?? 0 };
  };
  const reached = await walk(async (cursor) => {
    const found = await rooms.lists.reach.list(me, query(), { limit: 500, ...(cursor && { cursor }) });
    return { ...found, items: found.items.map((row) => ({ id: row.enterpriseId })) };
  });
  const enterprises = await walk((cursor) => rooms.enterprises.list(me, { limit: 500, ...(cursor && { cursor }) }));
  expect([reached.seen, enterprises.seen]).toEqual([10_000, 10_000]);
  expect(reached.median).toBeLessThan(150);
  expect(enterprises.median).toBeLessThan(150);
});
