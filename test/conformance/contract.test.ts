// What we ask and how we read, against Mews' own description of both.
import { expect, test } from '@jest/globals';
import { collections, deletedOf, readItem, readPage, type CollectionEntry } from '@keyrack/mews';
import { missingScope } from '../../libs/mews/src/operation-scope.js';
import { everyRequest } from './every-request.js';
import { asDescribed, describeWithVendor, vendorCollections, vendorContract, vendorExample, vendorOperations, vendorProperties } from './vendor.js';

const prefix = '/api/connector/v1/';
/** Names a person by id or as a contact, or is a text in which the staff write what they like about one. */
const personal = /^(CustomerId|RelatedCustomerId|AccountId|BookerId|CreatorProfile(Id)?|UpdaterProfile(Id)?|FirstName|LastName|ContactPerson|ContactEmail|AdditionalContactInfo|InvoicingEmail|Notes)$/;
/** The second list of vouchers carries no mark of deletion, and tiers of a program that is gone are not asked for: what leaves them shows in a full run only. */
const fullToo = new Set(['vouchers', 'loyaltyTiers']);
/** Examples of Mews that leave out what their own schema requires. */
const brokenExamples = new Set(['exchangeRates']);

/** Those that list records; the configuration is asked for one by one. */
const listing = collections.filter((entry) => entry.singleton === undefined);

describeWithVendor('the contract of Mews', () => {
  const contract = vendorContract(), operations = vendorOperations(), facts = vendorCollections();
  const operationOf = (path: string) => operations.find((one) => one.path === `${prefix}${path}`);

  test('the table has every collection that can be synced, and each fact as Mews documents it', () => {
    expect(listing.map((one) => one.name).sort()).toEqual(facts.map((one) => one.resource).sort());
    for (const fact of facts) expect(tableFacts(collections.find((one) => one.name === fact.resource))).toEqual(vendorFacts(fact));
  });

  test('every collection whose records name persons, their contacts, or have notes about them counts as personal', () => {
    const found = listing.filter((entry) => [...vendorProperties(entry.path, entry.lists.map(({ key }) => key))].some((name) => personal.test(name)));
    expect(found.length).toBeGreaterThan(20);
    expect(found.filter((entry) => !entry.personal).map(({ name }) => name)).toEqual([]);
  });

  test('every filter and interval of the table is a property of its operation, with the same limits', () => {
    for (const entry of listing) {
      const properties = new Map(operationOf(entry.path)?.requestProperties.map((one) => [one.name, one]));
      for (const filter of [entry.enterprises, entry.chains, entry.services, entry.byIds, ...entry.parents.map((one) => one.filter)]) {
        if (filter) expect([entry.name, filter.name, filter.maxItems]).toEqual([entry.name, filter.name, properties.get(filter.name)?.maxItems ?? 1_000]);
      }
      for (const { name, maxMonths } of entry.intervals) {
        expect([entry.name, name, properties.get(name)?.maxLength ?? '3 months']).toEqual([entry.name, name, maxMonths === 1 ? '1 month' : `${maxMonths} months`]);
      }
      expect([entry.name, entry.enterprises?.name, entry.chains?.name])
        .toEqual([entry.name, properties.has('EnterpriseIds') ? 'EnterpriseIds' : undefined, properties.has('ChainIds') ? 'ChainIds' : undefined]);
    }
  });

  test.each(collections.map((entry) => [entry.name, entry] as const))('every request for %s is valid, and has the filter that Mews wants', (name, entry) => {
    const validate = contract.request(entry.path), fact = facts.find((one) => one.resource === name);
    const requests = everyRequest(entry);
    expect(requests.length).toBeGreaterThan(0);
    for (const request of requests) {
      const body = { ...asDescribed(name, request), ClientToken: 'c', AccessToken: 'a', Client: 'Keyrack 1.0' };
      expect([validate(body), validate.errors]).toEqual([true, null]);
      for (const property of fact?.required ?? []) expect(request).toHaveProperty(property);
      const either = fact?.atLeastOneOf;
      if (either) expect(either.some((group) => [group].flat().every((property) => property in request))).toBe(true);
      expect(JSON.stringify(body).length).toBeLessThan(200_000);
    }
  });

  test('every record of the example answers is read, every list by its name', () => {
    for (const entry of listing) {
      const file = operationOf(entry.path)?.examples?.response;
      if (file === undefined) throw new Error(`${entry.name} has no example`);
      const answer = vendorExample(file);
      for (const { list, items } of readPage(entry, Buffer.from(JSON.stringify(answer))).lists) {
        const listed = answer[list.key];
        expect([list.name, items.length]).toEqual([list.name, Array.isArray(listed) ? listed.length : 0]);
        if (brokenExamples.has(entry.name)) continue;
        for (const item of items) expect([list.name, readItem(entry, list, item)]).toEqual([list.name, expect.objectContaining({ id: item.id })]);
      }
    }
  });

  test('the property that names enterprises or chains is known for every operation', () => {
    for (const { path, requestProperties } of operations) {
      const scope = requestProperties.map((one) => one.name).filter((name) => /^(Enterprise|Chain)Ids?$/.test(name));
      const short = path.slice(prefix.length);
      if (short === 'configuration/get' || short === 'enterprises/getAll') continue;
      expect([short, missingScope(short, {})]).toEqual([short, scope[0] ?? null]);
    }
  });
});

function vendorFacts(fact: ReturnType<typeof vendorCollections>[number]): unknown {
  // An enterprise's own id says whose it is.
  const itself = fact.resource === 'enterprises' ? 'Id' : undefined;
  const keyed = Object.entries(fact.collections).map(([key, one]) => [key, {
    id: one.idField === null ? one.keyFields : [one.idField], updated: one.updatedField ?? undefined, enterprise: one.enterpriseField ?? itself,
    chain: one.chainField ?? undefined, service: one.serviceField ?? undefined, active: one.activeField ?? undefined }] as const);
  const deletes = fact.deletes.endsWith('ask Deleted separately') ? { ActivityStates: ['Deleted'] } : undefined;
  const body = { ...fact.requestDefaults, ...(deletes && { ActivityStates: ['Active'] }) };
  return {
    name: fact.resource, path: fact.path.slice(prefix.length), fallbackPath: fact.fallback?.path.slice(prefix.length), strategy: fact.strategy, scope: fact.scope, stage: fact.stage,
    portfolio: fact.portfolio ? 'documented' : fact.portfolioImplied ? 'implied' : 'no', restricted: fact.restricted, paginated: fact.paginated,
    cursor: fact.cursorOrder?.startsWith('oldest') ? 'to-newer' : 'to-older', interval: fact.interval ?? undefined, filtered: fact.unfilteredPullAllowed, body, deletes,
    fullRefresh: fact.strategy === 'snapshot' ? undefined : fact.needsFullRefresh || fullToo.has(fact.resource),
    parents: (fact.parent ?? []).map(({ resource, filter, maxIds }) => [resource, filter, maxIds]), primary: fact.primaryCollection, lists: Object.fromEntries(keyed),
  };
}

function tableFacts(entry: CollectionEntry | undefined): unknown {
  if (!entry) return undefined;
  const early = new Set(['reservations', 'customers', 'orderItems', 'payments', 'bills']);   // too many to be pulled whole, though Mews would allow some
  const keyed = entry.lists.map(({ key, id, updated, enterprise, chain, service, active }) => [key, { id, updated, enterprise, chain, service, active }] as const);
  return {
    name: entry.name, path: entry.path, fallbackPath: entry.fallbackPath, strategy: entry.strategy, scope: entry.scope, stage: entry.stage, portfolio: entry.portfolio,
    restricted: entry.restricted, paginated: entry.paginated, cursor: entry.cursor, interval: entry.intervals[0]?.name,
    filtered: entry.name === 'reservations' ? true : early.has(entry.name) ? false : entry.firstLoad === 'whole', body: entry.body, deletes: entry.deletedApart && { ActivityStates: deletedOf(entry).body['ActivityStates'] },
    fullRefresh: entry.strategy === 'snapshot' ? undefined : entry.fullEvery !== undefined,
    parents: entry.parents.map(({ collection, filter }) => [collection, filter.name, filter.maxItems]), primary: entry.lists[0].key, lists: Object.fromEntries(keyed),
  };
}
