// From the bytes of an answer to the slices that are its records. Only a record that is new or changed is made an object.
import { isUtf8 } from 'node:buffer';
import type { CollectionEntry, RecordList } from './collection-entry.js';
import { afterSpace, eachItem, eachMember, isDeeperThan, isListAt, isObjectAt, isTextAt, valueEnd } from './json-scan.js';
import { MewsError } from './mews-error.js';
import { depthMax, idOf, joinId, readRecord, type PageRecord, type Quarantined } from './page-record.js';

/** One entry of a list as Mews wrote it; `id` is null where it has none that could be stored. */
export interface PageItem { id: string | null; bytes: Buffer }
export interface PageList { list: RecordList; items: readonly PageItem[] }
export interface Page { lists: PageList[]; cursor: string | null }

const utf8 = new TextDecoder();
const BACKSLASH = 0x5c;
/** Lists without pages hold a few thousand at the most; 32 MB of tiny items would take gigabytes as objects. */
const ITEMS_MAX = 50_000;

/**
 * Reads one answer. A missing or null list is empty, but for an answer that has other things only. An item is parsed by `readItem`, and one whose bytes are those of a stored record
 * need not be: everything else of the answer is checked here.
 * @param visit is given each item as soon as it is found, while those behind it are still to be looked for
 * @throws MewsError `invalid_answer` when the answer is no JSON object or about something else, a list is no list or stands twice, or the cursor is no text:
 *   to read it as empty could delete records.
 */
export function readPage(entry: CollectionEntry, answer: Buffer, visit: (list: RecordList, item: PageItem) => void = () => undefined): Page {
  // JSON is UTF-8; anything else is read as TextDecoder does, and a byte order mark is skipped.
  const bytes = isUtf8(answer) && answer[0] !== 0xef ? answer : Buffer.from(utf8.decode(answer));
  if (entry.singleton) {
    const list = entry.lists[0], item = singleItem(entry, bytes, entry.singleton.volatile);
    visit(list, item);
    return { lists: [{ list, items: [item] }], cursor: null };
  }
  const found = new Map<string, PageItem[]>();
  let cursor: unknown = null, ours = false, others = false;
  try {
    const end = eachMember(bytes, afterSpace(bytes, 0), (nameStart, nameEnd, start) => {
      const name: unknown = JSON.parse(bytes.toString('utf8', nameStart, nameEnd));
      const list = entry.lists.find((one) => one.key === name);
      if (list || name === 'Cursor') ours = true;
      else others = true;
      if (list && isListAt(bytes, start)) {
        if (found.has(list.key)) throw invalid(entry, `${list.key} stands twice`);
        const items: PageItem[] = [];
        found.set(list.key, items);
        return eachItemOf(list, bytes, start, (item) => {
          if (items.push(item) > ITEMS_MAX) throw invalid(entry, `${list.key} holds more than ${ITEMS_MAX} items`);
          visit(list, item);
        });
      }
      const stop = valueEnd(bytes, start);
      if (isTooDeep(bytes.subarray(start, stop))) throw invalid(entry, 'the answer is nested too deeply');
      const value: unknown = JSON.parse(bytes.toString('utf8', start, stop));
      if (list && value !== null) throw invalid(entry, `${list.key} is not a list`);
      if (name === 'Cursor') cursor = value;
      return stop;
    });
    if (afterSpace(bytes, end) !== bytes.length) throw invalid(entry, 'something follows the answer');
    if (others && !ours) throw invalid(entry, `Mews answered with something that has no ${entry.lists[0].key}`);
  } catch (error) {
    throw error instanceof SyntaxError ? invalid(entry, 'Mews answered with something that is not a JSON object') : error;
  }
  return { lists: entry.lists.map((list) => ({ list, items: found.get(list.key) ?? [] })), cursor: cursorOf(entry, cursor) };
}

/** The answer as one record: its members as Mews wrote them, without the volatile ones. */
function singleItem(entry: CollectionEntry, bytes: Buffer, volatile: readonly string[]): PageItem {
  const raw = parsedObject(entry, bytes), id = idOf(entry.lists[0], raw), members: string[] = [];
  if (id === null) throw invalid(entry, `it has no ${entry.lists[0].id.join(', ')}`);
  eachMember(bytes, afterSpace(bytes, 0), (nameStart, nameEnd, start) => {
    const stop = valueEnd(bytes, start);
    if (!volatile.includes(JSON.parse(bytes.toString('utf8', nameStart, nameEnd)) as string)) members.push(bytes.toString('utf8', nameStart, stop));
    return stop;
  });
  return { id, bytes: Buffer.from(`{${members.join(',')}}`) };
}

function parsedObject(entry: CollectionEntry, bytes: Buffer): Record<string, unknown> {
  try {
    if (isTooDeep(bytes)) throw new SyntaxError('too deep');
    const raw: unknown = JSON.parse(bytes.toString());
    if (typeof raw === 'object' && raw !== null && !Array.isArray(raw)) return raw as Record<string, unknown>;
  } catch { /* said below; the parser's own words quote the answer */ }
  throw invalid(entry, 'Mews answered with something that is not a JSON object');
}

/** Above this size a value is looked through before it is parsed; hardly a record is so long. Two bytes of brackets become hundreds in memory. */
const LONG_BYTES = 65_536;
export const isTooDeep = (value: Buffer): boolean => value.length > LONG_BYTES && isDeeperThan(depthMax, value);

/** @throws MewsError `invalid_answer` when the item is not JSON. */
export function readItem(entry: CollectionEntry, list: RecordList, item: PageItem): PageRecord | Quarantined {
  if (isTooDeep(item.bytes)) return { reason: `is nested deeper than ${depthMax} levels`, raw: item.id };
  let raw: unknown;
  try {
    raw = JSON.parse(item.bytes.toString());
  } catch {
    throw invalid(entry, `an item of ${list.key} is not JSON`);   // the parser's own words quote it
  }
  return readRecord(list, raw);
}

/** @returns the list's end */
function eachItemOf(list: RecordList, bytes: Buffer, at: number, visit: (item: PageItem) => void): number {
  const names = list.id.map((name) => Buffer.from(`"${name}"`));
  return eachItem(bytes, at, (start) => {
    const parts: unknown[] = names.map(() => undefined);
    const member = (name: number, nameEnd: number, value: number): number => {
      const stop = valueEnd(bytes, value);
      for (let i = 0; i < names.length; i += 1) if (isName(bytes, name, nameEnd, names[i] as Buffer)) parts[i] = textOf(bytes, value, stop);
      return stop;
    };
    const end = isObjectAt(bytes, start) ? eachMember(bytes, start, member) : valueEnd(bytes, start);
    visit({ id: joinId(parts), bytes: bytes.subarray(start, end) });
    return end;
  });
}

/** Whether the name at `start`, with its quotes, is `wanted`, which holds no escapes. */
function isName(bytes: Buffer, start: number, end: number, wanted: Buffer): boolean {
  for (let i = start; i < end; i += 1) {
    const byte = bytes[i];
    if (byte === BACKSLASH) return textOf(bytes, start, end) === wanted.toString('utf8', 1, wanted.length - 1);
    if (byte !== wanted[i - start]) return false;
  }
  return end - start === wanted.length;
}

/** The text at `start`; undefined where there is no text. */
function textOf(bytes: Buffer, start: number, end: number): string | undefined {
  if (!isTextAt(bytes, start)) return undefined;
  for (let i = start; i < end; i += 1) if ((bytes[i] ?? 0) > 0x7e || bytes[i] === BACKSLASH) return parsedText(bytes.toString('utf8', start, end));
  return bytes.toString('latin1', start + 1, end - 1);
}

function parsedText(json: string): string | undefined {
  try {
    return JSON.parse(json) as string;
  } catch {
    return undefined;   // readItem says so of the whole item
  }
}

function cursorOf(entry: CollectionEntry, cursor: unknown): string | null {
  if (cursor === null) return null;
  if (typeof cursor === 'string' && cursor !== '' && cursor.length <= 2_000) return cursor;
  throw invalid(entry, 'the cursor is not a text');
}

const invalid = (entry: CollectionEntry, detail: string): MewsError => new MewsError('invalid_answer', entry.path, { executed: 'perhaps', detail });

/**
 * The cursor of the next page, or null after the last one. `sent` is the cursor that this page was asked with.
 * All lists count towards a full page: where an answer has several, Mews does not say which one the limit is about.
 * @throws MewsError `invalid_answer` when a full page repeats the cursor that was sent: following it would never end.
 */
export function nextCursor(entry: CollectionEntry, page: Page, count: number, sent: string | null): string | null {
  const items = page.lists.reduce((sum, list) => sum + list.items.length, 0);
  if (!entry.paginated || page.cursor === null || items < count) return null;
  if (page.cursor === sent) throw invalid(entry, 'the cursor does not move');
  return page.cursor;
}
