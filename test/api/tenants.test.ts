// Tenants over HTTP, and the manners that every route shares.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startApi, type Api } from '../harness/api.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';
import { comeIn } from '../harness/people.js';

let database: TestDatabase;
let api: Api;
beforeAll(async () => { database = await createTestDatabase(); api = await startApi(database); });
afterAll(async () => { await api?.close(); await database?.drop(); });

test('a tenant is created with its data key and its audit event, and found by slug and id', async () => {
  const made = await api.request('POST', '/v1/tenants', { slug: 'hotels-a', name: 'Hotels A' });
  expect(made).toMatchObject({ status: 201, body: { slug: 'hotels-a', name: 'Hotels A', state: 'active' } });
  for (const at of ['hotels-a', made.body.id]) expect((await api.request('GET', `/v1/tenants/${at}`)).body).toEqual(made.body);
  expect((await database.owner.query('select count(*)::int as n from tenant_key where tenant_id = $1', [made.body.id])).rows).toEqual([{ n: 1 }]);
  const { rows } = await database.owner.query(`select actor_name, subject from platform_audit_event where action = 'tenant.created'`);
  expect(rows).toEqual([{ actor_name: 'bootstrap', subject: { tenantId: made.body.id, slug: 'hotels-a', name: 'Hotels A' } }]);
});

test('a taken slug is 409 and says what to do', async () => {
  await api.request('POST', '/v1/tenants', { slug: 'taken', name: 'One' });
  const { status, body, headers } = await api.request('POST', '/v1/tenants', { slug: 'taken', name: 'Two' });
  expect(headers.get('content-type')).toMatch('application/problem+json');
  expect({ status, body }).toMatchObject({ status: 409, body: { code: 'tenant.duplicate', status: 409, errors: [{ pointer: '/slug' }] } });
});

test('nonsense is refused per value, with a pointer and a fix', async () => {
  const { status, body } = await api.request('POST', '/v1/tenants', { slug: 'Not A Slug', nmae: 'x', 'a/b~': 1 });
  expect(status).toBe(422);
  expect(body).toMatchObject({ code: 'request.invalid', traceId: expect.stringMatching(/^[0-9a-f]{32}$/) });
  expect(body.errors).toEqual(expect.arrayContaining([
    { pointer: '/slug', detail: expect.stringContaining('a-z') }, { pointer: '/name', detail: 'is required' },
    { pointer: '/nmae', detail: expect.stringContaining('remove it') }, { pointer: '/a~1b~0', detail: expect.any(String) },
  ]));
  expect((await api.request('GET', '/v1/tenants?limit=0&nope=1')).body.errors).toEqual(expect.arrayContaining([{ pointer: 'limit', detail: 'must be at least 1' }, expect.objectContaining({ pointer: 'nope' })]));
});

test.each<[string, string, string, unknown, Record<string, string>, number, string]>([
  ['no body', 'POST', '/v1/tenants', undefined, {}, 422, 'request.invalid'],
  ['bad JSON', 'POST', '/v1/tenants', '{"slug":', {}, 400, 'request.malformed'],
  ['a poisoned body', 'POST', '/v1/tenants', '{"__proto__": {"x": 1}}', {}, 400, 'request.malformed'],
  ['an array', 'POST', '/v1/tenants', [], {}, 422, 'request.invalid'],
  ['a form', 'POST', '/v1/tenants', 'slug=a', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'request.unsupported_media_type'],
  ['plain text', 'POST', '/v1/tenants', '{}', { 'content-type': 'text/plain' }, 415, 'request.unsupported_media_type'],
  ['CSV where JSON is due', 'POST', '/v1/tenants', 'a,b', { 'content-type': 'text/csv' }, 415, 'request.unsupported_media_type'],
  ['a body over 1 MiB', 'POST', '/v1/tenants', { slug: 'a', name: 'x'.repeat(1_100_000) }, {}, 413, 'request.too_large'],
  ['an unknown address', 'GET', '/v1/nothing', undefined, {}, 404, 'route.not_found'],
  ['an unknown method', 'PUT', '/v1/tenants', {}, {}, 404, 'route.not_found'],
  ['a malformed address', 'GET', '/v1/tenants/%ff', undefined, {}, 400, 'request.malformed'],
  ['a cursor of nothing', 'GET', '/v1/tenants?cursor=xyz', undefined, {}, 422, 'request.invalid'],
  ['a tenant that is not there', 'GET', '/v1/tenants/nobody', undefined, {}, 404, 'tenant.not_found'],
])('%s is a problem with a code', async (_, method, path, body, headers, status, code) => {
  const answer = await api.request(method, path, body, undefined, headers);
  expect(answer).toMatchObject({ status, body: { code, status, traceId: expect.any(String), detail: expect.any(String) } });
  expect(answer.headers.get('content-type')).toMatch('application/problem+json');
});

test('without a key, and with an unknown one, nothing is told', async () => {
  for (const key of [null, 'kr_nonsense', 'x'.repeat(600), 'ünicode']) {
    const answer = await fetch(`${api.url}/v1/tenants`, { headers: key === null ? {} : { authorization: `Bearer ${encodeURIComponent(key)}` } });
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ code: 'auth.required' });
  }
});

test('lists go page by page, without a gap or a repetition', async () => {
  for (let i = 0; i < 7; i += 1) await api.request('POST', '/v1/tenants', { slug: `page-${i}`, name: `Page ${i % 3}` });
  const seen: string[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const { body } = await api.request('GET', `/v1/tenants?q=page&limit=3${cursor && `&cursor=${cursor}`}`);
    seen.push(...body.items.map((tenant: { slug: string }) => tenant.slug));
    cursor = body.nextCursor;
  }
  expect([...seen].sort()).toEqual(Array.from({ length: 7 }, (_, i) => `page-${i}`));
});

test('environments and members go page by page too; the collections are one list, which says so', async () => {
  for (const email of ['b@example.com', 'a@example.com', 'c@example.com']) await comeIn(api, 'hotels-a', { email });
  for (const [list, key] of [['/v1/environments', 'id'], ['/v1/tenants/hotels-a/members', 'email']] as const) {
    const whole = (await api.request('GET', list)).body, seen: string[] = [];
    expect(whole).toMatchObject({ items: [{}, {}, ...whole.items.slice(2)], nextCursor: null });
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body } = await api.request('GET', `${list}?limit=1${cursor && `&cursor=${cursor}`}`);
      expect(body.items).toHaveLength(1);
      seen.push(body.items[0][key]);
      cursor = body.nextCursor;
    }
    expect(seen).toEqual(whole.items.map((item: Record<string, string>) => item[key]));
    expect((await api.request('GET', `${list}?limit=0&nope=1`)).body.errors).toEqual([expect.objectContaining({ pointer: 'limit' }), expect.objectContaining({ pointer: 'nope' })]);
  }
  const { paths } = (await api.request('GET', '/openapi.json', undefined, null)).body;
  expect(paths['/v1/collections'].get.summary).toMatch(/all at once/);
});

test('a trace that comes in is kept, and answered', async () => {
  const trace = '0af7651916cd43dd8448eb211c80319c';
  const { headers, body } = await api.request('GET', '/v1/tenants/nobody', undefined, undefined, { traceparent: `00-${trace}-b7ad6b7169203331-01` });
  expect([headers.get('x-trace-id'), body.traceId]).toEqual([trace, trace]);
});

test('a repeated POST is carried out once, and another body under the same key is refused', async () => {
  const key = { 'idempotency-key': 'once-1' };
  const first = await api.request('POST', '/v1/tenants', { slug: 'once', name: 'Once' }, undefined, key);
  const second = await api.request('POST', '/v1/tenants', { slug: 'once', name: 'Once' }, undefined, key);
  expect(first.status).toBe(201);
  expect({ status: second.status, body: second.body }).toEqual({ status: 201, body: first.body });
  expect(await api.request('POST', '/v1/tenants', { slug: 'other', name: 'Once' }, undefined, key)).toMatchObject({ status: 409, body: { code: 'idempotency_key.conflict' } });
  // A failed request leaves the key free.
  const retry = { 'idempotency-key': 'once-2' };
  expect((await api.request('POST', '/v1/tenants', { slug: 'once', name: 'x' }, undefined, retry)).status).toBe(409);
  expect((await api.request('POST', '/v1/tenants', { slug: 'once-again', name: 'x' }, undefined, retry)).status).toBe(201);
});

test('one of many equal POSTs at once is carried out', async () => {
  const answers = await Promise.all(Array.from({ length: 8 }, () =>
    api.request('POST', '/v1/tenants', { slug: 'race', name: 'Race' }, undefined, { 'idempotency-key': 'race' })));
  expect(answers.filter(({ status }) => status === 201).length).toBeGreaterThanOrEqual(1);
  expect(answers.every(({ status, body }) => status === 201 || body.code === 'idempotency_key.conflict')).toBe(true);
});

test('the process says that it lives, that it is ready, and how it does', async () => {
  expect(await api.request('GET', '/livez', undefined, null)).toMatchObject({ status: 200, body: { ok: true } });
  expect(await api.request('GET', '/readyz', undefined, null)).toMatchObject({ status: 200, body: { ok: true, checks: { database: 'ok', migrations: 'ok', keys: 'ok' } } });
  const { body } = await api.request('GET', '/metrics', undefined, null);
  expect(body).toMatch(/keyrack_http_request_duration_seconds_count\{method="GET",route="\/v1\/tenants\/:tenant",status="404"\}/);
  expect(body).not.toMatch(/hotels-a/);
});

test('the documentation is served, and nothing on it comes from elsewhere', async () => {
  const { status, body, headers } = await api.request('GET', '/docs', undefined, null, { accept: 'text/html' });
  expect(status).toBe(200);
  expect(headers.get('content-security-policy')).toMatch(/script-src 'self';/);
  expect(body).not.toMatch(/https?:\/\/(?!www\.w3\.org)/);
  expect(body.match(/<script(?![^>]*\bsrc=)[^>]*>\s*\S/)).toBeNull();
  for (const [, path] of String(body).matchAll(/(?:src|href)="(\.\/[^"]+)"/g)) {
    expect((await api.request('GET', new URL(path ?? '', `${api.url}/docs`).pathname, undefined, null)).status).toBe(200);
  }
  const document = (await api.request('GET', '/openapi.json', undefined, null)).body;
  expect(document).toMatchObject({ openapi: '3.1.0', paths: { '/v1/tenants': { post: { operationId: 'tenants_create' } } } });
});
