// Guarantees of stored ids: they can be turned back, and stand in the order in which Mews made the records.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mewsId, storedId } from './record-id.js';

test('whatever an id looks like, it is turned back to what Mews wrote', () => {
  fc.assert(fc.property(fc.oneof(fc.uuid(), fc.uuid().map((id) => id.toUpperCase()), fc.string(), fc.string({ minLength: 36, maxLength: 36 }), fc.constantFrom('EUR', '2026-01-01|Tax')), fc.constantFrom('bills', 'currencies', 'ledgerBalances'), (id, collection) => {
    expect(mewsId('demo', collection, storedId('demo', collection, id))).toBe(id);
  }));
});

test('records that Mews made one after the other stand one after the other', () => {
  const inOrder = ['ffffffff-0000-0000-0000-b00100000001', '00000000-0000-0000-0000-b00100000002', '7fffffff-0000-0000-0000-b00200000000'];
  expect(inOrder.toReversed().map((id) => storedId('demo', 'bills', id)).sort().map((id) => mewsId('demo', 'bills', id))).toEqual(inOrder);
});

test('what is the platform\'s is another record in another environment', () => {
  expect(storedId('demo', 'currencies', 'EUR')).not.toBe(storedId('production', 'currencies', 'EUR'));
});
