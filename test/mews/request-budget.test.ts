// The request budget on a real Postgres and a real Redis: exact across processes, closed after a loss, and never for another key.
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { allowanceOf } from '../../libs/mews/src/request-budget.js';
import { PostgresRequestBudget, RedisRequestBudget, type RequestBudget, type RequestLimit } from '@keyrack/mews';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';
import { redisUrl } from '../harness/needs.js';

const limit: RequestLimit = { requests: 20, seconds: 1 };   // 19 in 2 s
let database: TestDatabase;
let keys = 0;
const newKey = (): string => `budget-test-${process.pid}-${keys += 1}`;

beforeAll(async () => { database = await createTestDatabase(); });
afterAll(async () => { await database.drop(); });

const take = (budget: RequestBudget, key: string, use: 'interactive' | 'background' = 'background') => budget.take(key, limit, use);
/** Takes until refused; answers how many were granted, and the wait. */
async function drain(budget: RequestBudget, key: string, use: 'interactive' | 'background' = 'background'): Promise<{ granted: number; waitMs: number }> {
  for (let granted = 0; ; granted += 1) {
    const answer = await take(budget, key, use);
    if (!answer.granted) return { granted, waitMs: answer.waitMs };
    if (granted > 1_000) throw new Error('the budget has no end');
  }
}

function guarantees(open: () => { budget: RequestBudget; store: string; /** As if the time after a 429 were over. */ calm(key: string): Promise<unknown> }): void {
  test('a window has so many requests and no more, the last few for persons, and frees them again', async () => {
    const { budget } = open(), key = newKey();
    const { granted, waitMs } = await drain(budget, key);
    expect(granted).toBe(18);
    expect(waitMs).toBeGreaterThan(1_000);
    expect(await take(budget, key, 'interactive')).toEqual({ granted: true });
    expect((await take(budget, key, 'interactive')).granted).toBe(false);
    expect((await budget.usage([key, 'unknown'])).get(key)).toEqual({ used: 19, limit: 19, windowSeconds: 2, blockedMs: 0 });
    expect((await take(budget, newKey())).granted).toBe(true);
    await sleep(2_100);
    expect((await take(budget, key)).granted).toBe(true);
    expect((await budget.usage([key])).get(key)?.used).toBe(1);
  });

  test('Retry-After blocks this key and no other, and the limit is tightened afterwards', async () => {
    const { budget } = open(), key = newKey(), other = newKey();
    await take(budget, key);
    expect(await budget.throttled(key, 1_000, limit)).toBeGreaterThan(900);
    const refused = await take(budget, key, 'interactive');
    expect(refused).toMatchObject({ granted: false });
    expect((await budget.usage([key])).get(key)?.blockedMs).toBeGreaterThan(0);
    expect((await take(budget, other)).granted).toBe(true);
    await sleep(2_100);
    expect((await drain(budget, key, 'interactive')).granted).toBe(18);
  });

  test('after a while without another 429 the limit is as wide as before', async () => {
    const { budget, calm } = open(), key = newKey();
    await budget.throttled(key, 1, limit);
    await sleep(20);
    expect((await drain(budget, key, 'interactive')).granted).toBe(18);
    await calm(key);
    expect((await drain(budget, key, 'interactive')).granted).toBe(1);
    expect((await budget.usage([key])).get(key)).toMatchObject({ used: 19, limit: 19 });
  });

  test('what one process was told by Mews holds for all of them', async () => {
    const [told, others] = [open().budget, open().budget], key = newKey(), free = newKey();
    await take(others, key);
    await told.throttled(key, 1_000, limit);
    expect((await take(others, key, 'interactive')).granted).toBe(false);
    expect((await take(others, free)).granted).toBe(true);
  });

  test('a background sync that takes all it gets leaves some for a person, and more while persons are about', async () => {
    const { budget } = open(), wide: RequestLimit = { requests: 200, seconds: 1 };
    const background = async (key: string): Promise<number> => { for (let n = 0; ; n += 1) if (!(await budget.take(key, wide, 'background')).granted) return n; };
    const [quiet, busy] = [newKey(), newKey()];
    const alone = await background(quiet);
    expect((await budget.take(quiet, wide, 'interactive')).granted).toBe(true);
    await budget.take(busy, wide, 'interactive');
    expect(await background(busy)).toBeLessThan(alone - 5);
    for (let n = 0; n < 5; n += 1) expect((await budget.take(busy, wide, 'interactive')).granted).toBe(true);
  });

  test('429 without Retry-After pauses longer each time; refusals of one burst count once', async () => {
    const { budget } = open(), key = newKey();
    await take(budget, key);
    const pauses = await Promise.all([1, 2, 3].map(() => budget.throttled(key, null, limit)));
    expect(Math.max(...pauses)).toBeLessThanOrEqual(2_500);
    expect(Math.min(...pauses)).toBeGreaterThan(1_000);
    await sleep(Math.max(...pauses) + 50);
    expect(await budget.throttled(key, null, limit)).toBeGreaterThan(2_900);
  });

  test('an absurd Retry-After does not close a key for days', async () => {
    const { budget } = open(), key = newKey();
    expect(await budget.throttled(key, 10 ** 12, limit)).toBeLessThanOrEqual(3_600_000);
  });

  test('several processes together never exceed the limit in any window, and use at least 92 % of it', async () => {
    const { store } = open(), key = newKey(), fast: RequestLimit = { requests: 200, seconds: 5 };
    const { full, windowMs } = allowanceOf(fast);
    const grants = (await Promise.all(Array.from({ length: 4 }, () => takerProcess(store, key, fast, 2.5 * windowMs)))).flat().sort((a, b) => a.asked - b.asked);
    // Decided some time between asking and being told: whatever lies wholly inside a window was granted in it.
    for (const { asked } of grants) expect(grants.filter((one) => one.asked >= asked && one.told < asked + windowMs).length).toBeLessThanOrEqual(full);
    const first = grants[0]?.asked ?? 0;
    const used = grants.filter(({ told }) => told < first + 2 * windowMs).length / (2 * full);
    expect(used).toBeGreaterThanOrEqual(0.92);
  });
}

function takerProcess(store: string, key: string, { requests, seconds }: RequestLimit, forMs: number): Promise<{ asked: number; told: number }[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [fileURLToPath(new URL('budget-taker.mjs', import.meta.url)), store, key, String(requests), String(seconds), String(forMs)], {
      env: { ...process.env, NODE_OPTIONS: '', TAKER_DATABASE: database.databaseUrl.reveal(), TAKER_KEYS: database.keys.reveal() }, stdio: ['ignore', 'pipe', 'pipe'], timeout: forMs + 30_000,
    });
    let out = '', errors = '';
    child.stdout.on('data', (piece: Buffer) => { out += piece.toString(); });
    child.stderr.on('data', (piece: Buffer) => { errors += piece.toString(); });
    child.on('error', reject);
    child.on('close', (code) => { if (code === 0) resolve((JSON.parse(out) as [number, number][]).map(([asked, told]) => ({ asked, told }))); else reject(new Error(`taker ended with ${code}: ${errors}`)); });
  });
}

describe('in Postgres', () => { guarantees(() => ({ budget: new PostgresRequestBudget(database.db), store: 'postgres', calm: (key) => database.owner.query('update request_budget set tightened_until = 0 where key = $1', [key]) })); });

(redisUrl === undefined ? describe.skip : describe)('in Redis', () => {
  let redis: Redis, other: TestDatabase;
  beforeAll(async () => { redis = new Redis(redisUrl ?? '', { maxRetriesPerRequest: 1 }); other = await createTestDatabase(); });
  afterAll(async () => { redis.disconnect(); await other.drop(); });
  const open = (from: TestDatabase = database) => new RedisRequestBudget(redis, from.db);
  const forget = async (): Promise<void> => { const found = await redis.keys('keyrack:budget:*'); if (found.length > 0) await redis.del(found); };
  const never = () => other.owner.query(`update budget_traffic set last_at = '-infinity'`);

  guarantees(() => ({ budget: open(), store: redisUrl ?? '', calm: (key) => redis.hset(`keyrack:budget:state:${key}`, 'tightened', 0) }));

  test('a first start ever does not wait', async () => {
    await forget(); await never();
    expect((await take(open(other), newKey())).granted).toBe(true);
  });

  test('a Redis that lost its memory refuses for one window, for every process, then goes on', async () => {
    await forget(); await never();
    const running = open(other), key = newKey();
    await drain(running, key);
    await forget();
    for (const budget of [running, open(other)]) {
      for (const one of [key, newKey()]) expect(await take(budget, one)).toMatchObject({ granted: false });
    }
    await sleep(2_100);
    expect((await take(running, key)).granted).toBe(true);
  });

  test('a Redis set back to an older copy refuses for one window', async () => {
    await forget(); await never();
    const running = open(other), key = newKey();
    await take(running, key);
    const old = await redis.hget('keyrack:budget:alive', 'last');
    await sleep(50);
    await drain(running, key);
    await redis.del(`keyrack:budget:log:${key}`);
    await redis.hset('keyrack:budget:alive', 'last', old ?? 0);
    expect((await take(running, key)).granted).toBe(false);
    await sleep(2_100);
    expect((await take(running, key)).granted).toBe(true);
  });

  test('an emptied Redis does not hold up a start after a long rest', async () => {
    await forget();
    await other.owner.query(`update budget_traffic set last_at = now() - interval '1 hour'`);
    const budgets = Array.from({ length: 4 }, () => open(other));
    expect((await Promise.all(budgets.map((budget) => take(budget, newKey())))).every((answer) => answer.granted)).toBe(true);
  });

  test('a Redis that is away refuses', async () => {
    const away = new Redis({ host: '127.0.0.1', port: 1, lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null });
    away.on('error', () => undefined);
    await expect(take(new RedisRequestBudget(away, other.db), newKey())).rejects.toThrow();
    away.disconnect();
  });
});
