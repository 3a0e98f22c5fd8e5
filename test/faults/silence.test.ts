// Stores that are gone without a word: connected, and nothing comes back. Whoever asks is told in time that it is an outage.
import { randomUUID } from 'node:crypto';
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { Database, dataSourceOptions, isStoreAway, openDataSource, roleUrl, Secret, type TenantId } from '@keyrack/core';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';

let database: TestDatabase, way: Server, silent = false;
const sockets: Socket[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
  const { hostname: host, port } = new URL(database.databaseUrl.reveal());
  way = createServer((client) => {
    const server = connect({ host, port: Number(port) });
    sockets.push(client, server);
    client.on('data', (sent) => { if (!silent) server.write(sent); });
    server.on('data', (received) => client.write(received));
    for (const [socket, other] of [[client, server], [server, client]] as const) socket.on('error', () => undefined).on('close', () => { other.destroy(); });
  });
  await new Promise<void>((resolve) => { way.listen(0, '127.0.0.1', resolve); });
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  way.close();
  await database.drop();
});

test('a Postgres that does not answer any more is an outage, and its connection is not used again', async () => {
  const url = new URL(database.databaseUrl.reveal());
  url.host = `127.0.0.1:${(way.address() as AddressInfo).port}`;
  const open = (role: 'app' | 'platform') => {
    const options = dataSourceOptions(roleUrl(new Secret(url.toString()), database.keys, role), 'test', 1);
    expect(options.extra.query_timeout).toBeGreaterThan(options.extra.statement_timeout);
    return openDataSource({ ...options, extra: { ...options.extra, query_timeout: 300 } });
  };
  const db = new Database({ app: await open('app'), platform: await open('platform') });
  const ask = () => db.inTenant(randomUUID() as TenantId, (tx) => tx.sql<{ one: number }>`select 1 as one`);
  expect(await ask()).toEqual([{ one: 1 }]);
  silent = true;
  const error = await ask().catch((reason: unknown) => reason);
  expect(isStoreAway(error)).toBe(true);
  silent = false;
  expect(await ask()).toEqual([{ one: 1 }]);
  await db.close();
});

test('a Redis that does not answer any more is an outage', async () => {
  const dumb = createServer((socket) => { sockets.push(socket); });
  await new Promise<void>((resolve) => { dumb.listen(0, '127.0.0.1', resolve); });
  const redis = new Redis({ port: (dumb.address() as AddressInfo).port, host: '127.0.0.1', commandTimeout: 200, enableReadyCheck: false });
  redis.on('error', () => undefined);
  const error = await redis.get('anything').catch((reason: unknown) => reason);
  expect([String(error), isStoreAway(error)]).toEqual(['Error: Command timed out', true]);
  redis.disconnect();
  dumb.close();
});
