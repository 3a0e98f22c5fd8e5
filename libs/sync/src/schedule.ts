// When a collection is pulled next: an interval, or a cron expression in a time zone.
import { Cron } from 'croner';
import { z } from 'zod';
import { durationMs, minuteMs } from '@keyrack/core';

const EVERY_MIN_MS = minuteMs;
const EVERY_MAX_MS = 31 * 24 * 60 * minuteMs;

const every = z.string().refine((text) => {
  const ms = durationMs(text);
  return ms !== null && ms >= EVERY_MIN_MS && ms <= EVERY_MAX_MS;
}, 'must be 1 minute to 31 days, as an ISO 8601 duration such as PT15M');

const timeZone = z.string().refine((zone) => {
  try { return Boolean(new Intl.DateTimeFormat('en', { timeZone: zone })); } catch { return false; }
}, 'must be an IANA time zone, for example Europe/Prague');

const cron = z.string().max(100).refine((text) => {
  try { return text.trim().split(/\s+/).length === 5 && new Cron(text).nextRun() !== null; } catch { return false; }
}, 'must be a cron expression of five fields that will come, for example 0 3 * * *');

/** What a person sets: either `every`, or `cron` with `timeZone`. */
export const scheduleInput = z.strictObject({
  every: every.optional().describe('ISO 8601 duration between runs'),
  cron: cron.optional().describe('Five fields: minute, hour, day of month, month, day of week'),
  timeZone: timeZone.optional().describe('IANA zone of the cron expression; the enterprise\'s own when left out'),
  enabled: z.boolean().default(true),
}).superRefine((value, context) => {
  if ((value.every === undefined) === (value.cron === undefined)) context.addIssue({ code: 'custom', path: [value.every === undefined ? 'every' : 'cron'], message: 'give either every or cron' });
  if (value.every !== undefined && value.timeZone !== undefined) context.addIssue({ code: 'custom', path: ['timeZone'], message: 'goes with cron only' });
});
export type ScheduleInput = z.infer<typeof scheduleInput>;

export interface Cadence { every: string | null; cron: string | null; timeZone: string | null }

/** The first time after `now` that the schedule is due. An interval counts from now: a backlog is one run, not many. */
export function nextRunAt(cadence: Cadence, now: Date): Date {
  if (cadence.cron !== null) {
    const next = new Cron(cadence.cron, { timezone: cadence.timeZone ?? 'UTC' }).nextRun(now);
    if (next) return next;
  }
  return new Date(now.getTime() + (durationMs(cadence.every ?? 'PT1H') ?? 60 * minuteMs));
}

const instant = z.iso.datetime();

export const freshnessShape = z.object({
  state: z.enum(['never', 'fresh', 'stale', 'unavailable']).describe('fresh: read completely within two intervals'),
  lagSeconds: z.int().nullable().describe('Seconds since the state of Mews that is stored here'),
}).meta({ id: 'Freshness' });

export const scheduleShape = z.object({
  id: z.guid(), enterpriseId: z.guid(), enterpriseName: z.string(), collection: z.string(),
  every: z.string().nullable(), cron: z.string().nullable(), timeZone: z.string().nullable(), enabled: z.boolean(),
  paused: z.object({ reason: z.string() }).nullable().describe('Why it does not run although it is enabled'),
  nextRunAt: instant.nullable(),
  lastRun: z.object({ id: z.guid(), state: z.string(), finishedAt: instant.nullable() }).nullable(),
  freshness: freshnessShape,
}).meta({ id: 'Schedule' });
export type ScheduleView = z.infer<typeof scheduleShape>;

/** How old the stored state may be: two intervals, or two days for a cron expression. */
export function freshness(state: { highWater: Date | null; unavailable: boolean; every: string | null }, now: Date): z.infer<typeof freshnessShape> {
  if (state.unavailable) return { state: 'unavailable', lagSeconds: null };
  if (state.highWater === null) return { state: 'never', lagSeconds: null };
  const lagMs = Math.max(0, now.getTime() - state.highWater.getTime());
  const allowedMs = 2 * (state.every === null ? 24 * 60 * minuteMs : durationMs(state.every) ?? 0) + minuteMs;
  return { state: lagMs <= allowedMs ? 'fresh' : 'stale', lagSeconds: Math.round(lagMs / 1_000) };
}
