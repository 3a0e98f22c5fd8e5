// The only way to Mews: spends the budget, sends the tokens, tells what came back.
import { setTimeout as sleep } from 'node:timers/promises';
import type { EnvironmentId, Secret } from '@keyrack/core';
import { CircuitBreaker, type GuardedCall } from './circuit-breaker.js';
import { dateOf, errorOf, readBody, requestIdOf, type HttpAnswer } from './mews-answer.js';
import { MewsError } from './mews-error.js';
import { MewsHttp, type HttpLimits } from './mews-http.js';
import { missingScope } from './operation-scope.js';
import type { BudgetUse, RequestBudget, RequestLimit } from './request-budget.js';

/** Whom to call and as whom. Made by the rooms that own environments and tokens; an address never comes from a request. */
export interface MewsTarget {
  environmentId: EnvironmentId;
  platformAddress: string;
  requestLimit: RequestLimit;
  client: string;
  clientToken: Secret;
  accessToken: Secret;
  /** The key of the AccessToken's budget. */
  fingerprint: string;
  kind: 'enterprise' | 'portfolio' | 'unknown';
}

export interface MewsAnswer {
  /** The body as Mews wrote it; `{}` where there was none. */
  bytes: Buffer;
  /** By Mews' clock. */
  answeredAt: Date;
  requestId: string | null;
}

export interface CallOptions {
  use: BudgetUse;
  /** How long to wait in place for budget; where more is needed, the call fails as `throttled` with `retryAfterMs`. */
  maxWaitMs: number;
  signal?: AbortSignal;
}

/** Of an interactive read: somebody waits for it. */
const TRIES_MAX = 3;
/** Read whole, an answer takes many times its size in memory; a thousand enterprises take less than half of this. */
const READ_BYTES_MAX = 4 * 1024 * 1024;

const operationPath = /^[a-zA-Z]+\/[a-zA-Z]+(\/\d{4}-\d{2}-\d{2})?$/;

export class MewsClient {
  readonly #http: MewsHttp;
  readonly #clockOffsetMs = new Map<EnvironmentId, number>();

  constructor(private readonly budget: RequestBudget, limits: Partial<HttpLimits> = {}, private readonly breaker: CircuitBreaker = new CircuitBreaker()) { this.#http = new MewsHttp(limits); }

  /** Like `ask`, and reads the answer's body. @throws MewsError `invalid_answer` too, when that is not a JSON object. */
  async call(target: MewsTarget, path: string, body: Readonly<Record<string, unknown>>, options: CallOptions): Promise<MewsAnswer & { body: Record<string, unknown> }> {
    requireScope(target, path, body);
    return this.#repeated(path, options, async () => {
      const answer = await this.#once(target, path, body, options);
      if (answer.bytes.length > READ_BYTES_MAX) throw new MewsError('invalid_answer', path, { requestId: answer.requestId, executed: 'perhaps', detail: `the answer is larger than ${READ_BYTES_MAX} bytes` });
      return { ...answer, body: readBody(path, answer) };
    });
  }

  /**
   * Calls one operation, for example `services/getAll`. A background call is tried once: its caller decides about more. An interactive read
   * is tried up to three times after a reset, a 5xx or a broken answer. A background call to a host that has not answered for a while is not sent.
   * @throws MewsError for everything that Mews or the way to Mews refuses.
   */
  async ask(target: MewsTarget, path: string, body: Readonly<Record<string, unknown>>, options: CallOptions): Promise<MewsAnswer> {
    requireScope(target, path, body);
    return this.#repeated(path, options, () => this.#once(target, path, body, options));
  }

  /** Mews' now by its last Date header; our own clock before the first. Never ahead of Mews by more than the answer's way. */
  nowAt(environmentId: EnvironmentId): Date { return new Date(Date.now() + (this.#clockOffsetMs.get(environmentId) ?? 0)); }

  async close(): Promise<void> { await this.#http.close(); }

  async #repeated<T>(path: string, { use, signal }: CallOptions, ask: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof MewsError) || use !== 'interactive' || tries === TRIES_MAX || !isRepeatable(path, error)) throw error;
        await sleep(tries * 250 + Math.random() * 250, undefined, { signal });
      }
    }
  }

  #once(target: MewsTarget, path: string, body: Readonly<Record<string, unknown>>, options: CallOptions): Promise<MewsAnswer> {
    const call = { path, host: new URL(target.platformAddress).host, token: target.fingerprint, use: options.use, signal: options.signal };
    return this.breaker.guard(call, () => this.#send(target, call, body, options));
  }

  async #send(target: MewsTarget, call: GuardedCall, body: Readonly<Record<string, unknown>>, options: CallOptions): Promise<MewsAnswer> {
    const { path } = call;
    await this.#spend(target, path, options);
    const secrets = [target.accessToken, target.clientToken];
    const url = `${target.platformAddress.replace(/\/+$/, '')}/api/connector/v1/${path}`;
    // The tokens come last: a body that names them too must not replace them.
    const payload = JSON.stringify({ ...body, ClientToken: target.clientToken.reveal(), AccessToken: target.accessToken.reveal(), Client: target.client });
    const answer = await this.breaker.listen(call, (signal) => this.#http.post(path, url, payload, signal));
    const answeredAt = this.#noteTime(target.environmentId, answer);
    if (answer.status >= 200 && answer.status < 300) {
      return { bytes: answer.status === 204 ? Buffer.from('{}') : answer.body, answeredAt, requestId: requestIdOf(answer, secrets) };
    }
    const error = errorOf(path, answer, secrets, answeredAt);
    if (error.kind !== 'throttled') throw error;
    const retryAfterMs = await this.budget.throttled(target.fingerprint, error.retryAfterMs, target.requestLimit);
    throw new MewsError('throttled', path, { status: error.status ?? 429, requestId: error.requestId, mewsMessage: error.mewsMessage, retryAfterMs });
  }

  async #spend(target: MewsTarget, path: string, { use, maxWaitMs, signal }: CallOptions): Promise<void> {
    const giveUpAt = performance.now() + maxWaitMs;
    for (;;) {
      signal?.throwIfAborted();
      const answer = await this.budget.take(target.fingerprint, target.requestLimit, use);
      if (answer.granted) return;
      if (performance.now() + answer.waitMs > giveUpAt) {
        throw new MewsError('throttled', path, { retryAfterMs: answer.waitMs, detail: 'the request budget of this AccessToken is spent for the moment' });
      }
      await sleep(answer.waitMs, undefined, { signal });
    }
  }

  #noteTime(environmentId: EnvironmentId, answer: HttpAnswer): Date {
    const now = new Date();
    const at = dateOf(answer, now);
    if (at) this.#clockOffsetMs.set(environmentId, at.getTime() - now.getTime());
    return at ?? now;
  }
}

/** With a portfolio's token, a request that names nobody is about every enterprise, other tenants' included: it is never sent. */
function requireScope(target: MewsTarget, path: string, body: Readonly<Record<string, unknown>>): void {
  if (!operationPath.test(path)) throw new MewsError('not_found', path, { detail: 'this is not the path of an operation' });
  const missing = target.kind === 'enterprise' ? null : missingScope(path, body);
  if (missing !== null) throw new MewsError('bad_request', path, { detail: `${missing} must name what the request is about: without it Mews reads it as everything that the token opens` });
}

/** Reading twice does no harm; a bill's PDF counts as a print each time. */
function isRepeatable(path: string, error: MewsError): boolean {
  return (error.kind === 'server' || error.kind === 'unreachable' || error.kind === 'invalid_answer') && /^[a-zA-Z]+\/get/.test(path) && path !== 'bills/getPdf';
}
