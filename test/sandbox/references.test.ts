// Every id that a record of the world holds is the id of another of its hotel, its chain or the platform; no reference leads nowhere.
import { beforeAll, expect, test } from '@jest/globals';
import { World, type Json } from '../../apps/sandbox/src/index.js';
import { operations } from '../../apps/sandbox/src/operations.js';
import { platform, type Row } from '../../apps/sandbox/src/record.js';

const accounts = ['customers', 'companies'], orders = ['reservations', 'productServiceOrders'], products = ['products', 'customerProducts'];
/** Which collections the ids in a field are of. */
const targets: Record<string, string[]> = {
  AccountId: accounts, AssociatedAccountIds: accounts, CustomerId: ['customers'], RelatedCustomerId: ['customers'], BookerId: ['customers'], CompanyId: ['companies'], PartnerCompanyId: ['companies'], TravelAgencyId: ['companies'], MotherCompanyId: ['companies'],
  ServiceId: ['services'], ReservationId: ['reservations'], LinkedReservationId: ['reservations'], OrderId: orders, ServiceOrderId: orders, ReservationGroupId: ['reservationGroups'], GroupId: ['reservationGroups', 'rateGroups'],
  RateId: ['rates'], BaseRateId: ['rates'], ExactRateId: ['rates'], RateIds: ['rates'], RateGroupId: ['rateGroups'], BusinessSegmentId: ['businessSegments'], ChannelManagerBusinessSegmentId: ['businessSegments'], AgeCategoryId: ['ageCategories'],
  ResourceCategoryId: ['resourceCategories'], RequestedResourceCategoryId: ['resourceCategories'], CategoryId: ['resourceCategories'], ResourceId: ['resources'], AssignedResourceId: ['resources'], FeatureId: ['resourceFeatures'],
  ProductId: products, AccountingCategoryId: ['accountingCategories'], BillId: ['bills', 'outletBills'], CorrectedBillId: ['bills'], CounterId: ['counters'], OutletId: ['outlets'], PaymentId: ['payments'], CreditCardId: ['creditCards'], CashierId: ['cashiers'],
  SourceId: ['sources'], MessageThreadId: ['messageThreads'], DepartmentId: ['departments'], VoucherId: ['vouchers'], LoyaltyProgramId: ['loyaltyPrograms'], LoyaltyTierId: ['loyaltyTiers'], RuleId: ['rules'], AvailabilityBlockId: ['availabilityBlocks'], BillingAutomationId: ['billingAutomations'],
  AddressId: ['addresses'], CountryCode: ['countries'], NationalityCode: ['countries'], IssuingCountryCode: ['countries'], SovereignCountryCode: ['countries'], Currency: ['currencies'], SourceCurrency: ['currencies'], TargetCurrency: ['currencies'],
  LanguageCode: ['languages'], PreferredLanguageCode: ['languages'], FallbackLanguageCode: ['languages'], TaxRateCode: ['taxRates'], TaxationCode: ['taxations'], TaxationCodes: ['taxations'], BaseTaxationCodes: ['taxations'], CountryCodes: ['countries'],
};
/** Of owners, and of what Mews lists nowhere: people of the house, images, settlements. */
const others = new Set(['Id', 'EnterpriseId', 'ChainId', 'CreatorProfileId', 'UpdaterProfileId', 'ProfileId', 'ImageId', 'ImageIds', 'SettlementId', 'PaymentRequestId', 'MergeTargetId', 'QuoteId', 'CompanionshipId', 'PaymentCardPaymentId', 'ProviderMembershipId', 'FiscalMachineId', 'ParentResourceId', 'ProductCategoryIds', 'ProductIds', 'CustomerIds']);

const epochMs = Date.UTC(2026, 9, 20, 22, 30);
let world: World;
const names = [...new Set([...operations.values()].flatMap(({ collection, also }) => [collection, ...Object.values(also)])), 'outletBills', 'ruleActions', 'voucherAssignments'];
beforeAll(() => {
  world = new World({ seed: 'references', profile: 'small', epochMs, now: () => epochMs });
  world.addEnterprise({ ageDays: 1 });
  for (const id of world.enterprises.keys()) world.house(id);
  for (let i = 0; i < 1500; i++) world.tick(epochMs + i * 300_000);
});

/** The fields with a text or texts, at any depth. */
function* texts(value: Json, field = ''): Generator<[field: string, text: string]> {
  if (typeof value === 'string') yield [field, value];
  else if (Array.isArray(value)) for (const item of value) yield* texts(item, field);
  else if (typeof value === 'object' && value !== null) for (const [name, inner] of Object.entries(value)) yield* texts(inner, name);
}

function reaches(owner: string, row: Row | undefined): boolean {
  return row !== undefined && [owner, platform, world.enterprises.get(owner)?.chain.id].includes(row.owner);
}

const owners = (): string[] => [platform, ...world.chains.map(({ id }) => id), ...world.enterprises.keys()];

test('every reference of every record leads to a record', () => {
  const [lost, found] = [new Set<string>(), new Set<string>()];
  for (const collection of names) for (const owner of owners()) for (const record of world.list(collection, owner)) for (const [field, text] of texts(record)) {
    const known = targets[field];
    if (!known) { if (/Ids?$/.test(field) && !others.has(field)) lost.add(`${field} of ${collection} is not known here`); continue; }
    // Alpha-3, and hence of no country here.
    if (collection === 'taxEnvironments' && field === 'CountryCode') continue;
    if (known.some((target) => reaches(owner, world.store(target).get(text)))) found.add(field); else lost.add(`${field} of ${collection}`);
  }
  expect([...lost]).toEqual([]);
  // No field of the table is there in vain, but for those that stay empty.
  expect(Object.keys(targets).filter((field) => !found.has(field))).toEqual([]);
});

test('every hotel has records in every collection, and not many', () => {
  world.look([platform]);
  for (const { id, chain, plan } of [...world.enterprises.values()].filter(({ plan: { ageDays } }) => ageDays > 1)) {
    for (const collection of names) expect([plan.name, collection, [id, chain.id, platform].some((owner) => world.list(collection, owner).length > 0)]).toEqual([plan.name, collection, true]);
  }
  const demo = new World({ seed: 'references', epochMs, now: () => epochMs });
  const main = ['reservations', 'reservationGroups', 'orderItems', 'payments', 'bills', 'customers', 'companies', 'services', 'resources', 'resourceCategories', 'resourceCategoryAssignments', 'rates', 'rateGroups', 'products', 'customerProducts', 'accountingCategories', 'businessSegments', 'outlets', 'ageCategories'];
  const counts = [...demo.enterprises.values()].map(({ id, chain }) => names.filter((name) => !main.includes(name)).reduce((sum, name) => sum + demo.list(name, id).length + demo.list(name, chain.id).length, 0));
  expect([Math.min(...counts) > 1000, Math.max(...counts) < 3200, counts]).toEqual([true, true, counts]);
});

test('each ledger opens every day with what it closed with the day before', () => {
  for (const id of world.enterprises.keys()) {
    const closed = new Map<string, Json>();
    for (const { LedgerType, OpeningBalance, ClosingBalance } of world.list('ledgerBalances', id)) {
      const before = closed.get(JSON.stringify(LedgerType));
      if (before !== undefined) expect(OpeningBalance).toEqual(before);
      closed.set(JSON.stringify(LedgerType), ClosingBalance ?? null);
    }
    expect(closed.size).toBe(7);
  }
});
