// The audit trail cannot be changed without being found out, and it holds every denial.
import { spawnSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { Audit, Checkpoints, chainKey, eventHash, unkeyedHash, type ChainedEvent } from '@keyrack/audit';
import { Database, systemActor, type TenantId } from '@keyrack/core';
import { keyrack } from '../../apps/cli/src/keyrack.js';
import { startApi, type Api } from '../harness/api.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';
import { untilLocked } from '../harness/keyrack.js';

let database: TestDatabase, api: Api, tenant: TenantId, viewer: string, owner: string;
const folder = mkdtempSync(join(tmpdir(), 'checkpoints-'));
const chains = ['audit_event', 'audit_head', 'platform_audit_event', 'platform_audit_head', 'audit_checkpoint'];
let checkpointFile: { name: string; text: string };

beforeAll(async () => {
  database = await createTestDatabase();
  api = await startApi(database, { KEYRACK_AUDIT_CHECKPOINTS: folder });
  for (const slug of ['mine', 'other']) await api.request('POST', '/v1/tenants', { slug, name: slug });
  tenant = (await api.request('GET', '/v1/tenants/mine')).body.id;
  const key = async (role: string) => (await api.request('POST', '/v1/tenants/mine/api-keys', { name: role, role })).body.key as string;
  [viewer, owner] = [await key('viewer'), await key('owner')];
  for (let i = 0; i < 6; i++) await key('developer');
  await api.app.get(Checkpoints).write();
  const [name = ''] = readdirSync(folder);
  checkpointFile = { name, text: readFileSync(join(folder, name), 'utf8') };
  for (let i = 0; i < 4; i++) await key('developer');
  for (const chain of chains) await sql(`create table kept_${chain} as table ${chain}`);
}, 60_000);
afterEach(async () => {
  for (const chain of chains) await sql(`truncate ${chain}`);
  for (const chain of chains) await sql(`insert into ${chain} table kept_${chain}`);
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
  writeFileSync(join(folder, checkpointFile.name), checkpointFile.text);
});
afterAll(async () => { await api?.close(); await database?.drop(); rmSync(folder, { recursive: true }); });

const sql = (text: string, values: unknown[] = []) => database.owner.query(text, values);
const verify = async () => (await api.request('GET', '/v1/audit/verify')).body;
const audit = async (path: string, action: string) => (await api.request('GET', `${path}?action=${action}`)).body.items;

type Hash = (previous: Buffer, event: ChainedEvent) => Buffer;
/** What somebody can do who has the ring, too. */
const withRing: Hash = (previous, event) => eventHash(chainKey(database.keys), previous, event);

/** Replaces events from a place on, with hashes that fit: what somebody can do who owns the database and has read this program. */
async function rewrite(from: number, change: (subject: object) => object, hashOf: Hash): Promise<void> {
  const { rows } = await sql('select * from audit_event where tenant_id = $1 order by seq', [tenant]);
  let before: Buffer = rows[from - 2]?.hash ?? Buffer.alloc(0);
  for (const row of rows.slice(from - 1)) {
    const subject = row.seq === from ? change(row.subject) : row.subject;
    const hash = hashOf(before, { chain: tenant, seq: row.seq, id: row.id, at: row.at, actor: { kind: row.actor_kind, id: row.actor_id, name: row.actor_name }, action: row.action, subject });
    await sql('update audit_event set subject = $3, previous_hash = $4, hash = $5 where tenant_id = $1 and seq = $2', [tenant, row.seq, subject, before, hash]);
    before = hash;
  }
  await sql('update audit_head set hash = $2 where tenant_id = $1', [tenant, before]);
}

test('many who verify at once take no connections from others', async () => {
  const holding = await database.owner.connect();
  await holding.query('begin; lock table audit_head in access exclusive mode');
  const verified = Array.from({ length: 12 }, verify);
  try {
    await untilLocked(database);
    expect((await api.request('GET', '/v1/tenants')).status).toBe(200);
  } finally {
    await holding.query('commit');
    holding.release();
  }
  for (const found of await Promise.all(verified)) expect(found).toMatchObject({ ok: true });
});

test('an untouched trail is found in order, by the platform only', async () => {
  const found = await verify();
  expect(found).toMatchObject({ ok: true, keyed: true, badChains: 0 });
  expect(found.firstBad).toBeUndefined();
  expect(found.checked).toBeGreaterThan(14);
  expect(found.checkpoints).toBeGreaterThanOrEqual(2);
  expect((await api.request('GET', '/v1/audit/verify', undefined, owner)).status).toBe(403);
});

test.each<[string, string, () => Promise<unknown>, { seq: number; problem: string }]>([
  ['an edit', 'tenant', () => sql(`update audit_event set subject = subject || '{"role":"viewer"}' where tenant_id = $1 and seq = 3`, [tenant]), { seq: 3, problem: 'edited' }],
  ['a name changed', 'tenant', () => sql(`update audit_event set actor_name = 'somebody' where tenant_id = $1 and seq = 5`, [tenant]), { seq: 5, problem: 'edited' }],
  ['a time changed by less than is told', 'tenant', () => sql(`update audit_event set at = at + interval '1 microsecond' where tenant_id = $1 and seq = 6`, [tenant]), { seq: 6, problem: 'edited' }],
  ['a time that is none', 'tenant', () => sql(`update audit_event set at = 'infinity' where tenant_id = $1 and seq = 6`, [tenant]), { seq: 6, problem: 'edited' }],
  ['a time beyond those of JavaScript', 'tenant', () => sql(`update audit_event set at = '290000-01-01' where tenant_id = $1 and seq = 6`, [tenant]), { seq: 6, problem: 'edited' }],
  ['content too deep to walk', 'tenant', () => sql(`update audit_event set subject = (repeat('[', 6000) || repeat(']', 6000))::jsonb where tenant_id = $1 and seq = 7`, [tenant]), { seq: 7, problem: 'edited' }],
  ['a deletion', 'tenant', () => sql('delete from audit_event where tenant_id = $1 and seq = 4', [tenant]), { seq: 4, problem: 'missing' }],
  ['two that changed places', 'tenant', () => sql(`update audit_event e set id = o.id, at = o.at, subject = o.subject, hash = o.hash, previous_hash = o.previous_hash
    from audit_event o where e.tenant_id = $1 and o.tenant_id = $1 and (e.seq, o.seq) in ((2, 3), (3, 2))`, [tenant]), { seq: 2, problem: 'unlinked' }],
  ['one put at the end', 'tenant', () => sql(`insert into audit_event select tenant_id, seq + 1, $2, at, actor_kind, actor_id, actor_name, action, subject, hash, hash
    from audit_event where tenant_id = $1 order by seq desc limit 1`, [tenant, randomUUID()]), { seq: 13, problem: 'unexpected' }],
  ['the end cut off', 'tenant', () => sql('delete from audit_event where tenant_id = $1 and seq > 10', [tenant]), { seq: 11, problem: 'missing' }],
  ['the end cut off with its head', 'tenant', async () => {
    await sql('delete from audit_event where tenant_id = $1 and seq > 5', [tenant]);
    await sql('update audit_head h set seq = 5, hash = e.hash from audit_event e where h.tenant_id = $1 and e.tenant_id = $1 and e.seq = 5', [tenant]);
  }, { seq: 6, problem: 'missing' }],
  ['a whole chain removed', 'tenant', async () => { await sql('delete from audit_event where tenant_id = $1', [tenant]); await sql('delete from audit_head where tenant_id = $1', [tenant]); }, { seq: 1, problem: 'missing' }],
  ['a trail written anew with hashes that fit', 'tenant', () => rewrite(3, (subject) => ({ ...subject, name: 'never' }), unkeyedHash), { seq: 3, problem: 'unkeyed' }],
  ['a trail written anew from its first event', 'tenant', () => rewrite(1, (subject) => ({ ...subject, name: 'never' }), unkeyedHash), { seq: 1, problem: 'rewritten' }],
  ['a trail written anew by somebody who has the ring', 'tenant', () => rewrite(3, (subject) => ({ ...subject, name: 'never' }), withRing), { seq: 1, problem: 'rewritten' }],
  ['the head alone', 'tenant', () => sql('update audit_head set hash = $2 where tenant_id = $1', [tenant, randomBytes(32)]), { seq: 12, problem: 'head_mismatch' }],
  ['an edit of the platform\'s trail', 'platform', () => sql(`update platform_audit_event set action = 'tenant.renamed' where seq = 2`), { seq: 2, problem: 'edited' }],
])('%s is found', async (_, chain, tamper, expected) => {
  await tamper();
  expect(await verify()).toMatchObject({ ok: false, badChains: 1, firstBad: { chain: chain === 'tenant' ? tenant : chain, ...expected } });
});

test('an event that somebody with the app role\'s connection appended, with hash and head that fit, is found', async () => {
  await database.db.inTenant(tenant, async (tx) => {
    const [head] = await tx.sql<{ seq: number; hash: Buffer }>`select seq, hash from audit_head where tenant_id = ${tenant}`;
    if (!head) throw new Error('no head');
    const event = { chain: tenant, seq: head.seq + 1, id: randomUUID(), at: new Date(), actor: { kind: 'user', id: randomUUID(), name: 'boss@example.com' }, action: 'member.removed', subject: { userId: 'u', role: 'owner' } };
    const hash = unkeyedHash(head.hash, event);
    await tx.sql`
      insert into audit_event (tenant_id, seq, id, at, actor_kind, actor_id, actor_name, action, subject, previous_hash, hash)
      values (${tenant}, ${event.seq}, ${event.id}, ${event.at}, ${event.actor.kind}, ${event.actor.id}, ${event.actor.name}, ${event.action}, ${JSON.stringify(event.subject)}, ${head.hash}, ${hash})`;
    await tx.sql`update audit_head set seq = ${event.seq}, hash = ${hash} where tenant_id = ${tenant}`;
  });
  expect(await verify()).toMatchObject({ ok: false, badChains: 1, firstBad: { chain: tenant, seq: 13, problem: 'unkeyed' } });
});

test('checkpoints that somebody wrote without the key are found, and what a crash cut short is not held against the trail', async () => {
  const { name, text: kept } = checkpointFile, file = join(folder, name);
  writeFileSync(file, `${kept}{"keyrackCheckpoint":1,"chain":"plat`);
  expect(await verify()).toMatchObject({ ok: true });
  const [first = ''] = kept.split('\n');
  writeFileSync(file, `${kept}${JSON.stringify({ ...JSON.parse(first), hash: '00'.repeat(32) })}\n`);
  expect(await verify()).toMatchObject({ ok: false, firstBad: { problem: 'checkpoint_invalid' } });
  writeFileSync(file, kept);
});

test('checkpoints that the disk did not take whole are not taken for written', async () => {
  const store = new URL('../../dist/libs/audit/src/checkpoint-store.js', import.meta.url).href, full = join(folder, 'full');
  const program = `const { checkpointStore } = await import(${JSON.stringify(store)}); await checkpointStore(${JSON.stringify(full)}).append(['x'.repeat(2_000)]);`;
  // A file may not have more than 512 bytes, or 1,024, by the shell: of what is more a part is written.
  const { status, stderr } = spawnSync('sh', ['-c', 'ulimit -f 1; exec "$0" --input-type=module --eval "$1"', process.execPath, program], { encoding: 'utf8' });
  expect(statSync(join(full, readdirSync(full)[0] ?? '')).size).toBeGreaterThan(0);
  expect([status, stderr]).toEqual([1, expect.stringContaining('checkpoints were written in part')]);
  rmSync(full, { recursive: true });
});

test('what follows a line that a crash cut short is read', async () => {
  const { name, text: kept } = checkpointFile;
  writeFileSync(join(folder, name), `${kept}${kept.slice(0, 40)}`);
  await api.request('POST', '/v1/tenants', { slug: 'after-a-cut', name: 'After a cut' });
  const { checkpoints } = await verify();
  const written = await api.app.get(Checkpoints).write();
  expect(await verify()).toMatchObject({ ok: true, checkpoints: checkpoints + written });
});

test('checkpoints that are there and cannot be read are told, not passed over', async () => {
  const notAFolder = join(folder, 'not-a-folder');
  writeFileSync(notAFolder, '');
  const { result, printed } = await captured(() => command(['verify'], notAFolder), 'stderr');
  expect([result, printed]).toEqual([1, expect.stringContaining('KEYRACK_AUDIT_CHECKPOINTS cannot be read (ENOTDIR)')]);
  rmSync(notAFolder);
});

test('checkpoints that are gone are missed, all or the last, and so by the command; they are written anew when a worker starts', async () => {
  const elsewhere = `${folder}-elsewhere`;
  const missing = { ok: false, badChains: 2, firstBad: { chain: 'platform', problem: 'checkpoint_missing' } };
  renameSync(folder, elsewhere);
  expect(await verify()).toMatchObject({ ...missing, checkpoints: 0 });
  const { result, printed } = await captured(() => command(['verify']));
  expect([result, JSON.parse(printed)]).toMatchObject([1, missing]);
  // The folder is new, and nothing was ever written that could be missed.
  const { rows: remembered } = await sql('delete from audit_checkpoint returning chain, seq');
  expect(await verify()).toMatchObject({ ok: true, checkpoints: 0 });
  for (const { chain, seq } of remembered) await sql('insert into audit_checkpoint (chain, seq) values ($1, $2)', [chain, seq]);
  const worker = await startApi(database, { KEYRACK_AUDIT_CHECKPOINTS: folder });
  await worker.app.get(Checkpoints).write();
  await worker.close();
  expect(await verify()).toMatchObject({ ok: true });
  rmSync(folder, { recursive: true });
  renameSync(elsewhere, folder);
  // The worker wrote down what had come meanwhile, which this copy lacks.
  expect(await verify()).toMatchObject({ ok: false, firstBad: { problem: 'checkpoint_missing' } });
});

test('a database that was put back from its backup is vouched for in another folder; against the old one what is gone stays missed', async () => {
  await sql('delete from audit_event where tenant_id = $1 and seq > 5', [tenant]);
  await sql('update audit_head h set seq = 5, hash = e.hash from audit_event e where h.tenant_id = $1 and e.tenant_id = $1 and e.seq = 5', [tenant]);
  await sql('update audit_checkpoint set seq = 5 where chain = $1', [tenant]);
  expect(await verify()).toMatchObject({ ok: false, firstBad: { chain: tenant, problem: 'missing' } });
  const another = `${folder}-another`, worker = await startApi(database, { KEYRACK_AUDIT_CHECKPOINTS: another });
  await worker.app.get(Checkpoints).write();
  expect((await worker.request('GET', '/v1/audit/verify')).body).toMatchObject({ ok: true });
  await worker.close();
  rmSync(another, { recursive: true });
  expect(await verify()).toMatchObject({ ok: false, firstBad: { chain: tenant, problem: 'missing' } });
});

test('another process does not write what one has written; a chain that grew since is written by the one that comes first', async () => {
  const [one, two] = [api.app.get(Checkpoints), await startApi(database, { KEYRACK_AUDIT_CHECKPOINTS: folder })];
  const other = two.app.get(Checkpoints);
  await one.write();
  await other.write();
  await api.request('POST', '/v1/tenants/other/api-keys', { name: 'growth', role: 'viewer' });
  expect([await other.write(), await one.write(), await other.write()]).toEqual([1, 0, 0]);
  await two.close();
});

test('checkpoints on the standard output, collected with other lines of the log, are as good as those of the folder', async () => {
  const printing = await startApi(database, { KEYRACK_AUDIT_CHECKPOINTS: 'stdout' });
  const checkpoints = await captured(() => printing.app.get(Checkpoints).write());
  await printing.close();
  expect(checkpoints.result).toBeGreaterThanOrEqual(2);
  const file = join(folder, 'collected.log');
  writeFileSync(file, `{"level":30,"msg":"worker started"}\n${checkpoints.printed}not json\n`);
  const verified = async () => {
    const { result, printed } = await captured(() => command(['verify', '--checkpoints', file]));
    return { code: result, found: JSON.parse(printed) };
  };
  expect(await verified()).toMatchObject({ code: 0, found: { ok: true, checkpoints: checkpoints.result } });
  await rewrite(3, (subject) => ({ ...subject, name: 'never' }), withRing);
  expect(await verified()).toMatchObject({ code: 1, found: { ok: false, firstBad: { chain: tenant, problem: 'rewritten' } } });
  // Of another log than was meant: held against nothing, a trail must not pass for one in order.
  writeFileSync(file, '{"level":30,"msg":"worker started"}\n');
  expect(await captured(() => command(['verify', '--checkpoints', file]), 'stderr')).toEqual({ result: 1, printed: expect.stringContaining(`${file} holds no checkpoint`) });
  rmSync(file);
});

test('a checkpoint is written once for each growth', async () => {
  const checkpoints = api.app.get(Checkpoints);
  await checkpoints.write();
  expect(await checkpoints.write()).toBe(0);
  await api.request('POST', '/v1/tenants/other/api-keys', { name: 'one more', role: 'viewer' });
  expect(await checkpoints.write()).toBe(1);
  await sql('delete from audit_event where tenant_id <> $1', [tenant]);   // made after what is put back below
  expect((await verify()).ok).toBe(false);
});

test('the command tells the same, and fails where something is wrong', async () => {
  const good = await captured(() => command(['verify']));
  expect([good.result, JSON.parse(good.printed)]).toMatchObject([0, { ok: true }]);
  await sql('delete from audit_event where tenant_id = $1 and seq = 4', [tenant]);
  const bad = await captured(() => command(['verify']));
  expect([bad.result, JSON.parse(bad.printed)]).toMatchObject([1, { ok: false, firstBad: { chain: tenant, seq: 4, problem: 'missing' } }]);
  for (const file of ['/no/such/file', folder]) expect(await captured(() => command(['verify', '--checkpoints', file]))).toEqual({ result: 1, printed: '' });
  expect(await captured(() => command(['key']))).toEqual({ result: 0, printed: 'Every chain has the key already.\n' });
  expect(await captured(() => command(['public-key']))).toEqual({ result: 0, printed: expect.stringMatching(/^-----BEGIN PUBLIC KEY-----/) });
});

test('beside npm start the command takes the data folder, with the checkpoints that are there', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'keyrack-data-'));
  for (const [name, secret] of [['database-url', database.databaseUrl], ['keys', database.keys]] as const) writeFileSync(join(dataDir, name), secret.reveal(), { mode: 0o600 });
  cpSync(folder, join(dataDir, 'audit-checkpoints'), { recursive: true });
  const verified = async () => {
    const { result, printed } = await captured(() => keyrack(['node', 'keyrack', 'audit', 'verify'], { KEYRACK_DATA_DIR: dataDir }));
    return [result, JSON.parse(printed)];
  };
  expect(await verified()).toMatchObject([0, { ok: true, checkpoints: expect.any(Number) }]);
  await sql('delete from audit_event where tenant_id = $1 and seq > 5', [tenant]);
  await sql('update audit_head h set seq = 5, hash = e.hash from audit_event e where h.tenant_id = $1 and e.tenant_id = $1 and e.seq = 5', [tenant]);
  expect(await verified()).toMatchObject([1, { ok: false, firstBad: { chain: tenant, seq: 6, problem: 'missing' } }]);
  rmSync(join(dataDir, 'audit-checkpoints'), { recursive: true });
  expect(await verified()).toMatchObject([1, { ok: false, firstBad: { chain: 'platform', problem: 'checkpoint_missing' } }]);
  rmSync(dataDir, { recursive: true });
});

const command = (args: readonly string[], checkpoints = folder) => keyrack(['node', 'keyrack', 'audit', ...args], { ...database.env, KEYRACK_AUDIT_CHECKPOINTS: checkpoints });

/** What is printed while something works, in place of printing it. */
async function captured<Result>(work: () => Promise<Result>, stream: 'stdout' | 'stderr' = 'stdout'): Promise<{ result: Result; printed: string }> {
  const { write } = process[stream];
  let printed = '';
  process[stream].write = (text: string | Uint8Array): boolean => { printed += String(text); return true; };
  try {
    const result = await work();
    return { result, printed };
  } finally { process[stream].write = write; }
}

test('a denial is written down: in the own tenant\'s trail, and for another tenant\'s in the platform\'s', async () => {
  expect((await api.request('POST', '/v1/tenants/mine/api-keys', { name: 'x', role: 'owner' }, viewer)).status).toBe(403);
  expect((await audit('/v1/tenants/mine/audit', 'access.denied'))[0]).toMatchObject({ actor: { kind: 'api_key', name: 'viewer' }, subject: { permission: 'api-keys:write', route: 'POST /v1/tenants/:tenant/api-keys' } });
  expect((await api.request('GET', '/v1/tenants/other', undefined, viewer)).status).toBe(404);
  expect((await audit('/v1/audit', 'access.denied'))[0]).toMatchObject({ actor: { name: 'viewer' }, subject: { permission: 'tenant:read', tenantId: (await api.request('GET', '/v1/tenants/other')).body.id } });
  expect(await audit('/v1/tenants/other/audit', 'access.denied')).toEqual([]);
  // One for a tenant that does not exist, too: what is done for the one and not for the other can be measured.
  expect((await api.request('GET', '/v1/tenants/nowhere', undefined, viewer)).status).toBe(404);
  expect((await audit('/v1/audit', 'access.denied'))[0]).toMatchObject({ actor: { name: 'viewer' }, subject: { permission: 'tenant:read', tenantId: null } });
  expect((await api.request('POST', '/v1/tenants', { slug: 'new', name: 'x' }, viewer)).status).toBe(403);
  expect((await audit('/v1/audit', 'access.denied'))[0]).toMatchObject({ subject: { permission: 'tenants:create' } });
});

test('a key that was revoked or has run out, and is used on, is told once an hour in the trail of its tenant; what never was a key has no event of its own', async () => {
  const key = async (name: string) => (await api.request('POST', '/v1/tenants/mine/api-keys', { name, role: 'viewer' })).body as { id: string; key: string };
  const [revoked, expired] = [await key('revoked'), await key('expired')];
  await api.request('DELETE', `/v1/tenants/mine/api-keys/${revoked.id}`);
  await sql('update api_key set expires_at = now() where id = $1', [expired.id]);
  for (const used of [revoked.key, expired.key, revoked.key, expired.key, 'kr_never', revoked.key]) expect((await api.request('GET', '/v1/tenants/mine', undefined, used)).status).toBe(401);
  expect((await audit('/v1/tenants/mine/audit', 'api_key.refused')).map(({ actor, subject }: { actor: { name: string }; subject: object }) => [actor.name, subject])).toEqual([
    ['expired', { apiKeyId: expired.id, reason: 'expired', address: '127.0.0.1' }], ['revoked', { apiKeyId: revoked.id, reason: 'revoked', address: '127.0.0.1' }]]);
  expect(await audit('/v1/audit', 'api_key.refused')).toEqual([]);
});

test('eight at once append to one chain at 200 a second, or at a fifth of what bare commits do, and they are one chain', async () => {
  const trail = api.app.get(Audit), db = api.app.get(Database), me = systemActor('test');
  const [{ seq: before } = { seq: 0 }] = (await sql('select seq from audit_head where tenant_id = $1', [tenant])).rows;
  await sql('create table yardstick (id bigserial primary key, at timestamptz, subject jsonb)');
  const append = (round: number) => perSecond(400, () => Promise.all(Array.from({ length: 8 }, async (_, lane) => {
    for (let i = 0; i < 50; i++) await db.inTenant(tenant, (tx) => trail.record(tx, me, { action: 'run.paused', runId: `${round} ${lane} ${i}` }));
  })));
  const commit = () => perSecond(400, async () => { for (let i = 0; i < 400; i++) await sql(`insert into yardstick (at, subject) values (now(), '{"runId":"1"}')`); });
  // A machine that is busy slows both: the yardstick tells how much. The best of three, each beside its own.
  const rounds: { appends: number; commits: number }[] = [];
  for (const round of [1, 2, 3]) rounds.push({ commits: await commit(), appends: await append(round) });
  await sql('drop table yardstick');
  expect(rounds.filter(({ appends, commits }) => appends >= 200 || appends >= commits / 5)).not.toEqual([]);
  expect((await sql('select seq from audit_head where tenant_id = $1', [tenant])).rows).toEqual([{ seq: before + 1_200 }]);
  expect(await verify()).toMatchObject({ ok: true });
}, 60_000);

/** How many of `count` it does in a second. */
async function perSecond(count: number, work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return count / (performance.now() - began) * 1_000;
}

test('the first data key of the platform is made with an event, once', async () => {
  for (const name of ['one', 'two']) expect((await api.request('POST', '/v1/applications', { name, version: '1', clientTokens: [{ environment: 'demo', clientToken: randomBytes(24).toString('hex') }] })).status).toBe(201);
  expect((await audit('/v1/audit', 'data_key.made')).map(({ actor, subject }: { actor: object; subject: object }) => [actor, subject])).toEqual([
    [{ kind: 'system', id: 'vault', name: 'vault' }, { keyId: 1, ringKey: expect.any(String) }]]);
});

test('the trail can be had as JSON Lines', async () => {
  const answer = await fetch(`${api.url}/v1/tenants/mine/audit?action=api_key`, { headers: { authorization: `Bearer ${owner}`, accept: 'application/jsonl' } });
  expect(answer.headers.get('content-type')).toMatch('application/jsonl');
  const lines = (await answer.text()).trimEnd().split('\n').map((line) => JSON.parse(line));
  expect(lines.length).toBe(12);
  expect(lines[0]).toMatchObject({ seq: 12, action: 'api_key.created' });
});

test('the platform\'s trail can be had as CSV and as JSON Lines, whole and in order, by the platform only', async () => {
  const download = (accept: string, query = '', key = api.bootstrapKey) => fetch(`${api.url}/v1/audit${query}`, { headers: { authorization: `Bearer ${key}`, accept } });
  const { items } = (await api.request('GET', '/v1/audit?limit=500')).body;
  const csv = await download('text/csv'), jsonl = await download('application/jsonl');
  expect([csv, jsonl].map(({ headers }) => headers.get('content-disposition'))).toEqual(['attachment; filename="platform-audit.csv"', 'attachment; filename="platform-audit.jsonl"']);
  const rows: Record<string, string>[] = parse(await csv.text(), { columns: true });
  expect(rows.map(({ seq, action, actor_name: name, subject }) => ({ seq: Number(seq), action, name, subject: JSON.parse(subject ?? '') }))).toEqual(
    items.map(({ seq, action, actor, subject }: { seq: number; action: string; actor: { name: string }; subject: object }) => ({ seq, action, name: actor.name, subject })));
  expect((await jsonl.text()).trimEnd().split('\n').map((line) => JSON.parse(line))).toEqual(items);
  expect(rows.length).toBeGreaterThanOrEqual(3);
  const created: Record<string, string>[] = parse(await (await download('text/csv', '?action=tenant.created')).text(), { columns: true });
  expect(created.map(({ action }) => action)).toEqual(['tenant.created', 'tenant.created']);
  for (const accept of ['text/csv', 'application/jsonl']) expect((await download(accept, '', owner)).status).toBe(403);
});

test('a name that a spreadsheet would run is no formula in the CSV of the trail', async () => {
  const name = `=HYPERLINK("https://example.com");=1+cmd|' /C calc'!A0`;
  const { key } = (await api.request('POST', '/v1/tenants/mine/api-keys', { name, role: 'owner' })).body;
  await api.request('POST', '/v1/tenants/mine/api-keys', { name: 'by it', role: 'viewer' }, key);
  const answer = await fetch(`${api.url}/v1/tenants/mine/audit?action=api_key`, { headers: { authorization: `Bearer ${owner}`, accept: 'text/csv' } });
  const text = await answer.text(), [newest]: Record<string, string>[] = parse(text, { columns: true });
  expect(newest).toMatchObject({ actor_name: `'${name.replace(';', ";'")}`, action: 'api_key.created' });
  // Where a decimal has a comma, a spreadsheet begins a cell at each semicolon.
  expect(text.split(/[;\n]/).filter((cell) => /^[=+@-]/.test(cell))).toEqual([]);
});

/** More events than lie in the buffers of a connection that nobody reads. */
const fill = () => sql(`insert into audit_event (tenant_id, seq, id, at, actor_kind, actor_id, actor_name, action, subject, previous_hash, hash)
  select tenant_id, 1000 + n, gen_random_uuid(), at, actor_kind, actor_id, actor_name, action, jsonb_build_object('text', repeat('x', 2000)), previous_hash, hash
    from audit_event, generate_series(1, 15000) n where tenant_id = $1 and seq = 1`, [tenant]);

test('an export from another process breaks off within a second when its key is revoked while it runs; another goes on', async () => {
  const elsewhere = await startApi(database, { KEYRACK_BOOTSTRAP_KEY: api.bootstrapKey });
  await fill();
  const key = async () => (await api.request('POST', '/v1/tenants/mine/api-keys', { name: 'reader', role: 'owner' })).body as { id: string; key: string };
  const [leaked, kept] = [await key(), await key()];
  const download = ({ key: of }: { key: string }, accept: string) => fetch(`${elsewhere.url}/v1/tenants/mine/audit`, { headers: { authorization: `Bearer ${of}`, accept } });
  const sockets: Socket[] = [];
  elsewhere.app.getHttpServer().on('request', ({ socket }: IncomingMessage) => { sockets.push(socket); });
  const downloads = await Promise.all([download(leaked, 'text/csv'), download(leaked, 'application/jsonl'), download(kept, 'text/csv')]);
  expect(downloads.map(({ status }) => status)).toEqual([200, 200, 200]);
  await api.request('DELETE', `/v1/tenants/mine/api-keys/${leaked.id}`);
  // Nothing was read until now: most of it waits for its reader.
  await new Promise((resolve) => { setTimeout(resolve, 1_000); });
  expect(sockets.map(({ destroyed }) => destroyed).toSorted()).toEqual([false, true, true]);
  const ends = await Promise.all(downloads.map((answer) => answer.text().then((text) => text.length > 15_000 * 2_000 ? 'whole' : 'a part that passes for it', () => 'broken off')));
  expect(ends).toEqual(['broken off', 'broken off', 'whole']);
  await elsewhere.close();
});

test('a caller has twenty exports at the most that nobody reads to their end, since each asks the database twice a second; others have their own', async () => {
  const key = async () => (await api.request('POST', '/v1/tenants/mine/api-keys', { name: 'reader', role: 'owner' })).body.key as string;
  await fill();
  const [greedy, other] = [await key(), await key()], stops: AbortController[] = [], kept: Response[] = [];
  const download = async (of: string): Promise<Response> => {
    const stop = new AbortController();
    stops.push(stop);
    const answer = await fetch(`${api.url}/v1/tenants/mine/audit`, { headers: { authorization: `Bearer ${of}`, accept: 'text/csv' }, signal: stop.signal });
    kept.push(answer);   // one that is collected as garbage is closed
    return answer;
  };
  try {
    // Those that were left before they began do not count.
    const holding = await database.owner.connect();
    await holding.query('begin; lock table api_key');
    const left = Array.from({ length: 20 }, () => download(greedy).catch(() => undefined));
    await new Promise((resolve) => { setTimeout(resolve, 500); });
    for (const stop of stops.splice(0)) stop.abort();
    await holding.query('rollback');
    holding.release();
    await Promise.all(left);
    await new Promise((resolve) => { setTimeout(resolve, 1_000); });

    for (let n = 0; n < 20; n += 1) expect((await download(greedy)).status).toBe(200);
    const refused = await download(greedy);
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({ code: 'request.rate_limited', detail: '20 exports of this caller are open: close one' });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await download(other)).status).toBe(200);
    stops[0]?.abort();
    await new Promise((resolve) => { setTimeout(resolve, 500); });   // until the server has heard of it
    expect((await download(greedy)).status).toBe(200);
  } finally { for (const stop of stops) stop.abort(); }
}, 60_000);
