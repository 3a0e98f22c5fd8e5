// Under which id a record is stored: not quite the one that Mews writes, to which it can be turned back.
import { sql, type Sql } from '@keyrack/core';
import { collections, ownerOf } from '@keyrack/mews';

const ofPlatform: ReadonlySet<string> = new Set(collections.filter((entry) => ownerOf(entry) === 'platform').flatMap((entry) => entry.lists.map((list) => list.name)));

export const isOfPlatform = (collection: string): boolean => ofPlatform.has(collection);

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const STORED_UUID = /^[0-9a-f]{12}~[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}$/;
/** Where the last group of a UUID begins. */
const LAST = 24;

/**
 * What is the platform's has codes for ids, which are the same in every environment: its environment stands before them, so that a tenant
 * with two environments keeps both. Of a UUID the last group goes first: Mews fills it with the time at which the record was made, so that
 * what is read and written together stands together in the index. By their random beginnings each record of a page would be on another page of it.
 * @param id as Mews writes it
 */
export function storedId(environment: string, collection: string, id: string): string {
  if (isOfPlatform(collection)) return `${environment}|${id}`;
  return UUID.test(id) ? `${id.slice(LAST)}~${id.slice(0, LAST - 1)}` : id;
}

/** As Mews writes it. */
export function mewsId(environment: string, collection: string, stored: string): string {
  if (isOfPlatform(collection)) return stored.slice(environment.length + 1);
  const last = stored.indexOf('~');
  return STORED_UUID.test(stored) ? `${stored.slice(last + 1)}-${stored.slice(0, last)}` : stored;
}

/** The stored id of a record that is not the platform's. @param id a column of type uuid */
export const storedUuid = (id: Sql): Sql => sql`substr(${id}::text, ${LAST + 1}::int) || '~' || left(${id}::text, ${LAST - 1}::int)`;
