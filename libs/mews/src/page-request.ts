// From an entry of the table to a request body, and from an answer to records. Pure: what the sync engine asks and reads is decided here.
import { mewsTime, secondMs } from '@keyrack/core';
import type { CollectionEntry, IdFilter, RecordList } from './collection-entry.js';
import { MewsError } from './mews-error.js';
import { readRecord, type Quarantined, type PageRecord } from './page-record.js';

export interface RequestedInterval { name: string; kind: 'instant' | 'date'; startUtc: Date; endUtc: Date /* exclusive */ }

export interface PageRequest {
  enterpriseIds: readonly string[];
  chainIds: readonly string[];
  /** Ids of services or parents, by request property. */
  filter: { readonly [name: string]: readonly string[] };
  interval: RequestedInterval | null;
  count: number;
  cursor: string | null;
}

/**
 * The body of one request, tokens apart, with the properties that the operation takes and no others.
 * @throws RangeError on ids that Mews would refuse for their number, or a filter or interval that the operation does not have:
 *   leaving one out silently would widen the request.
 */
export function buildPageRequest(entry: CollectionEntry, request: PageRequest): Record<string, unknown> {
  const { enterprises, chains, services, byIds, parents, intervals, name } = entry;
  const body: Record<string, unknown> = { ...entry.body };
  if (enterprises && request.enterpriseIds.length > 0) body[enterprises.name] = idsFor(entry, enterprises, request.enterpriseIds);
  if (chains && request.chainIds.length > 0) body[chains.name] = idsFor(entry, chains, request.chainIds);
  const filters = [services, byIds, ...parents.map((parent) => parent.filter)].filter((filter) => filter !== undefined);
  for (const [property, ids] of Object.entries(request.filter)) {
    const filter = filters.find((one) => one.name === property);
    if (!filter) throw new RangeError(`${name} has no filter ${property}`);
    body[property] = idsFor(entry, filter, ids);
  }
  if (request.interval) {
    const { name: property, kind } = request.interval;
    if (!intervals.some((one) => one.name === property && one.kind === kind)) throw new RangeError(`${name} has no interval ${property}`);
    body[property] = intervalBody(request.interval);
  }
  if (entry.paginated) body['Limitation'] = { Count: request.count, Cursor: request.cursor };
  return body;
}

function idsFor(entry: CollectionEntry, filter: IdFilter, ids: readonly string[]): readonly string[] {
  if (ids.length === 0) throw new RangeError(`${entry.name}: ${filter.name} is empty, which Mews may read as all`);
  if (ids.length > filter.maxItems) throw new RangeError(`${entry.name}: ${filter.name} takes ${filter.maxItems} ids, not ${ids.length}`);
  return ids;
}

function intervalBody({ kind, startUtc, endUtc }: RequestedInterval): Record<string, string> {
  if (kind === 'date') {
    // Mews includes the last day; ours is the first instant after.
    return { Start: startUtc.toISOString().slice(0, 10), End: new Date(Math.max(endUtc.getTime() - 1, startUtc.getTime())).toISOString().slice(0, 10) };
  }
  const start = mewsTime(startUtc), end = mewsTime(endUtc);
  // Equal ends would mean an exact match: an interval within one second becomes that second.
  return { StartUtc: start, EndUtc: end > start ? end : mewsTime(new Date(startUtc.getTime() + secondMs)) };
}

/** `items`: how many entries Mews listed, for the size of the page; a record listed twice is in `records` once. */
export interface PageList { list: RecordList; records: PageRecord[]; quarantined: Quarantined[]; items: number }
export interface Page { lists: PageList[]; cursor: string | null }

/**
 * Reads one answer. A missing or null list is empty; a record that cannot be stored is quarantined and the rest goes on.
 * @throws MewsError `invalid_answer` when a list is no list or the cursor no text: to read it as empty could delete records.
 */
export function parsePage(entry: CollectionEntry, body: Readonly<Record<string, unknown>>): Page {
  const lists = entry.lists.map((list) => {
    const items = itemsOf(entry, body, list.key);
    const records = new Map<string, PageRecord>(), quarantined: Quarantined[] = [];
    for (const raw of items) {
      const read = readRecord(list, raw);
      if ('reason' in read) quarantined.push(read); else records.set(read.id, read);
    }
    return { list, records: [...records.values()], quarantined, items: items.length };
  });
  return { lists, cursor: cursorOf(entry, body) };
}

function itemsOf(entry: CollectionEntry, body: Readonly<Record<string, unknown>>, key: string): readonly unknown[] {
  const items = Object.hasOwn(body, key) ? body[key] : undefined;
  if (items === undefined || items === null) return [];
  if (Array.isArray(items)) return items;
  throw new MewsError('invalid_answer', entry.path, { detail: `${key} is not a list` });
}

function cursorOf(entry: CollectionEntry, body: Readonly<Record<string, unknown>>): string | null {
  const cursor = Object.hasOwn(body, 'Cursor') ? body['Cursor'] : undefined;
  if (cursor === undefined || cursor === null) return null;
  if (typeof cursor === 'string' && cursor !== '' && cursor.length <= 2_000) return cursor;
  throw new MewsError('invalid_answer', entry.path, { detail: 'the cursor is not a text' });
}

/**
 * The cursor of the next page, or null after the last one. `sent` is the cursor that this page was asked with.
 * All lists count towards a full page: where an answer has several, Mews does not say which one the limit is about.
 * @throws MewsError `invalid_answer` when a full page repeats the cursor that was sent: following it would never end.
 */
export function nextCursor(entry: CollectionEntry, page: Page, count: number, sent: string | null): string | null {
  const items = page.lists.reduce((sum, list) => sum + list.items, 0);
  if (!entry.paginated || page.cursor === null || items < count) return null;
  if (page.cursor === sent) throw new MewsError('invalid_answer', entry.path, { detail: 'the cursor does not move' });
  return page.cursor;
}
