// Numbers, lengths of time and intervals as people read them.
const whole = new Intl.NumberFormat('en-GB');
export const count = (value: number | undefined | null): string => (value === undefined || value === null ? '–' : whole.format(value));
export const plural = (value: number, one: string, many = `${one}s`): string => `${count(value)} ${value === 1 ? one : many}`;

/** 950 -> "under 1 s", 18_400 -> "18 s", 200_000 -> "3 min 20 s", 9_000_000 -> "2 h 30 min". */
export function duration(ms: number): string {
  if (ms < 1_000) return ms <= 0 ? '0 s' : 'under 1 s';
  const seconds = Math.round(ms / 1_000);
  const parts: [number, string][] = [[Math.floor(seconds / 86_400), 'd'], [Math.floor(seconds / 3_600) % 24, 'h'], [Math.floor(seconds / 60) % 60, 'min'], [seconds % 60, 's']];
  const from = parts.findIndex(([value]) => value > 0);
  return parts.slice(from, from + 2).filter(([value]) => value > 0).map(([value, unit]) => `${value} ${unit}`).join(' ');
}

/** The same to its largest unit: "3 min". */
export const roughly = (ms: number): string => duration(ms).split(' ').slice(0, 2).join(' ');

/** "PT15M" -> 900_000; null for what is not an ISO 8601 duration of days, hours, minutes and seconds. */
export function isoToMs(text: string): number | null {
  const [whole_, d, h, m, s] = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text) ?? [];
  const ms = ((Number(d ?? 0) * 24 + Number(h ?? 0)) * 60 + Number(m ?? 0)) * 60_000 + Number(s ?? 0) * 1_000;
  return whole_ === undefined || ms === 0 ? null : ms;
}

export function interval(schedule: { every?: string | null; cron?: string | null; timeZone?: string | null }): string {
  if (schedule.every) {
    const ms = isoToMs(schedule.every);
    return `every ${ms === null ? schedule.every : duration(ms)}`;
  }
  return schedule.cron ? `cron ${schedule.cron} (${schedule.timeZone ?? 'UTC'})` : 'not set';
}

/** orderItems -> "Order items" */
export const collectionName = (name: string): string => {
  const words = name.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
};
export const shortId = (id: string): string => (id.length > 13 ? `${id.slice(0, 8)}…` : id);
