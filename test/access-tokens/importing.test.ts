// A file of AccessTokens through the api and a worker, against the sandbox: a result for each line, nothing lost by a kill, no token anywhere.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Imports } from '@keyrack/access-tokens';
import type { OperationId, TenantId } from '@keyrack/core';
import { Fleet } from '../faults/fleet.js';
import { until } from '../harness/keyrack.js';
import { everyRow, formsOf, openVendor, type Tenant, type Vendor } from './vendor.js';

let vendor: Vendor, fleet: Fleet;
beforeAll(async () => {
  vendor = await openVendor();
  fleet = new Fleet({ KEYRACK_ALLOW_HTTP_PLATFORM: 'true', KEYRACK_LEASE_SECONDS: '2', ...vendor.database.env });
  await fleet.start(1);
}, 60_000);
afterAll(async () => {
  await fleet?.stop();
  await vendor?.close();
});
beforeEach(() => vendor.sandbox.faults.clear());

const header = 'access_token,environment,application,label';
const issue = (): string => vendor.sandbox.world.issueToken({ enterprises: [vendor.sandbox.world.addEnterprise().id] }).accessToken;
const send = (tenant: Tenant, lines: string[], query = '') => tenant.request('POST', `/access-tokens/import${query}`, lines.join('\n'), { 'content-type': 'text/csv' });
const operation = async (id: string) => (await vendor.api.request('GET', `/v1/operations/${id}`)).body;
async function ended(tenant: Tenant, lines: string[], query?: string) {
  const started = await send(tenant, lines, query);
  expect(started).toMatchObject({ status: 202, body: { operationId: expect.any(String) } });
  return until(60_000, async () => {
    const now = await operation(started.body.operationId);
    vendor.answers.push(JSON.stringify(now));
    return now.state === 'running' ? undefined : now;
  });
}
const tokensOf = async (tenant: Tenant) => (await tenant.request('GET', '/access-tokens?limit=500')).body.items;
const rows = async (text: string, values: unknown[]) => (await vendor.database.owner.query(text, values)).rows;

test('each line is verified, added, connected and scheduled, or told what is wrong with it', async () => {
  const tenant = await vendor.tenant(), [first, second, known] = [issue(), issue(), issue()];
  await tenant.add(known);
  const wrong = first.split('').toReversed().join('');
  const { state, done, total, results } = await ended(tenant, [
    `\uFEFF${header}`, `${first},sandbox,Keyrack test,First hotel`, '', `"${second}",sandbox,${vendor.applicationId},"Second, with a comma"`, `${first},sandbox,Keyrack test,again`,
    `${known},sandbox,Keyrack test,`, `${wrong},sandbox,Keyrack test,`, `${issue()},moon,Keyrack test,`, `${issue()},sandbox,Other app,`, 'two words,sandbox,Keyrack test,', ',sandbox,Keyrack test,', `${issue()},sandbox`,
  ]);
  expect({ state, done, total }).toEqual({ state: 'partial', done: 10, total: 10 });
  expect(results.map(({ line, state: one, error }: { line: number; state: string; error?: { code: string } }) => [line, one, error?.code])).toEqual([
    [2, 'succeeded', undefined], [4, 'succeeded', undefined], [5, 'failed', 'request.invalid'], [6, 'failed', 'access_token.duplicate'], [7, 'failed', 'access_token.rejected'],
    [8, 'failed', 'environment.not_found'], [9, 'failed', 'application.not_found'], [10, 'failed', 'request.invalid'], [11, 'failed', 'request.invalid'], [12, 'failed', 'request.invalid'],
  ]);
  expect(results[2].error.detail).toContain('line 2');
  expect(results[6].error.detail).toContain('GET /v1/applications');
  expect(results[8].error.detail).toContain('access_token');
  expect(results[9].error.detail).toContain('application');
  expect(results[1]).toMatchObject({ label: 'Second, with a comma', hint: `…${second.slice(-4)}`, kind: 'enterprise', enterprises: 1 });

  const added = await tokensOf(tenant);
  expect(added.map(({ label, status }: { label: string | null; status: string }) => [label, status])).toEqual(expect.arrayContaining([['First hotel', 'active'], ['Second, with a comma', 'active']]));
  expect(added).toHaveLength(3);
  const [{ n }] = await rows(`select count(distinct enterprise_id)::int as n from schedule where tenant_id = $1`, [tenant.id]);
  expect(n).toBe(3);
  const all = await everyRow(vendor.database);
  for (const form of [first, second, wrong].flatMap(formsOf)) {
    expect(vendor.answers.join('\n').includes(form)).toBe(false);
    expect(all.includes(form)).toBe(false);
  }
  expect(await rows('select line from token_import_line where ciphertext is not null', [])).toEqual([]);
}, 90_000);

test('a token in the column of something else is told, and stored nowhere', async () => {
  const tenant = await vendor.tenant(), token = issue();
  const of = async (columns: string, line: string) => (await ended(tenant, [columns, line])).results;
  const results = [
    ...await of('label,access_token,environment,application', `Hotel, the first,${token},sandbox,Keyrack test`),
    ...await of(header, `sandbox,${token},Keyrack test,`), ...await of(header, `Keyrack,sandbox,${token},`), ...await of(header, `x,sandbox,Keyrack test,${token}`),
  ];
  expect(results.map(({ state, error }: { state: string; error: { code: string; detail: string } }) => [state, error.code, error.detail.split(' ')[0]])).toEqual(
    ['environment', 'environment', 'application', 'label'].map((column) => ['failed', 'request.invalid', column]));
  const everywhere = vendor.answers.join('\n') + await everyRow(vendor.database);
  for (const form of formsOf(token)) expect(everywhere.includes(form)).toBe(false);
}, 60_000);

test('a dry run verifies each line with Mews and saves nothing', async () => {
  const tenant = await vendor.tenant(), token = issue();
  const { state, results } = await ended(tenant, [header, `${token},sandbox,Keyrack test,Hotel`, `${token}x,sandbox,Keyrack test,`], '?dryRun=true');
  expect(state).toBe('partial');
  expect(results).toMatchObject([{ line: 2, state: 'succeeded', kind: 'enterprise', enterprises: 1 }, { line: 3, state: 'failed', error: { code: 'access_token.rejected' } }]);
  expect(await tokensOf(tenant)).toEqual([]);
  expect(await rows('select 1 from enterprise where tenant_id = $1', [tenant.id])).toEqual([]);
}, 60_000);

test.each([
  ['', 'must begin with the header access_token'], ['access_token,environment', 'has no column application'], [`${header},colour\nx,sandbox,a,b,c`, 'colour'], [header, 'no line below its header'],
  [`${header}\n"unclosed,sandbox,a,`, 'is not CSV'], ['0123456789ABCDEF0123456789ABCDEF-0123456789ABCDEF', 'must begin with the header'],
])('a file that cannot be read as a whole is refused: %j', async (text, told) => {
  const tenant = await vendor.tenant();
  const answer = await send(tenant, [text]);
  expect(answer).toMatchObject({ status: 422, body: { code: 'request.invalid', errors: [{ detail: expect.stringContaining(told) }] } });
  expect(JSON.stringify(answer.body)).not.toContain('0123456789ABCDEF');
});

test('a killed worker loses no line and adds none twice; what waits is encrypted, and no job holds it', async () => {
  const tenant = await vendor.tenant(), tokens = Array.from({ length: 14 }, issue);
  vendor.sandbox.faults.add({ kind: 'delay', ms: 150 });
  const started = await send(tenant, [header, ...tokens.map((token, i) => `${token},sandbox,Keyrack test,Hotel ${i}`)]);
  await until(30_000, async () => ((await operation(started.body.operationId)).done >= 4 ? true : undefined));
  const all = await everyRow(vendor.database);
  const [worker] = fleet.workers;
  if (!worker) throw new Error('no worker');
  await fleet.kill(worker);
  for (const form of tokens.flatMap(formsOf)) expect(all.includes(form)).toBe(false);
  const waiting = await rows('select begun, ciphertext is not null as sealed, result from token_import_line where operation_id = $1', [started.body.operationId]);
  expect(waiting.filter(({ sealed, result }) => sealed === (result === null))).toHaveLength(14);
  expect(waiting.some(({ result }) => result === null)).toBe(true);
  // As if the minute had passed after which a process is taken for dead.
  await vendor.database.owner.query('update token_import set worked_on_until = now()');
  await fleet.start(1);
  const over = await until(60_000, async () => { const now = await operation(started.body.operationId); return now.state === 'running' ? undefined : now; });
  expect(over).toMatchObject({ state: 'succeeded', done: 14, total: 14 });
  expect(over.results.map(({ line }: { line: number }) => line)).toEqual(Array.from({ length: 14 }, (_, i) => i + 2));
  expect((await tokensOf(tenant)).map(({ label }: { label: string }) => label).toSorted()).toEqual(tokens.map((_, i) => `Hotel ${i}`).toSorted());
}, 120_000);

test('a process that was taken for dead and comes back takes no result away from the one after it', async () => {
  const tenant = await vendor.tenant(), token = issue();
  const slow = vendor.sandbox.faults.add({ kind: 'delay', ms: 8_000, path: 'configuration/get', accessToken: token, count: 1 });
  const listings = vendor.sandbox.faults.add({ kind: 'delay', ms: 0, path: 'enterprises/getAll', accessToken: token });
  const { body: { operationId } } = await send(tenant, [header, `${token},sandbox,Keyrack test,`]);
  // It is the first of the two that Mews answers late.
  await until(10_000, async () => vendor.sandbox.faults.fired(slow) === 1 || undefined);
  await vendor.database.owner.query(`update token_import set worked_on_until = now() where operation_id = $1`, [operationId]);
  await vendor.api.app.get(Imports).work(tenant.id as TenantId, operationId as OperationId, AbortSignal.timeout(20_000), async () => undefined);
  const first = await operation(operationId);
  expect(first).toMatchObject({ state: 'succeeded', results: [{ state: 'succeeded' }] });
  await until(30_000, async () => vendor.sandbox.faults.fired(listings) === 2 || undefined);
  await sleep(1_000);
  expect(await operation(operationId)).toMatchObject({ state: 'succeeded', results: first.results });
}, 60_000);

test('another tenant sees nothing of an import, and a viewer may not start one', async () => {
  const tenant = await vendor.tenant();
  const viewer = (await tenant.request('POST', '/api-keys', { name: 'viewer', role: 'viewer' })).body.key;
  const path = `/v1/tenants/${tenant.id}/access-tokens/import`;
  expect((await vendor.api.request('POST', path, `${header}\nx,sandbox,a,b`, viewer, { 'content-type': 'text/csv' })).status).toBe(403);
  const other = await vendor.tenant(), owner = (await other.request('POST', '/api-keys', { name: 'owner', role: 'owner' })).body.key;
  expect((await vendor.api.request('POST', path, `${header}\nx,sandbox,a,b`, owner, { 'content-type': 'text/csv' })).status).toBe(404);
  const { id } = await ended(tenant, [header, `${issue()},sandbox,Keyrack test,`], '?dryRun=true');
  expect((await vendor.api.request('GET', `/v1/operations/${id}`, undefined, owner)).status).toBe(404);
}, 60_000);
