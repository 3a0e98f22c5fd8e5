// From an HTTP answer to what it means. Pure; nothing here has seen the request's body, only the secrets that must be masked.
import { secondMs, tokenShaped, type Secret } from '@keyrack/core';
import { MewsError, type MewsErrorKind } from './mews-error.js';

export interface HttpAnswer { status: number; headers: Readonly<Record<string, string | string[] | undefined>>; body: Buffer }

const kindOfStatus: Readonly<Record<number, MewsErrorKind>> = {
  401: 'unauthorized', 403: 'forbidden', 404: 'not_found', 408: 'too_heavy', 409: 'conflict', 410: 'gone', 413: 'too_heavy', 429: 'throttled',
};

/** A Date header further away than this is a broken one; to believe it would move every sync window. */
const clockSkewMaxMs = 24 * 60 * 60 * secondMs;
const messageLengthMax = 1_000;
const tokens = new RegExp(tokenShaped, 'gi');
/** An e-mail address, or the digits of a card: what tells of a guest and can be told by its shape. No group of a UUID or of a time is one. */
const personal = /[^\s<>"'(),;:@]{1,64}@[^\s<>"'(),;:@]{1,255}|(?<![\w-])(?:\d{4}([ -]?)\d{4}\1\d{4}\1\d{1,7}|\d{4}([ -]?)\d{6}\2\d{5})(?![\w-])/g;

/** @throws MewsError `invalid_answer` when a successful answer is not a JSON object. */
export function readBody(path: string, { bytes, requestId }: { bytes: Buffer; requestId: string | null }): Record<string, unknown> {
  const parsed = parseJson(bytes);
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as Record<string, unknown>;
  throw new MewsError('invalid_answer', path, { requestId, executed: 'perhaps', detail: 'Mews answered with something that is not a JSON object' });
}

/** The error that an unsuccessful answer stands for. `now` is Mews' time, to which an HTTP date in Retry-After relates. */
export function errorOf(path: string, answer: HttpAnswer, secrets: readonly Secret[], now: Date): MewsError {
  const { status } = answer;
  const facts = {
    status, requestId: requestIdOf(answer, secrets), mewsMessage: messageOf(answer, secrets),
    retryAfterMs: retryAfterMs(header(answer, 'retry-after'), now), executed: status >= 500 || status === 408 ? 'perhaps' : 'no',
  } as const;
  if (status < 400) return new MewsError('invalid_answer', path, { ...facts, executed: 'perhaps', detail: `Mews answered with a redirect or an unknown status (${status}); redirects are not followed` });
  return new MewsError(status >= 500 ? 'server' : kindOfStatus[status] ?? 'bad_request', path, facts);
}

/** Seconds or an HTTP date; null where it is absent or makes no sense. */
export function retryAfterMs(text: string | undefined, now: Date): number | null {
  if (text === undefined) return null;
  if (/^\s*\d{1,9}(\.\d+)?\s*$/.test(text)) return Math.max(Math.ceil(Number(text) * secondMs), secondMs);
  const at = Date.parse(text);
  return Number.isNaN(at) || !/[a-z]/i.test(text) ? null : Math.max(at - now.getTime(), secondMs);
}

/** When Mews answered by its own clock, or null where the header is absent or beyond belief. */
export function dateOf(answer: HttpAnswer, now: Date): Date | null {
  const at = Date.parse(header(answer, 'date') ?? '');
  return Number.isNaN(at) || Math.abs(at - now.getTime()) > clockSkewMaxMs ? null : new Date(at);
}

export function requestIdOf(answer: HttpAnswer, secrets: readonly Secret[]): string | null {
  const id = header(answer, 'request-id') ?? '';
  return /^[\w.:|-]{1,128}$/.test(id) ? mask(id, secrets) : null;
}

function messageOf({ body }: HttpAnswer, secrets: readonly Secret[]): string | null {
  if (body.length > 65_536) return null;
  const parsed = parseJson(body);
  const message: unknown = typeof parsed === 'object' && parsed !== null && 'Message' in parsed ? parsed.Message : null;
  return typeof message === 'string' && message !== '' ? storable(mask(message, secrets).replace(personal, '…').slice(0, messageLengthMax)) : null;
}

/** Text of Mews without what Postgres does not store: control characters, and halves of surrogate pairs, which jsonb refuses. */
export const storable = (text: string): string => text.replace(/\p{Surrogate}/gu, '\ufffd').replace(/[\u0000-\u001f\u007f]+/g, ' ');

/** Mews' words without our tokens, in whatever case, and without anything that has the shape of a token. */
export function mask(text: string, secrets: readonly Secret[]): string {
  const values = secrets.map((secret) => secret.reveal()).filter((value) => value !== '');
  const masked = values.reduce((rest, value) => rest.replace(new RegExp(value.replace(/[^\w]/g, '\\$&'), 'gi'), '[secret]'), text);
  return masked.replace(tokens, '[secret]');
}

function header({ headers }: HttpAnswer, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;   // each caller says what is wrong with a body that is not JSON; the parser's own words quote it
  }
}
