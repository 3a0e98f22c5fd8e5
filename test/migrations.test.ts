import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from './harness/database.js';
let t: TestDatabase;
beforeAll(async () => { t = await createTestDatabase(); });
afterAll(async () => { await t.drop(); });
test('a query on a tenant table without a tenant is an error, not an empty answer', async () => {
  await expect(t.db.onPlatform('test', (tx) => tx.sql`select * from record`)).rejects.toThrow(/permission denied/);
});
