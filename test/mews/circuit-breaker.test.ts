// A host that takes requests and answers none, beside one that does, at a pool of places as a worker has.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Secret, type EnvironmentId } from '@keyrack/core';
import { CircuitBreaker, MewsClient, MewsError, RequestBudget, type BudgetAnswer, type BudgetUsage, type MewsTarget } from '@keyrack/mews';
import { startSandbox } from '../../apps/sandbox/src/index.js';

class FreeBudget extends RequestBudget {
  override take(): Promise<BudgetAnswer> { return Promise.resolve({ granted: true }); }
  override throttled(): Promise<number> { return Promise.resolve(1_000); }
  override usage(): Promise<Map<string, BudgetUsage>> { return Promise.resolve(new Map<string, BudgetUsage>()); }
}

const PLACES = 8, SILENT_MS = 400, OPEN_MS = 300, SLOW_MS = 4_000;
type Sandbox = Awaited<ReturnType<typeof startSandbox>>;
let dead: Sandbox, healthy: Sandbox;
beforeAll(async () => {
  [dead, healthy] = await Promise.all([startSandbox({ profile: 'small', limit: { requests: 5_000 } }), startSandbox({ profile: 'small', limit: { requests: 5_000 } })]);
  dead.faults.add({ kind: 'hang' });
});
afterAll(async () => { await Promise.all([dead.stop(), healthy.stop()]); });

const targetAt = ({ url, tokens: [token] }: Sandbox): MewsTarget => ({
  environmentId: 'demo' as EnvironmentId, platformAddress: url, requestLimit: { requests: 200, seconds: 30 }, client: 'Keyrack 1.0',
  clientToken: new Secret(token?.clientToken ?? ''), accessToken: new Secret(token?.accessToken ?? ''), fingerprint: 'f', kind: 'enterprise',
});

/** When the requests of the healthy host were through, and how many the dead one got; its jobs come back when they were told to. */
async function run(breaker: CircuitBreaker): Promise<{ healthyMs: number; deadRequests: number }> {
  const client = new MewsClient(new FreeBudget(), { headersMs: SLOW_MS, totalMs: 2 * SLOW_MS, addresses: 'any' }, breaker);
  const queue = [...Array<Sandbox>(16).fill(dead), ...Array<Sandbox>(60).fill(healthy)], began = performance.now(), before = dead.log.requests().length;
  let left = 60;
  const work = async (): Promise<void> => {
    while (left > 0) {
      const host = queue.shift();
      if (!host) { await sleep(5); continue; }
      const error = await client.ask(targetAt(host), 'currencies/getAll', {}, { use: 'background', maxWaitMs: 0 }).then(() => null, (reason: unknown) => reason);
      if (host === healthy) left -= 1;
      else if (error instanceof MewsError) setTimeout(() => { queue.push(dead); }, error.retryAfterMs ?? 50);
    }
  };
  const places = Array.from({ length: PLACES }, work);
  while (left > 0) await sleep(5);
  const healthyMs = performance.now() - began;
  const deadRequests = dead.log.requests().length - before;
  await client.close();
  await Promise.all(places);
  return { healthyMs, deadRequests };
}

test('it holds the places of others for no longer than several requests wait in vain', async () => {
  const { healthyMs, deadRequests } = await run(new CircuitBreaker({ silentMs: SILENT_MS, openMs: OPEN_MS }));
  expect(healthyMs).toBeLessThan(SLOW_MS / 2);
  expect(deadRequests).toBeLessThanOrEqual(30);
});
