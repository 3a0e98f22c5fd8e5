// Decides which windows a run asks for, and how a window that was too heavy is split. No clock, no database.
import { dayMs, secondMs } from '@keyrack/core';
import type { CollectionEntry, IntervalFilter } from '@keyrack/mews';

/** Mews' maximum of records a page. */
export const PAGE_SIZE_MAX = 1_000;
/** What an increment asks again, so that a record written while the last run was read is not missed. */
export const OVERLAP_MS = 300_000;

/** Mews tells its time, and reads intervals, in whole seconds: an interval that ended now would leave the last second or two to the next increment. */
export const AHEAD_MS = 2_000;

/** Ids that narrow a window, by request property: `{ ServiceIds: [...] }`. */
export type WindowFilter = Record<string, string[]>;

/** A slice of work that pages run through: an interval (or none), ids (or none). */
export interface WindowPlan { startUtc: Date | null; endUtc: Date | null; interval: string | null; filter: WindowFilter; pageSize: number }

export interface PlanInput {
  mode: 'incremental' | 'full';
  /** Bounds of a backfill; null where open. */
  from: Date | null;
  to: Date | null;
  /** Up to when the last complete run had read; null before the first. */
  highWater: Date | null;
  /** When the enterprise was created in Mews: nothing of its own is older. */
  createdUtc: Date;
  /** Mews' now. */
  now: Date;
  /** Ids by request property, from the collections that this one depends on; null when it depends on none. */
  parentIds: { property: string; maxItems: number; ids: string[] } | null;
}

/** The windows of a run, newest first, so that fresh data is there at once. */
export function planWindows(entry: CollectionEntry, input: PlanInput): WindowPlan[] {
  const filters = input.parentIds === null ? [{}] : chunk(input.parentIds.ids, input.parentIds.maxItems).map((ids) => ({ [input.parentIds?.property ?? '']: ids }));
  const intervals = planIntervals(entry, input);
  return intervals.flatMap((interval) => filters.map((filter) => ({ ...interval, filter, pageSize: PAGE_SIZE_MAX })));
}

type IntervalPlan = Pick<WindowPlan, 'startUtc' | 'endUtc' | 'interval'>;
const everything: IntervalPlan = { startUtc: null, endUtc: null, interval: null };

function planIntervals(entry: CollectionEntry, input: PlanInput): IntervalPlan[] {
  if (entry.intervals.length === 0) return [everything];
  const bounded = input.from !== null || input.to !== null;
  const first = input.mode === 'full' || input.highWater === null;
  if (!bounded && first && entry.firstLoad === 'whole') return [everything];
  const to = input.to ?? new Date(input.now.getTime() + AHEAD_MS);
  const from = input.from ?? (bounded || first || input.highWater === null ? input.createdUtc : new Date(input.highWater.getTime() - OVERLAP_MS));
  return entry.intervals.flatMap((interval) => walkBack(interval, from, to));
}

/**
 * As long as the shortest run of that many months: 28 or 89 days. Counted in calendar months, a window that ends on 31 May would begin
 * on 28 February, and three months after that Mews would count three days too many.
 */
export const longestMs = (interval: IntervalFilter): number => Math.floor(28 + 30.5 * (interval.maxMonths - 1)) * dayMs;

/** Cuts [from, to) into windows no longer than the interval allows, newest first; they meet end to start. */
export function walkBack(interval: IntervalFilter, from: Date, to: Date): IntervalPlan[] {
  const windows: IntervalPlan[] = [];
  let end = to;
  while (end > from) {
    const earliest = new Date(end.getTime() - longestMs(interval));
    const start = earliest > from ? earliest : from;
    windows.push({ startUtc: start, endUtc: end, interval: interval.name });
    end = start;
  }
  return windows;
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
export function splitWindow(window: WindowPlan): WindowPlan[] | null {
  const { startUtc, endUtc } = window;
  if (startUtc && endUtc && endUtc.getTime() - startUtc.getTime() >= 2 * secondMs) {
    const middle = new Date(Math.floor((startUtc.getTime() + endUtc.getTime()) / 2 / secondMs) * secondMs);
    return [{ ...window, startUtc: middle }, { ...window, endUtc: middle }];
  }
  const [property, ids] = Object.entries(window.filter)[0] ?? [];
  if (property !== undefined && ids !== undefined && ids.length > 1) {
    const half = Math.ceil(ids.length / 2);
    return [ids.slice(0, half), ids.slice(half)].map((part) => ({ ...window, filter: { [property]: part } }));
  }
  return window.pageSize > 1 ? [{ ...window, pageSize: Math.ceil(window.pageSize / 2) }] : null;
}

/** Slices of at most `size`; none for an empty list, since an empty id filter would mean "all". */
export function chunk<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
