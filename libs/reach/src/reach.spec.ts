// Guarantees of the pure part: differences of reach, kinds of tokens, who may take a connection.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { newId, type AccessTokenId, type EnterpriseId } from '@keyrack/core';
import { diffReach, interpretReach, planConnections, type TokenKind } from './reach.js';

const a = newId<EnterpriseId>(), b = newId<EnterpriseId>(), c = newId<EnterpriseId>();
const portfolio = { id: newId<AccessTokenId>(), kind: 'portfolio' as TokenKind };
const own = { id: newId<AccessTokenId>(), kind: 'enterprise' as TokenKind };
const ids = fc.array(fc.uuid().map((id) => id as EnterpriseId), { maxLength: 30 });
const sorted = (list: readonly string[]) => [...new Set(list)].sort();

test('an enterprise that Mews no longer lists is lost, a new one is gained', () => {
  expect(diffReach([a, b], [b, c])).toEqual({ gained: [c], lost: [a], kept: [b] });
});

test('any order of the same enterprises is no change', () => {
  fc.assert(fc.property(ids, (list) => {
    const { gained, lost } = diffReach(list, [...list].reverse());
    expect([...gained, ...lost]).toEqual([]);
  }));
});

test('applying a difference to what was gives what is', () => {
  fc.assert(fc.property(ids, ids, (before, now) => {
    const { gained, lost, kept } = diffReach(before, now);
    expect(sorted(before.filter((id) => !lost.includes(id)).concat(gained))).toEqual(sorted(now));
    expect(sorted([...kept, ...lost])).toEqual(sorted(before));
    expect(gained.filter((id) => before.includes(id))).toEqual([]);
  }));
});

test("the portfolio's dummy enterprise is never one of its enterprises", () => {
  expect(interpretReach({ id: c }, true, [{ id: a }, { id: c }, { id: b }])).toEqual({ kind: 'portfolio', enterprises: [{ id: a }, { id: b }] });
  expect(interpretReach({ id: c }, true, [])).toEqual({ kind: 'portfolio', enterprises: [] });
});

test('a portfolio of one enterprise is a portfolio', () => {
  expect(interpretReach({ id: c }, true, [{ id: a }]).kind).toBe('portfolio');
});

test('a token that opens several enterprises is a portfolio token, whatever its configuration says', () => {
  expect(interpretReach({ id: a }, false, [{ id: a }, { id: b }]).kind).toBe('portfolio');
  expect(interpretReach({ id: a }, false, [{ id: a }, { id: a }])).toEqual({ kind: 'enterprise', enterprises: [{ id: a }] });
});

test('where Mews lists nothing, the enterprise of the configuration is the one', () => {
  expect(interpretReach({ id: a }, false, [])).toEqual({ kind: 'enterprise', enterprises: [{ id: a }] });
});

test('own token before portfolio token, and never the other way round', () => {
  expect(planConnections(own, [a], new Map([[a, portfolio]]))).toEqual([{ kind: 'move', enterpriseId: a, from: portfolio.id }]);
  expect(planConnections(portfolio, [a, b], new Map([[a, own]]))).toEqual([
    { kind: 'keep', enterpriseId: a, by: own.id }, { kind: 'connect', enterpriseId: b }]);
});

test('a connection of a token of equal kind stays', () => {
  for (const kind of ['enterprise', 'portfolio'] as const) {
    const other = { id: newId<AccessTokenId>(), kind };
    expect(planConnections({ id: newId<AccessTokenId>(), kind }, [a], new Map([[a, other]]))).toEqual([{ kind: 'keep', enterpriseId: a, by: other.id }]);
  }
});

test('planning twice changes nothing the second time', () => {
  const kinds = fc.constantFrom<TokenKind>('enterprise', 'portfolio');
  fc.assert(fc.property(ids, ids, kinds, kinds, (wanted, connected, mine, theirs) => {
    const token = { id: own.id, kind: mine }, other = { id: portfolio.id, kind: theirs };
    const existing = new Map(connected.map((id) => [id, other]));
    for (const step of planConnections(token, wanted, existing)) if (step.kind !== 'keep') existing.set(step.enterpriseId, token);
    expect(planConnections(token, wanted, existing).filter((step) => step.kind !== 'keep')).toEqual([]);
  }));
});
