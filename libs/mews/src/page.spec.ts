// What is read from an answer: the same as JSON.parse would read, whatever the bytes are.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { collection } from './collections.js';
import type { CollectionEntry } from './collection-entry.js';
import { MewsError } from './mews-error.js';
import { nextCursor, readItem, readPage } from './page.js';
import { joinId, type PageRecord, type Quarantined } from './page-record.js';

const entry = (name: string): CollectionEntry => {
  const found = collection(name);
  if (!found) throw new Error(`no collection ${name}`);
  return found;
};
const bills = entry('bills');
const enterprise = '851df8c8-90f2-4c4a-8e01-a4fc46b25178', service = 'bd26d8db-86da-4f96-9efc-e5a4654a4a94';
const bill = (id: unknown, more: object = {}): object => ({ Id: id, EnterpriseId: enterprise, UpdatedUtc: '2026-01-02T03:04:05Z', ...more });

/** Reads all of it: every item of every list. */
function readAll(of: CollectionEntry, answer: string | Buffer) {
  const page = readPage(of, Buffer.from(answer));
  return { cursor: page.cursor, lists: page.lists.map(({ list, items }) => ({ list, items, read: items.map((item) => readItem(of, list, item)) })) };
}
const kept = (read: readonly (PageRecord | Quarantined)[]) => read.filter((one) => !('reason' in one));

test('a record carries its id, time and owners, and its bytes as Mews wrote them', () => {
  const text = `{ "Id": "x", "ServiceId": "${service.toUpperCase()}", "UpdatedUtc": "2026-01-02T03:04:05Z", "Value": 81.818181818181818181 }`;
  const [list] = readAll(entry('reservations'), `{"Reservations": [ ${text} ], "Cursor": "x"}`).lists;
  expect(list?.items.map((item) => [item.id, item.bytes.toString()])).toEqual([['x', text]]);
  expect(list?.read).toEqual([{ id: 'x', updatedUtc: new Date('2026-01-02T03:04:05Z'), enterpriseId: null, chainId: null, serviceId: service, parentId: null }]);
});

test('a key of several fields is joined in the documented order, codes are ids, and every list of an answer is read', () => {
  const ids = (name: string, answer: object) => readPage(entry(name), Buffer.from(JSON.stringify(answer))).lists.map(({ list, items }) => [list.name, items.map((one) => one.id)]);
  expect(ids('ledgerBalances', { LedgerBalances: [{ LedgerType: 'Tax', Date: '2026-01-01', EnterpriseId: enterprise }] })).toEqual([['ledgerBalances', [`${enterprise}|2026-01-01|Tax`]]]);
  expect(ids('countries', { Countries: [{ Code: 'AT' }], CountryRules: [{ CountryCode: 'AT' }], CountryGroups: null }))
    .toEqual([['countries', ['AT']], ['countrySubdivisions', []], ['countryRules', ['AT']], ['countryGroups', []]]);
});

test('a record that cannot be stored is set aside with the reason, and its page goes on', () => {
  const deep = `{"Id": "x", "EnterpriseId": "${enterprise}", "Notes": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  const bad = [null, 7, [], {}, bill(7), bill(''), bill('a\u0000b'), bill('\ud800'), bill('y'.repeat(501)), bill('x', { UpdatedUtc: 12 }),
    bill('x', { UpdatedUtc: '2026-13-01T00:00:00Z' }), bill('x', { EnterpriseId: 'not-a-uuid' }), bill('x', { EnterpriseId: {} })].map((one) => JSON.stringify(one));
  bad.push(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
  const [list] = readAll(bills, `{"Bills": [${[...bad, deep, JSON.stringify(bill('good'))].join(', ')}]}`).lists;
  expect(kept(list?.read ?? [])).toMatchObject([{ id: 'good' }]);
  expect(list?.read).toHaveLength(bad.length + 2);
  expect(() => JSON.stringify(list?.read)).not.toThrow();
});

test('a __proto__ key is data, and of a name that stands twice the last one counts, however it is written', () => {
  const [list] = readAll(bills, `{"Bills": [{"Id": "x", "__proto__": {"EnterpriseId": "evil"}}, {"Id": "a", "Nested": {"Id": "b"}, "\\u0049d": "c\\u0064\u00e9"}], "__proto__": {"Cursor": "evil"}}`).lists;
  expect(list?.items.map((item) => item.id)).toEqual(['x', 'cd\u00e9']);
  expect(list?.read).toMatchObject([{ id: 'x', enterpriseId: null }, { id: 'cd\u00e9' }]);
  expect(list?.items[0]?.bytes.toString()).toContain('__proto__');
});

test('bytes that are not UTF-8 and a byte order mark are read as a text would be', () => {
  const [list] = readAll(bills, Buffer.concat([Buffer.from('\ufeff{"Bills": [{"Id": "a'), Buffer.of(0xff), Buffer.from('"}]}')])).lists;
  expect(list?.items.map((item) => [item.id, item.bytes.toString()])).toEqual([['a\ufffd', '{"Id": "a\ufffd"}']]);
});

test.each([
  '', ' ', '[]', 'null', '"x"', '<html>', '{', '{"Bills":[', '{"Bills":[{"Id":"x"}]', '{"Bills":[{"Id":"x"}],}', '{"Bills":[{"Id":"x"},]}', '{"Bills":[{"Id":"x"} {"Id":"y"}]}', '{"Bills":[]} {}',
  '{"Bills":{}}', '{"Bills":"x"}', '{"Bills":[],"Cursor":7}', '{"Bills":[],"Cursor":""}', '{"Bills":[],"Bills":[]}', '{"Bills":[],"Other":tru}', '{"Bills":[],Cursor:null}', '{"Bills":[{"Id":"x}]}', '{"Bills":[{"Id":"\\q"}]}',
  '{"Message":"Back soon."}',
])('%s is no page, least of all an empty one', (text) => {
  expect(() => readAll(bills, text)).toThrow(expect.objectContaining({ kind: 'invalid_answer', executed: 'perhaps' }));
});

test('a list of more items than any has is no page, however small they are', () => {
  const listOf = (items: number): string => `{"Bills":[${'1,'.repeat(items - 1)}1]}`;
  expect(readAll(bills, listOf(50_000)).lists[0]?.items).toHaveLength(50_000);
  expect(() => readAll(bills, listOf(50_001))).toThrow(expect.objectContaining({ kind: 'invalid_answer', detail: expect.stringContaining('more than 50000 items') }));
});

test('what is missing or null is empty', () => {
  for (const text of ['{}', '{"Bills": null, "Cursor": null}', ' { "Other" : [ 1 , { } ], "Cursor": null } ']) expect(readAll(bills, text)).toMatchObject({ lists: [{ items: [] }], cursor: null });
});

const name = fc.constantFrom('Id', 'I', 'Idd', 'Nested', '__proto__', '', '"', '\\', '\u00e9', 'Bills', 'Cursor');
const item = fc.dictionary(name, fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 3 })), { noNullPrototype: true });
const space = fc.constantFrom('', ' ', '\n\t\r ');
const answers = fc.tuple(fc.array(fc.oneof(item, fc.jsonValue({ maxDepth: 2 })), { maxLength: 6 }), fc.option(fc.string({ minLength: 1 })), space, fc.boolean())
  .map(([items, cursor, blank, escaped]) => {
    const text = JSON.stringify({ Other: items, Bills: items, Cursor: cursor }, null, blank);
    // Escapes of the same characters: the values stay, the bytes differ.
    return escaped ? text.replace(/[A-Z]/g, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`) : text;
  });

test('every answer is read as JSON.parse reads it, and the id is the parsed one', () => {
  fc.assert(fc.property(answers, (text) => {
    const parsed = JSON.parse(text) as { Bills: unknown[]; Cursor: string | null };
    const page = readPage(bills, Buffer.from(text));
    const items = page.lists[0]?.items ?? [];
    expect(page.cursor).toBe(parsed.Cursor);
    expect(items.map((one) => JSON.parse(one.bytes.toString()) as unknown)).toEqual(parsed.Bills);
    expect(items.map((one) => one.id)).toEqual(parsed.Bills.map((one) => joinId([typeof one === 'object' && one !== null && Object.hasOwn(one, 'Id') ? Reflect.get(one, 'Id') : undefined])));
  }), { numRuns: 500 });
});

test('a text ends at its own quote, however long it is and whatever it quotes', () => {
  fc.assert(fc.property(fc.array(fc.constantFrom('a', '"', '\\', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'), { maxLength: 12 }).map((parts) => parts.join('')), (notes) => {
    const text = JSON.stringify({ Notes: notes, Id: 'x' });
    expect(readPage(bills, Buffer.from(`{"Bills":[${text},${text}]}`)).lists[0]?.items.map((one) => [one.id, one.bytes.toString()])).toEqual([['x', text], ['x', text]]);
  }), { numRuns: 1_000 });
});

test('bytes that were damaged are read as JSON.parse reads them, or refused as it refuses them', () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.constantFrom(...Buffer.from('{}[]",:\\ \n0e-tn\u0001'), -1, -2)), { minLength: 1, maxLength: 3 });
  let refused = 0, read = 0;
  fc.assert(fc.property(answers, damage, (text, changes) => {
    let bytes = Buffer.from(text);
    for (const [at, byte] of changes) {
      const i = at % bytes.length;
      if (byte === -1) bytes = bytes.subarray(0, i + 1);                                              // the rest is lost
      else if (byte === -2) bytes = Buffer.concat([bytes.subarray(0, i), bytes.subarray(i + 1)]);      // one is lost
      else bytes[i] = byte;
      if (bytes.length === 0) return;
    }
    const [parsed, page] = [attempt(() => JSON.parse(new TextDecoder().decode(bytes)) as unknown), attempt(() => readAll(bills, bytes))];
    if (page instanceof Error) {
      refused += 1;
      // Stricter on purpose: a list that is no list or stands twice, a cursor that is none, no object, something else.
      if (!(parsed instanceof Error)) expect(page.message).toMatch(/not a list|stands twice|cursor is not|not a JSON object|has no Bills/);
      return;
    }
    read += 1;
    expect(parsed).not.toBeInstanceOf(Error);
    const listed = Object.hasOwn(parsed as object, 'Bills') ? Reflect.get(parsed as object, 'Bills') as unknown[] | null : null;
    expect(page.lists[0]?.items.map((one) => JSON.parse(one.bytes.toString()) as unknown)).toEqual(listed ?? []);
  }), { numRuns: 5_000 });
  expect([refused > 500, read > 500]).toEqual([true, true]);
});

function attempt<T>(work: () => T): T | Error {
  try {
    return work();
  } catch (error) {
    expect(error).toBeInstanceOf(error instanceof MewsError ? MewsError : SyntaxError);
    return error as Error;
  }
}

test('pages end at a null cursor, a short page or an empty one, and never go in circles', () => {
  const page = (ids: string[], cursor: string | null) => readPage(bills, Buffer.from(JSON.stringify({ Bills: ids.map((id) => bill(id)), Cursor: cursor })));
  expect(nextCursor(bills, page(['a', 'b'], 'b'), 2, null)).toBe('b');
  expect(nextCursor(bills, page(['a', 'a'], 'a'), 2, null)).toBe('a');
  expect(nextCursor(bills, page(['a'], 'a'), 2, null)).toBeNull();
  expect(nextCursor(bills, page([], 'a'), 2, null)).toBeNull();
  expect(nextCursor(bills, page(['a', 'b'], null), 2, null)).toBeNull();
  expect(() => nextCursor(bills, page(['a', 'b'], 'b'), 2, 'b')).toThrow('does not move');
});
