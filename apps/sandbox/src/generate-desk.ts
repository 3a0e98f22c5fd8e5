// The front desk's own: tasks, who shares a room, notes, keys, blocked rooms, side orders, and where bookings came from.
import { sourceIds } from './generate-platform.js';
import type { Past, Visit } from './past.js';
import { wishes } from './places.js';
import { dayMs, hourMs, iso, type MewsRecord } from './record.js';
import { everyNth } from './writer.js';

export function fillDesk(past: Past): void {
  const { visits } = past;
  fillTasks(past);
  fillResourceBlocks(past);
  const sources = sourceIds(past.seed);
  for (const visit of visits) {
    accompany(past, visit);
    assignSources(past.writer, visit, sources);
  }
  for (const visit of everyNth(visits, 3)) putNote(past, visit.stay.id, visit.stay.createdMs);
  for (const visit of everyNth(visits, 9)) order(past, visit);
  for (const visit of visits.filter(({ reservation }) => reservation['AssignedResourceId'] !== null).slice(0, 60)) handKey(past, visit);
}

export const chores: readonly string[] = ['Bring a cot', 'Check the shower drain', 'Replace key card', 'Flowers for arrival', 'Call back about the invoice', 'Fix the window latch', 'Fetch parcel from the post', 'Extra blankets'];

function fillTasks(past: Past): void {
  const { writer, random, owner, visits } = past;
  const department = (name: string, active = true): string => writer.save('departments', { EnterpriseId: owner, IsActive: active, Name: name }, writer.founded());
  const departments = [department('Housekeeping'), department('Maintenance'), department('Front office'), department('Kitchen')];
  department('Laundry (contracted out)', false);
  everyNth(visits, 4).forEach(({ stay }, i) => {
    const times = writer.since(stay.createdMs, 0.5);
    const closed = i % 5 !== 0;
    writer.save('tasks', taskOf(owner, chores[i % chores.length] ?? '', closed ? iso(Math.min(times[0] + random.between(1, 48) * hourMs, writer.epochMs)) : null, times[0], random.pick(departments), stay.id), times, 'created');
  });
}

export function taskOf(owner: string, name: string, closedUtc: string | null, atMs: number, departmentId: string | null, serviceOrderId: string | null): MewsRecord {
  return {
    EnterpriseId: owner, Name: name, State: closedUtc === null ? 'Open' : 'Closed', Description: null, DepartmentId: departmentId, ServiceOrderId: serviceOrderId,
    DeadlineUtc: iso(atMs + 2 * dayMs), ClosedUtc: closedUtc,
  };
}

function fillResourceBlocks(past: Past): void {
  const { writer, random, owner, hotel } = past;
  Array.from({ length: 14 }, (_, i) => 20 - i * 9).forEach((from, i) => {
    const times = writer.since(past.day(from) - random.int(1, 20) * dayMs, 0.5);
    const deleted = i % 4 === 3;
    writer.save('resourceBlocks', {
      EnterpriseId: owner, AssignedResourceId: random.pick(hotel.roomIds), IsActive: !deleted, Type: i % 3 === 2 ? 'InternalUse' : 'OutOfOrder',
      StartUtc: iso(past.day(from) + 9 * hourMs), EndUtc: iso(past.day(from + random.int(1, 4)) + 12 * hourMs), DeletedUtc: deleted ? iso(times[1]) : null,
      Name: random.pick(['Water damage', 'New carpet', 'Staff lodging', 'Painting', 'Window repair']), Notes: random.maybe(0.3, () => 'Key is with the janitor'),
    }, times);
  });
}

/** Whoever booked, and the others of the party. */
function accompany({ writer, random, profiles }: Past, { stay, reservation }: Visit): void {
  const others = Array.from({ length: stay.persons - 1 }, () => random.pick(profiles.guests).id);
  for (const customerId of new Set([stay.guest.id, ...others])) putCompanion(writer, reservation, customerId, stay.createdMs);
}

export function putCompanion(writer: Pick<Past['writer'], 'save'>, reservation: MewsRecord, customerId: string, atMs: number): void {
  writer.save('companionships', { CustomerId: customerId, ReservationGroupId: reservation['GroupId'] ?? null, ReservationId: reservation['Id'] ?? null }, [atMs, atMs], 'neither');
}

/** What came by a channel came from a source. Not shown: of which group; the older operation tells that instead of the reservation. */
export function assignSources(writer: Pick<Past['writer'], 'save' | 'random'>, { stay, reservation }: Visit, sources: readonly string[]): void {
  if (reservation['Origin'] !== 'ChannelManager') return;
  const { random } = writer;
  const [first, second] = [random.pick(sources.slice(0, 3)), random.pick(sources.slice(3))];
  const at = [stay.createdMs, stay.createdMs] as const;
  for (const sourceId of random.chance(0.2) ? [first, second] : [first]) {
    const shown = { ReservationId: stay.id, SourceId: sourceId, IsPrimary: sourceId === first };
    writer.save('sourceAssignments', shown, at, 'updated', { ReservationGroupId: reservation['GroupId'] ?? null });
  }
}

function putNote({ writer, random }: Past, orderId: string, atMs: number): void {
  writer.save('serviceOrderNotes', { OrderId: orderId, Text: random.pick(wishes), Type: random.pick(['General', 'General', 'ChannelManager', 'SpecialRequest']) }, writer.since(atMs, 0.2));
}

function order(past: Past, { stay, reservation }: Visit): void {
  const { writer, random, hotel, visits } = past;
  const times = writer.since(stay.createdMs, 0.5);
  const state = stay.state === 'Canceled' ? 'Canceled' : random.pick(['Confirmed', 'Processed']);
  const id = writer.save('productServiceOrders', {
    ServiceId: hotel.foodServiceId, AccountId: stay.guest.id, AccountType: 'Customer', CreatorProfileId: stay.staffId, UpdaterProfileId: stay.staffId, BookerId: null,
    Number: String(900_000 + visits.findIndex((visit) => visit.stay === stay)), State: state, Origin: 'Commander', CommanderOrigin: 'InPerson', OriginDetails: null,
    CancelledUtc: state === 'Canceled' ? iso(times[1]) : null,
    VoucherId: null, BusinessSegmentId: null, LinkedReservationId: reservation['Id'] ?? null,
    Options: { OwnerCheckedIn: false, AllCompanionsCheckedIn: false, AnyCompanionCheckedIn: false, ConnectorCheckIn: false },
  }, times);
  if (random.chance(0.3)) putNote(past, id, times[0]);
}

function handKey({ writer, random, owner }: Past, { stay, reservation }: Visit): void {
  writer.save('resourceAccessTokens', {
    EnterpriseId: owner, ServiceOrderId: stay.id, CompanionshipId: null, ResourceId: reservation['AssignedResourceId'] ?? null, Type: random.pick(['PinCode', 'RfidTag']),
    Value: `${random.int(100_000, 999_999)}#`, SerialNumber: null, ValidityStartUtc: reservation['ScheduledStartUtc'] ?? null, ValidityEndUtc: reservation['ScheduledEndUtc'] ?? null,
    Permissions: { Bed: false, Room: true, Floor: random.chance(0.2), Building: true }, IsActive: stay.state === 'Started' || stay.state === 'Confirmed',
  }, writer.since(stay.startMs - dayMs, 0.3));
}
