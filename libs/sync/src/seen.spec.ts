// Guarantees of the memory of a full run: what was on a page is seen, in any order and number of pages.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { packIds, SeenIds } from './seen.js';

test('an id is seen when it was on a page, and only then', () => {
  fc.assert(fc.property(fc.array(fc.array(fc.string({ minLength: 1 }), { maxLength: 30 }), { maxLength: 5 }), fc.array(fc.string({ minLength: 1 })), (pages, others) => {
    const seen = seenOn(pages.map(packIds));
    const all = new Set(pages.flat());
    for (const id of [...all, ...others]) expect(seen.has(id)).toBe(all.has(id));
  }));
});

test('a page takes 8 bytes an id', () => {
  expect(packIds(['a', 'b', 'c']).length).toBe(24);
  expect(seenOn([]).has('a')).toBe(false);
});

function seenOn(pages: readonly Buffer[]): SeenIds {
  const seen = new SeenIds(pages.reduce((sum, page) => sum + page.length, 0));
  for (const page of pages) seen.add(page);
  return seen;
}
