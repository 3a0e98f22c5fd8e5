// Keeping one program running, and what is ours among processes and files, with real processes.
import { afterAll, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, Secret } from '@keyrack/core';
import { choosePlace } from '../../apps/cli/src/postgres/place.js';
import { findServer, initialise, serverCommand, serverUrl, stopOrphan, waitForServer } from '../../apps/cli/src/postgres/server.js';
import { birthMark, endProcess, findFreePort, isAlive } from '../../apps/cli/src/processes.js';
import { Child, type Death } from '../../apps/cli/src/start/child.js';
import { DataFolder } from '../../apps/cli/src/start/data-folder.js';
import { readSettings } from '../../apps/cli/src/start/settings.js';
import { until } from './keyrack-process.js';

const folder = mkdtempSync(join(tmpdir(), 'keyrack-supervision-'));
chmodSync(folder, 0o711);
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

function child(script: string, deaths: Death[] = []): { child: Child; pids: () => number[] } {
  const name = Math.random().toString(36).slice(2);
  const logFile = join(folder, `${name}.log`);
  const command = { file: process.execPath, args: ['-e', `console.log(process.pid); ${script}`], options: { cwd: folder } };
  const made = new Child({ name, command, logFile, onDeath: (death) => { deaths.push(death); } });
  return { child: made, pids: () => (existsSync(logFile) ? readFileSync(logFile, 'utf8').trim().split('\n').filter((line) => /^\d+$/.test(line)).map(Number) : []) };
}

test('a program that is killed runs again within a second', async () => {
  const deaths: Death[] = [];
  const { child: one, pids } = child('setInterval(() => {}, 1000)', deaths);
  one.start();
  await until(() => pids().length === 1, 10_000, () => 'it did not start');
  process.kill(pids()[0] ?? 0, 'SIGKILL');
  await until(() => one.isRunning && deaths.length === 1, 1_000, () => 'it did not come back');
  await until(() => pids().length === 2, 10_000, () => 'it did not come up again');
  await one.stop(2_000);
  expect(pids().filter(isAlive)).toEqual([]);
});

test('a program that fails at once is started again ever more slowly', async () => {
  const deaths: Death[] = [];
  const { child: one } = child('process.exit(3)', deaths);
  one.start();
  await until(() => deaths.length === 4, 20_000, () => 'it was not tried again');
  await one.stop(1_000);
  expect(deaths.map(({ retryInMs }) => retryInMs)).toEqual([100, 200, 400, 800]);
  expect(deaths[0]?.cause).toBe('ended with exit code 3');
});

test('a program that does not listen is ended all the same', async () => {
  const { child: one, pids } = child("process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)");
  one.start();
  await until(() => pids().length === 1, 10_000, () => 'it did not start');
  await one.stop(300);
  expect(pids().filter(isAlive)).toEqual([]);
});

test('an orphaned Postgres is told from another program that got its pid', async () => {
  const place = choosePlace(join(folder));
  const password = new Secret('secret');
  await initialise(place, password);
  expect(findServer(place.folder)).toBeNull();

  const port = await findFreePort();
  const { file, args, options } = serverCommand(place, port);
  const server = spawn(file, args, { ...options, stdio: 'ignore', detached: true });
  const exited = once(server, 'exit');
  await waitForServer(serverUrl(port, password, 'postgres'), 30_000, () => server.exitCode !== null);
  expect(findServer(place.folder)).toBe(server.pid);
  const pidFile = readFileSync(join(place.folder, 'postmaster.pid'), 'utf8');
  expect(await stopOrphan(place.folder)).toBe(true);
  await exited;

  const bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', '-D', place.folder, '.'], { stdio: 'ignore' });
  writeFileSync(join(place.folder, 'postmaster.pid'), pidFile.replace(/^\d+/, String(bystander.pid)));
  expect(await stopOrphan(place.folder)).toBe(false);
  expect(bystander.exitCode).toBeNull();
  const gone = once(bystander, 'exit');
  await endProcess(bystander.pid ?? 0, [], 2_000);
  await gone;
}, 60_000);

(process.getuid?.() === 0 ? test : test.skip)('as root in a home that only root may enter, data and binaries go where the server\'s user can reach them', async () => {
  const outside = join(folder, 'outside');
  const home = join(folder, 'home');
  mkdirSync(outside);
  chmodSync(outside, 0o711);
  mkdirSync(home, { mode: 0o700 });
  const dataDir = join(home, '.keyrack');
  mkdirSync(dataDir);
  const place = choosePlace(dataDir, outside);
  expect(place.folder.startsWith(outside)).toBe(true);
  expect(choosePlace(dataDir, outside).folder).toBe(place.folder);
  await initialise(place, new Secret('secret'));
  expect(existsSync(join(place.folder, 'PG_VERSION'))).toBe(true);
  // The data folder is lost, and with it the way to that cluster: the next one takes another place and touches nothing.
  rmSync(dataDir, { recursive: true });
  mkdirSync(dataDir);
  const next = choosePlace(dataDir, outside);
  expect(next.folder).not.toBe(place.folder);
  expect(next.forgotten).toEqual([place.folder]);
  expect(existsSync(join(place.folder, 'PG_VERSION'))).toBe(true);
}, 60_000);

test('a data folder belongs to one Keyrack at a time; the lock of one that is gone does not count', () => {
  const path = join(folder, 'locked');
  const data = new DataFolder(path);
  const lock = (pid: number, birth: string | null): void => { writeFileSync(join(path, 'supervisor.json'), JSON.stringify({ pid, birth })); };
  lock(process.ppid, birthMark(process.ppid));
  expect(() => { data.lock(); }).toThrow(/already runs on the data folder/);
  lock(process.ppid, 'another birth');
  expect(() => { data.lock(); }).not.toThrow();
  rmSync(join(path, 'supervisor.json'));
  lock(2 ** 22 + 1, '1');
  expect(() => { data.lock(); }).not.toThrow();
});

test('demonstration is the default on the embedded database only, and a wrong switch or option is named', () => {
  expect(readSettings([], {})).toMatchObject({ demo: 'sandbox', embeddedPostgres: true, once: false });
  expect(readSettings([], { DATABASE_URL: 'postgres://x' })).toMatchObject({ demo: null, embeddedPostgres: false });
  expect(readSettings([], { DATABASE_URL_FILE: '/x', KEYRACK_DEMO: 'true' })).toMatchObject({ demo: 'sandbox', embeddedPostgres: false });
  expect(readSettings(['--mews-demo', '--once'], {})).toMatchObject({ demo: 'mews', once: true });
  expect(() => readSettings([], { KEYRACK_DEMO: 'yes' })).toThrow(new ConfigError('KEYRACK_DEMO: must be true or false'));
  expect(() => readSettings(['--onec'], {})).toThrow(/--onec/);
});
