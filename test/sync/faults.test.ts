// Guarantees when Mews, or the way to it, misbehaves: a sync waits or asks for less, comes through, and doubles nothing.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { collections, ownerOf } from '@keyrack/mews';
import { startKeyrack, until, type Keyrack } from '../harness/keyrack.js';
import { changes, expectMirror, runsOf, stored, unwell, type Run } from './mirror.js';

let keyrack: Keyrack, enterpriseId: string, token: string;
beforeAll(async () => {
  keyrack = await startKeyrack({ env: { KEYRACK_LEASE_SECONDS: '5' } });
  enterpriseId = keyrack.sandbox.tokens[0]?.enterprises[0]?.id ?? '';
  // The first load goes through all of it at once.
  const { faults } = keyrack.sandbox;
  faults.add({ kind: 'status', status: 500, probability: 0.06, seed: 'a' });
  faults.add({ kind: 'reset', when: 'after', probability: 0.06, seed: 'b' });
  faults.add({ kind: 'truncate', probability: 0.05, seed: 'c' });
  faults.add({ kind: 'invalid_json', probability: 0.05, seed: 'd' });
  faults.add({ kind: 'wrong_types', probability: 0.05, seed: 'e' });
  faults.add({ kind: 'duplicate_rows', probability: 0.2, seed: 'f' });
}, 120_000);
afterAll(async () => { await keyrack.stop(); });
afterEach(() => { keyrack.sandbox.faults.clear(); });

const requests = (path: string, since = 0) => keyrack.sandbox.log.requests(undefined, path).slice(since);
const bodies = (path: string, since: number) => requests(path, since).map((seen) => JSON.stringify(seen.body));
const sync = async (body: object) => runsOf(keyrack, await keyrack.sync({ enterpriseIds: [enterpriseId], ...body }));
const start = async (body: object): Promise<string> => (await keyrack.call('POST', '/syncs', { enterpriseIds: [enterpriseId], ...body })).body.runIds[0] as string;
const run = async (id: string): Promise<Run> => (await keyrack.call('GET', `/runs/${id}`)).body as Run;
const ended = (id: string) => until(40_000, async () => { const now = await run(id); return ['queued', 'running', 'waiting'].includes(now.state) ? undefined : now; });

test('through 500s, resets, cut and broken answers the first load comes complete, and nothing is there twice', async () => {
  const { body } = await keyrack.call('POST', '/access-tokens', { applicationId: keyrack.applicationId, environment: 'sandbox', accessToken: keyrack.sandbox.tokens[0]?.accessToken, connect: 'all' })
    .then(async (answer) => (answer.status === 201 ? answer : until(30_000, async () => { const again = await keyrack.call('POST', '/access-tokens', { applicationId: keyrack.applicationId, environment: 'sandbox', accessToken: keyrack.sandbox.tokens[0]?.accessToken, connect: 'all' }); return again.status === 201 ? again : undefined; })));
  token = body.id;
  await keyrack.untilIdle(100_000);
  keyrack.sandbox.faults.clear();
  const all = (await keyrack.call('GET', '/runs?limit=500')).body.items as Run[];
  expect(unwell(all)).toEqual([]);
  expect(all.reduce((total, one) => total + one.records.added, 0)).toBe(await expectMirror(keyrack, [enterpriseId]));
  expect(all.reduce((total, one) => total + one.records.updated, 0)).toBe(0);
  expect((await changes(keyrack, 'orderItems')).items.every((item) => item.change === 'added')).toBe(true);
}, 150_000);

test('408 is answered with less each time, never with the same request again', async () => {
  const { faults } = keyrack.sandbox;
  faults.add({ kind: 'heavy', path: 'orderItems/getAll', maxDays: 40 });
  faults.add({ kind: 'heavy', path: 'reservations/getAll/2023-06-06', maxCount: 10 });
  const since = { orderItems: requests('orderItems/getAll').length, reservations: requests('reservations/getAll/2023-06-06').length };
  const { orderItems, reservations } = await sync({ collections: ['orderItems', 'reservations'], mode: 'full' });
  expect([orderItems?.state, reservations?.state]).toEqual(['succeeded', 'succeeded']);
  expect([orderItems?.records.added, orderItems?.records.deleted, reservations?.records.added, reservations?.records.deleted]).toEqual([0, 0, 0, 0]);
  for (const sent of [bodies('orderItems/getAll', since.orderItems), bodies('reservations/getAll/2023-06-06', since.reservations)]) {
    expect(sent.length).toBeGreaterThan(3);
    expect(new Set(sent).size).toBe(sent.length);
  }
  expect(orderItems?.requests).toBe(requests('orderItems/getAll', since.orderItems).length);
  await expectMirror(keyrack, [enterpriseId]);
}, 60_000);

test.each([['with Retry-After', 2], ['without', undefined]])('429 %s: the run waits, says why and until when, and then finishes', async (_, retryAfter) => {
  keyrack.sandbox.faults.add({ kind: 'status', status: 429, path: 'bills/getAll', count: 1, ...(retryAfter !== undefined && { retryAfter }) });
  const from = Date.now(), id = await start({ collections: ['bills'] });
  const waiting = await until(10_000, async () => { const now = await run(id); return now.state === 'waiting' ? now : undefined; });
  expect(waiting.waiting?.reason).toBe('throttled');
  expect(waiting.waitedMs).toBeLessThan(Date.now() - from);
  expect(Date.parse(waiting.waiting?.until ?? '')).toBeGreaterThan(Date.now() - 5_000);
  const done = await ended(id);
  expect(done).toMatchObject({ state: 'succeeded', requests: 2, pages: 1, waiting: null });
  expect(done.waitedMs).toBeGreaterThanOrEqual((retryAfter ?? 1) * 900);
}, 60_000);

test('a host that does not answer is left alone: runs wait, say so and use up no attempt; when it answers they go on', async () => {
  const names = collections.filter((entry) => ownerOf(entry) === 'enterprise' && entry.stage === 1).map(({ name }) => name), since = keyrack.sandbox.log.requests().length;
  keyrack.sandbox.faults.add({ kind: 'status', status: 503 });
  const { body: { runIds } } = await keyrack.call('POST', '/syncs', { enterpriseIds: [enterpriseId], collections: names });
  const runs = (): Promise<Run[]> => Promise.all((runIds as string[]).map(run));
  const told = await until(20_000, async () => { const all = await runs(); return all.every(({ error }) => error?.message.includes('did not answer the last')) ? all : undefined; });
  for (const one of told) expect(one).toMatchObject({ state: 'waiting', error: { code: 'mews.unreachable', message: expect.stringMatching(/asked again after \d{4}-/) }, waiting: { reason: 'retry', until: expect.any(String) } });
  expect(told.filter(({ attempts, requests: asked }) => attempts + asked === 0).length).toBeGreaterThan(names.length - 20);
  expect(keyrack.sandbox.log.requests().length - since).toBeLessThan(20);
  keyrack.sandbox.faults.clear();
  await until(30_000, async () => ((await runs()).every(({ state }) => state === 'succeeded') ? true : undefined));
}, 90_000);

test('where Mews takes too long for what cannot be asked in parts it is asked again; what is too large for ever is told', async () => {
  keyrack.sandbox.faults.add({ kind: 'status', status: 408, path: 'countries/getAll', count: 2 });
  keyrack.sandbox.faults.add({ kind: 'status', status: 413, path: 'currencies/getAll' });
  const { countries, currencies } = await runsOf(keyrack, await keyrack.sync({ enterpriseIds: [enterpriseId], collections: ['countries', 'currencies'] }));
  expect(countries).toMatchObject({ state: 'succeeded', requests: 3 });
  expect(currencies).toMatchObject({ state: 'failed', requests: 1, error: { code: 'mews.failed', message: expect.stringContaining('too heavy') } });
}, 60_000);

test('one record that cannot be stored is set aside, and its page goes on', async () => {
  const records = keyrack.sandbox.world.list('resources', enterpriseId).slice(0, 3).map((record) => String(record['Id']));
  for (const id of records) keyrack.sandbox.world.update('resources', id, { Name: `Room ${id.slice(0, 4)}` });
  keyrack.sandbox.faults.add({ kind: 'bad_record', path: 'resources/getAll', count: 1 });
  const { resources } = await sync({ collections: ['resources'] });
  expect(resources).toMatchObject({ state: 'succeeded', records: { updated: 2, quarantined: 1 } });
  await sync({ collections: ['resources'] });
  await expectMirror(keyrack, [enterpriseId]);
}, 60_000);

test('a fault that stays ends the run as failed with the cause, and the other collections go on', async () => {
  keyrack.sandbox.faults.add({ kind: 'status', status: 400, message: 'Invalid something.', path: 'bills/getAll' });
  const operation = await keyrack.sync({ enterpriseIds: [enterpriseId], collections: ['bills', 'payments'] });
  expect(operation.body.state).toBe('partial');
  const { bills, payments } = await runsOf(keyrack, operation);
  expect(bills).toMatchObject({ state: 'failed', error: { code: 'mews.bad_request', status: 400, message: expect.stringContaining('Invalid something.') } });
  expect(payments?.state).toBe('succeeded');
}, 60_000);

test('an operation that alone answers 5xx ends its run at the eighth failure; where Mews answers nothing else either, the run waits on', async () => {
  const { faults } = keyrack.sandbox, { owner } = keyrack.database;
  // Six of eight failures are left out, which would take two minutes.
  const atTheEighth = (id: string) => until(30_000, async () => {
    await owner.query(`update run set attempts = 7, available_at = now() where id = $1 and state = 'waiting' and attempts between 1 and 6`, [id]);
    const now = await run(id);
    return now.state === 'failed' || now.attempts >= 8 ? now : undefined;
  });
  faults.add({ kind: 'status', status: 503, path: 'payments/getAll' });
  expect(await atTheEighth(await start({ collections: ['payments'], mode: 'full' }))).toMatchObject({ state: 'failed', requests: 3, error: { code: 'mews.failed', status: 503 } });
  faults.clear();

  faults.add({ kind: 'status', status: 503 });
  const id = await start({ collections: ['payments'], mode: 'full' });
  expect(await atTheEighth(id)).toMatchObject({ state: 'waiting', attempts: 8, waiting: { reason: 'retry' } });
  faults.clear();
  await owner.query('update run set available_at = now() where id = $1', [id]);
  expect(await ended(id)).toMatchObject({ state: 'succeeded' });
}, 90_000);

test('401 on one operation makes that collection unavailable with the reason; the sync is no failure, and verifying asks again', async () => {
  const denied = keyrack.sandbox.world.tokens[0]?.denied;
  denied?.add('outlets/getAll');
  const operation = await keyrack.sync({ enterpriseIds: [enterpriseId], collections: ['outlets', 'bills'] });
  expect(operation.body.state).toBe('succeeded');
  expect((await runsOf(keyrack, operation))['outlets']).toMatchObject({ state: 'cancelled', error: { code: 'collection.unavailable', status: 401 } });
  const { body } = await keyrack.call('GET', '/stats');
  expect(body.unavailable).toContainEqual(expect.objectContaining({ collection: 'outlets', enterpriseId, reason: expect.stringContaining('permission') }));
  const known = async () => ((await keyrack.call('GET', `/access-tokens/${token}/blast-radius`)).body.collections as { collection: string }[]).find(({ collection }) => collection === 'outlets');
  expect(await known()).toMatchObject({ state: 'refused', refusedAt: expect.any(String), requestId: expect.any(String) });
  const since = requests('outlets/getAll').length;
  expect((await keyrack.sync({ enterpriseIds: [enterpriseId] })).body).toMatchObject({ state: 'succeeded', total: 67 });
  expect(requests('outlets/getAll', since)).toEqual([]);
  expect((await keyrack.call('GET', `/access-tokens/${token}`)).body.status).toBe('active');
  denied?.clear();
  expect((await keyrack.call('POST', `/access-tokens/${token}/verify`)).status).toBe(200);
  await until(20_000, async () => (requests('outlets/getAll', since).length > 0 ? true : undefined));
  await keyrack.untilIdle();
  expect((await keyrack.call('GET', '/stats')).body.unavailable).toEqual([]);
  expect(await known()).toMatchObject({ state: 'read', lastReadAt: expect.any(String) });
}, 60_000);

test('401 everywhere makes the token invalid and pauses its schedules with the reason; restored and verified, they resume', async () => {
  const { world } = keyrack.sandbox;
  const accessToken = keyrack.sandbox.tokens[0]?.accessToken ?? '';
  world.revokeToken(accessToken);
  const { bills } = await sync({ collections: ['bills'] });
  expect(bills).toMatchObject({ state: 'failed', error: { code: 'access_token.rejected', status: 401 } });
  expect((await keyrack.call('GET', `/access-tokens/${token}`)).body.status).toBe('invalid');
  const paused = (await keyrack.call('GET', '/schedules?limit=500')).body.items as { paused: unknown; nextRunAt: unknown; enabled: boolean }[];
  expect(paused.every((one) => one.enabled && one.nextRunAt === null && JSON.stringify(one.paused) === '{"reason":"token_invalid"}')).toBe(true);
  const quiet = keyrack.sandbox.log.count(accessToken);
  await keyrack.database.owner.query('update schedule set next_run_at = now()');
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  expect(keyrack.sandbox.log.count(accessToken)).toBe(quiet);
  expect((await keyrack.call('POST', '/syncs', { enterpriseIds: [enterpriseId] })).status).toBe(404);

  world.restoreToken(accessToken);
  expect((await keyrack.call('POST', `/access-tokens/${token}/verify`)).body.status).toBe('active');
  await until(20_000, async () => (requests('bills/getAll').at(-1)?.status === 200 ? true : undefined));
  await keyrack.untilIdle();
  expect(((await keyrack.call('GET', '/schedules?limit=500')).body.items as { paused: unknown }[]).every((one) => one.paused === null)).toBe(true);
}, 60_000);

test('an enterprise that the token loses pauses; regained, it resumes', async () => {
  const { world } = keyrack.sandbox;
  const accessToken = keyrack.sandbox.tokens[4]?.accessToken ?? '';
  const { body: portfolio } = await keyrack.onboard(4, [keyrack.sandbox.tokens[4]?.enterprises[0]?.id ?? '']);
  await keyrack.untilIdle(100_000);
  const [lost] = (portfolio.enterprises as { id: string; connected: boolean }[]).filter((one) => one.connected);
  if (!lost) throw new Error('nothing connected');
  const schedules = async () => (await keyrack.call('GET', `/schedules?enterpriseId=${lost.id}&limit=500`)).body.items as { collection: string; paused: { reason: string } | null; lastRun: { id: string } }[];
  world.unlink(accessToken, lost.id);
  await keyrack.call('POST', `/access-tokens/${portfolio.id}/verify`);
  expect(new Set((await schedules()).map((one) => one.paused?.reason))).toEqual(new Set(['enterprise_lost']));
  const shared = collections.filter((entry) => ownerOf(entry) !== 'enterprise').map((entry) => entry.name);
  const before = (await schedules()).map((one) => one.lastRun.id);
  world.link(accessToken, lost.id);
  await keyrack.call('POST', `/access-tokens/${portfolio.id}/verify`);
  // A chain's records were pulled a moment ago: once is enough for all of its enterprises.
  await until(30_000, async () => ((await schedules()).every((one, i) => one.paused === null && (shared.includes(one.collection) || one.lastRun.id !== before[i])) ? true : undefined));
  await keyrack.untilIdle();
  expect((await stored(keyrack, 'services', `&enterpriseId=${lost.id}`)).size).toBe(world.list('services', lost.id).length);
}, 150_000);
