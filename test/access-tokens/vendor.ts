// A vendor with the api, a sandbox Mews, an application and tenants; every answer is kept, to look for tokens in it.
import { createServer } from 'node:http';
import { startSandbox, type Sandbox } from '../../apps/sandbox/src/index.js';
import { startApi, type Answer, type Api } from '../harness/api.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';

export interface Vendor {
  database: TestDatabase; api: Api; sandbox: Sandbox; applicationId: string;
  /** Text of every answer so far. */
  answers: string[];
  /** A new tenant; its calls go below /v1/tenants/:tenant. */
  tenant(): Promise<Tenant>;
  close(): Promise<void>;
}
export interface Tenant { id: string; request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>; add(accessToken: string, more?: object): Promise<Answer> }

export async function openVendor(): Promise<Vendor> {
  const database = await createTestDatabase();
  const sandbox = await startSandbox({ profile: 'small', limit: { requests: 100_000 } });
  const api = await startApi(database, { KEYRACK_ALLOW_HTTP_PLATFORM: 'true' });
  const answers: string[] = [];
  const request: Api['request'] = async (...call) => {
    const answer = await api.request(...call);
    answers.push(JSON.stringify([answer.body, Object.fromEntries(answer.headers)]));
    return answer;
  };
  const requestLimit = { requests: 100_000, seconds: 1 };
  await made(request('POST', '/v1/environments', { id: 'sandbox', name: 'Sandbox', platformAddress: sandbox.url, requestLimit }));
  await made(request('POST', '/v1/environments', { id: 'nowhere', name: 'Nowhere', platformAddress: `http://127.0.0.1:${await closedPort()}`, requestLimit }));
  const clientToken = sandbox.world.access.clientToken;
  const application = await made(request('POST', '/v1/applications', {
    name: 'Keyrack test', version: '1.0', clientTokens: [{ environment: 'sandbox', clientToken }, { environment: 'nowhere', clientToken }],
  }));
  let tenants = 0;
  return {
    database, api, sandbox, applicationId: application.body.id, answers,
    async tenant() {
      const { body } = await made(request('POST', '/v1/tenants', { slug: `tenant-${++tenants}`, name: `Tenant ${tenants}` }));
      const call: Tenant['request'] = (method, path, sent, headers) => request(method, `/v1/tenants/${body.slug}${path}`, sent, undefined, headers);
      return { id: body.id, request: call, add: (accessToken, more) => call('POST', '/access-tokens', { applicationId: application.body.id, environment: 'sandbox', accessToken, ...more }) };
    },
    async close() {
      await api.close();
      await sandbox.stop();
      await database.drop();
    },
  };
}

async function made(answer: Promise<Answer>): Promise<Answer> {
  const { status, body } = await answer;
  if (status !== 201) throw new Error(`not made: ${status} ${JSON.stringify(body)}`);
  return answer;
}

/** A port where nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const address = server.address();
  await new Promise((resolve) => { server.close(resolve); });
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Every row of every table of the database as text, bytes as hex. */
export async function everyRow(database: TestDatabase): Promise<string> {
  const { rows } = await database.owner.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`);
  const texts: string[] = [];
  for (const { name } of rows) texts.push(...(await database.owner.query<{ row: string }>(`select t::text as row from ${name} t`)).rows.map(({ row }) => row));
  return texts.join('\n');
}

/** The forms in which a token could lie somewhere. */
export const formsOf = (token: string): string[] => [token, token.toLowerCase(), Buffer.from(token).toString('hex'), Buffer.from(token).toString('base64').replace(/=+$/, '').slice(0, -1), encodeURIComponent(token)];
