// Guests' data goes through syncs that go well and badly, and is then looked for where it must not be: in front of whom the platform is run by, in logs, and in whatever lies on a disk.
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Fleet } from '../faults/fleet.js';
import { startKeyrack, until, type Keyrack } from '../harness/keyrack.js';
import { hitsIn, hitsInFiles, type Canary, type Hit } from './canary.js';

const startedMs = Date.now() - 5_000, canaries: Canary[] = [], settings = { KEYRACK_ALLOW_HTTP_PLATFORM: 'true' }, debug = { ...settings, KEYRACK_LOG_LEVEL: 'debug' };
let keyrack: Keyrack, workers: Fleet, apis: Fleet, url: string, hotel: string, chain: string, logs = '';
const canary = (name: string, secret = `${name}-${randomBytes(12).toString('hex')}`): string => { canaries.push({ name, secret }); return secret; };
const none = (hits: readonly Hit[]): void => { expect(hits).toEqual([]); };

beforeAll(async () => {
  keyrack = await startKeyrack({ sandbox: { profile: 'small', seed: `guests-${randomUUID()}`, limit: { requests: 5_000 } }, env: settings, worker: 'none' });
  const bootstrap = { KEYRACK_BOOTSTRAP_KEY: keyrack.api.bootstrapKey, KEYRACK_PORT: '0' };
  workers = new Fleet({ ...debug, ...keyrack.database.env });
  apis = new Fleet({ ...debug, ...bootstrap, ...keyrack.database.env }, undefined, 'api');
  const started = [workers.start(1), apis.start(1)];
  for (const { child } of [...workers.workers, ...apis.workers]) for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => { logs += chunk.toString(); });
  await Promise.all(started);
  url = /"url":"([^"]+)"/.exec(apis.workers[0]?.log ?? '')?.[1] ?? '';
  ({ id: hotel = '', chainId: chain = '' } = keyrack.sandbox.tokens[0]?.enterprises[0] ?? {});
}, 120_000);
afterAll(async () => {
  await workers?.stop();
  await apis?.stop();
  await keyrack?.stop();
});

/** Puts a canary into a field of the first record that has it. */
function put(collection: string, owner: string, field: string): string {
  const { world } = keyrack.sandbox, record = world.list(collection, owner).find((one) => field in one);
  if (!record) throw new Error(`no ${collection} with ${field}`);
  world.update(collection, String(record['Id']), { [field]: canary(field) });
  return String(record['Id']);
}

test('records are in front of those only who may read them, and sealed wherever they lie: kept, set aside or deleted', async () => {
  const { world, faults } = keyrack.sandbox, { owner } = keyrack.database;
  const guest = put('customers', chain, 'LastName');
  for (const [collection, field] of [['customers', 'Email'], ['customers', 'Phone'], ['companies', 'Name'], ['addresses', 'Line1'], ['accountNotes', 'Content']] as const) put(collection, chain, field);
  for (const [collection, field] of [['reservationGroups', 'Name'], ['bills', 'Notes'], ['payments', 'Notes'], ['tasks', 'Description'], ['messages', 'Text']] as const) put(collection, hotel, field);
  // Nothing of these can be read but that they are there.
  world.create('customers', chain, { LastName: canary('no-time'), UpdatedUtc: canary('no-instant') });
  world.create('customers', chain, { LastName: canary('no-chain'), ChainId: canary('no-uuid') });
  faults.add({ kind: 'bad_record', path: 'customers/getAll', count: 1 });
  await keyrack.onboard(0);
  await keyrack.untilIdle(120_000);
  world.vanish('customers', guest);
  await keyrack.sync({ collections: ['customers'], mode: 'full' });
  const { rows: [aside] } = await owner.query<{ n: number }>('select count(*)::int as n from run_quarantine');
  expect(aside?.n).toBeGreaterThan(2);

  const [records, deleted] = await Promise.all([keyrack.call('GET', '/records/customers?limit=500'), keyrack.call('GET', `/records/customers/${guest}`)]);
  expect(records.status).toBe(200);
  expect(deleted.body).toMatchObject({ deletedAt: expect.any(String), record: { LastName: canaries[0]?.secret } });
  const { body: runs } = await keyrack.call('GET', '/runs?limit=500');
  const paths = ['', '/overview', '/stats', '/runs?limit=500', '/schedules', '/enterprises', '/access-tokens', '/reach', '/reach/events', '/records/customers', `/records/customers/${guest}`, '/changes/customers', ...runs.items.map(({ id }: { id: string }) => `/runs/${id}`)];
  for (const role of ['operator', 'auditor']) {
    const { body: { key } } = await keyrack.api.request('POST', '/v1/api-keys', { name: role, role });
    for (const path of paths) {
      const { status, body } = await keyrack.api.request('GET', `/v1/tenants/acme${path}`, undefined, key);
      expect([path, status]).toEqual([path, /^\/(records|changes)/.test(path) ? 403 : 200]);
      none(hitsIn(`${role} ${path}`, Buffer.from(JSON.stringify(body)), canaries));
    }
  }
  const { rows: tables } = await owner.query<{ name: string }>(`select format('%I.%I', table_schema, table_name) as name from information_schema.tables where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`);
  for (const { name } of tables) {
    const { rows: [all] } = await owner.query<{ text: string | null }>(`select string_agg(t::text, chr(10)) as text from ${name} t`);
    none(hitsIn(name, Buffer.from(all?.text ?? ''), canaries));
  }
  await owner.query('checkpoint');
  const { rows: [place] } = await owner.query<{ data: string; oid: string }>(`select current_setting('data_directory') as data, oid::text from pg_database where datname = current_database()`);
  for (const folder of [`${place?.data}/base/${place?.oid}`, `${place?.data}/pg_wal`]) none((await hitsInFiles(folder, startedMs, canaries)).hits);
  none(hitsIn('logs', Buffer.from(logs), canaries));
}, 240_000);

const email = 'jane.roe@guests.example', card = '4111 1111 1111 1111', words = `Jane-${randomBytes(8).toString('hex')}`;
const said: Canary[] = [{ name: 'words', secret: words }, { name: 'e-mail', secret: email }, { name: 'card', secret: card }];

test('what Mews says when it refuses is told with the run or the token, without e-mail addresses and card numbers', async () => {
  const { faults, world } = keyrack.sandbox, id = '0a1b2c3d-0000-4000-8000-000000000000', message = `${words} <${email}> paid by ${card}, see ${id}`, told = `${words} <…> paid by …, see ${id}`;
  faults.add({ kind: 'status', status: 500, message, path: 'payments/getAll', count: 2 });
  faults.add({ kind: 'status', status: 400, message, path: 'counters/getAll', count: 8 });
  const { body: { runIds } } = await keyrack.call('POST', '/syncs', { enterpriseIds: [hotel], collections: ['payments', 'counters'] });
  await until(60_000, async () => logs.includes('run failed, will be tried again') || undefined);
  await keyrack.untilIdle();
  const runs = await Promise.all((runIds as string[]).map(async (run) => (await keyrack.call('GET', `/runs/${run}`)).body));
  expect(runs.find(({ state }) => state === 'failed')?.error).toMatchObject({ status: 400, message: told });
  const { accessToken } = world.issueToken({ enterprises: [world.addEnterprise().id] });
  faults.add({ kind: 'status', status: 500, message, accessToken, count: 3 });
  const headers = { authorization: `Bearer ${keyrack.api.bootstrapKey}`, 'content-type': 'application/json' }, body = JSON.stringify({ applicationId: keyrack.applicationId, environment: 'sandbox', accessToken, connect: 'none' });
  const onboard = () => fetch(`${url}/v1/tenants/acme/access-tokens`, { method: 'POST', headers, body });
  expect(await (await onboard()).json()).toMatchObject({ code: 'mews.failed', upstream: { message: told } });
  await until(10_000, async () => logs.includes('unexpected error') || undefined);
  const added = await (await onboard()).json() as { id: string };
  faults.add({ kind: 'status', status: 401, message, accessToken });
  expect((await keyrack.call('POST', `/access-tokens/${added.id}/verify`)).body).toMatchObject({ status: 'invalid', lastError: { message: told } });
}, 120_000);

test('it is in no log', () => {
  none(hitsIn('logs', Buffer.from(logs), said));
  expect(logs.match(/Mews answered 500/g)?.length).toBeGreaterThan(2);
});

test('it is not in the audit trail, which is kept for good', async () => {
  const { rows: [trail] } = await keyrack.database.owner.query<{ text: string }>(`select string_agg(e::text, chr(10)) as text from audit_event e`);
  expect(trail?.text.includes('access_token.suspended')).toBe(true);
  none(hitsIn('audit_event', Buffer.from(trail?.text ?? ''), said));
});
