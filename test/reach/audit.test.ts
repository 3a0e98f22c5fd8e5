// The audit of reach over time: drift, overlaps, blast radius, unused tokens, who can use one; of a tenant and across all.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomBytes, randomUUID } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import { dayMs, dayOldId, newId, type AccessTokenId, type RunId, type TenantActor } from '@keyrack/core';
import type { DriftRow, OverlapRow, UnusedToken } from '@keyrack/reach';
import { startApi, type Api } from '../harness/api.js';
import { LedgerCleaning } from '../../libs/sync/src/ledger-cleaning.js';
import { TokenEvidence } from '../../libs/sync/src/token-evidence.js';
import { hotel, openRooms, type Rooms } from './rooms.js';

let rooms: Rooms;
let api: Api;
beforeAll(async () => {
  rooms = await openRooms();
  api = await startApi(rooms.database);
});
afterAll(async () => { await api?.close(); await rooms?.database.drop(); });

const now = Date.now();
const daysAgo = (days: number) => new Date(now - days * dayMs);
const sql = (text: string, ...values: unknown[]) => rooms.database.owner.query(text, values);
const get = async (me: TenantActor, path: string, key?: string, headers?: Record<string, string>) => api.request('GET', `/v1/tenants/${me.tenantId}${path}`, undefined, key, headers);
/** Every item of a list, two at a time. */
async function all<Item>(me: TenantActor, path: string): Promise<Item[]> {
  const items: Item[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const { status, body } = await get(me, `${path}${path.includes('?') ? '&' : '?'}limit=2${cursor && `&cursor=${cursor}`}`);
    expect({ path, status }).toEqual({ path, status: 200 });
    items.push(...body.items);
    cursor = body.nextCursor;
  }
  return items;
}
async function csv(path: string): Promise<Record<string, string>[]> {
  const { headers, body } = await api.request('GET', path, undefined, undefined, { accept: 'text/csv' });
  expect(headers.get('content-type')).toMatch(/^text\/csv/);
  return parse(body, { columns: true });
}
async function apiKey(me: TenantActor, role: string, name = role): Promise<{ id: string; key: string }> {
  return (await api.request('POST', `/v1/tenants/${me.tenantId}/api-keys`, { name, role })).body;
}
/** A run as the ledger keeps it; one that has not finished began a day ago. */
async function run(me: TenantActor, token: AccessTokenId, enterprise: string, collection: string, finished: Date | null, { pages = 3, state = 'succeeded', leader = null as RunId | null, began = finished ?? daysAgo(1) } = {}): Promise<RunId> {
  const id = newId<RunId>();
  await sql(`insert into run (tenant_id, id, collection, source, enterprise_id, access_token_id, mode, trigger, state, requests, pages, leader_id, started_at, finished_at)
    values ($1, $2, $3, $4::uuid::text, $4::uuid, $5, 'full', 'schedule', $6, 3, $7, $8, $9, $10)`,
    me.tenantId, id, collection, enterprise, token, state, pages, leader, began, finished);
  return id;
}

test('drift is the difference between two times, with when and what noticed it; what came and went in between is told when asked for', async () => {
  const me = await rooms.tenant(), token = await rooms.token(me, 'portfolio');
  const [stays, goes, comes, returns, passes] = ['Stays', 'Goes', 'Comes', 'Returns', 'Passes'].map((name) => hotel(name));
  if (!stays || !goes || !comes || !returns || !passes) throw new Error('no hotels');
  await rooms.sweep(me, token, 'portfolio', [stays, goes, returns], daysAgo(100));
  await rooms.sweep(me, token, 'portfolio', [stays, goes, passes], daysAgo(20));
  await rooms.sweep(me, token, 'portfolio', [stays, goes, returns], daysAgo(15));
  await rooms.sweep(me, token, 'portfolio', [stays, returns, comes], daysAgo(10));
  await rooms.connections.assign(me, stays.id, token);
  const drift = async (query = '') => (await all<DriftRow>(me, `/reach/drift${query}`)).map(({ enterpriseName, change, openBefore, openAfter }) => `${change} ${enterpriseName} ${openBefore}>${openAfter}`).sort();

  expect(await drift()).toEqual(['gained Comes false>true', 'lost Goes true>false']);
  expect(await drift('?changes=all')).toEqual([
    'gained Comes false>true', 'gained Passes false>false', 'gained Returns true>true', 'lost Goes true>false', 'lost Passes false>false', 'lost Returns true>true']);
  expect(await drift(`?from=${daysAgo(200).toISOString()}&to=${daysAgo(50).toISOString()}`)).toEqual(['gained Goes false>true', 'gained Returns false>true', 'gained Stays false>true']);
  expect(await drift(`?from=${daysAgo(50).toISOString()}&to=${daysAgo(17).toISOString()}`)).toEqual(['gained Passes false>true', 'lost Returns true>false']);
  // A change at the very end of a period belongs to it, one at its very beginning does not.
  expect(await drift(`?from=${daysAgo(20).toISOString()}&to=${daysAgo(10).toISOString()}`)).toEqual(['gained Comes false>true', 'gained Returns false>true', 'lost Goes true>false', 'lost Passes true>false']);
  expect(await drift(`?change=gained&connected=false&from=${daysAgo(200).toISOString()}`)).toEqual(['gained Comes false>true', 'gained Returns false>true']);
  expect(await drift(`?enterpriseId=${goes.id}`)).toEqual(['lost Goes true>false']);

  const [gained] = (await get(me, '/reach/drift?change=gained')).body.items;
  expect(gained).toMatchObject({ at: daysAgo(10).toISOString(), noticedBy: 'check', accessTokenId: token, kind: 'portfolio', connectedBy: null });
  expect((await get(me, `/reach/drift?from=${daysAgo(1).toISOString()}&to=${daysAgo(2).toISOString()}`)).body).toMatchObject({ code: 'request.invalid', errors: [{ pointer: 'from' }] });
  const rows = await csv(`/v1/tenants/${me.tenantId}/reach/drift`);
  expect(rows.map(({ change, enterpriseName, noticedBy }) => [change, enterpriseName, noticedBy]).sort()).toEqual([['gained', 'Comes', 'check'], ['lost', 'Goes', 'check']]);
});

test('overlaps name every token of an enterprise that several open, the one that is used, and why; as of a time those of then', async () => {
  const me = await rooms.tenant();
  const portfolio = await rooms.token(me, 'portfolio'), second = await rooms.token(me, 'portfolio'), own = await rooms.token(me, 'enterprise');
  const [a, b, c, alone] = [hotel('=A1+cmd'), hotel('B'), hotel('C'), hotel('Alone')];
  await rooms.sweep(me, portfolio, 'portfolio', [a, b, c, alone], daysAgo(90));
  await rooms.sweep(me, second, 'portfolio', [b, c], daysAgo(60));
  await rooms.sweep(me, own, 'enterprise', [a], daysAgo(30));
  await rooms.sweep(me, second, 'portfolio', [b], daysAgo(20));
  await rooms.connections.assign(me, a.id, own);
  await rooms.connections.assign(me, b.id, portfolio);
  const overlaps = async (query = '') => (await all<OverlapRow>(me, `/reach/overlaps${query}`)).map(({ enterpriseName, accessTokenId, used, why }) => [enterpriseName, { [portfolio]: 'portfolio', [second]: 'second', [own]: 'own' }[accessTokenId], used, why]);
  const sorted = (rows: unknown[][]) => rows.map((row) => JSON.stringify(row)).sort();

  expect(sorted(await overlaps())).toEqual(sorted([['=A1+cmd', 'portfolio', false, 'own_token'], ['=A1+cmd', 'own', true, 'own_token'], ['B', 'portfolio', true, 'kept'], ['B', 'second', false, 'kept']]));
  await rooms.connections.assign(me, a.id, portfolio);
  expect(sorted(await overlaps(`?enterpriseId=${a.id}`))).toEqual(sorted([['=A1+cmd', 'portfolio', true, 'chosen'], ['=A1+cmd', 'own', false, 'chosen']]));
  expect((await overlaps(`?asOf=${daysAgo(40).toISOString()}`)).map(([name]) => name)).toEqual(['B', 'B', 'C', 'C']);
  expect(await overlaps(`?asOf=${daysAgo(70).toISOString()}`)).toEqual([]);
  await rooms.connections.disconnect(me, b.id);
  expect((await get(me, '/reach/overlaps?q=b')).body.items).toMatchObject([{ used: false, why: null, usedAccessTokenId: null, connectionState: null, tokens: 2 }, { used: false }]);
  // What a spreadsheet would run is no formula any more.
  expect((await csv(`/v1/tenants/${me.tenantId}/reach/overlaps`)).map(({ enterpriseName }) => enterpriseName)).toEqual(["'=A1+cmd", "'=A1+cmd", 'B', 'B']);
});

test('unused are those that neither a sync nor a person has used: the longest first, the never used by their age', async () => {
  const me = await rooms.tenant();
  const make = async (created: number, synced: number | null, asked: number | null, status = 'active') => {
    const id = await rooms.token(me, 'enterprise');
    await sql(`update access_token set created_at = $2, last_synced_at = $3, last_interactive_at = $4, last_verified_at = now(), status = $5 where id = $1`,
      id, daysAgo(created), synced === null ? null : daysAgo(synced), asked === null ? null : daysAgo(asked), status);
    return id;
  };
  const never = await make(200, null, null), fresh = await make(5, null, null), long = await make(300, 120, 150), asked = await make(300, 120, 3), disabled = await make(300, 100, null, 'disabled');
  const just = await make(300, 91, null), almost = await make(300, 89, null);
  await make(400, null, null, 'revoked');
  const unused = async (query = '') => (await all<UnusedToken>(me, `/reach/unused-tokens${query}`)).map((token) => token.accessTokenId);
  expect(await unused()).toEqual([never, long, disabled, just]);
  expect(await unused('?days=110')).toEqual([never, long]);
  expect(await unused('?days=0')).toEqual([never, long, disabled, just, almost, fresh, asked]);
  expect(await unused('?status=disabled')).toEqual([disabled]);
  const [first, second] = (await get(me, '/reach/unused-tokens')).body.items;
  expect(first).toMatchObject({ lastUsedAt: null, unusedDays: 200, ageDays: 200, opens: 0, serves: 0 });
  expect(second).toMatchObject({ lastUsedAt: daysAgo(120).toISOString(), lastSyncedAt: daysAgo(120).toISOString(), lastInteractiveAt: daysAgo(150).toISOString(), unusedDays: 120, ageDays: 300 });
  expect((await csv(`/v1/tenants/${me.tenantId}/reach/unused-tokens`)).map(({ accessTokenId, unusedDays }) => [accessTokenId, unusedDays])).toEqual([[never, '200'], [long, '120'], [disabled, '100'], [just, '91']]);
});

test('a day of being unused is 24 hours, also where the clocks of the database were changed meanwhile', async () => {
  const me = await rooms.tenant(), id = await rooms.token(me, 'enterprise'), offset = (days: number) => new Intl.DateTimeFormat('en', { timeZone: 'Europe/Prague', timeZoneName: 'longOffset' }).format(daysAgo(days)).slice(-6);
  let days = 1;
  while (offset(days) === offset(0)) days += 1;
  // The change, whichever it was, moves the day before by an hour.
  const halfAnHour = dayMs / 48, name = new URL(rooms.database.databaseUrl.reveal()).pathname.slice(1);
  await sql(`alter database "${name}" set timezone = 'Europe/Prague'`);
  const elsewhere = await startApi(rooms.database);
  try {
    for (const [ms, isListed] of [[-halfAnHour, false], [halfAnHour, true]] as const) {
      await sql('update access_token set created_at = $2 where id = $1', id, new Date(Date.now() - (days + 1) * dayMs - ms));
      const { body } = await elsewhere.request('GET', `/v1/tenants/${me.tenantId}/reach/unused-tokens?days=${days + 1}`);
      expect({ ms, listed: body.items.length }).toEqual({ ms, listed: isListed ? 1 : 0 });
    }
  } finally {
    await elsewhere.close();
    await sql(`alter database "${name}" reset timezone`);
  }
});

test('the blast radius tells what a token opens, which collections are known to open, and what was so at a time before', async () => {
  const me = await rooms.tenant(), token = await rooms.token(me, 'portfolio'), other = await rooms.token(me, 'enterprise');
  const [a, b, c] = [hotel('A'), hotel('B'), hotel('C')];
  await rooms.sweep(me, token, 'portfolio', [a, c], daysAgo(90));
  await rooms.sweep(me, token, 'portfolio', [a, b], daysAgo(30));
  await rooms.sweep(me, other, 'enterprise', [a], daysAgo(20));
  await rooms.connections.assign(me, b.id, token);
  for (const days of [60, 10]) await run(me, token, a.id, 'customers', daysAgo(days));
  await run(me, token, a.id, 'services', daysAgo(5));
  // Without a page nothing was read: there was nothing to ask for, or Mews did not answer.
  await run(me, token, a.id, 'messages', daysAgo(5), { pages: 0 });
  await run(me, other, a.id, 'bills', daysAgo(5));
  await sql(`update access_token set last_synced_at = $2, last_interactive_at = $3 where id = $1`, token, daysAgo(5), daysAgo(40));
  await sql(`insert into token_refusal (tenant_id, access_token_id, collection, at, message, request_id) values ($1, $2, 'customers', $3, 'Permission missing', 'r1'), ($1, $2, 'services', $4, 'Earlier', null)`, me.tenantId, token, daysAgo(8), daysAgo(7));

  const radius = async (query = '') => (await get(me, `/access-tokens/${token}/blast-radius${query}`)).body;
  const stateOf = (body: { collections: { collection: string }[] }, name: string) => body.collections.find(({ collection }) => collection === name);
  const today = await radius();
  expect(today).toMatchObject({ asOf: null, enterprises: { opens: 2, chains: 1, serves: 1, onlyThis: 1 }, lastUse: { syncedAt: daysAgo(5).toISOString(), interactiveAt: daysAgo(40).toISOString() } });
  expect(stateOf(today, 'customers')).toMatchObject({ personal: true, state: 'refused', lastReadAt: daysAgo(10).toISOString(), refusedAt: daysAgo(8).toISOString(), reason: 'Permission missing', requestId: 'r1' });
  expect(stateOf(today, 'services')).toMatchObject({ personal: false, state: 'read' });
  expect([stateOf(today, 'messages'), stateOf(today, 'bills')]).toMatchObject([{ personal: true, state: 'not_tried' }, { personal: true, state: 'not_tried' }]);
  expect(today.numbers).toMatchObject({ read: 1, refused: 1, notServed: expect.any(Number) });
  expect(today.numbers.notServed).toBeGreaterThan(0);
  expect(today.personal).toMatchObject({ read: 0, refused: 1 });
  expect(Object.values<number>(today.numbers).reduce((sum, n) => sum + n)).toBe(today.collections.length);

  const then = await radius(`?asOf=${daysAgo(50).toISOString()}`);
  expect(then).toMatchObject({ enterprises: { opens: 2, onlyThis: 2 }, lastUse: { syncedAt: daysAgo(60).toISOString(), interactiveAt: null }, numbers: { read: 1, refused: 0 } });
  expect(stateOf(then, 'customers')).toMatchObject({ state: 'read', lastReadAt: daysAgo(60).toISOString() });
  // Another text, other permissions.
  await sql(`update access_token set rotated_at = $2 where id = $1`, token, daysAgo(6));
  expect(await radius()).toMatchObject({ numbers: { read: 1, refused: 0 } });
  const rows = await csv(`/v1/tenants/${me.tenantId}/access-tokens/${token}/blast-radius`);
  expect(rows).toHaveLength(today.collections.length);
  expect(rows.find(({ collection }) => collection === 'customers')).toMatchObject({ personal: 'true', state: 'not_tried' });
});

test('what a token has read counts however its run ended, or whether it did: failed, cancelled, running, riding along', async () => {
  const me = await rooms.tenant(), token = await rooms.token(me, 'portfolio'), [a, b] = [hotel('A'), hotel('B')];
  await rooms.sweep(me, token, 'portfolio', [a, b], daysAgo(90));
  await run(me, token, a.id, 'customers', daysAgo(4), { state: 'failed' });
  await run(me, token, a.id, 'reservations', daysAgo(3), { state: 'cancelled' });
  const leader = await run(me, token, a.id, 'bills', null, { state: 'running' });
  await run(me, token, b.id, 'bills', null, { state: 'running', leader });
  // Of those that ride along only some hold a record; and where the leader has read nothing, nor have they.
  await run(me, token, a.id, 'companies', daysAgo(2), { pages: 0, leader: await run(me, token, b.id, 'companies', daysAgo(2)) });
  await run(me, token, a.id, 'outlets', daysAgo(2), { pages: 0, leader: await run(me, token, b.id, 'outlets', daysAgo(2), { pages: 0 }) });
  await run(me, token, a.id, 'services', null, { state: 'waiting', pages: 0 });
  const read = async (query = '') => {
    const { body } = await get(me, `/access-tokens/${token}/blast-radius${query}`);
    return (body.collections as { collection: string; state: string; lastReadAt: string | null }[]).filter(({ state }) => state === 'read').map(({ collection, lastReadAt }) => `${collection} ${lastReadAt}`).sort();
  };
  const [companies, customers, reservations] = [`companies ${daysAgo(2).toISOString()}`, `customers ${daysAgo(4).toISOString()}`, `reservations ${daysAgo(3).toISOString()}`];
  expect(await read()).toEqual([`bills ${daysAgo(1).toISOString()}`, companies, customers, reservations]);
  expect(await read(`?asOf=${daysAgo(2.5).toISOString()}`)).toEqual([customers, reservations]);
  expect(await read(`?asOf=${daysAgo(3.5).toISOString()}`)).toEqual([customers]);
});

test('what a token read in a run that takes long counts from its beginning, and by the text that replaced the one it began with', async () => {
  const me = await rooms.tenant(), token = await rooms.token(me, 'enterprise'), a = hotel('A');
  await rooms.sweep(me, token, 'enterprise', [a], daysAgo(90));
  await sql(`update access_token set created_at = $2 where id = $1`, token, daysAgo(90));
  const old = await run(me, token, a.id, 'bills', daysAgo(50), { began: daysAgo(60), state: 'failed' });
  await sql(`update run set id = $2 where id = $1`, old, dayOldId(60).slice(0, -12) + old.slice(-12));
  await run(me, token, a.id, 'bills', daysAgo(3), { state: 'failed', pages: 0 });
  await run(me, token, a.id, 'customers', daysAgo(2), { began: daysAgo(6) });
  await run(me, token, a.id, 'reservations', null, { began: daysAgo(6), state: 'running' });
  const read = async (days: number) => {
    const { body } = await get(me, `/access-tokens/${token}/blast-radius?asOf=${daysAgo(days).toISOString()}`);
    return (body.collections as { collection: string; state: string; lastReadAt: string }[]).filter(({ state }) => state === 'read').map(({ collection, lastReadAt }) => [collection, (now - Date.parse(lastReadAt)) / dayMs]).sort();
  };
  const before = [[70, []], [55, [['bills', 60]]], [40, [['bills', 50]]], [7, [['bills', 50]]], [5, [['bills', 50], ['customers', 6], ['reservations', 6]]], [1, [['bills', 50], ['customers', 2], ['reservations', 6]]]] as const;
  for (const [days, told] of before) expect([days, await read(days)]).toEqual([days, told]);
  await new LedgerCleaning(rooms.database.db).clean();
  expect((await sql(`select 1 from run where tenant_id = $1 and finished_at < $2`, me.tenantId, daysAgo(40))).rows).toEqual([]);
  for (const [days, told] of before) expect([days, await read(days)]).toEqual([days, told]);
  // Each page is asked for by the text of that moment: what goes on reads by the new one, what has ended before did not.
  await sql(`update access_token set rotated_at = $2 where id = $1`, token, daysAgo(1));
  expect(await read(0)).toEqual([['reservations', 1]]);
});

test('what a run read that began by one text and ended by the next counts for both, also when it has ended since and the ledger has forgotten it', async () => {
  const me = await rooms.tenant(), token = await rooms.token(me, 'enterprise'), a = hotel('A');
  await rooms.sweep(me, token, 'enterprise', [a], daysAgo(90));
  await sql(`update access_token set created_at = $2, rotated_at = $3 where id = $1`, token, daysAgo(90), daysAgo(55));
  const spanning = await run(me, token, a.id, 'bills', daysAgo(50), { began: daysAgo(60), state: 'failed' });
  await sql(`update run set id = $2 where id = $1`, spanning, dayOldId(60).slice(0, -12) + spanning.slice(-12));
  await run(me, token, a.id, 'bills', daysAgo(3), { state: 'failed', pages: 0 });
  const read = async (days: number) => {
    const { body } = await get(me, `/access-tokens/${token}/blast-radius?asOf=${daysAgo(days).toISOString()}`);
    const { state, lastReadAt } = (body.collections as { collection: string; state: string; lastReadAt: string | null }[]).find(({ collection }) => collection === 'bills') ?? {};
    return [state, lastReadAt && (now - Date.parse(lastReadAt)) / dayMs];
  };
  const told = [[70, 'not_tried', null], [58, 'read', 60], [52, 'read', 55], [40, 'read', 50], [0, 'read', 50]] as const;
  for (const [days, ...known] of told) expect([days, ...await read(days)]).toEqual([days, ...known]);
  await new LedgerCleaning(rooms.database.db).clean();
  expect((await sql('select 1 from run where id::text like $1', `%${spanning.slice(-12)}`)).rows).toEqual([]);
  for (const [days, ...known] of told) expect([days, ...await read(days)]).toEqual([days, ...known]);
});

test('what a token has read and was refused is known when the ledger has forgotten its runs: first and last, of each text', async () => {
  const me = await rooms.tenant(), token = await rooms.token(me, 'portfolio'), other = await rooms.token(me, 'portfolio'), [a, b] = [hotel('A'), hotel('B')];
  await rooms.sweep(me, token, 'portfolio', [a, b], daysAgo(200));
  const failed = { state: 'failed' }, nothing = { state: 'failed', pages: 0 };
  // What comes after, of any token, lets a run go.
  const readAndForgotten = async (collection: string, ...days: number[]) => {
    for (const one of days) await age(await run(me, token, a.id, collection, daysAgo(one), failed), one);
    await run(me, other, a.id, collection, daysAgo(3), nothing);
  };
  const age = async (id: RunId, days: number) => { await sql(`update run set id = $2 where id = $1`, id, dayOldId(days).slice(0, -12) + id.slice(-12)); };
  await readAndForgotten('reservations', 60);
  await readAndForgotten('customers', 120, 100, 80, 60);
  await readAndForgotten('bills', 90, 40);
  await run(me, token, a.id, 'customers', daysAgo(10));
  await run(me, token, b.id, 'bills', daysAgo(20));
  await age(await run(me, token, a.id, 'services', daysAgo(60), nothing), 60);
  await run(me, other, a.id, 'services', daysAgo(3), nothing);
  await sql(`update access_token set last_synced_at = $2 where id = $1`, token, daysAgo(2));

  const known = async (days = 0): Promise<Record<string, unknown>> => {
    const { body } = await get(me, `/access-tokens/${token}/blast-radius?asOf=${daysAgo(days).toISOString()}`);
    const told = (body.collections as { collection: string; state: string; lastReadAt: string | null; refusedAt: string | null; reason: string | null }[]).filter(({ state }) => state === 'read' || state === 'refused');
    return { lastUse: ago(body.lastUse.syncedAt), ...Object.fromEntries(told.map(({ collection, state, lastReadAt, refusedAt, reason }) => [collection, [state, ago(lastReadAt), ...(refusedAt ? [ago(refusedAt), reason] : [])]])) };
  };
  const ago = (at: string | null) => at && (now - Date.parse(at)) / dayMs;
  const before = { now: await known(), 15: await known(15), 50: await known(50) };
  expect(before[50]).toEqual({ lastUse: 60, reservations: ['read', 60], customers: ['read', 60], bills: ['read', 90] });
  const cleaning = new LedgerCleaning(rooms.database.db);
  await Promise.all([cleaning.clean(), cleaning.clean()]);
  expect((await sql(`select collection from run where tenant_id = $1 and access_token_id = $2 order by 1`, me.tenantId, token)).rows.map(({ collection }) => collection)).toEqual(['bills', 'customers']);
  expect({ now: await known(), 15: await known(15), 50: await known(50) }).toEqual(before);
  expect(before.now).toEqual({ lastUse: 2, reservations: ['read', 60], customers: ['read', 10], bills: ['read', 20] });
  // In between the first and the last that was forgotten it read them, as late as the first at least; before the first nobody had tried.
  expect(await known(70)).toEqual({ lastUse: 90, customers: ['read', 120], bills: ['read', 90] });
  expect(await known(110)).toEqual({ lastUse: 120, customers: ['read', 120] });
  expect(await known(130)).toEqual({ lastUse: null });

  // Refused before and after it was read. In between the two reads nobody knows any more which came last: it counts as read.
  const refuse = async (collection: string, days: number, message: string) => {
    await rooms.database.db.inTenant(me.tenantId, (tx) => new TokenEvidence().noteRefusal(tx, { collection, accessTokenId: token }, { code: 'mews.unauthorized', message }));
    await sql(`update token_refusal set at = $3 where access_token_id = $1 and collection = $2`, token, collection, daysAgo(days));
    await sql(`update token_evidence set first_at = least(first_at, $3), last_at = $3 where access_token_id = $1 and collection = $2 and outcome = 'refused'`, token, collection, daysAgo(days));
  };
  for (const days of [75, 30]) await refuse('bills', days, `Refused ${days}`);
  for (const days of [150, 140, 20]) await refuse('products', days, `Refused ${days}`);
  expect((await known(80)).bills).toEqual(['read', 90]);
  expect((await known(70)).bills).toEqual(['read', 90, 75, null]);
  expect((await known(39)).bills).toEqual(['read', 40, 75, null]);
  expect((await known(25)).bills).toEqual(['refused', 40, 30, 'Refused 30']);
  expect((await known()).bills).toEqual(['read', 20, 30, 'Refused 30']);
  expect([(await known(160)).products, (await known(130)).products, (await known()).products]).toEqual([undefined, ['refused', null, 150, null], ['refused', null, 20, 'Refused 20']]);

  // Another text: what is forgotten later of the one before it says nothing of it, nor does the other one's of then.
  await sql(`update access_token set rotated_at = $2 where id = $1`, token, daysAgo(55));
  await readAndForgotten('reservations', 58, 50, 45);
  await cleaning.clean();
  expect(await known(52)).toEqual({ lastUse: null });
  expect((await known(47)).reservations).toEqual(['read', 50]);
  expect((await known(56)).reservations).toEqual(['read', 58]);
});

test('who can use a token: members and keys by their role, and the platform; nobody who is disabled, expired or revoked', async () => {
  const me = await rooms.tenant(), token = await rooms.token(me, 'enterprise');
  const person = async (name: string, platformRole: string | null, role: string | null, disabled = false) => {
    const id = randomUUID();
    await sql(`insert into app_user (id, email, name, password_hash, platform_role, disabled_at) values ($1, $2, $3, '', $4, $5)`, id, `${name}-${id}@example.test`, name, platformRole, disabled ? new Date() : null);
    if (role) await sql(`insert into membership (tenant_id, user_id, role) values ($1, $2, $3)`, me.tenantId, id, role);
  };
  await person('Olga', null, 'owner');
  await person('Vera', null, 'viewer');
  await person('Gone', null, 'owner', true);
  await person('Oskar', 'operator', null);
  await person('Alva', 'auditor', null);
  await person('Stranger', null, null);
  const owner = await apiKey(me, 'owner'), viewer = await apiKey(me, 'viewer'), revoked = await apiKey(me, 'developer', 'revoked'), expired = await apiKey(me, 'developer', 'expired');
  await api.request('DELETE', `/v1/tenants/${me.tenantId}/api-keys/${revoked.id}`);
  await sql(`update api_key set expires_at = now() - interval '1 day' where id = $1`, expired.id);
  type User = { kind: string; name: string; email: string | null; can: string[] };
  const users = await all<User>(me, `/access-tokens/${token}/users`);
  const told = (kind: string) => users.filter((user) => user.kind === kind).map(({ name, can }) => [name, can.join(' ')]);
  expect(told('member')).toEqual([['Olga', 'sync manage connect read'], ['Vera', 'read']]);
  expect(told('api_key')).toEqual([['owner', 'sync manage connect read'], ['viewer', 'read']]);
  // An auditor can use nothing.
  expect(told('platform_user')).toContainEqual(['Oskar', 'sync manage connect']);
  expect(users.map(({ name }) => name)).not.toContain('Alva');
  expect(users.find(({ name }) => name === 'Oskar')?.email).toMatch(/^Oskar-/);
  const asOwner = (await get(me, `/access-tokens/${token}/users`, owner.key)).body.items as User[];
  expect([asOwner.find(({ name }) => name === 'Oskar')?.email, asOwner.find(({ name }) => name === 'Olga')?.email]).toEqual([null, expect.stringMatching(/^Olga-/)]);
  expect((await get(me, `/access-tokens/${token}/users`, viewer.key)).status).toBe(403);
  expect((await get(me, `/access-tokens/${token}/blast-radius`, viewer.key)).status).toBe(200);
  expect((await csv(`/v1/tenants/${me.tenantId}/access-tokens/${token}/users`)).find(({ name }) => name === 'Vera')).toMatchObject({ kind: 'member', can: 'read' });
});

test('across tenants each list names its tenant, can be narrowed to one, is for the platform only, and each look is written down', async () => {
  const [one, two] = [await rooms.tenant(), await rooms.tenant()];
  const shared = hotel('Shared');
  for (const me of [one, two]) {
    for (const kind of ['enterprise', 'portfolio'] as const) await rooms.sweep(me, await rooms.token(me, kind), kind, [shared], daysAgo(3));
  }
  const tenantsOf = async (path: string): Promise<string[]> => {
    const { status, body } = await api.request('GET', path);
    expect({ path, status }).toEqual({ path, status: 200 });
    return (body.items as { tenantId: string; tenant: string }[]).filter(({ tenantId, tenant }) => tenant === `t-${tenantId}`).map(({ tenantId }) => tenantId);
  };
  const viewer = await apiKey(one, 'owner');
  for (const view of ['', '/drift', '/overlaps', '/unused-tokens']) {
    const path = `/v1/platform/reach${view}?limit=500${view === '/unused-tokens' ? '&days=0' : ''}`;
    const found = await tenantsOf(path);
    expect({ view, both: [one, two].map((me) => found.filter((id) => id === me.tenantId).length) }).toEqual({ view, both: [2, 2] });
    expect(new Set(await tenantsOf(`${path}&tenant=${two.tenantId}`))).toEqual(new Set([two.tenantId]));
    expect(new Set(await tenantsOf(`${path}&tenant=t-${two.tenantId}`))).toEqual(new Set([two.tenantId]));
    expect((await csv(`${path}&tenant=${one.tenantId}`)).map(({ tenantId }) => tenantId)).toEqual([one.tenantId, one.tenantId]);
    expect((await api.request('GET', path, undefined, viewer.key)).status).toBe(403);
  }
  expect((await api.request('GET', '/v1/platform/reach/drift?tenant=nobody')).body).toMatchObject({ code: 'tenant.not_found' });
  const { body } = await api.request('GET', '/v1/audit?action=reach.read_across_tenants&limit=500');
  const noted = (body.items as { subject: { view: string; tenantId: string | null } }[]).map(({ subject }) => `${subject.view} ${subject.tenantId ?? 'all'}`);
  for (const view of ['reach', 'drift of reach', 'overlaps of reach', 'unused tokens']) {
    expect(noted.filter((text) => text === `${view} all`)).toHaveLength(1);
    expect(noted.filter((text) => text === `${view} ${two.tenantId}`)).toHaveLength(2);
    expect(noted.filter((text) => text === `${view} ${one.tenantId}`)).toHaveLength(1);
  }
});

test('with many tokens and enterprises every page is a matter of milliseconds, at any depth', async () => {
  const me = await rooms.tenant();
  const [tokens, enterprises] = [100, 200];
  await sql(`insert into enterprise (tenant_id, id, environment_id, chain_id, name, time_zone, created_utc)
    select $1, gen_random_uuid(), 'demo', $2, 'Hotel ' || n, 'UTC', now() from generate_series(1, $3::int) n`, me.tenantId, randomUUID(), enterprises);
  await sql(`insert into access_token (tenant_id, id, environment_id, application_id, kind, hint, fingerprint, ciphertext, created_at)
    select $1, gen_random_uuid(), 'demo', (select id from application limit 1), 'portfolio', '…', $2 || n, '\\x00', now() - interval '200 days' from generate_series(1, $3::int) n`, me.tenantId, randomBytes(8).toString('hex'), tokens);
  await sql(`insert into reach (tenant_id, environment_id, access_token_id, enterprise_id, via, first_seen_at)
    select t.tenant_id, 'demo', t.id, e.id, 'portfolio', date_trunc('milliseconds', now() - interval '20 days') from access_token t join enterprise e using (tenant_id) where tenant_id = $1`, me.tenantId);
  await sql(`insert into reach_event (tenant_id, id, access_token_id, enterprise_id, kind, at) select tenant_id, gen_random_uuid(), access_token_id, enterprise_id, 'gained', first_seen_at from reach where tenant_id = $1`, me.tenantId);
  await sql('vacuum analyze');
  const slowest: Record<string, number> = {};
  for (const path of ['/reach/drift', '/reach/drift?changes=all', '/reach/drift?change=lost', '/reach/overlaps', `/reach/overlaps?asOf=${daysAgo(1).toISOString()}`, '/reach/unused-tokens']) {
    let cursor = '';
    for (let page = 0; page < 3; page++) {
      const start = performance.now();
      const { status, body } = await get(me, `${path}${path.includes('?') ? '&' : '?'}limit=200${cursor && `&cursor=${cursor}`}`);
      slowest[path] = Math.max(slowest[path] ?? 0, Math.round(performance.now() - start));
      expect({ path, status, some: body.items.length > 0 || path.includes('lost') }).toEqual({ path, status: 200, some: true });
      if (body.nextCursor === null) break;
      cursor = body.nextCursor;
    }
  }
  expect(Object.entries(slowest).filter(([, ms]) => ms >= 1_000)).toEqual([]);
});
