// Further lists of an answer that follow from the records of its page: what they name, what names them, or some of themselves.
import type { Along, Body } from './operation.js';
import { factsOf, isObject, textsAt, type MewsRecord, type Row } from './record.js';

/** The records that the page's records name at `path`. */
export function named(collection: string, path: string): Along {
  return ({ rows, of }) => {
    const ids = idsAt(rows, path);
    return ids.size === 0 ? [] : of(collection).filter((row) => ids.has(row.id)).map((row) => row.record);
  };
}

/** The records that name one of the page's records at `path`. */
export function naming(collection: string, path: string): Along {
  return ({ rows, of }) => {
    const ids = new Set(rows.map((row) => row.id));
    return ids.size === 0 ? [] : of(collection).filter((row) => textsAt(factsOf(row), path.split('.')).some((id) => ids.has(id))).map((row) => row.record);
  };
}

/** Those of the page's own records whose field has this value. */
export function having(field: string, value: string): Along { return ({ rows }) => rows.filter((row) => row.record[field] === value).map((row) => row.record); }

/** Null unless the extent asks for it. */
export function whenAsked(flag: string, along: Along): Along { return (page) => (asks(page.body, flag) ? along(page) : null); }

/** In the shape of the older type that the list has. */
export function cut(along: Along, ...fields: readonly string[]): Along { return (page) => along(page)?.map(only(...fields)); }

/** These fields of a record and no others. */
export function only(...fields: readonly string[]): (record: MewsRecord) => MewsRecord {
  return (record) => Object.fromEntries(fields.flatMap((field) => (field in record ? [[field, record[field] ?? null]] : [])));
}

export function asks(body: Body, flag: string): boolean { return isObject(body['Extent']) && body['Extent'][flag] === true; }

function idsAt(rows: readonly Row[], path: string): Set<string> { return new Set(rows.flatMap((row) => textsAt(factsOf(row), path.split('.')))); }
