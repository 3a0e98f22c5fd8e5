// From an entry of the table to a request body. Pure: what the sync engine asks is decided here.
import { mewsTime, secondMs } from '@keyrack/core';
import type { CollectionEntry, IdFilter } from './collection-entry.js';

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
  if (enterprises && request.enterpriseIds.length > 0) body[enterprises.name] = scopeOf(entry, enterprises, request.enterpriseIds);
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

const scopeOf = (entry: CollectionEntry, filter: IdFilter, ids: readonly string[]): string | readonly string[] | undefined =>
  (filter.single ? idsFor(entry, filter, ids)[0] : idsFor(entry, filter, ids));

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
