// Every request that the planner plans, for every collection and every kind of run, against what Mews documents: shape, ids, intervals, filters.
import { expect, test } from '@jest/globals';
import { addMonths } from '@keyrack/core';
import { buildPageRequest, collections, deletedOf, fallbackOf, parentsOf, type CollectionEntry } from '@keyrack/mews';
import { halveIds, idsOf, olderWindow, planWindows, recheckWindows, splitWindow, walkBack, windowsOf, type PlanInput, type WindowPlan, type WindowSet } from '../../libs/sync/src/plan.js';
import { asDescribed, describeWithVendor, intervalOf, vendorCollections, vendorContract, vendorOperations } from './vendor.js';

const id = (n: number): string => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
const idsFrom = (first: number, count: number): string[] => Array.from({ length: count }, (_, n) => id(first + n));
// The days on which a quarter is shortest, and those on which calendar months are easily counted wrong.
const presents = ['2026-03-01T00:00:00Z', '2026-05-31T23:59:59.999Z', '2024-02-29T12:00:00.500Z', '2026-04-30T10:20:30Z'].map((text) => new Date(text));

async function all(sets: readonly WindowSet[]): Promise<WindowPlan[]> {
  const windows: WindowPlan[] = [];
  for await (const one of windowsOf(sets)) windows.push(one);
  return windows;
}

async function plans(entry: CollectionEntry, now: Date): Promise<WindowPlan[]> {
  const parents = parentsOf(entry).length === 0 ? null : parentsOf(entry).map(({ filter }, i) => {
    const ids = (first: number, count: number) => idsOf(idsFrom(i * 10_000 + first, count));
    return { filter, all: ids(0, 2 * filter.maxItems + 1), changed: ids(0, filter.maxItems + 1), others: ids(5_000, filter.maxItems + 1), turn: ids(7_000, filter.maxItems + 1) };
  });
  const input: PlanInput = { mode: 'incremental', from: null, to: null, highWater: null, fullAt: new Date(now.getTime() - 3_600_000), createdUtc: new Date('2023-11-30T22:15:00Z'), now, parents };
  const silent = addMonths(now, -7), bounded = { from: addMonths(now, -5), to: addMonths(now, -1) };
  const planned = await all([
    ...planWindows(entry, { ...input, mode: 'full' }), ...planWindows(entry, { ...input, highWater: new Date(now.getTime() - 900_000) }),
    ...planWindows(entry, { ...input, highWater: silent }), ...(entry.intervals.length > 0 ? planWindows(entry, { ...input, ...bounded, highWater: now }) : []),
  ]);
  const [interval] = entry.intervals, older = planned.flatMap((window) => (interval && window.startUtc ? olderWindow(interval, window) ?? [] : []));
  const missing = idsFrom(90_000, (entry.byIds?.maxItems ?? 0) + 1), parent = entry.lists[0].parent === undefined ? null : idsFrom(70_000, 2_001);
  const rechecked = await all([0, 1_000_000].flatMap((live) => recheckWindows(entry, { ...input, mode: 'full', missing, live, sweptFrom: addMonths(now, -1), parentIds: parent, parents: parent ? null : parents })));
  return [...planned, ...older, ...rechecked, ...planned.slice(0, 4).flatMap((window) => [...splitWindow(entry, window) ?? [], ...halveIds(window) ?? []])];
}

const request = (entry: CollectionEntry, window: WindowPlan): Record<string, unknown> => {
  const interval = entry.intervals.find((one) => one.name === window.interval);
  return buildPageRequest(window.deleted ? deletedOf(entry) : entry, {
    enterpriseIds: entry.enterprises ? [id(1)] : [], chainIds: entry.chains ? [id(2)] : [], filter: window.filter, count: window.pageSize, cursor: null,
    interval: interval && window.startUtc && window.endUtc ? { ...interval, startUtc: window.startUtc, endUtc: window.endUtc } : null,
  });
};

describeWithVendor('planned requests', () => {
  const contract = vendorContract(), operations = vendorOperations(), facts = vendorCollections();

  test.each(collections.map((entry) => [entry.name, entry] as const))('%s', async (name, entry) => {
    const fact = facts.find((one) => one.resource === name);
    for (const asked of entry.fallbackPath === undefined ? [entry] : [entry, fallbackOf(entry)]) {
      const validate = contract.request(asked.path);
      const properties = new Map(operations.find((one) => one.path === `/api/connector/v1/${asked.path}`)?.requestProperties.map((one) => [one.name, one]));
      const bodies = (await Promise.all(presents.map((now) => plans(entry, now)))).flat().map((window) => request(asked, window));
      expect(bodies.length).toBeGreaterThan(0);
      for (const body of bodies) {
        const sent = { ...asDescribed(name, body), ClientToken: 'c', AccessToken: 'a', Client: 'Keyrack 1.0' };
        expect([validate(sent), validate.errors]).toEqual([true, null]);
        for (const property of fact?.required ?? []) expect(body).toHaveProperty(property);
        if (fact?.atLeastOneOf) expect(fact.atLeastOneOf.some((group) => [group].flat().every((property) => property in body))).toBe(true);
        for (const [property, value] of Object.entries(body)) {
          if (Array.isArray(value)) expect(value.length).toBeLessThanOrEqual(properties.get(property)?.maxItems ?? 1_000);
          const interval = intervalOf(value);
          if (!interval) continue;
          const months = Number.parseInt(properties.get(property)?.maxLength ?? '3', 10);
          expect(interval.start < interval.end).toBe(true);
          expect(addMonths(new Date(interval.start), months).getTime()).toBeGreaterThanOrEqual(Date.parse(interval.end));
        }
      }
    }
  });

  test('from the last of January to the first second of May is more than one request, though it reads like three months', () => {
    const long = walkBack({ name: 'UpdatedUtc', kind: 'instant', maxMonths: 3, rewalkDays: 0 }, new Date('2026-01-31T00:00:00Z'), new Date('2026-05-01T00:00:01Z'));
    expect(long.length).toBe(2);
  });
});
