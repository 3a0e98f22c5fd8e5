// What the ledger keeps, and for how long.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { dayOldId, type TenantId } from '@keyrack/core';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';
import { LedgerCleaning } from '../../libs/sync/src/ledger-cleaning.js';

let database: TestDatabase;
beforeAll(async () => { database = await createTestDatabase(); }, 60_000);
afterAll(async () => { await database.drop(); });

interface Given { days: number; state?: string; collection?: string; token?: string; requests?: number; leader?: string; source?: string }

test('runs and operations go after 30 days, but for the last of each kind and open reviews', async () => {
  const { owner } = database, tenantId = randomUUID() as TenantId, applicationId = randomUUID(), enterpriseId = randomUUID(), [mine, other] = [randomUUID(), randomUUID()];
  await owner.query(`insert into tenant (id, slug, name) values ($1, $2, 'A tenant')`, [tenantId, `t-${tenantId}`]);
  await owner.query(`insert into application (id, name, version) values ($1, $2, '1')`, [applicationId, applicationId]);
  for (const id of [mine, other]) await owner.query(`insert into access_token (tenant_id, id, environment_id, application_id, kind, hint, fingerprint, ciphertext) values ($1, $2, 'demo', $3, 'enterprise', '…', $4, '\\x00')`, [tenantId, id, applicationId, id]);
  await owner.query(`insert into enterprise (tenant_id, id, environment_id, chain_id, name, time_zone, created_utc) values ($1, $2, 'demo', gen_random_uuid(), 'Hotel', 'UTC', '2020-01-01')`, [tenantId, enterpriseId]);
  let made = 0;
  const idOf = (days: number): string => dayOldId(days).slice(0, -12) + String(made += 1).padStart(12, '0');
  const add = async ({ days, state = 'succeeded', collection = 'bills', token = mine, requests = 1, leader, source = enterpriseId }: Given): Promise<string> => {
    const id = idOf(days);
    await owner.query(`insert into run (tenant_id, id, collection, source, enterprise_id, access_token_id, mode, trigger, state, requests, leader_id, finished_at)
      values ($1, $2, $3, $4, $5, $6, 'full', 'schedule', $7, $8, $9, case when $7 <> 'waiting' then now() - $10 * interval '1 day' end)`, [tenantId, id, collection, source, enterpriseId, token, state, requests, leader, days]);
    await owner.query(`insert into run_window (tenant_id, run_id, ord, page_size) values ($1, $2, 1, 10)`, [tenantId, id]);
    return id;
  };
  const operate = async (days: number, kind: string, runs: string[], finished = true): Promise<string> => {
    const id = idOf(days);
    await owner.query(`insert into operation (tenant_id, id, kind, created_at, finished_at) values ($1, $2, $3, now(), case when $4 then now() - $5 * interval '1 day' end)`, [tenantId, id, kind, finished && kind !== 'sync', days]);
    for (const run of runs) await owner.query(`insert into operation_run (tenant_id, operation_id, run_id) values ($1, $2, $3)`, [tenantId, id, run]);
    return id;
  };

  const old = [await add({ days: 90 }), await add({ days: 80, state: 'failed' }), await add({ days: 70, state: 'cancelled' })];
  const leader = await add({ days: 60 }), led = await add({ days: 60, requests: 0, leader, source: 'another' });
  const review = await add({ days: 50, state: 'needs_review', collection: 'payments' });
  // What it has read is kept apart.
  const readByOther = await add({ days: 45, token: other });
  const paused = await add({ days: 44, state: 'waiting', collection: 'rates' });
  const last = [await add({ days: 40, state: 'failed' }), await add({ days: 40, state: 'cancelled' }), await add({ days: 40, source: 'another' }), await add({ days: 35 })];
  const recent = [await add({ days: 29, source: 'third' }), await add({ days: 1, source: 'third' })];
  const operations = { gone: [await operate(90, 'sync', old), await operate(90, 'import', [])], kept: [await operate(44, 'sync', [...old, paused]), await operate(90, 'import', [], false), await operate(20, 'sync', recent)] };

  const cleaning = new LedgerCleaning(database.db);
  await Promise.all([cleaning.clean(), cleaning.clean()]);
  await cleaning.clean();
  const left = async (table: string) => (await owner.query<{ id: string }>(`select id from ${table} where tenant_id = $1`, [tenantId])).rows.map(({ id }) => id).sort();
  expect(await left('run')).toEqual([review, paused, ...last, ...recent].sort());
  expect(old.concat(leader, led, readByOther).filter((id) => last.includes(id))).toEqual([]);
  expect(await left('operation')).toEqual([...operations.kept].sort());
  expect((await owner.query('select count(*)::int as n from run_window where tenant_id = $1', [tenantId])).rows).toEqual([{ n: 8 }]);
}, 60_000);
