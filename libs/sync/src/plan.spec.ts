// Guarantees of planning: windows cover exactly what was asked, newest first, and splitting loses nothing.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addMonths, dayMs, minuteMs } from '@keyrack/core';
import { AHEAD_MS, chunk, olderWindow, OVERLAP_MS, PAGE_SIZE_MAX, planWindows, splitWindow, walkBack, type PlanInput, type WindowPlan } from './plan.js';
import { syncedEntries, syncedEntry } from './synced.js';

const now = new Date('2026-03-31T10:20:30Z');
const present = new Date(now.getTime() + AHEAD_MS);
const input: PlanInput = { mode: 'incremental', from: null, to: null, highWater: null, createdUtc: new Date('2024-01-15T00:00:00Z'), now, parentIds: null };
const orderItems = syncedEntry('orderItems');
const rates = syncedEntry('rates');
const instants = fc.date({ min: new Date('2015-01-01T00:00:00Z'), max: new Date('2030-01-01T00:00:00Z'), noInvalidDate: true });
const window = (part: Partial<WindowPlan> = {}): WindowPlan => ({ startUtc: null, endUtc: null, interval: null, filter: {}, pageSize: PAGE_SIZE_MAX, ...part });
const spans = (windows: readonly { startUtc: Date | null; endUtc: Date | null }[]) => windows.map(({ startUtc, endUtc }) => [startUtc?.getTime() ?? 0, endUtc?.getTime() ?? 0] as const);

describe('walking back', () => {
  test('windows cover [from, to) exactly, newest first, none longer than Mews allows', () => {
    fc.assert(fc.property(instants, instants, fc.constantFrom(1, 3), (a, b, maxMonths) => {
      const [from, to] = a < b ? [a, b] : [b, a];
      const windows = spans(walkBack({ name: 'UpdatedUtc', kind: 'instant', maxMonths }, from, to));
      let end = to.getTime();
      for (const [start, stop] of windows) {
        expect(stop).toBe(end);
        expect(start).toBeLessThan(stop);
        expect(addMonths(new Date(start), maxMonths).getTime()).toBeGreaterThanOrEqual(stop);
        end = start;
      }
      expect(end).toBe(from.getTime());
    }));
  });

  test('nothing between equal or crossed ends is no request', () => {
    expect(walkBack({ name: 'UpdatedUtc', kind: 'instant', maxMonths: 3 }, now, now)).toEqual([]);
    expect(walkBack({ name: 'UpdatedUtc', kind: 'instant', maxMonths: 3 }, now, new Date(0))).toEqual([]);
  });

  test('older than the oldest is the next window of the same ids, and it ends somewhere', () => {
    const [interval] = orderItems.intervals;
    if (!interval) throw new Error('order items have an interval');
    let at: WindowPlan | null = window({ startUtc: now, endUtc: now, interval: interval.name, filter: { ServiceIds: ['a'] }, pageSize: 7 });
    for (let i = 0; at && i < 500; i++) {
      const older = olderWindow(interval, at);
      if (older) expect(older).toEqual({ ...at, startUtc: new Date((at.startUtc ?? now).getTime() - 89 * dayMs), endUtc: at.startUtc, pageSize: PAGE_SIZE_MAX });
      at = older;
    }
    expect(at).toBeNull();
    expect(olderWindow(interval, window())).toBeNull();
  });
});

describe('planning', () => {
  test('an increment begins five minutes before the last high-water mark and ends with Mews\' present second', () => {
    const highWater = new Date(now.getTime() - 20 * minuteMs);
    for (const entry of syncedEntries) {
      const parentIds = entry.services ? { property: 'ServiceIds', maxItems: 1_000, ids: ['a'] } : null;
      const windows = planWindows(entry, { ...input, highWater, parentIds });
      expect(spans(windows)).toEqual([[highWater.getTime() - OVERLAP_MS, now.getTime() + AHEAD_MS]]);
      expect(windows[0]?.interval).toBe('UpdatedUtc');
    }
  });

  test('a first load takes everything: unfiltered where that is served, else in windows back to the creation of the enterprise', () => {
    expect(planWindows(syncedEntry('reservations'), input)).toEqual([window()]);
    const walked = planWindows(orderItems, input);
    expect(walked.at(0)?.endUtc).toEqual(present);
    expect(walked.at(-1)?.startUtc).toEqual(input.createdUtc);
    expect(walked.length).toBe(10);
  });

  test('a full run after the first load takes everything again', () => {
    expect(planWindows(syncedEntry('reservations'), { ...input, mode: 'full', highWater: now })).toEqual([window()]);
    expect(planWindows(orderItems, { ...input, mode: 'full', highWater: now }).at(-1)?.startUtc).toEqual(input.createdUtc);
  });

  test('a backfill asks its interval only, whatever the collection and the high-water mark', () => {
    const from = new Date('2025-02-01T00:00:00Z'), to = new Date('2025-02-03T00:00:00Z');
    for (const entry of syncedEntries) {
      const parentIds = entry.services ? { property: 'ServiceIds', maxItems: 1_000, ids: ['a'] } : null;
      for (const highWater of [null, now]) expect(spans(planWindows(entry, { ...input, from, to, highWater, parentIds }))).toEqual([[from.getTime(), to.getTime()]]);
    }
    expect(planWindows(orderItems, { ...input, from, highWater: now }).at(0)?.endUtc).toEqual(present);
    expect(planWindows(orderItems, { ...input, to, highWater: now }).at(-1)?.startUtc).toEqual(input.createdUtc);
  });

  test('ids go in slices of what a request may hold, each id once, and each slice through every interval', () => {
    fc.assert(fc.property(fc.uniqueArray(fc.uuid(), { maxLength: 60 }), fc.integer({ min: 1, max: 20 }), (ids, maxItems) => {
      const windows = planWindows(rates, { ...input, parentIds: { property: 'ServiceIds', maxItems, ids } });
      expect(windows.flatMap((one) => one.filter['ServiceIds'])).toEqual(ids);
      for (const one of windows) expect(one.filter['ServiceIds']?.length).toBeLessThanOrEqual(maxItems);
    }));
    const twice = planWindows(rates, { ...input, from: addMonths(now, -5), parentIds: { property: 'ServiceIds', maxItems: 1, ids: ['a', 'b'] } });
    expect(twice.length).toBe(4);
    expect(new Set(twice.map((one) => JSON.stringify(one))).size).toBe(4);
  });

  test('no ids are no request: an empty filter would mean all', () => {
    expect(planWindows(rates, { ...input, parentIds: { property: 'ServiceIds', maxItems: 1_000, ids: [] } })).toEqual([]);
    expect(chunk([], 3)).toEqual([]);
  });
});

describe('splitting what was too heavy', () => {
  const anyWindow = fc.record({
    from: fc.option(instants), spanMs: fc.integer({ min: 1, max: 90 * dayMs }), ids: fc.uniqueArray(fc.uuid(), { maxLength: 9 }), pageSize: fc.integer({ min: 1, max: PAGE_SIZE_MAX }),
  }).map(({ from, spanMs, ids, pageSize }) => window({
    ...(from && { startUtc: from, endUtc: new Date(from.getTime() + spanMs), interval: 'UpdatedUtc' }), filter: ids.length > 0 ? { ServiceIds: ids } : {}, pageSize,
  }));

  test('the parts cover the window exactly, and none is the same request again', () => {
    fc.assert(fc.property(anyWindow, (whole) => {
      const parts = splitWindow(whole);
      for (const part of parts ?? []) expect(part).not.toEqual(whole);
      if (!parts || parts.length === 1) return;
      const ids = whole.filter['ServiceIds'] ?? [];
      const byTime = spans(parts).some(([start]) => start !== whole.startUtc?.getTime()) && whole.startUtc !== null;
      if (byTime) {
        const [newer, older] = spans(parts);
        expect([older?.[0], older?.[1], newer?.[1]]).toEqual([whole.startUtc?.getTime(), newer?.[0], whole.endUtc?.getTime()]);
        for (const part of parts) expect(part.filter).toEqual(whole.filter);
      } else {
        expect(parts.flatMap((part) => part.filter['ServiceIds'])).toEqual(ids);
        for (const part of parts) expect([part.startUtc, part.endUtc]).toEqual([whole.startUtc, whole.endUtc]);
      }
    }));
  });

  test('splitting comes to an end, and the last word is a page of one record', () => {
    fc.assert(fc.property(anyWindow, fc.infiniteStream(fc.boolean()), (whole, choose) => {
      let at = whole;
      for (let i = 0; i < 100; i++) {
        const parts = splitWindow(at);
        if (!parts) { expect(at.pageSize).toBe(1); return; }
        at = (choose.next().value ? parts.at(-1) : parts[0]) ?? at;
      }
      throw new Error('no end in sight');
    }), { numRuns: 50 });
  });
});
