// Where a collection is listed unlike the others: what Mews hides, withholds, pages the other way round, or says in several lists.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { MewsRecord, Sandbox, TokenInfo } from '../../apps/sandbox/src/index.js';
import { idOf } from '../../apps/sandbox/src/record.js';
import { all, call, enterpriseOf, pick, rows, small } from './harness.js';

let sandbox: Sandbox;
beforeAll(async () => { sandbox = await small(); });
afterAll(() => sandbox.stop());

const limitation = { Limitation: { Count: 1000 } };
const sources = 'sourceAssignments/getAll/2024-09-20';
const day = 86_400_000;
const both = { ActivityStates: ['Active', 'Deleted'] };
const interval = (fromMs: number, toMs: number) => ({ StartUtc: new Date(fromMs).toISOString(), EndUtc: new Date(toMs).toISOString() });
const ids = (collection: string, owner: string, most = 1000): string[] => sandbox.world.list(collection, owner).slice(0, most).map((record) => idOf(record));
const lastWeek = () => ({ UpdatedUtc: interval(Date.now() - 7 * day, Date.now() + day) });
const idsOf = (records: readonly MewsRecord[] | Record<string, unknown>[]): unknown[] => records.map((record) => record['Id']);

describe('what Mews hides', () => {
  test('deleted and special records come only when asked for, also where nothing in them tells that they are deleted', async () => {
    const token = pick(sandbox, 0);
    const { id, chainId } = enterpriseOf(token);
    const ServiceIds = ids('services', id);
    const cases: [path: string, list: string, base: object, asking: object][] = [
      ['availabilityAdjustments/getAll', 'AvailabilityAdjustments', {}, both], ['availabilityBlocks/getAll', 'AvailabilityBlocks', { Extent: { AvailabilityBlocks: true } }, both], ['cashiers/getAll', 'Cashiers', {}, both], ['resourceBlocks/getAll', 'ResourceBlocks', {}, both],
      ['accountNotes/getAll', 'AccountNotes', {}, both], ['resourceFeatures/getAll', 'ResourceFeatures', { ServiceIds }, both], ['resourceFeatureAssignments/getAll', 'ResourceFeatureAssignments', { ResourceFeatureIds: ids('resourceFeatures', id) }, both],
      ['resourceCategoryImageAssignments/getAll', 'ResourceCategoryImageAssignments', { ResourceCategoryIds: ids('resourceCategories', id) }, both], ['cancellationPolicies/getAll', 'CancellationPolicies', { ServiceIds, RateGroupIds: ids('rateGroups', id) }, both], ['serviceOverbookingLimits/getAll', 'ServiceOverbookingLimits', { ServiceIds }, both],
      ['loyaltyPrograms/getAll', 'LoyaltyPrograms', {}, both], ['loyaltyMemberships/getAll', 'LoyaltyMemberships', {}, both], ['loyaltyTiers/getAll', 'LoyaltyTiers', { LoyaltyProgramIds: ids('loyaltyPrograms', chainId) }, both],
      ['serviceOrderNotes/getAll', 'ServiceOrderNotes', { ServiceOrderIds: ids('reservations', id) }, { Types: ['General', 'ChannelManager', 'SpecialRequest'] }],
    ];
    const deleted = sandbox.world.create('loyaltyMemberships', chainId);
    sandbox.world.deactivate('loyaltyMemberships', idOf(deleted));
    for (const [path, list, base, asking] of cases) {
      const [hidden, shown] = [await all(sandbox, token, path, list, base), await all(sandbox, token, path, list, { ...base, ...asking })];
      expect([path, hidden.length > 0, shown.length > hidden.length]).toEqual([path, true, true]);
    }
    const [gone] = rows(await call(sandbox, token, 'loyaltyMemberships/getAll', { ...limitation, LoyaltyMembershipIds: [deleted['Id']], ActivityStates: ['Deleted'] }), 'LoyaltyMemberships');
    expect(gone).toEqual(deleted);
    expect(Object.keys(gone ?? {}).filter((field) => ['IsActive', 'UpdatedUtc', 'CreatedUtc'].includes(field))).toEqual([]);
  });

  test('vouchers come with the deleted ones by default', async () => {
    const ServiceIds = ids('services', enterpriseOf(pick(sandbox, 0)).id);
    const found = rows(await call(sandbox, pick(sandbox, 0), 'vouchers/getAll', { ...limitation, ServiceIds, Extent: { Vouchers: true } }), 'Vouchers');
    expect(new Set(found.map((voucher) => voucher['IsActive']))).toEqual(new Set([true, false]));
  });

  test('a change shows in the interval of a record that does not say when it changed', async () => {
    const token = pick(sandbox, 0);
    const [membership] = sandbox.world.list('loyaltyMemberships', enterpriseOf(token).chainId);
    const from = Math.floor(sandbox.world.now() / 1000) * 1000;
    sandbox.world.update('loyaltyMemberships', idOf(membership ?? {}), { Points: 4711 });
    const found = rows(await call(sandbox, token, 'loyaltyMemberships/getAll', { ...limitation, ...both, UpdatedUtc: interval(from, from + day) }), 'LoyaltyMemberships');
    expect(found).toContainEqual({ ...membership, Points: 4711 });
    expect(found.length).toBeLessThan(4);
  });

  test('records are found by what others say of them', async () => {
    const token = pick(sandbox, 0);
    const { id } = enterpriseOf(token);
    const ServiceIds = ids('services', id);
    const code = sandbox.world.list('voucherCodes', id)[0];
    expect(idsOf(rows(await call(sandbox, token, 'vouchers/getAll', { ...limitation, ServiceIds, Extent: { Vouchers: true }, VoucherCodeValues: [code?.['Value']] }), 'Vouchers'))).toEqual([code?.['VoucherId']]);
    const [automation] = sandbox.world.list('billingAutomations', id);
    const CompanyIds = [JSON.parse(JSON.stringify(automation?.['CompaniesWithRelations']))[0].CompanyId];
    expect(idsOf(rows(await call(sandbox, token, 'billingAutomations/getAll', { ...limitation, CompanyIds }), 'BillingAutomations'))).toEqual([automation?.['Id']]);
  });

  test('a restriction without a start or an end collides with every time', async () => {
    const token = pick(sandbox, 0);
    const { id } = enterpriseOf(token);
    const at = (CollidingUtc: object) => call(sandbox, token, 'restrictions/getAll', { ...limitation, ServiceIds: ids('services', id), CollidingUtc });
    const [early, late] = [rows(await at(interval(0, day)), 'Restrictions'), rows(await at(interval(Date.now() + 900 * day, Date.now() + 901 * day)), 'Restrictions')];
    expect([early.length, late.length, sandbox.world.list('restrictions', id).length > 20]).toEqual([1, 2, true]);
  });
});

describe('what Mews withholds', () => {
  const restricted: [path: string, body: (token: TokenInfo) => object][] = [
    [sources, lastWeek], ['customers/getRelationships', ({ enterprises }) => ({ CustomerIds: ids('customers', enterprises[0]?.chainId ?? '', 100) })], ['fiscalMachineCommands/getAll', ({ enterprises }) => ({ CommandIds: ids('fiscalMachineCommands', enterprises[0]?.id ?? '') })],
    ['cancellationPolicies/getAll', ({ enterprises }) => ({ ServiceIds: ids('services', enterprises[0]?.id ?? ''), ...lastWeek() })], ['serviceOverbookingLimits/getAll', ({ enterprises }) => ({ ServiceIds: ids('services', enterprises[0]?.id ?? '') })],
  ];

  test('what is granted one by one is 401 until it is granted, and again when that is taken back', async () => {
    const token = pick(sandbox, 2);
    const asked = () => Promise.all(restricted.map(async ([path, body]) => (await call(sandbox, token, path, { ...limitation, ...body(token) })).status));
    const permit = (granted: boolean) => fetch(`${sandbox.url}/sandbox/world`, { method: 'POST', body: JSON.stringify({ do: 'permit', accessToken: token.accessToken, restricted: granted }) });
    expect(await asked()).toEqual([401, 401, 401, 401, 401]);
    await permit(true);
    expect(await asked()).toEqual([200, 200, 200, 200, 200]);
    await permit(false);
    expect(await asked()).toEqual([401, 401, 401, 401, 401]);
  });

  test('a portfolio token is refused the eight operations that do not serve it, and no other', async () => {
    const token = pick(sandbox, 4);
    for (const [path, body] of [['countries/getAll', {}], ['currencies/getAll', {}], ['languages/getAll', {}], ['sources/getAll', limitation], ['taxEnvironments/getAll', {}], ['taxations/getAll', {}], ['devices/getAll', {}], ['preauthorizations/getAllByCustomers', { CustomerIds: [] }]] as const) {
      expect([path, (await call(sandbox, token, path, body)).status, (await call(sandbox, pick(sandbox, 3), path, body)).status]).toEqual([path, 401, 200]);
    }
    expect((await call(sandbox, token, 'departments/getAll', limitation)).status).toBe(200);
  });

  const tooLong = interval(Date.UTC(2026, 0, 1), Date.UTC(2026, 1, 2));
  const uuid = '00000000-0000-4000-8000-000000000000', hundred = Array.from({ length: 101 }, () => uuid);
  const refused: [what: string, path: string, body: object][] = [
    ['companionships by their update alone', 'companionships/getAll', { Extent: { Customers: false }, ...lastWeek() }], ['companionships without an extent', 'companionships/getAll', { ReservationIds: [] }], ['cash transactions without a filter', 'cashierTransactions/getAll', {}], ['outlet items without a filter', 'outletItems/getAll', {}], ['messages without threads', 'messages/getAll', {}],
    ['messages of more than a month', 'messages/getAll', { MessageThreadIds: [], CreatedUtc: tooLong }], ['ledgers without their types', 'ledgerBalances/getAll', { Date: { Start: '2026-01-01', End: '2026-01-31' } }], ['ledgers of more than a month', 'ledgerBalances/getAll', { LedgerTypes: ['Tax'], Date: { Start: '2026-01-01', End: '2026-02-15' } }], ['a ledger that is none', 'ledgerBalances/getAll', { LedgerTypes: ['Wishes'], Date: { Start: '2026-01-01', End: '2026-01-31' } }],
    ['tasks by departments alone', 'tasks/getAll', { DepartmentIds: [] }], ['documents of 101 customers', 'identityDocuments/getAll', { CustomerIds: hundred }], ['commands of devices in no state', 'fiscalMachineCommands/getAll', { DeviceIds: [uuid] }], ['commands of 101 devices', 'fiscalMachineCommands/getAll', { DeviceIds: hundred, States: ['Error'] }], ['relationships of 101 customers', 'customers/getRelationships', { CustomerIds: hundred }],
    ['source assignments of more than a month', sources, { UpdatedUtc: tooLong }], ['tiers without programmes', 'loyaltyTiers/getAll', {}], ['policies by services alone', 'cancellationPolicies/getAll', { ServiceIds: [] }], ['rules without an extent', 'rules/getAll', { ServiceIds: [] }],
  ];
  for (const [what, path, body] of refused) test(`${what}: 400`, async () => { expect((await call(sandbox, pick(sandbox, 0), path, { ...limitation, ...body })).status).toBe(400); });
});

describe('source assignments', () => {
  test('their cursor means nothing to a client and goes from older to newer', async () => {
    const token = pick(sandbox, 0);
    const written = sandbox.world.list('sourceAssignments', enterpriseOf(token).id);
    const [found, cursors]: [Record<string, unknown>[], unknown[]] = [[], []];
    for (let cursor: unknown = null; ;) {
      const answer = await call(sandbox, token, sources, { Limitation: { Count: 4, Cursor: cursor } });
      cursor = answer.body['Cursor'];
      if (cursor === null) break;
      found.push(...rows(answer, 'SourceAssignments'));
      cursors.push(cursor);
    }
    expect(written.length).toBeGreaterThan(8);
    expect(found).toEqual(written);
    expect(cursors.filter((cursor) => written.some((record) => record['Id'] === cursor))).toEqual([]);
    expect((await call(sandbox, token, sources, { Limitation: { Count: 4, Cursor: found[0]?.['Id'] } })).status).toBe(400);
  });

  test('a token that is not permitted gets them from the older operation, by group and without times', async () => {
    const token = pick(sandbox, 1);
    const { id } = enterpriseOf(token);
    expect((await call(sandbox, token, sources, { ...limitation, ...lastWeek() })).status).toBe(401);
    const found = rows(await call(sandbox, token, 'sourceAssignments/getAll', limitation), 'SourceAssignments');
    const groupOf = (assignment: MewsRecord) => sandbox.world.get('reservations', String(assignment['ReservationId']))?.['GroupId'];
    expect(found).toEqual(sandbox.world.list('sourceAssignments', id).map((one) => ({ Id: one['Id'], ReservationGroupId: groupOf(one), SourceId: one['SourceId'], IsPrimary: one['IsPrimary'] })).reverse());
    expect(found.length).toBeGreaterThan(0);
  });

  test('a portfolio token has to name one enterprise', async () => {
    const token = pick(sandbox, 4);
    sandbox.world.permit(token.accessToken, true);
    const asked = async (more: object) => (await call(sandbox, token, sources, { ...limitation, ...more })).status;
    const [one = '', other = ''] = token.enterprises.map(({ id }) => id);
    expect([await asked({}), await asked({ EnterpriseIds: [one] }), await asked({ EnterpriseIds: [one, other] })]).toEqual([400, 200, 400]);
    sandbox.world.permit(token.accessToken, false);
  });
});

describe('several lists in one answer', () => {
  test('a page of outlet items has their bills, and those only', async () => {
    const answer = await call(sandbox, pick(sandbox, 0), 'outletItems/getAll', { Limitation: { Count: 5 }, UpdatedUtc: interval(Date.now() - 85 * day, Date.now()) });
    expect(new Set(idsOf(rows(answer, 'OutletBills')))).toEqual(new Set(rows(answer, 'OutletItems').map((item) => item['BillId'])));
  });

  test('an outlet item is found by the time of its bill', async () => {
    const token = pick(sandbox, 0);
    const bill = sandbox.world.list('outletBills', enterpriseOf(token).id).at(-1);
    const closed = Date.parse(String(bill?.['ClosedUtc']));
    const found = rows(await call(sandbox, token, 'outletItems/getAll', { ...limitation, ClosedUtc: interval(closed, closed) }), 'OutletItems');
    expect(new Set(found.map((item) => item['BillId']))).toEqual(new Set([bill?.['Id']]));
  });

  test('actions of rules, codes and rates of vouchers, adjustments of blocks come when asked for', async () => {
    const token = pick(sandbox, 0);
    const ServiceIds = ids('services', enterpriseOf(token).id);
    const cases: [path: string, primary: string, body: object, further: [list: string, field: string][]][] = [
      ['rules/getAll', 'Rules', { ServiceIds }, [['RuleActions', 'RuleId']]], ['vouchers/getAll', 'Vouchers', { ServiceIds }, [['VoucherAssignments', 'VoucherId'], ['VoucherCodes', 'VoucherId']]], ['availabilityBlocks/getAll', 'AvailabilityBlocks', {}, [['Adjustments', 'AvailabilityBlockId']]],
    ];
    for (const [path, primary, body, further] of cases) for (const [list, field] of further) {
      const without = await call(sandbox, token, path, { ...limitation, ...body, Extent: { [list]: false } });
      const answer = await call(sandbox, token, path, { ...limitation, ...body, Extent: { ...(path !== 'rules/getAll' && { [primary]: true }), [list]: true } });
      expect([list, without.body[list]]).toEqual([list, null]);
      expect(new Set(rows(answer, list).map((one) => one[field]))).toEqual(new Set(idsOf(rows(answer, primary))));
    }
  });

  test('counters come again by their type, rates with their blocks and, unless told otherwise, their groups', async () => {
    const token = pick(sandbox, 0);
    const { body: counters } = await call(sandbox, token, 'counters/getAll', limitation);
    expect(counters['BillCounters']).toEqual((counters['Counters'] as MewsRecord[]).filter(({ Type }) => Type === 'BillCounter'));
    expect(counters['BillCounters']).toHaveLength(2);
    const ServiceIds = ids('services', enterpriseOf(token).id);
    const plain = await call(sandbox, token, 'rates/getAll', { ...limitation, ServiceIds });
    const narrow = await call(sandbox, token, 'rates/getAll', { ...limitation, ServiceIds, Extent: { Rates: true, AvailabilityBlockAssignments: true } });
    expect([rows(plain, 'RateGroups').length, plain.body['AvailabilityBlockAssignments'], rows(narrow, 'RateGroups').length]).toEqual([1, undefined, 0]);
    expect(rows(narrow, 'AvailabilityBlockAssignments')).toHaveLength(sandbox.world.list('availabilityBlocks', enterpriseOf(token).id).length);
  });
});

test('life goes on around the stays: messages, tasks, parties, ledgers and outlets change, and restrictions get other ids', async () => {
  const { world } = sandbox;
  const hotels = [...world.enterprises.keys()];
  const look = (collection: string) => new Map(hotels.flatMap((id) => world.list(collection, id)).map((record) => [JSON.stringify([record['Id'], record['EnterpriseId'], record['Date'], record['LedgerType']]), JSON.stringify(record)]));
  const collections = ['messages', 'messageThreads', 'tasks', 'companionships', 'ledgerBalances', 'outletItems', 'restrictions'];
  const before = collections.map(look), conditions = () => hotels.map((id) => world.list('restrictions', id).map((record) => JSON.stringify(record['Conditions'])).toSorted());
  const closed = () => hotels.flatMap((id) => world.list('tasks', id)).filter((task) => task['State'] === 'Closed').length;
  const [conditionsBefore, closedBefore] = [conditions(), closed()];
  for (let i = 0; i < 1200; i++) world.tick();
  for (const [i, collection] of collections.entries()) {
    const after = look(collection);
    expect([collection, [...after].some(([key, record]) => before[i]?.get(key) !== record)]).toEqual([collection, true]);
  }
  const gone = (collection: string) => { const after = look(collection); return [...before[collections.indexOf(collection)]?.keys() ?? []].filter((key) => !after.has(key)).length; };
  expect([gone('restrictions') > 0, gone('companionships') > 0, gone('messages'), closed() > closedBefore]).toEqual([true, true, 0, true]);
  expect(conditions()).toEqual(conditionsBefore);
});

test('who books while one watches comes along, and what is bought for cash goes through a till', () => {
  const { world } = sandbox;
  const hotels = [...world.enterprises.keys()];
  const listed = (collection: string) => hotels.flatMap((id) => world.list(collection, id));
  const known = new Set([...listed('reservations'), ...listed('payments')].map(idOf));
  for (let i = 0; i < 600; i++) world.tick();
  const isNew = (record: MewsRecord) => !known.has(idOf(record));
  const booked = listed('reservations').filter(isNew), cash = listed('payments').filter((payment) => isNew(payment) && payment['Type'] === 'CashPayment');
  const [accompanied, sourced, taken] = (['companionships', 'sourceAssignments', 'cashierTransactions'] as const).map((collection) => new Set(listed(collection).map((record) => record[collection === 'cashierTransactions' ? 'PaymentId' : 'ReservationId'])));
  const [channel, direct] = [booked.filter(({ Origin }) => Origin === 'ChannelManager'), booked.filter(({ Origin }) => Origin !== 'ChannelManager')];
  expect([channel.length > 9, direct.length > 9, listed('payments').filter(isNew).length > 9]).toEqual([true, true, true]);
  expect(booked.filter(({ Id }) => !accompanied?.has(Id ?? null))).toEqual([]);
  expect([channel.filter(({ Id }) => !sourced?.has(Id ?? null)), direct.filter(({ Id }) => sourced?.has(Id ?? null))]).toEqual([[], []]);
  // A payment that came with the booking itself is not taken at the desk.
  expect(cash.filter(({ Id }) => taken?.has(Id ?? null)).length).toBeGreaterThan(2);
});
