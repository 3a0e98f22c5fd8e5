// Guarantees of schedules: what is accepted, when the next run is, how fresh a collection is called.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dayMs, durationMs, hourMs, minuteMs } from '@keyrack/core';
import { freshness, nextRunAt, scheduleInput } from './schedule.js';

const at = (text: string) => new Date(text);
const cron = (expression: string, timeZone: string) => ({ every: null, cron: expression, timeZone });

describe('the next run', () => {
  test('an interval counts from now, so that a backlog is one run', () => {
    fc.assert(fc.property(fc.constantFrom('PT1M', 'PT15M', 'PT6H', 'P1D'), fc.date({ min: at('2020-01-01T00:00:00Z'), max: at('2040-01-01T00:00:00Z'), noInvalidDate: true }), (every, now) => {
      expect(nextRunAt({ every, cron: null, timeZone: null }, now).getTime() - now.getTime()).toBe(durationMs(every));
    }));
  });

  test.each([
    ['winter', '2026-01-10T12:00:00Z', '2026-01-11T02:00:00Z'],
    ['summer', '2026-07-10T12:00:00Z', '2026-07-11T01:00:00Z'],
    ['the day before the clocks go forward', '2026-03-28T12:00:00Z', '2026-03-29T01:00:00Z'],
    ['the day before they go back', '2026-10-24T12:00:00Z', '2026-10-25T02:00:00Z'],
  ])('03:00 in Prague stays 03:00 there: %s', (_, now, next) => {
    expect(nextRunAt(cron('0 3 * * *', 'Europe/Prague'), at(now)).toISOString()).toBe(at(next).toISOString());
  });

  test('an hour that the clocks skip is not a day lost, and one that comes twice is not a run twice', () => {
    expect(nextRunAt(cron('30 2 * * *', 'Europe/Prague'), at('2026-03-28T12:00:00Z')).getTime()).toBeLessThan(at('2026-03-29T12:00:00Z').getTime());
    const first = nextRunAt(cron('30 2 * * *', 'Europe/Prague'), at('2026-10-24T12:00:00Z'));
    expect(nextRunAt(cron('30 2 * * *', 'Europe/Prague'), first).getTime() - first.getTime()).toBeGreaterThan(20 * hourMs);
  });

  test('it is always later than now', () => {
    fc.assert(fc.property(fc.date({ min: at('2020-01-01T00:00:00Z'), max: at('2040-01-01T00:00:00Z'), noInvalidDate: true }), fc.constantFrom('Europe/Prague', 'Australia/Lord_Howe', 'America/St_Johns', 'UTC'), (now, zone) => {
      expect(nextRunAt(cron('*/15 * * * *', zone), now).getTime()).toBeGreaterThan(now.getTime());
    }));
  });
});

describe('what a person may set', () => {
  test.each([
    [{ every: 'PT15M' }], [{ every: 'P1D', enabled: false }], [{ cron: '0 3 * * *' }], [{ cron: '*/5 0-6 1,15 * 1', timeZone: 'Asia/Tokyo' }],
  ])('%j', (value) => { expect(scheduleInput.safeParse(value).success).toBe(true); });

  test.each([
    [{}, 'every'], [{ every: 'PT15M', cron: '0 3 * * *' }, 'cron'], [{ every: '15 minutes' }, 'every'], [{ every: 'PT30S' }, 'every'], [{ every: 'P40D' }, 'every'], [{ every: 'PT0M' }, 'every'],
    [{ cron: '* * * *' }, 'cron'], [{ cron: '0 0 3 * * *' }, 'cron'], [{ cron: '61 * * * *' }, 'cron'], [{ cron: '0 0 31 2 *' }, 'cron'],
    [{ cron: '0 3 * * *', timeZone: 'Europe/Atlantis' }, 'timeZone'], [{ every: 'PT15M', timeZone: 'Europe/Prague' }, 'timeZone'], [{ every: 'PT15M', enabled: 'yes' }, 'enabled'],
  ])('%j is refused by name', (value, field) => {
    const parsed = scheduleInput.safeParse(value);
    expect(parsed.error?.issues.map((issue) => issue.path[0])).toEqual([field]);
  });
});

test('fresh is what was read completely within two intervals', () => {
  const now = at('2026-01-10T12:00:00Z');
  const state = (agoMs: number | null, every: string | null, unavailable = false) => freshness({ highWater: agoMs === null ? null : new Date(now.getTime() - agoMs), every, unavailable }, now);
  expect(state(null, 'PT15M')).toEqual({ state: 'never', lagSeconds: null });
  expect(state(0, 'PT15M')).toEqual({ state: 'fresh', lagSeconds: 0 });
  expect(state(-5_000, 'PT15M')).toEqual({ state: 'fresh', lagSeconds: 0 });
  expect(state(30 * minuteMs, 'PT15M')).toEqual({ state: 'fresh', lagSeconds: 1_800 });
  expect(state(32 * minuteMs, 'PT15M').state).toBe('stale');
  expect(state(47 * hourMs, null).state).toBe('fresh');
  expect(state(3 * dayMs, null).state).toBe('stale');
  expect(state(0, 'PT15M', true)).toEqual({ state: 'unavailable', lagSeconds: null });
});
