// The worker as a process: starts, stops, and says what is wrong with its configuration.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Audit, AuditVerifier } from '@keyrack/audit';
import { loadConfig, systemActor } from '@keyrack/core';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';

const program = new URL('../../dist/apps/worker/main.js', import.meta.url).pathname;
const children: ChildProcess[] = [];
let database: TestDatabase;

beforeAll(async () => {
  if (!existsSync(program)) throw new Error('the worker is not built: npm run build');
  database = await createTestDatabase();
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await database?.drop();
});

interface Started { child: ChildProcess; output(): string; exit: Promise<{ code: number | null }> }

function start(env: Record<string, string>): Started {
  const child = fork(program, [], { env: { PATH: process.env['PATH'], ...env }, silent: true, execArgv: [] });
  children.push(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => { text += chunk.toString(); });
  const exit = once(child, 'exit').then(([code]: (number | null)[]) => ({ code: code ?? null }));
  return { child, output: () => text, exit };
}

async function started(env: Record<string, string> = {}): Promise<Started> {
  const worker = start({ ...database.env, ...env });
  for (const deadline = Date.now() + 20_000; !worker.output().includes('worker started');) {
    if (Date.now() > deadline || worker.child.exitCode !== null) throw new Error(`the worker did not start: ${worker.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return worker;
}

test('SIGTERM ends an idle worker cleanly within 10 s', async () => {
  const worker = await started();
  const at = Date.now();
  worker.child.kill('SIGTERM');
  expect((await worker.exit).code).toBe(0);
  expect(Date.now() - at).toBeLessThan(10_000);
  const secrets = [database.databaseUrl.reveal(), database.keys.reveal(), new URL(database.databaseUrl.reveal()).password + '@'];
  for (const secret of secrets) expect(worker.output()).not.toContain(secret);
});

test('a worker writes checkpoints of the audit trail down when it starts, which vouch for it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'worker-checkpoints-'));
  await database.db.onPlatform('test', (tx) => new Audit(database.db, database).record(tx, systemActor('test'), { action: 'ring_key.retired', name: 'k0' }));
  const written = () => readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8')).join('');
  const worker = await started({ KEYRACK_AUDIT_CHECKPOINTS: folder });
  for (const deadline = Date.now() + 10_000; !written().endsWith('\n') && Date.now() < deadline;) await new Promise((resolve) => setTimeout(resolve, 20));
  worker.child.kill('SIGTERM');
  await worker.exit;
  expect(JSON.parse(written())).toMatchObject({ keyrackCheckpoint: 1, chain: 'platform', signature: expect.any(String) });
  const config = loadConfig({ ...database.env, KEYRACK_AUDIT_CHECKPOINTS: folder });
  expect(await new AuditVerifier(database.db, config).verify()).toMatchObject({ ok: true, checkpoints: 1 });
  rmSync(folder, { recursive: true });
});

test('a worker ends when the process that forked it is gone', async () => {
  const worker = await started();
  worker.child.disconnect();
  expect((await worker.exit).code).toBe(0);
});

test('an unusable configuration is told plainly, without a stack or a value, with exit code 78', async () => {
  const worker = start({ DATABASE_URL: 'mysql://u:canary-7391@host/db' });
  expect((await worker.exit).code).toBe(78);
  expect(worker.output()).toMatch(/^DATABASE_URL: .*\nKEYRACK_KEYS: .*\n$/);
  expect(worker.output()).not.toContain('canary');
});

test('a database without the queue\'s tables is told with what to run', async () => {
  await database.owner.query('alter schema bullmq rename to elsewhere');
  try {
    const worker = start(database.env);
    expect((await worker.exit).code).toBe(78);
    expect(worker.output()).toContain('keyrack migrate');
  } finally {
    await database.owner.query('alter schema elsewhere rename to bullmq');
  }
});
