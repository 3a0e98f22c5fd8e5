// Decides which windows a run asks for, and how a window that was too heavy is split. No clock, no database.
import { dayMs, durationMs, secondMs } from '@keyrack/core';
import type { CollectionEntry, IdFilter, IntervalFilter } from '@keyrack/mews';
import type { RunTrigger } from './run.js';

/** Mews' maximum of records a page. */
export const PAGE_SIZE_MAX = 1_000;
/** What an increment asks again, so that a record written while the last run was read is not missed. */
export const OVERLAP_MS = 300_000;

/** Mews stamps records by more clocks than the one that its answers tell, and some are ahead: an interval that ended now would miss those. */
export const AHEAD_MS = OVERLAP_MS;

/**
 * A full run that costs no more requests is made instead of an increment, where increments do not show every change: instead of each that is
 * due by its schedule, and of one that a person asks for, who expects everything to be there then.
 */
export const FULL_REQUESTS_MAX = { scheduled: 5, requested: 100 };

/** What is missing is looked for by a second sweep of at most so many requests; beyond, by its ids, and Mews refuses a request for one that is gone. */
export const RESWEEP_REQUESTS_MAX = 100;

/** Requests of an increment about the latest changed parents of an enterprise, where a full run comes for the rest. */
export const LATEST_REQUESTS = 10;
/** Increments in which the others have had their turn. */
export const TURNS = 4;

/** Ids that narrow a window, by request property: `{ ServiceIds: [...] }`. */
export type WindowFilter = Record<string, string[]>;

/** A slice of work that pages run through: an interval (or none), ids (or none). `deleted`: it lists what Mews has deleted. */
export interface WindowPlan { startUtc: Date | null; endUtc: Date | null; interval: string | null; filter: WindowFilter; pageSize: number; deleted: boolean }

export interface PlanInput {
  mode: 'incremental' | 'full';
  /** Bounds of a backfill; null where open. */
  from: Date | null;
  to: Date | null;
  /** Up to when the last complete run had read; null before the first. */
  highWater: Date | null;
  /** When the last full run was complete; null when none was. */
  fullAt: Date | null;
  /** When the enterprise was created in Mews: nothing of its own is older. */
  createdUtc: Date;
  /** Mews' now. */
  now: Date;
  /** The parents by whose ids the collection is asked for; null when it needs none. */
  parents: ParentIds[] | null;
}

/** Ids that are read when they are needed, in parts: there may be millions. `count`: so many at the most. */
export interface Ids { count: number; read: () => AsyncIterable<readonly string[]> }

/** Records of one parent collection, by what an increment asks about their children. */
export interface ParentIds {
  filter: IdFilter;
  all: Ids;
  /** New or changed since their children were last read. */
  changed: Ids;
  others: Ids;
  /** Of those that are too many for each increment, the ones whose turn it is. */
  turn: Ids;
}

/** Ids that are in memory. */
export const idsOf = (some: readonly string[]): Ids => ({ count: some.length, read: async function* read() { yield some; } });

/** Windows that differ in nothing but their interval and ids: each part of the ids (`by`, null for none) in each of the intervals. */
export interface WindowSet { intervals: IntervalPlan[]; by: { filter: IdFilter; ids: Ids } | null; with: WindowFilter; deleted: boolean }

/**
 * The windows of a run, newest first, so that fresh data is there at once. An increment reads the children of new and changed parents
 * anew: they may be older than the increment, and what they lost shows only in the whole set.
 */
export function planWindows(entry: CollectionEntry, input: PlanInput): WindowSet[] {
  const sets = livingWindows(entry, input);
  return entry.deletedApart ? [...sets.map((set) => ({ ...set, deleted: true })), ...sets] : sets;
}

function livingWindows(entry: CollectionEntry, input: PlanInput): WindowSet[] {
  const intervals = planIntervals(entry, input), { parents } = input;
  if (parents === null) return [setOf(intervals, null)];
  const of = (some: readonly IntervalPlan[], which: 'all' | 'changed' | 'others' | 'turn'): WindowSet[] => parents.map((parent) => setOf(some, { filter: parent.filter, ids: parent[which] }));
  if (isBounded(input) || isFirst(input)) return of(intervals, 'all');
  const anew = of(planIntervals(entry, { ...input, mode: 'full' }), 'changed');
  // Without an interval nobody can be asked for what changed; a full run comes for it.
  if (entry.intervals.length === 0) return anew;
  return [...anew, ...of(intervals, 'others'), ...of(planIntervals(entry, { ...input, highWater: lastTurn(input) }), 'turn')];
}

const setOf = (intervals: readonly IntervalPlan[], by: WindowSet['by'], more: WindowFilter = {}): WindowSet => ({ intervals: [...intervals], by, with: more, deleted: false });

const inEach = ({ by }: WindowSet): number => (by ? Math.ceil(by.ids.count / by.filter.maxItems) : 1);

/** How many windows there are in each interval. */
export const countWindows = (sets: readonly WindowSet[]): (IntervalPlan & { windows: number })[] =>
  sets.filter((set) => inEach(set) > 0).flatMap((set) => set.intervals.map((interval) => ({ ...interval, windows: inEach(set) })));

/** Reads the ids as it goes. */
export async function* windowsOf(sets: readonly WindowSet[]): AsyncGenerator<WindowPlan> {
  for (const { intervals, by, with: more, deleted } of sets) {
    for (const interval of by?.ids.count === 0 ? [] : intervals) {
      for await (const filter of filtersOf(by)) yield { ...interval, filter: { ...filter, ...more }, pageSize: PAGE_SIZE_MAX, deleted };
    }
  }
}

async function* filtersOf(by: WindowSet['by']): AsyncGenerator<WindowFilter> {
  if (!by) return yield {};
  for await (const part of inParts(each(by.ids.read()), by.filter.maxItems)) yield { [by.filter.name]: part };
}

async function* each<T>(parts: AsyncIterable<readonly T[]>): AsyncGenerator<T> {
  for await (const part of parts) yield* part;
}

/** Parts of `size` and a last one with the rest; none where there is nothing, since an empty id filter would mean "all". */
export async function* inParts<T>(items: Iterable<T> | AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let part: T[] = [];
  for await (const item of items) {
    part.push(item);
    if (part.length < size) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
}

/** From where on the children of a parent are asked for whose turn it is: a day before the last full run ended, since it took its time. */
const lastTurn = ({ fullAt, highWater }: PlanInput): Date | null => (fullAt && highWater && new Date(Math.min(highWater.getTime(), fullAt.getTime() - dayMs)));

/** Positions in a feed, from one on and below another. */
export interface Stretch { from?: number; below?: number }

/** `count`: so many stand there at the most. */
export interface CountedStretch extends Stretch { count: number }

/** Looks up the positions of parents. */
export interface Positions {
  /** How many stand below. */
  below: (seq: number) => Promise<number>;
  /** The position of the nth below, from the latest; undefined where there are fewer. */
  nth: (below: number, n: number) => Promise<number | undefined>;
}

/**
 * Which unchanged parents each increment asks about, and which take turns. Per enterprise: one with many must not keep the others' out.
 * @param known how many stand below `end`
 * @param turnedTo the position down to which turns have come; undefined to begin with the latest @returns that position after this turn
 */
export async function inTurns({ fullEvery }: CollectionEntry, { maxItems }: IdFilter, known: number, end: number, turnedTo: number | undefined, at: Positions): Promise<{ others: CountedStretch; turn: CountedStretch; turnedTo: number | undefined }> {
  const latest = LATEST_REQUESTS * maxItems, first = fullEvery === undefined || known <= latest ? undefined : await at.nth(end, latest);
  if (first === undefined) return { others: { below: end, count: known }, turn: { below: 0, count: 0 }, turnedTo: undefined };
  const size = Math.ceil((known - latest) / TURNS);
  const below = turnedTo !== undefined && turnedTo < first && await at.below(turnedTo) > 0 ? turnedTo : first;
  const last = await at.nth(below, size), goesOn = last !== undefined && await at.below(last) > 0;
  return { others: { from: first, below: end, count: latest }, turn: { ...(goesOn && { from: last }), below, count: size }, turnedTo: goesOn ? last : undefined };
}

/** What several enterprises ask for together: from where the first of them must be read, by the ids of all. */
export function together(first: PlanInput, more: readonly PlanInput[]): PlanInput {
  if (more.length === 0) return first;
  const inputs = [first, ...more];
  const earliest = (times: readonly (Date | null)[]): Date | null =>
    times.reduce((least, time) => (least === null || time === null ? null : time < least ? time : least));
  return {
    ...first, highWater: earliest(inputs.map(({ highWater }) => highWater)), fullAt: earliest(inputs.map(({ fullAt }) => fullAt)), createdUtc: earliest(inputs.map(({ createdUtc }) => createdUtc)) ?? first.createdUtc,
    parents: merged(inputs.map(({ parents }) => parents)),
  };
}

/** The ids of several enterprises' parents, by the filter that takes them. Null where there is no such filter. */
export function merged(parents: readonly (ParentIds[] | null)[]): ParentIds[] | null {
  if (parents.some((one) => one === null)) return null;
  const byFilter = new Map<string, ParentIds>();
  for (const one of parents.flatMap((some) => some ?? [])) {
    const known = byFilter.get(one.filter.name);
    const both = (of: 'all' | 'changed' | 'others' | 'turn'): Ids => (known ? joined(known[of], one[of]) : one[of]);
    byFilter.set(one.filter.name, { filter: one.filter, all: both('all'), changed: both('changed'), others: both('others'), turn: both('turn') });
  }
  return [...byFilter.values()];
}

const joined = (some: Ids, more: Ids): Ids => ({ count: some.count + more.count, read: async function* read() { yield* some.read(); yield* more.read(); } });

export interface RecheckInput extends PlanInput {
  /** Ids that the run should have seen. */
  missing: readonly string[];
  /** How many records of the source there are. */
  live: number;
  /** When the run's first request was answered. */
  sweptFrom: Date;
  /** For records that are asked for by a parent which they name: the missing ones' parents that still are. */
  parentIds: readonly string[] | null;
}

/**
 * What is asked before anything counts as deleted: what changed while the sweep ran and so moved past it, and what is missing. That is
 * asked for by its parents, or, where that costs little enough, by a second sweep.
 */
export function recheckWindows(entry: CollectionEntry, input: RecheckInput): WindowSet[] {
  const [parent] = entry.parents;
  if (parent && input.parentIds !== null) return [setOf([everything], { filter: parent.filter, ids: idsOf(input.parentIds) })];
  const scopes = input.parents?.map(({ filter, all }) => ({ filter, ids: all })) ?? [null];
  const tail = entry.intervals.slice(0, 1).flatMap((interval) => walkBack(interval, new Date(input.sweptFrom.getTime() - OVERLAP_MS), new Date(input.now.getTime() + AHEAD_MS)));
  return [...scopes.map((scope) => setOf(tail, scope)), ...again(entry, input, scopes)];
}

function again(entry: CollectionEntry, input: RecheckInput, scopes: readonly WindowSet['by'][]): WindowSet[] {
  const sweep = planWindows(entry, { ...input, mode: 'full' });
  if (total(sweep) + Math.floor(input.live / PAGE_SIZE_MAX) <= RESWEEP_REQUESTS_MAX) return sweep;
  const { byIds } = entry;
  if (!byIds || entry.parents.length > 0) return [];
  return chunk(input.missing, byIds.maxItems).flatMap((part) => scopes.map((scope) => setOf([everything], scope, { [byIds.name]: part })));
}

/** The requests that sets take when each window is one page, at the most. */
export const total = (sets: readonly WindowSet[]): number => countWindows(sets).reduce((sum, { windows }) => sum + windows, 0);

export type IntervalPlan = Pick<WindowPlan, 'startUtc' | 'endUtc' | 'interval'>;
const everything: IntervalPlan = { startUtc: null, endUtc: null, interval: null };

const isBounded = (input: Pick<PlanInput, 'from' | 'to'>): boolean => input.from !== null || input.to !== null;
const isFirst = (input: Pick<PlanInput, 'mode' | 'highWater'>): boolean => input.mode === 'full' || input.highWater === null;

function planIntervals(entry: CollectionEntry, input: PlanInput): IntervalPlan[] {
  if (entry.intervals.length === 0) return [everything];
  const bounded = isBounded(input), first = isFirst(input);
  if (!bounded && first && entry.firstLoad === 'whole') return [everything];
  const to = input.to ?? new Date(input.now.getTime() + AHEAD_MS);
  return entry.intervals.flatMap((interval) => walkBack(interval, input.from ?? (bounded || first ? input.createdUtc : incrementFrom(interval, input)), to));
}

const incrementFrom = ({ rewalkDays }: IntervalFilter, { highWater, now, createdUtc }: PlanInput): Date =>
  new Date(Math.min((highWater ?? createdUtc).getTime() - OVERLAP_MS, now.getTime() - rewalkDays * dayMs));

export interface FullState {
  asked: 'incremental' | 'full';
  trigger: RunTrigger;
  bounded: boolean;
  highWater: Date | null;
  /** When the last full run was complete; null when none was. */
  fullAt: Date | null;
  /** Requests that a full run would take, as far as can be told. */
  fullRequests: number;
  now: Date;
}

/** Whether a run reads everything or what changed. */
export function modeOf(entry: CollectionEntry, { asked, trigger, bounded, highWater, fullAt, fullRequests, now }: FullState): 'incremental' | 'full' {
  if (bounded) return asked;
  if (asked === 'full' || highWater === null || fullAt === null || (entry.strategy === 'snapshot' && entry.fullEvery === undefined)) return 'full';
  if (entry.fullEvery === undefined) return 'incremental';
  const due = now.getTime() - fullAt.getTime() >= (durationMs(entry.fullEvery) ?? 0);
  return due || fullRequests <= (trigger === 'schedule' ? FULL_REQUESTS_MAX.scheduled : FULL_REQUESTS_MAX.requested) ? 'full' : 'incremental';
}

/**
 * As long as the shortest run of that many months: 28 or 89 days. Counted in calendar months, a window that ends on 31 May would begin
 * on 28 February, and three months after that Mews would count three days too many.
 */
export const longestMs = (interval: IntervalFilter): number => Math.floor(28 + 30.5 * (interval.maxMonths - 1)) * dayMs;

/** Cuts [from, to) into windows no longer than the interval allows, newest first; they meet end to start. */
export function walkBack(interval: IntervalFilter, from: Date, to: Date): IntervalPlan[] {
  const windows: IntervalPlan[] = [];
  const [oldest, newest] = interval.kind === 'date' && from < to ? wholeDays(from, to) : [from, to];
  let end = newest;
  while (end > oldest) {
    const earliest = new Date(end.getTime() - longestMs(interval));
    const start = earliest > oldest ? earliest : oldest;
    windows.push({ startUtc: start, endUtc: end, interval: interval.name });
    end = start;
  }
  return windows;
}

/** The days that [from, to) touches anywhere on earth: a hotel's own day begins and ends before or after that of UTC. */
function wholeDays(from: Date, to: Date): [Date, Date] {
  return [new Date((Math.floor(from.getTime() / dayMs) - 1) * dayMs), new Date((Math.ceil(to.getTime() / dayMs) + 1) * dayMs)];
}

/**
 * The window before a first load's oldest one: records of a chain may be older than the enterprise, and nothing says how old.
 */
export function olderWindow(interval: IntervalFilter, oldest: WindowPlan): WindowPlan | null {
  if (oldest.startUtc === null || oldest.startUtc.getUTCFullYear() < 2000) return null;
  return { ...oldest, startUtc: new Date(oldest.startUtc.getTime() - longestMs(interval)), endUtc: oldest.startUtc, pageSize: PAGE_SIZE_MAX };
}

/**
 * Less for each request, after Mews answered that one was too heavy: the window is halved first, then its ids, then the page.
 * The parts together cover the window exactly. Null when nothing is left to halve.
 */
export function splitWindow(entry: CollectionEntry, window: WindowPlan): WindowPlan[] | null {
  const { startUtc, endUtc } = window;
  const unitMs = entry.intervals.some(({ name, kind }) => name === window.interval && kind === 'date') ? dayMs : secondMs;
  if (startUtc && endUtc && endUtc.getTime() - startUtc.getTime() >= 2 * unitMs) {
    const middle = new Date(Math.floor((startUtc.getTime() + endUtc.getTime()) / 2 / unitMs) * unitMs);
    return [{ ...window, startUtc: middle }, { ...window, endUtc: middle }];
  }
  const halves = halveIds(window);
  if (halves) return halves;
  return entry.paginated && window.pageSize > 1 ? [{ ...window, pageSize: Math.ceil(window.pageSize / 2) }] : null;
}

/** The window twice, each with half of the ids: of the property that is named, or that has most. Null when there are no two. */
export function halveIds<Window extends WindowPlan>(window: Window, of?: string): Window[] | null {
  const [property, ids] = Object.entries(window.filter).filter(([name]) => of === undefined || name === of).sort(([, a], [, b]) => b.length - a.length)[0] ?? [];
  if (property === undefined || ids === undefined || ids.length < 2) return null;
  const half = Math.ceil(ids.length / 2);
  return [ids.slice(0, half), ids.slice(half)].map((part) => ({ ...window, filter: { ...window.filter, [property]: part } }));
}

/** The window's ids without some of them; null when a property has none left, since an empty one would mean "all". */
export function withoutIds(filter: WindowFilter, leftOut: readonly string[]): WindowFilter | null {
  if (leftOut.length === 0) return filter;
  const left = Object.entries(filter).map(([name, ids]) => [name, ids.filter((id) => !leftOut.includes(id))] as const);
  return left.every(([, ids]) => ids.length > 0) ? Object.fromEntries(left) : null;
}

/** Slices of at most `size`; none for an empty list, since an empty id filter would mean "all". */
export function chunk<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
