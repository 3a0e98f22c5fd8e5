import { expect, test } from '@jest/globals';
import { entryOf } from './synced.js';
import { needsReview, type Vanished } from './sweep.js';

const lost = (list: string, missing: number, known: number, orphans = 0): Vanished => ({ list, known, missing, unsighted: 0, orphans, own: [], unnamed: false, parts: null });
const review = (name: string, ...vanished: Vanished[]): boolean => needsReview(entryOf(name), vanished);

test.each([
  ['a single one of several may go', 'bills', lost('bills', 1, 10), false],
  ['the only one may not', 'bills', lost('bills', 1, 1), true],
  ['a twentieth may go', 'bills', lost('bills', 50, 1_000), false],
  ['more may not', 'bills', lost('bills', 51, 1_000), true],
  ['nor so many that they are not asked for again, however small a share', 'orderItems', lost('orderItems', 2_001, 1_000_000), true],
  ['what went with its parent was judged there', 'orderItems', lost('orderItems', 2_001, 10_000, 2_000), false],
  ['where ids change any number may go', 'restrictions', lost('restrictions', 5_000, 5_001), false],
  ['but not all', 'restrictions', lost('restrictions', 5_000, 5_000), true],
  ['of what a token of a chain sees a twentieth may go, under whichever it stands', 'companies', { ...lost('companies', 20, 1_000), unsighted: 30 }, false],
  ['more may not', 'companies', { ...lost('companies', 20, 1_000), unsighted: 31 }, true],
  ['nor all', 'companies', { ...lost('companies', 1, 10), unsighted: 9 }, true],
  ['a single one may not where a record was listed without its id', 'bills', { ...lost('bills', 1, 10), unnamed: true }, true],
])('%s', (_what, name, vanished, expected) => {
  expect(review(name, vanished)).toBe(expected);
});

test('what stands beside the primary list is judged by itself, unless its records name one of that', () => {
  expect(review('products', lost('products', 1, 100), lost('customerProducts', 400, 400))).toBe(true);
  expect(review('products', lost('products', 1, 100), lost('customerProducts', 1, 400))).toBe(false);
  expect(review('rules', lost('rules', 1, 100), lost('ruleActions', 30, 400))).toBe(false);
  expect(review('rules', lost('ruleActions', 30, 400))).toBe(true);
});
