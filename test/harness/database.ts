// A fresh, migrated database for one test file, on the Postgres that the test run provides unless told.
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { generateKeyRing, openDatabase, Secret, type Database } from '@keyrack/core';
import { migrate } from '../../apps/cli/src/migrate.js';

export interface TestDatabase {
  db: Database; databaseUrl: Secret; keys: Secret; owner: pg.Pool;
  /** The variables by which a program uses it; each time others, since a program takes the secrets out of what it is given. */
  readonly env: { DATABASE_URL: string; KEYRACK_KEYS: string };
  drop(): Promise<void>;
}

/** Creates and migrates a database; `owner` is a superuser's pool into it, for looking behind the program's back. */
export async function createTestDatabase(server = process.env['KEYRACK_TEST_POSTGRES']): Promise<TestDatabase> {
  if (!server) throw new Error('KEYRACK_TEST_POSTGRES is not set: run the tests through npm test');
  const name = `t_${randomBytes(6).toString('hex')}`;
  const url = new URL(server);
  await onServer(server, `create database ${name}`);
  url.pathname = `/${name}`;
  const databaseUrl = new Secret(url.toString());
  const keys = new Secret(generateKeyRing());
  await migrate({ databaseUrl, keys });
  const db = await openDatabase(databaseUrl, keys, 'test', 10);
  const owner = new pg.Pool({ connectionString: url.toString(), max: 3 });
  owner.on('error', () => undefined);
  return {
    db, databaseUrl, keys, owner,
    get env() { return { DATABASE_URL: databaseUrl.reveal(), KEYRACK_KEYS: keys.reveal() }; },
    async drop() {
      await Promise.all([db.close(), owner.end()]);
      await onServer(server, `drop database if exists ${name} with (force)`);
      for (const role of ['app', 'platform']) await onServer(server, `drop role if exists ${name}_${role}`);
    },
  };
}

async function onServer(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try { await client.query(statement); } finally { await client.end(); }
}
