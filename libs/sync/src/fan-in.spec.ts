// Whose a record is, by what it says itself: every collection that enterprises share must tell.
import { expect, test } from '@jest/globals';
import { collection, isShareable } from '@keyrack/mews';
import { Inseparable, markOf } from './fan-in.js';
import { syncedEntries } from './synced.js';

const id = '851df8c8-90f2-4c4a-8e01-a4fc46b25178';
const item = (record: object) => ({ id, bytes: Buffer.from(JSON.stringify(record)) });
/** A record with the field, `Device.Id` one within another. */
const withField = (path: string): object => path.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), id.toUpperCase()) as object;

test('a record of every shared list tells whose it is, also by a field within a field', () => {
  for (const entry of syncedEntries.filter(isShareable)) {
    for (const list of entry.lists) {
      const field = list.enterprise ?? list.service ?? list.through?.field ?? list.parent ?? '';
      expect([list.name, markOf(list, item(withField(field)))]).toEqual([list.name, { by: list.enterprise === undefined ? 'owner' : 'enterprise', id }]);
      expect(() => markOf(list, item({ [field]: 7 }))).toThrow(Inseparable);
    }
  }
});

test('one that is nested too deeply is not parsed to find out: it is nobody\'s, and will be set aside', () => {
  const list = collection('bills')?.lists[0];
  const bytes = Buffer.from(`{"EnterpriseId":"${id}","Deep":${'['.repeat(40_000)}${']'.repeat(40_000)}}`);
  expect(list && markOf(list, { id, bytes })).toBeNull();
});
