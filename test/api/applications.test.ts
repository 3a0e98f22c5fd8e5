// Environments and applications: where tokens may be sent, and that a ClientToken never comes back.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Applications } from '@keyrack/applications';
import { Audit } from '@keyrack/audit';
import type { ApplicationId, EnvironmentId } from '@keyrack/core';
import { Refusals, Vault } from '@keyrack/credentials';
import { migrate } from '../../apps/cli/src/migrate.js';
import { startApi, type Api } from '../harness/api.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';

let database: TestDatabase;
let api: Api;
beforeAll(async () => { database = await createTestDatabase(); api = await startApi(database); });
afterAll(async () => { await api?.close(); await database?.drop(); });

const demo = 'demo' as string as EnvironmentId;
const token = (): string => randomBytes(24).toString('base64url');

test('demo and production exist from the start, with the public addresses of Mews', async () => {
  const { body } = await api.request('GET', '/v1/environments');
  expect(body.items).toEqual([
    expect.objectContaining({ id: 'demo', platformAddress: 'https://api.mews-demo.com', requestLimit: { requests: 200, seconds: 30 } }),
    expect.objectContaining({ id: 'production', platformAddress: 'https://api.mews.com', webSocketAddress: 'wss://ws.mews.com' }),
  ]);
});

test('an environment is added, changed, and its address is https and public', async () => {
  const made = await api.request('POST', '/v1/environments', { id: 'certification', name: 'Certification', platformAddress: 'https://cert.example.com/', requestLimit: { requests: 10, seconds: 5 } });
  expect(made).toMatchObject({ status: 201, body: { id: 'certification', platformAddress: 'https://cert.example.com', webSocketAddress: null, requestLimit: { requests: 10, seconds: 5 } } });
  expect(await api.request('POST', '/v1/environments', { id: 'certification', name: 'x', platformAddress: 'https://cert.example.com' })).toMatchObject({ status: 409, body: { code: 'environment.duplicate' } });
  for (const platformAddress of ['http://cert.example.com', 'https://127.0.0.1:4000', 'https://169.254.169.254', 'nonsense']) {
    expect(await api.request('POST', '/v1/environments', { id: 'bad', name: 'x', platformAddress })).toMatchObject({ status: 422, body: { code: 'environment.address_refused', errors: [{ pointer: '/platformAddress' }] } });
  }
  expect((await api.request('POST', '/v1/environments', { id: 'bad', name: 'x', platformAddress: `https://${'x'.repeat(300)}` })).body.errors).toEqual([{ pointer: '/platformAddress', detail: 'must have at most 300 characters' }]);
  expect(await api.request('PATCH', '/v1/environments/certification', { platformAddress: 'http://10.0.0.1' })).toMatchObject({ status: 422 });
  expect(await api.request('PATCH', '/v1/environments/certification', { requestLimit: { requests: 20, seconds: 5 } })).toMatchObject({ status: 200, body: { name: 'Certification', requestLimit: { requests: 20, seconds: 5 } } });
  const { body } = await api.request('GET', '/v1/audit?action=environment.changed');
  expect(body.items[0].subject).toMatchObject({ before: { requestLimit: { requests: 10 } }, after: { requestLimit: { requests: 20 } } });
});

test('a change of nothing is no event, whether it names nothing or what is so already', async () => {
  const { body: before } = await api.request('GET', '/v1/environments/demo');
  for (const change of [{}, { name: before.name, requestLimit: before.requestLimit }]) expect(await api.request('PATCH', '/v1/environments/demo', change)).toMatchObject({ status: 200, body: before });
  const { body: { items } } = await api.request('GET', '/v1/audit?action=environment.changed');
  expect(items.filter(({ subject }: { subject: { environment: string } }) => subject.environment === 'demo')).toEqual([]);
});

test('private addresses pass where the operator allows them', async () => {
  const open = await startApi(database, { KEYRACK_ALLOW_HTTP_PLATFORM: 'true', KEYRACK_BOOTSTRAP_KEY: api.bootstrapKey });
  const { status } = await open.request('POST', '/v1/environments', { id: 'sandbox', name: 'Sandbox', platformAddress: 'http://127.0.0.1:4010', webSocketAddress: 'ws://127.0.0.1:4010' }, api.bootstrapKey);
  await open.close();
  expect(status).toBe(201);
});

test('a ClientToken is stored sealed, shown as a hint, replaced, and read back by the program only', async () => {
  const [one, two] = [token(), token()];
  const { body: app, status } = await api.request('POST', '/v1/applications', { name: 'Channel', version: '1.0.0', clientTokens: [{ environment: 'demo', clientToken: one }] });
  expect(status).toBe(201);
  expect(app).toMatchObject({ client: 'Channel 1.0.0', environments: ['demo'], clientTokens: [{ environment: 'demo', hint: `…${one.slice(-4)}` }] });
  const applications = api.app.get(Applications);
  const credentials = await applications.credentials(app.id as ApplicationId, demo);
  expect({ ...credentials, clientToken: credentials.clientToken.reveal() }).toEqual({
    environmentId: 'demo', platformAddress: 'https://api.mews-demo.com', requestLimit: { requests: 200, seconds: 30 }, client: 'Channel 1.0.0', clientToken: one,
  });
  const set = await api.request('PUT', `/v1/applications/${app.id}/client-tokens/demo`, { clientToken: two });
  expect(set).toMatchObject({ status: 200, body: { clientTokens: [{ hint: `…${two.slice(-4)}` }] } });
  expect((await applications.credentials(app.id as ApplicationId, demo)).clientToken.reveal()).toBe(two);

  const everything = JSON.stringify([
    (await api.request('GET', '/v1/applications')).body, (await api.request('GET', `/v1/applications/${app.id}`)).body, (await api.request('GET', '/v1/audit')).body, set.body, app,
    (await database.owner.query('select ciphertext from application_client_token')).rows.map(({ ciphertext }) => [ciphertext.toString('utf8'), ciphertext.toString('latin1')]),
  ]);
  for (const secret of [one, two]) expect(everything).not.toContain(secret);
});

test('a ciphertext moved to another application does not open', async () => {
  const make = async (name: string) => (await api.request('POST', '/v1/applications', { name, version: '1', clientTokens: [{ environment: 'demo', clientToken: token() }] })).body.id as ApplicationId;
  const [a, b] = [await make('A'), await make('B')];
  await database.owner.query(`update application_client_token set ciphertext = (select ciphertext from application_client_token where application_id = $1) where application_id = $2`, [a, b]);
  await expect(api.app.get(Applications).credentials(b, demo)).rejects.toMatchObject({ code: 'secret.unreadable' });
});

test('what is missing is told: the token, the environment, the application', async () => {
  const { body: app } = await api.request('POST', '/v1/applications', { name: 'Bare', version: '1' });
  const applications = api.app.get(Applications);
  await expect(applications.credentials(app.id, demo)).rejects.toMatchObject({ code: 'application.no_client_token' });
  await expect(applications.credentials(app.id, 'nowhere' as string as EnvironmentId)).rejects.toMatchObject({ code: 'environment.not_found' });
  expect(await api.request('POST', '/v1/applications', { name: 'Bare', version: '1' })).toMatchObject({ status: 409, body: { code: 'application.duplicate' } });
  expect(await api.request('POST', '/v1/applications', { name: 'C', version: '1', clientTokens: [{ environment: 'nowhere', clientToken: token() }] }))
    .toMatchObject({ status: 404, body: { code: 'environment.not_found', errors: [{ pointer: '/clientTokens/0/environment' }] } });
  expect((await api.request('GET', '/v1/applications')).body.items.map(({ name }: { name: string }) => name)).not.toContain('C');
  const secret = 'not a token at all';
  const refused = await api.request('PUT', `/v1/applications/${app.id}/client-tokens/demo`, { clientToken: secret });
  expect(refused.status).toBe(422);
  expect(JSON.stringify(refused.body)).not.toContain(secret);
});

describe('where tokens are sent', () => {
  const add = async (id: string): Promise<ApplicationId> => {
    expect((await api.request('POST', '/v1/environments', { id, name: id, platformAddress: `https://${id}.example.com` })).status).toBe(201);
    const { body } = await api.request('POST', '/v1/applications', { name: id, version: '1', clientTokens: [{ environment: id, clientToken: token() }] });
    return body.id;
  };
  const elsewhere = 'https://elsewhere.example.com';
  const environment = (id: string) => id as EnvironmentId;

  test('the address of an environment changes only while no token would follow it', async () => {
    await api.request('POST', '/v1/environments', { id: 'unused', name: 'Unused', platformAddress: 'https://unused.example.com' });
    expect(await api.request('PATCH', '/v1/environments/unused', { platformAddress: elsewhere })).toMatchObject({ status: 200, body: { platformAddress: elsewhere } });

    const application = await add('used');
    for (const change of [{ platformAddress: elsewhere }, { webSocketAddress: 'wss://elsewhere.example.com' }]) {
      expect(await api.request('PATCH', '/v1/environments/used', change)).toMatchObject({ status: 409, body: { code: 'environment.in_use', detail: expect.stringContaining('make a new environment') } });
    }
    expect(await api.request('PATCH', '/v1/environments/used', { name: 'Renamed', platformAddress: 'https://used.example.com' })).toMatchObject({ status: 200, body: { name: 'Renamed' } });

    // An AccessToken alone is enough, until it is revoked.
    const { body: { id: tenantId } } = await api.request('POST', '/v1/tenants', { slug: 'sent', name: 'Sent' });
    await database.owner.query(`insert into access_token (tenant_id, id, environment_id, application_id, kind, hint, fingerprint, ciphertext) values ($1, gen_random_uuid(), 'unused', $2, 'enterprise', 'h', 'f', '\\x00')`, [tenantId, application]);
    expect(await api.request('PATCH', '/v1/environments/unused', { platformAddress: 'https://unused.example.com' })).toMatchObject({ status: 409 });
    await database.owner.query(`update access_token set status = 'revoked' where environment_id = 'unused'`);
    expect(await api.request('PATCH', '/v1/environments/unused', { platformAddress: 'https://unused.example.com' })).toMatchObject({ status: 200 });
  });

  test.each([
    ['another address', `platform_address = '${elsewhere}'`],
    ['the address and the MAC of another environment', `(platform_address, address_mac) = (select platform_address, address_mac from environment where id = 'decoy')`],
    ['no MAC', 'address_mac = null'],
  ])('no token is sent where the database says %s, and the audit trail tells', async (what, set) => {
    const id = `altered-${what.replaceAll(' ', '-').toLowerCase()}`, application = await add(id);
    await api.request('POST', '/v1/environments', { id: 'decoy', name: 'Decoy', platformAddress: elsewhere });
    const audit = new Audit(database.db, database), refusals = new Refusals(database.db, audit);
    const applications = new Applications(database.db, new Vault({ keys: database.keys }, refusals), audit);
    expect(await applications.credentials(application, environment(id))).toMatchObject({ platformAddress: `https://${id}.example.com` });
    await database.owner.query(`update environment set ${set} where id = $1`, [id]);
    const refused = expect.objectContaining({ code: 'environment.altered' });
    await expect(applications.credentials(application, environment(id))).rejects.toEqual(refused);
    // Nor does a change of something else vouch for it.
    expect((await api.request('PATCH', `/v1/environments/${id}`, { name: 'Renamed' })).status).toBe(200);
    await expect(applications.credentials(application, environment(id))).rejects.toEqual(refused);
    await refusals.settled();
    expect((await audit.listPlatform({ action: 'secret.refused', limit: 100 })).items.filter(({ subject }) => subject['row'] === id)).toHaveLength(1);
  });

  test("Mews' own addresses are known to the program; another one in their place is not", async () => {
    const { body: { id } } = await api.request('POST', '/v1/applications', { name: 'Own', version: '1', clientTokens: [{ environment: 'demo', clientToken: token() }] });
    const applications = api.app.get(Applications);
    await database.owner.query(`update environment set platform_address = 'https://api.mews.com' where id = 'demo'`);
    await expect(applications.credentials(id, demo)).rejects.toMatchObject({ code: 'environment.altered' });
    await database.owner.query(`update environment set platform_address = 'https://api.mews-demo.com' where id = 'demo'`);
    expect(await applications.credentials(id, demo)).toMatchObject({ platformAddress: 'https://api.mews-demo.com' });
  });

  test('keyrack migrate vouches for the environments of before, once', async () => {
    const application = await add('before'), applications = api.app.get(Applications);
    await database.owner.query(`update environment set address_mac = null where id = 'before'`);
    await database.owner.query(`insert into unauthenticated_environment (id) values ('before')`);
    await migrate(database);
    expect(await applications.credentials(application, environment('before'))).toMatchObject({ platformAddress: 'https://before.example.com' });
    expect((await api.request('GET', '/v1/audit?action=environment.authenticated')).body.items.map(({ subject }: { subject: object }) => subject)).toEqual([{ environment: 'before', platformAddress: 'https://before.example.com' }]);
    await database.owner.query(`update environment set address_mac = null where id = 'before'`);
    await migrate(database);
    await expect(applications.credentials(application, environment('before'))).rejects.toMatchObject({ code: 'environment.altered' });
    await expect(database.db.onPlatform('test', (tx) => tx.sql`insert into unauthenticated_environment (id) values ('before')`)).rejects.toThrow(/permission denied/);
  });
});
