// The embedded Postgres: making its cluster, the command that runs it, waiting for it, and stopping one that was left behind.
import { spawn, type SpawnOptions } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFileSync, chmodSync, chownSync, existsSync, mkdirSync, readFileSync, readlinkSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { Secret } from '@keyrack/core';
import { Problem } from '../problem.js';
import { commandLine, endProcess, isAlive } from '../processes.js';
import type { PostgresPlace } from './place.js';

/** How Postgres is asked to stop: "fast" first, then "immediate", which recovers from its log at the next start. */
export const postgresStopSignals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT'];

const SETTINGS_FILE = 'keyrack.conf';

export interface Command { file: string; args: string[]; options: SpawnOptions }

/** Makes the cluster unless it is there. The password is the superuser's. */
export async function initialise(place: PostgresPlace, password: Secret): Promise<void> {
  if (existsSync(join(place.folder, 'PG_VERSION'))) return;
  // Made under another name and renamed: a start that was killed in between leaves nothing that looks finished.
  const unfinished = `${place.folder}.new`;
  const passwordFile = join(unfinished, `../.postgres-password-${randomBytes(6).toString('hex')}`);
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  writeFileSync(passwordFile, password.reveal(), { mode: 0o600 });
  if (place.user) for (const path of [unfinished, passwordFile]) chownSync(path, place.user.uid, place.user.gid);
  try {
    await run(join(place.binaries, 'bin/initdb'), [
      `--pgdata=${unfinished}`, '--username=postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256',
      '--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-sync', '--no-instructions',
    ], place);
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(unfinished, place.folder);
}

/**
 * The command that runs the server in the foreground. `settings` are Postgres' own.
 *
 * No process of the server has "worker" in its title, and no setting stands in its command line: who ends our workers by name must
 * not take the database down with them. Autovacuum's helpers are the exception that Postgres does not let us rename.
 */
export function serverCommand(place: PostgresPlace, port: number, settings: Record<string, string> = {}): Command {
  writeSettings(place.folder, {
    listen_addresses: '127.0.0.1', unix_socket_directories: '',
    io_method: 'sync', max_parallel_workers_per_gather: '0', max_parallel_maintenance_workers: '0',
    ...settings,
  });
  return { file: join(place.binaries, 'bin/postgres'), args: ['-D', place.folder, '-p', String(port)], options: asServer(place) };
}

function writeSettings(folder: string, settings: Record<string, string>): void {
  const file = join(folder, SETTINGS_FILE);
  writeFileSync(file, Object.entries(settings).map(([name, value]) => `${name} = '${value}'\n`).join(''));
  // The server's user must read what root wrote, whatever the umask; the folder around it is closed.
  chmodSync(file, 0o644);
  const main = join(folder, 'postgresql.conf');
  const include = `include = '${SETTINGS_FILE}'`;
  if (!readFileSync(main, 'utf8').includes(include)) appendFileSync(main, `\n${include}\n`);
}

export const serverUrl = (port: number, password: Secret, database: string): Secret =>
  new Secret(`postgres://postgres:${encodeURIComponent(password.reveal())}@127.0.0.1:${port}/${database}`);

/** Waits until it accepts connections. `hasEnded` stops the wait early. */
export async function waitForServer(url: Secret, timeoutMs: number, hasEnded: () => boolean): Promise<void> {
  const until = Date.now() + timeoutMs;
  for (;;) {
    const client = new pg.Client({ connectionString: url.reveal(), connectionTimeoutMillis: 2_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.end();
      return;
    } catch (cause) {
      await client.end().catch(() => undefined);
      if (hasEnded()) throw new Problem('The embedded Postgres ended while it started.', undefined, { cause });
      if (Date.now() > until) throw new Problem(`The embedded Postgres did not answer within ${Math.round(timeoutMs / 1_000)} s.`, undefined, { cause });
    }
    await sleep(50);
  }
}

/** Creates the database unless it is there. `server` is a DSN into the database `postgres`. */
export async function ensureDatabase(server: Secret, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: server.reveal() });
  await client.connect();
  try {
    const found = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (found.rowCount === 0) await client.query(`create database ${pg.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}

/** The pid of a server that runs on exactly this data folder; null when there is none. Another program that got the pid is not it. */
export function findServer(folder: string): number | null {
  const file = join(folder, 'postmaster.pid');
  if (!existsSync(file)) return null;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  if (!Number.isInteger(pid) || pid < 2 || !isAlive(pid)) return null;
  if (existsSync(`/proc/${pid}/cwd`) || existsSync(`/proc/${pid}/stat`)) {
    // Postgres works inside its data folder; that says more than its command line, which anyone can imitate.
    try { return realpathSync(readlinkSync(`/proc/${pid}/cwd`)) === realpathSync(folder) ? pid : null; } catch { /* not ours to look at: fall through */ }
  }
  const command = commandLine(pid);
  return command.includes('postgres') && command.includes(`-D ${folder} `) ? pid : null;
}

/** Stops a server that an earlier start left behind on this data folder. @returns whether there was one */
export async function stopOrphan(folder: string, graceMs = 4_000): Promise<boolean> {
  const pid = findServer(folder);
  if (pid === null) return false;
  await endProcess(pid, postgresStopSignals, graceMs);
  return true;
}

// The working folder matters: one that the server's user cannot enter makes initdb and postgres fail.
const asServer = (place: PostgresPlace): SpawnOptions => ({
  cwd: dirname(place.folder), env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' }, ...place.user,
});

async function run(file: string, args: string[], place: PostgresPlace): Promise<void> {
  let output = '';
  const child = spawn(file, args, { ...asServer(place), stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => { output += chunk.toString(); });
  const code = await new Promise<number | null>((resolve, reject) => { child.once('error', reject); child.once('close', resolve); });
  if (code !== 0) throw new Problem(`The embedded Postgres could not make its data folder ${place.folder}:\n${output.trim().split('\n').slice(-12).join('\n')}`);
}
