// docs/roles.md against the running api: every route that it serves is in the table, and every role is answered as the table says.
import { randomUUID } from 'node:crypto';
import { channel, type ChannelListener } from 'node:diagnostics_channel';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { Denials, everyRole, Hasher } from '@keyrack/auth';
import { startApi, type Api } from '../harness/api.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';

interface Row { route: string; permission: string; allowed: Map<string, boolean> }

let database: TestDatabase;
let api: Api;
let table: Row[];
const served = new Set<string>();
const keys = new Map<string, string>();

/** Hears of every route that Fastify is given, whoever gives it. */
const listen: ChannelListener = (message) => {
  const { fastify } = message as { fastify: FastifyInstance };
  fastify.addHook('onRoute', ({ method, url }) => { for (const one of [method].flat()) served.add(`${one} ${url}`); });
};

beforeAll(async () => {
  database = await createTestDatabase();
  channel('fastify.initialization').subscribe(listen);
  api = await startApi(database, { KEYRACK_RATE_LIMIT_DENIAL: '10000' });
  channel('fastify.initialization').unsubscribe(listen);
  table = parse(await readFile(new URL('../../docs/roles.md', import.meta.url), 'utf8'));
  await api.request('POST', '/v1/tenants', { slug: 'mine', name: 'Mine' });
  for (const role of ['owner', 'developer', 'viewer']) keys.set(role, (await api.request('POST', '/v1/tenants/mine/api-keys', { name: role, role })).body.key);
  for (const role of ['admin', 'operator', 'auditor']) {
    await database.owner.query('insert into platform_api_key (id, name, role, key_hash, hint) values ($1, $2, $2, $3, $4)', [randomUUID(), role, api.app.get(Hasher).hash('api key', `key-of-the-${role}`), '…']);
    keys.set(role, `key-of-the-${role}`);
  }
});
afterAll(async () => { await api?.close(); await database?.drop(); });

function parse(text: string): Row[] {
  const [head = [], , ...rows] = text.split('\n').filter((line) => line.startsWith('|')).map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()));
  return rows.map(([route = '', permission = '', ...cells]) => ({ route: route.replaceAll('`', ''), permission, allowed: new Map(cells.map((cell, i) => [head[i + 2] ?? '', cell === 'yes'])) }));
}

/** Only the status: one route is a stream that does not end. */
async function status(route: string, key: string | undefined): Promise<number> {
  const [method = '', path = ''] = route.split(' ');
  const ending = new AbortController();
  const response = await fetch(api.url + path.replace(':tenant', 'mine').replace(':collection', 'reservations').replaceAll(/:\w+/g, () => randomUUID()), {
    method, redirect: 'manual', signal: ending.signal,
    headers: { 'content-type': 'application/json', ...(key !== undefined && { authorization: `Bearer ${key}` }) }, ...(method !== 'GET' && method !== 'DELETE' && { body: '{}' }),
  });
  ending.abort();
  return response.status;
}

test('the table names every route that is served, and no other', () => {
  expect([...table[0]?.allowed.keys() ?? []]).toEqual(everyRole);
  // HEAD comes with GET. The documentation's page brings its script, styles and pictures.
  const beside = (route: string): boolean => /^(HEAD|OPTIONS) /.test(route) || route.startsWith('GET /docs/');
  const named = new Set(table.map(({ route }) => route));
  expect([...served].filter((route) => !beside(route) && !named.has(route))).toEqual([]);
  expect([...named].filter((route) => !served.has(route))).toEqual([]);
});

test('every route answers every role as the table says, and writes each refusal down once', async () => {
  // The tenant's deletion comes last: nothing is left to ask for after it.
  const rows = [...table].sort((a, b) => Number(a.permission === 'tenant:delete') - Number(b.permission === 'tenant:delete'));
  let refusals = 0;
  const wrong: string[] = [];
  for (const { route, allowed } of rows) {
    await Promise.all([...allowed].map(async ([role, isAllowed]) => {
      const answered = await status(route, keys.get(role));
      if (!isAllowed) refusals++;
      if ((answered === 403) === isAllowed || (isAllowed && answered === 401 && route !== 'GET /v1/session' && route !== 'POST /v1/session') || answered >= 500) wrong.push(`${route} as ${role}: ${answered}`);
    }));
  }
  expect(wrong).toEqual([]);
  const { rows: [written] } = await database.owner.query<{ n: number }>(`select ((select count(*) from audit_event where action = 'access.denied') + (select count(*) from platform_audit_event where action = 'access.denied'))::int as n`);
  expect(refusals).toBeGreaterThan(100);
  expect(written?.n).toBe(refusals);
}, 120_000);

test('without a key every route that is not public is 401, which is counted in the trail', async () => {
  for (const { route, permission } of table) {
    const answered = await status(route, undefined);
    expect({ route, is401: answered === 401 }).toEqual({ route, is401: permission !== 'public' });
  }
  await api.app.get(Denials).tell();
  const { rows: [counted] } = await database.owner.query<{ n: number }>(`select sum((subject->'reasons'->>'nothing sent')::int)::int as n from platform_audit_event where action = 'denials.counted'`);
  expect(counted?.n).toBe(table.filter(({ permission }) => permission !== 'public').length);
});
