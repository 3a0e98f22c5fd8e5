// One of several processes that spend the same request budget as fast as they are let; prints the grants as [asked, told], in ms of this machine's clock.
// Arguments: store ("postgres" or a Redis URL), key, requests, seconds, how long in ms. The DSN and the key ring come from the environment.
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { openDatabase, Secret } from '../../dist/libs/core/src/index.js';
import { PostgresRequestBudget, RedisRequestBudget } from '../../dist/libs/mews/src/index.js';

const [store, key, requests, seconds, forMs] = process.argv.slice(2);
const db = await openDatabase(new Secret(process.env.TAKER_DATABASE), new Secret(process.env.TAKER_KEYS), 'taker', 4);
const redis = store === 'postgres' ? undefined : new Redis(store);
const budget = redis ? new RedisRequestBudget(redis, db) : new PostgresRequestBudget(db);
const grants = [];
const until = Date.now() + Number(forMs);

async function spend() {
  while (Date.now() < until) {
    const askedAt = Date.now();
    const answer = await budget.take(key, { requests: Number(requests), seconds: Number(seconds) }, 'background');
    if (answer.granted) grants.push([askedAt, Date.now()]); else await sleep(Math.min(answer.waitMs, Math.max(1, until - Date.now())));
  }
}
await Promise.all(Array.from({ length: 4 }, spend));
process.stdout.write(JSON.stringify(grants));
redis?.disconnect();
await db.close();
