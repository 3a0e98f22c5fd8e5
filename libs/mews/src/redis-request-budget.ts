// The request budget in Redis: one script a decision, by the clock of Redis. Postgres remembers until when requests may have been granted.
//
// Redis may lose its memory (emptied, restarted, set back to an older copy). Then it must not grant a second full window, so:
// the hash `alive` holds the instant of the last decision, and its absence, or an instant older than one we know of, is a loss; after a loss
// nothing is granted until a window has passed since the last request that may have been granted. What may have been granted is
// announced in Postgres by each process for 5 seconds ahead, after it saw `alive`; so a first start ever knows of no traffic and does not wait.
// A clock of Redis that is set back is a loss too: instants far ahead of it are no longer compared, and logs that lie ahead are dropped.
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { secondMs, type Database } from '@keyrack/core';
import {
  allowanceOf, backoffMaxMs, backoffMs, busyMs, RequestBudget, retryAfterMaxMs, tightenedMs, withJitter,
  type BudgetAnswer, type BudgetUsage, type BudgetUse, type RequestLimit,
} from './request-budget.js';

const alive = 'keyrack:budget:alive';
const stateOf = (key: string): string => `keyrack:budget:state:${key}`;
const logOf = (key: string): string => `keyrack:budget:log:${key}`;
const announceMs = 5 * secondMs;

interface Script { readonly text: string; readonly sha: string }
function script(body: string): Script {
  const text = `local time = redis.call('TIME') local now = time[1] * 1000 + math.floor(time[2] / 1000)${body}`;
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}

// KEYS alive; ARGV known, announced. Marks the store as alive; after a loss keeps it closed for a window since what was announced.
const checkScript = script(`
local known = tonumber(ARGV[1])
if known > now + 10000 then known = 0 end
local last = tonumber(redis.call('HGET', KEYS[1], 'last') or '-1')
if last < 0 or last < known or last > now + 1000 then
  redis.call('HSET', KEYS[1], 'lost', math.min(now, tonumber(ARGV[2])), 'last', now)
end
if last < now then redis.call('HSET', KEYS[1], 'last', now) end
return now`);

// KEYS alive, state, log; ARGV known, window, full, tight, reserve, reserve while busy, interactive, busy. Answers {wait, now}; wait 0 is a grant.
const takeScript = script(`
local known, window = tonumber(ARGV[1]), tonumber(ARGV[2])
if known > now + 10000 then known = 0 end
local last = tonumber(redis.call('HGET', KEYS[1], 'last') or '-1')
if last < 0 or last < known or last > now + 1000 then redis.call('HSET', KEYS[1], 'lost', now) end
redis.call('HSET', KEYS[1], 'last', now)
local state = redis.call('HMGET', KEYS[2], 'blocked', 'tightened', 'interactive')
local most = tonumber(ARGV[3])
if tonumber(state[2] or '0') > now then most = tonumber(ARGV[4]) end
local quota = most
if ARGV[7] == '1' then redis.call('HSET', KEYS[2], 'interactive', now)
elseif tonumber(state[3] or '0') > now - tonumber(ARGV[8]) then quota = most - tonumber(ARGV[6])
else quota = most - tonumber(ARGV[5]) end
if quota < 1 then quota = 1 end
redis.call('HSET', KEYS[2], 'allowed', most, 'window', window)
redis.call('PEXPIRE', KEYS[2], 7200000)
local closed = tonumber(redis.call('HGET', KEYS[1], 'lost') or '0') + window
if closed > now then return {closed - now, now} end
local blocked = tonumber(state[1] or '0')
if blocked > now then return {blocked - now, now} end
local tail = redis.call('LINDEX', KEYS[3], -1)
if tail and tonumber(tail) > now + 1000 then redis.call('DEL', KEYS[3]) end
local head = redis.call('LINDEX', KEYS[3], 0)
while head and tonumber(head) <= now - window do
  redis.call('LPOP', KEYS[3])
  head = redis.call('LINDEX', KEYS[3], 0)
end
local used = redis.call('LLEN', KEYS[3])
if used >= quota then return {math.max(1, tonumber(redis.call('LINDEX', KEYS[3], used - quota)) + window - now), now} end
redis.call('RPUSH', KEYS[3], now)
redis.call('PEXPIRE', KEYS[3], window)
return {0, now}`);

// KEYS state; ARGV pause (-1: Mews did not say), tightened, backoff, longest backoff, spread. Answers for how long the key is blocked.
const throttledScript = script(`
local state = redis.call('HMGET', KEYS[1], 'blocked', 'tightened', 'strikes')
local blocked, pause, strikes = tonumber(state[1] or '0'), tonumber(ARGV[1]), 0
if tonumber(state[2] or '0') > now then strikes = tonumber(state[3] or '0') end
if pause < 0 then pause = math.floor(math.min(tonumber(ARGV[4]), tonumber(ARGV[3]) * 2 ^ math.min(strikes, 10)) * tonumber(ARGV[5])) end
if blocked <= now then strikes = strikes + 1 elseif tonumber(ARGV[1]) < 0 then pause = 0 end
blocked = math.max(blocked, now + pause)
redis.call('HSET', KEYS[1], 'blocked', blocked, 'tightened', now + tonumber(ARGV[2]), 'strikes', strikes)
redis.call('PEXPIRE', KEYS[1], 7200000)
return blocked - now`);

// KEYS state, log of each key in turn. Answers {used, allowed, window, blocked} a key.
const usageScript = script(`
local answer = {}
for i = 1, #KEYS, 2 do
  local state = redis.call('HMGET', KEYS[i], 'allowed', 'window', 'blocked')
  local used, window = 0, tonumber(state[2] or '0')
  for _, stamp in ipairs(redis.call('LRANGE', KEYS[i + 1], 0, -1)) do if tonumber(stamp) > now - window then used = used + 1 end end
  answer[#answer + 1] = {used, tonumber(state[1] or '0'), window, math.max(0, tonumber(state[3] or '0') - now)}
end
return answer`);

export class RedisRequestBudget extends RequestBudget {
  /** The latest decision that this process knows of, by the clock of Redis; 0 before the first. */
  #known = 0;
  #announcedUntil = 0;
  #announcing: Promise<void> | undefined;

  constructor(private readonly redis: Redis, private readonly db: Database) { super(); }

  override async take(key: string, limit: RequestLimit, use: BudgetUse): Promise<BudgetAnswer> {
    if (performance.now() >= this.#announcedUntil) await (this.#announcing ??= this.#announce().finally(() => { this.#announcing = undefined; }));
    const { windowMs, full, tight, reserve, reserveBusy } = allowanceOf(limit);
    const args = [this.#known, windowMs, full, tight, reserve, reserveBusy, use === 'interactive' ? 1 : 0, busyMs];
    const [waitMs, at] = await this.#run(takeScript, [alive, stateOf(key), logOf(key)], args) as [number, number];
    this.#known = Math.max(this.#known, at);
    return waitMs === 0 ? { granted: true } : { granted: false, waitMs: withJitter(waitMs) };
  }

  override async throttled(key: string, retryAfterMs: number | null, _limit: RequestLimit): Promise<number> {
    const pause = retryAfterMs === null ? -1 : Math.ceil(Math.min(Math.max(retryAfterMs, 1), retryAfterMaxMs));
    return await this.#run(throttledScript, [stateOf(key)], [pause, tightenedMs, backoffMs, backoffMaxMs, 0.75 + Math.random() / 2]) as number;
  }

  override async usage(keys: readonly string[]): Promise<Map<string, BudgetUsage>> {
    if (keys.length === 0) return new Map();
    const rows = await this.#run(usageScript, keys.flatMap((key) => [stateOf(key), logOf(key)]), []) as [number, number, number, number][];
    return new Map(rows.flatMap(([used, allowed, windowMs, blockedMs], i) => {
      const key = keys[i];
      return key === undefined || windowMs === 0 ? [] : [[key, { used, limit: allowed, windowSeconds: windowMs / secondMs, blockedMs }] as const];
    }));
  }

  // Reading, marking, announcing, in this order: whoever reads an announcement can rely on the mark that was set before it.
  async #announce(): Promise<void> {
    const [row] = await this.db.onPlatform('request budget', (tx) => tx.sql<{ announced: number }>`
      select case when isfinite(last_at) then (extract(epoch from last_at) * 1000)::bigint else 0 end as announced from budget_traffic`);
    const announced = row?.announced ?? 0;
    const startedAt = performance.now();
    const at = await this.#run(checkScript, [alive], [Math.max(this.#known, announced - announceMs - secondMs), announced]) as number;
    await this.db.onPlatform('request budget', (tx) => tx.sql`
      update budget_traffic set last_at = greatest(last_at, to_timestamp(${(at + announceMs) / 1_000}::float8))`);
    this.#known = Math.max(this.#known, at);
    this.#announcedUntil = startedAt + announceMs;
  }

  async #run({ text, sha }: Script, keys: string[], args: (string | number)[]): Promise<unknown> {
    try {
      return await this.redis.evalsha(sha, keys.length, ...keys, ...args);
    } catch (error) {
      // An emptied or restarted Redis has forgotten the script: send it whole.
      if (String(error).includes('NOSCRIPT')) return this.redis.eval(text, keys.length, ...keys, ...args);
      throw error;
    }
  }
}
