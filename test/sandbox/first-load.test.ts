// The whole world of a hotel, read with the product's own table as a first load would: everything comes, and in few pages.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildPageRequest, collections, deletedOf, nextCursor, readItem, readPage, type CollectionEntry, type RequestedInterval } from '@keyrack/mews';
import { startSandbox, type Sandbox, type TokenInfo } from '../../apps/sandbox/src/index.js';
import { platform } from '../../apps/sandbox/src/record.js';
import { call, enterpriseOf, pick } from './harness.js';

let sandbox: Sandbox;
beforeAll(async () => { sandbox = await startSandbox({ seed: 'first', limit: { requests: 100_000 } }); });
afterAll(() => sandbox.stop());

const day = 86_400_000;
type Kept = Map<string, Map<string, Record<string, unknown>>>;

/** From now back to before the hotel was there, or no interval at all. */
function intervals(entry: CollectionEntry, sinceMs: number): (RequestedInterval | null)[] {
  const [first] = entry.intervals;
  if (!first || entry.firstLoad === 'whole') return [null];
  const lengthMs = (first.maxMonths === 1 ? 28 : 89) * day;
  // Where the hotel is, tomorrow may have begun.
  const [end, count] = [sandbox.world.now() + (first.kind === 'date' ? day : 2000), Math.ceil((sandbox.world.now() - sinceMs) / lengthMs) + 1];
  return Array.from({ length: count }, (_, i) => ({ name: first.name, kind: first.kind, startUtc: new Date(end - (i + 1) * lengthMs), endUtc: new Date(end - i * lengthMs) }));
}

/** Ids of services or parents, as many as a request takes. */
function filters(entry: CollectionEntry, kept: Kept): Record<string, string[]>[] {
  const services = entry.services ? [{ filter: entry.services, collection: 'services', where: undefined }] : [];
  const parents = [...services, ...entry.parents];
  if (parents.length === 0) return [{}];
  return parents.flatMap(({ collection, filter: { name, maxItems }, where }) => {
    const ids = [...kept.get(collection) ?? []].flatMap(([id, record]) => (!where || record[where.field] === where.equals ? [id] : []));
    return Array.from({ length: Math.ceil(ids.length / maxItems) }, (_, i) => ({ [name]: ids.slice(i * maxItems, (i + 1) * maxItems) }));
  });
}

async function load(token: TokenInfo, path: (entry: CollectionEntry) => string): Promise<{ kept: Kept; pages: Map<string, number> }> {
  const { id, chainId } = enterpriseOf(token);
  const kept: Kept = new Map(), pages = new Map<string, number>();
  const asked = collections.filter(({ singleton }) => singleton === undefined).flatMap((entry) => (entry.deletedApart ? [entry, deletedOf(entry)] : [entry]));
  for (const entry of asked) for (const interval of intervals(entry, sandbox.world.enterprise(id).createdMs)) for (const filter of filters(entry, kept)) {
    for (let cursor: string | null = null; ;) {
      const answer = await call(sandbox, token, path(entry), buildPageRequest(entry, { enterpriseIds: [id], chainIds: [chainId], filter, interval, count: 1000, cursor }));
      expect([entry.name, answer.status, answer.body['Message']]).toEqual([entry.name, 200, undefined]);
      const page = readPage(entry, Buffer.from(JSON.stringify(answer.body)));
      for (const { list, items } of page.lists) {
        expect([list.name, items.map((item) => readItem(entry, list, item)).filter((read) => 'reason' in read)]).toEqual([list.name, []]);
        const into = kept.get(list.name) ?? new Map<string, Record<string, unknown>>();
        for (const record of (answer.body[list.key] ?? []) as Record<string, unknown>[]) into.set(list.id.map((field) => record[field]).join('|'), record);
        kept.set(list.name, into);
      }
      if (page.lists.some(({ items }) => items.length > 0)) pages.set(entry.name, (pages.get(entry.name) ?? 0) + 1);
      cursor = nextCursor(entry, page, 1000, cursor);
      if (cursor === null) break;
    }
  }
  return { kept, pages };
}

test('a first load of all collections brings every record of the hotel, its chain and the platform', async () => {
  const token = pick(sandbox, 0);
  const { id, chainId } = enterpriseOf(token);
  const { kept, pages } = await load(token, (entry) => entry.path);
  for (const entry of collections.filter(({ name, singleton }) => name !== 'enterprises' && singleton === undefined)) for (const list of entry.lists) {
    const world = sandbox.world.rows(list.name, [id, chainId, platform]);
    const expected = world.map(({ record }) => list.id.map((field) => record[field]).join('|'));
    expect([list.name, [...kept.get(list.name)?.keys() ?? []].toSorted()]).toEqual([list.name, expected.toSorted()]);
    expect([list.name, expected.length > 0]).toEqual([list.name, true]);
  }
  // A page for every hundred guests, which Mews wants; a few of all others but those that go back to the first day.
  const long = ['reservationGroups', 'orderItems', 'payments', 'bills', 'customers', 'addresses'];
  expect([...pages].filter(([name, count]) => count > 4 && !long.includes(name)).map(([name]) => name)).toEqual(['customerRelationships', 'identityDocuments']);
}, 120_000);

test('whoever is not permitted the newer source assignments reads as many by the older operation', async () => {
  const token = pick(sandbox, 2);
  sandbox.world.permit(token.accessToken, true);
  const { kept } = await load(token, ({ path, fallbackPath }) => fallbackPath ?? path);
  expect([...kept.get('sourceAssignments')?.keys() ?? []].toSorted()).toEqual(sandbox.world.list('sourceAssignments', enterpriseOf(token).id).map((record) => String(record['Id'])).toSorted());
}, 120_000);
