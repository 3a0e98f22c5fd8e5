// Counts requests by the minute, per address, per caller and per tenant: shared by all api processes through Redis, or by each for itself.
// Attempts (sign-ins, links, passwords) and denials have smaller limits of their own: each takes a lock of the database that others wait for.
//
// It keeps one caller from taking everything; it is no lock. So where Redis is away, each process goes on counting in its own memory:
// a caller then gets the limit from each process, and nobody is turned away for an outage of ours.
import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible';
import { hourMs, minuteMs, secondMs, type Config } from '@keyrack/core';

export type LimitKind = keyof Config['rateLimits'] | 'attempt' | 'refused_key';

/** Where a subject stands after a request was counted. */
export interface Counted {
  kind: LimitKind; subject: string;
  /** Requests a window. */
  limit: number; windowMs: number;
  remaining: number; resetMs: number;
  /** The request is one too many. */
  over: boolean;
  /** It is the first that is: told once a window, however many processes count together. */
  firstOver: boolean;
}

const WINDOW_MS = minuteMs;
/** From one address. Twice the failures that it has in a quarter of an hour, since many people may sign in from one. */
const ATTEMPTS = 300;
/** How often it is told that a key which was revoked or has run out is still in use. */
const REFUSED_KEY = { limit: 1, windowMs: hourMs };

export class RequestLimits {
  readonly #limits: Readonly<Record<LimitKind, number>>;
  readonly #limiters: Readonly<Record<LimitKind, RateLimiterAbstract>>;

  constructor(configured: Config['rateLimits'], redis: Redis | null) {
    const limits = this.#limits = { ...configured, attempt: ATTEMPTS, refused_key: REFUSED_KEY.limit };
    const limiter = (kind: LimitKind): RateLimiterAbstract => {
      const options = { keyPrefix: `keyrack:limit:${kind}`, points: limits[kind], duration: windowOf(kind) / secondMs };
      const memory = new RateLimiterMemory(options);
      if (!redis) return memory;
      // Whoever is over the limit is refused from memory: a flood costs Redis nothing.
      return new RateLimiterRedis({ ...options, storeClient: redis, rejectIfRedisNotReady: true, inMemoryBlockOnConsumed: limits[kind] + 1, insuranceLimiter: memory });
    };
    this.#limiters = { address: limiter('address'), caller: limiter('caller'), tenant: limiter('tenant'), denial: limiter('denial'), attempt: limiter('attempt'), refused_key: limiter('refused_key') };
  }

  /** Counts one request. `subject` is a network, or an id. */
  async count(kind: LimitKind, subject: string): Promise<Counted> {
    const { result, over } = await this.#consume(kind, subject), limit = this.#limits[kind];
    return {
      kind, subject, limit, windowMs: windowOf(kind), remaining: Math.max(0, result.remainingPoints), resetMs: Math.max(0, result.msBeforeNext),
      over, firstOver: result.consumedPoints === limit + 1,
    };
  }

  async #consume(kind: LimitKind, subject: string): Promise<{ result: RateLimiterRes; over: boolean }> {
    try {
      return { result: await this.#limiters[kind].consume(subject), over: false };
    } catch (refused) {
      // The library rejects with where the subject stands when it is over its limit. From memory it does so without saying how much was consumed.
      if (refused instanceof RateLimiterRes) return { result: refused, over: true };
      throw refused;
    }
  }
}

const windowOf = (kind: LimitKind): number => kind === 'refused_key' ? REFUSED_KEY.windowMs : WINDOW_MS;
