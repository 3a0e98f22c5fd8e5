// A true sliding window per AccessToken: in no span of the window's length are more requests served than the limit.
export interface LimitOptions { requests: number; windowMs: number; retryAfter: boolean }

export class RateLimit {
  /** Times of served requests, oldest first, per token. Refused ones do not count. */
  private readonly served = new Map<string, number[]>();
  constructor(public options: LimitOptions) {}

  /** Milliseconds to wait, 0 when the request is served (and counted). */
  take(accessToken: string, nowMs: number): number {
    const times = this.served.get(accessToken) ?? [];
    this.served.set(accessToken, times);
    while (times[0] !== undefined && times[0] <= nowMs - this.options.windowMs) times.shift();
    const oldest = times[0];
    if (oldest !== undefined && times.length >= this.options.requests) return Math.max(1, oldest + this.options.windowMs - nowMs);
    times.push(nowMs);
    return 0;
  }
}
