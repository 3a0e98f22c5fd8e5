// Durations and Mews' time texts. Instants are Date, spans are milliseconds.
const DURATION = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

export const secondMs = 1_000;
export const minuteMs = 60_000;
export const hourMs = 3_600_000;
export const dayMs = 86_400_000;

/** Milliseconds of an ISO 8601 duration of days, hours, minutes and seconds (`PT15M`, `P1DT6H`), or null if it is none. */
export function durationMs(text: string): number | null {
  const match = DURATION.exec(text);
  if (!match || text === 'P' || text.endsWith('T')) return null;
  const [, days = '0', hours = '0', minutes = '0', seconds = '0'] = match;
  return Number(days) * dayMs + Number(hours) * hourMs + Number(minutes) * minuteMs + Number(seconds) * secondMs;
}

/** `YYYY-MM-DDThh:mm:ssZ`, the form Mews documents; fractions of a second are cut. */
export const mewsTime = (at: Date): string => `${at.toISOString().slice(0, 19)}Z`;

/** The same day and time a number of calendar months away, clamped to the end of a shorter month. */
export function addMonths(at: Date, months: number): Date {
  const moved = new Date(at);
  moved.setUTCDate(1);
  moved.setUTCMonth(moved.getUTCMonth() + months);
  const lastDay = new Date(Date.UTC(moved.getUTCFullYear(), moved.getUTCMonth() + 1, 0)).getUTCDate();
  moved.setUTCDate(Math.min(at.getUTCDate(), lastDay));
  return moved;
}

/** A row as it is answered: each instant as its ISO 8601 text. */
export type WithIsoTimes<Row> = { [Key in keyof Row]: Row[Key] extends Date ? string : Row[Key] extends Date | null ? string | null : Row[Key] };

/** Turns the instants of a row into ISO 8601 texts in UTC; all else stays. */
export const withIsoTimes = <Row extends object>(row: Row): WithIsoTimes<Row> =>
  Object.fromEntries(Object.entries(row).map(([key, value]) => [key, value instanceof Date ? value.toISOString() : value])) as WithIsoTimes<Row>;
