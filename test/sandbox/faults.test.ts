// The request limit, the faults on demand, the log and the control path of the sandbox.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Fault, Sandbox } from '../../apps/sandbox/src/index.js';
import { RateLimit } from '../../apps/sandbox/src/rate-limit.js';
import { call, pick, rows, small } from './harness.js';

let sandbox: Sandbox;
beforeAll(async () => { sandbox = await small(); });
afterEach(() => { sandbox.faults.clear(); sandbox.limit.options = { requests: 100_000, windowMs: 30_000, retryAfter: true }; });
afterAll(() => sandbox.stop());

const body = { Limitation: { Count: 3 } };
function services(cursor: unknown = null): ReturnType<typeof call> { return call(sandbox, pick(sandbox, 0), 'services/getAll', { Limitation: { Count: 2, Cursor: cursor } }); }

test('no span of the window holds more requests than the limit, and refused ones do not count', () => {
  const limit = new RateLimit({ requests: 3, windowMs: 1000, retryAfter: true });
  expect([0, 400, 800, 900].map((at) => limit.take('t', at))).toEqual([0, 0, 0, 100]);
  expect([1000, 1001, 1400].map((at) => limit.take('t', at))).toEqual([0, 399, 0]);
  expect(limit.take('another', 1400)).toBe(0);
});

test('past the limit a token gets 429 with Retry-After, and only that token; the log counts it', async () => {
  sandbox.limit.options = { requests: 2, windowMs: 30_000, retryAfter: true };
  sandbox.log.clear();
  const info = pick(sandbox, 1);
  const answers = [await call(sandbox, info, 'services/getAll', body), await call(sandbox, info, 'services/getAll', body), await call(sandbox, info, 'services/getAll', body)];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
  expect(Number(answers[2]?.headers.get('retry-after'))).toBeGreaterThan(25);
  expect((await call(sandbox, pick(sandbox, 2), 'services/getAll', body)).status).toBe(200);
  sandbox.limit.options = { ...sandbox.limit.options, retryAfter: false };
  expect((await call(sandbox, info, 'services/getAll', body)).headers.get('retry-after')).toBeNull();
  expect(sandbox.log.throttles(info.accessToken)).toBe(2);
  expect(sandbox.log.requests(info.accessToken).map(({ path, status }) => [path, status])).toEqual([['services/getAll', 200], ['services/getAll', 200], ['services/getAll', 429], ['services/getAll', 429]]);
  expect(JSON.stringify(sandbox.log.requests().map((seen) => seen.body))).not.toContain(info.accessToken);
});

const statuses: [Fault, number][] = [
  [{ kind: 'status', status: 500 }, 500], [{ kind: 'status', status: 503, retryAfter: 2 }, 503], [{ kind: 'status', status: 429 }, 429],
  [{ kind: 'status', status: 401 }, 401], [{ kind: 'heavy', maxCount: 1 }, 408], [{ kind: 'redirect', status: 307, location: 'http://127.0.0.1:9/' }, 307],
];
for (const [fault, status] of statuses) test(`fault ${fault.kind} ${status} answers so once and then no more`, async () => {
  sandbox.faults.add({ ...fault, count: 1, path: 'services/getAll' });
  expect((await call(sandbox, pick(sandbox, 0), 'outlets/getAll', body)).status).toBe(200);
  const answer = await services();
  expect(answer.status).toBe(status);
  expect(answer.headers.get('location')).toBe(fault.kind === 'redirect' ? fault.location : null);
  expect(answer.headers.get('retry-after')).toBe(fault.kind === 'status' && fault.retryAfter ? String(fault.retryAfter) : null);
  expect((await services()).status).toBe(200);
});

test('heavy goes by the length of the interval too', async () => {
  sandbox.faults.add({ kind: 'heavy', maxDays: 7 });
  const lasting = (days: number): object => ({ ...body, UpdatedUtc: { StartUtc: new Date(Date.now() - days * 86_400_000).toISOString(), EndUtc: new Date().toISOString() } });
  expect([(await call(sandbox, pick(sandbox, 0), 'bills/getAll', lasting(8))).status, (await call(sandbox, pick(sandbox, 0), 'bills/getAll', lasting(6))).status]).toEqual([408, 200]);
});

test('broken connections: before it is executed, after it, within the body', async () => {
  for (const fault of [{ kind: 'reset', when: 'before' }, { kind: 'reset', when: 'after' }, { kind: 'truncate' }] as const) {
    sandbox.faults.add({ ...fault, count: 1 });
    await expect(services()).rejects.toThrow(/fetch failed|terminated/);
    expect(sandbox.log.requests().at(-1)?.fault).toBe(fault.kind);
  }
  expect((await services()).status).toBe(200);
});

test('spoiled bodies: no JSON, no list, a bad record, a huge body', async () => {
  sandbox.faults.add({ kind: 'invalid_json', count: 1 });
  await expect(services()).rejects.toThrow(SyntaxError);
  sandbox.faults.add({ kind: 'wrong_types', count: 1 });
  expect(Array.isArray((await services()).body['Services'])).toBe(false);
  sandbox.faults.add({ kind: 'bad_record', count: 1 });
  expect(rows(await services(), 'Services').map((row) => row['Id'] === null)).toEqual([false, true]);
  sandbox.faults.add({ kind: 'huge', bytes: 3_000_000, count: 1 });
  expect(JSON.stringify((await services()).body).length).toBeGreaterThan(2_900_000);
});

test('delay and drip take their time and still answer', async () => {
  for (const fault of [{ kind: 'delay', ms: 120 }, { kind: 'drip', bytes: 100, everyMs: 20 }] as const) {
    sandbox.faults.add({ ...fault, count: 1 });
    const from = performance.now();
    expect((await services()).status).toBe(200);
    expect(performance.now() - from).toBeGreaterThan(100);
  }
});

test('a page may start with the row that ended the page before', async () => {
  sandbox.faults.add({ kind: 'duplicate_rows' });
  const first = await services();
  const second = await services(first.body['Cursor']);
  expect(rows(second, 'Services')[0]).toEqual(rows(first, 'Services')[1]);
});

test('chance follows its seed', async () => {
  const struck = async (): Promise<number[]> => {
    sandbox.faults.clear();
    const seen: number[] = [];
    sandbox.faults.add({ kind: 'status', status: 500, probability: 0.3, seed: 'x' });
    for (let i = 0; i < 40; i++) seen.push((await services()).status);
    return seen;
  };
  const once500 = (await struck()).filter((status) => status === 500).length;
  expect(once500).toBeGreaterThan(2);
  expect(once500).toBeLessThan(25);
});

test('the control path gives tokens and takes faults from this machine, and not from a web page', async () => {
  const tokens = await (await fetch(`${sandbox.url}/sandbox/tokens`)).json();
  expect(tokens).toEqual(sandbox.tokens);
  expect((await fetch(`${sandbox.url}/sandbox/tokens`, { headers: { Origin: 'https://page.example.com' } })).status).toBe(404);
  const post = (path: string, sent: unknown): Promise<Response> => fetch(`${sandbox.url}/sandbox/${path}`, { method: 'POST', body: JSON.stringify(sent) });
  expect((await post('faults', { kind: 'status', status: 503, count: 1 })).status).toBe(200);
  expect((await services()).status).toBe(503);
  expect((await post('faults', { kind: 'nonsense' })).status).toBe(400);
  const { accessToken } = sandbox.world.issueToken({ enterprises: [...sandbox.world.enterprises.keys()].slice(0, 1) });
  await post('world', { do: 'revoke', accessToken });
  expect(sandbox.world.access.find(accessToken)?.revoked).toBe(true);
});

test('a stopped sandbox frees its port', async () => {
  const another = await small();
  const { port } = new URL(another.url);
  await another.stop();
  const again = await small({ port: Number(port) });
  expect(again.url).toBe(another.url);
  await again.stop();
});
