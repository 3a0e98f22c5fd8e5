// What follows from each error: a table.
import { expect, test } from '@jest/globals';
import { AppError, minuteMs, secondMs } from '@keyrack/core';
import { MewsError, type MewsErrorKind } from '@keyrack/mews';
import { ATTEMPTS_MAX, judge, OUTAGE_ATTEMPTS_MAX } from './failure.js';

const of = (kind: MewsErrorKind, facts: ConstructorParameters<typeof MewsError>[2] = {}) => new MewsError(kind, 'bills/getAll', facts);

test.each([
  ['429 with Retry-After', of('throttled', { status: 429, retryAfterMs: 7_000 }), { kind: 'park', ms: 7_000, reason: 'throttled' }],
  ['429 without', of('throttled', { status: 429 }), { kind: 'park', ms: 30_000, reason: 'throttled' }],
  ['our own budget', of('throttled', { retryAfterMs: 400 }), { kind: 'park', ms: 400, reason: 'budget', error: null }],
  ['408 where nothing is left to halve', of('too_heavy', { status: 408 }), { kind: 'park', reason: 'retry', error: { code: 'mews.too_heavy', status: 408 } }],
  ['413', of('too_heavy', { status: 413 }), { kind: 'split' }],
  ['401', of('unauthorized', { status: 401 }), { kind: 'unauthorized' }],
  ['410', of('gone', { status: 410 }), { kind: 'unavailable' }],
  ['400', of('bad_request', { status: 400 }), { kind: 'fail', error: { code: 'mews.bad_request', status: 400 } }],
  ['403', of('forbidden', { status: 403 }), { kind: 'fail' }],
  ['404', of('not_found', { status: 404 }), { kind: 'fail' }],
  ['500', of('server', { status: 500 }), { kind: 'park', reason: 'retry', error: { code: 'mews.failed', status: 500 } }],
  ['a reset', of('unreachable'), { kind: 'park', reason: 'retry', error: { code: 'mews.unreachable' } }],
  ['a host that does not answer, not asked', of('unreachable', { retryAfterMs: 4_000 }), { kind: 'park', ms: 5_000, reason: 'retry', unasked: true, error: { code: 'mews.unreachable' } }],
  ['invalid JSON', of('invalid_answer', { status: 200 }), { kind: 'park', reason: 'retry' }],
  ['409', of('conflict', { status: 409 }), { kind: 'park', reason: 'retry' }],
  ['an error of ours', new Error('secret details'), { kind: 'park', reason: 'retry', error: { code: 'internal', message: expect.not.stringContaining('secret') } }],
  ['a database that restarts', Object.assign(new Error('terminating'), { code: '57P01' }), { kind: 'park', ms: 1_500, reason: 'outage', error: { code: 'store.unavailable' } }],
  ['a connection that was cut', new Error('Connection terminated unexpectedly'), { kind: 'park', reason: 'outage' }],
  ['one of our refusals', new AppError('access_token.not_active', { detail: 'disabled' }), { kind: 'fail', error: { code: 'access_token.not_active', message: 'disabled' } }],
  ['a parent that was never read', new AppError('run.dependency_missing', { detail: 'services first' }), { kind: 'skip', error: { code: 'run.dependency_missing', message: 'services first' } }],
  ['no token that is served', new AppError('collection.unavailable', { detail: 'nobody' }), { kind: 'unavailable', error: { code: 'collection.unavailable', message: 'nobody' } }],
])('%s', (_, error, verdict) => { expect(judge(error, 0, 0.5)).toMatchObject(verdict); });

test.each([
  ['server', of('server', { status: 503 }), OUTAGE_ATTEMPTS_MAX], ['unreachable', of('unreachable'), OUTAGE_ATTEMPTS_MAX],
  ['invalid_answer', of('invalid_answer'), ATTEMPTS_MAX], ['conflict', of('conflict'), ATTEMPTS_MAX], ['internal', new Error('ours'), ATTEMPTS_MAX],
] as const)('%s: waiting doubles with each failure, at most five minutes, a random half taken off; then it is given up', (_, error, attemptsMax) => {
  for (let attempts = 0; attempts < attemptsMax - 1; attempts++) {
    const fullMs = Math.min(secondMs * 2 ** attempts, 5 * minuteMs);
    // At every eighth another request must tell whether it is Mews or this operation alone.
    const kind = (attempts + 1) % ATTEMPTS_MAX === 0 ? 'doubtful' : 'park';
    expect(judge(error, attempts, 1)).toMatchObject({ kind, ms: fullMs });
    expect(judge(error, attempts, 0)).toMatchObject({ kind, ms: fullMs / 2 });
  }
  expect(judge(error, attemptsMax - 1, 1)).toMatchObject({ kind: 'fail' });
});

test('an outage of Mews is waited out for three hours', () => {
  let ms = 0;
  for (let attempts = 0; ; attempts++) {
    const verdict = judge(of('server', { status: 503 }), attempts, 0.5);
    if (verdict.kind !== 'park' && verdict.kind !== 'doubtful') break;
    ms += verdict.ms;
  }
  expect(ms / minuteMs).toBeGreaterThan(180);
  expect(ms / minuteMs).toBeLessThan(240);
});

test('being throttled is never given up, nor is an outage of ours', () => {
  expect(judge(new Error('Connection terminated unexpectedly'), 1_000, 1)).toMatchObject({ kind: 'park' });
  expect(judge(of('throttled', { status: 429 }), 1_000, 1)).toMatchObject({ kind: 'park' });
  expect(judge(of('unreachable', { retryAfterMs: 4_000 }), 1_000, 1)).toMatchObject({ kind: 'park' });
});
