// What is asked of Mews.
import { expect, test } from '@jest/globals';
import { collection, collections } from './collections.js';
import type { CollectionEntry } from './collection-entry.js';
import { buildPageRequest, type PageRequest } from './page-request.js';

const entry = (name: string): CollectionEntry => {
  const found = collection(name);
  if (!found) throw new Error(`no collection ${name}`);
  return found;
};
const enterprise = '851df8c8-90f2-4c4a-8e01-a4fc46b25178', service = 'bd26d8db-86da-4f96-9efc-e5a4654a4a94';
const asked: PageRequest = { enterpriseIds: [enterprise], chainIds: [], filter: {}, interval: null, count: 100, cursor: null };

test('every collection has one entry, its primary list bears its name, and what it needs comes in an earlier stage', () => {
  expect(collections).toHaveLength(68);
  expect(new Set(collections.map((one) => one.name)).size).toBe(68);
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
