// The whole path of pages of 1,000 records, from the sandbox over HTTP through a real worker: its processor time and Postgres' per 1,000 new
// records, beside a plain program that asks, parses and COPYs the same pages. And the most memory that the worker has while it reads ten times as
// many records, reads them again, and plans by their ids.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { median } from './harness.mjs';
import { cpuMs, forgetPeak, peakMb, postgresMs, postmasterOf, tellsUsage } from './usage.mjs';
import { connectEnvironment, startWhole, untilIdle } from './whole.mjs';

const COLLECTION = 'reservations', BY_THEIR_IDS = ['companionships', 'serviceOrderNotes'];

/** @returns figures by name: milliseconds of processor time per 1,000 records; megabytes of the worker */
export async function benchHttp(bench, parts, { few = 50_000, many = 500_000, rounds = 3 } = {}) {
  if (!tellsUsage) { console.log('http is left out: it reads what processes use from /proc'); return {}; }
  const { startSandbox } = await import(new URL('../../dist/apps/sandbox/src/index.js', import.meta.url).href);
  const sandbox = await startSandbox({ profile: 'small', limit: { requests: 10_000 } });
  const whole = await startWhole(bench, parts);
  try {
    const applicationId = await connectEnvironment(whole, sandbox.url, sandbox.tokens[0].clientToken);
    const [small, large] = [await connectHotel(bench, whole, sandbox, applicationId, 'small'), await connectHotel(bench, whole, sandbox, applicationId, 'large')];
    const postmaster = await postmasterOf(bench.owner), times = { worker: [], postgres: [], whole: [], plain: [] };
    const memory = { few: [], many: [] };
    sandbox.world.addRecords(COLLECTION, small.enterpriseId, few);
    for (let round = 0; round <= rounds; round += 1) {
      times.plain.push(await plainMs(bench, sandbox, small, postmaster) / few * 1_000);
      const before = [cpuMs(whole.worker.pid), postgresMs(postmaster)];
      memory.few.push(await load(bench, whole, small));
      const [worker, postgres] = [cpuMs(whole.worker.pid) - before[0], postgresMs(postmaster) - before[1]].map((ms) => ms / few * 1_000);
      times.worker.push(worker);
      times.postgres.push(postgres);
      times.whole.push(worker + postgres);
    }
    sandbox.world.addRecords(COLLECTION, large.enterpriseId, many);
    for (let round = 0; round < rounds; round += 1) memory.many.push(await load(bench, whole, large));
    const again = await peakOf(bench, whole, large, { collections: [COLLECTION], mode: 'full' });
    const byIds = await peakOf(bench, whole, large, { collections: BY_THEIR_IDS });
    // The first of each warms up.
    const typical = (numbers) => median(numbers.slice(1));
    console.log(`1,000 records over HTTP: worker ${typical(times.worker).toFixed(0)} ms, Postgres ${typical(times.postgres).toFixed(0)} ms`);
    return { 'http.cpu': figure(typical(times.whole), typical(times.plain), 'ms'), 'http.memory': figure(median(memory.many), typical(memory.few), 'MB'),
      'http.memory.again': figure(again, typical(memory.few), 'MB'), 'http.memory.by_ids': figure(byIds, typical(memory.few), 'MB') };
  } finally {
    await whole.stop();
    await sandbox.stop();
  }
}

const figure = (value, yardstick, unit) => ({ value: Math.round(value), unit, yardstick: Math.round(yardstick), ratio: Math.round(value / yardstick * 100) / 100 });

/** A tenant with one hotel that has been read, and is not read again by itself. */
async function connectHotel({ owner }, whole, { world }, applicationId, slug) {
  const chain = world.addChain(slug), { id: enterpriseId } = world.addEnterprise({ chainId: chain.id, ageDays: 120, reservations: 30 });
  const { accessToken } = world.issueToken({ enterprises: [enterpriseId] });
  await whole.call('/tenants', { slug, name: slug });
  await whole.call(`/tenants/${slug}/access-tokens`, { applicationId, environment: 'bench', accessToken });
  await untilIdle(owner);
  await owner.query('update schedule set enabled = false');
  const { rows: [{ id }] } = await owner.query('select id from tenant where slug = $1', [slug]);
  return { tenantId: id, slug, enterpriseId, accessToken };
}

/** Reads the hotel's records as if none were stored. @returns the most memory of the worker meanwhile */
async function load(bench, whole, { tenantId, slug }) {
  const { owner } = bench;
  for (const table of ['record', 'feed', 'record_count']) await owner.query(`delete from ${table} where tenant_id = $1 and collection = $2`, [tenantId, COLLECTION]);
  await owner.query('vacuum analyze');
  await owner.query('checkpoint');
  return peakOf(bench, whole, { tenantId, slug }, { collections: [COLLECTION], mode: 'full' });
}

/** @returns the most memory of the worker during the sync */
async function peakOf({ owner }, whole, { tenantId, slug }, sync) {
  forgetPeak(whole.worker.pid);
  await whole.call(`/tenants/${slug}/syncs`, sync);
  await untilIdle(owner);
  const { rows } = await owner.query('select state, error from run where tenant_id = $1 order by created_at desc limit $2', [tenantId, sync.collections.length]);
  for (const { state, error } of rows) if (state !== 'succeeded') throw new Error(`a run ended as ${state}: ${JSON.stringify(error)}`);
  return peakMb(whole.worker.pid);
}

/** @returns processor time of the plain program and of Postgres */
async function plainMs(bench, sandbox, { tenantId, enterpriseId, accessToken }, postmaster) {
  const order = {
    url: `${sandbox.url}/api/connector/v1/reservations/getAll/2023-06-06`, tenantId, databaseUrl: bench.databaseUrl.reveal(),
    body: { ClientToken: sandbox.tokens[0].clientToken, AccessToken: accessToken, Client: 'Bench 1.0', EnterpriseIds: [enterpriseId] },
  };
  const before = postgresMs(postmaster);
  const child = spawn(process.execPath, [fileURLToPath(new URL('http-plain.mjs', import.meta.url)), JSON.stringify(order)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const used = once(child.stdout, 'data'), exit = once(child, 'exit');
  if ((await exit)[0] !== 0) throw new Error('the plain program failed');
  return Number(String(await used)) + postgresMs(postmaster) - before;
}
