// What the tests need beyond npm: a Postgres of their own, Redis, Chromium. Nothing here uses a fixed port.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const CHROMIUM = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const PREFIX = 'keyrack-test-';
/** Every process of a test run carries this variable, so that those left over can be found at its end. */
export const MARK = 'KEYRACK_TEST_RUN';

/** Finds Redis and Chromium; as root on Debian or Ubuntu installs what is missing. @returns their paths, or undefined */
export function findTools() {
  let tools = look();
  const missing = [...(tools.redis ? [] : ['redis-server']), ...(tools.chromium ? [] : ['chromium'])];
  if (missing.length > 0 && process.getuid?.() === 0 && onPath('apt-get')) {
    console.log(`Installing ${missing.join(' and ')} by apt`);
    // RUNLEVEL=1 keeps the package from starting a server of its own.
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
    for (const args of [['update', '-qq'], ['install', '-y', '-qq', '--no-install-recommends', ...missing]]) {
      const done = spawnSync('apt-get', args, { env, encoding: 'utf8' });
      if (done.status !== 0) { console.log((done.stderr || String(done.error)).trim().split('\n').slice(-5).join('\n')); break; }
    }
    tools = look();
  }
  return tools;
}

function look() {
  const runs = (path) => path !== undefined && spawnSync(path, ['--version'], { stdio: 'ignore', timeout: 20_000 }).status === 0;
  const redis = onPath('redis-server');
  // Ubuntu's package of that name is a stub that only points to a snap: found, but it does not run.
  const chromium = CHROMIUM.map(onPath).find(runs);
  return { redis: runs(redis) ? redis : undefined, chromium };
}

/** The path of Redis where it is installed; installs nothing. */
export const redisOnPath = () => look().redis;

function onPath(name) {
  return (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** A folder for this run; those of runs that were killed are cleaned up first. */
export async function openFolder({ stopOrphan }) {
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1]);
    if (!pid || existsSync(`/proc/${pid}`) || alive(pid)) continue;
    const folder = join(tmpdir(), name);
    await stopOrphan(join(folder, 'postgres'));
    try { rmSync(folder, { recursive: true, force: true }); } catch { /* another user's */ }
  }
  const folder = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  chmodSync(folder, 0o711);
  return folder;
}

/** For tests, which throw the data away: no write need reach the disk. */
const careless = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', shared_buffers: '256MB' };

/** Starts a Postgres that is gone afterwards. @returns its DSN and how to stop it */
export async function startPostgres(folder, { place, server, processes, Secret }, settings = careless) {
  const where = place.choosePlace(folder);
  const password = new Secret('postgres');
  await server.initialise(where, password);
  const port = await processes.findFreePort();
  const { file, args, options } = server.serverCommand(where, port, { max_connections: '300', ...settings });
  const log = join(folder, 'postgres.log');
  const child = spawn(file, args, { ...options, stdio: ['ignore', 'ignore', openSync(log, 'a')], detached: true });
  const url = server.serverUrl(port, password, 'postgres');
  try {
    await server.waitForServer(url, 30_000, () => child.exitCode !== null);
  } catch (error) {
    console.error(readFileSync(log, 'utf8').split('\n').slice(-15).join('\n'));
    throw error;
  }
  return { url: url.reveal(), stop: () => end(child, processes, server.postgresStopSignals) };
}

/** Starts a Redis that keeps nothing. */
export async function startRedis(path, folder, { processes }) {
  const port = await processes.findFreePort();
  const child = spawn(path, ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--maxmemory-policy', 'noeviction', '--dir', folder],
    { stdio: 'ignore', detached: true });
  for (const until = Date.now() + 10_000; await processes.portIsFree(port, '127.0.0.1');) {
    if (child.exitCode !== null || Date.now() > until) throw new Error('redis-server did not start');
    await sleep(25);
  }
  return { url: `redis://127.0.0.1:${port}`, pid: child.pid, stop: () => end(child, processes, ['SIGTERM']) };
}

// Waits for its exit to be collected, or it would stay behind as a zombie where nobody else collects it.
async function end(child, processes, signals) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  await processes.endProcess(child.pid, signals, 5_000);
  await exited;
}

/** Ends every process that still carries the mark of this run. @returns their command lines */
export function endLeftovers(mark) {
  const ended = [];
  for (const pid of processesWith(`${MARK}=${mark}`)) {
    try {
      ended.push(readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').slice(0, 120));
      process.kill(pid, 'SIGKILL');
    } catch { /* it has ended by itself */ }
  }
  return ended;
}

function processesWith(variable) {
  if (!existsSync('/proc/self/environ')) {
    const list = execFileSync('ps', ['axeww', '-o', 'pid=,command='], { encoding: 'utf8' });
    return list.split('\n').filter((line) => line.includes(variable)).map((line) => Number.parseInt(line, 10)).filter((pid) => pid !== process.pid);
  }
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    if (pid === process.pid) return false;
    try { return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(variable); } catch { return false; }
  });
}

function alive(pid) {
  try { process.kill(pid, 0); return true; } catch (error) { return error.code === 'EPERM'; }
}
