// One exchange over HTTP: time limits, a size limit, no redirects. Whatever fails is told without the request, whose body holds the tokens.
import { Agent, request } from 'undici';
import { secondMs } from '@keyrack/core';
import type { HttpAnswer } from './mews-answer.js';
import { MewsError } from './mews-error.js';
import { NOT_PUBLIC, publicConnector } from './public-only.js';

export interface HttpLimits {
  connectMs: number;
  /** From the request's end to the answer's first byte. */
  headersMs: number;
  /** Between two pieces of the answer. */
  bodyMs: number;
  /** The whole exchange, so that an answer that drips does not hold a worker for ever. */
  totalMs: number;
  /** A worker reads as many answers at once as it has places: together they must not fill it. A thousand records of 8 KB fit; where they do not, less is asked for. */
  responseBytesMax: number;
  connectionsPerHost: number;
  /** Where connections may go: to addresses of the internet only, unless the operator allows private ones. */
  addresses: 'public' | 'any';
}

const defaults: HttpLimits = {
  connectMs: 10 * secondMs, headersMs: 90 * secondMs, bodyMs: 30 * secondMs, totalMs: 180 * secondMs, responseBytesMax: 8 * 1024 * 1024, connectionsPerHost: 64, addresses: 'public',
};

/** Nothing was sent yet when these happen. */
const beforeSending = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT']);

export class MewsHttp {
  readonly #limits: HttpLimits;
  readonly #agent: Agent;

  constructor(limits: Partial<HttpLimits> = {}) {
    this.#limits = { ...defaults, ...limits };
    const { connectMs, headersMs, bodyMs, connectionsPerHost, addresses } = this.#limits;
    const connect = addresses === 'any' ? { timeout: connectMs } : publicConnector(connectMs);
    this.#agent = new Agent({ connect, headersTimeout: headersMs, bodyTimeout: bodyMs, connections: connectionsPerHost, pipelining: 1, maxHeaderSize: 16_384 });
  }

  /** @throws MewsError `unreachable`, `too_heavy` or `invalid_answer`; or the signal's reason when the caller gave up. */
  async post(path: string, url: string, body: string, signal: AbortSignal | undefined): Promise<HttpAnswer> {
    signal?.throwIfAborted();
    const stop = new AbortController();
    const giveUp = (): void => { stop.abort(); };
    const timer = setTimeout(giveUp, this.#limits.totalMs);
    signal?.addEventListener('abort', giveUp);
    try {
      const answer = await request(url, {
        dispatcher: this.#agent, method: 'POST', body, signal: stop.signal,
        headers: { 'content-type': 'application/json', accept: 'application/json' },
      });
      return { status: answer.statusCode, headers: answer.headers, body: await this.#read(path, answer.body) };
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof MewsError) throw error;
      throw rebuilt(path, error, stop.signal.aborted ? `no complete answer within ${this.#limits.totalMs / secondMs} s` : undefined);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
    }
  }

  async close(): Promise<void> { await this.#agent.destroy(); }

  async #read(path: string, body: AsyncIterable<Buffer>): Promise<Buffer> {
    const pieces: Buffer[] = [];
    let bytes = 0;
    for await (const piece of body) {
      bytes += piece.length;
      // Leaving the loop destroys the stream and its connection: the rest is never read.
      if (bytes > this.#limits.responseBytesMax) throw new MewsError('too_heavy', path, { executed: 'perhaps', detail: `the answer is larger than ${this.#limits.responseBytesMax} bytes` });
      pieces.push(piece);
    }
    return Buffer.concat(pieces, bytes);
  }
}

/** The client's own errors may hold the request: only their code is kept. */
function rebuilt(path: string, error: unknown, detail: string | undefined): MewsError {
  const code = textOf(error, 'code') ?? textOf(error, 'name') ?? 'unknown';
  if (/^HPE_|^HTTPParserError|^UND_ERR_(HEADERS_OVERFLOW|INVALID)/.test(code)) return new MewsError('invalid_answer', path, { executed: 'perhaps', detail: `the answer is not HTTP (${code})` });
  if (code === NOT_PUBLIC) return new MewsError('unreachable', path, { executed: 'no', detail: 'the host has no public address: set KEYRACK_ALLOW_HTTP_PLATFORM=true where private ones are meant' });
  return new MewsError('unreachable', path, { executed: beforeSending.has(code) || /CERT|TLS|SSL/.test(code) ? 'no' : 'perhaps', detail: detail ?? `the connection failed (${code})` });
}

function textOf(error: unknown, property: 'code' | 'name'): string | undefined {
  const value: unknown = typeof error === 'object' && error !== null && property in error ? Reflect.get(error, property) : undefined;
  return typeof value === 'string' ? value : undefined;
}
