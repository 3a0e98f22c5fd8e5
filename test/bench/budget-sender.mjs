// One of the processes that share a token's request budget: sends through the Mews client as fast as the budget lets it, until it is ended.
// Arguments: store ("postgres" or a Redis URL), token, port of the stand-in. The DSN and the key ring come from the environment.
import { Redis } from 'ioredis';
import { openDatabase, Secret } from '../../dist/libs/core/src/index.js';
import { MewsClient, MewsError, PostgresRequestBudget, RedisRequestBudget } from '../../dist/libs/mews/src/index.js';

const [store, token, port] = process.argv.slice(2);
const db = await openDatabase(new Secret(process.env.SENDER_DATABASE), new Secret(process.env.SENDER_KEYS), 'sender', 4);
const mews = new MewsClient(store === 'postgres' ? new PostgresRequestBudget(db) : new RedisRequestBudget(new Redis(store), db), { addresses: 'any' });
const target = {
  environmentId: 'demo', platformAddress: `http://127.0.0.1:${port}`, requestLimit: { requests: 200, seconds: 30 }, client: 'Bench 1.0',
  clientToken: new Secret('client'), accessToken: new Secret(token), fingerprint: `bench-${token}`, kind: 'enterprise',
};

async function send() {
  for (;;) {
    try {
      await mews.ask(target, 'services/getAll', {}, { use: 'background', maxWaitMs: 120_000 });
    } catch (error) {
      // The client has told the budget, which makes the next request wait.
      if (!(error instanceof MewsError) || error.kind !== 'throttled') throw error;
    }
  }
}
await Promise.all(Array.from({ length: 4 }, send));
