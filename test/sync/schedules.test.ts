// Guarantees of schedules over HTTP, and who may do what with syncs.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startKeyrack, until, type Keyrack } from '../harness/keyrack.js';

let keyrack: Keyrack, enterpriseId: string, stopped = false;
beforeAll(async () => {
  keyrack = await startKeyrack();
  enterpriseId = keyrack.sandbox.tokens[2]?.enterprises[0]?.id ?? '';
  await keyrack.onboard(2);
  await keyrack.untilIdle(90_000);
}, 150_000);
afterAll(async () => { if (stopped) return; stopped = true; await keyrack.stop(); });

const put = (collection: string, body: object, id = enterpriseId) => keyrack.call('PUT', `/enterprises/${id}/schedules/${collection}`, body);

test.each([
  [{}, 'every'], [{ every: 'PT15M', cron: '0 3 * * *' }, 'cron'], [{ every: 'PT1S' }, 'every'], [{ cron: 'at dawn' }, 'cron'],
  [{ cron: '0 3 * * *', timeZone: 'Europe/Atlantis' }, 'timeZone'], [{ every: 'PT15M', enabled: 1 }, 'enabled'],
])('%j is refused, and the answer names the field', async (body, field) => {
  const answer = await put('bills', body);
  expect(answer).toMatchObject({ status: 422, body: { code: 'request.invalid', errors: [{ pointer: expect.stringContaining(field) }] } });
});

test('an unknown collection and an unknown enterprise are told apart', async () => {
  expect(await put('unicorns', { every: 'PT1H' })).toMatchObject({ status: 404, body: { code: 'collection.unknown' } });
  expect(await put('bills', { every: 'PT1H' }, '00000000-0000-4000-8000-000000000000')).toMatchObject({ status: 404, body: { code: 'enterprise.not_found' } });
});

test('a cron expression runs in its zone, which is the enterprise\'s own when none is given', async () => {
  const { timeZone } = keyrack.sandbox.world.enterprise(enterpriseId).plan;
  const own = await put('bills', { cron: '0 3 * * *' });
  expect(own).toMatchObject({ status: 200, body: { cron: '0 3 * * *', every: null, timeZone, enabled: true } });
  const hourIn = (zone: string, at: string) => new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit' }).format(new Date(at));
  expect(hourIn(timeZone, own.body.nextRunAt)).toBe('03:00');
  const tokyo = await put('bills', { cron: '30 4 * * *', timeZone: 'Asia/Tokyo' });
  expect(hourIn('Asia/Tokyo', tokyo.body.nextRunAt)).toBe('04:30');
});

test('an interval counts from now, and the schedule tells its last run and how fresh it is', async () => {
  const { body } = await put('payments', { every: 'PT20M' });
  expect(body).toMatchObject({ every: 'PT20M', cron: null, timeZone: null, paused: null, lastRun: { state: 'succeeded' }, freshness: { state: 'fresh' } });
  expect(Math.abs(Date.parse(body.nextRunAt) - Date.now() - 20 * 60_000)).toBeLessThan(20_000);
});

test('a schedule that is set to what it is stays as it is: its next run is not put off, and there is no event', async () => {
  const events = async () => (await keyrack.call('GET', '/audit?action=schedule.set&limit=500')).body.items.length;
  for (const body of [{ every: 'PT3H' }, { cron: '0 3 * * *' }]) {
    await put('outlets', body);
    const told = await events();
    const { rows: [{ at }] } = await keyrack.database.owner.query(`update schedule set next_run_at = date_trunc('second', now() + interval '1 hour') where enterprise_id = $1 and collection = 'outlets' returning next_run_at as at`, [enterpriseId]);
    expect(await put('outlets', body)).toMatchObject({ status: 200, body: { nextRunAt: at.toISOString() } });
    expect(await events()).toBe(told);
  }
});

test('a disabled schedule does not run, a due one does', async () => {
  await put('bills', { every: 'PT1H', enabled: false });
  await put('payments', { every: 'PT1H' });
  await keyrack.database.owner.query(`update schedule set next_run_at = now() where collection in ('bills', 'payments')`);
  await until(20_000, async () => ((await keyrack.call('GET', '/runs?collection=payments')).body.items.length === 2 ? true : undefined));
  expect((await keyrack.call('GET', '/runs?collection=bills')).body.items.length).toBe(1);
  const { body } = await keyrack.call('GET', `/schedules?enterpriseId=${enterpriseId}&collection=bills`);
  expect(body.items).toMatchObject([{ enabled: false, nextRunAt: null }]);
});

test('schedules and runs are listed page by page, each once', async () => {
  for (const [list, total] of [['/schedules', 68], ['/runs', 69]] as const) {
    const ids: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body } = await keyrack.call('GET', `${list}?limit=4${cursor === '' ? '' : `&cursor=${cursor}`}`);
      ids.push(...body.items.map((item: { id: string }) => item.id));
      cursor = body.nextCursor;
    }
    expect(ids.length).toBe(total);
    expect(new Set(ids).size).toBe(total);
  }
});

test('who may do what, and another tenant\'s ids do not exist', async () => {
  const { api } = keyrack;
  expect((await api.request('POST', '/v1/tenants', { slug: 'other', name: 'Other' })).status).toBe(201);
  const key = async (tenant: string, role: string): Promise<string> => (await api.request('POST', `/v1/tenants/${tenant}/api-keys`, { name: role, role })).body.key;
  const [viewer, developer, stranger] = [await key('acme', 'viewer'), await key('acme', 'developer'), await key('other', 'owner')];
  const runId = (await keyrack.call('GET', '/runs?limit=1')).body.items[0].id;
  const recordId = (await keyrack.call('GET', '/records/services?limit=1')).body.items[0].id;
  const reads = ['/schedules', '/runs', `/runs/${runId}`, '/records/services', `/records/services/${recordId}`, '/changes/services', '/stats'];
  const writes: [string, string, unknown?][] = [
    ['PUT', `/enterprises/${enterpriseId}/schedules/bills`, { every: 'PT1H' }], ['POST', '/syncs', { enterpriseIds: [enterpriseId], collections: ['bills'] }],
    ['POST', `/runs/${runId}/cancel`], ['POST', `/runs/${runId}/pause`], ['POST', `/runs/${runId}/resume`], ['POST', `/runs/${runId}/retry`], ['POST', `/runs/${runId}/confirm`],
  ];
  const status = async (apiKey: string, tenant: string, [method, path, body]: [string, string, unknown?]) => (await api.request(method, `/v1/tenants/${tenant}${path}`, body, apiKey)).status;
  const table = async (apiKey: string, tenant: string) => ({
    reads: await Promise.all(reads.map((path) => status(apiKey, tenant, ['GET', path]))), writes: await Promise.all(writes.map((write) => status(apiKey, tenant, write))),
  });
  const before = (await keyrack.database.owner.query('select count(*)::int as n from audit_event')).rows[0].n;
  expect(await table(stranger, 'acme')).toEqual({ reads: reads.map(() => 404), writes: writes.map(() => 404) });
  // In its own tenant a stranger finds none of our ids.
  expect(await table(stranger, 'other')).toEqual({ reads: [200, 200, 404, 200, 404, 200, 200], writes: writes.map(() => 404) });
  expect((await table(viewer, 'acme')).writes).toEqual(writes.map(() => 403));
  expect(new Set((await table(viewer, 'acme')).reads)).toEqual(new Set([200]));
  expect((await keyrack.database.owner.query('select count(*)::int as n from run where trigger = $1', ['request'])).rows[0].n).toBe(0);
  expect(before).toBeGreaterThan(0);
  expect((await table(developer, 'acme')).writes.slice(0, 2)).toEqual([200, 202]);
});
