// What every room of the sandbox says: a Mews record, the row that keeps it, and Mews' way to write a time.
import { Random } from './random.js';

export type Json = null | boolean | number | string | Json[] | { [property: string]: Json };
export type MewsRecord = { [property: string]: Json };

/** A stored record. `createdMs` and `updatedMs` stand apart because some records do not show them but are filtered by them. */
export interface Row {
  readonly id: string;
  /** The enterprise or chain it belongs to, or `platform`. */
  readonly owner: string;
  readonly createdMs: number;
  /** Breaks ties of `createdMs`, so that the order of pages is total. */
  readonly seq: number;
  updatedMs: number;
  record: MewsRecord;
  /** What Mews filters the record by and never shows. */
  hidden: MewsRecord | null;
  /** The record as sent; made when first needed. */
  json: string | null;
}

export const platform = 'platform';
export const dayMs = 86_400_000;
export const hourMs = 3_600_000;

/** Mews' times have whole seconds: a record shows when it changed no more exactly than that. */
export function iso(ms: number): string { return `${new Date(ms).toISOString().slice(0, 19)}Z`; }

export function wholeSecond(ms: number): number { return Math.floor(ms / 1000) * 1000; }

export function isObject(value: unknown): value is { [property: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A field that is a text; empty when it is not. */
export function textOf(record: MewsRecord, field: string): string { const value = record[field]; return typeof value === 'string' ? value : ''; }

/** The texts at a path such as `Data.Discriminator`; those of every item where a list is on the way. */
export function textsAt(value: Json | undefined, path: readonly string[]): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => textsAt(item, path));
  const [first, ...deeper] = path;
  if (first === undefined) return typeof value === 'string' ? [value] : [];
  return typeof value === 'object' && value !== null ? textsAt(value[first], deeper) : [];
}

/** Mews' id, or the code of what has none. */
export function idOf(record: MewsRecord): string {
  const id = textOf(record, 'Id') || textOf(record, 'Code');
  if (id === '') throw new RangeError('a record needs an Id');
  return id;
}

const keys: { readonly [collection: string]: readonly string[] } = {
  countryRules: ['CountryCode'], ledgerBalances: ['EnterpriseId', 'Date', 'LedgerType'], voucherAssignments: ['VoucherId', 'RateId'], customerRelationships: ['CustomerId', 'RelatedCustomerId', 'Relationship'],
};

/** The id of a record's row. Where several fields make the key, it is a UUID of them, so that it can be a cursor. */
export function rowIdOf(collection: string, record: MewsRecord): string {
  const fields = keys[collection];
  return fields === undefined ? idOf(record) : new Random(collection, ...fields.map((field) => textOf(record, field))).uuid();
}

/** All that a record may be filtered by. */
export function factsOf(row: Row): MewsRecord { return row.hidden === null ? row.record : { ...row.record, ...row.hidden }; }

/** What came as JSON can hold nothing else. */
export function isRecord(value: unknown): value is MewsRecord { return isObject(value); }

/** Adds calendar months; a day that the month lacks becomes its last day. */
export function addMonths(ms: number, months: number): number {
  const from = new Date(ms);
  const to = new Date(ms);
  to.setUTCDate(1);
  to.setUTCMonth(from.getUTCMonth() + months);
  const lastDay = new Date(Date.UTC(to.getUTCFullYear(), to.getUTCMonth() + 1, 0)).getUTCDate();
  to.setUTCDate(Math.min(from.getUTCDate(), lastDay));
  return to.getTime();
}
