// Counts requests by the minute, per address, per caller and per tenant: shared by all api processes through Redis, or by each for itself.
//
// It keeps one caller from taking everything; it is no lock. So where Redis is away, each process goes on counting in its own memory:
// a caller then gets the limit from each process, and nobody is turned away for an outage of ours.
import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible';
import { minuteMs, networkOf, secondMs, type Config } from '@keyrack/core';

export type LimitKind = 'address' | 'caller' | 'tenant';

/** Where a subject stands after a request was counted. */
export interface Counted {
  kind: LimitKind;
  /** Requests a window. */
  limit: number; windowMs: number;
  remaining: number; resetMs: number;
  /** The request is one too many. */
  over: boolean;
}

const WINDOW_MS = minuteMs;

export class RequestLimits {
  readonly #limiters: Readonly<Record<LimitKind, RateLimiterAbstract>>;

  constructor(private readonly limits: Config['rateLimits'], redis: Redis | null) {
    const limiter = (kind: LimitKind): RateLimiterAbstract => {
      const options = { keyPrefix: `keyrack:limit:${kind}`, points: limits[kind], duration: WINDOW_MS / secondMs };
      const memory = new RateLimiterMemory(options);
      if (!redis) return memory;
      // Whoever is over the limit is refused from memory: a flood costs Redis nothing.
      return new RateLimiterRedis({ ...options, storeClient: redis, rejectIfRedisNotReady: true, inMemoryBlockOnConsumed: limits[kind] + 1, insuranceLimiter: memory });
    };
    this.#limiters = { address: limiter('address'), caller: limiter('caller'), tenant: limiter('tenant') };
  }

  /** Counts one request. `subject` is an IP address, or an id. */
  async count(kind: LimitKind, subject: string): Promise<Counted> {
    const { result, over } = await this.#consume(kind, kind === 'address' ? networkOf(subject) : subject);
    return { kind, limit: this.limits[kind], windowMs: WINDOW_MS, remaining: Math.max(0, result.remainingPoints), resetMs: Math.max(0, result.msBeforeNext), over };
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
