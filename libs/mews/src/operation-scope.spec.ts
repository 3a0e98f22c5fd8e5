// A portfolio's request must say whom it is about.
import { expect, test } from '@jest/globals';
import { collections } from './collections.js';
import { missingScope } from './operation-scope.js';

const id = '851df8c8-90f2-4c4a-8e01-a4fc46b25178';

test('every collection served to portfolios names its enterprises or chains', () => {
  for (const { path, portfolio, enterprises, chains } of collections) {
    const scope = enterprises?.name ?? chains?.name;
    if (path === 'enterprises/getAll' || path === 'configuration/get') continue;
    expect([path, missingScope(path, {})]).toEqual([path, portfolio === 'no' ? null : scope]);
    if (scope) expect(missingScope(path, { [scope]: [id] })).toBeNull();
  }
});

test('an empty list, a null and an inherited property name nobody', () => {
  expect(missingScope('bills/getAll', { EnterpriseIds: [] })).toBe('EnterpriseIds');
  expect(missingScope('bills/getAll', { EnterpriseIds: null })).toBe('EnterpriseIds');
  expect(missingScope('bills/getAll', { EnterpriseIds: [id, ''] })).toBe('EnterpriseIds');
  expect(missingScope('reservations/add', { EnterpriseIds: [id] })).toBe('EnterpriseId');
  expect(missingScope('bills/getAll', Object.create({ EnterpriseIds: [id] }) as Record<string, unknown>)).toBe('EnterpriseIds');
});

test('discovery names nobody; an operation that is unknown must name somebody', () => {
  expect(missingScope('configuration/get', {})).toBeNull();
  expect(missingScope('enterprises/getAll', {})).toBeNull();
  expect(missingScope('novelties/getAll', {})).toContain('EnterpriseIds');
  expect(missingScope('novelties/getAll', { ChainIds: [id] })).toBeNull();
});
