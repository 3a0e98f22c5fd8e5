// Under which id a record is stored. What is the platform's has codes for ids, which are the same in every environment: its environment
// stands before them, so that a tenant with two environments keeps both.
import { collections, ownerOf } from '@keyrack/mews';

const ofPlatform: ReadonlySet<string> = new Set(collections.filter((entry) => ownerOf(entry) === 'platform').flatMap((entry) => entry.lists.map((list) => list.name)));

export const isOfPlatform = (collection: string): boolean => ofPlatform.has(collection);

/** @param id as Mews writes it */
export const storedId = (environment: string, collection: string, id: string): string => (isOfPlatform(collection) ? `${environment}|${id}` : id);

/** As Mews writes it. */
export const mewsId = (environment: string, collection: string, stored: string): string => (isOfPlatform(collection) ? stored.slice(environment.length + 1) : stored);
