// What follows from an error within a run. Pure: the runner acts on the answer.
import { AppError, isStoreAway, minuteMs, secondMs } from '@keyrack/core';
import { MewsError } from '@keyrack/mews';
import type { RunError, WaitReason } from './run.js';

export type Verdict =
  /** Come back later; only `retry` counts against the attempts, and not where Mews was not even asked. */
  | { kind: 'park'; ms: number; reason: WaitReason; error: RunError | null; unasked?: true }
  /** The request was too heavy: ask for less. */
  | { kind: 'split' }
  /** 401: the token, or the permission for this one collection. Only another request can tell. */
  | { kind: 'unauthorized'; error: RunError }
  /** The collection cannot be read any more, whatever is done. */
  | { kind: 'unavailable'; error: RunError }
  /** Not its turn yet: what it needs was never read. Nothing failed, and its schedule tries again. */
  | { kind: 'skip'; error: RunError }
  /** Refused again and again: Mews is down, or it is this operation alone. Only another request can tell; wait if it is Mews. */
  | { kind: 'doubtful'; ms: number; reason: WaitReason; error: RunError }
  /** The token cannot be used at present; its schedules pause by themselves. */
  | { kind: 'fail'; error: RunError };

/** Failures in a row after which a run is given up: what is wrong with its request or its answer is wrong the next time too. */
export const ATTEMPTS_MAX = 8;
/** Where Mews or the way to it is down, about three hours: a run that is given up begins anew, and a first load has hours behind it. */
export const OUTAGE_ATTEMPTS_MAX = 60;

/** @param attempts failures in a row so far; @param random 0 to 1, spreads those that failed together */
export function judge(error: unknown, attempts: number, random: number): Verdict {
  if (error instanceof MewsError) return judgeMews(error, attempts, random);
  if (error instanceof AppError) {
    const described = { code: error.code, message: error.detail };
    if (error.code === 'collection.unavailable') return { kind: 'unavailable', error: described };
    return error.code === 'run.dependency_missing' ? { kind: 'skip', error: described } : { kind: 'fail', error: described };
  }
  // Nothing is wrong with the run, however long it lasts.
  if (isStoreAway(error)) return { kind: 'park', ms: Math.round(secondMs * (1 + random)), reason: 'outage', error: { code: 'store.unavailable', message: 'The database or the queue did not answer' } };
  // Ours: nothing says that it would fail again.
  return retry({ code: 'internal', message: 'Something went wrong on our side; the log has the cause' }, attempts, random);
}

function judgeMews(error: MewsError, attempts: number, random: number): Verdict {
  const described = describe(error);
  // Others did not reach Mews just now. They come back one by one, since the first of them tries for all.
  if (error.kind === 'unreachable' && error.unsent && error.retryAfterMs !== null) return { kind: 'park', ms: Math.round(error.retryAfterMs * (1 + random / 2)), reason: 'retry', error: described, unasked: true };
  switch (error.kind) {
    case 'throttled':
      return error.status === 429
        ? { kind: 'park', ms: error.retryAfterMs ?? 30 * secondMs, reason: 'throttled', error: described }
        : { kind: 'park', ms: error.retryAfterMs ?? secondMs, reason: 'budget', error: null };
    // Asked for less already, where less can be asked: Mews took too long, and may not the next time.
    case 'too_heavy': return error.status === 408 ? retry(described, attempts, random) : { kind: 'split' };
    case 'unauthorized': return { kind: 'unauthorized', error: described };
    case 'gone': return { kind: 'unavailable', error: described };
    case 'server': case 'unreachable': return (attempts + 1) % ATTEMPTS_MAX === 0 ? doubted(described, attempts, random) : retry(described, attempts, random, OUTAGE_ATTEMPTS_MAX);
    case 'invalid_answer': case 'conflict': return retry(described, attempts, random);
    case 'bad_request': case 'forbidden': case 'not_found': return { kind: 'fail', error: described };
  }
}

/** 1 s, doubled each time up to 5 minutes, of which a random half is taken off. */
function retry(error: RunError, attempts: number, random: number, attemptsMax = ATTEMPTS_MAX): Verdict {
  if (attempts + 1 >= attemptsMax) return { kind: 'fail', error };
  const fullMs = Math.min(secondMs * 2 ** attempts, 5 * minuteMs);
  return { kind: 'park', ms: Math.round(fullMs * (0.5 + random / 2)), reason: 'retry', error };
}

function doubted(error: RunError, attempts: number, random: number): Verdict {
  const verdict = retry(error, attempts, random, OUTAGE_ATTEMPTS_MAX);
  return verdict.kind === 'park' ? { kind: 'doubtful', ms: verdict.ms, reason: verdict.reason, error } : verdict;
}

const codes = { throttled: 'mews.throttled', unreachable: 'mews.unreachable', server: 'mews.failed', invalid_answer: 'mews.invalid_answer' } as const;

export const describe = (error: MewsError): RunError => ({
  code: error.kind in codes ? codes[error.kind as keyof typeof codes] : `mews.${error.kind}`,
  message: error.detail,
  ...(error.status !== null && { status: error.status }),
  ...(error.requestId !== null && { requestId: error.requestId }),
});
