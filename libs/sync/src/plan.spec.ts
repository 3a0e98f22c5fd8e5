// Guarantees of planning: windows cover exactly what was asked, newest first, and splitting loses nothing.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addMonths, dayMs, inTurn, minuteMs } from '@keyrack/core';
import { parentsOf, type CollectionEntry } from '@keyrack/mews';
import { AHEAD_MS, chunk, FULL_REQUESTS_MAX, idsOf, inTurns, LATEST_REQUESTS, modeOf, olderWindow, OVERLAP_MS, PAGE_SIZE_MAX, planWindows, recheckWindows, splitWindow, together, total, TURNS, walkBack, windowsOf, type FullState, type ParentIds, type PlanInput, type CountedStretch, type Positions, type WindowPlan, type WindowSet } from './plan.js';
import { entryOf, missingFrom, needs, syncedEntries } from './synced.js';

const now = new Date('2026-03-31T10:20:30Z');
const present = new Date(now.getTime() + AHEAD_MS);
const input: PlanInput = { mode: 'incremental', from: null, to: null, highWater: null, fullAt: null, createdUtc: new Date('2024-01-15T00:00:00Z'), now, parents: null };
const orderItems = entryOf('orderItems');
const rates = entryOf('rates');
const idsBy = ({ changed = [], others = [], turn = [], later = [] }: Partial<Record<'changed' | 'others' | 'turn' | 'later', readonly string[]>>): Omit<ParentIds, 'filter'> =>
  ({ all: idsOf([...changed, ...others, ...turn, ...later]), changed: idsOf(changed), others: idsOf(others), turn: idsOf(turn) });
const parents = (entry: CollectionEntry, ids: Parameters<typeof idsBy>[0]): ParentIds[] | null =>
  (parentsOf(entry).length === 0 ? null : parentsOf(entry).slice(0, 1).map(({ filter }) => ({ filter, ...idsBy(ids) })));
async function all(sets: readonly WindowSet[]): Promise<WindowPlan[]> {
  const windows: WindowPlan[] = [];
  for await (const one of windowsOf(sets)) windows.push(one);
  expect(total(sets)).toBe(windows.length);
  return windows;
}
const plan = (entry: CollectionEntry, more: PlanInput): Promise<WindowPlan[]> => all(planWindows(entry, more));
interface ParentAt { id: string; seq: number }
/** @param known the latest first */
async function turnsOf(entry: CollectionEntry, known: readonly ParentAt[], turnedTo: number | undefined) {
  const below = (end: number): readonly ParentAt[] => known.filter(({ seq }) => seq < end), [parent] = parentsOf(entry), end = 1_000_000;
  const at: Positions = { below: (seq) => Promise.resolve(below(seq).length), nth: (seq, n) => Promise.resolve(below(seq)[n - 1]?.seq) };
  if (!parent) throw new Error('it has a parent');
  const { others, turn, turnedTo: next } = await inTurns(entry, parent.filter, known.length, end, turnedTo, at);
  const ids = ({ from = 0, below: upper = end, count }: CountedStretch): string[] => {
    const some = below(upper).filter(({ seq }) => seq >= from).map(({ id }) => id);
    expect(some.length).toBeLessThanOrEqual(count);
    return some;
  };
  return { others: ids(others), turn: ids(turn), turnedTo: next };
}
const instants = fc.date({ min: new Date('2015-01-01T00:00:00Z'), max: new Date('2030-01-01T00:00:00Z'), noInvalidDate: true });
const window = (part: Partial<WindowPlan> = {}): WindowPlan => ({ startUtc: null, endUtc: null, interval: null, filter: {}, pageSize: PAGE_SIZE_MAX, deleted: false, ...part });
const spans = (windows: readonly { startUtc: Date | null; endUtc: Date | null }[]) => windows.map(({ startUtc, endUtc }) => [startUtc?.getTime() ?? 0, endUtc?.getTime() ?? 0] as const);

describe('walking back', () => {
  test('windows cover [from, to) exactly, newest first, none longer than Mews allows', () => {
    fc.assert(fc.property(instants, instants, fc.constantFrom(1, 3), (a, b, maxMonths) => {
      const [from, to] = a < b ? [a, b] : [b, a];
      const windows = spans(walkBack({ name: 'UpdatedUtc', kind: 'instant', maxMonths, rewalkDays: 0 }, from, to));
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
    expect(walkBack({ name: 'UpdatedUtc', kind: 'instant', maxMonths: 3, rewalkDays: 0 }, now, now)).toEqual([]);
    expect(walkBack({ name: 'UpdatedUtc', kind: 'instant', maxMonths: 3, rewalkDays: 0 }, now, new Date(0))).toEqual([]);
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
  test('an increment begins five minutes before the last high-water mark and ends with Mews\' present second', async () => {
    const highWater = new Date(now.getTime() - 20 * minuteMs);
    for (const entry of syncedEntries.filter((one) => one.strategy === 'incremental')) {
      const windows = await plan(entry, { ...input, highWater, parents: parents(entry, { others: ['a'] }) });
      expect(new Set(spans(windows).map(String))).toEqual(new Set([String([highWater.getTime() - OVERLAP_MS, now.getTime() + AHEAD_MS])]));
      expect(new Set(windows.map((one) => one.interval))).toEqual(new Set(['UpdatedUtc']));
    }
  });

  test('what has no update time is walked again as far back as it may have changed', async () => {
    const highWater = new Date(now.getTime() - 20 * minuteMs);
    const reach = async (name: string, interval: string) => Math.min(...(await plan(entryOf(name), { ...input, highWater, parents: parents(entryOf(name), { others: ['a'] }) }))
      .filter((one) => one.interval === interval).map((one) => one.startUtc?.getTime() ?? 0));
    expect(await reach('tasks', 'CreatedUtc')).toBe(now.getTime() - 88 * dayMs);
    expect(await reach('tasks', 'ClosedUtc')).toBe(highWater.getTime() - OVERLAP_MS);
    expect(await reach('messages', 'CreatedUtc')).toBe(now.getTime() - 27 * dayMs);
    expect(await reach('ledgerBalances', 'Date')).toBeLessThanOrEqual(now.getTime() - 62 * dayMs);
    // A long silence is bridged, whatever the horizon.
    const old = new Date(now.getTime() - 200 * dayMs);
    expect(Math.min(...spans(await plan(entryOf('tasks'), { ...input, highWater: old })).map(([start]) => start))).toBe(old.getTime() - OVERLAP_MS);
  });

  test('a snapshot asks for everything each time', async () => {
    for (const name of ['countries', 'devices', 'exchangeRates', 'billingAutomations']) expect(await plan(entryOf(name), { ...input, highWater: now })).toEqual([window()]);
  });

  test('a first load takes everything: unfiltered where that is served, else in windows back to the creation of the enterprise', async () => {
    expect(await plan(entryOf('reservations'), input)).toEqual([window()]);
    const walked = await plan(orderItems, input);
    expect(walked.at(0)?.endUtc).toEqual(present);
    expect(walked.at(-1)?.startUtc).toEqual(input.createdUtc);
    expect(walked.length).toBe(10);
  });

  test('a full run after the first load takes everything again', async () => {
    expect(await plan(entryOf('reservations'), { ...input, mode: 'full', highWater: now })).toEqual([window()]);
    expect((await plan(orderItems, { ...input, mode: 'full', highWater: now })).at(-1)?.startUtc).toEqual(input.createdUtc);
  });

  test('a backfill asks its interval only, whatever the collection and the high-water mark', async () => {
    const from = new Date('2025-02-01T00:00:00Z'), to = new Date('2025-02-03T00:00:00Z');
    for (const entry of syncedEntries.filter((one) => one.intervals.some(({ kind }) => kind === 'instant'))) {
      for (const highWater of [null, now]) {
        const windows = await plan(entry, { ...input, from, to, highWater, parents: parents(entry, { changed: ['a'], others: ['b'] }) });
        expect(new Set(spans(windows).map(String))).toEqual(new Set([String([from.getTime(), to.getTime()])]));
      }
    }
    expect((await plan(orderItems, { ...input, from, highWater: now })).at(0)?.endUtc).toEqual(present);
    expect((await plan(orderItems, { ...input, to, highWater: now })).at(-1)?.startUtc).toEqual(input.createdUtc);
  });

  test('ids go in slices of what a request may hold, each id once, and each slice through every interval', async () => {
    await fc.assert(fc.asyncProperty(fc.uniqueArray(fc.uuid(), { maxLength: 60 }), fc.integer({ min: 1, max: 20 }), async (ids, maxItems) => {
      const windows = await plan(rates, { ...input, parents: [{ filter: { name: 'ServiceIds', maxItems }, ...idsBy({ changed: ids }) }] });
      expect(windows.flatMap((one) => one.filter['ServiceIds'])).toEqual(ids);
      for (const one of windows) expect(one.filter['ServiceIds']?.length).toBeLessThanOrEqual(maxItems);
    }));
    const twice = await plan(rates, { ...input, from: addMonths(now, -5), parents: [{ filter: { name: 'ServiceIds', maxItems: 1 }, ...idsBy({ changed: ['a'], others: ['b'] }) }] });
    expect(twice.length).toBe(4);
    expect(new Set(twice.map((one) => JSON.stringify(one))).size).toBe(4);
  });

  test('no ids are no request: an empty filter would mean all', async () => {
    expect(await plan(rates, { ...input, parents: [{ filter: { name: 'ServiceIds', maxItems: 1_000 }, ...idsBy({}) }] })).toEqual([]);
    expect(chunk([], 3)).toEqual([]);
  });

  test('an increment reads the children of new and changed parents whole, and asks the others for what changed', async () => {
    const highWater = new Date(now.getTime() - 20 * minuteMs);
    const windows = await plan(entryOf('companionships'), { ...input, highWater, parents: parents(entryOf('companionships'), { changed: ['new'], others: ['old'] }) });
    expect(windows.map(({ interval, filter }) => [interval, filter])).toEqual([[null, { ReservationIds: ['new'] }], ['UpdatedUtc', { ReservationIds: ['old'] }]]);
    // Where Mews allows no unfiltered request, whole is every window back to the creation.
    const policies = await plan(entryOf('cancellationPolicies'), { ...input, highWater, parents: parents(entryOf('cancellationPolicies'), { changed: ['new'], others: ['old'] }) });
    expect(policies.filter(({ filter }) => filter['ServiceIds']?.[0] === 'new').at(-1)?.startUtc).toEqual(input.createdUtc);
    expect(policies.filter(({ filter }) => filter['ServiceIds']?.[0] === 'old').length).toBe(1);
  });

  test('where nothing can be asked for by when it changed, an increment asks about changed parents only, and a daily full run about all', async () => {
    const documents = entryOf('identityDocuments'), ids = { changed: ['new'], others: ['old'], turn: ['turn'], later: ['late'] };
    const asked = async (more: Partial<PlanInput>) => (await plan(documents, { ...input, highWater: now, parents: parents(documents, ids), ...more })).flatMap(({ filter }) => filter['CustomerIds']);
    expect([await asked({}), await asked({ mode: 'full' }), await asked({ from: addMonths(now, -1) })]).toEqual([['new'], ['new', 'old', 'turn', 'late'], ['new', 'old', 'turn', 'late']]);
    const state: FullState = { asked: 'incremental', trigger: 'schedule', bounded: false, highWater: now, fullAt: new Date(now.getTime() - dayMs / 2), fullRequests: 1_000, now };
    expect(['identityDocuments', 'customerRelationships', 'preauthorizations'].map((name) => modeOf(entryOf(name), state))).toEqual(['incremental', 'incremental', 'full']);
    expect(modeOf(documents, { ...state, fullAt: new Date(now.getTime() - dayMs) })).toBe('full');
  });

  test('each of several parents goes in requests of its own, and ids of one property never mix above their number', async () => {
    const notes = entryOf('serviceOrderNotes');
    const [reservations, orders] = parentsOf(notes);
    if (!reservations || !orders) throw new Error('service order notes have two parents');
    const windows = await plan(notes, { ...input, parents: [{ filter: reservations.filter, ...idsBy({ changed: Array.from({ length: 1_500 }, (_, i) => `r${i}`) }) }, { filter: orders.filter, ...idsBy({ changed: ['o'] }) }] });
    expect(windows.map(({ filter }) => filter['ServiceOrderIds']?.length)).toEqual([1_000, 500, 1]);
  });

  test('of many parents an increment asks about the latest changed, and the others take turns, where a full run comes for the rest', async () => {
    const companionships = entryOf('companionships'), [parent] = parentsOf(companionships), fullAt = new Date(now.getTime() - 6 * 60 * minuteMs), highWater = new Date(now.getTime() - 20 * minuteMs);
    if (!parent) throw new Error('companionships have a parent');
    const latest = LATEST_REQUESTS * parent.filter.maxItems;
    let many = Array.from({ length: 31_001 }, (_, i) => ({ id: String(i), seq: 31_001 - i })), turnedTo: number | undefined;
    const asked = new Set<string>();
    for (let run = 0; run < TURNS; run++) {
      const { turnedTo: next, ...ids } = await turnsOf(companionships, many, turnedTo);
      const windows = await plan(companionships, { ...input, highWater, fullAt, parents: parents(companionships, ids) });
      const since = (at: Date) => windows.filter(({ startUtc }) => startUtc?.getTime() === at.getTime() - OVERLAP_MS).flatMap(({ filter }) => filter['ReservationIds'] ?? []);
      expect(since(highWater)).toEqual(many.slice(0, latest).map(({ id }) => id));
      // What a turn missed is asked for from before the last full run.
      expect(since(new Date(fullAt.getTime() - dayMs))).toEqual(ids.turn);
      for (const id of [...ids.others, ...ids.turn]) asked.add(id);
      turnedTo = next;
      many = [{ id: `new${run}`, seq: 40_000 + run }, ...many];   // moves the others down, and takes nobody's turn
    }
    expect(many.slice(1).filter(({ id }) => !asked.has(id))).toEqual([]);
    expect(await turnsOf(entryOf('voucherCodes'), many, undefined)).toEqual({ others: many.map(({ id }) => id), turn: [], turnedTo: undefined });
    expect((await plan(companionships, { ...input, mode: 'full', highWater, fullAt, parents: parents(companionships, { changed: ['a'], others: ['b'], turn: ['c'], later: ['d'] }) }))[0]?.filter).toEqual({ ReservationIds: ['a', 'b', 'c', 'd'] });
  });

  test('twenty enterprises that ask together ask about all that each would ask about alone', async () => {
    const entry = entryOf('companionships'), highWater = new Date(now.getTime() - 20 * minuteMs);
    const hotels = await inTurn(Array.from({ length: 20 }, (_, n) => n), async (hotel) => {
      const { turnedTo, ...ids } = await turnsOf(entry, Array.from({ length: 5_000 }, (_unused, i) => ({ id: `${hotel}-${i}`, seq: 5_000 - i })), undefined);
      expect(turnedTo).toBeUndefined();
      return { ...input, highWater, fullAt: new Date(now.getTime() - hotel * minuteMs), parents: parents(entry, ids) };
    });
    const [first, ...more] = hotels;
    if (!first) throw new Error('there are hotels');
    const asked = await plan(entry, together(first, more));
    expect(new Set(asked.flatMap(({ filter }) => filter['ReservationIds'])).size).toBe(100_000);
    expect(asked.length).toBe(100);
  });
});

test('what is missing is asked for by its ids with each part of the services, however many there are', async () => {
  const policies = entryOf('cancellationPolicies'), services = Array.from({ length: 250 }, (_, i) => `s${i}`), missing = Array.from({ length: 1_001 }, (_, i) => `p${i}`);
  const windows = (await all(recheckWindows(policies, { ...input, mode: 'full', missing, live: 100_000, sweptFrom: now, parentIds: null, parents: parents(policies, { others: services }) }))).filter(({ filter }) => filter['CancellationPolicyIds']);
  expect(windows.map(({ filter }) => [filter['ServiceIds']?.length, filter['CancellationPolicyIds']?.length])).toEqual([[100, 1_000], [100, 1_000], [50, 1_000], [100, 1], [100, 1], [50, 1]]);
  expect(new Set(windows.flatMap(({ filter }) => filter['ServiceIds']))).toEqual(new Set(services));
});

describe('days', () => {
  const balances = entryOf('ledgerBalances');
  const [interval] = balances.intervals;
  if (!interval) throw new Error('ledger balances have an interval');

  test('windows of days meet without a gap, hold every day that is somewhere on earth, and never more than the shortest month', async () => {
    fc.assert(fc.property(instants, instants, (a, b) => {
      const [from, to] = a < b ? [a, b] : [b, a];
      const windows = spans(walkBack(interval, from, to));
      if (from.getTime() === to.getTime()) { expect(windows).toEqual([]); return; }
      windows.forEach(([start, end], i) => {
        expect([start % dayMs, end % dayMs]).toEqual([0, 0]);
        expect((end - start) / dayMs).toBeLessThanOrEqual(28);
        if (i > 0) expect(end).toBe(windows[i - 1]?.[0]);
      });
      expect(windows.at(-1)?.[0]).toBeLessThanOrEqual(from.getTime() - dayMs + 1);
      expect(windows.at(0)?.[1]).toBeGreaterThanOrEqual(to.getTime() + dayMs);
    }));
  });

  test('too heavy, they are split into days and no further: half a day is the same request', async () => {
    const two = window({ interval: 'Date', startUtc: new Date('2026-01-01T00:00:00Z'), endUtc: new Date('2026-01-03T00:00:00Z') });
    const days = splitWindow(balances, two) ?? [];
    expect(spans(days)).toEqual([['2026-01-02', '2026-01-03'], ['2026-01-01', '2026-01-02']].map((pair) => pair.map((day) => Date.parse(day))));
    expect(splitWindow(balances, days[0] ?? two)).toMatchObject([{ interval: 'Date', pageSize: PAGE_SIZE_MAX / 2 }]);
  });
});

describe('full or increment', () => {
  const state: FullState = { asked: 'incremental', trigger: 'schedule', bounded: false, highWater: now, fullAt: new Date(now.getTime() - dayMs / 2), fullRequests: FULL_REQUESTS_MAX.scheduled + 1, now };

  test('an increment becomes a full run where increments do not show every change and the last full run is a day old', async () => {
    for (const [name, fresh, old] of [['serviceOrderNotes', 'incremental', 'full'], ['bills', 'incremental', 'incremental'], ['restrictions', 'full', 'full'], ['countries', 'full', 'full']] as const) {
      expect([modeOf(entryOf(name), state), modeOf(entryOf(name), { ...state, fullAt: new Date(now.getTime() - dayMs) })]).toEqual([fresh, old]);
    }
  });

  test('it is one whenever that costs a few requests only', async () => {
    expect(modeOf(entryOf('rules'), { ...state, fullRequests: FULL_REQUESTS_MAX.scheduled })).toBe('full');
    expect(modeOf(entryOf('bills'), { ...state, fullRequests: 1 })).toBe('incremental');
    // Who asks expects everything to be there then, and it may cost more.
    const requested: FullState = { ...state, trigger: 'request', fullRequests: FULL_REQUESTS_MAX.requested };
    expect([requested, { ...requested, fullRequests: requested.fullRequests + 1 }].map((one) => modeOf(entryOf('rules'), one))).toEqual(['full', 'incremental']);
    expect(modeOf(entryOf('bills'), requested)).toBe('incremental');
  });

  test('a first load is full, a backfill is what was asked for', async () => {
    expect(modeOf(entryOf('bills'), { ...state, highWater: null })).toBe('full');
    expect(modeOf(entryOf('bills'), { ...state, asked: 'full' })).toBe('full');
    expect(modeOf(entryOf('restrictions'), { ...state, bounded: true })).toBe('incremental');
  });
});

test('what must be read before is found, through parents of parents, and not what is asked for anyway', async () => {
  expect(missingFrom([entryOf('resourceCategoryAssignments')]).map((entry) => entry.name)).toEqual(['resourceCategories', 'services']);
  expect(missingFrom([entryOf('rates'), entryOf('services'), entryOf('bills')])).toEqual([]);
  expect(needs.filter((need) => need.collection === 'preauthorizations')).toEqual([{ collection: 'preauthorizations', needs: 'customers', owner: 'chain' }]);
});

describe('splitting what was too heavy', () => {
  const anyWindow = fc.record({
    from: fc.option(instants), spanMs: fc.integer({ min: 1, max: 90 * dayMs }), ids: fc.uniqueArray(fc.uuid(), { maxLength: 9 }), pageSize: fc.integer({ min: 1, max: PAGE_SIZE_MAX }),
  }).map(({ from, spanMs, ids, pageSize }) => window({
    ...(from && { startUtc: from, endUtc: new Date(from.getTime() + spanMs), interval: 'UpdatedUtc' }), filter: ids.length > 0 ? { ServiceIds: ids } : {}, pageSize,
  }));

  test('the parts cover the window exactly, and none is the same request again', async () => {
    fc.assert(fc.property(anyWindow, (whole) => {
      const parts = splitWindow(rates, whole);
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

  test('splitting comes to an end, and the last word is a page of one record', async () => {
    fc.assert(fc.property(anyWindow, fc.infiniteStream(fc.boolean()), (whole, choose) => {
      let at = whole;
      for (let i = 0; i < 100; i++) {
        const parts = splitWindow(rates, at);
        if (!parts) { expect(at.pageSize).toBe(1); return; }
        at = (choose.next().value ? parts.at(-1) : parts[0]) ?? at;
      }
      throw new Error('no end in sight');
    }), { numRuns: 50 });
  });
});
