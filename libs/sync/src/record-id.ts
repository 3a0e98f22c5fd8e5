// Under which id a record is stored: not quite the one that Mews writes, to which it can be turned back.
import { sql, type Sql } from '@keyrack/core';
import { collections, ownerOf } from '@keyrack/mews';

const ofPlatform: ReadonlySet<string> = new Set(collections.filter((entry) => ownerOf(entry) === 'platform').flatMap((entry) => entry.lists.map((list) => list.name)));

export const isOfPlatform = (collection: string): boolean => ofPlatform.has(collection);

/** Of a UUID as text; whatever else has that length may be turned around as well. */
const LENGTH = 36;
/** Where its last group begins. */
const LAST = 24;

/**
 * What is the platform's has codes for ids, which are the same in every environment: its environment stands before them, so that a tenant
 * with two environments keeps both. Of a UUID the last group goes first: Mews mostly fills it with the time at which the record was made, so that
 * what is read and written together stands together in the index. By their random beginnings each record of a page would be on another page of it.
 * @param id as Mews writes it
 */
export function storedId(environment: string, collection: string, id: string): string {
  if (isOfPlatform(collection)) return `${environment}|${id}`;
  return id.length === LENGTH ? id.slice(LAST) + id.slice(0, LAST) : id;
}

/** As Mews writes it. */
export function mewsId(environment: string, collection: string, stored: string): string {
  if (isOfPlatform(collection)) return stored.slice(environment.length + 1);
  return stored.length === LENGTH ? stored.slice(LENGTH - LAST) + stored.slice(0, LENGTH - LAST) : stored;
}

/** The id as Mews writes it, of a record that is not the platform's. @param stored a column of type text */
export const mewsIdIn = (stored: Sql): Sql => sql`case when length(${stored}) = ${LENGTH}::int then substr(${stored}, ${LENGTH - LAST + 1}::int) || left(${stored}, ${LENGTH - LAST}::int) else ${stored} end`;

/** The stored id of a record that is not the platform's. @param id a column of type uuid */
export const storedUuid = (id: Sql): Sql => sql`substr(${id}::text, ${LAST + 1}::int) || left(${id}::text, ${LAST}::int)`;
