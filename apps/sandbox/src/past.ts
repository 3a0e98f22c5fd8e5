// A hotel as its further collections see it when they are generated: its last stays, what was paid and billed, and its days.
import type { ChainProfiles } from './generate-guests.js';
import { words, type Hotel, type Sink } from './generate-hotel.js';
import type { Stay } from './generate-stays.js';
import { dayMs, iso, textOf, type MewsRecord } from './record.js';
import { Writer } from './writer.js';

export interface Visit { readonly stay: Stay; readonly reservation: MewsRecord }

export class Past {
  private readonly today: string;
  /** Times in a zone are slow to find. */
  private readonly starts = new Map<number, number>();
  constructor(readonly seed: string, readonly writer: Writer, readonly hotel: Hotel, readonly profiles: ChainProfiles, readonly visits: readonly Visit[], readonly payments: readonly MewsRecord[], readonly bills: readonly MewsRecord[]) {
    this.today = dateAt(hotel.enterprise.plan.timeZone, writer.epochMs);
  }

  get random() { return this.writer.random; }
  get owner() { return this.writer.owner; }
  readonly words = (text: string): MewsRecord => words(this.hotel.enterprise, text);
  /** When the day that many days from today starts where the hotel is. */
  day(days: number): number {
    const startMs = this.starts.get(days) ?? startOf(this.hotel.enterprise.plan.timeZone, this.date(days));
    this.starts.set(days, startMs);
    return startMs;
  }
  date(days: number): string { return iso(Date.parse(this.today) + days * dayMs).slice(0, 10); }
}

/** Keeps what the past needs of all that is put while a hotel's stays are made. */
export class Keeper {
  private readonly reservations = new Map<string, MewsRecord>();
  private readonly payments: MewsRecord[] = [];
  private readonly bills: MewsRecord[] = [];
  constructor(private readonly to: Sink) {}

  readonly put: Sink = (collection, owner, record, createdMs, updatedMs, hidden) => {
    if (collection === 'reservations') this.reservations.set(textOf(record, 'Id'), record);
    else if (collection === 'payments') this.payments.push(record);
    else if (collection === 'bills' && record['State'] === 'Closed') this.bills.push(record);
    this.to(collection, owner, record, createdMs, updatedMs, hidden);
  };

  /** The hotel with its last `most` stays, the newest first. */
  past(seed: string, writer: Writer, hotel: Hotel, profiles: ChainProfiles, stays: readonly Stay[], most: number): Past {
    const newest = stays.toSorted((x, y) => y.createdMs - x.createdMs).slice(0, most);
    const visits = newest.flatMap((stay) => { const reservation = this.reservations.get(stay.id); return reservation ? [{ stay, reservation }] : []; });
    const ids = new Set(newest.map((stay) => stay.id));
    return new Past(seed, writer, hotel, profiles, visits, this.payments.filter((payment) => ids.has(textOf(payment, 'ReservationId'))), this.bills.slice(-most));
  }
}

const offsets = new Map<string, Intl.DateTimeFormat>();

/** The date, YYYY-MM-DD, that it is in a time zone. */
export function dateAt(timeZone: string, ms: number): string { return iso(ms + offsetMs(timeZone, ms)).slice(0, 10); }

/** Midnight of a date in a time zone. */
function startOf(timeZone: string, date: string): number {
  const midnight = Date.parse(date);
  return midnight - offsetMs(timeZone, midnight - offsetMs(timeZone, midnight));
}

/** How far the clocks of a time zone are ahead of UTC. */
function offsetMs(timeZone: string, ms: number): number {
  const format = offsets.get(timeZone) ?? new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  offsets.set(timeZone, format);
  const [, sign, hours = '0', minutes = '0'] = /GMT([+-])(\d\d):(\d\d)/.exec(format.format(ms)) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
