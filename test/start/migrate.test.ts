// Migration as a deployment does it: several at once, again and again.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import pg from 'pg';
import { generateKeyRing, openDatabase, Secret } from '@keyrack/core';
import { migrate } from '../../apps/cli/src/migrate.js';
import { migrations } from '../../migrations/index.js';

test('two migrations at once on an empty database, and a third one later, give one schema that the runtime roles can use', async () => {
  const server = process.env['KEYRACK_TEST_POSTGRES'] ?? '';
  const admin = new pg.Client({ connectionString: server });
  await admin.connect();
  const name = `t_${randomBytes(6).toString('hex')}`;
  await admin.query(`create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const target = { databaseUrl: new Secret(url.toString()), keys: new Secret(generateKeyRing()) };
  try {
    await Promise.all([migrate(target), migrate(target)]);
    await migrate(target);
    const owner = new pg.Client({ connectionString: url.toString() });
    await owner.connect();
    expect((await owner.query('select name from migration order by id')).rows).toHaveLength(migrations.length);
    await owner.end();
    const db = await openDatabase(target.databaseUrl, target.keys, 'test', 1);
    await db.ping();
    await db.close();
  } finally {
    await admin.query(`drop database if exists ${name} with (force)`);
    for (const role of ['app', 'platform']) await admin.query(`drop role if exists ${name}_${role}`);
    await admin.end();
  }
});

test.each([
  ['does not run', 'postgres://keyrack:hunter2@localhost:1/keyrack', 'ECONNREFUSED'],
  ['is nowhere', 'postgres://keyrack:hunter2@nowhere.invalid/keyrack', 'ENOTFOUND'],
])('a database that %s is told with what to look at, by every command that needs it', async (_, url, reason) => {
  const keyrackModule = new URL('../../dist/apps/cli/src/keyrack.js', import.meta.url).href;
  for (const command of [['migrate'], ['keys', 'status'], ['audit', 'verify']]) {
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', `const { keyrack } = await import('${keyrackModule}'); process.exitCode = await keyrack(['node', 'keyrack', ...${JSON.stringify(command)}], process.env)`],
      { encoding: 'utf8', env: { PATH: process.env['PATH'], DATABASE_URL: url, KEYRACK_KEYS: generateKeyRing() } });
    expect({ command, status, stderr }).toEqual({ command, status: 1, stderr: expect.stringMatching(new RegExp(`^The database of DATABASE_URL cannot be used: .*${reason}.*\nCheck `)) });
    expect(stderr).not.toMatch(/hunter2|\n\s+at /);
  }
});
