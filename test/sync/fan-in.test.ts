// Guarantees of reading the enterprises of a Portfolio Access Token together: fewer requests, and to each enterprise what is its own.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { collections, isShareable } from '@keyrack/mews';
import { startKeyrack, until, type Keyrack } from '../harness/keyrack.js';
import { changes, expectMirror, stored, unwell, type Run } from './mirror.js';

const HOTELS = 8;
type Led = Run & { leadRunId: string | null };

let keyrack: Keyrack, hotels: string[], accessToken: string;
beforeAll(async () => {
  keyrack = await startKeyrack();
  const { world } = keyrack.sandbox;
  const chain = world.addChain('Together');
  hotels = Array.from({ length: HOTELS }, (_, i) => world.addEnterprise({ chainId: chain.id, ageDays: 40 + i, reservations: 40 }).id);
  accessToken = world.issueToken({ kind: 'portfolio', enterprises: hotels, restricted: true }).accessToken;
  await keyrack.onboard(keyrack.sandbox.tokens.findIndex((token) => token.accessToken === accessToken));
  await keyrack.untilIdle(120_000);
}, 180_000);
afterAll(async () => { await keyrack.stop(); });
afterEach(() => { for (const { id } of keyrack.sandbox.faults.list()) keyrack.sandbox.faults.remove(id); });

const asked = (path?: string) => keyrack.sandbox.log.requests(accessToken, path);
const hotel = (i: number): string => hotels[i] ?? '';
const sync = async (body: object = {}): Promise<Led[]> => runsOf((await keyrack.sync({ enterpriseIds: hotels, ...body })).body.results);
async function runsOf(results: { runId: string }[]): Promise<Led[]> {
  const runs: Led[] = [];
  for (const { runId } of results) runs.push((await keyrack.call('GET', `/runs/${runId}`)).body as Led);
  return runs;
}
const shared = collections.filter(isShareable).map((entry) => entry.name);

test('the first load is complete for each enterprise, and each run counts what is its own', async () => {
  await expectMirror(keyrack, hotels);
  const { body } = await keyrack.call('GET', '/runs?limit=500&collection=orderItems');
  const runs = body.items as Led[];
  expect(unwell(runs)).toEqual([]);
  expect(runs.map((run) => run.enterpriseId).sort()).toEqual([...hotels].sort());
  for (const run of runs) expect(run.records.added).toBe((await stored(keyrack, 'orderItems', `&enterpriseId=${run.enterpriseId}`)).size);
  expect(runs.filter((run) => run.leadRunId === null)).toHaveLength(1);
});

test('an idle round asks once for all enterprises where their records can be told apart', async () => {
  const before = asked().length;
  const runs = await sync();
  expect(unwell(runs)).toEqual([]);
  const requests = asked().slice(before);
  for (const collection of ['orderItems', 'reservations', 'resourceCategories', 'resourceFeatureAssignments', 'services', 'enterprises', 'availabilityAdjustments', 'cancellationPolicies', 'rules', 'vouchers']) {
    const { path } = collections.find((entry) => entry.name === collection) ?? {};
    expect([collection, requests.filter((seen) => seen.path === path).map(({ body }) => [...body['EnterpriseIds'] as string[]].sort())]).toEqual([collection, [[...hotels].sort()]]);
  }
  // The budget's view: a run that rides along has asked nothing.
  expect(runs.reduce((sum, run) => sum + run.requests, 0)).toBe(requests.length);
  const alone = runs.filter((run) => !shared.includes(run.collection));
  expect(alone.filter((run) => run.leadRunId !== null)).toEqual([]);
}, 90_000);

test('what changes in one enterprise reaches its run alone', async () => {
  const { world } = keyrack.sandbox;
  const { cursor } = await changes(keyrack, 'orderItems');
  const changed = [1, 5].map((i) => String(world.list('orderItems', hotel(i))[0]?.['Id']));
  for (const id of changed) world.update('orderItems', id, { Notes: 'changed' });
  const runs = await sync({ collections: ['orderItems'] });
  expect(runs.filter((run) => run.records.updated > 0).map((run) => [run.enterpriseId, run.records.updated]).sort()).toEqual([1, 5].map((i) => [hotel(i), 1]).sort());
  expect((await changes(keyrack, 'orderItems', cursor)).items.map(({ id }) => id).sort()).toEqual([...changed].sort());
  await expectMirror(keyrack, hotels);
}, 60_000);

test('a sync that is asked for while a stream is read is followed by another one of all its enterprises', async () => {
  const { world } = keyrack.sandbox, ids = [0, 1].map((i) => String(world.list('orderItems', hotel(i))[0]?.['Id'])), change = (to: string) => { for (const id of ids) world.update('orderItems', id, { Notes: to }); };
  change('changed');
  const ask = () => keyrack.sync({ enterpriseIds: hotels.slice(0, 2), collections: ['orderItems'] }), since = asked('orderItems/getAll').length;
  keyrack.sandbox.faults.add({ kind: 'drip', bytes: 100, everyMs: 200, count: 1, path: 'orderItems/getAll' });
  const before = ask();
  await until(20_000, () => Promise.resolve(asked('orderItems/getAll').length > since || undefined));
  change('changed while it was read');
  const syncs = [before, ask()];
  await until(20_000, async () => (await keyrack.database.owner.query(`select from run where again <> '{}'`)).rows.length === 2 || undefined);
  expect((await Promise.all(syncs)).map(({ body }) => [body.state, body.total])).toEqual([['succeeded', 2], ['succeeded', 4]]);
  await expectMirror(keyrack, hotels);
}, 60_000);

test('a full run deletes in each enterprise what it no longer lists; too much of one waits for a person, and the others are done', async () => {
  const { world } = keyrack.sandbox;
  const [one] = world.list('orderItems', hotel(2)), many = world.list('orderItems', hotel(3)).slice(0, Math.ceil(world.list('orderItems', hotel(3)).length / 2));
  for (const record of [one, ...many]) world.vanish('orderItems', String(record?.['Id']));
  const runs = await sync({ collections: ['orderItems'], mode: 'full' });
  const of = (i: number) => runs.find((run) => run.enterpriseId === hotel(i));
  expect(runs.filter((run) => run.leadRunId === null)).toHaveLength(1);
  expect(of(2)).toMatchObject({ state: 'succeeded', records: { deleted: 1 } });
  expect(of(3)).toMatchObject({ state: 'needs_review', error: { code: 'run.deletions_need_review' } });
  expect(runs.filter((run) => run.state === 'succeeded')).toHaveLength(HOTELS - 1);
  const { body } = await keyrack.call('POST', `/runs/${of(3)?.id}/confirm`);
  expect(body).toMatchObject({ state: 'succeeded', records: { deleted: many.length } });
  await expectMirror(keyrack, hotels);
}, 60_000);

test('the trouble of one enterprise stays its own: the others are read without it', async () => {
  const { world, faults } = keyrack.sandbox;
  world.update('orderItems', String(world.list('orderItems', hotel(0))[0]?.['Id']), { Notes: 'in spite of it' });
  // Mews takes offence at any request that names this enterprise.
  faults.add({ kind: 'status', status: 400, path: 'orderItems/getAll', names: hotel(4) });
  const runs = await sync({ collections: ['orderItems'] });
  expect(runs.filter((run) => run.state !== 'succeeded').map((run) => [run.enterpriseId, run.state, run.error?.code])).toEqual([[hotel(4), 'failed', 'mews.bad_request']]);
  expect(runs.every((run) => run.leadRunId === null)).toBe(true);
  await expectMirror(keyrack, hotels);
  keyrack.sandbox.faults.list().forEach(({ id }) => { faults.remove(id); });
  expect((await sync({ collections: ['orderItems'] })).filter((run) => run.leadRunId === null)).toHaveLength(1);
}, 90_000);

test('a run that is cancelled in the middle leaves the others their records; a leader that is cancelled leaves them to be read again', async () => {
  const { faults } = keyrack.sandbox;
  for (const who of ['rider', 'leader'] as const) {
    const slow = faults.add({ kind: 'delay', ms: 1_500, path: 'payments/getAll' });
    const { body: { runIds } } = await keyrack.call('POST', '/syncs', { enterpriseIds: hotels, collections: ['payments'], mode: 'full' });
    const results = (runIds as string[]).map((runId) => ({ runId }));
    const chosen = await until(10_000, async () => (await runsOf(results)).find((run) => run.state === 'running' && (run.leadRunId === null) === (who === 'leader') && run.windowsTotal > 0));
    expect((await keyrack.call('POST', `/runs/${chosen.id}/cancel`)).status).toBe(200);
    faults.remove(slow);
    const runs = await until(30_000, async () => {
      const all = await runsOf(results);
      return all.some((run) => ['queued', 'running', 'waiting'].includes(run.state)) ? undefined : all;
    });
    expect([who, runs.filter((run) => run.state !== 'succeeded').map((run) => [run.id, run.state])]).toEqual([who, [[chosen.id, 'cancelled']]]);
    await expectMirror(keyrack, hotels);
  }
}, 120_000);

test('a page that was on its way for a run that is paused and resumed meanwhile, and so rides along no more, is asked again without it', async () => {
  const { faults } = keyrack.sandbox;
  const slow = faults.add({ kind: 'delay', ms: 1_500, path: 'orderItems/getAll' }), before = asked('orderItems/getAll').length;
  const { body: { runIds } } = await keyrack.call('POST', '/syncs', { enterpriseIds: hotels, collections: ['orderItems'], mode: 'full' });
  const results = (runIds as string[]).map((runId) => ({ runId }));
  await until(20_000, () => Promise.resolve(asked('orderItems/getAll').length > before || undefined));
  const rider = (await runsOf(results)).find((run) => run.leadRunId !== null);
  for (const word of ['pause', 'resume']) expect((await keyrack.call('POST', `/runs/${rider?.id}/${word}`)).status).toBe(200);
  faults.remove(slow);
  const runs = await until(30_000, async () => {
    const all = await runsOf(results);
    return all.every((run) => run.state === 'succeeded') ? all : undefined;
  });
  const others = hotels.filter((id) => id !== rider?.enterpriseId).sort();
  const firstPages = asked('orderItems/getAll').slice(before).filter(({ body }) => !(body['Limitation'] as { Cursor?: string | null }).Cursor).map(({ body }) => [...body['EnterpriseIds'] as string[]].sort());
  expect(firstPages).toEqual(expect.arrayContaining([[...hotels].sort(), [rider?.enterpriseId], others]));
  expect(runs.map((run) => run.records.quarantined)).toEqual(runs.map(() => 0));
  await expectMirror(keyrack, hotels);
}, 90_000);

test('a leader that is paused forgets what it has seen: what vanishes meanwhile is deleted when it goes on', async () => {
  const { faults, world } = keyrack.sandbox;
  const slow = faults.add({ kind: 'delay', ms: 1_200, path: 'orderItems/getAll' });
  const { body: { runIds } } = await keyrack.call('POST', '/syncs', { enterpriseIds: hotels, collections: ['orderItems'], mode: 'full' });
  const results = (runIds as string[]).map((runId) => ({ runId }));
  const leader = await until(20_000, async () => (await runsOf(results)).find((run) => run.state === 'running' && run.leadRunId === null && run.pages > 0));
  expect((await keyrack.call('POST', `/runs/${leader.id}/pause`)).status).toBe(200);
  const gone = String(world.list('orderItems', leader.enterpriseId)[0]?.['Id']);
  world.vanish('orderItems', gone);
  faults.remove(slow);
  await keyrack.call('POST', `/runs/${leader.id}/resume`);
  const runs = await until(30_000, async () => {
    const all = await runsOf(results);
    return all.some((run) => ['queued', 'running', 'waiting'].includes(run.state)) ? undefined : all;
  });
  expect(unwell(runs)).toEqual([]);
  expect(runs.find((run) => run.id === leader.id)?.records.deleted).toBe(1);
  await expectMirror(keyrack, hotels);
}, 60_000);

test('a leader that is paused and resumed within one turn of dispatch takes nobody along that it has not asked for', async () => {
  const { faults, world } = keyrack.sandbox;
  const slow = faults.add({ kind: 'delay', ms: 1_200, path: 'orderItems/getAll' });
  const { body: { runIds } } = await keyrack.call('POST', '/syncs', { enterpriseIds: hotels, collections: ['orderItems'], mode: 'full' });
  const results = (runIds as string[]).map((runId) => ({ runId }));
  const leader = await until(20_000, async () => (await runsOf(results)).find((run) => run.state === 'running' && run.leadRunId === null && run.pages > 0));
  const rider = (await runsOf(results)).find((run) => run.leadRunId === leader.id);
  await keyrack.call('POST', `/runs/${rider?.id}/pause`);
  const dispatcher = await keyrack.database.owner.connect();
  try {
    // No turn of dispatch comes in between.
    await dispatcher.query('select pg_advisory_lock(7254197)');
    for (const word of ['pause', 'resume']) expect((await keyrack.call('POST', `/runs/${leader.id}/${word}`)).status).toBe(200);
    const others = (await runsOf(results)).filter((run) => run.id !== leader.id);
    expect(others.map(({ leadRunId, windowsTotal }) => [leadRunId, windowsTotal])).toEqual(others.map(() => [null, 0]));
    expect(others.map(({ id, state }) => [id, state]).sort()).toEqual(others.map(({ id }) => [id, id === rider?.id ? 'waiting' : 'queued']).sort());
  } finally {
    await dispatcher.query('select pg_advisory_unlock(7254197)');
    dispatcher.release();
  }
  const created = String(world.create('orderItems', hotel(1))['Id']);
  faults.remove(slow);
  expect((await keyrack.call('POST', `/runs/${rider?.id}/resume`)).status).toBe(200);
  const runs = await until(40_000, async () => {
    const all = await runsOf(results);
    return all.some((run) => ['queued', 'running', 'waiting'].includes(run.state)) ? undefined : all;
  });
  expect(unwell(runs)).toEqual([]);
  expect((await stored(keyrack, 'orderItems')).has(created)).toBe(true);
  await expectMirror(keyrack, hotels);
}, 90_000);

test('an enterprise whose parents are paused rides along all the same', async () => {
  const slow = keyrack.sandbox.faults.add({ kind: 'delay', ms: 1_500, path: 'resourceFeatures/getAll' });
  const { body: { runIds: [parents] } } = await keyrack.call('POST', '/syncs', { enterpriseIds: [hotel(2)], collections: ['resourceFeatures'] });
  expect((await keyrack.call('POST', `/runs/${parents}/pause`)).status).toBe(200);
  keyrack.sandbox.faults.remove(slow);
  const runs = await sync({ collections: ['resourceFeatureAssignments'] });
  expect(unwell(runs)).toEqual([]);
  expect(runs.filter((run) => run.leadRunId === null)).toHaveLength(1);
  expect((await keyrack.call('POST', `/runs/${parents}/cancel`)).status).toBe(200);
}, 60_000);

test('schedules that are due at other times come together, and stay so', async () => {
  for (let i = 0; i < HOTELS; i += 1) await keyrack.call('PUT', `/enterprises/${hotel(i)}/schedules/outletItems`, { every: 'PT1H' });
  await keyrack.database.owner.query(`update schedule set next_run_at = now() + (20 + 10 * random()) * interval '1 minute' where collection = 'outletItems'`);
  const before = asked('outletItems/getAll').length;
  await keyrack.database.owner.query(`update schedule set next_run_at = now() where collection = 'outletItems' and enterprise_id = $1`, [hotel(6)]);
  await until(20_000, async () => (asked('outletItems/getAll').length > before ? true : undefined));
  await keyrack.untilIdle();
  expect(asked('outletItems/getAll').slice(before).map(({ body }) => [...body['EnterpriseIds'] as string[]].sort())).toEqual([[...hotels].sort()]);
  const { rows } = await keyrack.database.owner.query<{ n: number }>(`select count(distinct next_run_at)::int as n from schedule where collection = 'outletItems'`);
  expect(rows[0]?.n).toBe(1);
}, 60_000);
