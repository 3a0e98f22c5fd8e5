// What an answer of Mews means.
import { expect, test } from '@jest/globals';
import { Secret } from '@keyrack/core';
import { dateOf, errorOf, mask, readBody, retryAfterMs, type HttpAnswer } from './mews-answer.js';

const now = new Date('2026-05-05T10:00:00Z');
const answer = (status: number, body: string, headers: HttpAnswer['headers'] = {}): HttpAnswer => ({ status, headers, body: Buffer.from(body) });

test.each([
  [400, 'bad_request', 'no'], [401, 'unauthorized', 'no'], [403, 'forbidden', 'no'], [404, 'not_found', 'no'], [408, 'too_heavy', 'perhaps'],
  [409, 'conflict', 'no'], [410, 'gone', 'no'], [413, 'too_heavy', 'no'], [415, 'bad_request', 'no'], [429, 'throttled', 'no'],
  [500, 'server', 'perhaps'], [502, 'server', 'perhaps'], [503, 'server', 'perhaps'], [301, 'invalid_answer', 'perhaps'], [308, 'invalid_answer', 'perhaps'],
])('%i is %s, executed: %s', (status, kind, executed) => {
  const error = errorOf('bills/getAll', answer(status, '{"Message":"So it is."}', { 'request-id': 'r-1' }), [], now);
  expect(error).toMatchObject({ kind, executed, status, requestId: 'r-1', mewsMessage: 'So it is.' });
});

test('Retry-After is seconds or a date by the clock of Mews; nonsense counts as absent', () => {
  expect(retryAfterMs('7', now)).toBe(7_000);
  expect(retryAfterMs('1.5', now)).toBe(1_500);
  expect(retryAfterMs('0', now)).toBe(1_000);
  expect(retryAfterMs('Tue, 05 May 2026 10:00:30 GMT', now)).toBe(30_000);
  expect(retryAfterMs('Tue, 05 May 2026 09:00:00 GMT', now)).toBe(1_000);
  for (const text of [undefined, '', '-5', 'soon', '2026-05-05']) expect(retryAfterMs(text, now)).toBeNull();
});

test('a token in the words of Mews is masked, in any case, also one that we do not know', () => {
  const token = 'AB.C+D', other = `${'0A'.repeat(16)}-${'0B'.repeat(15)}C`;
  expect(mask(`Invalid ab.c+d and ${other}!`, [new Secret(token)])).toBe('Invalid [secret] and [secret]!');
  expect(JSON.stringify(errorOf('x/get', answer(401, JSON.stringify({ Message: `bad ${token}` })), [new Secret(token)], now))).not.toContain(token);
});

test('anything but a JSON object is no answer', () => {
  for (const body of ['', '[]', 'null', '"x"', '{"Bills":[', '<html>']) {
    expect(() => readBody('bills/getAll', { bytes: Buffer.from(body), requestId: null })).toThrow(expect.objectContaining({ kind: 'invalid_answer', executed: 'perhaps' }));
  }
});

test('a clock beyond belief is not believed', () => {
  expect(dateOf(answer(200, '', { date: 'Tue, 05 May 2026 10:04:00 GMT' }), now)).toEqual(new Date('2026-05-05T10:04:00Z'));
  expect(dateOf(answer(200, '', { date: 'Tue, 05 May 2099 10:04:00 GMT' }), now)).toBeNull();
  expect(dateOf(answer(200, ''), now)).toBeNull();
});
