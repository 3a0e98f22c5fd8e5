// An installation from before audit chains were keyed goes on as it was, is keyed once, and cannot go back.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Audit, AuditVerifier, unkeyedHash, type Verification } from '@keyrack/audit';
import { loadConfig, newId, systemActor, type TenantId, type TenantTx } from '@keyrack/core';
import { migrate } from '../../apps/cli/src/migrate.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';

const me = systemActor('test');
/** The platform's and two tenants'. */
const CHAINS = 3;
let database: TestDatabase, audit: Audit, tenants: TenantId[];
beforeEach(async () => {
  database = await createTestDatabase();
  audit = new Audit(database.db, database);
  // As it was before, with a tenant; then comes the update.
  for (const table of ['audit_head', 'platform_audit_head']) await database.owner.query(`alter table ${table} drop column keyed`);
  await database.owner.query(`delete from migration where name = 'KeyTheAuditChains0000000000032'`);
  tenants = [await newTenant()];
  await migrate(database);
  tenants.push(await newTenant());
  for (const tenant of tenants) await record(tenant);
  await database.db.onPlatform('test', (tx) => audit.record(tx, me, { action: 'ring_key.retired', name: 'k0' }));
}, 60_000);
afterEach(() => database?.drop());

async function newTenant(): Promise<TenantId> {
  const id = newId<TenantId>();
  await database.owner.query(`insert into tenant (id, slug, name) values ($1, $2, 'A tenant')`, [id, `t-${id}`]);
  return id;
}
const append = (tx: TenantTx): Promise<void> => audit.record(tx, me, { action: 'run.cancelled', runId: randomUUID() });
const record = (tenant: TenantId): Promise<void> => database.db.inTenant(tenant, append);
const verify = (): Promise<Verification> => new AuditVerifier(database.db, loadConfig(database.env)).verify();

/** What a program of the version before does, and whoever has the app role's connection. */
const recordUnkeyed = (tenant: TenantId): Promise<void> => database.db.inTenant(tenant, async (tx) => {
  const [head] = await tx.sql<{ seq: number; hash: Buffer }>`
    insert into audit_head (tenant_id) values (${tenant}) on conflict (tenant_id) do update set seq = audit_head.seq returning seq, hash`;
  if (!head) throw new Error('no head');
  const [seq, id, at] = [head.seq + 1, randomUUID(), new Date()];
  const hash = unkeyedHash(head.hash, { chain: tenant, seq, id, at, actor: { kind: 'user', id: 'u', name: 'n' }, action: 'run.paused', subject: {} });
  await tx.sql`
    with head as (update audit_head set seq = ${seq}, hash = ${hash} where tenant_id = ${tenant})
    insert into audit_event (tenant_id, seq, id, at, actor_kind, actor_id, actor_name, action, subject, previous_hash, hash)
    values (${tenant}, ${seq}, ${id}, ${at}, 'user', 'u', 'n', 'run.paused', '{}', ${head.hash}, ${hash})`;
});

test('until it is keyed, programs of both versions append to the same chains, and the trail says that it has no key', async () => {
  const [tenant] = tenants as [TenantId];
  await recordUnkeyed(tenant);
  await record(tenant);
  await recordUnkeyed(await newTenant());
  expect(await verify()).toMatchObject({ ok: true, keyed: false, checked: CHAINS + 3, chains: CHAINS + 1 });
});

test('it is keyed once; what was recorded before still counts, and nothing without the key is taken any more', async () => {
  const [tenant] = tenants as [TenantId];
  expect(await audit.keyChains(me)).toBe(CHAINS);
  expect(await audit.keyChains(me)).toBe(0);
  await record(tenant);
  await record(await newTenant());
  expect(await verify()).toMatchObject({ ok: true, keyed: true, checked: CHAINS * 2 + 2, chains: CHAINS + 1 });
  await recordUnkeyed(tenant);
  expect(await verify()).toMatchObject({ ok: false, badChains: 1, firstBad: { chain: tenant, seq: 4, problem: 'unkeyed' } });
});

test('a chain that somebody with the app role\'s connection begins without the key is found, and one whose head says that it has none', async () => {
  await audit.keyChains(me);
  const [tenant] = tenants as [TenantId], begun = await newTenant();
  await recordUnkeyed(begun);
  expect(await verify()).toMatchObject({ ok: false, badChains: 1, firstBad: { chain: begun, seq: 1, problem: 'unkeyed' } });
  await database.db.inTenant(tenant, (tx) => tx.sql`update audit_head set keyed = false where tenant_id = ${tenant}`);
  await record(tenant);
  expect(await verify()).toMatchObject({ ok: false, badChains: 2 });
  // It does not put in order what was done since.
  expect(await audit.keyChains(me)).toBe(0);
});

test('an event of a tenant that has no chain yet is found, too, where nothing says that there is one', async () => {
  await audit.keyChains(me);
  const tenant = await newTenant();
  await recordUnkeyed(tenant);
  await database.owner.query('delete from audit_head where tenant_id = $1', [tenant]);
  expect(await verify()).toMatchObject({ ok: false, badChains: 1, firstBad: { chain: tenant, seq: 1, problem: 'unexpected' } });
});

test('a chain that is begun meanwhile is waited for, and keyed too', async () => {
  const tenant = await newTenant();
  let keying = Promise.resolve(0);
  await database.db.inTenant(tenant, async (tx) => {
    await append(tx);
    keying = audit.keyChains(me);
    expect(await Promise.race([keying, sleep(500, 'waits')])).toBe('waits');
  });
  expect(await keying).toBe(CHAINS + 1);
  expect(await verify()).toMatchObject({ ok: true, keyed: true });
});
