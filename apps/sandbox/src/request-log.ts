// What was asked, per AccessToken: for tests and for the curious. Bodies are kept without their tokens.
export interface Seen {
  readonly atMs: number; readonly accessToken: string; readonly path: string; readonly body: { readonly [property: string]: unknown };
  /** What was answered; null when the connection was cut instead. */
  status: number | null;
  readonly requestId: string; rows: number; fault: string | null;
}

export class RequestLog {
  private entries: Seen[] = [];
  private readonly refusals = new Map<string, number>();
  private readonly counts = new Map<string, number>();
  constructor(private readonly keep = 100_000) {}

  open(accessToken: string, path: string, body: { readonly [property: string]: unknown }, requestId: string, atMs: number): Seen {
    const withoutTokens = Object.fromEntries(Object.entries(body).filter(([name]) => name !== 'ClientToken' && name !== 'AccessToken'));
    const seen: Seen = { atMs, accessToken, path, body: withoutTokens, status: null, requestId, rows: 0, fault: null };
    if (this.entries.length >= this.keep) this.entries = this.entries.slice(this.keep / 2);
    this.entries.push(seen);
    this.counts.set(accessToken, (this.counts.get(accessToken) ?? 0) + 1);
    return seen;
  }

  throttled(seen: Seen): void { this.refusals.set(seen.accessToken, (this.refusals.get(seen.accessToken) ?? 0) + 1); }

  /** The requests of one token, or of all, oldest first. */
  requests(accessToken?: string, path?: string): readonly Seen[] {
    return this.entries.filter((seen) => (accessToken === undefined || seen.accessToken === accessToken) && (path === undefined || seen.path === path));
  }

  /** How many requests of this token were refused with 429. */
  throttles(accessToken: string): number { return this.refusals.get(accessToken) ?? 0; }
  count(accessToken: string): number { return this.counts.get(accessToken) ?? 0; }
  clear(): void { this.entries = []; this.refusals.clear(); this.counts.clear(); }
}
