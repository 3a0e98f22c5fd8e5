// What the migrations leave: a query that names no tenant fails, whichever role asks.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { roleUrl } from '@keyrack/core';
import { createTestDatabase, type TestDatabase } from './harness/database.js';

let database: TestDatabase;
beforeAll(async () => { database = await createTestDatabase(); });
afterAll(() => database?.drop());

test('a query on a tenant table without a tenant is an error, not an empty answer', async () => {
  const app = new pg.Client({ connectionString: roleUrl(database.databaseUrl, database.keys, 'app').reveal() });
  await app.connect();
  try {
    await expect(app.query('select * from record')).rejects.toThrow(/unrecognized configuration parameter "app.tenant_id"/);
    await expect(app.query('select * from access_token')).rejects.toThrow(/unrecognized configuration parameter "app.tenant_id"/);
  } finally {
    await app.end();
  }
});

test('the platform role, which names no tenant, reads no records at all', async () => {
  await expect(database.db.onPlatform('test', (tx) => tx.sql`select * from record`)).rejects.toThrow(/permission denied/);
});
