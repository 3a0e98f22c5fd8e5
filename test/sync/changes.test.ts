// Guarantees of later runs: increments bring what changed and touch nothing else, backfills ask for their period, full runs find deletions.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { holdingPages, startKeyrack, until, untilLocked, type Keyrack } from '../harness/keyrack.js';
import { mewsId } from '../../libs/sync/src/record-id.js';
import { changes, expectMirror, listed, runsOf, stored, type Run } from './mirror.js';

let keyrack: Keyrack, enterpriseId: string;
beforeAll(async () => {
  keyrack = await startKeyrack({ env: { KEYRACK_LEASE_SECONDS: '5' } });
  enterpriseId = keyrack.sandbox.tokens[0]?.enterprises[0]?.id ?? '';
  await keyrack.onboard(0);
  await keyrack.untilIdle(90_000);
}, 150_000);
afterAll(async () => { await keyrack.stop(); });

const world = () => keyrack.sandbox.world;
const idsOf = (collection: string) => world().list(collection, enterpriseId).map((record) => String(record['Id']));
const sync = async (body: object) => runsOf(keyrack, await keyrack.sync({ enterpriseIds: [enterpriseId], ...body }));
const rows = async (collection: string) => new Map((await keyrack.database.owner.query<{ id: string; xmin: string; ctid: string }>('select id, xmin::text, ctid::text from record where collection = $1', [collection])).rows.map((row) => [mewsId('sandbox', collection, row.id), `${row.xmin} ${row.ctid}`]));
const highWater = async (collection: string) => (await keyrack.database.owner.query<{ at: Date }>('select high_water as at from sync_state where collection = $1 and source = $2', [collection, enterpriseId])).rows[0]?.at;
const sent = (path: string, since: number) => keyrack.sandbox.log.requests(undefined, path).slice(since).map((seen) => seen.body);
const count = (path: string) => keyrack.sandbox.log.requests(undefined, path).length;

test('an increment shows exactly what changed, and leaves every other row untouched', async () => {
  const before = await rows('reservations');
  const feed = await changes(keyrack, 'reservations');
  const [changed, ended] = idsOf('reservations');
  if (!changed || !ended) throw new Error('no reservations');
  world().update('reservations', changed, { ChannelNumber: 'changed' });
  world().deactivate('reservations', ended);
  const created = String(world().create('reservations', enterpriseId)['Id']);
  const { reservations } = await sync({ collections: ['reservations'] });
  expect(reservations).toMatchObject({ state: 'succeeded', mode: 'incremental', requests: 1, records: { added: 1, updated: 2, deleted: 0 } });
  const fresh = await changes(keyrack, 'reservations', feed.cursor, 2);
  expect(fresh.items.map(({ id, change }) => [id, change]).sort()).toEqual([[changed, 'updated'], [ended, 'updated'], [created, 'added']].sort());
  const after = await rows('reservations');
  expect([...after].filter(([id, version]) => before.get(id) !== version).map(([id]) => id).sort()).toEqual([changed, ended, created].sort());
  await expectMirror(keyrack, [enterpriseId]);

  // The same again: within the overlap, and nothing to tell.
  expect((await sync({ collections: ['reservations'] }))['reservations']).toMatchObject({ records: { added: 0, updated: 0, unchanged: 3 } });
  expect((await changes(keyrack, 'reservations', fresh.cursor)).items).toEqual([]);
  expect(await rows('reservations')).toEqual(after);
}, 60_000);

test.each([['bills', 'Notes'], ['tasks', 'Description']])('a sync of %s that is asked for while a run reads is through when another increment has read what that one may have passed', async (collection, field) => {
  const { owner } = keyrack.database, [changed = ''] = idsOf(collection), ask = () => keyrack.sync({ enterpriseIds: [enterpriseId], collections: [collection] });
  world().update(collection, changed, { [field]: 'changed' });
  const since = count(`${collection}/getAll`);
  const syncs = await holdingPages(keyrack.database, collection, async () => {
    const before = ask();
    await untilLocked(keyrack.database);
    world().update(collection, changed, { [field]: 'changed while it was read' });
    const after = ask();
    await until(20_000, async () => (await owner.query(`select from run where collection = $1 and again <> '{}'`, [collection])).rows.length > 0 || undefined);
    return [before, after];
  });
  expect((await Promise.all(syncs)).map(({ body }) => [body.state, body.total])).toEqual([['succeeded', 1], ['succeeded', 2]]);
  expect((await stored(keyrack, collection)).get(changed)?.record).toMatchObject({ [field]: 'changed while it was read' });
  expect(count(`${collection}/getAll`)).toBeGreaterThan(since + 1);
  await expectMirror(keyrack, [enterpriseId]);
  // Nobody has asked while the second one read.
  expect((await owner.query(`select from run where state in ('queued', 'running', 'waiting')`)).rows).toEqual([]);
}, 60_000);

test('a moment of hotel life in every collection arrives with one increment of all', async () => {
  for (let i = 0; i < 40; i++) world().tick();
  const operation = await keyrack.sync({ enterpriseIds: [enterpriseId] });
  expect(operation.body).toMatchObject({ state: 'succeeded', done: 68, total: 68 });
  await expectMirror(keyrack, [enterpriseId]);
}, 60_000);

test('a backfill asks for its period only, and does not move the high-water mark', async () => {
  const before = await highWater('bills'), since = count('bills/getAll');
  const { bills } = await sync({ collections: ['bills'], from: '2026-01-01T00:00:00Z', to: '2026-02-01T00:00:00Z' });
  expect(bills).toMatchObject({ state: 'succeeded', from: '2026-01-01T00:00:00.000Z', to: '2026-02-01T00:00:00.000Z' });
  expect(sent('bills/getAll', since).map((body) => body['UpdatedUtc'])).toEqual([{ StartUtc: '2026-01-01T00:00:00Z', EndUtc: '2026-02-01T00:00:00Z' }]);
  expect(await highWater('bills')).toEqual(before);
}, 60_000);

test('a full run finds what vanished: a tombstone in the feed, no longer listed; what is only hidden from its increment stays', async () => {
  const feed = await changes(keyrack, 'reservations');
  const [gone] = idsOf('reservations').slice(-1);
  if (!gone) throw new Error('no reservation');
  world().vanish('reservations', gone);
  expect((await sync({ collections: ['reservations'] }))['reservations']?.records.deleted).toBe(0);
  const since = count('reservations/getAll/2023-06-06');
  expect((await sync({ collections: ['reservations'], mode: 'full' }))['reservations']).toMatchObject({ state: 'succeeded', mode: 'full', records: { added: 0, updated: 0, deleted: 1 } });
  // Everything was read a second time before it counted as deleted.
  expect(sent('reservations/getAll/2023-06-06', since).filter((body) => body['UpdatedUtc'] === undefined).length).toBe(2);
  expect((await changes(keyrack, 'reservations', feed.cursor)).items.map(({ id, change }) => [id, change])).toEqual([[gone, 'deleted']]);
  expect((await stored(keyrack, 'reservations')).has(gone)).toBe(false);
  expect((await stored(keyrack, 'reservations', '&includeDeleted=true')).get(gone)?.deletedAt).toBeDefined();
  const { body } = await keyrack.call('GET', '/stats');
  expect(body.collections.find((one: { collection: string }) => one.collection === 'reservations')).toMatchObject({ records: listed(keyrack, 'reservations', [enterpriseId]).size, deleted: 1 });
}, 60_000);

test('a record that moves past the sweep is not deleted', async () => {
  // A row that the sweep does not list, but a second one does: as after a change in the middle of the first.
  const spared = idsOf('bills')[0] ?? '';
  const { records } = await (async () => {
    const store = world().store('bills'), page = store.page.bind(store), found = { times: 0 };
    store.page = (owners, cursor, size, matches, order) => page(owners, cursor, size, matches, order)?.filter((row) => row.id !== spared || (found.times += 1) > 1);
    try {
      const runs = await sync({ collections: ['bills'], mode: 'full' });
      if (!runs['bills']) throw new Error('no run');
      return runs['bills'];
    } finally { store.page = page; }
  })();
  expect(records.deleted).toBe(0);
  expect((await stored(keyrack, 'bills')).has(spared)).toBe(true);
}, 60_000);

test('nor is one of another list of the answer', async () => {
  const rowsOf = world().rows.bind(world()), spared = rowsOf('customerProducts', [enterpriseId])[0]?.id ?? '', found = { times: 0 };
  world().rows = (of, owners) => rowsOf(of, owners).filter((row) => row.id !== spared || (found.times += 1) > 1);
  try {
    expect((await sync({ collections: ['products'], mode: 'full' }))['products']).toMatchObject({ state: 'succeeded', records: { deleted: 0 } });
  } finally { world().rows = rowsOf; }
  expect(found.times).toBeGreaterThan(1);
  expect((await stored(keyrack, 'customerProducts')).has(spared)).toBe(true);
}, 60_000);

test('a record that is listed and cannot be read is set aside, and does not count as vanished', async () => {
  const row = world().store('resources').get(idsOf('resources')[0] ?? '');
  if (!row) throw new Error('no resource');
  const { record } = row;
  Object.assign(row, { record: { ...record, UpdatedUtc: 'yesterday' }, json: null });
  const { resources } = await sync({ collections: ['resources'], mode: 'full' });
  Object.assign(row, { record, json: null });
  expect(resources).toMatchObject({ state: 'succeeded', records: { deleted: 0, quarantined: 1 } });
  expect((await stored(keyrack, 'resources')).has(row.id)).toBe(true);
}, 60_000);

test('where Mews lists a record without its id, what is missing may be that one: a person decides', async () => {
  const row = world().store('resources').get(idsOf('resources')[0] ?? '');
  if (!row) throw new Error('no resource');
  const { record } = row, { Id: _, ...unnamed } = record;
  Object.assign(row, { record: unnamed, json: null });
  const { resources } = await sync({ collections: ['resources'], mode: 'full' });
  Object.assign(row, { record, json: null });
  expect(resources).toMatchObject({ state: 'needs_review', records: { deleted: 0, quarantined: expect.any(Number) } });
  expect((await stored(keyrack, 'resources')).has(row.id)).toBe(true);
  expect((await sync({ collections: ['resources'], mode: 'full' }))['resources']).toMatchObject({ state: 'succeeded', records: { deleted: 0, quarantined: 0 } });
}, 60_000);

test('where a second sweep would take long, what is missing is asked for by id: each that is gone is found among those that are not', async () => {
  const ids = idsOf('bills'), gone = ids.slice(0, 2), spared = ids.slice(2, 6), store = world().store('bills'), page = store.page.bind(store);
  // 31 years are more windows than a second sweep may have.
  const [{ created }] = (await keyrack.database.owner.query<{ created: Date }>(`update enterprise e set created_utc = '1995-01-01' from (select created_utc as created from enterprise where id = $1) old where e.id = $1 returning created`, [enterpriseId])).rows as [{ created: Date }];
  for (const id of gone) world().vanish('bills', id);
  world().unknownIds = 'refused';
  const since = count('bills/getAll'), byId = (body: Record<string, unknown> | undefined) => Array.isArray(body?.['BillIds']);
  store.page = (owners, cursor, size, matches, order) => page(owners, cursor, size, matches, order)?.filter((row) => !spared.includes(row.id) || byId(keyrack.sandbox.log.requests(undefined, 'bills/getAll').at(-1)?.body));
  const { bills } = await sync({ collections: ['bills'], mode: 'full' });
  Object.assign(store, { page });
  world().unknownIds = 'ignored';
  await keyrack.database.owner.query('update enterprise set created_utc = $2 where id = $1', [enterpriseId, created]);
  expect(bills).toMatchObject({ state: 'succeeded', leftOut: [], records: { deleted: 2 } });
  expect(sent('bills/getAll', since).filter(byId).length).toBeGreaterThan(2);
  await expectMirror(keyrack, [enterpriseId], ['bills']);
}, 60_000);

test('a page whose cursor Mews no longer knows begins its window again, once', async () => {
  await keyrack.database.owner.query(`create function small_page() returns trigger language plpgsql as 'begin new.page_size := 10; return new; end'; create trigger small_page before insert on run_window for each row execute function small_page()`);
  const path = 'reservations/getAll/2023-06-06', invalid = { kind: 'status', status: 400, message: 'Invalid Cursor.', path, skip: 2 } as const;
  keyrack.sandbox.faults.add({ ...invalid, count: 1 });
  const since = count(path), cursors = () => sent(path, since).map((body) => (body['Limitation'] as { Cursor: string | null }).Cursor);
  const { reservations } = await sync({ collections: ['reservations'], mode: 'full' });
  expect(reservations).toMatchObject({ state: 'succeeded', requests: cursors().length, records: { added: 0, deleted: 0 } });
  expect(cursors().flatMap((cursor, i) => (cursor === null ? [i] : []))).toEqual([0, 3]);
  keyrack.sandbox.faults.add(invalid);
  expect((await sync({ collections: ['reservations'], mode: 'full' }))['reservations']).toMatchObject({ state: 'failed', error: { code: 'mews.bad_request' } });
  keyrack.sandbox.faults.clear();

  // Also where the run was in other hands in between.
  const again = count(path);
  keyrack.sandbox.faults.add({ kind: 'status', status: 429, retryAfter: 1, path, skip: 2, count: 1 });
  keyrack.sandbox.faults.add({ kind: 'status', status: 400, message: 'Invalid Cursor.', path, names: '"Cursor":"' });
  expect((await sync({ collections: ['reservations'], mode: 'full' }))['reservations']).toMatchObject({ state: 'failed', error: { code: 'mews.bad_request' } });
  expect(sent(path, again)).toHaveLength(5);
  keyrack.sandbox.faults.clear();
  await keyrack.database.owner.query('drop function small_page cascade');
}, 60_000);

test('more than a twentieth vanishing waits for a person, who sees why and decides', async () => {
  const ids = idsOf('payments').slice(0, 5);
  for (const id of ids) world().vanish('payments', id);
  const { payments } = await sync({ collections: ['payments'], mode: 'full' });
  expect(payments).toMatchObject({ state: 'needs_review', records: { deleted: 0 }, error: { code: 'run.deletions_need_review', message: expect.stringMatching(/^Mews no longer lists 5 of \d+ payments/) } });
  expect([...(await stored(keyrack, 'payments')).keys()]).toEqual(expect.arrayContaining(ids));

  // What arrives between the run and the decision is alive.
  world().create('payments', enterpriseId);
  await sync({ collections: ['payments'] });
  const confirmed = await keyrack.call('POST', `/runs/${payments?.id}/confirm`);
  expect(confirmed.body).toMatchObject({ state: 'succeeded', records: { deleted: 5 }, error: null });
  await expectMirror(keyrack, [enterpriseId]);
  expect((await keyrack.call('POST', `/runs/${payments?.id}/confirm`)).status).toBe(409);
}, 60_000);

test('a later full run makes an open review void', async () => {
  const store = world().store('outlets'), page = store.page.bind(store);
  store.page = (...of) => page(...of)?.slice(0, 0);
  const { outlets } = await sync({ collections: ['outlets'], mode: 'full' });
  store.page = page;
  // An empty sweep deletes nothing.
  expect(outlets).toMatchObject({ state: 'needs_review', records: { deleted: 0 } });
  expect((await sync({ collections: ['outlets'], mode: 'full' }))['outlets']).toMatchObject({ state: 'succeeded', records: { deleted: 0 } });
  expect(await keyrack.call('POST', `/runs/${outlets?.id}/confirm`)).toMatchObject({ status: 409, body: { code: 'run.wrong_state' } });
}, 60_000);

test('a sweep that fails on the way deletes nothing', async () => {
  const [gone] = idsOf('orderItems');
  world().vanish('orderItems', gone ?? '');
  keyrack.sandbox.faults.add({ kind: 'status', status: 400, path: 'orderItems/getAll', skip: 2 });
  const { orderItems } = await sync({ collections: ['orderItems'], mode: 'full' });
  keyrack.sandbox.faults.clear();
  expect(orderItems).toMatchObject({ state: 'failed', pages: 2, records: { deleted: 0 }, error: { code: 'mews.bad_request' } });
  expect((await stored(keyrack, 'orderItems')).has(gone ?? '')).toBe(true);

  // Tried again by hand, it is a full run as the first was.
  const retried = await keyrack.call('POST', `/runs/${orderItems?.id}/retry`);
  expect(retried.body).toMatchObject({ mode: 'full', trigger: 'retry' });
  await until(30_000, async () => ((await keyrack.call('GET', `/runs/${retried.body.id}`)).body.state === 'succeeded' ? true : undefined));
  expect((await stored(keyrack, 'orderItems')).has(gone ?? '')).toBe(false);
}, 60_000);

test('asking only for rates of a new enterprise pulls its services first', async () => {
  const other = keyrack.sandbox.tokens[1]?.enterprises[0]?.id ?? '';
  await keyrack.database.owner.query('update schedule set enabled = false');
  const { body: token } = await keyrack.onboard(1, 'none');
  await keyrack.call('PUT', `/enterprises/${other}/connection`, { accessTokenId: token.id });
  await keyrack.database.owner.query('update schedule set enabled = false');
  await keyrack.untilIdle();
  await keyrack.database.owner.query(`delete from sync_state where source = $1`, [other]);
  await keyrack.database.owner.query(`delete from record where enterprise_id = $1`, [other]);
  const runs = await runsOf(keyrack, await keyrack.sync({ enterpriseIds: [other], collections: ['rates'], from: '2026-01-01T00:00:00Z' }));
  expect(Object.fromEntries(Object.entries(runs).map(([name, run]) => [name, run.state]))).toEqual({ rates: 'succeeded', services: 'succeeded' });
  expect((await stored(keyrack, 'services', `&enterpriseId=${other}`)).size).toBe(world().list('services', other).length);
}, 60_000);

test('a paused backfill keeps its pages and lets increments by; another period is refused; resumed, it goes on where it stopped', async () => {
  keyrack.sandbox.faults.add({ kind: 'delay', ms: 700, path: 'orderItems/getAll' });
  const period = { from: '2025-01-01T00:00:00Z', to: '2026-11-01T00:00:00Z' };
  const ask = (body: object) => keyrack.call('POST', '/syncs', { enterpriseIds: [enterpriseId], collections: ['orderItems'], ...body });
  const { body: { runIds: [id] } } = await ask(period);
  const run = (): Promise<Run> => keyrack.call('GET', `/runs/${id}`).then((answer) => answer.body as Run);
  await until(20_000, async () => ((await run()).pages >= 2 ? true : undefined));
  const { body: paused } = await keyrack.call('POST', `/runs/${id}/pause`);
  expect(paused).toMatchObject({ state: 'waiting', waiting: { reason: 'paused', until: null } });
  expect((await ask({ ...period, to: '2026-10-01T00:00:00Z' }))).toMatchObject({ status: 409, body: { code: 'sync.backfill_under_way', runIds: [id] } });

  // Nor does another one that is tried again become this one.
  const { rows: [failed] } = await keyrack.database.owner.query(`
    insert into run (tenant_id, id, collection, source, enterprise_id, access_token_id, mode, trigger, from_utc, to_utc, state, finished_at)
    select tenant_id, gen_random_uuid(), collection, source, enterprise_id, access_token_id, mode, trigger, from_utc - interval '1 day', to_utc, 'failed', now() from run where id = $1 returning id`, [id]);
  expect(await keyrack.call('POST', `/runs/${failed.id}/retry`)).toMatchObject({ status: 409, body: { code: 'sync.backfill_under_way', runIds: [id] } });

  const increment = (await sync({ collections: ['orderItems'] }))['orderItems'];
  expect(increment).toMatchObject({ state: 'succeeded', from: null });
  expect(increment?.id).not.toBe(id);
  expect(await run()).toMatchObject({ state: 'waiting', pages: paused.pages });

  keyrack.sandbox.faults.clear();
  const before = count('orderItems/getAll');
  expect((await keyrack.call('POST', `/runs/${id}/resume`)).status).toBe(200);
  await until(20_000, async () => ((await run()).state === 'succeeded' ? true : undefined));
  expect(count('orderItems/getAll') - before).toBe((await run()).pages - paused.pages);
  expect((await keyrack.call('POST', `/runs/${id}/resume`)).status).toBe(409);
}, 60_000);

test('what needs another collection does not wait for a run of it that is paused', async () => {
  keyrack.sandbox.faults.add({ kind: 'delay', ms: 1_500, path: 'services/getAll', count: 1 });
  const { body: { runIds: [id] } } = await keyrack.call('POST', '/syncs', { enterpriseIds: [enterpriseId], collections: ['services'], mode: 'full' });
  expect((await keyrack.call('POST', `/runs/${id}/pause`)).status).toBe(200);
  expect((await sync({ collections: ['rates'] }))['rates']?.state).toBe('succeeded');
  expect((await keyrack.call('POST', `/runs/${id}/resume`)).status).toBe(200);
  await until(20_000, async () => ((await keyrack.call('GET', `/runs/${id}`)).body.state === 'succeeded' ? true : undefined));
}, 60_000);

test('a full run that is asked for while an increment is under way is one, and so is a failed one that is tried again then', async () => {
  const slow = (): number => keyrack.sandbox.faults.add({ kind: 'delay', ms: 1_500, path: 'orderItems/getAll' });
  const ask = async (mode: string): Promise<string> => (await keyrack.call('POST', '/syncs', { enterpriseIds: [enterpriseId], collections: ['orderItems'], mode })).body.runIds[0] as string;
  const run = (id: string): Promise<Run> => keyrack.call('GET', `/runs/${id}`).then((answer) => answer.body as Run);
  const ended = (id: string): Promise<Run> => until(30_000, async () => { const now = await run(id); return ['succeeded', 'failed'].includes(now.state) ? now : undefined; });
  const begun = async (): Promise<string> => {
    slow();
    const id = await ask('incremental');
    expect(await until(20_000, async () => { const now = await run(id); return now.windowsTotal > 0 ? now.mode : undefined; })).toBe('incremental');
    world().vanish('orderItems', idsOf('orderItems')[0] ?? '');
    return id;
  };
  const first = await begun();
  expect(await ask('full')).toBe(first);
  keyrack.sandbox.faults.clear();
  expect(await ended(first)).toMatchObject({ state: 'succeeded', mode: 'full', records: { deleted: 1 } });

  keyrack.sandbox.faults.add({ kind: 'status', status: 403, path: 'orderItems/getAll' });
  const failed = await ask('full');
  expect((await ended(failed)).state).toBe('failed');
  keyrack.sandbox.faults.clear();
  const second = await begun();
  expect((await keyrack.call('POST', `/runs/${failed}/retry`)).body.id).toBe(second);
  keyrack.sandbox.faults.clear();
  expect(await ended(second)).toMatchObject({ state: 'succeeded', mode: 'full', records: { deleted: 1 } });
  await expectMirror(keyrack, [enterpriseId], ['orderItems']);
}, 90_000);

test('a second sync of a running collection returns the same run; cancel ends it before its next page', async () => {
  keyrack.sandbox.faults.add({ kind: 'delay', ms: 1_500, path: 'orderItems/getAll' });
  const ask = () => keyrack.call('POST', '/syncs', { enterpriseIds: [enterpriseId], collections: ['orderItems'], mode: 'full' });
  const [first, second] = [await ask(), await ask()];
  expect(second.body.runIds).toEqual(first.body.runIds);
  const run = (): Promise<Run> => keyrack.call('GET', `/runs/${first.body.runIds[0]}`).then((answer) => answer.body as Run);
  await until(20_000, async () => ((await run()).pages >= 1 ? true : undefined));
  const cancelled = await keyrack.call('POST', `/runs/${first.body.runIds[0]}/cancel`);
  expect(cancelled.body).toMatchObject({ state: 'cancelled' });
  const asked = count('orderItems/getAll');
  await new Promise((resolve) => setTimeout(resolve, 3_500));
  expect(count('orderItems/getAll')).toBeLessThanOrEqual(asked + 1);
  expect(await run()).toMatchObject({ state: 'cancelled', pages: cancelled.body.pages });
  expect((await keyrack.call('POST', `/runs/${first.body.runIds[0]}/cancel`)).status).toBe(409);
  keyrack.sandbox.faults.clear();
  expect((await sync({ collections: ['orderItems'] }))['orderItems']?.state).toBe('succeeded');
}, 60_000);
