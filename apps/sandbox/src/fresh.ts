// Makes one more record of a collection, complete in Mews' shape, for an enterprise or a chain.
import { makeCompany, makeCustomer } from './generate-guests.js';
import { makeBill, makeOrderItem, makePayment, makeReservation, planStay, type Stay } from './generate-stays.js';
import type { House } from './fill.js';
import type { Random } from './random.js';
import { iso, textOf, type MewsRecord } from './record.js';
import type { World } from './world.js';

export interface Fresh { record: MewsRecord; hidden: MewsRecord | null }

export function freshRecord(world: World, random: Random, collection: string, owner: string, createdMs: number, updatedMs: number): Fresh {
  const times = [createdMs, updatedMs] as const;
  switch (collection) {
    case 'customers': return shown({ ...makeCustomer(random, world.chainProfiles(owner), ...times), IsActive: true, ActivityState: 'Active' });
    case 'companies': return shown({ ...makeCompany(random, world.chainProfiles(owner), ...times), IsActive: true });
    case 'reservations': case 'orderItems': case 'payments': case 'bills': return shown(ofStay(random, world.house(owner), collection, ...times));
    default: return likeAnother(world, random, collection, owner, ...times);
  }
}

function shown(record: MewsRecord): Fresh { return { record, hidden: null }; }

function ofStay(random: Random, house: House, collection: 'reservations' | 'orderItems' | 'payments' | 'bills', createdMs: number, updatedMs: number): MewsRecord {
  const { hotel, profiles } = house;
  if (collection === 'reservations') {
    const stay: Stay = { ...planStay(random, hotel, random.pick(profiles.guests), createdMs, createdMs), createdMs, updatedMs, state: 'Confirmed' };
    house.stays.push(stay);
    return makeReservation(random, hotel, stay, house.nextNumber++, profiles);
  }
  const stay: Stay = { ...random.pick(house.stays), state: 'Confirmed', createdMs, updatedMs };
  if (collection === 'orderItems') return makeOrderItem(random, hotel, stay, { type: 'SpaceOrder', gross: stay.nightGross, units: 1, atMs: createdMs, product: null, billId: null }).record;
  if (collection === 'payments') return makePayment(random, hotel, stay, stay.nightGross, null, createdMs, updatedMs);
  return makeBill(random, hotel, random.uuid(), stay.guest, false, house.nextNumber++, createdMs, updatedMs, null);
}

/** Small collections: a copy of another record with its own id and times; only an id where there is none to copy. */
function likeAnother(world: World, random: Random, collection: string, owner: string, createdMs: number, updatedMs: number): Fresh {
  const rows = world.store(collection).rows([owner]);
  if (rows.length === 0) return shown({ Id: random.uuid() });
  const { record, hidden } = random.pick(rows);
  const copy = {
    ...record, ...('Id' in record ? { Id: random.uuid() } : {}), ...('IsActive' in record ? { IsActive: true } : {}), ...('Name' in record ? { Name: `${textOf(record, 'Name')} ${random.int(2, 99)}` } : {}),
    ...('CreatedUtc' in record ? { CreatedUtc: iso(createdMs) } : {}), ...('UpdatedUtc' in record ? { UpdatedUtc: iso(updatedMs) } : {}),
  };
  return { record: copy, hidden: hidden !== null && 'IsActive' in hidden ? { ...hidden, IsActive: true } : hidden };
}
