// Live updates: they end with the right to read them, and a reader that does not read costs nothing.
import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { StreamableFile, type ExecutionContext } from '@nestjs/common';
import { firstValueFrom, of } from 'rxjs';
import { EventStream } from '../../apps/api/src/event-stream.js';
import { ExportInterceptor } from '../../apps/api/src/export.interceptor.js';
import { startApi, type Api } from '../harness/api.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';
import { comeIn, signIn } from '../harness/people.js';

let database: TestDatabase;
let api: Api, elsewhere: Api;
beforeAll(async () => {
  database = await createTestDatabase();
  api = await startApi(database);
  elsewhere = await startApi(database, { KEYRACK_BOOTSTRAP_KEY: api.bootstrapKey });
  await api.request('POST', '/v1/tenants', { slug: 'mine', name: 'mine' });
});
afterAll(async () => { await api?.close(); await elsewhere?.close(); await database?.drop(); });

interface Open { endedWithin(ms: number): Promise<boolean>; close(): void }

async function follow(headers: Record<string, string>, { url } = api): Promise<Open> {
  const stop = new AbortController();
  const response = await fetch(`${url}/v1/tenants/mine/events`, { headers, signal: stop.signal });
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
  const ended = response.text().then(() => true, () => false);
  return {
    endedWithin: (ms) => Promise.race([ended, new Promise<boolean>((resolve) => { setTimeout(() => { resolve(false); }, ms).unref(); })]),
    close: () => { stop.abort(); },
  };
}

test('a stream, also of another process, ends within a second when its key is revoked, its session ended, its person disabled or no member any more; the others go on', async () => {
  const key = async () => (await api.request('POST', '/v1/tenants/mine/api-keys', { name: 'reader', role: 'viewer' })).body;
  const [revoked, kept] = [await key(), await key()];
  const person = async (name: string) => ({ id: await comeIn(api, 'mine', { email: `${name}@example.com` }), ...await signIn(api, `${name}@example.com`) });
  const [leaves, isDisabled, isRemoved] = [await person('leaves'), await person('disabled'), await person('removed')];
  const callers = [{ authorization: `Bearer ${revoked.key}` }, ...[leaves, isDisabled, isRemoved].map(({ cookie }) => ({ cookie }))];
  const over = await Promise.all([api, elsewhere].flatMap((at) => callers.map((headers) => follow(headers, at))));
  const goesOn = await follow({ authorization: `Bearer ${kept.key}` }, elsewhere);
  const statuses = await Promise.all([
    api.request('DELETE', `/v1/tenants/mine/api-keys/${revoked.id}`), api.request('DELETE', '/v1/session', undefined, null, leaves.headers),
    api.request('PATCH', `/v1/users/${isDisabled.id}`, { disabled: true }), api.request('DELETE', `/v1/tenants/mine/members/${isRemoved.id}`),
  ]);
  expect(statuses.map(({ status }) => status)).toEqual([204, 204, 200, 204]);
  expect(await Promise.all(over.map((stream) => stream.endedWithin(1_000)))).toEqual(over.map(() => true));
  expect(await goesOn.endedWithin(0)).toBe(false);
  goesOn.close();
});

test('a stream is protected as every other answer is', async () => {
  const headers = { authorization: `Bearer ${api.bootstrapKey}` }, stop = new AbortController();
  const [stream, plain] = await Promise.all([fetch(`${api.url}/v1/tenants/mine/events`, { headers, signal: stop.signal }), fetch(`${api.url}/v1/tenants/mine`, { headers })]);
  stop.abort();
  for (const name of ['content-security-policy', 'x-content-type-options', 'referrer-policy', 'strict-transport-security', 'cross-origin-resource-policy', 'permissions-policy', 'cache-control']) {
    expect([name, stream.headers.get(name)]).toEqual([name, plain.headers.get(name)]);
    expect(plain.headers.get(name)).not.toBeNull();
  }
  expect(stream.headers.get('x-trace-id')).toMatch(/./);
});

test('an open stream does not keep a session from going idle', async () => {
  await comeIn(api, 'mine', { email: 'idle@example.com' });
  const { cookie } = await signIn(api, 'idle@example.com');
  const stream = await follow({ cookie });
  await database.owner.query(`update session set last_seen_at = now() - interval '12 hours' + interval '1500 milliseconds'`);
  expect(await stream.endedWithin(4_000)).toBe(true);
});

test('a reader that takes nothing gets the latest of each run when it does, and what waits for it does not grow', async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const arrived = once(server, 'request');
  const request = get({ port: (server.address() as AddressInfo).port, agent: false });
  const [, raw] = await arrived as [IncomingMessage, ServerResponse];
  const stream = new EventStream(raw, () => Promise.resolve(true));
  const [answer] = await once(request, 'response') as [IncomingMessage];
  answer.pause();
  let most = 0;
  for (let round = 1; round <= 60; round++) {
    const runs = [{ id: 'one', round, text: 'x'.repeat(500_000) }, { id: `last of ${round % 2}`, round }];
    await stream.send(runs);
    most = Math.max(most, raw.writableLength);
  }
  expect(most).toBeLessThan(2_000_000);
  let text = '';
  answer.resume();
  answer.on('data', (chunk: Buffer) => { text += chunk.toString(); });
  for (let tries = 0; tries < 100 && !text.includes('"round":60'); tries++) await new Promise((resolve) => { setTimeout(resolve, 20); });
  stream.end();
  request.destroy();
  server.close();
  const last = /data: (.*)\n\n$/.exec(text)?.[1] ?? '';
  expect(JSON.parse(last).runs.map(({ id, round }: { id: string; round: number }) => `${id} ${round}`).toSorted()).toEqual(['last of 0 60', 'last of 1 59', 'one 60']);
});

test('a caller has twenty streams at the most: one more is 429 until one is closed, and others have their own', async () => {
  const key = async () => `Bearer ${(await api.request('POST', '/v1/tenants/mine/api-keys', { name: 'reader', role: 'viewer' })).body.key}`;
  const [greedy, other] = [await key(), await key()];
  const open = await Promise.all(Array.from({ length: 20 }, () => follow({ authorization: greedy })));
  const more = () => api.request('GET', '/v1/tenants/mine/events', undefined, null, { authorization: greedy });
  const refused = await more();
  expect(refused).toMatchObject({ status: 429, body: { code: 'request.rate_limited', detail: '20 streams of this caller are open: close one' } });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  open.push(await follow({ authorization: other }));
  open.shift()?.close();
  await new Promise((resolve) => { setTimeout(resolve, 500); });   // until the server has heard of it
  open.push(await follow({ authorization: greedy }));
  for (const stream of open) stream.close();
});

test('HEAD tells of a stream, and opens none', async () => {
  const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
  let text = '';
  socket.on('data', (chunk: Buffer) => { text += chunk.toString(); });
  socket.write(`HEAD /v1/tenants/mine/events HTTP/1.1\r\nHost: keyrack\r\nAuthorization: Bearer ${api.bootstrapKey}\r\nConnection: close\r\n\r\n`);
  try {
    await once(socket, 'end', { signal: AbortSignal.timeout(3_000) });
  } finally {
    socket.destroy();
  }
  expect(text).toMatch(/^HTTP\/1\.1 200 [^]*content-type: text\/event-stream/i);
});

test('who follows again while the process stops is sent elsewhere, and does not hold it up', async () => {
  const one = await startApi(database, { KEYRACK_BOOTSTRAP_KEY: api.bootstrapKey }), client = await database.owner.connect();
  await one.request('GET', '/v1/tenants', undefined, null);   // a denial, which the stop writes down
  const stream = await follow({ authorization: `Bearer ${api.bootstrapKey}` }, one);
  await client.query('begin');
  await client.query('lock table platform_audit_head in access exclusive mode');
  const closed = one.close();
  expect(await stream.endedWithin(2_000)).toBe(true);
  const opened = await fetch(`${one.url}/v1/tenants/mine/events`, { headers: { authorization: `Bearer ${api.bootstrapKey}` }, signal: AbortSignal.timeout(3_000) });
  await client.query('commit');
  client.release();
  const again = { status: opened.status, headers: opened.headers, body: await opened.json().catch(() => null) };
  expect(again).toMatchObject({ status: 503, body: { code: 'server.stopping' } });
  expect(again.headers.get('retry-after')).toBe('1');
  await closed;
}, 30_000);

test('what watches an export asks once at a time, also of a database that is slow', async () => {
  let [asked, asking, most] = [0, 0, 0];
  const isStillAllowed = async () => {
    asked += 1;
    most = Math.max(most, asking += 1);
    await new Promise((resolve) => { setTimeout(resolve, 1_500); });
    asking -= 1;
    return true;
  };
  const source = new Readable({ read: () => undefined });
  const context = { switchToHttp: () => ({ getRequest: () => ({ isStillAllowed, me: { kind: 'api_key', id: 'reader', name: 'reader' } }) }) } as unknown as ExecutionContext;
  await firstValueFrom(new ExportInterceptor().intercept(context, { handle: () => of(new StreamableFile(source)) }));
  await new Promise((resolve) => { setTimeout(resolve, 2_500); });
  source.destroy();
  expect(asked).toBeGreaterThan(0);
  expect(most).toBe(1);
});
