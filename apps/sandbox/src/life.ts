// What happens to the stays of a hotel while one watches: bookings, arrivals, departures, purchases, payments, cancellations.
import { putStay, type House } from './fill.js';
import { assignSources, putCompanion } from './generate-desk.js';
import { makeCompany, makeCustomer } from './generate-guests.js';
import { takeCash } from './generate-money.js';
import { sourceIds } from './generate-platform.js';
import { makeBill, makeOrderItem, makePayment, planStay, type ReservationState, type Stay } from './generate-stays.js';
import { liveAround, writerOf } from './life-around.js';
import type { Random } from './random.js';
import { dayMs, hourMs, idOf, iso } from './record.js';
import type { World } from './world.js';

/** One moment in one hotel. */
export function live(world: World, random: Random, atMs: number): void {
  const enterprise = random.pick([...world.enterprises.values()]);
  const house = world.house(enterprise.id);
  const moment = random.next();
  if (moment < 0.35) book(world, random, house, atMs);
  else if (moment < 0.65) moveOn(world, random, house, atMs);
  else if (moment < 0.82) buy(world, random, house, atMs);
  else if (moment < 0.95) liveAround(world, random, house, atMs);
  else if (moment < 0.97) world.put('companies', house.profiles.chainId, makeCompany(random, house.profiles, atMs, atMs), atMs, atMs);
  else world.update('resources', random.pick(house.hotel.roomIds), { State: random.pick(['Dirty', 'Clean', 'Inspected']) }, atMs);
}

function book(world: World, random: Random, house: House, atMs: number): void {
  if (random.chance(0.6)) world.put('customers', house.profiles.chainId, makeCustomer(random, house.profiles, atMs, atMs), atMs, atMs);
  const guest = house.profiles.guests[house.profiles.guests.length - 1] ?? random.pick(house.profiles.guests);
  const planned = planStay(random, house.hotel, guest, atMs, atMs);
  const stay: Stay = { ...planned, state: 'Confirmed', updatedMs: atMs };
  putStay(random, house, stay, atMs, world.put, true);
  const reservation = world.get('reservations', stay.id) ?? {};
  const writer = writerOf(world, random, house, atMs);
  putCompanion(writer, reservation, stay.guest.id, atMs);
  assignSources(writer, { stay, reservation }, sourceIds(world.seed));
}

const steps: { readonly [state in ReservationState]?: ReservationState } = { Started: 'Processed', Confirmed: 'Started', Optional: 'Confirmed', Inquired: 'Confirmed', Requested: 'Confirmed' };

/** A stay takes its next step: arrival, departure with a closed bill, or a cancellation. */
function moveOn(world: World, random: Random, house: House, atMs: number): void {
  // Who is here or due within two days; the others wait.
  const due = house.stays.filter((stay) => steps[stay.state] !== undefined && stay.startMs < atMs + 2 * dayMs);
  if (due.length === 0) { book(world, random, house, atMs); return; }
  const stay = random.pick(due);
  const next: ReservationState = stay.state !== 'Started' && random.chance(0.2) ? 'Canceled' : steps[stay.state] ?? 'Canceled';
  house.stays[house.stays.indexOf(stay)] = { ...stay, state: next, updatedMs: atMs };
  if (world.get('reservations', stay.id) === undefined) return;
  if (next === 'Canceled') world.deactivate('reservations', stay.id, atMs);
  else world.update('reservations', stay.id, { State: next, ...(next === 'Started' ? { ActualStartUtc: iso(atMs), AssignedResourceId: random.pick(house.hotel.roomIds), Options: { OwnerCheckedIn: true, AllCompanionsCheckedIn: true, AnyCompanionCheckedIn: true, ConnectorCheckIn: false } } : {}), ...(next === 'Processed' ? { ActualEndUtc: iso(atMs) } : {}) }, atMs);
  const billId = next === 'Processed' ? random.uuid() : null;
  if (billId !== null) world.put('bills', house.hotel.enterprise.id, makeBill(random, house.hotel, billId, stay.guest, false, house.nextNumber++, atMs - hourMs, atMs, null), atMs - hourMs, atMs);
  settle(world, house, stay, next, billId, atMs);
}

/** The items of a stay follow it: closed on its bill, or canceled with it. Only recent items are looked at; older ones are settled. */
function settle(world: World, house: House, stay: Stay, next: ReservationState, billId: string | null, atMs: number): void {
  if (next !== 'Processed' && next !== 'Canceled') return;
  for (const row of world.store('orderItems').rows([house.hotel.enterprise.id]).slice(-400)) {
    if (row.record['ServiceOrderId'] !== stay.id || row.record['AccountingState'] !== 'Open') continue;
    if (next === 'Canceled') world.update('orderItems', row.id, { AccountingState: 'Canceled', CanceledUtc: iso(atMs), Options: { CanceledWithReservation: true } }, atMs);
    else world.update('orderItems', row.id, { AccountingState: 'Closed', ClosedUtc: iso(atMs), BillId: billId }, atMs);
  }
}

function buy(world: World, random: Random, house: House, atMs: number): void {
  const stay: Stay = { ...recent(random, house), state: 'Started', createdMs: atMs, updatedMs: atMs };
  const product = random.pick(house.hotel.products);
  const owner = house.hotel.enterprise.id;
  const item = makeOrderItem(random, house.hotel, stay, { type: 'ProductOrder', gross: product.gross, units: random.int(1, 3), atMs, product, billId: null });
  world.put('orderItems', owner, item.record, atMs, atMs);
  if (random.chance(0.4)) return;
  const payment = makePayment(random, house.hotel, stay, item.gross, null, atMs, atMs);
  world.put('payments', owner, payment, atMs, atMs);
  if (payment['Type'] === 'CashPayment') takeCash(writerOf(world, random, house, atMs), house.hotel, random.pick(world.list('cashiers', owner).filter((till) => till['IsActive'] === true).map(idOf)), payment, house.nextNumber++);
}

/** One of the last stays booked, whatever its state. */
function recent(random: Random, house: House): Stay {
  const from = Math.max(0, house.stays.length - 60);
  return random.pick(house.stays.slice(from));
}
