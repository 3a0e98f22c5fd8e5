// A hotel's money beside bills and payments: tills, cards, requests, ledgers, outlets, counters, and what drives the machines.
import { only } from './along.js';
import { amount, round, untaxed } from './amounts.js';
import { writtenBy } from './generate-accounts.js';
import type { Hotel } from './generate-hotel.js';
import type { Past, Visit } from './past.js';
import { dayMs, hourMs, iso, isRecord, textOf, type MewsRecord } from './record.js';
import { everyNth, type Times } from './writer.js';

export function fillMoney(past: Past): void {
  fillTills(past);
  everyNth(past.visits, 3).forEach((visit, i) => { putCard(past, visit, i % 2 === 0); });
  for (const visit of everyNth(past.visits, 6)) requestPayment(past, visit);
  fillLedgers(past);
  fillExchangeRates(past);
  fillOutlets(past);
  fillAutomations(past);
  fillCounters(past);
  fillMachines(past);
}

/** Every payment in cash went through a till, and each till gets its float. */
function fillTills({ writer, random, owner, hotel, payments }: Past): void {
  const cashier = (name: string, active = true): string => writer.save('cashiers', { EnterpriseId: owner, IsActive: active, Name: name }, writer.founded());
  const tills = [cashier('Front desk'), cashier('Bar')];
  cashier('Kiosk (closed)', false);
  for (const till of tills) for (let week = 1; week <= 4; week++) { const [atMs] = writer.lately(week * 7); writer.save('cashierTransactions', { EnterpriseId: owner, CashierId: till, PaymentId: null, Number: `F${week}`, Notes: 'Float for the week', Amount: cash(hotel, 200) }, [atMs, atMs], 'created'); }
  payments.filter((payment) => payment['Type'] === 'CashPayment').slice(0, 100).forEach((payment, i) => { takeCash(writer, hotel, random.pick(tills), payment, i + 1); });
}

function cash({ price }: Hotel, value: number): MewsRecord { return { Currency: price.currency, Value: value, Net: null, Tax: null, TaxRate: null }; }

export function takeCash(writer: Pick<Past['writer'], 'save'>, hotel: Hotel, cashierId: string, payment: MewsRecord, number: number): void {
  const paid = isRecord(payment['Amount']) ? payment['Amount'] : {};
  const atMs = Date.parse(textOf(payment, 'CreatedUtc'));
  writer.save('cashierTransactions', { EnterpriseId: hotel.enterprise.id, CashierId: cashierId, PaymentId: payment['Id'] ?? null, Number: String(number), Notes: null, Amount: cash(hotel, -Number(paid['GrossValue'])) }, [atMs, atMs], 'created');
}

function putCard({ writer, random, owner, hotel }: Past, { stay }: Visit, holds: boolean): void {
  const active = !random.chance(0.15);
  const cardId = writer.save('creditCards', {
    EnterpriseId: owner, CustomerId: stay.guest.id, IsActive: active, State: active ? 'Enabled' : 'Disabled', Kind: random.pick(['Gateway', 'Gateway', 'Terminal']), Format: random.pick(['Physical', 'Physical', 'Virtual']), Type: random.pick(['MasterCard', 'Visa', 'Amex']), ObfuscatedNumber: `************${random.int(1000, 9999)}`, Expiration: `${random.int(2027, 2031)}-0${random.int(1, 9)}`,
  }, writer.since(stay.createdMs, 0.3));
  if (!holds) return;
  const state = stay.state === 'Processed' ? random.pick(['Charged', 'Expired', 'Cancelled']) : random.pick(['Chargeable', 'Pending', 'Failed']);
  writer.save('preauthorizations', { CustomerId: stay.guest.id, CreditCardId: cardId, Amount: untaxed(hotel.price.currency, stay.nightGross), State: state, ReservationId: stay.id, Code: random.maybe(0.5, () => random.hex(6).toUpperCase()), IsActive: state === 'Chargeable' || state === 'Pending' }, writer.since(stay.createdMs, 0.3), 'neither');
}

function requestPayment({ writer, random, owner, hotel }: Past, { stay, reservation }: Visit): void {
  const times = writer.since(stay.createdMs, 0.5);
  const expiresMs = times[0] + 14 * dayMs;
  const state = expiresMs < writer.epochMs ? random.pick(['Completed', 'Completed', 'Expired', 'Canceled']) : random.pick(['Pending', 'Completed']);
  writer.save('paymentRequests', { EnterpriseId: owner, AccountId: stay.guest.id, CustomerId: stay.guest.id, ReservationGroupId: reservation['GroupId'] ?? null, ReservationId: stay.id, State: state, Amount: untaxed(hotel.price.currency, stay.nightGross), Type: random.pick(['Payment', 'Payment', 'Preauthorization']), Reason: random.pick(['Deposit', 'Prepayment', 'PaymentCardMissing']), ExpirationUtc: iso(expiresMs), Description: 'First night', Notes: null }, times);
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

const perEuro: { readonly [currency: string]: number } = { EUR: 1, USD: 1.1, GBP: 0.85, CZK: 25, SEK: 11.2, JPY: 160, AUD: 1.65, CHF: 0.95 };

function fillExchangeRates({ writer, owner, hotel }: Past): void {
  const own = hotel.price.currency;
  const times = writer.lately(2);
  for (const [other, rate] of Object.entries(perEuro).filter(([currency]) => currency !== own)) {
    const value = rate / (perEuro[own] ?? 1);
    for (const [source, target, factor] of [[own, other, value], [other, own, 1 / value]] as const) writer.save('exchangeRates', { EnterpriseId: owner, SourceCurrency: source, TargetCurrency: target, Value: Number(factor.toFixed(6)) }, times, 'neither');
  }
}

const dishes: readonly [name: string, euros: number][] = [['Soup of the day', 7.5], ['House lager', 4.8], ['Plum cake', 5.2], ['Grilled trout', 21], ['Pot of tea', 3.9], ['Late plate', 12.4]];

function fillOutlets(past: Past): void {
  for (let i = 0; i < 45; i++) {
    const atMs = past.writer.lately(100)[0];
    putOutletBill(past, past.random.pick(past.hotel.outletIds), 500 + i, [atMs, atMs]);
  }
}

type Till = Pick<Past, 'random' | 'owner' | 'hotel'> & { readonly writer: Pick<Past['writer'], 'save'> };

/** A bill of an outlet with what was eaten, and how it was paid. Items are filtered by times of their bill. */
export function putOutletBill({ writer, random, owner, hotel }: Till, outletId: string, number: number, times: Times): void {
  const closedUtc = iso(times[0]);
  const billId = writer.save('outletBills', { EnterpriseId: owner, OutletId: outletId, Number: String(number), ClosedUtc: closedUtc, Notes: null }, times, 'updated');
  const item = (type: string, name: string, unitCount: number, unitAmount: MewsRecord): string => writer.save('outletItems', { EnterpriseId: owner, BillId: billId, AccountingCategoryId: type === 'Payment' ? hotel.paymentCategoryId : hotel.foodCategoryId, Type: type, Name: name, UnitCount: unitCount, UnitAmount: unitAmount, ConsumedUtc: closedUtc, ExternalIdentifier: null, Notes: null, PaymentCardPaymentId: null }, times, 'both', { ClosedUtc: closedUtc });
  let total = 0;
  for (let n = random.int(1, 3); n > 0; n--) {
    const [name, euros] = random.pick(dishes);
    const gross = round(euros * (perEuro[hotel.price.currency] ?? 1));
    const count = random.int(1, 4);
    total += gross * count;
    item('Revenue', name, count, amount(hotel.price, gross));
  }
  item('Payment', 'Cash', 1, untaxed(hotel.price.currency, -total));
}

function fillAutomations({ writer, owner, hotel, profiles }: Past): void {
  profiles.companyIds.slice(0, 3).forEach((companyId, i) => {
    const automationId = writer.random.uuid(), times = writer.lately(300);
    const routed = { SpaceOrder: true, CityTax: i === 0, AllProducts: i === 1, Deposits: false, AdditionalExpenses: false, AllCustomItems: false };
    writer.put('billingAutomations', owner, {
      Id: automationId, EnterpriseId: owner, Name: ['Nights to the company', 'All to the agent', 'Monthly invoice'][i] ?? '', Description: null, CompaniesWithRelations: [{ CompanyId: companyId, CompanyRelations: { PartnerCompany: i !== 1, TravelAgency: i === 1 } }], Prepayment: i === 1 ? 'Prepaid' : 'All', AssignmentTargetType: 'CompanyAsOwner', TriggerType: i === 2 ? 'Recurring' : 'Continuous', BillAggregationType: i === 2 ? 'AggregateAll' : 'OnePerReservation',
      CreatedUtc: iso(times[0]), UpdatedUtc: iso(times[1]), CreatorProfileId: profiles.staffId, UpdaterProfileId: profiles.staffId, ProcessingStartOffset: null, OrderItemConsumptionPeriod: i === 2 ? 'MonthBefore' : null,
      Assignments: [{ Id: writer.random.uuid(), BillingAutomationId: automationId, ServiceId: hotel.stayServiceId, RoutedItemTypes: routed, RateIds: hotel.rateIds.slice(0, 1), ProductCategoryIds: null, ProductIds: null, AccountingCategoryAssignments: null }],
    }, ...times);
  });
}

function fillCounters({ writer, random, owner }: Past): void {
  for (const [name, type, format] of [['Restaurant bills', 'BillCounter', 'R-{0}'], ['Proformas', 'ProformaCounter', 'P-{0}'], ['Previews', 'BillPreviewCounter', 'V-{0}'], ['Confirmations', 'ServiceOrderCounter', '{0}'], ['Registration cards', 'RegistrationCardCounter', 'C-{0}'], ['Credit notes', 'CreditNoteBillCounter', 'N-{0}'], ['Blocks', 'AvailabilityBlockCounter', '{0}']] as const) {
    writer.save('counters', { EnterpriseId: owner, Name: name, IsDefault: type !== 'BillCounter', Value: random.int(1, 9000), Format: format, Type: type }, writer.founded());
  }
}

const ofBill = only('Id', 'Name', 'EnterpriseId', 'AccountId', 'AccountType', 'AssociatedAccountIds', 'CounterId', 'State', 'Type', 'Number', 'VariableSymbol', 'CreatedUtc', 'UpdatedUtc', 'IssuedUtc', 'TaxedUtc', 'PaidUtc', 'DueUtc', 'LastReminderDateUtc', 'PurchaseOrderNumber', 'Notes', 'Options', 'EnterpriseData', 'CorrectionState', 'CorrectionType', 'CorrectedBillId');

/** The last bills went to the fiscal machine. */
function fillMachines({ writer, random, hotel, bills, profiles }: Past): void {
  const device = (type: string, name: string, identifier: string | null = null): MewsRecord => { const shown = { Type: type, Name: name, Identifier: identifier }; return { Id: writer.save('devices', shown, writer.founded(), 'neither'), ...shown }; };
  const machine = device('FiscalMachine', 'Fiscal printer', 'FP-1');
  for (const [type, name] of [['Printer', 'Front desk printer'], ['Printer', 'Kitchen printer'], ['PaymentTerminal', 'Terminal 1'], ['KeyCutter', 'Key encoder'], ['PassportScanner', 'Scanner']] as const) device(type, name);
  bills.slice(-15).forEach((bill, i) => {
    const atMs = Math.min(Date.parse(textOf(bill, 'UpdatedUtc')), writer.epochMs);
    const state = i % 5 === 4 ? 'Error' : i % 5 === 3 ? 'Cancelled' : 'Processed';
    writer.save('fiscalMachineCommands', {
      State: state, Creator: writtenBy(random.pick([profiles.staffId, null])), FiscalMachineId: 'FP-1', ApiUrl: 'https://fiscal.example.com/', FiscalMachineData: '{}', TaxIdentifier: `${hotel.enterprise.country.code}${random.int(100_000_000, 999_999_999)}`, Device: machine, Bill: { ...ofBill(bill), Owner: null, AssociatedAccountsData: null }, CommandData: null,
    }, [atMs, Math.min(atMs + hourMs, writer.epochMs)], 'created');
  });
}
