// What goes on around the stays while one watches: messages, tasks, parties, ledgers, outlets, and rules that are set anew.
import type { House } from './fill.js';
import { chores, putCompanion, taskOf } from './generate-desk.js';
import { messageOf } from './generate-messages.js';
import { putOutletBill } from './generate-outlets.js';
import { balanceOf, ledgerTypes } from './generate-books.js';
import { dateAt } from './past.js';
import type { Random } from './random.js';
import { iso, isRecord, textOf, type Json, type Row } from './record.js';
import type { World } from './world.js';
import { Writer } from './writer.js';

export function liveAround(world: World, random: Random, house: House, atMs: number): void {
  random.pick([write, work, regroup, moveLedger, dine, setAnew])(world, random, house, atMs);
}

/** A message, at times the first of a thread. */
function write(world: World, random: Random, house: House, atMs: number): void {
  const writer = writerOf(world, random, house, atMs);
  const thread = random.chance(0.7) ? latest(world, random, 'messageThreads', house) : undefined;
  const { guest } = random.pick(house.stays);
  const threadId = thread?.id ?? writer.save('messageThreads', { OriginalSender: `${guest.firstName ?? ''} ${guest.lastName}`.trim(), Subject: 'A question', IsResolved: false }, [atMs, atMs]);
  writer.save('messages', messageOf(random, threadId, thread === undefined || random.chance(0.5)), [atMs, atMs], 'created');
  if (thread) world.update('messageThreads', threadId, {}, atMs);
}

/** A task is done, or there is a new one. */
function work(world: World, random: Random, house: House, atMs: number): void {
  const owner = house.hotel.enterprise.id;
  const open = world.rows('tasks', [owner]).slice(-60).filter((row) => row.record['State'] === 'Open');
  if (open.length > 3 && random.chance(0.6)) { world.update('tasks', random.pick(open).id, { State: 'Closed', ClosedUtc: iso(atMs) }, atMs); return; }
  writerOf(world, random, house, atMs).save('tasks', taskOf(owner, random.pick(chores), null, atMs, latest(world, random, 'departments', house)?.id ?? null, random.pick(house.stays).id), [atMs, atMs], 'created');
}

/** Another companion takes the place of one; the reservation shows that something changed, the companionship does not. */
function regroup(world: World, random: Random, house: House, atMs: number): void {
  const companionship = latest(world, random, 'companionships', house)?.record;
  const reservation = companionship && world.get('reservations', textOf(companionship, 'ReservationId'));
  if (!companionship || !reservation) return;
  const { id: customerId } = random.pick(house.profiles.guests);
  if (reservation['AccountId'] !== companionship['CustomerId']) world.vanish('companionships', textOf(companionship, 'Id'));
  putCompanion(writerOf(world, random, house, atMs), reservation, customerId, atMs);
  world.update('reservations', textOf(reservation, 'Id'), {}, atMs);
}

/** Today's balance moves; a new day opens with what the last one closed with. */
function moveLedger(world: World, random: Random, { hotel }: House, atMs: number): void {
  const owner = hotel.enterprise.id;
  const date = dateAt(hotel.enterprise.plan.timeZone, atMs);
  const last = world.rows('ledgerBalances', [owner]).slice(-ledgerTypes.length);
  const today = last.filter((row) => row.record['Date'] === date);
  if (today.length === 0) {
    if (last.every(({ record }) => textOf(record, 'Date') < date)) for (const { record } of last) world.put('ledgerBalances', owner, { ...record, Date: date, OpeningBalance: record['ClosingBalance'] ?? null }, atMs, atMs);
    return;
  }
  const row = random.pick(today);
  world.update('ledgerBalances', row.id, { ClosingBalance: balanceOf(hotel, textOf(row.record, 'LedgerType'), grossOf(row.record['ClosingBalance']) + random.between(5, 120)) }, atMs);
}

function dine(world: World, random: Random, house: House, atMs: number): void {
  const { hotel } = house;
  putOutletBill({ random, hotel, owner: hotel.enterprise.id, writer: writerOf(world, random, house, atMs) }, random.pick(hotel.outletIds), house.nextNumber++, [atMs, atMs]);
}

/** Whoever sets restrictions anew gets them spliced: the same conditions stand under other ids. */
function setAnew(world: World, random: Random, house: House, atMs: number): void {
  const rateId = random.pick(house.hotel.rateIds);
  for (const { id, owner, record, hidden } of world.rows('restrictions', [house.hotel.enterprise.id]).filter((row) => row.hidden?.['RateId'] === rateId)) {
    world.vanish('restrictions', id);
    world.put('restrictions', owner, { ...record, Id: random.uuid() }, atMs, atMs, hidden);
  }
}

export function writerOf(world: World, random: Random, { hotel }: House, atMs: number): Writer { return new Writer(random, hotel.enterprise.id, hotel.enterprise.createdMs, atMs, world.put); }

/** One of the last records of a collection. */
function latest(world: World, random: Random, collection: string, { hotel }: House): Row | undefined {
  const rows = world.rows(collection, [hotel.enterprise.id]).slice(-40);
  return rows.length === 0 ? undefined : random.pick(rows);
}

function grossOf(amount: Json | undefined): number { return isRecord(amount) ? Number(amount['GrossValue']) : 0; }
