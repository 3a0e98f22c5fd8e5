// Every kind of request that a sync can build from an entry of the table, with ids made up.
import { addMonths } from '@keyrack/core';
import { buildPageRequest, type CollectionEntry, type IdFilter } from '@keyrack/mews';

const id = (n: number): string => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
const idsOf = (filter: IdFilter): string[] => Array.from({ length: filter.maxItems }, (_, n) => id(n));
const end = new Date('2026-05-31T10:20:30.456Z');

export function everyRequest(entry: CollectionEntry): Record<string, unknown>[] {
  const filters = entry.parents.length > 0 ? entry.parents.map(({ filter }) => ({ [filter.name]: idsOf(filter) })) : [entry.services ? { [entry.services.name]: idsOf(entry.services) } : {}];
  const intervals = entry.intervals.map(({ name, kind, maxMonths }) => ({ name, kind, startUtc: addMonths(end, -maxMonths), endUtc: end }));
  const whole = entry.firstLoad === 'whole' ? [null] : [];
  const swept = filters.flatMap((filter) => [...whole, ...intervals].flatMap((interval) => [null, id(7)].map((cursor) =>
    buildPageRequest(entry, { enterpriseIds: [id(1)], chainIds: [id(2)], filter, interval, count: 1_000, cursor }))));
  const { byIds, services } = entry;
  if (!byIds || entry.parents.length > 0 || byIds.name === entry.enterprises?.name) return swept;
  const filter = { ...(services && { [services.name]: [id(3)] }), [byIds.name]: idsOf(byIds) };
  return [...swept, buildPageRequest(entry, { enterpriseIds: [id(1)], chainIds: [id(2)], filter, interval: null, count: 1_000, cursor: null })];
}
