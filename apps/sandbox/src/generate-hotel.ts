// An enterprise and what it offers: services, rooms, rates, products, accounts. Everything follows from the seed.
import { extendedAmount, type Price } from './amounts.js';
import { countries, streets, type Country, type HotelPlan } from './places.js';
import type { Random } from './random.js';
import { dayMs, hourMs, iso, textOf, type MewsRecord } from './record.js';

export interface Chain { readonly id: string; readonly name: string }
export interface Enterprise { readonly id: string; readonly chain: Chain; readonly plan: HotelPlan; readonly country: Country; readonly createdMs: number; record: MewsRecord }
/** Takes a new record; its times are in it already where Mews shows them. `hidden` is what Mews filters it by and never shows. */
export type Sink = (collection: string, owner: string, record: MewsRecord, createdMs: number, updatedMs: number, hidden?: MewsRecord | null) => void;

export interface ProductRef { readonly id: string; readonly name: string; readonly gross: number; readonly accountingCategoryId: string; readonly serviceId: string }
/** What stays and guests refer to. */
export interface Hotel {
  readonly enterprise: Enterprise; readonly price: Price;
  readonly stayServiceId: string; readonly parkingServiceId: string; readonly serviceIds: readonly string[];
  readonly categoryIds: readonly string[]; readonly roomIds: readonly string[];
  readonly rateIds: readonly string[]; readonly rateGroupId: string; readonly segmentIds: readonly string[];
  readonly adultId: string; readonly childId: string;
  readonly products: readonly ProductRef[]; readonly cityTax: ProductRef;
  readonly roomCategoryId: string; readonly paymentCategoryId: string; readonly taxCategoryId: string;
  readonly staffIds: readonly string[]; readonly counterId: string;
  readonly foodServiceId: string; readonly foodCategoryId: string; readonly outletIds: readonly string[];
}

export function makeEnterprise(random: Random, plan: HotelPlan, chain: Chain, epochMs: number): Enterprise {
  const country = countries[plan.country];
  if (!country) throw new Error(`no country ${plan.country}`);
  const createdMs = epochMs - plan.ageDays * dayMs - random.int(0, 20) * hourMs;
  const updatedMs = createdMs + random.between(0.2, 0.9) * (epochMs - createdMs);
  const addressId = random.uuid();
  const slug = plan.shortName.normalize('NFKD').toLowerCase().replace(/[^a-z]+/g, '-');
  const record: MewsRecord = {
    Id: random.uuid(), ExternalIdentifier: random.maybe(0.5, () => `H-${random.int(100, 999)}`), HoldingKey: null,
    ChainId: chain.id, ChainName: chain.name, CreatedUtc: iso(createdMs), UpdatedUtc: iso(updatedMs),
    Name: plan.name, ShortName: plan.shortName, TimeZoneIdentifier: plan.timeZone,
    LegalEnvironmentCode: country.code === 'GB' ? 'UK' : country.code, AccommodationEnvironmentCode: country.code, AccountingEnvironmentCode: country.code, TaxEnvironmentCode: `${country.code}-2024`,
    DefaultLanguageCode: country.language, EditableHistoryInterval: 'P0M7DT0H0M0S', AccountingEditableHistoryInterval: 'P0M7DT0H0M0S', OperationalEditableHistoryInterval: 'P0M14DT0H0M0S',
    BusinessDayClosingOffset: random.maybe(0.3, () => 'P0M0DT3H0M0S'), WebsiteUrl: `https://${slug}.example.com/`, Email: `hello@${slug}.example.com`, Phone: `${country.phone} 555 0${random.int(100, 199)}`,
    LogoImageId: random.uuid(), CoverImageId: null, Pricing: country.pricing, TaxPrecision: country.currency === 'JPY' ? 0 : null, AddressId: addressId,
    Address: { Id: addressId, Line1: `${random.pick(streets)} ${random.int(1, 120)}`, Line2: null, City: plan.city, PostalCode: plan.postalCode, CountryCode: country.code, CountrySubdivisionCode: null, Latitude: plan.latitude, Longitude: plan.longitude },
    GroupNames: [], Subscription: { TaxIdentifier: `${country.code}${random.int(100_000_000, 999_999_999)}` },
  };
  return { id: textOf(record, 'Id'), chain, plan, country, createdMs, record };
}

/** What only configuration/get adds to an enterprise. */
export function configurationOf(enterprise: Enterprise): MewsRecord {
  return {
    ...enterprise.record,
    Currencies: [{ Currency: enterprise.country.currency, IsDefault: true, IsEnabled: true }, ...(enterprise.country.currency === 'EUR' ? [] : [{ Currency: 'EUR', IsDefault: false, IsEnabled: true }])],
    AccountingConfiguration: { AdditionalTaxIdentifier: null, CompanyName: `${enterprise.plan.name} Ltd.`, BankAccountNumber: null, BankName: null, Iban: null, Bic: null, SurchargeConfiguration: { SurchargeFees: {}, SurchargeServiceId: null, SurchargeTaxCode: null }, EnabledExternalPaymentTypes: ['WireTransfer', 'BadDebts'], Options: ['ReceivableTrackingEnabled'] },
    IsPortfolio: false,
  };
}

/** A text in the language of the house and in English. */
export function words({ country }: Enterprise, text: string): MewsRecord { return { [country.language]: text, ...(country.language === 'en-US' ? {} : { 'en-US': text }) }; }

/** Lays out one hotel on its first days, a little of it changed since. */
export function makeHotel(random: Random, enterprise: Enterprise, epochMs: number, put: Sink): Hotel {
  const made = new Layout(random, enterprise, epochMs, put);
  const stayServiceId = made.service('Stay', 'Bookable', true);
  const parkingServiceId = made.service('Parking', 'Bookable', true);
  const restaurantId = made.service('Restaurant', 'Additional', true);
  const closedId = made.service('Minibar', 'Additional', false);
  const roomCategoryId = made.accountingCategory('Accommodation', 'Accommodation', true);
  const foodCategoryId = made.accountingCategory('Food & drinks', 'FoodAndBeverage', true);
  const paymentCategoryId = made.accountingCategory('Payments', 'Payments', true);
  const taxCategoryId = made.accountingCategory('City tax', 'Taxes', true);
  made.accountingCategory('Telephone (closed)', null, false);
  const outletIds = ['Restaurant', 'Rooftop bar ☀'].map((name) => made.outlet(name, true));
  made.outlet('Gift shop', false);
  const segmentIds = ['Leisure', 'Corporate', 'Groups', 'OTA'].map((name) => made.segment(name, stayServiceId, true));
  made.segment('Crew (old)', stayServiceId, false);
  const categoryIds = [['Single', 'SG', 'StandardSingle', 1], ['Double', 'DB', 'StandardDouble', 2], ['Family', 'FM', 'Family', 4], ['Suite', 'SU', 'JuniorSuite', 3]].map(([name, short, kind, capacity], i) => made.category(String(name), String(short), String(kind), Number(capacity), i, stayServiceId, roomCategoryId, true));
  made.category('Attic (closed)', 'AT', 'Other', 1, 9, stayServiceId, roomCategoryId, false);
  const roomIds = Array.from({ length: enterprise.plan.rooms }, (_, i) => made.room(i, categoryIds, true));
  for (let i = 0; i < 2; i++) made.room(enterprise.plan.rooms + i, categoryIds, false);
  const rateGroupId = made.rateGroup('Flexible', stayServiceId);
  const base = made.rate('Fully flexible', stayServiceId, rateGroupId, null, true, segmentIds);
  const rateIds = [base, ...['Non-refundable', 'Long stay', 'Corporate', 'Früh buchen'].map((name) => made.rate(name, stayServiceId, rateGroupId, base, true, segmentIds))];
  made.rate('Winter 2019', stayServiceId, rateGroupId, base, false, segmentIds);
  made.product('Night', stayServiceId, 96.4, roomCategoryId, { isDefault: true, charging: 'PerTimeUnit' });
  const products = [
    made.product('Breakfast', stayServiceId, 16.9, foodCategoryId, { charging: 'PerPersonPerTimeUnit' }), made.product('Late check-out', stayServiceId, 25, roomCategoryId, {}),
    made.product('Dog', stayServiceId, 12.5, roomCategoryId, { charging: 'PerTimeUnit' }), made.product('Three-course dinner', restaurantId, 48, foodCategoryId, { forCustomers: true }),
    made.product('Picnic basket', restaurantId, 31.35, foodCategoryId, { forCustomers: true }),
  ];
  const cityTax = made.product('City tax', stayServiceId, 3.2, taxCategoryId, { charging: 'PerPersonPerTimeUnit' });
  made.product('Peanuts', closedId, 4, foodCategoryId, { inactive: true });
  return {
    enterprise, price: made.price, stayServiceId, parkingServiceId, serviceIds: [stayServiceId, parkingServiceId, restaurantId, closedId], categoryIds, roomIds, rateIds, rateGroupId, segmentIds,
    adultId: made.ageCategory('Adult', 18, null, 'Adult', stayServiceId), childId: made.ageCategory('Child', 0, 17, 'Child', stayServiceId), products, cityTax, roomCategoryId, paymentCategoryId, taxCategoryId,
    staffIds: Array.from({ length: 4 }, () => random.uuid()), counterId: made.counter(), foodServiceId: restaurantId, foodCategoryId, outletIds,
  };
}

class Layout {
  readonly price: Price;
  constructor(private readonly random: Random, private readonly enterprise: Enterprise, private readonly epochMs: number, private readonly put: Sink) {
    this.price = { currency: enterprise.country.currency, taxCode: enterprise.country.taxCode, taxRate: enterprise.country.taxRate };
  }

  service(name: string, kind: 'Bookable' | 'Additional', active: boolean): string {
    const promotions = { BeforeCheckIn: true, AfterCheckIn: true, DuringStay: this.random.chance(0.5), BeforeCheckOut: false, AfterCheckOut: false, DuringCheckOut: false };
    return this.save('services', {
      EnterpriseId: this.enterprise.id, IsActive: active, Name: name, Names: this.words(name), StartTime: null, EndTime: null, Options: { BillAsPackage: false }, Promotions: promotions, Type: kind === 'Bookable' ? 'Reservable' : 'Orderable', Ordering: 0,
      Data: kind === 'Bookable'
        ? { Discriminator: 'Bookable', Value: { StartOffset: 'P0M0DT15H0M0S', EndOffset: 'P0M1DT11H0M0S', OccupancyStartOffset: 'P0M0DT0H0M0S', OccupancyEndOffset: 'P0M0DT0H0M0S', TimeUnit: 'Day', TimeUnitPeriod: 'Day' } }
        : { Discriminator: 'Additional', Value: { Promotions: promotions } },
      ExternalIdentifier: null,
    });
  }

  accountingCategory(name: string, classification: string | null, active: boolean): string {
    return this.save('accountingCategories', { EnterpriseId: this.enterprise.id, IsActive: active, Name: name, Code: String(this.random.int(1000, 8999)), ExternalCode: null, LedgerAccountCode: this.random.maybe(0.7, () => String(this.random.int(4000, 4999))), PostingAccountCode: null, CostCenterCode: null, Classification: classification });
  }

  outlet(name: string, active: boolean): string { return this.save('outlets', { IsActive: active, Name: name, EnterpriseId: this.enterprise.id }); }
  segment(name: string, serviceId: string, active: boolean): string { return this.save('businessSegments', { ServiceId: serviceId, IsActive: active, Name: name }); }

  category(name: string, short: string, classification: string, capacity: number, ordering: number, serviceId: string, accountingCategoryId: string, active: boolean): string {
    return this.save('resourceCategories', {
      EnterpriseId: this.enterprise.id, ServiceId: serviceId, IsActive: active, Type: 'Room', Classification: classification, Names: this.words(name), ShortNames: this.words(short), Descriptions: {}, Ordering: ordering, Capacity: capacity, ExtraCapacity: this.random.int(0, 1), ExternalIdentifier: null, AccountingCategoryId: accountingCategoryId,
    }, 'hidden times');
  }

  room(index: number, categoryIds: readonly string[], active: boolean): string {
    const floor = 1 + Math.floor(index / 10);
    const id = this.save('resources', {
      EnterpriseId: this.enterprise.id, IsActive: active, ParentResourceId: null, Name: String(floor * 100 + (index % 10) + 1), State: this.random.pick(['Clean', 'Inspected', 'Dirty', 'Clean', 'OutOfService']), Descriptions: {},
    }, 'shown times', { Data: { Discriminator: 'Space', Value: { FloorNumber: String(floor), LocationNotes: this.random.maybe(0.1, () => 'By the lift') } }, ExternalNames: {}, Directions: {} });
    this.save('resourceCategoryAssignments', { IsActive: active, ResourceId: id, CategoryId: this.random.pick(categoryIds) });
    return id;
  }

  rateGroup(name: string, serviceId: string): string {
    return this.save('rateGroups', { ServiceId: serviceId, IsActive: true, Names: this.words(name), ShortNames: this.words(name.slice(0, 4)), Descriptions: {}, Ordering: 0, ExternalIdentifier: null });
  }

  rate(name: string, serviceId: string, groupId: string, baseRateId: string | null, active: boolean, segmentIds: readonly string[]): string {
    return this.save('rates', {
      GroupId: groupId, ServiceId: serviceId, BaseRateId: baseRateId, IsBaseRate: baseRateId === null, BusinessSegmentId: this.random.maybe(0.4, () => this.random.pick(segmentIds)), IsActive: active, IsEnabled: active, IsPublic: name !== 'Corporate', IsDefault: baseRateId === null, Type: name === 'Corporate' ? 'Private' : 'Public', Name: name, Names: this.words(name), ShortName: name.slice(0, 6),
    }, 'updated only', { ExternalNames: {}, Description: {}, ExternalIdentifier: null, TaxExemptionReason: null, TaxExemptionLegalReference: null });
  }

  product(name: string, serviceId: string, euros: number, accountingCategoryId: string, as: { isDefault?: boolean; inactive?: boolean; forCustomers?: boolean; charging?: string }): ProductRef {
    const gross = this.price.currency === 'JPY' ? Math.round(euros * 160) : this.price.currency === 'CZK' ? Math.round(euros * 25) : euros;
    const price = extendedAmount(this.price, gross);
    const charging = as.charging ?? 'Once';
    const posting = charging.includes('TimeUnit');
    const names = this.words(name);
    const id = this.save(as.forCustomers ? 'customerProducts' : 'products', {
      ServiceId: serviceId, CategoryId: null, AccountingCategoryId: accountingCategoryId, IsActive: !as.inactive, IsDefault: as.isDefault ?? false, Name: name, Names: names, ExternalName: name, ExternalNames: names, ShortName: name.slice(0, 6), ShortNames: this.words(name.slice(0, 6)), Description: null, Descriptions: {},
      Charging: charging, ChargingMode: charging, Posting: posting ? 'Daily' : 'Once', PostingMode: posting ? 'PerTimeUnit' : 'Once', Options: { BillAsPackage: false, ExcludePriceFromOffer: false },
      Promotions: { BeforeCheckIn: true, AfterCheckIn: false, DuringStay: true, BeforeCheckOut: false, AfterCheckOut: false, DuringCheckOut: false }, Classifications: { Food: name === 'Breakfast', Beverage: false, Wellness: false, CityTax: name === 'City tax', Fee: false },
      Price: price, Pricing: { Discriminator: 'Absolute', Value: price }, ImageIds: null, Ordering: this.random.int(0, 9), ExternalIdentifier: null, TaxExemptionReason: null, TaxExemptionLegalReference: null,
    }, 'shown times', { ConsumptionMoment: 'ServiceOrderStart' });
    return { id, name, gross, accountingCategoryId, serviceId };
  }

  ageCategory(name: string, from: number, to: number | null, classification: string, serviceId: string): string {
    return this.save('ageCategories', { ServiceId: serviceId, MinimalAge: from, MaximalAge: to, Names: this.words(name), ShortNames: this.words(name.slice(0, 1)), Classification: classification, IsActive: true, ExternalIdentifier: null });
  }

  counter(): string { return this.save('counters', { EnterpriseId: this.enterprise.id, Name: 'Bills', IsDefault: true, Value: 1, Format: 'B-{0}', Type: 'BillCounter' }); }

  private words(text: string): MewsRecord { return words(this.enterprise, text); }

  private save(collection: string, fields: MewsRecord, times: 'shown times' | 'hidden times' | 'updated only' = 'shown times', rest: MewsRecord = {}): string {
    const id = this.random.uuid();
    const createdMs = this.enterprise.createdMs + this.random.between(0, Math.min(3 * dayMs, this.epochMs - this.enterprise.createdMs));
    const updatedMs = this.random.chance(0.6) ? createdMs : createdMs + this.random.next() * (this.epochMs - createdMs);
    const created = times === 'shown times' ? { CreatedUtc: iso(createdMs) } : {};
    const updated = times === 'hidden times' ? {} : { UpdatedUtc: iso(updatedMs) };
    this.put(collection, this.enterprise.id, { Id: id, ...fields, ...created, ...updated, ...rest }, createdMs, updatedMs);
    return id;
  }
}
