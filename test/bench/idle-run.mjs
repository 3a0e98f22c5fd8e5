// CPU time of a scheduled increment that finds nothing: ask, empty page, finish. Summed over a real api, a real worker and Postgres, and Redis where that
// has the queue; beside a bare no-op BullMQ job on the same Postgres, added and taken by one process, summed over that process and Postgres.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { bareBullmq } from './jobs.mjs';
import { median, openRedis } from './harness.mjs';
import { cpuMs, postgresMs, postmasterOf, tellsUsage } from './usage.mjs';
import { connectEnvironment, end, startWhole, untilIdle } from './whole.mjs';

const HOTELS = 20;
const JOBS = 500;
/** Rounds of a fresh worker until its code and its plans are warm. */
const WARM_UP = 4;

/** @returns milliseconds of CPU a run, beside those of a bare job, and the ratio of the medians */
export async function benchIdleRun(bench, parts, { rounds = 5 } = {}) {
  if (!tellsUsage) { console.log('idle_run is left out: it reads the CPU time of processes from /proc'); return {}; }
  const postmaster = await postmasterOf(bench.owner);
  const bare = [];
  for (let round = 0; round <= rounds; round += 1) bare.push(await bareJob(bench, parts, postmaster));
  const { mews, url } = await startMews(), redis = await openRedis(parts);
  try {
    const setUp = await startWhole(bench, parts);
    const runs = await prepareHotels(bench, parts, setUp, url);
    await setUp.stop();
    const figures = {};
    for (const [name, store] of Object.entries({ idle_run: undefined, ...(redis && { 'idle_run.redis': redis }) })) {
      figures[name] = { ...await measure(bench, parts, { figure: name, redis: store, runs, rounds, postmaster }), yardstick: round2(median(bare.slice(1))) };
      figures[name].ratio = round2(figures[name].value / figures[name].yardstick);
    }
    return figures;
  } finally {
    await redis?.stop();
    await end(mews);
  }
}

/** @returns the median in ms a run */
async function measure(bench, parts, { figure, redis, runs, rounds, postmaster }) {
  await bench.owner.query('truncate run cascade');
  await bench.owner.query('vacuum analyze');
  const whole = await startWhole(bench, parts, redis?.url);
  try {
    const programs = { api: () => cpuMs(whole.api.pid), worker: () => cpuMs(whole.worker.pid), Postgres: () => postgresMs(postmaster), ...(redis && { Redis: () => cpuMs(redis.pid) }) };
    const idle = [];
    // Each token's budget holds all the rounds.
    for (let round = 0; round < WARM_UP + rounds; round += 1) {
      const before = Object.values(programs).map((cpu) => cpu());
      await bench.owner.query('update schedule set next_run_at = now() where enabled');
      await untilDone(bench.owner, runs * (round + 1));
      const each = Object.entries(programs).map(([name, cpu], i) => ({ name, ms: (cpu() - before[i]) / runs }));
      idle.push({ total: each.reduce((sum, { ms }) => sum + ms, 0), each });
    }
    const value = median(idle.slice(WARM_UP).map(({ total }) => total));
    console.log(`${figure}: ${idle.find(({ total }) => total === value).each.map((share) => `${share.name} ${share.ms.toFixed(2)} ms`).join(', ')}`);
    return { value: round2(value), unit: 'ms' };
  } finally {
    await whole.stop();
  }
}

async function bareJob(bench, parts, postmaster) {
  const config = { databaseUrl: bench.databaseUrl, keys: bench.keys, redisUrl: undefined, workerConcurrency: 8, leaseMs: 15_000 };
  const before = [cpuMs(process.pid), postgresMs(postmaster)];
  await bareBullmq(config, parts.core.createLogger('bench', 'error'), parts, JOBS);
  return (cpuMs(process.pid) - before[0] + postgresMs(postmaster) - before[1]) / JOBS;
}

/** A Mews of which nothing but its answers counts. */
async function startMews() {
  const mews = spawn(process.execPath, [fileURLToPath(new URL('idle-mews.mjs', import.meta.url))], { stdio: ['ignore', 'pipe', 'inherit'] });
  return { mews, url: `http://127.0.0.1:${Number(String(await once(mews.stdout, 'data')))}` };
}

/** Connects the hotels through the api and waits for the first load of what they hold: nothing. @returns how many runs a round has */
async function prepareHotels({ owner }, parts, whole, url) {
  const applicationId = await connectEnvironment(whole, url, 'client-token');
  for (let n = 1; n <= HOTELS; n += 1) {
    await whole.call('/tenants', { slug: `hotel-${n}`, name: `Hotel ${n}` });
    await whole.call(`/tenants/hotel-${n}/access-tokens`, { applicationId, environment: 'bench', accessToken: `hotel-${n}` });
  }
  // Increments of one request, as most are: others need parents' ids, or are read whole each time.
  const names = parts.mews.collections.filter((entry) => entry.scope === 'enterprise' && entry.strategy !== 'snapshot' && entry.fullEvery === undefined && entry.parents.length === 0
    && entry.cursor === 'to-older' && entry.intervals.length === 1 && entry.intervals[0].rewalkDays === 0).map((entry) => entry.name);
  await untilIdle(owner);
  await owner.query('delete from schedule where collection <> all($1)', [names]);
  await owner.query(`update schedule set next_run_at = now() + interval '1 hour'`);
  return HOTELS * names.length;
}

async function untilDone(owner, runs) {
  for (;;) {
    const { rows } = await owner.query(`select state, count(*)::int as n from run group by state`);
    if (rows.length === 1 && rows[0].state === 'succeeded' && rows[0].n === runs) return;
    const failed = rows.find(({ state }) => !['queued', 'running', 'waiting', 'succeeded'].includes(state));
    if (failed) throw new Error(`${failed.n} runs ended as ${failed.state}`);
    await sleep(100);
  }
}

const round2 = (number) => Math.round(number * 100) / 100;
