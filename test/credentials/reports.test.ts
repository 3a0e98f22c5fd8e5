// Whatever NODE_OPTIONS asks for, no program that holds the ring leaves a diagnostic report, which would hold its environment.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';

let database: TestDatabase, folder: string;
beforeAll(async () => {
  database = await createTestDatabase();
  folder = mkdtempSync(join(tmpdir(), 'keyrack-reports-'));
  // Loaded before each program, and tells at its end what a report would do and hold.
  writeFileSync(join(folder, 'tell.mjs'), `
    import { writeFileSync } from 'node:fs';
    process.on('exit', () => {
      const { reportOnSignal, reportOnFatalError, reportOnUncaughtException } = process.report;
      const secrets = ['DATABASE_URL', 'KEYRACK_KEYS', 'KEYRACK_BOOTSTRAP_KEY'].filter((name) => name in process.env);
      writeFileSync(process.env.TOLD, JSON.stringify({ reports: [reportOnSignal, reportOnFatalError, reportOnUncaughtException], secrets }));
    });`);
});
afterAll(async () => { await database?.drop(); rmSync(folder, { recursive: true, force: true }); });

const built = (path: string): string => new URL(`../../dist/apps/${path}`, import.meta.url).href;
const call = (path: string, how: string): string[] => ['--input-type=module', '--eval', `const made = await import(${JSON.stringify(built(path))}); process.exitCode = await ${how}`];

test.each([
  ['the api', () => [new URL(built('api/main.js')).pathname], 'serving'],
  ['a worker', () => [new URL(built('worker/main.js')).pathname], 'worker started'],
  ['keyrack keys status', () => call('cli/src/keyrack.js', `made.keyrack(['node', 'keyrack', 'keys', 'status'], process.env)`), null],
  ['npm start', () => call('cli/src/start/main.js', `made.main(['--no-such-option'], process.env)`), null],
])('%s', async (name, args, ready) => {
  const told = join(folder, `${name.replaceAll(' ', '-')}.json`);
  const child = spawn(process.execPath, args(), { stdio: ['ignore', 'pipe', 'pipe'], env: {
    PATH: process.env['PATH'] ?? '', TOLD: told, KEYRACK_PORT: '0', KEYRACK_DATA_DIR: folder, ...database.env,
    NODE_OPTIONS: `--import ${pathToFileURL(join(folder, 'tell.mjs')).href} --report-on-signal --report-on-fatalerror --report-uncaught-exception --report-directory=${folder}`,
  } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (ready !== null && output.includes(ready)) child.kill('SIGTERM');
    });
  }
  await new Promise((resolve) => { child.once('close', resolve); });
  expect({ output, ...JSON.parse(readFileSync(told, 'utf8')) }).toMatchObject({ reports: [false, false, false], secrets: [] });
}, 30_000);
