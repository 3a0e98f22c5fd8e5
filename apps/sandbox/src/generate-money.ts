// How guests pay: tills and cash, cards and what is held on them, requests for payment.
import { untaxed } from './amounts.js';
import type { Hotel } from './generate-hotel.js';
import type { Past, Visit } from './past.js';
import { dayMs, iso, isRecord, textOf, type MewsRecord } from './record.js';
import { everyNth } from './writer.js';

export function fillMoney(past: Past): void {
  fillTills(past);
  everyNth(past.visits, 3).forEach((visit, i) => { putCard(past, visit, i % 2 === 0); });
  for (const visit of everyNth(past.visits, 6)) requestPayment(past, visit);
}

/** Every payment in cash went through a till, and each till gets its float. */
function fillTills({ writer, random, owner, hotel, payments }: Past): void {
  const cashier = (name: string, active = true): string => writer.save('cashiers', { EnterpriseId: owner, IsActive: active, Name: name }, writer.founded());
  const tills = [cashier('Front desk'), cashier('Bar')];
  cashier('Kiosk (closed)', false);
  for (const till of tills) for (let week = 1; week <= 4; week++) {
    const [atMs] = writer.lately(week * 7);
    const float = { EnterpriseId: owner, CashierId: till, PaymentId: null, Number: `F${week}`, Notes: 'Float for the week', Amount: cash(hotel, 200) };
    writer.save('cashierTransactions', float, [atMs, atMs], 'created');
  }
  payments.filter((payment) => payment['Type'] === 'CashPayment').slice(0, 100).forEach((payment, i) => { takeCash(writer, hotel, random.pick(tills), payment, i + 1); });
}

function cash({ price }: Hotel, value: number): MewsRecord { return { Currency: price.currency, Value: value, Net: null, Tax: null, TaxRate: null }; }

export function takeCash(writer: Pick<Past['writer'], 'save'>, hotel: Hotel, cashierId: string, payment: MewsRecord, number: number): void {
  const paid = isRecord(payment['Amount']) ? payment['Amount'] : {};
  const atMs = Date.parse(textOf(payment, 'CreatedUtc'));
  writer.save('cashierTransactions', {
    EnterpriseId: hotel.enterprise.id, CashierId: cashierId, PaymentId: payment['Id'] ?? null, Number: String(number), Notes: null, Amount: cash(hotel, -Number(paid['GrossValue'])),
  }, [atMs, atMs], 'created');
}

function putCard({ writer, random, owner, hotel }: Past, { stay }: Visit, holds: boolean): void {
  const active = !random.chance(0.15);
  const cardId = writer.save('creditCards', {
    EnterpriseId: owner, CustomerId: stay.guest.id, IsActive: active, State: active ? 'Enabled' : 'Disabled', Kind: random.pick(['Gateway', 'Gateway', 'Terminal']),
    Format: random.pick(['Physical', 'Physical', 'Virtual']), Type: random.pick(['MasterCard', 'Visa', 'Amex']), ObfuscatedNumber: `************${random.int(1000, 9999)}`,
    Expiration: `${random.int(2027, 2031)}-0${random.int(1, 9)}`,
  }, writer.since(stay.createdMs, 0.3));
  if (!holds) return;
  const state = stay.state === 'Processed' ? random.pick(['Charged', 'Expired', 'Cancelled']) : random.pick(['Chargeable', 'Pending', 'Failed']);
  writer.save('preauthorizations', {
    CustomerId: stay.guest.id, CreditCardId: cardId, Amount: untaxed(hotel.price.currency, stay.nightGross), State: state, ReservationId: stay.id,
    Code: random.maybe(0.5, () => random.hex(6).toUpperCase()), IsActive: state === 'Chargeable' || state === 'Pending',
  }, writer.since(stay.createdMs, 0.3), 'neither');
}

function requestPayment({ writer, random, owner, hotel }: Past, { stay, reservation }: Visit): void {
  const times = writer.since(stay.createdMs, 0.5);
  const expiresMs = times[0] + 14 * dayMs;
  const state = expiresMs < writer.epochMs ? random.pick(['Completed', 'Completed', 'Expired', 'Canceled']) : random.pick(['Pending', 'Completed']);
  writer.save('paymentRequests', {
    EnterpriseId: owner, AccountId: stay.guest.id, CustomerId: stay.guest.id, ReservationGroupId: reservation['GroupId'] ?? null, ReservationId: stay.id, State: state,
    Amount: untaxed(hotel.price.currency, stay.nightGross), Type: random.pick(['Payment', 'Payment', 'Preauthorization']),
    Reason: random.pick(['Deposit', 'Prepayment', 'PaymentCardMissing']), ExpirationUtc: iso(expiresMs), Description: 'First night', Notes: null,
  }, times);
}
