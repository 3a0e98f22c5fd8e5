// Guarantees of a first load: everything that Mews has is here, once, value for value, and Mews was asked properly.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { collections } from '@keyrack/mews';
import { startKeyrack, type Keyrack } from '../harness/keyrack.js';
import { changes, chainsOf, expectMirror, stored, unwell, type Run } from './mirror.js';

let keyrack: Keyrack;
beforeAll(async () => { keyrack = await startKeyrack(); }, 120_000);
afterAll(async () => { await keyrack.stop(); });

const enterprisesOf = (index: number): string[] => keyrack.sandbox.tokens[index]?.enterprises.map((enterprise) => enterprise.id) ?? [];
/** Requests of runs: those that find out what a token opens name nobody. */
const asked = (index: number) => keyrack.sandbox.log.requests(keyrack.sandbox.tokens[index]?.accessToken).filter((seen) => !(seen.path === 'configuration/get' && seen.body['EnterpriseId'] === undefined) && !(seen.path === 'enterprises/getAll' && seen.body['EnterpriseIds'] === undefined));

/** All runs; none may have ended badly. */
async function runs(): Promise<Run[]> {
  const { body } = await keyrack.call('GET', '/runs?limit=500');
  expect(unwell(body.items as Run[])).toEqual([]);
  return body.items as Run[];
}
const sum = (list: readonly Run[], of: (run: Run) => number) => list.reduce((total, run) => total + of(run), 0);

test('a single token: every record is stored once, value for value, and the run counts what was done', async () => {
  await keyrack.onboard(0);
  await keyrack.untilIdle(90_000);
  const count = await expectMirror(keyrack, enterprisesOf(0));
  const all = await runs();
  expect(all.length).toBe(68);
  expect(sum(all, (run) => run.records.added)).toBe(count);
  expect(sum(all, (run) => run.records.updated + run.records.deleted + run.records.quarantined)).toBe(0);
  expect(sum(all, (run) => run.requests)).toBe(asked(0).length);
  expect(sum(all, (run) => run.pages)).toBe(asked(0).length);
  expect(asked(0).filter((seen) => seen.status !== 200 && seen.status !== 204)).toEqual([]);
}, 120_000);

test('a portfolio: every enterprise is complete, chain records are stored once per chain, and each request says whom it is about', async () => {
  const enterprises = enterprisesOf(4);
  expect(enterprises.length).toBeGreaterThan(2);
  expect(chainsOf(keyrack, enterprises).length).toBeLessThan(enterprises.length);
  await keyrack.onboard(4);
  await keyrack.untilIdle(150_000);
  await expectMirror(keyrack, [...enterprisesOf(0), ...enterprises]);
  const all = await runs();
  // One run a chain, not one an enterprise.
  expect(all.filter((run) => run.collection === 'customers').length).toBe(1 + chainsOf(keyrack, enterprises).length);
  const scopeless = asked(4).filter(({ body }) => typeof body['EnterpriseId'] !== 'string' && !['EnterpriseIds', 'ChainIds'].some((name) => Array.isArray(body[name]) && (body[name] as unknown[]).length > 0));
  expect(scopeless).toEqual([]);
  // What portfolio tokens are not served is not even asked for; a permission that is missing shows only when asked.
  const restricted = collections.filter((entry) => entry.restricted).flatMap((entry) => [entry.path]);
  expect(asked(4).filter((seen) => ![200, 204, 429].includes(seen.status ?? 0) && !(seen.status === 401 && restricted.includes(seen.path)))).toEqual([]);
  expect(asked(4).filter((seen) => seen.status === 429).length).toBeLessThanOrEqual(Math.ceil(asked(4).length / 1_000));
}, 200_000);

test('the counts in /stats are the numbers of records, per enterprise and per chain', async () => {
  const { body } = await keyrack.call('GET', '/stats');
  for (const { collection, records, deleted } of body.collections) {
    const living = (await stored(keyrack, collection)).size, all = (await stored(keyrack, collection, '&includeDeleted=true')).size;
    expect({ collection, records, deleted }).toEqual({ collection, records: living, deleted: all - living });
  }
  for (const { collection, enterpriseId, chainId, records } of body.items) {
    expect({ collection, records }).toEqual({ collection, records: (await stored(keyrack, collection, enterpriseId ? `&enterpriseId=${enterpriseId}` : chainId ? `&chainId=${chainId}` : '')).size });
  }
});

test('the feed of a first load gives each record once, as added', async () => {
  const { items, cursor } = await changes(keyrack, 'reservations', '0', 50);
  expect(new Set(items.map((item) => item.change))).toEqual(new Set(['added']));
  expect(items.map((item) => item.id).sort()).toEqual([...(await stored(keyrack, 'reservations')).keys()].sort());
  expect((await changes(keyrack, 'reservations', cursor)).items).toEqual([]);
});

test('a connected enterprise of a chain that is years older than itself brings the chain\'s records all the same', async () => {
  const { world } = keyrack.sandbox;
  const chainId = chainsOf(keyrack, enterprisesOf(1))[0] ?? '';
  const young = world.addEnterprise({ chainId, ageDays: 1 });
  const { accessToken } = world.issueToken({ enterprises: [young.id] });
  const index = keyrack.sandbox.tokens.findIndex((token) => token.accessToken === accessToken);
  await keyrack.onboard(index);
  await keyrack.untilIdle(90_000);
  expect((await stored(keyrack, 'customers', `&chainId=${chainId}`)).size).toBe(world.list('customers', chainId).length);
  await runs();
}, 120_000);
