// A sync that is tried out says exactly what the sync then asks, and writes nothing.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startKeyrack, until, type Keyrack } from '../harness/keyrack.js';

let keyrack: Keyrack, enterpriseId: string;
const period = { from: '2025-01-10T00:00:00Z', to: '2025-09-20T00:00:00Z' };

beforeAll(async () => {
  keyrack = await startKeyrack();
  const index = keyrack.sandbox.tokens.findIndex((token) => token.kind === 'enterprise');
  const added = await keyrack.onboard(index);
  enterpriseId = added.body.enterprises[0].id;
  await keyrack.untilIdle(120_000);
  await keyrack.database.owner.query('update schedule set enabled = false');
}, 180_000);
afterAll(() => keyrack.stop());

const preview = (body: object) => keyrack.call('POST', '/syncs?dryRun=true', body);
const rows = async (text: string, values: unknown[] = []) => (await keyrack.database.owner.query(text, values)).rows;
const written = () => rows(`select (select count(*)::int from run) as runs, (select count(*)::int from operation) as operations, (select count(*)::int from audit_event) as events, (select count(*)::int from run_window) as windows`);
const windowsOfRuns = (runIds: string[]) => rows(`
  select r.collection, w.interval_name as interval, w.start_utc as "startUtc", w.end_utc as "endUtc", sum(w.pages)::int as requests from run r join run_window w on w.run_id = r.id
   where r.id = any($1) group by 1, 2, 3, 4 order by 1, 4 desc`, [runIds]);

test('a backfill of what is stored asks exactly the windows and requests that its preview told; the preview writes nothing', async () => {
  const body = { ...period, collections: ['reservations', 'orderItems', 'resourceBlocks', 'rates'] };
  const before = await written();
  const told = await preview(body);
  expect(told.status).toBe(200);
  expect(told.body).toMatchObject({ mode: 'backfill', runs: 4, from: '2025-01-10T00:00:00.000Z', notStarted: [] });
  expect(await written()).toEqual(before);

  const done = await keyrack.sync(body);
  expect(done.body.state).toBe('succeeded');
  const runIds: string[] = done.body.results.map((result: { runId: string }) => result.runId);
  const asked = (await windowsOfRuns(runIds)).map((row) => ({ ...row, startUtc: row.startUtc?.toISOString() ?? null, endUtc: row.endUtc?.toISOString() ?? null }));
  const promised = told.body.collections.flatMap(({ collection, windows }: { collection: string; windows: object[] }) => windows.map((window) => ({ collection, ...window })));
  const inOrder = (list: { collection: string; endUtc: string | null }[]) => list.toSorted((a, b) => `${a.collection} ${a.endUtc}`.localeCompare(`${b.collection} ${b.endUtc}`));
  expect(inOrder(asked)).toEqual(inOrder(promised));
  const [{ requests }] = await rows('select sum(requests)::int as requests from run where id = any($1)', [runIds]);
  expect(told.body.requestsAtLeast).toBe(requests);
}, 60_000);

test('a page that is full has another one after it, which the preview tells where the records are known', async () => {
  const from = new Date(Date.now() - 60_000).toISOString(), body = { from, collections: ['bills'] };
  for (let n = 0; n < 1_000; n += 1) keyrack.sandbox.world.create('bills', enterpriseId);
  expect((await preview(body)).body).toMatchObject({ requestsAtLeast: 1, collections: [{ recordsKnown: 0, windowsTotal: 1 }] });
  await keyrack.sync({ collections: ['bills'] });
  expect((await preview(body)).body).toMatchObject({ requestsAtLeast: 2, collections: [{ recordsKnown: 1_000, windowsTotal: 1, windows: [{ requests: 2 }] }] });
  const [{ runId }] = (await keyrack.sync(body)).body.results;
  expect(await rows('select requests from run where id = $1', [runId])).toEqual([{ requests: 2 }]);
  expect((await preview({ mode: 'full', collections: ['bills'] })).body.requestsAtLeast).toBeGreaterThan(1);
}, 60_000);

test('what Mews has no period for says that it is read whole', async () => {
  const { body } = await preview({ ...period, collections: ['languages', 'reservations'] });
  const [languages, reservations] = ['languages', 'reservations'].map((name) => body.collections.find(({ collection }: { collection: string }) => collection === name));
  expect(languages).toMatchObject({ boundedBy: [], windows: [{ interval: null, startUtc: null, endUtc: null, requests: 1 }], note: expect.stringContaining('Mews has no period for languages') });
  expect(reservations).toMatchObject({ boundedBy: ['UpdatedUtc'], note: null });
});

test('the time is what the budget of the slowest AccessToken allows', async () => {
  await keyrack.database.owner.query(`update environment set limit_requests = 4 where id = 'sandbox'`);
  const { body } = await preview({ ...period, collections: ['reservations'] });
  await keyrack.database.owner.query(`update environment set limit_requests = 5000 where id = 'sandbox'`);
  const [token] = body.accessTokens;
  // Four in 30 s are taken as three in 31 s, one of which is kept for persons.
  expect(token).toMatchObject({ budget: { requests: 2, seconds: 31 }, requestsAtLeast: body.requestsAtLeast });
  expect(body.secondsAtLeast).toBe((Math.ceil(body.requestsAtLeast / 2) - 1) * 31);
});

test('what is running, belongs to another backfill, is unavailable or not connected is told with the reason', async () => {
  await keyrack.stopWorker();
  const started = await keyrack.call('POST', '/syncs', { ...period, collections: ['reservations'] });
  const stranger = '00000000-0000-4000-8000-000000000001';
  await keyrack.database.owner.query(`update sync_state set unavailable_until = now() + interval '1 day', unavailable_reason = 'no permission' where collection = 'rates'`);
  const same = (await preview({ ...period, enterpriseIds: [enterpriseId, stranger] })).body.notStarted;
  expect(same).toEqual(expect.arrayContaining([
    expect.objectContaining({ collection: 'reservations', reason: 'running', runId: started.body.runIds[0] }),
    expect.objectContaining({ collection: 'rates', reason: 'unavailable', detail: expect.stringContaining('no permission') }),
    expect.objectContaining({ enterpriseId: stranger, collection: null, reason: 'not_connected' }),
  ]));
  const other = (await preview({ from: '2024-01-01T00:00:00Z', collections: ['reservations', 'rates'] })).body;
  expect(other.notStarted).toEqual([expect.objectContaining({ collection: 'reservations', reason: 'backfill_under_way' })]);
  expect(other.collections.map(({ collection }: { collection: string }) => collection)).toEqual(['rates']);
  await until(5_000, async () => (await keyrack.call('POST', `/runs/${started.body.runIds[0]}/cancel`)).status === 200 || undefined);
});

test('a mistake is answered at its field with what to do', async () => {
  expect(await preview({ collections: ['reservations', 'minibars'] })).toMatchObject({ status: 404, body: { code: 'collection.unknown', errors: [{ pointer: '/collections/1', detail: expect.stringContaining('GET /v1/collections') }] } });
  const future = new Date(Date.now() + 86_400_000).toISOString();
  expect(await preview({ from: future })).toMatchObject({ status: 422, body: { errors: [{ pointer: '/from', detail: expect.stringContaining('future') }] } });
  expect(await keyrack.call('POST', '/syncs?dryRun=perhaps', {})).toMatchObject({ status: 422, body: { errors: [{ pointer: expect.stringContaining('dryRun') }] } });
});
