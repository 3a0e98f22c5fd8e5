// One record of an answer: what we need to know of it to store it, or why it cannot be stored.
import type { RecordList } from './collection-entry.js';

export interface PageRecord {
  id: string;
  updatedUtc: Date | null;
  enterpriseId: string | null;
  chainId: string | null;
  serviceId: string | null;
  parentId: string | null;
}

export interface Quarantined { reason: string; raw: unknown }

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;
/** No field of Mews nests deeper than about ten levels; serialisers recurse, so depth must end somewhere. */
export const depthMax = 64;
/** Postgres refuses to index a key of more than 2,700 bytes. */
const idLengthMax = 500;

/** Reads what the list says about its records; every wrong type is a reason to set the record aside. */
export function readRecord(list: RecordList, raw: unknown): PageRecord | Quarantined {
  if (!isObject(raw)) return { reason: 'is not an object', raw: deeperThan(raw, depthMax) ? null : raw };
  if (deeperThan(raw, depthMax)) return { reason: `is nested deeper than ${depthMax} levels`, raw: { [list.id.join('|')]: idOf(list, raw) } };
  const id = idOf(list, raw);
  if (id === null) return { reason: `has no usable ${list.id.join(', ')}`, raw };
  const updatedUtc = instantOf(raw, list.updated);
  if (updatedUtc === undefined) return { reason: `${list.updated} is not a time`, raw };
  const [enterpriseId, chainId, serviceId, parentId] = [list.enterprise, list.chain, list.service, list.parent].map((field) => uuidOf(raw, field));
  if (enterpriseId === undefined) return { reason: `${list.enterprise} is not a UUID`, raw };
  if (chainId === undefined) return { reason: `${list.chain} is not a UUID`, raw };
  if (serviceId === undefined) return { reason: `${list.service} is not a UUID`, raw };
  if (parentId === undefined) return { reason: `${list.parent} is not a UUID`, raw };
  return { id, updatedUtc, enterpriseId, chainId, serviceId, parentId };
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A field of the record itself, or of an object in it (`Device.Id`): without the check, `constructor` or `__proto__` would be found on every object. */
export function fieldOf(raw: Record<string, unknown>, field: string): unknown {
  if (Object.hasOwn(raw, field)) return raw[field];
  const dot = field.indexOf('.'), inner = dot < 0 ? undefined : fieldOf(raw, field.slice(0, dot));
  return isObject(inner) ? fieldOf(inner, field.slice(dot + 1)) : undefined;
}

/** The record's id, or null where it has none that can be stored. */
export function idOf(list: RecordList, raw: Record<string, unknown>): string | null {
  return joinId(list.id.map((field) => fieldOf(raw, field)));
}

/** The id that the values of the id's fields make, or null where they make none that can be stored. */
export function joinId(parts: readonly unknown[]): string | null {
  if (!parts.every((part) => typeof part === 'string' && part !== '')) return null;
  const id = parts.join('|');
  // A NUL cannot be stored as text, half a surrogate pair not as UTF-8.
  return id.length <= idLengthMax && !/[\u0000-\u001f\u007f]/.test(id) && !/\p{Surrogate}/u.test(id) ? id : null;
}

/** Null where there is none; undefined where it is wrong. */
function instantOf(raw: Record<string, unknown>, field: string | undefined): Date | null | undefined {
  const value = field === undefined ? null : fieldOf(raw, field) ?? null;
  if (value === null) return null;
  const at = typeof value === 'string' && INSTANT.test(value) ? new Date(value) : undefined;
  return at && !Number.isNaN(at.getTime()) ? at : undefined;
}

/** Null where there is none; undefined where it is wrong. */
function uuidOf(raw: Record<string, unknown>, field: string | undefined): string | null | undefined {
  const value = field === undefined ? null : fieldOf(raw, field) ?? null;
  if (value === null) return null;
  return typeof value === 'string' && UUID.test(value) ? value.toLowerCase() : undefined;
}

function deeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  for (const child of Object.values(value)) if (typeof child === 'object' && child !== null && deeperThan(child, levels - 1)) return true;
  return false;
}
