// The sandbox refuses what Mews refuses and hides what Mews hides: a client that gets by here gets by there.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Sandbox } from '../../apps/sandbox/src/index.js';
import { idOf } from '../../apps/sandbox/src/record.js';
import { all, call, enterpriseOf, pick, post, rows, small } from './harness.js';

let sandbox: Sandbox;
beforeAll(async () => { sandbox = await small(); });
afterAll(() => sandbox.stop());

const reservations = 'reservations/getAll/2023-06-06';
const limitation = { Limitation: { Count: 10 } };
const day = 86_400_000;
function at(ms: number): string { return new Date(ms).toISOString(); }

describe('paths and tokens', () => {
  test('only POST to the exact path exists', async () => {
    const token = pick(sandbox, 0);
    for (const path of ['services/getAll/', 'Services/getAll', 'reservations/getAll', 'services/getall', 'nothing/getAll']) expect((await call(sandbox, token, path, limitation)).status).toBe(404);
    const response = await fetch(`${sandbox.url}/api/connector/v1/services/getAll`);
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({ Message: expect.any(String), RequestId: response.headers.get('request-id') });
  });

  test('unknown, revoked and mismatched tokens are 401', async () => {
    const token = sandbox.world.issueToken({ enterprises: [enterpriseOf(pick(sandbox, 0)).id] });
    const info = { ...pick(sandbox, 0), accessToken: token.accessToken };
    expect((await call(sandbox, info, 'services/getAll', limitation)).status).toBe(200);
    expect((await call(sandbox, { ...info, clientToken: sandbox.world.access.addClient() }, 'services/getAll', limitation)).status).toBe(401);
    expect((await call(sandbox, { ...info, clientToken: 'x' }, 'services/getAll', limitation)).status).toBe(401);
    expect((await call(sandbox, { ...info, accessToken: 'x' }, 'services/getAll', limitation)).status).toBe(401);
    sandbox.world.revokeToken(token.accessToken);
    const refused = await call(sandbox, info, 'services/getAll', limitation);
    expect([refused.status, refused.body['Message']]).toEqual([401, 'Invalid AccessToken.']);
    expect(refused.headers.get('request-id')).toBe(refused.body['RequestId']);
    expect(Date.parse(refused.headers.get('date') ?? '')).not.toBeNaN();
  });

  test('an operation without permission is 401 for that operation only', async () => {
    const [granted, plain] = [pick(sandbox, 0), pick(sandbox, 1)];
    const body = { ...limitation, CustomerIds: [] };
    expect((await call(sandbox, granted, 'customers/getRelationships', body)).status).toBe(200);
    expect((await call(sandbox, plain, 'customers/getRelationships', body)).status).toBe(401);
    expect((await call(sandbox, plain, 'services/getAll', limitation)).status).toBe(200);
  });
});

describe('bodies', () => {
  const refused: [string, string, object][] = [
    ['an unknown property', 'services/getAll', { ...limitation, Colour: 'red' }],
    ['no Limitation', 'services/getAll', {}],
    ['Count 0', 'services/getAll', { Limitation: { Count: 0 } }],
    ['Count 1001', 'services/getAll', { Limitation: { Count: 1001 } }],
    ['a cursor that was never an id', 'services/getAll', { Limitation: { Count: 1, Cursor: '00000000-0000-4000-8000-000000000000' } }],
    ['no ServiceIds where they are required', 'rates/getAll', limitation],
    ['no Extent where it is required', 'resources/getAll', limitation],
    ['an unknown extent', 'resources/getAll', { ...limitation, Extent: { Resources: true, Rooms: true } }],
    ['an extent of rates without its mandatory flag', 'rates/getAll', { ...limitation, ServiceIds: [], Extent: { Rates: true } }],
    ['an enterprise out of reach', 'services/getAll', { ...limitation, EnterpriseIds: ['00000000-0000-4000-8000-000000000000'] }],
    ['an empty list of enterprises', 'services/getAll', { ...limitation, EnterpriseIds: [] }],
    ['an id that is none', reservations, { ...limitation, ReservationIds: ['12'] }],
    ['more than 1000 ids', reservations, { ...limitation, ReservationIds: Array.from({ length: 1001 }, () => '00000000-0000-4000-8000-000000000000') }],
    ['an unknown state', reservations, { ...limitation, States: ['Confirmed', 'Happy'] }],
    ['an interval of more than three months', reservations, { ...limitation, UpdatedUtc: { StartUtc: '2026-01-31T00:00:00Z', EndUtc: '2026-04-30T00:00:01Z' } }],
    ['an interval that ends before it starts', reservations, { ...limitation, UpdatedUtc: { StartUtc: '2026-02-01T00:00:00Z', EndUtc: '2026-01-01T00:00:00Z' } }],
    ['a time that is no UTC time', reservations, { ...limitation, UpdatedUtc: { StartUtc: '2026-02-01', EndUtc: '2026-03-01T00:00:00+01:00' } }],
    ['no filter for customers', 'customers/getAll', { ...limitation, Extent: { Customers: true } }],
    ['no filter for order items', 'orderItems/getAll', limitation],
    ['no filter for payments', 'payments/getAll', limitation],
    ['no filter for bills', 'bills/getAll', limitation],
    ['a language without a culture', 'services/getAll', { ...limitation, LanguageCode: 'de-DE' }],
  ];
  for (const [what, path, body] of refused) test(`${what} is 400`, async () => {
    const answer = await call(sandbox, pick(sandbox, 0), path, body);
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({ Message: expect.any(String), RequestId: answer.headers.get('request-id') });
  });

  test('a trailing comma is 400, and so are missing tokens', async () => {
    expect((await post(sandbox, 'services/getAll', '{"Client":"x",}')).body['Message']).toBe('Invalid JSON.');
    expect((await post(sandbox, 'services/getAll', '{"Client":"x"}')).status).toBe(400);
  });

  test('exactly three months and exactly 1000 ids are accepted', async () => {
    const ids = Array.from({ length: 1000 }, () => '00000000-0000-4000-8000-000000000000');
    expect((await call(sandbox, pick(sandbox, 0), reservations, { ...limitation, ReservationIds: ids, UpdatedUtc: { StartUtc: '2026-01-31T00:00:00Z', EndUtc: '2026-04-30T00:00:00Z' } })).status).toBe(200);
  });
});

describe('pages', () => {
  test('pages of any size give every row once, newest first', async () => {
    const token = pick(sandbox, 4);
    const body = { States: ['Inquired', 'Confirmed', 'Started', 'Processed', 'Canceled', 'Optional', 'Requested'] };
    const whole = await all(sandbox, token, reservations, 'Reservations', body);
    const expected = token.enterprises.flatMap(({ id }) => sandbox.world.list('reservations', id)).length;
    expect(whole).toHaveLength(expected);
    for (const count of [1, 7]) expect((await all(sandbox, token, reservations, 'Reservations', body, count)).map((row) => row['Id'])).toEqual(whole.map((row) => row['Id']));
    const created = whole.map((row) => Date.parse(String(row['CreatedUtc'])));
    expect(created).toEqual(created.toSorted((x, y) => y - x));
  });

  test('a full last page still has a cursor, an empty page has none and is 204 on request', async () => {
    const token = pick(sandbox, 1);
    const services = rows(await call(sandbox, token, 'services/getAll', { Limitation: { Count: 1000 } }), 'Services');
    const full = await call(sandbox, token, 'services/getAll', { Limitation: { Count: services.length } });
    expect(full.body['Cursor']).toBe(services.at(-1)?.['Id']);
    const empty = { Limitation: { Count: 10, Cursor: full.body['Cursor'] } };
    expect((await call(sandbox, token, 'services/getAll', empty)).body).toEqual({ Services: [], Cursor: null });
    const minimal = await call(sandbox, token, 'services/getAll', empty, { Prefer: 'return=minimal' });
    expect([minimal.status, minimal.body, minimal.headers.get('content-type')]).toEqual([204, {}, null]);
    expect(minimal.headers.get('request-id')).not.toBeNull();
  });

  test('a cursor whose record vanished goes on where it stood; records made meanwhile do not shift the pages', async () => {
    const token = pick(sandbox, 2);
    const { id } = enterpriseOf(token);
    const before = (await all(sandbox, token, 'outlets/getAll', 'Outlets', {})).map((row) => row['Id']);
    const first = await call(sandbox, token, 'outlets/getAll', { Limitation: { Count: 1 } });
    sandbox.world.create('outlets', id);
    sandbox.world.vanish('outlets', String(first.body['Cursor']));
    const rest = await call(sandbox, token, 'outlets/getAll', { Limitation: { Count: 10, Cursor: first.body['Cursor'] } });
    expect(rows(rest, 'Outlets').map((row) => row['Id'])).toEqual(before.slice(1));
  });
});

describe('filters', () => {
  test('an interval includes its start and excludes its end; equal ends mean that very moment', async () => {
    const token = pick(sandbox, 3);
    const moment = Math.floor(Date.now() / 1000) * 1000 - 10 * day;
    const made = sandbox.world.create('outlets', enterpriseOf(token).id, {}, moment);
    const found = async (from: number, to: number): Promise<boolean> => rows(await call(sandbox, token, 'outlets/getAll', { Limitation: { Count: 1000 }, UpdatedUtc: { StartUtc: at(from), EndUtc: at(to) } }), 'Outlets').some((row) => row['Id'] === made['Id']);
    expect(await Promise.all([found(moment, moment + 1000), found(moment - 1000, moment), found(moment - 1000, moment + 1000), found(moment, moment), found(moment + 1000, moment + 1000)])).toEqual([true, false, true, true, false]);
  });

  test('an update moves a record into the interval of its new time only', async () => {
    const token = pick(sandbox, 3);
    const { id } = enterpriseOf(token);
    const row = sandbox.world.list('reservations', id)[0];
    const from = Math.floor(sandbox.world.now() / 1000) * 1000;
    sandbox.world.update('reservations', idOf(row ?? {}), { ChannelNumber: 'changed' });
    const answer = await call(sandbox, token, reservations, { ...limitation, States: ['Confirmed', 'Started', 'Processed', 'Canceled', 'Optional', 'Inquired', 'Requested'], UpdatedUtc: { StartUtc: at(from), EndUtc: at(from + day) } });
    expect(rows(answer, 'Reservations')).toEqual([expect.objectContaining({ Id: row?.['Id'], ChannelNumber: 'changed' })]);
  });

  test('rows that Mews hides come only when asked for', async () => {
    const token = pick(sandbox, 0);
    const { id, chainId } = enterpriseOf(token);
    const ServiceIds = sandbox.world.list('services', id).map((service) => service['Id']);
    const period = { UpdatedUtc: { StartUtc: at(Date.now() - 80 * day), EndUtc: at(Date.now() + day) } };
    const bill = sandbox.world.create('bills', id, { CorrectionState: 'CorrectiveBill' });
    const customer = sandbox.world.create('customers', chainId);
    const item = sandbox.world.create('orderItems', id);
    const reservation = sandbox.world.create('reservations', id);
    for (const [collection, record] of [['customers', customer], ['orderItems', item], ['reservations', reservation]] as const) sandbox.world.deactivate(collection, idOf(record));
    const cases: [string, string, object, object][] = [
      ['accountingCategories/getAll', 'AccountingCategories', {}, { ActivityStates: ['Active', 'Deleted'] }],
      ['resourceCategories/getAll', 'ResourceCategories', { ServiceIds }, { ActivityStates: ['Active', 'Deleted'] }],
      ['resources/getAll', 'Resources', { Extent: { Resources: true } }, { Extent: { Resources: true, Inactive: true } }],
      ['customers/getAll', 'Customers', { Extent: { Customers: true }, CustomerIds: [customer['Id']] }, { ActivityStates: ['Deleted'] }],
      ['bills/getAll', 'Bills', { BillIds: [bill['Id']] }, { CorrectionState: ['CorrectiveBill'] }],
      ['orderItems/getAll', 'OrderItems', { OrderItemIds: [item['Id']] }, { AccountingStates: ['Canceled'] }],
      [reservations, 'Reservations', { ...period, ReservationIds: [reservation['Id']] }, { States: ['Canceled'] }],
      ['products/getAll', 'Products', { ServiceIds }, { IncludeDefault: true }],
    ];
    for (const [path, list, base, asking] of cases) {
      const [hidden, shown] = [await all(sandbox, token, path, list, base), await all(sandbox, token, path, list, { ...base, ...asking })];
      expect([path, shown.length - hidden.length > 0]).toEqual([path, true]);
    }
  });

  test('a false extent empties the list and keeps the cursor; addresses come only with theirs', async () => {
    const token = pick(sandbox, 0);
    sandbox.world.addRecords('customers', enterpriseOf(token).chainId, 30);
    const none = await call(sandbox, token, 'resources/getAll', { ...limitation, Extent: { Resources: false } });
    expect([none.body['Resources'], typeof none.body['Cursor']]).toEqual([[], 'string']);
    const body = { Limitation: { Count: 1000 }, CreatedUtc: { StartUtc: at(Date.now() - 80 * day), EndUtc: at(Date.now()) } };
    const [without, withThem] = [await call(sandbox, token, 'customers/getAll', { ...body, Extent: { Customers: true } }), await call(sandbox, token, 'customers/getAll', { ...body, Extent: { Customers: true, Addresses: true } })];
    expect([rows(without, 'Customers'), rows(withThem, 'Customers')].map((list) => list.some((row) => row['Address'] !== null))).toEqual([false, true]);
  });

  test('customer products come with the first page of products', async () => {
    const token = pick(sandbox, 0);
    const ServiceIds = sandbox.world.list('services', enterpriseOf(token).id).map((service) => service['Id']);
    const first = await call(sandbox, token, 'products/getAll', { Limitation: { Count: 2 }, ServiceIds, IncludeDefault: true });
    const second = await call(sandbox, token, 'products/getAll', { Limitation: { Count: 2, Cursor: first.body['Cursor'] }, ServiceIds, IncludeDefault: true });
    expect([rows(first, 'CustomerProducts').length, rows(second, 'CustomerProducts').length]).toEqual([2, 0]);
  });
});
