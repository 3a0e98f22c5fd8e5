// One commit of twenty is cut on its way to Postgres, before it got there or after it was executed; so is every statement of the queue,
// and Mews answers badly too. Records and feeds are as if nothing had happened, after the first load and after changes.
import { afterEach, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { Random } from '../../apps/sandbox/src/random.js';
import { redisUrl } from '../harness/needs.js';
import { Cuts, postgresWay, redisWay } from './cuts.js';
import { long, seed } from './kills.js';
import { Stage } from './stage.js';

const few = ['services', 'reservations'];
const collections = long ? [...few, 'orderItems', 'resources', 'rates', 'companionships', 'customers', 'bills', 'restrictions', 'tasks', 'products', 'accountingCategories'] : few;
const seeds = long ? Array.from({ length: 20 }, (_, i) => `${seed}-${i}`) : [seed];

const cleanUps: (() => unknown)[] = [];
afterEach(async () => { for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp(); }, 60_000);

/** On Redis where there is one, for every other seed. */
async function open(of: string, onRedis: string | undefined): Promise<{ at: Stage; cuts: Cuts[] }> {
  const cuts: Cuts[] = [];
  const way = async (...args: Parameters<typeof Cuts.open>): Promise<string> => {
    const one = await Cuts.open(...args);
    cuts.push(one);
    cleanUps.push(() => one.close());
    return one.url;
  };
  const ways = async (databaseUrl: string): Promise<Record<string, string>> => ({
    DATABASE_URL: await way(databaseUrl, postgresWay, new Random(of, 'postgres')),
    ...(onRedis !== undefined && { REDIS_URL: await way(onRedis, redisWay, new Random(of, 'redis')) }),
  });
  const at = await Stage.open({ reservations: 20, pageSize: long ? 150 : 40, seed: of, collections, ways, env: onRedis === undefined ? {} : { REDIS_URL: onRedis } });
  cleanUps.push(() => at.close());
  return { at, cuts };
}

/** A database of its own on the server; emptied before and after. */
async function emptyRedis(): Promise<string> {
  const url = new URL(redisUrl ?? '');
  url.pathname = '/12';
  const redis = new Redis(url.toString());
  await redis.flushdb();
  cleanUps.push(async () => { await redis.flushdb(); redis.disconnect(); });
  return url.toString();
}

test.each(seeds.map((of, i) => [of, i % 2 === 1 && redisUrl !== undefined ? 'Redis' : 'Postgres']))('5 % of what lasts is cut, before or after it was executed: seed %s, the queue on %s', async (of, store) => {
  const { at, cuts } = await open(of, store === 'Redis' ? await emptyRedis() : undefined);
  const startedAt = Date.now();
  const through = async (mode: 'full' | 'incremental', problems: () => string[]): Promise<void> => {
    await at.sync(mode);
    for (const one of cuts) one.arm();
    await at.untilIdle(long ? 400_000 : 200_000);
    for (const one of cuts) one.disarm();
    const verdict = await at.verdict(0);
    console.log(JSON.stringify({ seed: of, store, ...verdict.figures, cuts: cuts.map(({ counts }) => counts), ms: Date.now() - startedAt }));
    expect({ seed: of, problems: [...verdict.problems, ...problems()] }).toEqual({ seed: of, problems: [] });
  };
  at.arm();
  at.follow();
  await at.fleet.start(2);
  await through('full', at.expectAll());
  await through('incremental', at.expect(() => { at.change(); }));
  expect(cuts.every(({ counts }) => counts.before > 0 && counts.after > 0)).toBe(true);
}, 1_000_000);
