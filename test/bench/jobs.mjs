// Jobs per second through the ledger (admitted by the dispatcher, claimed under a fence, finished) beside no-op jobs of bare BullMQ on the
// same backend and server, with the same concurrency.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { median, tenantWithEnterprise, time } from './harness.mjs';

const CONCURRENCY = 8;
const TENANTS = 25;
let noopJob;

export async function benchJobs(bench, parts, { jobs = 1_000, rounds = 3 } = {}) {
  const config = { databaseUrl: bench.databaseUrl, keys: bench.keys, redisUrl: undefined, workerConcurrency: CONCURRENCY, leaseMs: 15_000 };
  const logger = parts.core.createLogger('bench', 'error');
  const bare = [], ledger = [];
  const tenants = [];
  while (tenants.length < TENANTS) tenants.push(await tenantWithEnterprise(bench));
  for (let round = 0; round < rounds; round += 1) {
    bare.push(await bareBullmq(config, logger, parts, jobs));
    ledger.push(await throughLedger(bench, config, logger, parts, tenants, jobs));
  }
  const perSecond = (times) => jobs / median(times) * 1_000;
  return { jobs: { value: Math.round(perSecond(ledger)), unit: 'jobs/s', yardstick: Math.round(perSecond(bare)), ratio: Math.round(perSecond(ledger) / perSecond(bare) * 100) / 100 } };
}

/** Adds so many no-op jobs and takes them, eight at a time. @returns milliseconds from the first to the last */
export async function bareBullmq(config, logger, parts, jobs) {
  const noop = noopJob ??= parts.queue.defineJob('bench.noop', z.object({ n: z.number() }));
  const queue = await parts.queue.Queue.open(config, logger);
  let done = 0, finished;
  const all = new Promise((resolve) => { finished = resolve; });
  class Handler { async handle() { done += 1; if (done === jobs) finished(); } }
  parts.queue.Processes(noop)(Handler);
  const runner = new parts.queue.JobRunner(config, logger, { handlers: [new Handler()], jobs: [noop] });
  await runner.start();
  const ms = await time(async () => {
    for (let n = 0; n < jobs; n += CONCURRENCY) await Promise.all(Array.from({ length: Math.min(CONCURRENCY, jobs - n) }, (_, i) => queue.enqueue(noop, { n: n + i })));
    await all;
  });
  await runner.stop();
  await queue.close();
  return ms;
}

async function throughLedger(bench, config, logger, parts, tenants, jobs) {
  const { db, owner } = bench;
  const { syncRuns } = parts.jobs;
  const queue = await parts.queue.Queue.open(config, logger);
  const dispatcher = new parts.dispatcher.Dispatcher(db, new parts.dispatchRepository.DispatchRepository(), queue, null);
  const runs = new parts.runsRepository.RunsRepository();
  const runner = ledgerRunner(bench, parts, runs, logger);
  for (let i = 0; i < jobs; i += 1) {
    const ids = tenants[i % tenants.length];
    // Planned, and without a window: what is measured is the way through the ledger, not a page.
    await owner.query(`insert into run (tenant_id, id, collection, source, enterprise_id, access_token_id, mode, trigger, planned_at, plan_to) values ($1, $2, 'reservations', $3, $4, $5, 'incremental', 'request', now(), now())`,
      [ids.tenantId, randomUUID(), `bench-${randomUUID()}`, ids.enterpriseId, ids.accessTokenId]);
  }
  let done = 0, wake = () => undefined;
  class Handler { async handle({ tenantId, runIds }) { await runner.executeAll(tenantId, runIds, { signal: new AbortController().signal, stopping: new AbortController().signal }); done += runIds.length; wake(); } }
  parts.queue.Processes(syncRuns)(Handler);
  const worker = new parts.queue.JobRunner(config, logger, { handlers: [new Handler()], jobs: [syncRuns] });
  await worker.start();
  const ms = await time(async () => {
    while (done < jobs) {
      const before = done;
      await dispatcher.turn();
      // As the worker's loop does: the next turn comes when a run has ended, or after a second.
      if (done === before) await new Promise((resolve) => { const timer = setTimeout(resolve, 1_000); wake = () => { clearTimeout(timer); setTimeout(resolve, 20); }; });
    }
  });
  await worker.stop();
  await queue.close();
  return ms;
}

// What the way through the ledger does not touch is left out: nobody asks Mews.
function ledgerRunner({ db }, parts, runs, logger) {
  const mews = { nowAt: () => new Date() };
  const fanIn = new parts.fanIn.FanIn(), sweep = new parts.sweep.Sweep(runs, null), planner = new parts.planner.Planner(runs, sweep, null, null, fanIn, new parts.sights.Sights());
  return new parts.runner.Runner(db, runs, planner, null, fanIn, sweep, null, null, mews, { leaseMs: 15_000 }, logger);
}
