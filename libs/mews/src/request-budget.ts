// How many requests Mews may get from us per AccessToken, across all processes. Mews counts per AccessToken, so the key is its fingerprint.
import { minuteMs, secondMs } from '@keyrack/core';

/** What Mews allows: so many requests in any window of so many seconds. */
export interface RequestLimit { readonly requests: number; readonly seconds: number }

/** `interactive`: a person waits for it. `background`: a sync, which leaves the last few requests to persons. */
export type BudgetUse = 'interactive' | 'background';

export type BudgetAnswer = { granted: true } | { granted: false; waitMs: number };
export interface BudgetUsage { used: number; limit: number; windowSeconds: number; blockedMs: number }

/** An exact sliding log of granted requests. It refuses when its store fails or has lost its memory; it never fails open. */
export abstract class RequestBudget {
  /** Spends one request, or says after how long to ask again. Waits differ a little, so that waiters do not come back all at once. */
  abstract take(key: string, limit: RequestLimit, use: BudgetUse): Promise<BudgetAnswer>;
  /**
   * Mews answered 429: no process sends with this key for `retryAfterMs` (null: Mews did not say, so longer each time), and the limit is
   * tightened for a while. Answers for how long the key is blocked.
   */
  abstract throttled(key: string, retryAfterMs: number | null, limit: RequestLimit): Promise<number>;
  /** What is spent now, for display. Keys that were never used are left out. */
  abstract usage(keys: readonly string[]): Promise<Map<string, BudgetUsage>>;
}

/** The numbers of one limit, as both stores take them. */
export interface Allowance {
  readonly windowMs: number;
  readonly full: number;
  readonly tight: number;
  /** What background use leaves: little while nobody is about, more in the minutes after an interactive request. */
  readonly reserve: number;
  readonly reserveBusy: number;
}

/**
 * Requests reach Mews later than we grant them, by a jitter that may push two windows' worth into one of theirs: a second more and 2.5 %
 * less drew no 429 where the exact limit drew 4 %.
 */
export function allowanceOf({ requests, seconds }: RequestLimit): Allowance {
  const full = Math.max(1, Math.floor(requests * 0.975));
  return {
    windowMs: (seconds + 1) * secondMs, full, tight: Math.max(1, Math.floor(requests * 0.9)),
    reserve: Math.min(full - 1, Math.ceil(full * 0.01)), reserveBusy: Math.min(full - 1, Math.ceil(full * 0.05)),
  };
}

export const tightenedMs = 5 * minuteMs;
export const busyMs = 10 * minuteMs;
/** First pause after a 429 without Retry-After; doubled by each further one in a row. */
export const backoffMs = 2 * secondMs;
export const backoffMaxMs = minuteMs;
/** A Retry-After beyond this is taken for a mistake. */
export const retryAfterMaxMs = 60 * minuteMs;

/** Spreads waiters over a fifth of a second; short against the window, so that little of the quota is lost. */
export const withJitter = (waitMs: number): number => Math.ceil(Math.max(1, waitMs) + Math.random() * 200);
