// What a hotel offers beyond rooms, rates and products: features, vouchers, contracts and blocks of rooms.
import type { Past } from './past.js';
import { dayMs, iso } from './record.js';

export function fillOffers(past: Past): void {
  fillFeatures(past);
  fillProductCategories(past);
  fillVouchers(past);
  fillContracts(past);
  fillBlocks(past);
}

function fillFeatures({ writer, random, hotel, words }: Past): void {
  const feature = (name: string, classification: string, active = true): string => writer.save('resourceFeatures', {
    ServiceId: hotel.stayServiceId, IsActive: active, Classification: classification, Names: words(name), ShortNames: words(name.slice(0, 3)), Descriptions: {},
  }, writer.founded());
  const features = [feature('River view', 'RiverView'), feature('Balcony', 'Balcony'), feature('Twin beds', 'TwinBeds'), feature('Step-free', 'AccessibleRoom')];
  const closed = feature('Kitchenette (removed)', 'Kitchenette', false);
  hotel.roomIds.forEach((roomId, i) => {
    const assign = (featureId: string, active: boolean): string => writer.save('resourceFeatureAssignments', { IsActive: active, ResourceId: roomId, FeatureId: featureId }, writer.founded());
    assign(features[i % features.length] ?? closed, true);
    if (i % 3 === 0) assign(features[(i + 1) % features.length] ?? closed, random.chance(0.9));
    if (i % 8 === 0) assign(closed, false);
  });
  for (const categoryId of hotel.categoryIds) for (const ordering of [0, 1, 2]) {
    writer.save('resourceCategoryImageAssignments', { IsActive: ordering < 2, CategoryId: categoryId, ImageId: random.uuid(), Ordering: ordering }, writer.founded());
  }
}

function fillProductCategories({ writer, owner, hotel, words }: Past): void {
  const category = (name: string, serviceId: string, ordering: number, parent: [id: string, name: string] | null = null): string => writer.save('productCategories', {
    EnterpriseId: owner, ServiceId: serviceId, Names: words(name), ShortNames: words(name.slice(0, 4)), Descriptions: {},
    ParentProductCategory: parent && { Id: parent[0], Names: words(parent[1]) }, Ordering: ordering,
  }, writer.founded());
  const meals = category('Meals', hotel.foodServiceId, 0);
  category('Dinner', hotel.foodServiceId, 1, [meals, 'Meals']);
  category('To take away', hotel.foodServiceId, 2, [meals, 'Meals']);
  category('Extras', hotel.stayServiceId, 0);
}

function fillVouchers({ writer, random, owner, hotel, profiles }: Past): void {
  const voucher = (name: string, type: 'Public' | 'PartnerCompany' | 'TravelAgency', active = true): void => {
    const companyId = random.pick(profiles.companyIds);
    const codes = Array.from({ length: random.int(2, 5) }, () => `${name.slice(0, 4).toUpperCase().trim()}${random.int(1000, 9999)}`);
    const times = writer.lately(300);
    const voucherId = writer.save('vouchers', {
      ServiceId: hotel.stayServiceId, EnterpriseId: owner, Name: name, Type: type, ActivityState: active ? 'Active' : 'Deleted',
      CompanyId: type === 'PartnerCompany' ? companyId : null, TravelAgencyId: type === 'TravelAgency' ? companyId : null, OccupiableIntervalStartUtc: null,
      OccupiableIntervalEndUtc: null, ExternalIdentifier: random.maybe(0.3, () => `V-${random.int(100, 999)}`), IsActive: active,
    }, times, 'both', { VoucherCodeValues: codes });
    codes.forEach((code, i) => { writer.save('voucherCodes', {
      VoucherId: voucherId, Value: code, ValidityStartUtc: iso(times[0]), ValidityEndUtc: i === 0 ? null : iso(times[0] + 365 * dayMs),
      ActivityState: active && i < 4 ? 'Active' : 'Deleted', IsActive: active && i < 4,
    }, writer.since(times[0], 0.2)); });
    for (const rateId of hotel.rateIds.slice(1, 3)) writer.put('voucherAssignments', owner, { VoucherId: voucherId, RateId: rateId }, ...times);
  };
  voucher('Autumn quiet', 'Public');
  voucher('Midweek', 'Public');
  voucher('Partners of the house', 'PartnerCompany');
  voucher('Agents 2026', 'TravelAgency');
  voucher('Opening offer', 'Public', false);
}

function fillContracts({ writer, random, hotel, profiles }: Past): void {
  for (const companyId of profiles.companyIds.slice(0, 12)) writer.save('companyContracts', {
    ServiceId: hotel.stayServiceId, CompanyId: companyId, IsActive: !random.chance(0.1), CommissionIncluded: random.chance(0.5),
    Commission: random.pick([0.1, 0.12, 0.15]), ChannelManagerAbsoluteAdjustment: null, ChannelManagerRelativeAdjustment: null,
    Options: { IncludeCancellationFeeInCommissionEstimate: false, SkipAutomaticSettlement: random.chance(0.2) },
    AccountingCode: null, InvoiceDueInterval: random.maybe(0.5, () => 'P0M30DT0H0M0S'),
    ChannelManagerBusinessSegmentId: random.maybe(0.4, () => random.pick(hotel.segmentIds)), ContactPerson: null,
    ContactEmail: random.maybe(0.5, () => `contracts.${companyId.slice(0, 6)}@example.com`), AdditionalContactInfo: null, Notes: null,
  }, writer.lately(900));
}

const events = ['Rowing regatta', 'Wedding Ødegaard–Lin', 'Chess open', 'Choir week', 'Orchard fair', 'Board retreat', 'Film crew'];

function fillBlocks(past: Past): void {
  const { writer, random, owner, hotel, profiles } = past;
  const adjust = (blockId: string | null, categoryId: string, from: number, nights: number, active: boolean): string => writer.save('availabilityAdjustments', {
    AvailabilityBlockId: blockId, ResourceCategoryId: categoryId, StartUtc: iso(past.day(from)), EndUtc: iso(past.day(from + nights)),
    FirstTimeUnitStartUtc: iso(past.day(from)), LastTimeUnitStartUtc: iso(past.day(from + nights - 1)), UnitCount: -random.int(1, 4),
    ActivityState: active ? 'Active' : 'Deleted', ReleaseOverrideUtc: null, IsActive: active, PaxCounts: null, FirstTimeUnitReleaseUtc: null,
  }, writer.lately(120), 'updated');
  events.forEach((name, i) => {
    const [from, nights] = [i * 9 - 20, random.int(2, 4)];
    const state = i === 4 ? 'Canceled' : i % 3 === 2 ? 'Optional' : 'Confirmed';
    const times = writer.lately(120);
    const blockId = writer.save('availabilityBlocks', {
      EnterpriseId: owner, ServiceId: hotel.stayServiceId, RateId: random.pick(hotel.rateIds), VoucherId: null, BookerId: random.pick(profiles.guests).id,
      CompanyId: random.maybe(0.5, () => random.pick(profiles.companyIds)), TravelAgencyId: null, Budget: null, State: state, ReservationPurpose: random.pick(['Leisure', 'Business', null]),
      FirstTimeUnitStartUtc: iso(past.day(from)), LastTimeUnitStartUtc: iso(past.day(from + nights - 1)), ReleasedUtc: i % 2 === 0 ? iso(past.day(from - 7)) : null,
      RollingReleaseOffset: null, ExternalIdentifier: random.maybe(0.4, () => `BLK-${random.int(100, 999)}`), Name: name, Notes: null,
      PickupDistribution: i % 2 === 0 ? 'AllInOneGroup' : 'IndividualGroups', IsActive: state !== 'Canceled', QuoteId: null, AvailabilityBlockNumber: String(100 + i),
      ReleaseStrategy: i % 2 === 0 ? 'FixedRelease' : 'None', PurchaseOrderNumber: null,
      BusinessSegmentId: hotel.segmentIds[2] ?? null, CanceledUtc: state === 'Canceled' ? iso(times[1]) : null,
      CancellationReason: state === 'Canceled' ? 'RequestedByBooker' : null, CancellationReasonDetail: null,
    }, times);
    for (const categoryId of hotel.categoryIds.slice(0, 3)) adjust(blockId, categoryId, from, nights, state !== 'Canceled');
  });
  for (const categoryId of hotel.categoryIds) adjust(null, categoryId, random.int(2, 60), 2, true);
}
