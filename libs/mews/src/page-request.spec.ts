// What is asked of Mews, and what is read from its answers.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { collection, collections } from './collections.js';
import type { CollectionEntry } from './collection-entry.js';
import { buildPageRequest, nextCursor, parsePage, type PageRequest } from './page-request.js';

const entry = (name: string): CollectionEntry => {
  const found = collection(name);
  if (!found) throw new Error(`no collection ${name}`);
  return found;
};
const enterprise = '851df8c8-90f2-4c4a-8e01-a4fc46b25178', service = 'bd26d8db-86da-4f96-9efc-e5a4654a4a94';
const asked: PageRequest = { enterpriseIds: [enterprise], chainIds: [], filter: {}, interval: null, count: 100, cursor: null };
const bill = (id: unknown, more: object = {}): object => ({ Id: id, EnterpriseId: enterprise, UpdatedUtc: '2026-01-02T03:04:05Z', ...more });

test('every collection has one entry, its primary list bears its name, and what it needs comes in an earlier stage', () => {
  expect(collections).toHaveLength(67);
  expect(new Set(collections.map((one) => one.name)).size).toBe(67);
  const names = collections.flatMap((one) => one.lists.map((list) => list.name));
  expect(new Set(names).size).toBe(names.length);
  for (const one of collections) {
    expect(one.lists[0].name).toBe(one.name);
    for (const needed of one.dependsOn) expect(entry(needed).stage).toBeLessThan(one.stage);
    for (const parent of one.parents) expect(one.dependsOn).toContain(parent.collection);
  }
});

test('a request names scope, filter, interval, defaults and limitation, and nothing else', () => {
  expect(buildPageRequest(entry('rates'), {
    ...asked, filter: { ServiceIds: [service] },
    interval: { name: 'UpdatedUtc', kind: 'instant', startUtc: new Date('2026-01-01T00:00:00.900Z'), endUtc: new Date('2026-03-01T00:00:00Z') },
  })).toEqual({
    EnterpriseIds: [enterprise], ServiceIds: [service], Extent: { Rates: true, AvailabilityBlockAssignments: false },
    ActivityStates: ['Active', 'Deleted'], UpdatedUtc: { StartUtc: '2026-01-01T00:00:00Z', EndUtc: '2026-03-01T00:00:00Z' },
    Limitation: { Count: 100, Cursor: null },
  });
  expect(buildPageRequest(entry('currencies'), asked)).toEqual({});
});

test('an operation without pages gets no limitation, one without enterprises no ids', () => {
  expect(buildPageRequest(entry('devices'), asked)).toEqual({});
  expect(buildPageRequest(entry('exchangeRates'), asked)).toEqual({ EnterpriseIds: [enterprise] });
});

test('days are sent as days, the last one included', () => {
  const interval = { name: 'Date', kind: 'date', startUtc: new Date('2026-01-01T00:00:00Z'), endUtc: new Date('2026-02-01T00:00:00Z') } as const;
  expect(buildPageRequest(entry('ledgerBalances'), { ...asked, interval })['Date']).toEqual({ Start: '2026-01-01', End: '2026-01-31' });
});

test('an interval within a second never becomes an exact match', () => {
  const interval = { name: 'UpdatedUtc', kind: 'instant', startUtc: new Date('2026-01-01T00:00:00.100Z'), endUtc: new Date('2026-01-01T00:00:00.200Z') } as const;
  expect(buildPageRequest(entry('bills'), { ...asked, interval })['UpdatedUtc']).toEqual({ StartUtc: '2026-01-01T00:00:00Z', EndUtc: '2026-01-01T00:00:01Z' });
});

test('what would widen a request is refused: an unknown filter, an unknown interval, an empty or too long list of ids', () => {
  const refused = (name: string, request: Partial<PageRequest>) => () => buildPageRequest(entry(name), { ...asked, ...request });
  expect(refused('bills', { filter: { ServiceIds: [service] } })).toThrow(RangeError);
  expect(refused('rates', { filter: { ServiceIds: [] } })).toThrow(RangeError);
  expect(refused('identityDocuments', { filter: { CustomerIds: Array<string>(101).fill(service) } })).toThrow(RangeError);
  expect(refused('bills', { interval: { name: 'CollidingUtc', kind: 'instant', startUtc: new Date(0), endUtc: new Date(1) } })).toThrow(RangeError);
});

test('records carry their id, times and owners; the raw value is the same object', () => {
  const raw = { Id: 'x', ServiceId: service.toUpperCase(), UpdatedUtc: '2026-01-02T03:04:05Z' };
  const [list] = parsePage(entry('reservations'), { Reservations: [raw], Cursor: 'x' }).lists;
  expect(list?.records).toEqual([{ id: 'x', raw, updatedUtc: new Date('2026-01-02T03:04:05Z'), enterpriseId: null, chainId: null, serviceId: service, parentId: null }]);
  expect(list?.records[0]?.raw).toBe(raw);
});

test('a key of several fields is joined in the documented order, codes are ids, and every list of an answer is read', () => {
  const balance = { EnterpriseId: enterprise, Date: '2026-01-01', LedgerType: 'Tax' };
  expect(parsePage(entry('ledgerBalances'), { LedgerBalances: [balance] }).lists[0]?.records[0]?.id).toBe(`${enterprise}|2026-01-01|Tax`);
  const page = parsePage(entry('countries'), { Countries: [{ Code: 'AT' }], CountryRules: [{ CountryCode: 'AT' }], CountryGroups: null });
  expect(page.lists.map(({ list, records }) => [list.name, records.map((one) => one.id)]))
    .toEqual([['countries', ['AT']], ['countrySubdivisions', []], ['countryRules', ['AT']], ['countryGroups', []]]);
});

test('a record that cannot be stored is set aside with the reason, and its page goes on', () => {
  let deep: unknown = 1;
  for (let i = 0; i < 100_000; i += 1) deep = [deep];
  const bad = [null, 7, [], {}, bill(7), bill(''), bill('a\u0000b'), bill('\ud800'), bill('y'.repeat(501)), bill('x', { UpdatedUtc: 12 }),
    bill('x', { UpdatedUtc: '2026-13-01T00:00:00Z' }), bill('x', { EnterpriseId: 'not-a-uuid' }), bill('x', { EnterpriseId: {} }), bill('x', { Notes: deep })];
  const [list] = parsePage(entry('bills'), { Bills: [...bad, bill('good')] }).lists;
  expect(list?.records.map((one) => one.id)).toEqual(['good']);
  expect(list?.quarantined.map((one) => one.reason)).toHaveLength(bad.length);
  expect(() => JSON.stringify(list?.quarantined)).not.toThrow();
});

test('a __proto__ key is data', () => {
  const body = JSON.parse(`{"Bills": [{"Id": "x", "__proto__": {"EnterpriseId": "evil"}}], "__proto__": {"Cursor": "evil"}}`) as Record<string, unknown>;
  const page = parsePage(entry('bills'), body);
  expect(page.cursor).toBeNull();
  expect(page.lists[0]?.records[0]?.enterpriseId).toBeNull();
  expect(JSON.stringify(page.lists[0]?.records[0]?.raw)).toContain('__proto__');
});

test('an answer whose list or cursor has another type is no empty page', () => {
  expect(() => parsePage(entry('bills'), { Bills: {} })).toThrow('Bills is not a list');
  expect(() => parsePage(entry('bills'), { Bills: [], Cursor: 7 })).toThrow('cursor');
  expect(parsePage(entry('bills'), {})).toMatchObject({ lists: [{ records: [], quarantined: [] }], cursor: null });
});

test('whatever Mews lists, every item is a record or set aside', () => {
  fc.assert(fc.property(fc.array(fc.anything({ maxDepth: 3 })), (items) => {
    const [list] = parsePage(entry('bills'), { Bills: items }).lists;
    return list !== undefined && list.records.length + list.quarantined.length <= items.length && list.items === items.length;
  }));
});

test('pages end at a null cursor, a short page or an empty one, and never go in circles', () => {
  const page = (ids: string[], cursor: string | null) => parsePage(entry('bills'), { Bills: ids.map((id) => bill(id)), Cursor: cursor });
  expect(nextCursor(entry('bills'), page(['a', 'b'], 'b'), 2, null)).toBe('b');
  expect(nextCursor(entry('bills'), page(['a', 'a'], 'a'), 2, null)).toBe('a');
  expect(nextCursor(entry('bills'), page(['a'], 'a'), 2, null)).toBeNull();
  expect(nextCursor(entry('bills'), page([], 'a'), 2, null)).toBeNull();
  expect(nextCursor(entry('bills'), page(['a', 'b'], null), 2, null)).toBeNull();
  expect(() => nextCursor(entry('bills'), page(['a', 'b'], 'b'), 2, 'b')).toThrow('does not move');
});
