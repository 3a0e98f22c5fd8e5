// Migration as a deployment does it: several at once, again and again.
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
