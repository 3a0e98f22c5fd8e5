// What is eaten, drunk and paid in the outlets of a hotel.
import { amount, round, untaxed } from './amounts.js';
import type { Past } from './past.js';
import { perEuro } from './places.js';
import { iso, type MewsRecord } from './record.js';
import type { Times } from './writer.js';

const dishes: readonly [name: string, euros: number][] = [['Soup of the day', 7.5], ['House lager', 4.8], ['Plum cake', 5.2], ['Grilled trout', 21], ['Pot of tea', 3.9], ['Late plate', 12.4]];

export function fillOutlets(past: Past): void {
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
  const item = (type: string, name: string, unitCount: number, unitAmount: MewsRecord): string => writer.save('outletItems', {
    EnterpriseId: owner, BillId: billId, AccountingCategoryId: type === 'Payment' ? hotel.paymentCategoryId : hotel.foodCategoryId, Type: type, Name: name,
    UnitCount: unitCount, UnitAmount: unitAmount, ConsumedUtc: closedUtc, ExternalIdentifier: null, Notes: null, PaymentCardPaymentId: null,
  }, times, 'both', { ClosedUtc: closedUtc });
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
