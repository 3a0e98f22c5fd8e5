// Guarantees of the memory of a full run: what was on a page is seen, in any order and number of pages.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { packIds, SeenIds, seenParts } from './seen.js';

test('an id is seen when it was on a page, and only then', () => {
  fc.assert(fc.property(fc.array(fc.array(fc.string({ minLength: 1 }), { maxLength: 30 }), { maxLength: 5 }), fc.array(fc.string({ minLength: 1 })), (pages, others) => {
    const all = new Set(pages.flat());
    for (const parts of [1, 3]) {
      const seen = Array.from({ length: parts }, (_, nth) => seenOn(pages.map(packIds), parts, nth));
      for (const id of [...all, ...others]) {
        const covering = seen.filter((part) => part.covers(id));
        expect(covering.length).toBe(1);
        expect(covering[0]?.has(id)).toBe(all.has(id));
      }
    }
  }));
});

test('a page takes 8 bytes an id', () => {
  expect(packIds(['a', 'b', 'c']).length).toBe(24);
  expect(seenOn([]).has('a')).toBe(false);
});

test('two million ids are held at once, of more a part', () => {
  expect([0, 16_000_000, 16_000_008, 80_000_000].map(seenParts)).toEqual([1, 1, 2, 5]);
});

function seenOn(pages: readonly Buffer[], parts = 1, nth = 0): SeenIds {
  const seen = new SeenIds(parts, nth);
  for (const page of pages) seen.add(page);
  return seen;
}
