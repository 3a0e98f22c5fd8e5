// npm start from the outside: real processes, a real embedded Postgres, a data folder and a port of its own.
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { hasProc, removeDataDir, StartedKeyrack, temporaryDataDir, until } from './keyrack-process.js';

const dataDir = temporaryDataDir();
const started: StartedKeyrack[] = [];
const start = async (...args: Parameters<typeof StartedKeyrack.start>): Promise<StartedKeyrack> => {
  const keyrack = await StartedKeyrack.start(...args);
  started.push(keyrack);
  return keyrack;
};

afterEach(() => {
  for (const keyrack of started.splice(0)) for (const { pid } of keyrack.processes()) process.kill(pid, 'SIGKILL');
});
afterAll(() => { removeDataDir(dataDir); });

(hasProc ? describe : describe.skip)('npm start', () => {
  test('the first start makes a user with the printed password, brings back what is killed, and SIGTERM leaves no process', async () => {
    const keyrack = await start(dataDir, { env: { KEYRACK_WORKERS: '2' } });
    await keyrack.says('Ctrl-C stops everything');
    const password = /with the password (\S+)/.exec(keyrack.output)?.[1];
    const signedIn = await fetch(`${keyrack.url}/v1/session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ email: 'admin@keyrack.local', password }) });
    expect(signedIn.status).toBeLessThan(300);

    for (const program of ['worker', 'api'] as const) {
      const before = keyrack.pidsOf(program);
      expect(before).toHaveLength(program === 'worker' ? 2 : 1);
      const [victim = 0] = before;
      process.kill(victim, 'SIGKILL');
      await until(() => keyrack.pidsOf(program).length === before.length && !keyrack.pidsOf(program).includes(victim), 2_000, () => `the ${program} did not come back: ${keyrack.output}`);
    }
    await until(async () => (await fetch(`${keyrack.url}/readyz`).catch(() => undefined))?.ok === true, 60_000, () => `the api is not ready again: ${keyrack.output}`);

    const commands = keyrack.processes().map(({ command }) => command);
    const secrets = ['keys', 'postgres-password'].map((name) => readFileSync(join(dataDir, name), 'utf8').trim());
    for (const secret of secrets) for (const command of commands) expect(command.includes(secret)).toBe(false);
    expect(commands.filter((command) => command.includes('postgres') && command.includes('worker'))).toEqual([]);

    const from = Date.now();
    keyrack.process.kill('SIGTERM');
    expect(await keyrack.ended()).toBe(0);
    expect(Date.now() - from).toBeLessThan(10_000);
    expect(keyrack.processes()).toEqual([]);
  }, 240_000);

  test('every secret of the data folder is for its owner only', () => {
    const files = readdirSync(dataDir, { withFileTypes: true }).filter((entry) => entry.isFile()).map(({ name }) => name);
    expect(files).toEqual(expect.arrayContaining(['keys', 'postgres-password', 'database-url']));
    for (const name of files) expect(statSync(join(dataDir, name)).mode & 0o077).toBe(0);
  });

  test('a second start keeps the data and prints no password again; a second Keyrack on the same folder is refused', async () => {
    const keyrack = await start(dataDir);
    await keyrack.says('Ctrl-C stops everything');
    expect(keyrack.output).not.toContain('Making the database');
    expect(keyrack.output).not.toContain('password');

    const second = await start(dataDir);
    expect(await second.ended(90_000)).toBe(1);
    expect(second.output).toContain('already runs on the data folder');
    expect((await fetch(`${keyrack.url}/livez`)).ok).toBe(true);

    keyrack.process.kill('SIGHUP');
    await keyrack.ended();
    expect(keyrack.processes()).toEqual([]);
  }, 180_000);

  test('a supervisor that is killed takes its programs with it, and the next start stops the Postgres that it left', async () => {
    const killed = await start(dataDir);
    await killed.says('Ctrl-C stops everything');
    killed.process.kill('SIGKILL');
    await until(() => killed.pidsOf('api').length + killed.pidsOf('worker').length === 0, 10_000, () => `they go on: ${JSON.stringify(killed.processes())}`);
    expect(killed.processes().filter(({ command }) => command.includes('postgres')).length).toBeGreaterThan(0);

    const next = await start(dataDir);
    await next.says('Stopped a Postgres that an earlier start had left behind');
    await next.says('Ctrl-C stops everything');
    next.process.kill('SIGINT');
    await next.ended();
    expect(next.processes()).toEqual([]);
  }, 240_000);

  test('a port in use is named, with the variable that changes it, and nothing is left running', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' ? address?.port ?? 0 : 0;
    const keyrack = await start(dataDir, { port });
    expect(await keyrack.ended(90_000)).toBe(1);
    expect(keyrack.output).toContain(`Port ${port} on 127.0.0.1 is in use`);
    expect(keyrack.output).toContain('KEYRACK_PORT=');
    expect(keyrack.processes()).toEqual([]);
    other.close();
  }, 180_000);

  test('a wrong variable is named before anything starts', async () => {
    const keyrack = await start(dataDir, { env: { KEYRACK_WORKERS: 'many' } });
    expect(await keyrack.ended(90_000)).toBe(1);
    expect(keyrack.output).toContain('KEYRACK_WORKERS');
    expect(keyrack.output).not.toContain('Postgres is ready');
  }, 180_000);
});
