// Every route of a tenant, called by another tenant: 404, and nothing has changed.
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openApiDocument } from '../../apps/api/src/openapi.js';
import { RouteCheck } from '../../apps/api/src/route-check.js';
import { allows, permissions, type Permission } from '@keyrack/auth';
import { startApi, type Api } from '../harness/api.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';
import { comeIn } from '../harness/people.js';

let database: TestDatabase;
let api: Api;
let mine: { tenant: string; key: string; viewer: string };
let theirs: { tenant: string };
const ids = { apiKey: '', accessToken: randomUUID(), enterprise: randomUUID(), chain: randomUUID(), schedule: randomUUID(), user: '', run: randomUUID(), operation: randomUUID(), record: randomUUID(), accessLink: randomUUID() };

beforeAll(async () => {
  database = await createTestDatabase();
  api = await startApi(database, { KEYRACK_RATE_LIMIT_DENIAL: '10000' });
  for (const slug of ['mine', 'theirs']) await api.request('POST', '/v1/tenants', { slug, name: slug });
  const key = async (tenant: string, role: string) => (await api.request('POST', `/v1/tenants/${tenant}/api-keys`, { name: role, role })).body;
  mine = { tenant: (await api.request('GET', '/v1/tenants/mine')).body.id, key: (await key('mine', 'owner')).key, viewer: (await key('mine', 'viewer')).key };
  theirs = { tenant: (await api.request('GET', '/v1/tenants/theirs')).body.id };
  ids.user = await comeIn(api, 'theirs', { email: 'member@example.com' });
  ids.apiKey = (await key('theirs', 'owner')).id;
  await furnish(theirs.tenant);
});
afterAll(async () => { await api?.close(); await database?.drop(); });

/** Gives a tenant one of everything that has an address of its own. */
async function furnish(tenant: string): Promise<void> {
  const insert = async (table: string, row: Record<string, unknown>): Promise<void> => {
    const columns = Object.keys(row);
    await database.owner.query(`insert into ${table} (${columns.join(', ')}) values (${columns.map((_, i) => `$${i + 1}`).join(', ')})`, Object.values(row));
  };
  const application = randomUUID();
  const [tenant_id, environment_id, enterprise_id, access_token_id] = [tenant, 'demo', ids.enterprise, ids.accessToken];
  await insert('application', { id: application, name: 'App', version: '1' });
  await insert('access_token', { tenant_id, id: access_token_id, environment_id, application_id: application, kind: 'enterprise', hint: '…', fingerprint: 'f', ciphertext: randomBytes(40) });
  await insert('enterprise', { tenant_id, id: enterprise_id, environment_id, chain_id: ids.chain, name: 'Hotel', time_zone: 'Europe/Prague', created_utc: new Date(0) });
  await insert('reach', { tenant_id, environment_id, access_token_id, enterprise_id, via: 'direct', first_seen_at: new Date() });
  await insert('connection', { tenant_id, environment_id, enterprise_id, access_token_id });
  await insert('schedule', { tenant_id, id: ids.schedule, enterprise_id, collection: 'reservations', every: 'PT15M' });
  await insert('run', { tenant_id, id: ids.run, collection: 'reservations', source: enterprise_id, enterprise_id, access_token_id, mode: 'full', trigger: 'request' });
  await insert('access_link', { tenant_id, id: ids.accessLink, kind: 'invitation', email: 'guest@example.com', role: 'viewer', secret_hash: randomBytes(32), made_by: 'owner', expires_at: new Date(Date.now() + 3_600_000) });
  await insert('operation', { tenant_id, id: ids.operation, kind: 'sync' });
  await insert('operation_run', { tenant_id, operation_id: ids.operation, run_id: ids.run });
  await insert('record', { tenant_id, collection: 'reservations', id: ids.record, environment_id, source: enterprise_id, enterprise_id, chain_id: ids.chain, first_seq: 1, seq: 1, changed_at: new Date(), hash: randomBytes(16), payload: randomBytes(64) });
}

/** Which of their ids stands for `:id`, by what comes before it. */
const idAfter: Record<string, () => string> = {
  'api-keys': () => ids.apiKey, 'access-tokens': () => ids.accessToken, 'access-links': () => ids.accessLink, runs: () => ids.run, operations: () => ids.operation, enterprises: () => ids.enterprise, reservations: () => ids.record, members: () => ids.user, users: () => ids.user,
};

/** What a valid request of the route holds, where it needs a body. */
const bodies: Record<string, () => object> = {
  'POST /v1/tenants/:tenant/access-tokens/:id/rotate': () => ({ accessToken: randomBytes(32).toString('hex') }),
  'PUT /v1/tenants/:tenant/members/:userId': () => ({ role: 'viewer' }),
  'PUT /v1/tenants/:tenant/enterprises/:enterpriseId/connection': () => ({ accessTokenId: ids.accessToken }),
  'PUT /v1/tenants/:tenant/enterprises/:enterpriseId/schedules/:collection': () => ({ every: 'PT1H' }),
};

const routes = () => api.app.get(RouteCheck).routes();

/** What a parameter of a path stands for: something of a tenant, or what all of them know. */
const parameters: Record<string, 'id' | 'known to all'> = { id: 'id', enterpriseId: 'id', recordId: 'id', userId: 'id', tenant: 'known to all', collection: 'known to all', environment: 'known to all' };

/** @throws for a parameter that nobody has thought of */
function holdsIds(path: string): boolean {
  const kinds = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => parameters[name] ?? refuse(`say in parameters what :${name} of ${path} stands for`));
  return kinds.includes('id');
}
function refuse(message: string): never { throw new Error(message); }

/** Those of the platform alone are no tenant's business: a tenant's key is refused there by its role. */
const withIds = () => routes().filter(({ path }) => holdsIds(path) && (path.includes(':tenant') || path.startsWith('/v1/operations')));

function fill(path: string, tenant: string): string {
  const parts = path.replace(':tenant', tenant).replace(':collection', 'reservations').split('/');
  return parts.map((part, i) => {
    if (!part.startsWith(':')) return part;
    const id = idAfter[parts[i - 1] ?? ''];
    if (!id) throw new Error(`say in idAfter which id stands for ${part} in ${path}`);
    return id();
  }).join('/');
}

/** All that the other tenant owns, as one text, but for when its keys were used. */
async function everythingOf(tenant: string): Promise<string> {
  const { rows: tables } = await database.owner.query<{ name: string }>(`
    select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace order by 1`);
  const parts: string[] = [];
  for (const { name } of tables) {
    const { rows } = await database.owner.query<{ all: string | null }>(`select string_agg(t::text, ';' order by t::text) as all from ${name} t where tenant_id = $1`, [tenant]);
    parts.push(`${name}: ${rows[0]?.all ?? ''}`);
  }
  return parts.join('\n');
}

test("with another tenant's address every route is 404 and nothing changes", async () => {
  const before = await everythingOf(theirs.tenant);
  const tenantRoutes = routes().filter(({ path }) => path.includes(':tenant'));
  expect(tenantRoutes.length).toBeGreaterThan(25);
  for (const tenant of ['theirs', theirs.tenant, 'nobody']) {
    for (const { method, path } of tenantRoutes) {
      const answer = await api.request(method, fill(path, tenant), method === 'GET' || method === 'DELETE' ? undefined : bodies[`${method} ${path}`]?.() ?? {}, mine.key);
      expect({ route: `${method} ${path}`, status: answer.status, code: answer.body.code }).toEqual({ route: `${method} ${path}`, status: 404, code: 'tenant.not_found' });
    }
  }
  expect(await everythingOf(theirs.tenant)).toBe(before);
  // Each attempt stands in the platform's trail, once; one at an address that nobody has names no tenant.
  const { rows } = await database.owner.query<{ told: string }>(
    `select concat_ws(' ', subject->>'route', coalesce(subject->>'tenantId', 'nobody'), count(*)) as told from platform_audit_event where action = 'access.denied' group by subject->>'route', subject->>'tenantId'`);
  expect(rows.map(({ told }) => told).sort()).toEqual(tenantRoutes.flatMap(({ method, path }) => [`${method} ${path} ${theirs.tenant} 2`, `${method} ${path} nobody 1`]).sort());
});

test("with another tenant's ids under one's own address every route is 404 and nothing changes", async () => {
  const before = await everythingOf(theirs.tenant);
  expect(withIds().length).toBeGreaterThan(10);
  for (const { method, path } of withIds()) {
    const answer = await api.request(method, fill(path, mine.tenant), method === 'GET' || method === 'DELETE' ? undefined : bodies[`${method} ${path}`]?.(), mine.key);
    expect({ route: `${method} ${path}`, status: answer.status, code: answer.body.code }).toEqual({ route: `${method} ${path}`, status: 404, code: expect.stringMatching(/\.not_found$/) });
  }
  expect(await everythingOf(theirs.tenant)).toBe(before);
});

/** What a field of a body or of a query that holds ids stands for: something of the other tenant, or why it is nobody's. */
const fields: Record<string, (() => string) | string> = {
  accessTokenId: () => ids.accessToken, enterpriseId: () => ids.enterprise, enterpriseIds: () => ids.enterprise, chainId: () => ids.chain, userId: () => ids.user,
  actor: () => ids.user,
  applicationId: "the vendor's, for all tenants", connect: 'compared with what Mews lists for the token, and looked up nowhere',
};

interface Schema { $ref?: string; format?: string; properties?: Record<string, Schema>; items?: Schema; oneOf?: Schema[]; anyOf?: Schema[]; allOf?: Schema[] }
interface Operation { parameters?: { name: string; in: string; schema: Schema }[]; requestBody?: { content: Record<string, { schema: Schema }> } }

/** The routes of a tenant, as the OpenAPI document tells them, with the fields that hold ids. */
function documented(): { method: string; path: string; query: string[]; queryIds: string[]; bodyIds: string[] }[] {
  const { paths, components } = JSON.parse(JSON.stringify(openApiDocument(api.app))) as { paths: Record<string, Record<string, Operation>>; components: { schemas: Record<string, Schema> } };
  /** The names of fields that are ids, by their format or their name. */
  const idsIn = (schema: Schema, name: string): string[] => {
    const named = components.schemas[schema.$ref?.split('/').at(-1) ?? ''];
    if (named) return idsIn(named, name);
    const inner = [...(schema.oneOf ?? []), ...(schema.anyOf ?? []), ...(schema.allOf ?? []), ...(schema.items ? [schema.items] : [])].flatMap((part) => idsIn(part, name));
    const below = Object.entries(schema.properties ?? {}).flatMap(([field, part]) => idsIn(part, field));
    return [...new Set([...(schema.format === 'uuid' || /^id$|Ids?$|^actor$|^tenant$/.test(name) ? [name] : []), ...inner, ...below])];
  };
  const theirsIn = (found: string[], where: string) => found.filter((name) => typeof (fields[name] ?? refuse(`say in fields what ${name} of ${where} stands for`)) !== 'string');
  return Object.entries(paths).filter(([path]) => path.includes('{tenant}')).flatMap(([path, operations]) => Object.entries(operations).map(([method, operation]) => {
    const where = `${method.toUpperCase()} ${path}`, query = (operation.parameters ?? []).filter((parameter) => parameter.in === 'query');
    return {
      method: method.toUpperCase(), path, query: query.map(({ name }) => name), queryIds: theirsIn(query.flatMap(({ name, schema }) => idsIn(schema, name)), where),
      bodyIds: theirsIn([...new Set(Object.values(operation.requestBody?.content ?? {}).flatMap(({ schema }) => idsIn(schema, '')))], where),
    };
  }));
}

test("another tenant's ids in a body are not found either, and nothing changes", async () => {
  const own = randomUUID(), theirId = ids.enterprise;
  await database.owner.query(`
    insert into enterprise (tenant_id, id, environment_id, chain_id, name, time_zone, created_utc) select $1, $2, environment_id, chain_id, 'Own', time_zone, created_utc from enterprise where id = $3`, [mine.tenant, own, theirId]);
  const state = async () => [await everythingOf(theirs.tenant), (await everythingOf(mine.tenant)).replaceAll(/^(api_key|audit_event|audit_head): .*$/gm, '')];
  const before = await state();
  // For each field the rest of a valid body.
  const calls: Record<string, [rest: object, code: string]> = {
    'POST /v1/tenants/{tenant}/syncs enterpriseIds': [{ enterpriseIds: [theirId], mode: 'full' }, 'connection.not_found'],
    'PUT /v1/tenants/{tenant}/enterprises/{enterpriseId}/connection accessTokenId': [{ accessTokenId: ids.accessToken }, 'access_token.not_found'],
    'POST /v1/tenants/{tenant}/access-links userId': [{ kind: 'password_reset', userId: ids.user }, 'user.not_found'],
  };
  expect(documented().flatMap(({ method, path, bodyIds }) => bodyIds.map((field) => `${method} ${path} ${field}`)).sort()).toEqual(Object.keys(calls).sort());
  for (const [call, [body, code]] of Object.entries(calls)) {
    const [method = '', path = ''] = call.split(' ');
    const answer = await api.request(method, path.replace('{tenant}', 'mine').replace('{enterpriseId}', own), body, mine.key);
    expect({ call, status: answer.status, code: answer.body.code }).toEqual({ call, status: 404, code });
  }
  // What a sync would do is told of every enterprise that is named: of theirs no more than of one that nobody has.
  const preview = async (id: string) => {
    const { status, body } = await api.request('POST', '/v1/tenants/mine/syncs?dryRun=true', { enterpriseIds: [id], collections: ['reservations'], mode: 'full' }, mine.key);
    return { status, text: JSON.stringify(body).replaceAll(id, 'it') };
  };
  expect(await preview(theirId)).toEqual({ status: 200, text: (await preview(randomUUID())).text });
  expect(await state()).toEqual(before);
  await database.owner.query('delete from enterprise where tenant_id = $1 and id = $2', [mine.tenant, own]);
});

/** What makes an answer as wide as it can be, where a route has the parameter. */
const widest: Record<string, string> = { q: 'Hotel', state: 'all', changes: 'all', days: '0', includeDeleted: 'true' };

test("lists under one's own address hold nothing of another tenant, whatever is asked for", async () => {
  // The live updates do not end; what has an id in its path is asked above.
  const lists = documented().filter(({ method, path }) => method === 'GET' && !/\{(?!tenant|collection)/.test(path) && path !== '/v1/tenants/{tenant}/events');
  expect(lists.filter(({ queryIds }) => queryIds.length > 0).length).toBeGreaterThan(6);
  for (const { path, query, queryIds } of lists) {
    const wide = Object.entries(widest).filter(([name]) => query.includes(name) && !(path.endsWith('/runs') && name === 'state'));
    for (const asked of [[], ...queryIds.map((name): [string, string][] => [[name, idFor(name)]])]) {
      const address = `${path.replace('{tenant}', 'mine').replace('{collection}', 'reservations')}?${new URLSearchParams([...wide, ...asked])}`;
      const { status, body } = await api.request('GET', address, undefined, mine.key);
      expect({ address, status }).toEqual({ address, status: 200 });
      for (const id of [...Object.values(ids), theirs.tenant]) expect(JSON.stringify(body)).not.toContain(id);
    }
  }
});

function idFor(field: string): string {
  const id = fields[field];
  return typeof id === 'function' ? id() : refuse(`${field} holds no id of a tenant`);
}

test("a role that lacks the permission is 403 in its own tenant, which is written down, and changes nothing", async () => {
  const before = await everythingOf(mine.tenant);
  const refused = routes().filter(({ path, permission }) => path.includes(':tenant') && permission !== 'public' && permission && !allows(permission, 'viewer'));
  expect(refused.length).toBeGreaterThan(10);
  for (const { method, path } of refused) {
    const answer = await api.request(method, fill(path, 'mine'), method === 'GET' || method === 'DELETE' ? undefined : {}, mine.viewer);
    expect({ route: `${method} ${path}`, status: answer.status, code: answer.body.code }).toEqual({ route: `${method} ${path}`, status: 403, code: 'auth.forbidden' });
  }
  const { body } = await api.request('GET', '/v1/tenants/mine/audit?action=access.denied&limit=500');
  expect(body.items.map(({ subject }: { subject: { route: string } }) => subject.route).sort()).toEqual(refused.map(({ method, path }) => `${method} ${path}`).sort());
  const unseen = (text: string) => text.replaceAll(/^(api_key|audit_event|audit_head): .*$/gm, '');
  expect(unseen(await everythingOf(mine.tenant))).toBe(unseen(before));
});

test('without a caller every route that is not public is 401', async () => {
  for (const { method, path, permission } of routes()) {
    if (permission === 'public') continue;
    const answer = await api.request(method, fill(path.replace(':environment', 'demo').replace(/applications\/:id/, `applications/${randomUUID()}`), 'mine'), undefined, null);
    expect({ route: `${method} ${path}`, status: answer.status }).toEqual({ route: `${method} ${path}`, status: 401 });
  }
});

test('the public routes are these, and every permission is used by a route', () => {
  const all = routes();
  expect(all.filter(({ permission }) => permission === 'public').map(({ method, path }) => `${method} ${path}`).sort()).toEqual(['GET /livez', 'GET /metrics', 'GET /readyz', 'GET /v1/session/methods', 'GET /v1/session/oidc', 'GET /v1/session/oidc/callback', 'POST /v1/access-links/open', 'POST /v1/access-links/redeem', 'POST /v1/session']);
  const used = new Set(all.map(({ permission }) => permission));
  const unused = (Object.keys(permissions) as Permission[]).filter((permission) => !used.has(permission));
  expect(unused).toEqual([]);
});
