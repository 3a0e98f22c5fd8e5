// Guarantees of the page writer and the change feed, on the rooms alone: no page is half written, no committed change is skipped.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Vault } from '@keyrack/credentials';
import { newId, systemIn, type TenantActor, type TenantId, type TenantTx } from '@keyrack/core';
import { collection, readPage } from '@keyrack/mews';
import { Records } from '@keyrack/sync';
import { byteaArray, textArray, timestamptzArray, uuidArray } from '../../libs/sync/src/binary-array.js';
import { compare, deleteRecords, ListWriter, Lookup } from '../../libs/sync/src/page-writer.js';
import { storedId } from '../../libs/sync/src/record-id.js';
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
type MewsRecord = Record<string, unknown>;
interface Counts { added: number; updated: number; unchanged: number; quarantined?: number }
const record = (id: string, value: unknown, more: MewsRecord = {}): MewsRecord => ({ Id: id, Value: value, ...more });
const json = (name: string, page: readonly MewsRecord[]): string => JSON.stringify({ [entry(name).lists[0].key]: page });
const entry = (name: string) => {
  const found = collection(name);
  if (!found) throw new Error(`no collection ${name}`);
  return found;
};
async function write(tx: TenantTx, name: string, answer: string, of = enterpriseId, { meanwhile = async (): Promise<unknown> => undefined, askedAfter = new Date(0) } = {}): Promise<Counts> {
  const sealer = await vault.tenant(tx), scope = { environment: 'demo', collection: name, source: of, enterpriseId: of, chainId: null, askedAfter, serviceOwners: new Map<string, string>() };
  const lookup = new Lookup(tx, scope);
  const [list] = readPage(entry(name), Buffer.from(answer), (_, item) => { lookup.add(item); }).lists;
  if (!list) throw new Error('no list');
  const writer = new ListWriter(tx, sealer, scope);
  let ids = 0, quarantined = 0;
  for await (const part of compare(tx, sealer, entry(name), list.list, lookup)) {
    await meanwhile();
    await writer.write(part);
    ids += part.ids.length;
    quarantined += part.quarantined.length;
  }
  const { added, updated } = await writer.end();
  return { added, updated, unchanged: ids - added - updated, ...(quarantined > 0 && { quarantined }) };
}
const commitText = (name: string, answer: string, of = enterpriseId) => database.db.inTenant(me.tenantId, (tx) => write(tx, name, answer, of));
const commit = (name: string, page: readonly MewsRecord[], of = enterpriseId) => commitText(name, json(name, page), of);
const follow = (name: string, cursor: string, limit = 500) => records.changes(me, name, { cursor, limit });
const rows = async (name: string) => (await database.owner.query<{ id: string; seq: number; first_seq: number; xmin: string }>('select id, seq, first_seq, xmin::text from record where tenant_id = $1 and collection = $2 order by seq', [me.tenantId, name])).rows;

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
          byteaArray(values.map((one) => Buffer.from(one.bytes)), values.reduce((sum, { bytes }) => sum + bytes.length, 0), (array, at, bytes) => bytes.copy(array, at)), textArray(values.map((one) => one.text)), uuidArray(values.map((one) => one.uuid)), timestamptzArray(values.map((one) => one.at)),
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
  await commit('companies', [record('a', 'new', { UpdatedUtc: '2026-01-02T00:00:00Z' })]);
  expect(await commit('companies', [record('a', 'old', { UpdatedUtc: '2026-01-01T00:00:00Z' })])).toEqual({ added: 0, updated: 0, unchanged: 1 });
  expect((await records.get(me, 'companies', 'a')).record).toMatchObject({ Id: 'a', Value: 'new' });

  // Asked for later it is right, whatever time it carries: of clocks that run ahead, and of a stamp that was none.
  const [{ now: askedAfter }] = (await database.owner.query<{ now: Date }>('select clock_timestamp() as now')).rows as [{ now: Date }];
  expect(await database.db.inTenant(me.tenantId, (tx) => write(tx, 'companies', json('companies', [record('a', 'mended', { UpdatedUtc: '2026-01-01T00:00:00Z' })]), enterpriseId, { askedAfter })))
    .toEqual({ added: 0, updated: 1, unchanged: 0 });
  expect((await records.get(me, 'companies', 'a')).record).toMatchObject({ Id: 'a', Value: 'mended' });
});

test('what another transaction wrote after a page was compared is found, and not taken for new', async () => {
  await commit('resources', [record('z', 1)]);
  const counts = await database.db.inTenant(me.tenantId, (tx) => write(tx, 'resources', json('resources', ['a', 'b', 'c'].map((id) => record(id, 1))), enterpriseId,
    { meanwhile: () => commit('resources', [record('b', 1), record('c', 2)]) }));
  expect(counts).toEqual({ added: 1, updated: 1, unchanged: 1 });
  expect((await rows('resources')).map(({ id }) => id)).toEqual(['z', 'b', 'a', 'c']);
  // A record of another enterprise is not unknown either.
  expect(await commit('resources', [record('a', 1)], randomUUID())).toEqual({ added: 0, updated: 0, unchanged: 1 });
});

test('a record that Mews writes in another way is no change, is told by its bytes from then on, and every digit of a number counts', async () => {
  const text = (value: string): string => `{"Outlets": [{"Id": "w", ${value}}]}`;
  const { rows: [feed] } = await database.owner.query('select last_seq from feed where tenant_id = $1 and collection = $2', [me.tenantId, 'outlets']);
  const hash = async () => (await database.owner.query(`select encode(hash, 'hex') as hash from record where tenant_id = $1 and id = 'w'`, [me.tenantId])).rows[0]?.hash;
  expect(await commitText('outlets', text('"A": {"B": 1, "C": ["x"]}, "D": 0.5'))).toEqual({ added: 1, updated: 0, unchanged: 0 });
  const [first, before] = [await hash(), await rows('outlets')];
  expect(await commitText('outlets', text('"D":0.50,"A":{"C":[ "\\u0078" ],"B":1.0}'))).toEqual({ added: 0, updated: 0, unchanged: 1 });
  expect((await rows('outlets')).map(({ id, seq }) => [id, seq])).toEqual(before.map(({ id, seq }) => [id, seq]));
  const second = await hash();
  expect(second).not.toBe(first);
  const { xmin } = (await rows('outlets')).at(-1) ?? {};
  expect(await commitText('outlets', text('"D":0.50,"A":{"C":[ "\\u0078" ],"B":1.0}'))).toEqual({ added: 0, updated: 0, unchanged: 1 });
  expect((await rows('outlets')).at(-1)?.xmin).toBe(xmin);
  expect(await commitText('outlets', text('"D": 81.818181818181818181'))).toEqual({ added: 0, updated: 1, unchanged: 0 });
  expect(await commitText('outlets', text('"D": 81.818181818181818182'))).toEqual({ added: 0, updated: 1, unchanged: 0 });
  expect((await database.owner.query('select last_seq from feed where tenant_id = $1 and collection = $2', [me.tenantId, 'outlets'])).rows[0].last_seq).toBe(feed.last_seq + 3);
});

test('what stands on a page twice is stored once, at its latest, however far apart the two are', async () => {
  const filler = (from: number) => Array.from({ length: 600 }, (_, i) => record(`filler-${from + i}`, 1));
  const at = (hour: number) => ({ UpdatedUtc: `2026-01-01T0${hour}:00:00Z` });
  const value = async (id: string) => (await follow('businessSegments', '0', 5_000)).items.filter((item) => item.id === id).map((item) => [item.change, item.record?.['Value']]);
  // Far apart: the same again, and a later state. In the same part: the last counts.
  expect(await commit('businessSegments', [record('same', 1), record('later', 1, at(1)), record('near', 1), record('near', 2), ...filler(0), record('same', 1), record('later', 2, at(2)), record('later', 2, at(2))])).toEqual({ added: 603, updated: 1, unchanged: -1 });
  expect([await value('same'), await value('later'), await value('near')]).toEqual([[['added', 1]], [['added', 2]], [['added', 2]]]);
  const { rows: [count] } = await database.owner.query(`select live::int, (select count(*)::int from record r where r.tenant_id = c.tenant_id and r.collection = c.collection) as rows from record_count c where tenant_id = $1 and collection = 'businessSegments'`, [me.tenantId]);
  expect(count).toEqual({ live: 603, rows: 603 });
  // Changed, and later on the page as it is stored: it comes back, since nothing says which of the two is newer.
  const cursor = (await follow('businessSegments', '0', 5_000)).cursor;
  await commit('businessSegments', [record('same', 2), ...filler(0), record('same', 1)]);
  expect((await follow('businessSegments', cursor, 5_000)).items.map(({ id, record: now }) => [id, now?.['Value']])).toEqual([['same', 1]]);
}, 30_000);

test('a page larger than what is written at once takes one row of positions', async () => {
  const many = Array.from({ length: 1_100 }, (_, i) => record(`r-${i}`, 1));
  expect(await commit('departments', many)).toEqual({ added: 1_100, updated: 0, unchanged: 0 });
  expect((await rows('departments')).map(({ id, seq }) => [id, seq])).toEqual(many.map(({ Id }, i) => [Id, i + 1]));
  expect(await commit('departments', many.map((one, i) => (i % 3 === 0 ? { ...one, Value: 2 } : one)))).toEqual({ added: 0, updated: 367, unchanged: 733 });
});

test('the same bytes asked for another enterprise are no way around the check whose they are', async () => {
  const other = randomUUID();
  await commit('services', [record('a', 1, { EnterpriseId: enterpriseId })]);
  expect(await commit('services', [record('a', 1, { EnterpriseId: enterpriseId }), record('b', 1, { EnterpriseId: other })], other)).toEqual({ added: 1, updated: 0, unchanged: 0, quarantined: 1 });
});

test('nor is a record of a service or a parent of another enterprise stored under the one that was asked for', async () => {
  const other = randomUUID(), [service, reservation, unknown] = [randomUUID(), randomUUID(), randomUUID()];
  await commit('services', [record(storedId('demo', 'services', service), 1, { EnterpriseId: other })], other);
  await commit('reservations', [record(storedId('demo', 'reservations', reservation), 1, { ServiceId: service })], other);
  expect(await commit('reservations', [record('theirs', 1, { ServiceId: service }), record('mine', 1, { ServiceId: unknown })])).toEqual({ added: 1, updated: 0, unchanged: 0, quarantined: 1 });
  expect(await commit('companionships', [record('theirs', 1, { ReservationId: reservation }), record('mine', 1, { ReservationId: unknown })])).toEqual({ added: 1, updated: 0, unchanged: 0, quarantined: 1 });
  expect((await rows('companionships')).map(({ id }) => id)).toEqual(['mine']);
});

test('an item that is not JSON undoes its page', async () => {
  const bad = '{"Outlets": [{"Id": "z1", "Value": 1}, {"Id": "z2", "Value": tru}]}';
  await expect(commitText('outlets', bad)).rejects.toThrow(expect.objectContaining({ kind: 'invalid_answer' }));
  expect((await rows('outlets')).filter(({ id }) => id.startsWith('z'))).toEqual([]);
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
        await write(tx, 'customers', json('customers', mine));
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
