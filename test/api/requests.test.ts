// Requests as no well-behaved client sends them: each is answered as the contract says, names what to change, and does nothing by halves.
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startKeyrack, type Keyrack } from '../harness/keyrack.js';

let keyrack: Keyrack;
beforeAll(async () => { keyrack = await startKeyrack({ worker: 'none' }); }, 120_000);
afterAll(async () => { await keyrack?.stop(); });

/** Sends bytes and reads until the connection ends. */
function exchange(head: readonly string[], body: Buffer = Buffer.alloc(0), key = keyrack.api.bootstrapKey): Promise<string> {
  const socket = connect(Number(new URL(keyrack.api.url).port), '127.0.0.1');
  const lines = [...head, 'Host: keyrack', `Authorization: Bearer ${key}`, ...(body.length > 0 ? [`Content-Length: ${body.length}`] : []), 'Connection: close', '', ''];
  return new Promise((resolve) => {
    let text = '';
    socket.setTimeout(4_000, () => { socket.destroy(); });
    socket.on('data', (chunk: Buffer) => { text += chunk.toString(); });
    socket.on('error', () => undefined);
    socket.once('close', () => { resolve(text); });
    socket.write(Buffer.concat([Buffer.from(lines.join('\r\n')), body]));
  });
}

const problemIn = (answer: string) => {
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  expect(head).toMatch(/content-type: application\/problem\+json/i);
  return { head, body: JSON.parse(body) as { code: string; status: number; detail: string; traceId: string } };
};

test('what is not HTTP, or has headers beyond all measure, is a problem too, and ends the connection', async () => {
  const { head, body } = problemIn(await exchange(['GET /v1/tenants HTTP/1.1', `X-Much: ${'a'.repeat(20_000)}`]));
  expect(head).toMatch(/^HTTP\/1\.1 431 /);
  expect(body).toMatchObject({ code: 'request.headers_too_large', status: 431, detail: expect.stringContaining('16 KiB'), traceId: expect.stringMatching(/^[0-9a-f]{32}$/) });
  expect(problemIn(await exchange(['GET /v1/ten ants HTTP/1.1']))).toMatchObject({ head: expect.stringMatching(/^HTTP\/1\.1 400 /), body: { code: 'request.malformed', status: 400, detail: 'This is not HTTP' } });
});

test('what is answered before any route is seen is sniffed, framed and kept as little as every other answer', async () => {
  for (const asked of ['GET /%ff HTTP/1.1', `GET /v1/tenants/${'a'.repeat(501)} HTTP/1.1`, 'GET /v1/ten ants HTTP/1.1', `GET /${'a'.repeat(20_000)} HTTP/1.1`]) {
    const { head } = problemIn(await exchange([asked]));
    for (const header of [/^content-security-policy: default-src 'none';.*frame-ancestors 'none'/im, /^x-content-type-options: nosniff/im, /^cache-control: no-store/im]) expect(head).toMatch(header);
  }
});

test.each([
  ['JSON in Latin-1', '/v1/tenants', 'application/json', Buffer.from('{"slug":"latin","name":"Hôtel"}', 'latin1')],
  ['a file in Latin-1', '/v1/tenants/acme/access-tokens/import', 'text/csv', Buffer.from('access_token,environment,application,label\nabcdefghijklmnop,sandbox,Test,Hôtel\n', 'latin1')],
  ['compressed JSON', '/v1/tenants', 'application/json\r\nContent-Encoding: gzip', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0])],
])('%s is refused and not taken for something else', async (_, path, type, body) => {
  expect(problemIn(await exchange([`POST ${path} HTTP/1.1`, `Content-Type: ${type}`], body)).body).toMatchObject({ code: 'request.malformed', detail: 'The body is not UTF-8: send or save it as that, and not compressed' });
});

test.each([
  ['turns what stands behind it around, in the audit trail too', '\u202emoc.elpmaxe@nimda'], ['hides its end in a line of its own', 'Hotel\u2028Another line'],
  ['isolates', 'a\u2067b'], ['shows nothing', '\u200b\u200d'],
])('a name that %s is refused; one in any script is not', async (_, name) => {
  const send = (given: string) => keyrack.api.request('POST', '/v1/tenants/acme/api-keys', { name: given, role: 'viewer' });
  expect(await send(name)).toMatchObject({ status: 422, body: { errors: [{ pointer: '/name', detail: expect.stringContaining('must') }] } });
  for (const fine of ['Hôtel Zürich', 'מלון \u200fא', '東京ホテル', 'नेपाल', '👩\u200d💻', '#1']) {
    const made = await send(fine);
    expect(made).toMatchObject({ status: 201, body: { name: fine } });
    await keyrack.call('DELETE', `/api-keys/${made.body.id}`);
  }
});

test('what is malformed is told: the body, or the address', async () => {
  const { api } = keyrack, title = 'The request cannot be read';
  for (const body of ['{"slug":', '{"__proto__": {"x": 1}}']) expect((await api.request('POST', '/v1/tenants', body)).body).toMatchObject({ code: 'request.malformed', title, detail: expect.stringContaining('JSON') });
  expect((await api.request('GET', '/v1/tenants/%ff')).body).toMatchObject({ code: 'request.malformed', title, detail: 'The address is not a valid URL' });
  expect((await api.request('GET', `/v1/tenants/${'a'.repeat(501)}`)).body).toMatchObject({ code: 'request.malformed', title, detail: expect.stringContaining('500 characters') });
});

test('bodies of another type, too large, or missing are told what to send', async () => {
  const { api } = keyrack;
  expect((await api.request('POST', '/v1/tenants', '{}', undefined, { 'content-type': 'application/xml' })).body).toMatchObject({ code: 'request.unsupported_media_type', detail: expect.stringContaining('Content-Type: application/json') });
  expect((await api.request('POST', '/v1/tenants', { name: 'x'.repeat(1_100_000) })).body).toMatchObject({ code: 'request.too_large', detail: expect.stringContaining('1 MiB') });
  expect((await api.request('POST', '/v1/tenants')).body).toMatchObject({ code: 'request.invalid', errors: [{ pointer: '', detail: 'is missing: send a JSON object' }] });
  expect((await api.request('GET', '/v1/tenants?limit=1.5')).body.errors).toEqual([{ pointer: 'limit', detail: 'must be a whole number' }]);
  for (const path of ['/v1/tenants', '/v1/tenants/acme/enterprises', '/v1/tenants/acme/reach/overlaps']) expect(await api.request('GET', `${path}?q=${'x'.repeat(201)}`)).toMatchObject({ status: 422, body: { errors: [{ pointer: 'q', detail: 'must have at most 200 characters' }] } });
  expect((await api.request('POST', '/v1/access-links', { kind: 'other' })).body.errors).toEqual([{ pointer: '/kind', detail: 'must be one of invitation, password_reset' }]);
});

test('of a body that is wrong in very many places the first hundred are told: the answer must not be ten times the request', async () => {
  const body = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`key${i}`, i]));
  const answer = await keyrack.api.request('POST', '/v1/session', { ...body, email: 'a@example.com' }, null);
  expect(answer).toMatchObject({ status: 422, body: { code: 'request.invalid', errors: expect.arrayContaining([{ pointer: '/password', detail: 'is required' }, { pointer: '/key0', detail: expect.stringContaining('is not known here') }]) } });
  expect(answer.body.errors).toHaveLength(100);
});

test('a file is read only from a caller who is known, and where files are taken: others are answered before they have sent it', async () => {
  const send = (path: string, key?: string) => exchange([`POST ${path} HTTP/1.1`, 'Content-Type: text/csv; charset=utf-8', 'Content-Length: 16000000'], undefined, key);
  const { head, body } = problemIn(await send('/v1/tenants/acme/access-tokens/import', 'kr_unknown'));
  expect(head).toMatch(/^HTTP\/1\.1 401 [^]*www-authenticate: Bearer/i);
  expect(body.code).toBe('auth.required');
  expect(problemIn(await send('/v1/tenants')).body.code).toBe('request.unsupported_media_type');
  const file = Buffer.from('access_token,environment,application,label\n');
  expect(await exchange(['POST /v1/tenants/acme/access-tokens/import?dryRun=true HTTP/1.1', 'Content-Type: text/csv'], file)).not.toMatch(/^HTTP\/1\.1 4(01|15) /);
});

test('JSON nested beyond all measure is refused, also under an Idempotency-Key', async () => {
  const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
  for (const body of [deep, `{"slug":"deep","name":${deep}}`]) {
    expect(await keyrack.api.request('POST', '/v1/tenants', body, undefined, { 'idempotency-key': 'deep' })).toMatchObject({ status: 400, body: { code: 'request.malformed', detail: expect.stringContaining('nested') } });
  }
});

test('times that Postgres does not write so are times: of the year 0, and with an offset of more than 16 hours', async () => {
  const { api, call } = keyrack;
  for (const time of ['0000-01-01T00:00:00Z', '2026-01-01T00:00:00%2B23:00']) for (const name of ['from', 'to']) expect((await api.request('GET', `/v1/audit?${name}=${time}`)).status).toBe(200);
  const made = await call('POST', '/api-keys', { name: 'expires', role: 'viewer', expiresAt: '2100-01-01T00:00:00+23:00' });
  expect(made).toMatchObject({ status: 201, body: { expiresAt: '2099-12-31T01:00:00.000Z' } });
  await call('DELETE', `/api-keys/${made.body.id}`);
});

test('a label with half a character is refused, before Mews is asked', async () => {
  const { api, applicationId, sandbox, call } = keyrack, body = { applicationId, environment: 'sandbox', accessToken: sandbox.tokens[0]?.accessToken, label: '\ud800' };
  const answer = await api.request('POST', '/v1/tenants/acme/access-tokens', body, undefined, { 'idempotency-key': 'half' });
  expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer: '/label', detail: expect.stringContaining('must not contain control characters') }] } });
  expect((await call('GET', '/access-tokens')).body.items).toEqual([]);
});

test('the character NUL, which cannot be stored, is refused with the place where it stands', async () => {
  const { applicationId, sandbox, call } = keyrack, detail = 'holds the character NUL (U+0000), which cannot be stored: remove it';
  const refusal = (pointer: string) => ({ status: 422, body: { code: 'request.invalid', errors: [{ pointer, detail }] } });
  expect(await call('POST', '/access-tokens', { applicationId, environment: 'sandbox\0', accessToken: sandbox.tokens[0]?.accessToken })).toMatchObject(refusal('/environment'));
  expect(await call('GET', '/enterprises?q=a%00b')).toMatchObject(refusal('q'));
  expect(await call('GET', '/records/reservations/a%00b')).toMatchObject(refusal('recordId'));
  expect((await call('GET', `/runs?cursor=${Buffer.from('["\\u0000"]').toString('base64url')}`)).body.errors).toEqual([{ pointer: 'cursor', detail: expect.stringContaining('leave it out') }]);
});

test('a query that a route does not know stops what would change something: dryRun where there is none is not the real thing', async () => {
  const { api, applicationId, sandbox, call } = keyrack;
  const added = await call('POST', '/access-tokens?dryRun=true', { applicationId, environment: 'sandbox', accessToken: sandbox.tokens[1]?.accessToken });
  expect(added).toMatchObject({ status: 422, body: { code: 'request.invalid', errors: [{ pointer: 'dryRun', detail: 'is not known here: remove it, or check its spelling' }] } });
  expect((await call('GET', '/access-tokens')).body.items).toEqual([]);
  expect((await api.request('DELETE', '/v1/tenants/acme?dryRun=true')).status).toBe(422);
  expect((await api.request('GET', '/v1/tenants/acme')).body.state).toBe('active');
  expect((await api.request('GET', '/v1/environments?limit=500')).status).toBe(200);
});

test('what was broken off under an Idempotency-Key is begun again after two minutes, but for what makes a secret: of that there would be two', async () => {
  const { api, database, call } = keyrack;
  const breakOff = (key: string) => database.owner.query(`update idempotency_key set status = null, answer = null, created_at = now() - interval '3 minutes' where key = $1`, [key]);
  const send = (path: string, body: object, key: string) => api.request('POST', path, body, undefined, { 'idempotency-key': key });
  const ask = () => send('/v1/tenants/acme/api-keys', { name: 'broken off', role: 'viewer' }, 'secret');
  await ask();
  await breakOff('secret');
  expect(await ask()).toMatchObject({ status: 409, body: { code: 'idempotency_key.conflict', detail: expect.stringContaining('broken off') } });
  expect((await call('GET', '/api-keys')).body.items).toHaveLength(1);
  await send('/v1/tenants', { slug: 'again', name: 'Again' }, 'plain');
  await breakOff('plain');
  expect((await send('/v1/tenants', { slug: 'again', name: 'Again' }, 'plain')).body.code).toBe('tenant.duplicate');
});
