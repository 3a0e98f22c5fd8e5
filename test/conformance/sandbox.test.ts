// The sandbox takes what Mews documents and refuses the rest: a request that gets by there is one that Mews takes.
import { expect, test } from '@jest/globals';
import { collections } from '@keyrack/mews';
import type { Filter, Operation } from '../../apps/sandbox/src/operation.js';
import { operations } from '../../apps/sandbox/src/operations.js';
import { describeWithVendor, vendorCollections, vendorOperations, type VendorOperation } from './vendor.js';

const paths = collections.flatMap(({ path, fallbackPath }) => (fallbackPath === undefined ? [path] : [path, fallbackPath])).filter((path) => operations.has(path));

describeWithVendor('the sandbox and what Mews documents', () => {
  const vendor = new Map(vendorOperations().map((one) => [one.path.slice('/api/connector/v1/'.length), one]));
  const facts = new Map(vendorCollections().map((one) => [one.path.slice('/api/connector/v1/'.length), one]));

  test('it has every operation that lists a collection', () => {
    const served = new Set([...operations.keys(), 'enterprises/getAll', 'configuration/get']);
    expect(collections.filter(({ path }) => !served.has(path)).map(({ path }) => path)).toEqual([]);
  });

  test.each(paths)('%s: the same properties, required ones, numbers of ids and lengths of intervals', (path) => {
    const [operation, documented, fact] = [operations.get(path), vendor.get(path), facts.get(path)];
    if (!operation || !documented) throw new Error(`${path} is not known on both sides`);
    expect([operation.paged, operation.portfolio]).toEqual([documented.pagination, documented.portfolio || documented.portfolioImplied]);
    expect(Object.fromEntries(Object.entries(operation.filters).map(([name, filter]) => [name, limitOf(filter)]))).toEqual(Object.fromEntries(filtersOf(path, documented).map((one) => [one.name, documentedLimit(one)])));
    if (!fact) return;
    expect([...operation.required, ...(operation.extent?.required ? ['Extent'] : [])].sort()).toEqual([...fact.required].sort());
    expect(eitherOf(operation)).toEqual(expect.arrayContaining((fact.atLeastOneOf ?? []).flat()));
    expect(eitherOf(operation).length > 0).toBe(fact.atLeastOneOf !== undefined);
    expect(operation.restricted).toBe(fact.restricted);
  });
});

/** Deprecated there for so long that the sandbox does not take them. */
const bygone = new Set(['companies/getAll TimeFilter', 'companies/getAll StartUtc', 'companies/getAll EndUtc']);
const filtersOf = (path: string, documented: VendorOperation) => documented.requestProperties.filter(({ name }) => name !== 'Limitation' && name !== 'Extent' && !bygone.has(`${path} ${name}`));

/** How many, or how long at the most. */
function limitOf(filter: Filter): string {
  switch (filter.kind) {
    case 'scope': case 'ids': case 'texts': return `${filter.max} items`;
    case 'interval': return filter.months === null ? 'any' : `${filter.months} months`;
    case 'dates': return `${filter.months} months`;
    case 'states': case 'state': case 'activity': case 'text': case 'flag': return 'any';
  }
}

function documentedLimit({ name, type, maxItems, maxLength }: VendorOperation['requestProperties'][number]): string {
  if (/^array( of string|,null)$/.test(type) && name !== 'ActivityStates') return `${maxItems ?? 1_000} items`;
  return maxLength === undefined ? 'any' : `${Number.parseInt(maxLength, 10)} months`;
}

/** What one of must be there; of tasks a filter that must not stand alone is no such filter. */
const eitherOf = ({ path, anyOf, needs }: Operation): string[] => [...anyOf, ...(path === 'tasks/getAll' ? [] : Object.values(needs).flat())];
