// A hotel's books: ledgers day by day, exchange rates, counters, and whose bills are made by themselves.
import { amount, round, untaxed } from './amounts.js';
import type { Hotel } from './generate-hotel.js';
import type { Past } from './past.js';
import { perEuro } from './places.js';
import { dayMs, iso, type MewsRecord } from './record.js';

export function fillBooks(past: Past): void {
  fillLedgers(past);
  fillExchangeRates(past);
  fillCounters(past);
  fillAutomations(past);
}

export const ledgerTypes = ['Revenue', 'Tax', 'Payment', 'Deposit', 'Guest', 'City', 'NonRevenue'] as const;

/** What stands in a ledger. Only revenue is made of net and tax. */
export function balanceOf({ price }: Hotel, type: string, gross: number): MewsRecord { return type === 'Revenue' ? amount(price, gross) : untaxed(price.currency, gross); }

/** Each day opens with what the day before closed with. */
function fillLedgers(past: Past): void {
  const { writer, random, owner, hotel } = past;
  const standing = new Map<string, number>(ledgerTypes.map((type) => [type, round(random.between(500, 90_000))]));
  for (let day = -Math.min(44, Math.floor((writer.epochMs - writer.firstMs) / dayMs)); day <= 0; day++) for (const type of ledgerTypes) {
    const opening = standing.get(type) ?? 0;
    const closing = round(opening + random.between(-400, 900));
    standing.set(type, closing);
    const atMs = Math.min(past.day(day), writer.epochMs);
    writer.put('ledgerBalances', owner, { EnterpriseId: owner, Date: past.date(day), LedgerType: type, OpeningBalance: balanceOf(hotel, type, opening), ClosingBalance: balanceOf(hotel, type, closing) }, atMs, atMs);
  }
}

function fillExchangeRates({ writer, owner, hotel }: Past): void {
  const own = hotel.price.currency;
  const times = writer.lately(2);
  for (const [other, rate] of Object.entries(perEuro).filter(([currency]) => currency !== own)) {
    const value = rate / (perEuro[own] ?? 1);
    for (const [source, target, factor] of [[own, other, value], [other, own, 1 / value]] as const) writer.save('exchangeRates', {
      EnterpriseId: owner, SourceCurrency: source, TargetCurrency: target, Value: Number(factor.toFixed(6)),
    }, times, 'neither');
  }
}

function fillAutomations({ writer, owner, hotel, profiles }: Past): void {
  profiles.companyIds.slice(0, 3).forEach((companyId, i) => {
    const automationId = writer.random.uuid(), times = writer.lately(300);
    const routed = { SpaceOrder: true, CityTax: i === 0, AllProducts: i === 1, Deposits: false, AdditionalExpenses: false, AllCustomItems: false };
    writer.put('billingAutomations', owner, {
      Id: automationId, EnterpriseId: owner, Name: ['Nights to the company', 'All to the agent', 'Monthly invoice'][i] ?? '', Description: null,
      CompaniesWithRelations: [{ CompanyId: companyId, CompanyRelations: { PartnerCompany: i !== 1, TravelAgency: i === 1 } }], Prepayment: i === 1 ? 'Prepaid' : 'All',
      AssignmentTargetType: 'CompanyAsOwner', TriggerType: i === 2 ? 'Recurring' : 'Continuous', BillAggregationType: i === 2 ? 'AggregateAll' : 'OnePerReservation',
      CreatedUtc: iso(times[0]), UpdatedUtc: iso(times[1]), CreatorProfileId: profiles.staffId, UpdaterProfileId: profiles.staffId, ProcessingStartOffset: null,
      OrderItemConsumptionPeriod: i === 2 ? 'MonthBefore' : null,
      Assignments: [{
        Id: writer.random.uuid(), BillingAutomationId: automationId, ServiceId: hotel.stayServiceId, RoutedItemTypes: routed, RateIds: hotel.rateIds.slice(0, 1),
        ProductCategoryIds: null, ProductIds: null, AccountingCategoryAssignments: null,
      }],
    }, ...times);
  });
}

const counters = [
  ['Restaurant bills', 'BillCounter', 'R-{0}'], ['Proformas', 'ProformaCounter', 'P-{0}'], ['Previews', 'BillPreviewCounter', 'V-{0}'], ['Confirmations', 'ServiceOrderCounter', '{0}'],
  ['Registration cards', 'RegistrationCardCounter', 'C-{0}'], ['Credit notes', 'CreditNoteBillCounter', 'N-{0}'], ['Blocks', 'AvailabilityBlockCounter', '{0}'],
] as const;

function fillCounters({ writer, random, owner }: Past): void {
  for (const [name, type, format] of counters) {
    writer.save('counters', { EnterpriseId: owner, Name: name, IsDefault: type !== 'BillCounter', Value: random.int(1, 9000), Format: format, Type: type }, writer.founded());
  }
}
