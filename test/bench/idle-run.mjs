// CPU time of a scheduled increment that finds nothing: ask, empty page, finish. Summed over a real api, a real worker and Postgres; beside a bare
// no-op BullMQ job on the same Postgres, added and taken by one process, summed over that process and Postgres.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { bareBullmq } from './jobs.mjs';
import { median } from './harness.mjs';

const HOTELS = 20;
const JOBS = 500;
const KEY = 'bench-bootstrap-key-0123456789abcdef';

/** @returns milliseconds of CPU a run, beside those of a bare job, and the ratio of the medians */
export async function benchIdleRun(bench, parts, { rounds = 5 } = {}) {
  if (!existsSync('/proc/self/stat')) { console.log('idle_run is left out: it reads the CPU time of processes from /proc'); return {}; }
  const postmaster = Number(statOf((await bench.owner.query('select pg_backend_pid() as pid')).rows[0].pid)[1]);
  const bare = [];
  for (let round = 0; round <= rounds; round += 1) bare.push(await bareJob(bench, parts, postmaster));
  const { children, api, worker } = await start(bench, parts);
  try {
    const runs = await prepareHotels(bench, parts, children);
    const programs = { api: () => cpuMs(api.pid), worker: () => cpuMs(worker.pid), Postgres: () => postgresMs(postmaster) };
    const idle = [];
    // Each token's budget holds all the rounds.
    for (let round = 0; round <= rounds; round += 1) {
      const before = Object.values(programs).map((cpu) => cpu());
      await bench.owner.query('update schedule set next_run_at = now() where enabled');
      await untilDone(bench.owner, runs * (round + 1));
      const each = Object.entries(programs).map(([name, cpu], i) => ({ name, ms: (cpu() - before[i]) / runs }));
      idle.push({ total: each.reduce((sum, { ms }) => sum + ms, 0), each });
    }
    // The first of each warms up plans and pages.
    const value = median(idle.slice(1).map(({ total }) => total)), yardstick = median(bare.slice(1));
    const shares = idle.find(({ total }) => total === value).each.map(({ name, ms }) => `${name} ${ms.toFixed(2)} ms`).join(', ');
    console.log(`an idle run: ${shares}`);
    return { idle_run: { value: round2(value), unit: 'ms', yardstick: round2(yardstick), ratio: round2(value / yardstick) } };
  } finally {
    for (const child of children.toReversed()) await end(child);
  }
}

async function bareJob(bench, parts, postmaster) {
  const config = { databaseUrl: bench.databaseUrl, keys: bench.keys, redisUrl: undefined, workerConcurrency: 8, leaseMs: 15_000 };
  const before = [cpuMs(process.pid), postgresMs(postmaster)];
  await bareBullmq(config, parts.core.createLogger('bench', 'error'), parts, JOBS);
  return (cpuMs(process.pid) - before[0] + postgresMs(postmaster) - before[1]) / JOBS;
}

async function start(bench, parts) {
  const mews = spawn(process.execPath, [fileURLToPath(new URL('idle-mews.mjs', import.meta.url))], { stdio: ['ignore', 'pipe', 'inherit'] });
  mews.port = Number(String(await once(mews.stdout, 'data')));
  const port = await parts.processes.findFreePort();
  const env = {
    PATH: process.env.PATH, DATABASE_URL: bench.databaseUrl.reveal(), KEYRACK_KEYS: bench.keys.reveal(), KEYRACK_PORT: String(port), KEYRACK_ALLOW_HTTP_PLATFORM: 'true',
    KEYRACK_BOOTSTRAP_KEY: KEY, KEYRACK_LOG_LEVEL: 'warn',
  };
  const [api, worker] = ['api', 'worker'].map((name) => spawn(process.execPath, [fileURLToPath(new URL(`../../dist/apps/${name}/main.js`, import.meta.url))], { env, stdio: ['ignore', 'ignore', 'inherit'] }));
  api.url = `http://127.0.0.1:${port}`;
  for (const until = Date.now() + 30_000; ; await sleep(100)) {
    if (await fetch(`${api.url}/readyz`).then((answer) => answer.ok, () => false)) break;
    if (Date.now() > until) throw new Error('the api did not start');
  }
  return { children: [mews, api, worker], api, worker };
}

/** Connects the hotels through the api and waits for the first load of what they hold: nothing. @returns how many runs a round has */
async function prepareHotels({ owner }, parts, [mews, api]) {
  const call = async (path, body) => {
    const answer = await fetch(`${api.url}/v1${path}`, { method: 'POST', headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' }, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  };
  await call('/environments', { id: 'still', name: 'Still', platformAddress: `http://127.0.0.1:${mews.port}` });
  const { id: applicationId } = await call('/applications', { name: 'Bench', version: '1.0', clientTokens: [{ environment: 'still', clientToken: 'client-token' }] });
  for (let n = 1; n <= HOTELS; n += 1) {
    await call('/tenants', { slug: `hotel-${n}`, name: `Hotel ${n}` });
    await call(`/tenants/hotel-${n}/access-tokens`, { applicationId, environment: 'still', accessToken: `hotel-${n}` });
  }
  // Increments of one request, as most are: others need parents' ids, or are read whole each time.
  const names = parts.mews.collections.filter((entry) => entry.scope === 'enterprise' && entry.strategy !== 'snapshot' && entry.fullEvery === undefined && entry.parents.length === 0
    && entry.cursor === 'to-older' && entry.intervals.length === 1 && entry.intervals[0].rewalkDays === 0).map((entry) => entry.name);
  for (;;) {
    await sleep(1_000);
    const { rows: [{ live, done }] } = await owner.query(`select count(*) filter (where state in ('queued', 'running', 'waiting'))::int as live, count(distinct enterprise_id)::int as done from run`);
    if (live === 0 && done === HOTELS) break;
  }
  await owner.query('delete from schedule where collection <> all($1)', [names]);
  await owner.query(`update schedule set next_run_at = now() + interval '1 hour'`);
  await owner.query('truncate run cascade');
  await owner.query('vacuum analyze');
  await sleep(31_000);
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

const statOf = (pid) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
/** User and system time, which Linux tells in hundredths of a second. */
const cpuMs = (pid) => statOf(pid).slice(11, 13).reduce((sum, ticks) => sum + Number(ticks) * 10, 0);

/** Of the postmaster, its living children, and those that have ended. */
function postgresMs(postmaster) {
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).filter((pid) => { try { return Number(statOf(pid)[1]) === postmaster; } catch { return false; } });
  return [postmaster, ...children].reduce((sum, pid) => { try { return sum + cpuMs(pid); } catch { return sum; } }, statOf(postmaster).slice(13, 15).reduce((sum, ticks) => sum + Number(ticks) * 10, 0));
}

const round2 = (number) => Math.round(number * 100) / 100;

async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}
