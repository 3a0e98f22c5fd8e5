// A sealed value that was moved, altered or names an unknown key does not open, and the audit trail tells where.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Applications } from '@keyrack/applications';
import { Audit } from '@keyrack/audit';
import { systemIn, type ApplicationId, type EnvironmentId } from '@keyrack/core';
import { Refusals, Vault } from '@keyrack/credentials';
import { Records } from '@keyrack/sync';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';
import { ENVIRONMENT, makeHolder, type Holder } from './keyholders.js';

let database: TestDatabase, audit: Audit, refusals: Refusals, vault: Vault, mine: Holder, other: Holder;
beforeAll(async () => {
  database = await createTestDatabase();
  audit = new Audit(database.db, database);
  refusals = new Refusals(database.db, audit);
  vault = new Vault({ keys: database.keys }, refusals);
  [mine, other] = await Promise.all([makeHolder(database, vault, 7), makeHolder(database, vault, 1)]);
});
afterAll(() => database?.drop());

const unreadable = expect.objectContaining({ code: 'secret.unreadable' });

/** What is done to a record behind the program's back; `$1` is the tenant, `$2` the record, `$3` another tenant. */
const attacks: { what: string; set: string; reason: RegExp; keyId: number }[] = [
  { what: "another row's", set: `payload = (select payload from record where tenant_id = $1 and id <> $2 order by id limit 1)`, reason: /altered or moved/, keyId: 1 },
  { what: "another tenant's", set: 'payload = (select payload from record where tenant_id = $3)', reason: /altered or moved/, keyId: 1 },
  { what: "another column's", set: 'payload = (select ciphertext from access_token where tenant_id = $1)', reason: /altered or moved/, keyId: 1 },
  { what: "another environment's", set: `environment_id = 'production'`, reason: /altered or moved/, keyId: 1 },
  { what: 'one with a flipped bit', set: 'payload = set_byte(payload, 40, get_byte(payload, 40) # 1)', reason: /altered or moved/, keyId: 1 },
  { what: 'one that names an unknown key', set: 'payload = set_byte(payload, 4, 9)', reason: /data key 9 is unknown/, keyId: 9 },
];

test.each(attacks.map((attack, i) => ({ ...attack, i })))('$what is refused, and that is in the audit trail once', async ({ set, reason, keyId, i }) => {
  const id = mine.records[i] ?? '', records = new Records(database.db, vault);
  await database.owner.query(`update record set ${set} where tenant_id = $1::uuid and id = $2 and $3::uuid is not null`, [mine.tenantId, id, other.tenantId]);
  for (let times = 0; times < 2; times += 1) await expect(records.get(systemIn(mine.tenantId, 'test'), 'reservations', id)).rejects.toEqual(unreadable);
  await refusals.settled();
  const events = (await audit.list(mine.tenantId, { action: 'secret.refused', limit: 100 })).items.filter(({ subject }) => String(subject['row']).endsWith(id));
  expect(events).toHaveLength(1);
  expect(events[0]?.subject).toEqual({ environment: expect.stringMatching(/^(demo|production)$/), table: 'record', column: 'payload', row: `reservations/${id}`, keyId, reason: expect.stringMatching(reason) });
});

test("the platform's own values too, in its own trail, and a data key that was put in another's place", async () => {
  const { rows: [first, second] } = await database.owner.query<{ id: ApplicationId }>('select application_id as id from application_client_token order by 1');
  if (!first || !second) throw new Error('no client tokens');
  await database.owner.query('update application_client_token set ciphertext = (select ciphertext from application_client_token where application_id = $2) where application_id = $1', [first.id, second.id]);
  await expect(new Applications(database.db, vault, audit).credentials(first.id, ENVIRONMENT as EnvironmentId)).rejects.toEqual(unreadable);
  await database.owner.query('update tenant_key set wrapped = (select wrapped from tenant_key where tenant_id = $2) where tenant_id = $1', [other.tenantId, mine.tenantId]);
  await expect(database.db.inTenant(other.tenantId, (tx) => new Vault({ keys: database.keys }, refusals).tenant(tx))).rejects.toEqual(unreadable);
  await refusals.settled();
  expect((await audit.listPlatform({ action: 'secret.refused', limit: 10 })).items.map(({ subject }) => subject)).toEqual([
    expect.objectContaining({ table: 'application_client_token', row: first.id, keyId: 1 })]);
  expect((await audit.list(other.tenantId, { action: 'secret.refused', limit: 10 })).items.map(({ subject }) => subject)).toEqual([
    expect.objectContaining({ table: 'tenant_key', row: `${other.tenantId}/1`, keyId: 1 })]);
});

test('an event that could not be written is written at the next time', async () => {
  let broken = true;
  const failing = new Refusals({
    inTenant: (...args: Parameters<TestDatabase['db']['inTenant']>) => (broken ? Promise.reject(new Error('away')) : database.db.inTenant(...args)),
  } as TestDatabase['db'], audit);
  const refusal = { environment: ENVIRONMENT, table: 't', column: 'c', row: randomUUID(), keyId: 1, reason: 'test' };
  failing.note(mine.tenantId, refusal);
  await failing.settled();
  broken = false;
  failing.note(mine.tenantId, refusal);
  await failing.beforeApplicationShutdown();
  expect((await audit.list(mine.tenantId, { action: 'secret.refused', limit: 100 })).items.filter(({ subject }) => subject['row'] === refusal.row)).toHaveLength(1);
});
