// Lists: `limit` and an opaque `cursor` in, `{items, nextCursor}` out.
import { z } from 'zod';
import { AppError } from './errors.js';

export const limitSchema = z.coerce.number().int().min(1).max(500).default(50).describe('How many items at the most, 1 to 500');
export const cursorSchema = z.string().max(1_000).optional().describe('nextCursor of the page before');

/** The answer schema of a list. */
export const pageOf = <Item extends z.ZodType>(item: Item) => z.object({ items: z.array(item), nextCursor: z.string().nullable() });

export interface Page<Item> { items: Item[]; nextCursor: string | null }

/** An opaque text for the sort key of the last row seen. */
export const encodeCursor = (key: readonly (string | number)[]): string => Buffer.from(JSON.stringify(key)).toString('base64url');

const cursorKey = z.array(z.union([z.string(), z.number()]));

/** @throws AppError `request.invalid` when the text is not a cursor of `length` parts. */
export function decodeCursor(text: string | undefined, length: number): (string | number)[] | null {
  if (text === undefined) return null;
  try {
    const key = cursorKey.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
    if (key.length === length) return key;
  } catch { /* answered below: whatever is wrong with it, the fix is the same */ }
  throw new AppError('request.invalid', { errors: [{ pointer: 'cursor', detail: 'is not a cursor of this list; leave it out to start from the beginning' }] });
}

/** Cuts a result of `limit + 1` rows to a page. */
export function toPage<Item>(rows: Item[], limit: number, key: (item: Item) => (string | number)[]): Page<Item> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last !== undefined ? encodeCursor(key(last)) : null };
}
