// Fills an enterprise or a chain with its past when it is first looked at: a world of thousands of records starts at once.
import { fillAccounts } from './generate-accounts.js';
import { fillBooks } from './generate-books.js';
import { fillDesk } from './generate-desk.js';
import { makeProfiles, type ChainProfiles } from './generate-guests.js';
import { makeHotel, type Chain, type Enterprise, type Hotel, type Sink } from './generate-hotel.js';
import { fillMachines } from './generate-machines.js';
import { fillMessages } from './generate-messages.js';
import { fillMoney } from './generate-money.js';
import { fillOffers } from './generate-offers.js';
import { fillOutlets } from './generate-outlets.js';
import { fillLimits } from './generate-rules.js';
import { makeBill, makeOrderItems, makePayment, makeReservation, planStay, type Stay } from './generate-stays.js';
import { Keeper } from './past.js';
import { hotels } from './places.js';
import { Random } from './random.js';
import { dayMs, type MewsRecord } from './record.js';
import { Writer } from './writer.js';

export type Profile = 'demo' | 'small' | 'big';
/** A filled enterprise: what new records refer to, and the stays that may still change. */
export interface House { readonly hotel: Hotel; readonly profiles: ChainProfiles; readonly stays: Stay[]; nextNumber: number }

/** How many reservations a hotel starts with. `big` is for load: one enterprise of 50,000. */
export function reservationsOf(enterprise: Enterprise, profile: Profile): number {
  if (profile === 'demo') return enterprise.plan.reservations;
  return profile === 'big' && enterprise.plan === hotels[0] ? 50_000 : Math.ceil(enterprise.plan.reservations / 30);
}

export function fillChain(seed: string, chain: Chain, enterprises: readonly Enterprise[], profile: Profile, epochMs: number, put: Sink): ChainProfiles {
  const guests = enterprises.reduce((sum, enterprise) => sum + Math.min(2000, Math.ceil(reservationsOf(enterprise, profile) * 0.6)), 3);
  const firstMs = Math.min(epochMs - 2 * dayMs, ...enterprises.map((enterprise) => enterprise.createdMs));
  const kept: { [collection: string]: MewsRecord[] } = { customers: [], companies: [] };
  const profiles = makeProfiles(new Random(seed, 'profiles', chain.id), chain.id, guests, firstMs, epochMs, (collection, owner, record, ...times) => { kept[collection]?.push(record); put(collection, owner, record, ...times); });
  fillAccounts(new Writer(new Random(seed, 'accounts', chain.id), chain.id, firstMs, epochMs, put), { profiles, customers: kept['customers'] ?? [], companies: kept['companies'] ?? [] });
  return profiles;
}

/** How many stays of a hotel, the last ones, have all that Mews can say about a stay. */
const remembered = 150;

export function fillEnterprise(seed: string, enterprise: Enterprise, profiles: ChainProfiles, profile: Profile, epochMs: number, put: Sink): House {
  const random = new Random(seed, 'hotel', enterprise.id);
  const keeper = new Keeper(put);
  const house: House = { hotel: makeHotel(random, enterprise, epochMs, put), profiles, stays: [], nextNumber: 1 };
  const count = reservationsOf(enterprise, profile);
  for (let i = 0; i < count; i++) {
    const createdMs = random.between(enterprise.createdMs + dayMs, epochMs - 60_000);
    const stay = planStay(random, house.hotel, random.pick(profiles.guests), createdMs, epochMs);
    putStay(random, house, stay, epochMs, keeper.put, count < 10_000);
  }
  const past = keeper.past(seed, new Writer(new Random(seed, 'past', enterprise.id), enterprise.id, enterprise.createdMs, epochMs, put), house.hotel, profiles, house.stays, remembered);
  for (const fillMore of [fillOffers, fillLimits, fillDesk, fillMessages, fillMoney, fillBooks, fillOutlets, fillMachines]) fillMore(past);
  return house;
}

/** Puts a reservation and, where `whole`, what follows from it. */
export function putStay(random: Random, house: House, stay: Stay, nowMs: number, put: Sink, whole: boolean): void {
  const { hotel, profiles } = house;
  const owner = hotel.enterprise.id;
  const reservation = makeReservation(random, hotel, stay, house.nextNumber++, profiles);
  put('reservations', owner, reservation, stay.createdMs, stay.updatedMs);
  put('reservationGroups', owner, { Id: reservation['GroupId'] ?? random.uuid(), Name: random.maybe(0.3, () => `Group ${stay.guest.lastName}`), ChannelManager: null, ChannelManagerGroupNumber: null, EnterpriseId: owner }, stay.createdMs, stay.createdMs);
  house.stays.push(stay);
  if (!whole) return;
  const billId = stay.state === 'Processed' || stay.state === 'Started' ? random.uuid() : null;
  const closed = stay.state === 'Processed' ? billId : null;
  const items = makeOrderItems(random, hotel, stay, closed);
  for (const item of items) put('orderItems', owner, item.record, item.createdMs, item.updatedMs);
  const total = items.reduce((sum, item) => sum + item.gross, 0);
  if (billId !== null) {
    const createdMs = Math.min(Math.max(stay.startMs, stay.createdMs), nowMs);
    put('bills', owner, makeBill(random, hotel, billId, stay.guest, closed === null, house.nextNumber, createdMs, Math.max(createdMs, stay.updatedMs), null), createdMs, Math.max(createdMs, stay.updatedMs));
    if (closed !== null && random.chance(0.03)) put('bills', owner, makeBill(random, hotel, random.uuid(), stay.guest, false, house.nextNumber + 500_000, stay.updatedMs, stay.updatedMs, billId), stay.updatedMs, stay.updatedMs);
  }
  if (total > 0 && (closed !== null || random.chance(0.4))) {
    const paidMs = closed !== null ? stay.updatedMs : stay.createdMs;
    put('payments', owner, makePayment(random, hotel, stay, total, closed, paidMs, stay.updatedMs), paidMs, stay.updatedMs);
  }
}
