// Reads a request body as strictly as Mews does and turns its filters into one question per row.
import type { AccessToken } from './access.js';
import type { Body, Filter, Operation } from './operation.js';
import { addMonths, dayMs, factsOf, isObject, textsAt, type Row } from './record.js';

export type Matches = (row: Row) => boolean;
/** What reading a request needs to know of the world. */
export interface Scope { token: AccessToken; /** Enterprises, chains or services within the token's reach. */ reaches(of: 'enterprise' | 'chain' | 'service', id: string): boolean }
/** Bad input: 400. */
export class Refused extends Error { constructor(message: string, readonly status = 400) { super(message); } }

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,7})?Z$/;
const date = /^\d{4}-\d{2}-\d{2}$/;
const envelope = ['ClientToken', 'AccessToken', 'Client', 'LanguageCode', 'CultureCode'];

export function present(body: Body, name: string): boolean { return body[name] !== undefined && body[name] !== null; }

/** The tokens and client of any request. */
export function readEnvelope(body: Body): { clientToken: string; accessToken: string } {
  const [clientToken, accessToken] = ['ClientToken', 'AccessToken', 'Client'].map((name) => {
    const value = body[name];
    if (typeof value !== 'string' || value === '') throw new Refused(`Invalid ${name}.`);
    return value;
  });
  if (present(body, 'LanguageCode') !== present(body, 'CultureCode')) throw new Refused('LanguageCode and CultureCode must be sent together.');
  return { clientToken: clientToken ?? '', accessToken: accessToken ?? '' };
}

export function readLimitation(body: Body): { count: number; cursor: string | null } {
  const limitation = body['Limitation'];
  if (!isObject(limitation)) throw new Refused('Invalid Limitation: it is required.');
  onlyKnown(limitation, ['Count', 'Cursor'], 'Limitation.');
  const { Count: count, Cursor: cursor = null } = limitation;
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 1 || count > 1000) throw new Refused('Invalid Limitation.Count: from 1 to 1000.');
  if (cursor !== null && typeof cursor !== 'string') throw new Refused('Invalid Limitation.Cursor.');
  return { count, cursor };
}

export function onlyKnown(body: Body, known: readonly string[], prefix = ''): void {
  const unknown = Object.keys(body).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Refused(`Invalid JSON: unknown property '${prefix}${unknown}'.`);
}

export function checkProperties(operation: Operation, body: Body, scope: Scope): void {
  onlyKnown(body, [...envelope, ...(operation.paged ? ['Limitation'] : []), ...(operation.extent ? ['Extent'] : []), ...Object.keys(operation.filters)]);
  const required = [...operation.required, ...(operation.extent?.required ? ['Extent'] : []), ...(scope.token.kind === 'portfolio' ? operation.requiredForPortfolio : [])];
  for (const name of required) if (!present(body, name)) throw new Refused(`Invalid ${name}: it is required.`);
  if (operation.anyOf.length > 0 && !operation.anyOf.some((name) => present(body, name))) throw new Refused(`At least one of these filters is required: ${operation.anyOf.join(', ')}.`);
  for (const [name, others] of Object.entries(operation.needs)) if (present(body, name) && !others.some((other) => present(body, other))) throw new Refused(`Invalid ${name}: not without ${others.join(' or ')}.`);
  if (operation.extent && present(body, 'Extent')) checkExtent(operation.extent, body['Extent']);
}

function checkExtent(extent: NonNullable<Operation['extent']>, sent: unknown): void {
  if (!isObject(sent)) throw new Refused('Invalid Extent.');
  onlyKnown(sent, extent.flags, 'Extent.');
  for (const [name, value] of Object.entries(sent)) if (typeof value !== 'boolean' && value !== null) throw new Refused(`Invalid Extent.${name}.`);
  if (extent.mandatory !== undefined && sent[extent.mandatory] === undefined) throw new Refused(`Invalid Extent.${extent.mandatory}: it is required.`);
}

/** One predicate for all filters of the request. Scopes of enterprises and chains choose rows elsewhere; here they are only checked. */
export function readFilters(operation: Operation, body: Body, scope: Scope): Matches {
  const checks: Matches[] = [];
  for (const [name, filter] of Object.entries(operation.filters)) {
    const check = readFilter(name, filter, body[name] ?? null, scope, operation);
    if (check) checks.push(check);
  }
  const { hides } = operation;
  if (hides) checks.push((row) => !hides(row.record, body));
  return (row) => checks.every((check) => check(row));
}

function readFilter(name: string, filter: Filter, value: unknown, scope: Scope, operation: Operation): Matches | null {
  if (value === null) return byDefault(filter);
  switch (filter.kind) {
    case 'scope': return readScope(name, filter, value, scope, operation);
    case 'ids': return among(filter.field, readList(name, value, filter.max, uuid));
    case 'texts': return among(filter.field, readList(name, value, filter.max));
    case 'interval': return readInterval(name, filter, value);
    case 'dates': return readDates(name, filter, value);
    case 'states': { const wanted = readEnum(name, value, filter.values, filter.max); return wanted.length === 0 ? byDefault(filter) : among(filter.field, wanted); }
    case 'state': { if (typeof value !== 'string' || !filter.values.includes(value)) throw new Refused(`Invalid ${name}.`); return among(filter.field, [value]); }
    case 'activity': { const wanted = readEnum(name, value, ['Active', 'Deleted']); return wanted.length === 0 ? byDefault(filter) : (row) => wanted.includes(isActive(row) ? 'Active' : 'Deleted'); }
    case 'text': return ignored(name, value, 'string');
    case 'flag': return ignored(name, value, 'boolean');
  }
}

/** Checked here, of use elsewhere or nowhere. */
function ignored(name: string, value: unknown, type: 'string' | 'boolean'): null {
  if (typeof value !== type) throw new Refused(`Invalid ${name}.`);
  return null;
}

/** What an omitted filter still leaves out. */
function byDefault(filter: Filter): Matches | null {
  if (filter.kind === 'activity' && filter.otherwise === 'active') return isActive;
  return filter.kind === 'states' && filter.otherwise ? among(filter.field, filter.otherwise) : null;
}

function isActive(row: Row): boolean { return factsOf(row)['IsActive'] !== false; }

function among(field: string, wanted: readonly string[]): Matches {
  const those = new Set(wanted);
  const path = field.split('.');
  return (row) => textsAt(factsOf(row), path).some((text) => those.has(text));
}

function readScope(name: string, filter: Extract<Filter, { kind: 'scope' }>, value: unknown, scope: Scope, operation: Operation): Matches | null {
  const wanted = readList(name, value, filter.max, uuid);
  if (wanted.length === 0) throw new Refused(`Invalid ${name}: an empty list.`);
  // Documented for customers: with a token of one enterprise, ChainIds are ignored.
  if (filter.of === 'chain' && scope.token.kind === 'enterprise' && operation.requiredForPortfolio.includes(name)) return null;
  if (!wanted.every((id) => scope.reaches(filter.of, id))) throw new Refused(`Invalid ${name}.`);
  return filter.of === 'service' ? among(operation.collection === 'services' ? 'Id' : 'ServiceId', wanted) : null;
}

function readInterval(name: string, filter: Extract<Filter, { kind: 'interval' }>, value: unknown): Matches {
  if (!isObject(value)) throw new Refused(`Invalid ${name}.`);
  onlyKnown(value, ['StartUtc', 'EndUtc'], `${name}.`);
  const [from, to] = [readInstant(`${name}.StartUtc`, value['StartUtc']), readInstant(`${name}.EndUtc`, value['EndUtc'])];
  if (from > to) throw new Refused(`Invalid ${name}: it ends before it starts.`);
  if (filter.months !== null && to > addMonths(from, filter.months)) throw new Refused(`Invalid ${name}: longer than ${filter.months} months.`);
  const { field, until } = filter;
  // What has no start was always there, what has no end goes on.
  if (until !== undefined) return (row) => !(timeAt(row, field) >= Math.max(to, from + 1)) && !(timeAt(row, until) <= from);
  // Start inclusive, end exclusive; equal ends ask for exactly that moment.
  return from === to ? (row) => timeAt(row, field) === from : (row) => { const ms = timeAt(row, field); return ms >= from && ms < to; };
}

function readDates(name: string, filter: Extract<Filter, { kind: 'dates' }>, value: unknown): Matches {
  if (!isObject(value)) throw new Refused(`Invalid ${name}.`);
  onlyKnown(value, ['Start', 'End'], `${name}.`);
  const { Start: start, End: end } = value;
  if (typeof start !== 'string' || typeof end !== 'string' || !date.test(start) || !date.test(end) || start > end) throw new Refused(`Invalid ${name}.`);
  if (Date.parse(end) > addMonths(Date.parse(start), filter.months) + dayMs) throw new Refused(`Invalid ${name}: longer than ${filter.months} months.`);
  return (row) => { const on = textAt(row, filter.field).slice(0, 10); return on >= start && on <= end; };
}

function readInstant(name: string, value: unknown): number {
  const ms = typeof value === 'string' && instant.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(ms)) throw new Refused(`Invalid ${name}.`);
  return ms;
}

function readList(name: string, value: unknown, max: number, pattern?: RegExp): string[] {
  if (!Array.isArray(value)) throw new Refused(`Invalid ${name}.`);
  if (value.length > max) throw new Refused(`Invalid ${name}: more than ${max} items.`);
  return value.map((item: unknown) => {
    if (typeof item !== 'string' || (pattern && !pattern.test(item))) throw new Refused(`Invalid ${name}.`);
    return pattern ? item.toLowerCase() : item;
  });
}

function readEnum(name: string, value: unknown, known: readonly string[], max = 1000): string[] {
  const items = readList(name, value, max);
  if (!items.every((item) => known.includes(item))) throw new Refused(`Invalid ${name}.`);
  return items;
}

function textAt(row: Row, field: string): string { return textsAt(factsOf(row), field.split('.'))[0] ?? ''; }

/** Time of a row; the row knows its own creation and update, which some records do not show. Absent: NaN, which no interval holds. */
function timeAt(row: Row, field: string): number {
  if (field === 'UpdatedUtc') return row.updatedMs;
  if (field === 'CreatedUtc') return row.createdMs;
  return Date.parse(textAt(row, field));
}
