// Reservations and what follows from them: order items, payments, bills.
import { amount, round, untaxed } from './amounts.js';
import type { Guest, ChainProfiles } from './generate-guests.js';
import type { Hotel, ProductRef } from './generate-hotel.js';
import { wishes } from './places.js';
import type { Random } from './random.js';
import { dayMs, hourMs, iso, type MewsRecord } from './record.js';

export type ReservationState = 'Inquired' | 'Requested' | 'Optional' | 'Confirmed' | 'Started' | 'Processed' | 'Canceled';
/** When a stay was booked, when it is, and how it stands now. */
export interface Stay { readonly id: string; readonly guest: Guest; readonly state: ReservationState; readonly createdMs: number; readonly startMs: number; readonly nights: number; readonly updatedMs: number; readonly nightGross: number; readonly staffId: string; readonly persons: number }

/** Plans a stay booked at `createdMs`; its state follows from what `nowMs` makes of its dates. */
export function planStay(random: Random, hotel: Hotel, guest: Guest, createdMs: number, nowMs: number): Stay {
  const lead = Math.floor(random.next() ** 2 * 90) * dayMs;
  const startMs = Math.ceil((createdMs + lead) / dayMs) * dayMs + 14 * hourMs;
  const nights = random.pick([1, 1, 2, 2, 2, 3, 3, 4, 5, 7]);
  const endMs = startMs + nights * dayMs - 4 * hourMs;
  const canceled = random.chance(0.12);
  const state: ReservationState = canceled ? 'Canceled' : endMs < nowMs ? 'Processed' : startMs < nowMs ? 'Started' : random.pick(['Confirmed', 'Confirmed', 'Confirmed', 'Confirmed', 'Confirmed', 'Optional', 'Inquired', 'Requested']);
  const changedMs = state === 'Processed' ? endMs : state === 'Started' ? startMs : random.between(createdMs, Math.min(startMs, nowMs));
  const scale = hotel.price.currency === 'JPY' ? 160 : hotel.price.currency === 'CZK' ? 25 : 1;
  return { id: random.uuid(), guest, state, createdMs, startMs, nights, updatedMs: Math.max(createdMs, Math.min(nowMs, changedMs)), nightGross: Math.round(random.between(78, 260) * 10) / 10 * scale, staffId: random.pick(hotel.staffIds), persons: random.int(1, 3) };
}

export function makeReservation(random: Random, hotel: Hotel, stay: Stay, number: number, profiles: ChainProfiles): MewsRecord {
  const endMs = stay.startMs + stay.nights * dayMs - 4 * hourMs;
  const arrived = stay.state === 'Started' || stay.state === 'Processed';
  const channel = random.chance(0.45);
  return {
    Id: stay.id, ServiceId: random.chance(0.05) ? hotel.parkingServiceId : hotel.stayServiceId, AccountId: stay.guest.id, AccountType: 'Customer', CreatorProfileId: stay.staffId, UpdaterProfileId: stay.staffId, BookerId: random.maybe(0.1, () => stay.guest.id), Number: String(number), State: stay.state,
    Origin: channel ? 'ChannelManager' : random.pick(['Commander', 'Distributor', 'Connector']), CommanderOrigin: random.maybe(0.2, () => 'Phone'), OriginDetails: null, CreatedUtc: iso(stay.createdMs), UpdatedUtc: iso(stay.updatedMs), CancelledUtc: stay.state === 'Canceled' ? iso(stay.updatedMs) : null, VoucherId: null,
    BusinessSegmentId: random.maybe(0.8, () => random.pick(hotel.segmentIds)), Options: { OwnerCheckedIn: arrived, AllCompanionsCheckedIn: arrived, AnyCompanionCheckedIn: arrived, ConnectorCheckIn: false }, RateId: random.pick(hotel.rateIds), CreditCardId: null, GroupId: random.uuid(), RequestedResourceCategoryId: random.pick(hotel.categoryIds), AssignedResourceId: stay.state === 'Canceled' ? null : random.maybe(arrived ? 1 : 0.6, () => random.pick(hotel.roomIds)), AvailabilityBlockId: null,
    PartnerCompanyId: stay.guest.companyId, TravelAgencyId: channel && profiles.companyIds.length > 0 ? random.pick(profiles.companyIds) : null, AssignedResourceLocked: random.chance(0.1), ChannelNumber: channel ? `CH${random.int(100_000, 999_999)}` : null, ChannelManagerNumber: channel ? `CM-${random.hex(8)}` : null, CancellationReason: stay.state === 'Canceled' ? random.pick(['Other', 'NoShow', 'RequestedByGuest', 'BookedElsewhere']) : null, ReleasedUtc: stay.state === 'Optional' ? iso(stay.startMs - 2 * dayMs) : null,
    StartUtc: iso(stay.startMs), EndUtc: iso(endMs), ScheduledStartUtc: iso(stay.startMs), ActualStartUtc: arrived ? iso(stay.startMs + 1.5 * hourMs) : null, ScheduledEndUtc: iso(endMs), ActualEndUtc: stay.state === 'Processed' ? iso(endMs - hourMs / 2) : null, Purpose: random.maybe(0.5, () => random.pick(['Leisure', 'Business'])), QrCodeData: null,
    PersonCounts: [{ AgeCategoryId: hotel.adultId, Count: stay.persons }, ...(random.chance(0.15) ? [{ AgeCategoryId: hotel.childId, Count: 1 }] : [])],
  };
}

export interface Item { readonly id: string; readonly record: MewsRecord; readonly gross: number; readonly createdMs: number; readonly updatedMs: number }

/** The items of a stay: at most three nights, then breakfast, city tax or what was bought; a fee where it was canceled. */
export function makeOrderItems(random: Random, hotel: Hotel, stay: Stay, billId: string | null): Item[] {
  if (stay.state === 'Canceled') return random.chance(0.3) ? [makeOrderItem(random, hotel, stay, { type: 'CancellationFee', gross: stay.nightGross, units: 1, atMs: stay.updatedMs, product: null, billId: null })] : [];
  const nights = Array.from({ length: Math.min(3, stay.nights) }, (_, night) => makeOrderItem(random, hotel, stay, { type: 'SpaceOrder', gross: stay.nightGross, units: 1, atMs: stay.startMs + night * dayMs, product: null, billId }));
  const bought = random.chance(0.6) ? [random.pick(hotel.products)] : [];
  const extras = [...bought, ...(random.chance(0.5) ? [hotel.cityTax] : [])].map((product) => makeOrderItem(random, hotel, stay, { type: product === hotel.cityTax ? 'CityTax' : 'ProductOrder', gross: product.gross, units: stay.persons, atMs: stay.startMs, product, billId }));
  return [...nights, ...extras];
}

interface ItemPlan { type: string; gross: number; units: number; atMs: number; product: ProductRef | null; billId: string | null }

export function makeOrderItem(random: Random, hotel: Hotel, stay: Stay, plan: ItemPlan): Item {
  const gross = round(plan.gross * plan.units);
  const closed = plan.billId !== null;
  const state = closed ? 'Closed' : stay.state === 'Canceled' || !random.chance(0.97) ? 'Canceled' : stay.state === 'Optional' || stay.state === 'Inquired' ? 'Inactive' : 'Open';
  const id = random.uuid();
  const record: MewsRecord = {
    Id: id, EnterpriseId: hotel.enterprise.id, AccountId: stay.guest.id, AccountType: 'Customer', ServiceId: plan.product?.serviceId ?? hotel.stayServiceId, ServiceOrderId: stay.id, Notes: random.maybe(0.05, () => random.pick(wishes)), BillId: plan.billId, AccountingCategoryId: plan.product?.accountingCategoryId ?? hotel.roomCategoryId,
    BillingName: plan.product?.name ?? (plan.type === 'SpaceOrder' ? `Night ${iso(plan.atMs).slice(0, 10)}` : null), ExternalIdentifier: null, UnitCount: plan.units, UnitAmount: amount(hotel.price, plan.gross), Amount: amount(hotel.price, gross), OriginalAmount: amount(hotel.price, gross), RevenueType: plan.product ? 'Product' : plan.type === 'SpaceOrder' ? 'Service' : 'Additional',
    CreatorProfileId: stay.staffId, UpdaterProfileId: stay.staffId, CreatedUtc: iso(stay.createdMs), UpdatedUtc: iso(stay.updatedMs), ConsumedUtc: iso(plan.atMs), CanceledUtc: state === 'Canceled' ? iso(stay.updatedMs) : null, ClosedUtc: closed ? iso(stay.updatedMs) : null, StartUtc: iso(plan.atMs), ClaimedUtc: null, AccountingState: state, Type: plan.type, Options: { CanceledWithReservation: state === 'Canceled' && stay.state === 'Canceled' },
    Data: plan.product ? { Discriminator: 'Product', Rebate: null, Product: { ProductId: plan.product.id, AgeCategoryId: null, ProductType: 'Product' }, AllowanceDiscount: null, AllowanceProfits: null } : null, TaxExemptionReason: null, TaxExemptionLegalReference: null,
  };
  return { id, record, gross, createdMs: stay.createdMs, updatedMs: stay.updatedMs };
}

/** A payment of a guest; Mews writes what a guest pays as a negative amount. */
export function makePayment(random: Random, hotel: Hotel, stay: Stay, gross: number, billId: string | null, createdMs: number, updatedMs: number): MewsRecord {
  const type = random.pick(['CreditCardPayment', 'CreditCardPayment', 'CashPayment', 'ExternalPayment', 'AlternativePayment']);
  const state = billId !== null ? 'Charged' : random.pick(['Charged', 'Charged', 'Charged', 'Pending', 'Failed', 'Canceled']);
  const paid = untaxed(hotel.price.currency, -gross);
  const none = { CreditCard: null, Invoice: null, External: null, Ghost: null, Alternative: null };
  const data: MewsRecord | null = type === 'CreditCardPayment' ? { ...none, Discriminator: 'CreditCard', CreditCard: { CreditCardId: null, Transaction: null } } : type === 'ExternalPayment' ? { ...none, Discriminator: 'External', External: { Type: 'WireTransfer', ExternalIdentifier: `WT-${random.int(1000, 9999)}` } } : type === 'AlternativePayment' ? { ...none, Discriminator: 'Alternative', Alternative: { Type: random.pick(['ApplePay', 'Ideal', 'PayPal']) } } : null;
  return {
    Id: random.uuid(), EnterpriseId: hotel.enterprise.id, AccountId: stay.guest.id, AccountType: 'Customer', PaymentRequestId: null, BillId: billId, ReservationId: stay.id, AccountingCategoryId: hotel.paymentCategoryId, Amount: paid, OriginalAmount: paid, Notes: null, SettlementId: state === 'Charged' ? random.maybe(0.5, () => `ST${random.hex(10)}`) : null,
    ConsumedUtc: iso(createdMs), ClosedUtc: billId !== null ? iso(updatedMs) : null, ChargedUtc: state === 'Charged' ? iso(createdMs) : null, CreatedUtc: iso(createdMs), UpdatedUtc: iso(updatedMs), SettlementUtc: iso(createdMs + 2 * dayMs), AccountingState: billId !== null ? 'Closed' : state === 'Canceled' || state === 'Failed' ? 'Canceled' : 'Open', State: state,
    Identifier: random.maybe(0.3, () => `R-${random.int(1000, 99_999)}`), Type: type, Kind: 'Payment', Data: data, PaymentOrigin: random.pick(['Operations', 'BookingEngine', 'Terminal', 'AutomaticPayment']),
  };
}

export function makeBill(random: Random, hotel: Hotel, id: string, guest: Guest, open: boolean, number: number, createdMs: number, updatedMs: number, corrects: string | null): MewsRecord {
  const invoice = random.chance(0.15);
  const issued = open ? null : iso(updatedMs);
  return {
    Id: id, Name: open ? 'Bill 1' : null, EnterpriseId: hotel.enterprise.id, AccountId: guest.id, AccountType: 'Customer', CustomerId: guest.id, CompanyId: guest.companyId, AssociatedAccountIds: guest.companyId === null ? [] : [guest.companyId], CounterId: open ? null : hotel.counterId, State: open ? 'Open' : 'Closed', Type: invoice ? 'Invoice' : 'Receipt', Number: open ? null : `B-${number}`, VariableSymbol: open ? null : String(number),
    CreatedUtc: iso(createdMs), IssuedUtc: issued, TaxedUtc: issued, PaidUtc: open || (invoice && random.chance(0.4)) ? null : issued, DueUtc: open || !invoice ? null : iso(updatedMs + 14 * dayMs), LastReminderDateUtc: null, UpdatedUtc: iso(updatedMs), PurchaseOrderNumber: random.maybe(0.05, () => `PO ${random.int(1, 999)}`), Notes: null,
    Options: { DisplayCustomer: true, DisplayTaxation: true, TrackReceivable: invoice, DisplayCid: false, Rebated: false }, Revenue: [], Payments: [], OrderItems: [], PaymentItems: [], AssigneeData: null,
    OwnerData: { Discriminator: 'BillCustomerData', Value: { Id: guest.id, Address: null, LegalIdentifiers: {}, BillingCode: null, LastName: guest.lastName, FirstName: guest.firstName, SecondLastName: null, TitlePrefix: null, TaxIdentifier: null } }, CompanyDetails: null, AssociatedAccountData: null,
    EnterpriseData: { AdditionalTaxIdentifier: null, CompanyName: `${hotel.enterprise.plan.name} Ltd.`, BankAccount: null, BankName: null, Iban: null, Bic: null }, CorrectionState: corrects === null ? 'Bill' : 'CorrectiveBill', CorrectionType: corrects === null ? null : 'CreditNote', CorrectedBillId: corrects,
  };
}
