// Stops asking a host that does not answer, for one AccessToken or for all: each request to it would hold a worker's place until its time is
// up. Nor may the requests of one AccessToken hold all places while they wait. Each process finds out for itself.
import { setTimeout as sleep } from 'node:timers/promises';
import { mewsTime, secondMs } from '@keyrack/core';
import { MewsError } from './mews-error.js';
import type { BudgetUse } from './request-budget.js';

export interface BreakerLimits {
  /** So many failures in a row open a circuit. */
  failures: number;
  /** How long it is open at first, doubled by each probe that fails. */
  openMs: number;
  openMaxMs: number;
  /** How long several requests wait for a host that answers none, of one AccessToken or of all, and how long one that probes. The last of several has all the time of a slow answer. */
  silentMs: number;
  /** Background requests of one AccessToken that may wait for an answer at a time; others of it wait for `placeMs` that one is answered, and come back after `comeBackMs`. */
  places: number;
  placeMs: number;
  comeBackMs: number;
}

const defaults: BreakerLimits = { failures: 10, openMs: 5 * secondMs, openMaxMs: 60 * secondMs, silentMs: 30 * secondMs, places: Infinity, placeMs: secondMs, comeBackMs: 5 * secondMs };
const LOOK_MS = 25;

/** Of a host, and of one AccessToken there. */
type Keys = readonly [host: string, token: string];

/** One request: `token` is the key of its AccessToken. */
export interface GuardedCall { path: string; host: string; token: string; use: BudgetUse; signal: AbortSignal | undefined }

/** `openMs` 0: closed. */
interface Circuit { failures: number; detail: string; openMs: number; openUntil: number; probing: boolean }
/** What waits for an answer now, of a host or of one AccessToken there. */
interface Way { pending: number; answeredAt: number }

export class CircuitBreaker {
  readonly #limits: BreakerLimits;
  /** Of those that failed and have not been answered since. */
  readonly #circuits = new Map<string, Circuit>();
  /** Of those that anything waits for. */
  readonly #ways = new Map<string, Way>();

  /** @param now milliseconds of a clock that never goes back */
  constructor(limits: Partial<BreakerLimits> = {}, private readonly now: () => number = () => performance.now()) { this.#limits = { ...defaults, ...limits }; }

  /**
   * Asks, unless a circuit is open and a background call is not the one that may try. Interactive calls always may.
   * @throws MewsError `unreachable`, unsent and with `retryAfterMs`, where it may not ask; and whatever `ask` throws
   */
  async guard<T>({ path, host, token, use }: GuardedCall, ask: () => Promise<T>): Promise<T> {
    const keys = keysOf(host, token);
    const probed = use === 'background' ? this.#probe(path, keys) : [];
    try {
      const answer = await ask();
      this.#close(keys);
      return answer;
    } catch (error) {
      if (error instanceof MewsError) this.#judge(keys, error);
      throw error;
    } finally {
      for (const circuit of probed) circuit.probing = false;
    }
  }

  /**
   * Waits for the host's answer, in the background no longer than it makes sense.
   * @throws MewsError `unreachable`, unsent and with `retryAfterMs` where its AccessToken has no place left; the signal's reason, and whatever `send` throws
   */
  async listen<T>(call: GuardedCall, send: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { path, host, token, use, signal } = call, { silentMs } = this.#limits, keys = keysOf(host, token);
    signal?.throwIfAborted();
    // No pause between the look and the taking: of several that look at once, each would see the same place.
    for (const until = this.now() + this.#limits.placeMs; use === 'background' && this.#isFull(keys); ) await this.#standBy(call, until);
    const ways = keys.map((key) => this.#way(key)), sentAt = this.now(), stop = new AbortController();
    const giveUp = (): void => { stop.abort(signal?.reason); };
    const look = (): void => {
      const isProbe = this.#open(keys).length > 0;
      const isSilent = ways.some((way) => (way.pending > 1 || isProbe) && this.now() - Math.max(sentAt, way.answeredAt) >= silentMs);
      if (isSilent) stop.abort(new MewsError('unreachable', path, { executed: 'perhaps', detail: `no answer within ${silentMs / secondMs} s, nor to any other` }));
    };
    const timer = use === 'background' ? setInterval(look, silentMs / 4) : undefined;
    signal?.addEventListener('abort', giveUp);
    for (const way of ways) way.pending += 1;
    try {
      const answer = await send(stop.signal);
      for (const way of ways) way.answeredAt = this.now();
      return answer;
    } finally {
      for (const way of ways) way.pending -= 1;
      for (const key of keys) if (this.#ways.get(key)?.pending === 0) this.#ways.delete(key);
      clearInterval(timer);
      signal?.removeEventListener('abort', giveUp);
    }
  }

  #isFull([, key]: Keys): boolean { return (this.#ways.get(key)?.pending ?? 0) >= this.#limits.places; }

  /** While Mews answers, another one is through in a moment; where it does not, the worker's place is for others. */
  async #standBy({ path, signal }: GuardedCall, until: number): Promise<void> {
    const { places, comeBackMs } = this.#limits;
    if (this.now() >= until) throw new MewsError('unreachable', path, { retryAfterMs: comeBackMs, detail: `${places} other requests of this AccessToken wait for Mews to answer` });
    await sleep(LOOK_MS, undefined, { signal });
  }

  #way(key: string): Way {
    const way = this.#ways.get(key) ?? { pending: 0, answeredAt: 0 };
    this.#ways.set(key, way);
    return way;
  }

  /** The open circuits that the call tries; it is the only one that does. */
  #probe(path: string, keys: readonly string[]): Circuit[] {
    const open = this.#open(keys);
    const [longest] = open.map((circuit) => ({ ...circuit, waitMs: Math.ceil(circuit.probing ? circuit.openMs : circuit.openUntil - this.now()) })).toSorted((a, b) => b.waitMs - a.waitMs);
    if (longest && longest.waitMs > 0) {
      const { waitMs, failures, detail } = longest;
      throw new MewsError('unreachable', path, { retryAfterMs: waitMs, detail: `Mews did not answer the last ${failures} requests (${detail}): it is asked again after ${mewsTime(new Date(Date.now() + waitMs))}` });
    }
    for (const circuit of open) circuit.probing = true;
    return open;
  }

  #open(keys: readonly string[]): Circuit[] {
    return keys.flatMap((key) => { const circuit = this.#circuits.get(key); return circuit && circuit.openMs > 0 ? [circuit] : []; });
  }

  #judge(keys: readonly string[], error: MewsError): void {
    if (error.kind === 'server' || (error.kind === 'unreachable' && error.retryAfterMs === null)) this.#fail(keys, error.summary);
    else if (error.status !== null) this.#close(keys);
  }

  #close(keys: readonly string[]): void { for (const key of keys) this.#circuits.delete(key); }

  #fail(keys: readonly string[], detail: string): void {
    const now = this.now(), { failures, openMs, openMaxMs } = this.#limits;
    for (const key of keys) {
      const circuit = this.#circuits.get(key) ?? { failures: 0, detail, openMs: 0, openUntil: 0, probing: false };
      this.#circuits.set(key, circuit);
      // What was under way when it opened says nothing new.
      if (now < circuit.openUntil) continue;
      circuit.failures += 1;
      circuit.detail = detail;
      if (circuit.failures < failures) continue;
      circuit.openMs = circuit.openMs === 0 ? openMs : Math.min(2 * circuit.openMs, openMaxMs);
      circuit.openUntil = now + circuit.openMs;
    }
  }
}

const keysOf = (host: string, token: string): Keys => [host, `${token} ${host}`];
