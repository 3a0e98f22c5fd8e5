// The rules and limits of selling: cancellation policies, overbooking, rules with their actions, restrictions.
import type { Past } from './past.js';
import { iso, type MewsRecord } from './record.js';

export function fillLimits(past: Past): void {
  fillPolicies(past);
  fillRules(past);
  for (const condition of restrictedBy(past)) putRestriction(past, condition);
}

function fillPolicies(past: Past): void {
  const { writer, hotel } = past;
  const policy = (offset: string, fee: number, nights: number | null, active = true): string => writer.save('cancellationPolicies', {
    RateGroupId: hotel.rateGroupId, Applicability: nights === null ? 'Creation' : 'StartDate', FeeExtent: nights === null ? ['TimeUnits', 'Products'] : ['TimeUnits'],
    ApplicabilityOffset: offset, FeeMaximumTimeUnits: nights, AbsoluteFee: { Currency: hotel.price.currency, Value: 0 }, RelativeFee: fee, IsActive: active,
  }, writer.founded(), 'both', { ServiceId: hotel.stayServiceId });
  policy('-P0M2DT0H0M0S', 0.5, 1);
  policy('-P0M0DT18H0M0S', 1, 1);
  policy('P0M0DT0H0M0S', 1, null, false);
  [3, 24, 80].forEach((from, i) => {
    writer.save('serviceOverbookingLimits', {
      ServiceId: hotel.stayServiceId, FirstTimeUnitStartUtc: iso(past.day(from)), LastTimeUnitStartUtc: iso(past.day(from + 6)), Limit: i + 1, IsActive: i < 2,
    }, writer.lately(60));
  });
}

function fillRules({ writer, random, hotel }: Past): void {
  const none = { RateId: null, RateGroupId: null, BusinessSegmentId: null, ResourceCategoryId: null, ResourceCategoryType: null, Origin: null, TravelAgencyId: null, MinimumTimeUnitCount: null, MaximumTimeUnitCount: null };
  const is = (value: string | undefined): MewsRecord => ({ Value: value ?? '', ConditionType: 'Equals' });
  const conditions: MewsRecord[] = [
    { ...none, RateId: is(hotel.rateIds[0]), Origin: { Value: 'Connector', ConditionType: 'NotEquals' } },
    { ...none, ResourceCategoryId: is(hotel.categoryIds[3]), MinimumTimeUnitCount: 3 },
    { ...none, BusinessSegmentId: is(hotel.segmentIds[1]) }, { ...none, RateGroupId: is(hotel.rateGroupId), MaximumTimeUnitCount: 1 },
  ];
  for (const Conditions of conditions) {
    const times = writer.lately(400);
    const ruleId = writer.save('rules', { ServiceId: hotel.stayServiceId, Conditions }, times);
    for (const { id } of hotel.products.slice(0, random.int(1, 2))) {
      writer.save('ruleActions', { RuleId: ruleId, Data: { Discriminator: 'Product', Value: { ProductId: id, ActionType: 'Add' } } }, times, 'neither');
    }
  }
}

/** What every restriction of a hotel is about: a rate or a category, a time, some days. */
function restrictedBy(past: Past): MewsRecord[] {
  const { random, hotel } = past;
  const none = { ExactRateId: null, BaseRateId: null, RateGroupId: null, ResourceCategoryId: null, ResourceCategoryType: null, StartUtc: null, EndUtc: null, Days: null, Hours: null };
  const [base, ...others] = hotel.rateIds;
  const some = (rateId: string, categoryId: string, from: number): MewsRecord => ({
    ...none, Type: random.pick(['Stay', 'Start', 'End']), ExactRateId: rateId, ResourceCategoryId: categoryId,
    StartUtc: iso(past.day(from)), EndUtc: iso(past.day(from + random.int(3, 20))), Days: random.pick([['Friday', 'Saturday'], ['Sunday'], null]),
  });
  return [
    { ...none, Type: 'Start', BaseRateId: base ?? null, Days: ['Monday', 'Tuesday', 'Wednesday', 'Thursday'] },
    { ...none, Type: 'Stay', RateGroupId: hotel.rateGroupId, ResourceCategoryType: 'Room', StartUtc: iso(past.day(30)) },
    ...others.flatMap((rateId) => hotel.categoryIds.flatMap((categoryId) => [7, 35, 63].map((from) => some(rateId, categoryId, from)))),
  ];
}

function putRestriction({ writer, random, hotel }: Past, conditions: MewsRecord): void {
  const exceptions = { MinAdvance: null, MaxAdvance: null, MinLength: random.maybe(0.7, () => `P0M${random.int(2, 4)}DT0H0M0S`), MaxLength: null, MinPrice: null, MaxPrice: null };
  writer.save('restrictions', {
    ServiceId: hotel.stayServiceId, ExternalIdentifier: random.maybe(0.3, () => String(random.int(1000, 9999))), Origin: random.pick(['User', 'Integration']),
    Conditions: conditions, Exceptions: random.chance(0.8) ? exceptions : null,
  }, writer.lately(90), 'neither', { RateId: conditions['ExactRateId'] ?? conditions['BaseRateId'] ?? null });
}
