// The client against a server that behaves, and one that does not.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Secret, type EnvironmentId } from '@keyrack/core';
import { listEnterprises, readConfiguration } from './discovery.js';
import { MewsClient, type CallOptions, type MewsTarget } from './mews-client.js';
import { MewsError } from './mews-error.js';
import { RequestBudget, type BudgetAnswer, type BudgetUsage } from './request-budget.js';

class CountingBudget extends RequestBudget {
  taken = 0;
  answers: BudgetAnswer[] = [];
  reports: (number | null)[] = [];
  override take(): Promise<BudgetAnswer> { this.taken += 1; return Promise.resolve(this.answers.shift() ?? { granted: true }); }
  override throttled(_key: string, retryAfterMs: number | null): Promise<number> { this.reports.push(retryAfterMs); return Promise.resolve(retryAfterMs ?? 2_000); }
  override usage(): Promise<Map<string, BudgetUsage>> { return Promise.resolve(new Map<string, BudgetUsage>()); }
}

type Handler = (request: IncomingMessage, response: ServerResponse, body: Record<string, unknown>) => void;
const accessToken = 'ACCESS-canary-1', clientToken = 'CLIENT-canary-2', enterprise = '851df8c8-90f2-4c4a-8e01-a4fc46b25178';
const environmentId = 'demo' as EnvironmentId;
let server: Server, address: string, handler: Handler, seen: { url: string; body: Record<string, unknown> }[] = [], budget: CountingBudget, client: MewsClient;
const background: CallOptions = { use: 'background', maxWaitMs: 0 }, interactive: CallOptions = { use: 'interactive', maxWaitMs: 0 };

beforeAll(async () => {
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (piece: Buffer) => { text += piece.toString(); });
    request.on('end', () => {
      const body = JSON.parse(text) as Record<string, unknown>;
      seen.push({ url: request.url ?? '', body });
      handler(request, response, body);
    });
  });
  // A connection that the server closes while it rests would be one more reset than a test counts.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = new MewsClient(budget = new CountingBudget(), { connectMs: 1_000, headersMs: 1_000, bodyMs: 1_000, totalMs: 3_000, responseBytesMax: 6 * 1024 * 1024, addresses: 'any' });
});
beforeEach(() => { seen = []; Object.assign(budget, { taken: 0, answers: [], reports: [] }); });
afterAll(async () => { await client.close(); server.closeAllConnections(); server.close(); });

const target = (more: Partial<MewsTarget> = {}): MewsTarget => ({
  environmentId, platformAddress: address, requestLimit: { requests: 200, seconds: 30 }, client: 'Keyrack 1.0',
  clientToken: new Secret(clientToken), accessToken: new Secret(accessToken), fingerprint: 'f', kind: 'enterprise', ...more,
});
const json = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
};
async function failure(call: Promise<unknown>): Promise<MewsError> {
  const error = await call.then(() => new Error('it succeeded'), (reason: unknown) => reason);
  if (!(error instanceof MewsError)) throw error;
  const shown = `${String(error)}${error.stack}${JSON.stringify(error)}${String(error.cause)}${JSON.stringify(error.toAppError())}`;
  expect(shown).not.toMatch(/canary/);
  return error;
}

test('the tokens of the target are sent, whatever the body says', async () => {
  handler = (_, response) => { json(response, 200, { Services: [] }, { 'request-id': 'abc', date: 'Thu, 01 Jan 1970 00:00:00 GMT' }); };
  const answer = await client.call(target({ platformAddress: `${address}/` }), 'services/getAll', { AccessToken: 'mine', Client: 'mine', EnterpriseIds: [enterprise] }, background);
  expect(answer).toMatchObject({ body: { Services: [] }, requestId: 'abc' });
  expect(seen).toEqual([{ url: '/api/connector/v1/services/getAll', body: { EnterpriseIds: [enterprise], ClientToken: clientToken, AccessToken: accessToken, Client: 'Keyrack 1.0' } }]);
});

test('what is read whole may be as large as a list of enterprises, not as a page of records', async () => {
  handler = (_, response) => { json(response, 200, { Padding: 'x'.repeat(5 * 1024 * 1024) }); };
  expect((await client.ask(target(), 'services/getAll', {}, background)).bytes.length).toBeGreaterThan(5 * 1024 * 1024);
  expect(await failure(client.call(target(), 'services/getAll', {}, background))).toMatchObject({ kind: 'invalid_answer', message: expect.stringContaining('larger than') });
});

test('204 is an empty answer', async () => {
  handler = (_, response) => { response.writeHead(204).end(); };
  expect(await client.call(target(), 'services/getAll', {}, background)).toMatchObject({ body: {}, bytes: Buffer.from('{}') });
});

test('the time is that of Mews, per environment', async () => {
  const mewsNow = new Date(Math.floor(Date.now() / 1_000) * 1_000 - 600_000);
  handler = (_, response) => { json(response, 200, {}, { date: mewsNow.toUTCString() }); };
  expect((await client.call(target(), 'services/getAll', {}, background)).answeredAt).toEqual(mewsNow);
  expect(Math.abs(client.nowAt(environmentId).getTime() - mewsNow.getTime())).toBeLessThan(1_000);
  expect(Math.abs(client.nowAt('other' as EnvironmentId).getTime() - Date.now())).toBeLessThan(1_000);
});

test.each([301, 302, 303, 307, 308])('a redirect (%i) is an error; the second host receives nothing', async (status) => {
  let contacts = 0;
  const second = createServer((_, response) => { contacts += 1; response.end('{}'); });
  await new Promise<void>((resolve) => { second.listen(0, '127.0.0.1', resolve); });
  second.on('connection', () => { contacts += 1; });
  handler = (_, response) => { response.writeHead(status, { location: `http://127.0.0.1:${(second.address() as AddressInfo).port}/` }).end(); };
  expect(await failure(client.call(target(), 'services/getAll', {}, interactive))).toMatchObject({ kind: 'invalid_answer', status });
  expect(contacts).toBe(0);
  second.close();
});

test("a portfolio's request that names nobody is never sent", async () => {
  handler = (_, response) => { json(response, 200, {}); };
  for (const kind of ['portfolio', 'unknown'] as const) {
    expect((await failure(client.call(target({ kind }), 'bills/getAll', {}, background))).kind).toBe('bad_request');
    expect((await failure(client.call(target({ kind }), 'customers/getAll', { ChainIds: [] }, background))).kind).toBe('bad_request');
  }
  for (const path of ['../admin', 'services/getAll?x=1', 'services/getAll/', 'http://evil/x']) {
    expect((await failure(client.call(target(), path, {}, background))).kind).toBe('not_found');
  }
  expect([seen.length, budget.taken]).toEqual([0, 0]);
  await client.call(target({ kind: 'portfolio' }), 'bills/getAll', { EnterpriseIds: [enterprise] }, background);
  expect(seen).toHaveLength(1);
});

test.each([[{ 'retry-after': '7' }, 7_000], [{}, null]])('429 with %j is reported to the budget of the token', async (headers, reported) => {
  handler = (_, response) => { json(response, 429, { Message: `Too many, ${accessToken}` }, headers); };
  const error = await failure(client.call(target(), 'services/getAll', {}, interactive));
  expect(error).toMatchObject({ kind: 'throttled', status: 429, retryAfterMs: reported ?? 2_000, mewsMessage: 'Too many, [secret]', executed: 'no' });
  expect(budget.reports).toEqual([reported]);
  expect(seen).toHaveLength(1);
});

test('a spent budget is waited for in place, or told', async () => {
  handler = (_, response) => { json(response, 200, {}); };
  budget.answers = [{ granted: false, waitMs: 50 }, { granted: false, waitMs: 50 }];
  await client.call(target(), 'services/getAll', {}, { use: 'background', maxWaitMs: 1_000 });
  budget.answers = [{ granted: false, waitMs: 5_000 }];
  expect(await failure(client.call(target(), 'services/getAll', {}, { use: 'background', maxWaitMs: 1_000 }))).toMatchObject({ kind: 'throttled', status: null, retryAfterMs: 5_000 });
  expect(seen).toHaveLength(1);
});

const truncated: Handler = (_, response) => { response.writeHead(200, { 'content-length': '1000' }); response.write('{"Bills":['); setTimeout(() => response.destroy(), 50); };
const hostile: [string, Handler, Partial<MewsError>][] = [
  ['a reset', (request) => { request.socket.destroy(); }, { kind: 'unreachable', executed: 'perhaps' }],
  ['silence', () => undefined, { kind: 'unreachable', executed: 'perhaps' }],
  ['a truncated body', truncated, { kind: 'unreachable', executed: 'perhaps' }],
  ['a body that drips', (_, response) => { const timer = setInterval(() => response.write(' '), 100); response.on('close', () => { clearInterval(timer); }); }, { kind: 'unreachable' }],
  ['a body that stops', (_, response) => { response.write('{'); }, { kind: 'unreachable' }],
  ['invalid JSON', (_, response) => { response.end('{"Bills": [,]}'); }, { kind: 'invalid_answer' }],
  ['a list', (_, response) => { response.end('[1]'); }, { kind: 'invalid_answer' }],
  ['no HTTP', (request) => { request.socket.end('SSH-2.0\r\n\r\n'); }, { kind: 'invalid_answer' }],
  ['a body without end', (_, response) => {
    const piece = Buffer.alloc(65_536, 32);
    const push = (): void => { while (!response.destroyed && response.write(piece)); };
    response.on('drain', push); push();
  }, { kind: 'too_heavy' }],
  ['a server error', (_, response) => { json(response, 503, { Message: 'down' }); }, { kind: 'server', executed: 'perhaps', mewsMessage: 'down' }],
];
test.each(hostile)('%s is told as what it is, once', async (_, behave, expected) => {
  handler = behave;
  expect(await failure(client.call(target(), 'bills/getAll', {}, background))).toMatchObject(expected);
  expect(seen).toHaveLength(1);
});

test('a host that is not there was not asked', async () => {
  const gone = createServer();
  await new Promise<void>((resolve) => { gone.listen(0, '127.0.0.1', resolve); });
  const { port } = gone.address() as AddressInfo;
  await new Promise((resolve) => { gone.close(resolve); });
  expect(await failure(client.call(target({ platformAddress: `http://127.0.0.1:${port}` }), 'bills/getAll', {}, background))).toMatchObject({ kind: 'unreachable', executed: 'no' });
});

test('a very deep answer is read or refused, never fatal', async () => {
  handler = (_, response) => { response.end(`{"Bills":${'['.repeat(500_000)}${']'.repeat(500_000)}}`); };
  await client.call(target(), 'bills/getAll', {}, background).catch((error: unknown) => { expect(error).toBeInstanceOf(MewsError); });
});

test('an interactive read is tried three times after a reset, a 5xx or an answer that is cut; a write and a bill print are not', async () => {
  const trouble: Handler[] = [(request) => { request.socket.destroy(); }, (_, response) => { response.end('{"Services":[{"Id"'); }];
  handler = (request, response, body) => { (trouble.shift() ?? ((_, good) => { json(good, 200, {}); }))(request, response, body); };
  await client.call(target(), 'services/getAll', {}, interactive);
  expect([seen.length, budget.taken]).toEqual([3, 3]);
  seen = []; handler = (_, response) => { json(response, 503, {}); };
  await failure(client.call(target(), 'services/getAll', {}, interactive));
  expect(seen).toHaveLength(3);
  for (const path of ['reservations/add', 'bills/getPdf']) {
    seen = []; handler = (_, response) => { json(response, 500, {}); };
    await failure(client.call(target(), path, {}, interactive));
    expect(seen).toHaveLength(1);
  }
});

test('a caller that gives up is let go at once', async () => {
  handler = () => undefined;
  const stop = new AbortController();
  setTimeout(() => { stop.abort(new Error('stopping')); }, 100);
  await expect(client.call(target(), 'bills/getAll', {}, { ...background, signal: stop.signal })).rejects.toThrow('stopping');
  budget.answers = [{ granted: false, waitMs: 60_000 }];
  const wait = new AbortController();
  setTimeout(() => { wait.abort(); }, 100);
  await expect(client.call(target(), 'bills/getAll', {}, { use: 'background', maxWaitMs: 100_000, signal: wait.signal })).rejects.toThrow();
});

const hotel = (n: number): Record<string, unknown> => ({
  Id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`, ChainId: enterprise, Name: `Hotel ${n}`, TimeZoneIdentifier: 'Europe/Prague',
  CreatedUtc: '2020-01-01T00:00:00Z', UpdatedUtc: '2020-01-01T00:00:00Z', Surprise: { deep: true },
});

test('enterprises are listed to the last page, also without a portfolio to name', async () => {
  handler = (_, response, body) => {
    const { Count, Cursor } = body['Limitation'] as { Count: number; Cursor: string | null };
    const from = Cursor === null ? 0 : Number(Cursor.slice(-12)) + 1;
    const page = Array.from({ length: 2_500 }, (_unused, n) => hotel(n)).slice(from, from + Count);
    json(response, 200, { Enterprises: page, Cursor: page.at(-1)?.['Id'] ?? null });
  };
  const enterprises = await listEnterprises(client, target({ kind: 'unknown' }));
  expect(enterprises).toHaveLength(2_500);
  expect(enterprises[7]).toMatchObject({ Name: 'Hotel 7', CreatedUtc: new Date('2020-01-01T00:00:00Z'), Surprise: { deep: true } });
  expect(seen).toHaveLength(3);
});

test('a list of enterprises with a hole is an error, never a shorter list', async () => {
  handler = (_, response) => { json(response, 200, { Enterprises: [hotel(1), { ...hotel(2), Id: 7 }], Cursor: null }); };
  expect(await failure(listEnterprises(client, target()))).toMatchObject({ kind: 'invalid_answer' });
});

test('an answer without a list is no list that is empty: every enterprise would look lost', async () => {
  handler = (_, response) => { json(response, 200, { Message: 'At your service.' }); };
  expect(await failure(listEnterprises(client, target()))).toMatchObject({ kind: 'invalid_answer' });
  handler = (_, response) => { json(response, 200, { Enterprises: [], Cursor: null }); };
  expect(await listEnterprises(client, target())).toEqual([]);
});

test('the configuration tells a portfolio', async () => {
  handler = (_, response) => { json(response, 200, { NowUtc: '2026-01-01T00:00:00Z', Enterprise: { ...hotel(1), IsPortfolio: true } }); };
  expect((await readConfiguration(client, target({ kind: 'unknown' }))).Enterprise).toMatchObject({ IsPortfolio: true, Name: 'Hotel 1' });
});

test.each(['127.0.0.1', 'localhost', '[::1]'])('%s is not connected to where private addresses are not allowed', async (host) => {
  let connections = 0;
  const count = (): void => { connections += 1; };
  server.on('connection', count);
  const careful = new MewsClient(budget);
  try {
    const error = await failure(careful.call(target({ platformAddress: address.replace('127.0.0.1', host) }), 'services/getAll', {}, background));
    expect(error).toMatchObject({ kind: 'unreachable', executed: 'no', message: expect.stringContaining('no public address') });
    expect(connections).toBe(0);
  } finally {
    server.off('connection', count);
    await careful.close();
  }
});
