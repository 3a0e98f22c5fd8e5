// npm test [-- FILTER...] [-- --faults]: every test, from a bare clone. The last line is always `N passed, N failed[, N skipped]`.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { prepare, PrepareError, root } from '../apps/cli/prepare.mjs';
import { endLeftovers, findTools, MARK, openFolder, startPostgres, startRedis } from './provisions.mjs';

const mark = `${process.pid}-${Date.now()}`;
const cleanUps = [];
let jest;
let closing;

for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]]) {
  process.on(signal, () => { void close().then(() => { finish({ failed: 1, why: `Stopped by ${signal}.` }, code); }); });
}

try {
  const result = await main(process.argv.slice(2));
  await close();
  finish(result);
} catch (error) {
  const why = error instanceof PrepareError || error?.name === 'Problem' ? error.message : error?.stack ?? String(error);
  await close();
  finish({ failed: 1, why });
}

async function main(args) {
  await prepare();
  const { redis, chromium } = findTools();
  const missing = [...(redis ? [] : ['redis-server']), ...(chromium ? [] : ['chromium'])];
  if (missing.length > 0 && process.env.CI === 'true') {
    return { failed: 1, why: `${missing.join(' and ')} not found. With CI=true nothing is skipped: install ${missing.length > 1 ? 'them' : 'it'}.` };
  }
  for (const name of missing) console.log(`${name} is not on the PATH and cannot be installed from here: the tests that need it are skipped.`);

  const parts = await load();
  const folder = await openFolder(parts.server);
  cleanUps.push(() => { rmSync(folder, { recursive: true, force: true }); });
  const postgres = await startPostgres(folder, parts);
  cleanUps.unshift(postgres.stop);
  const env = { ...cleanEnvironment(), [MARK]: mark, KEYRACK_TEST_POSTGRES: postgres.url, ...(chromium ? { KEYRACK_TEST_CHROMIUM: chromium } : {}) };
  if (redis) {
    const server = await startRedis(redis, folder, parts);
    cleanUps.unshift(server.stop);
    env.KEYRACK_TEST_REDIS = server.url;
  }
  const faults = args.includes('--faults'), filters = args.filter((arg) => arg !== '--faults');
  if (faults) env.KEYRACK_FAULTS = 'long';
  return runJest(faults && filters.length === 0 ? ['test/faults/', 'test/trust/'] : filters, env, join(folder, 'result.json'));
}

// The programs as they were just built; they do not exist before `prepare`.
async function load() {
  const from = (path) => import(new URL(`../dist/${path}`, import.meta.url).href);
  const [place, server, processes, core] = await Promise.all([
    from('apps/cli/src/postgres/place.js'), from('apps/cli/src/postgres/server.js'), from('apps/cli/src/processes.js'), from('libs/core/src/index.js')]);
  return { place, server, processes, Secret: core.Secret };
}

// A developer's own settings must not change what the tests see.
function cleanEnvironment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(KEYRACK_|DATABASE_URL|REDIS_URL|NODE_OPTIONS|NODE_ENV)/.test(name)));
}

async function runJest(args, env, resultFile) {
  const cli = join(root, 'node_modules/jest/bin/jest.js');
  jest = spawn(process.execPath, ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', cli,
    `--reporters=${join(root, 'test/reporter.mjs')}`, '--maxWorkers=3', ...args],
  { cwd: root, env: { ...env, KEYRACK_TEST_RESULT: resultFile }, stdio: ['ignore', 'inherit', 'inherit'], detached: true });
  const code = await new Promise((resolve, reject) => { jest.once('error', reject); jest.once('exit', resolve); });
  if (closing) return { failed: 1 };
  if (!existsSync(resultFile)) return { failed: 1, why: `jest ended with ${code} before it had a result.` };
  const counts = JSON.parse(readFileSync(resultFile, 'utf8'));
  if (counts.passed + counts.failed + counts.skipped === 0) return { failed: 1, why: 'No test was run: nothing matches the filter.' };
  if (code !== 0 && counts.failed === 0) return { ...counts, failed: 1, why: `jest ended with ${code} although no test failed.` };
  return counts;
}

/** Stops everything that this run started; safe to call again. */
function close() {
  closing ??= (async () => {
    if (jest?.pid && jest.exitCode === null && jest.signalCode === null) {
      signalGroup('SIGTERM');
      for (const until = Date.now() + 4_000; Date.now() < until && jest.exitCode === null && jest.signalCode === null;) await sleep(50);
      signalGroup('SIGKILL');
    }
    const left = endLeftovers(mark);
    if (left.length > 0) console.log(`Ended ${left.length} process(es) that the tests left behind:\n${left.map((line) => `  ${line}`).join('\n')}`);
    for (const cleanUp of cleanUps.splice(0)) await cleanUp();
  })();
  return closing;
}

function signalGroup(signal) {
  try { process.kill(-jest.pid, signal); } catch { /* the group is gone */ }
}

function finish({ passed = 0, failed = 0, skipped = 0, why }, code = failed > 0 ? 1 : 0) {
  if (why) console.error(`\n${why}`);
  console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  process.exit(code);
}
