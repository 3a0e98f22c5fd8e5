// Guarantees of the page writer and the change feed, on the rooms alone: no page is half written, no committed change is skipped.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Vault } from '@keyrack/credentials';
import { newId, systemIn, type TenantActor, type TenantId, type TenantTx } from '@keyrack/core';
import type { PageRecord } from '@keyrack/mews';
import { Records } from '@keyrack/sync';
import { byteaArray, textArray, timestamptzArray, uuidArray } from '../../libs/sync/src/binary-array.js';
import { deleteRecords, writePage, type WriteResult } from '../../libs/sync/src/page-writer.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';

let database: TestDatabase, vault: Vault, records: Records, me: TenantActor;
beforeAll(async () => {
  database = await createTestDatabase();
  vault = new Vault({ keys: database.keys });
  records = new Records(database.db, vault);
}, 60_000);
beforeAll(async () => { me = await tenant(); });
afterAll(async () => { await database.drop(); });

async function tenant(): Promise<TenantActor> {
  const id = newId<TenantId>();
  await database.owner.query(`insert into tenant (id, slug, name) values ($1, $2, 'A tenant')`, [id, `t-${id}`]);
  await database.db.inTenant(id, (tx) => vault.createTenantKey(tx));
  return systemIn(id, 'test');
}

const enterpriseId = randomUUID();
const record = (id: string, value: unknown, updatedUtc: Date | null = null): PageRecord => ({ id, raw: { Id: id, Value: value }, updatedUtc, enterpriseId: null, chainId: null, serviceId: null, parentId: null });
const write = async (tx: TenantTx, collection: string, page: PageRecord[], source = enterpriseId): Promise<WriteResult> =>
  writePage(tx, await vault.tenant(tx), { environment: 'demo', collection, source, enterpriseId, chainId: null }, page);
const commit = (collection: string, page: PageRecord[]) => database.db.inTenant(me.tenantId, (tx) => write(tx, collection, page));
const follow = (collection: string, cursor: string, limit = 500) => records.changes(me, collection, { cursor, limit });
const rows = async (collection: string) => (await database.owner.query<{ id: string; seq: number; first_seq: number; xmin: string }>('select id, seq, first_seq, xmin::text from record where tenant_id = $1 and collection = $2 order by seq', [me.tenantId, collection])).rows;

test('binary arrays arrive in Postgres as they were', async () => {
  const client = await database.owner.connect();
  try {
    await fc.assert(fc.asyncProperty(
      fc.array(fc.record({
        bytes: fc.uint8Array({ maxLength: 300 }), text: fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')), uuid: fc.option(fc.uuid()),
        at: fc.option(fc.date({ min: new Date('1900-01-01T00:00:00Z'), max: new Date('2200-01-01T00:00:00Z'), noInvalidDate: true })),
      }), { maxLength: 20 }),
      async (values) => {
        const { rows: [row] } = await client.query('select $1::bytea[] as bytes, $2::text[] as texts, $3::uuid[] as uuids, $4::timestamptz[] as times, cardinality($1::bytea[]) as n', [
          byteaArray(values.map((one) => Buffer.from(one.bytes))), textArray(values.map((one) => one.text)), uuidArray(values.map((one) => one.uuid)), timestamptzArray(values.map((one) => one.at)),
        ]);
        expect(row).toEqual({ bytes: values.map((one) => Buffer.from(one.bytes)), texts: values.map((one) => one.text), uuids: values.map((one) => one.uuid), times: values.map((one) => one.at), n: values.length });
      }), { numRuns: 40 });
  } finally { client.release(); }
});

test('a page is counted by what it changed, and an unchanged one writes nothing at all', async () => {
  expect(await commit('outlets', [record('a', 1), record('b', 1), record('c', 1)])).toEqual({ added: 3, updated: 0, unchanged: 0 });
  const before = await rows('outlets');
  expect(await commit('outlets', [record('a', 1), record('b', 1), record('c', 1)])).toEqual({ added: 0, updated: 0, unchanged: 3 });
  expect(await rows('outlets')).toEqual(before);
  expect(await commit('outlets', [record('a', 1), record('b', 2), record('d', 1)])).toEqual({ added: 1, updated: 1, unchanged: 1 });
  expect((await rows('outlets')).filter((row) => ['a', 'c'].includes(row.id))).toEqual(before.filter((row) => row.id !== 'b'));
});

test('a page that was fetched earlier does not take a later state back', async () => {
  await commit('companies', [record('a', 'new', new Date('2026-01-02T00:00:00Z'))]);
  expect(await commit('companies', [record('a', 'old', new Date('2026-01-01T00:00:00Z'))])).toEqual({ added: 0, updated: 0, unchanged: 1 });
  expect((await records.get(me, 'companies', 'a')).record).toEqual({ Id: 'a', Value: 'new' });
});

test('a deletion is a tombstone in the feed, and a record that comes back is added again', async () => {
  await commit('bills', [record('a', 1), record('b', 1)]);
  const { cursor } = await follow('bills', '0');
  expect(await database.db.inTenant(me.tenantId, (tx) => deleteRecords(tx, 'bills', enterpriseId, ['a', 'never']))).toBe(1);
  const deleted = await follow('bills', cursor);
  expect(deleted.items.map(({ id, change }) => [id, change])).toEqual([['a', 'deleted']]);
  expect((await records.list(me, 'bills', { includeDeleted: false, limit: 10 })).items.map((item) => item.id)).toEqual(['b']);
  expect((await records.list(me, 'bills', { includeDeleted: true, limit: 10 })).items.map((item) => [item.id, typeof item.deletedAt])).toEqual([['a', 'string'], ['b', 'undefined']]);
  expect(await commit('bills', [record('a', 1)])).toEqual({ added: 1, updated: 0, unchanged: 0 });
  expect((await follow('bills', deleted.cursor)).items.map(({ id, change }) => [id, change])).toEqual([['a', 'added']]);
  const { rows: [count] } = await database.owner.query('select live::int, deleted::int from record_count where tenant_id = $1 and collection = $2', [me.tenantId, 'bills']);
  expect(count).toEqual({ live: 2, deleted: 0 });
});

test('the feed tells added from updated by what the reader was given, also to a newcomer who reads a few at a time', async () => {
  await commit('rates', ['a', 'b', 'c', 'd', 'e'].map((id) => record(id, 1)));
  const early = await follow('rates', '0');
  expect(early.items.map((item) => item.change)).toEqual(['added', 'added', 'added', 'added', 'added']);
  await commit('rates', [record('a', 2), record('b', 2), record('f', 1)]);
  expect((await follow('rates', early.cursor)).items.map(({ id, change }) => [id, change])).toEqual([['a', 'updated'], ['b', 'updated'], ['f', 'added']]);
  const met = new Set<string>();
  for (let cursor = '0', more = true; more;) {
    const page = await follow('rates', cursor, 2);
    for (const { id, change } of page.items) { expect([id, change]).toEqual([id, met.has(id) ? 'updated' : 'added']); met.add(id); }
    // Something changes behind the newcomer's back: what it was given already is an update then.
    if (cursor === '0') await commit('rates', [record('c', 2)]);
    more = page.items.length === 2;
    cursor = page.cursor;
  }
  expect([...met].sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
});

test('following the feed while many transactions write never skips a committed change', async () => {
  const WRITERS = 8, PAGES = 15, ids = Array.from({ length: 60 }, (_, i) => `id-${i}`);
  const truth = new Map<string, unknown>();
  let value = 0, writing = true;
  const writer = async (n: number) => {
    for (let page = 0; page < PAGES; page++) {
      const chosen = [...new Set(Array.from({ length: 1 + Math.floor(Math.random() * 4) }, () => ids[Math.floor(Math.random() * ids.length)] ?? 'id-0'))].sort();
      const mine = chosen.map((id) => record(id, `${n}-${value++}`));
      await database.db.inTenant(me.tenantId, async (tx) => {
        await write(tx, 'customers', mine);
        await sleep(Math.random() * 15);
      });
    }
  };
  const seen = new Map<string, unknown>();
  const reader = async () => {
    let cursor = '0', last = 0;
    for (;;) {
      const ending = !writing;
      const limit = 1 + Math.floor(Math.random() * 20);
      const page = await follow('customers', cursor, limit);
      for (const item of page.items) {
        expect(item.seq).toBeGreaterThan(last);
        last = item.seq;
        seen.set(item.id, item.record?.['Value']);
      }
      cursor = page.cursor;
      if (ending && page.items.length < limit) return;
    }
  };
  const following = reader();
  await Promise.all(Array.from({ length: WRITERS }, (_, n) => writer(n)));
  writing = false;
  await following;
  const { items } = await records.list(me, 'customers', { includeDeleted: false, limit: 500 });
  for (const item of items) truth.set(item.id, item.record['Value']);
  expect(truth.size).toBeGreaterThan(30);
  expect(Object.fromEntries(seen)).toEqual(Object.fromEntries(truth));
}, 60_000);
