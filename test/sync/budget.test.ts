// What a spent budget or a 429 does to runs: they wait without holding up others, and persons are answered all the same.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startKeyrack, until, type Keyrack } from '../harness/keyrack.js';

let keyrack: Keyrack, slow: string, other: string, slowToken: string;

beforeAll(async () => {
  // One place for runs: what holds it holds up everything.
  keyrack = await startKeyrack({ sandbox: { profile: 'small' }, requestLimit: { requests: 200, seconds: 30 }, env: { KEYRACK_WORKER_CONCURRENCY: '1' } });
  const { world } = keyrack.sandbox;
  const add = async () => {
    const { accessToken } = world.issueToken({ enterprises: [world.addEnterprise({ reservations: 30 }).id] });
    const { body } = await keyrack.call('POST', '/access-tokens', { applicationId: keyrack.applicationId, environment: 'sandbox', accessToken });
    return { accessToken, id: body.id as string, enterpriseId: body.enterprises[0].id as string };
  };
  const [one, two] = [await add(), await add()];
  [slow, other, slowToken] = [one.enterpriseId, two.enterpriseId, one.id];
  await keyrack.untilIdle(120_000);
  await keyrack.database.owner.query('update schedule set enabled = false');
}, 180_000);
afterAll(() => keyrack.stop());

const start = async (enterpriseId: string, collections: string[]): Promise<string[]> => (await keyrack.call('POST', '/syncs', { enterpriseIds: [enterpriseId], collections, mode: 'full' })).body.runIds;
const run = async (id: string | undefined) => (await keyrack.call('GET', `/runs/${id}`)).body;

test('a run that Mews told to wait is parked: the only place of the worker serves another AccessToken at once', async () => {
  keyrack.sandbox.faults.add({ kind: 'status', status: 429, retryAfter: 8, path: 'bills/getAll', count: 1 });
  const [parked] = await start(slow, ['bills']);
  await until(10_000, async () => ((await run(parked)).waiting?.reason === 'throttled' ? true : undefined));
  const [served] = await start(other, ['bills']);
  await until(5_000, async () => ((await run(served)).state === 'succeeded' ? true : undefined));
  expect((await run(parked)).state).toBe('waiting');
  await until(20_000, async () => ((await run(parked)).state === 'succeeded' ? true : undefined));
  expect((await run(parked)).waitedMs).toBeGreaterThanOrEqual(7_000);
}, 60_000);

test('while a sync has spent all that is its own of the budget, a person\'s verification is answered, and other tokens go on', async () => {
  const [{ fingerprint }] = (await keyrack.database.owner.query('select fingerprint from access_token where id = $1', [slowToken])).rows;
  // As if so many requests had just been sent: all that a sync may have, and not those kept for persons.
  await keyrack.database.owner.query(`
    update request_budget set stamps = array(select (extract(epoch from now()) * 1000)::bigint from generate_series(1, 187)), tightened_until = 0, blocked_until = 0,
           interactive_at = (extract(epoch from now()) * 1000)::bigint where key = $1`, [fingerprint]);
  const [parked] = await start(slow, ['rates']);
  await until(10_000, async () => ((await run(parked)).waiting?.reason === 'budget' ? true : undefined));
  const before = Date.now();
  expect(await keyrack.call('POST', `/access-tokens/${slowToken}/verify`)).toMatchObject({ status: 200, body: { status: 'active' } });
  expect(Date.now() - before).toBeLessThan(5_000);
  const [served] = await start(other, ['rates']);
  await until(5_000, async () => ((await run(served)).state === 'succeeded' ? true : undefined));
  expect((await run(parked)).state).toBe('waiting');
  expect((await keyrack.call('POST', `/runs/${parked}/cancel`)).status).toBe(200);
}, 60_000);

test('finding out what a 401 means takes nothing of what is kept for persons: where the rest is spent, it waits', async () => {
  const { owner } = keyrack.database;
  const [{ fingerprint }] = (await owner.query('select fingerprint from access_token where id = $1', [slowToken])).rows;
  const spent = (requests: number) => owner.query(`
    update request_budget set stamps = array(select (extract(epoch from now()) * 1000)::bigint from generate_series(1, $2::int)), tightened_until = 0, blocked_until = 0, interactive_at = 0 where key = $1`, [fingerprint, requests]);
  // One is left besides the two for persons.
  await spent(192);
  keyrack.sandbox.faults.add({ kind: 'status', status: 401, path: 'outlets/getAll' });
  const [id] = await start(slow, ['outlets']);
  await until(10_000, async () => ((await run(id)).waiting?.reason === 'budget' ? true : undefined));
  expect(await run(id)).toMatchObject({ requests: 1, attempts: 0 });
  await spent(0);
  await owner.query('update run set available_at = now() where id = $1', [id]);
  await until(20_000, async () => ((await run(id)).state === 'cancelled' ? true : undefined));
  expect(await run(id)).toMatchObject({ requests: 3, error: { code: 'collection.unavailable', status: 401 } });
  expect((await owner.query('select interactive_at from request_budget where key = $1', [fingerprint])).rows).toEqual([{ interactive_at: 0 }]);
  keyrack.sandbox.faults.clear();
}, 60_000);
