// The world behind the sandbox: who reaches what, what a seed fixes, and that it lives.
import { expect, test } from '@jest/globals';
import { startSandbox, World, type Sandbox } from '../../apps/sandbox/src/index.js';
import { operations } from '../../apps/sandbox/src/operations.js';
import { platform } from '../../apps/sandbox/src/record.js';
import { call, enterpriseOf, pick, rows, small } from './harness.js';

async function using<T>(run: (sandbox: Sandbox) => Promise<T>, options = {}): Promise<T> {
  const sandbox = await small(options);
  try { return await run(sandbox); } finally { await sandbox.stop(); }
}
const limitation = { Limitation: { Count: 1000 } };
const token = /^[0-9A-F]{32}-[0-9A-F]{31}$/;

test('the demo world starts at once with four enterprise tokens and a portfolio of five enterprises in two chains', async () => {
  const before = performance.now();
  const sandbox = await startSandbox();
  try {
    expect(performance.now() - before).toBeLessThan(1000);
    expect(sandbox.tokens.map(({ kind, enterprises }) => [kind, enterprises.length])).toEqual([['enterprise', 1], ['enterprise', 1], ['enterprise', 1], ['enterprise', 1], ['portfolio', 5]]);
    const chainsOf = (tokens: typeof sandbox.tokens): number => new Set(tokens.flatMap(({ enterprises }) => enterprises.map(({ chainId }) => chainId))).size;
    expect([chainsOf(sandbox.tokens), chainsOf(sandbox.tokens.slice(0, 4)), chainsOf(sandbox.tokens.slice(4))]).toEqual([5, 3, 2]);
    expect(new Set(sandbox.tokens.flatMap(({ enterprises }) => enterprises.map(({ timeZone }) => timeZone))).size).toBeGreaterThanOrEqual(7);
    for (const { clientToken, accessToken } of sandbox.tokens) { expect(clientToken).toMatch(token); expect(accessToken).toMatch(token); }
    expect(sandbox.world.list('reservations', enterpriseOf(pick(sandbox, 0)).id)).toHaveLength(1400);
  } finally { await sandbox.stop(); }
});

test('a portfolio token is told by its dummy enterprise, which no list has', () => using(async (sandbox) => {
  const [single, portfolio] = [pick(sandbox, 0), pick(sandbox, 4)];
  const { Enterprise: dummy } = (await call(sandbox, portfolio, 'configuration/get')).body;
  const listed = rows(await call(sandbox, portfolio, 'enterprises/getAll', limitation), 'Enterprises').map((row) => row['Id']);
  expect(dummy).toMatchObject({ IsPortfolio: true });
  for (const Id of listed) expect(dummy).not.toMatchObject({ Id });
  expect(new Set(listed)).toEqual(new Set(portfolio.enterprises.map(({ id }) => id)));
  expect((await call(sandbox, single, 'configuration/get')).body['Enterprise']).toMatchObject({ Id: enterpriseOf(single).id, IsPortfolio: false });
  expect((await call(sandbox, portfolio, 'configuration/get', { EnterpriseId: enterpriseOf(single).id })).status).toBe(400);
}));

test('EnterpriseIds narrow a portfolio token, and without them it lists all', () => using(async (sandbox) => {
  const portfolio = pick(sandbox, 4);
  const { id } = enterpriseOf(portfolio);
  const everything = rows(await call(sandbox, portfolio, 'services/getAll', limitation), 'Services');
  const narrowed = rows(await call(sandbox, portfolio, 'services/getAll', { ...limitation, EnterpriseIds: [id] }), 'Services');
  expect([new Set(everything.map((row) => row['EnterpriseId'])).size, new Set(narrowed.map((row) => row['EnterpriseId']))]).toEqual([5, new Set([id])]);
}));

test('customers want ChainIds of a portfolio token and ignore them otherwise', () => using(async (sandbox) => {
  const [single, portfolio] = [pick(sandbox, 0), pick(sandbox, 4)];
  const body = { ...limitation, Extent: { Customers: true }, LastNames: ['Müller', 'Smith', 'Tanaka', 'Ünal', 'Żak'] };
  expect((await call(sandbox, portfolio, 'customers/getAll', body)).status).toBe(400);
  const { chainId } = enterpriseOf(portfolio);
  const guests = rows(await call(sandbox, portfolio, 'customers/getAll', { ...body, ChainIds: [chainId] }), 'Customers');
  expect(new Set(guests.map((row) => row['ChainId']))).toEqual(new Set([chainId]));
  const own = rows(await call(sandbox, single, 'customers/getAll', { ...body, ChainIds: [chainId] }), 'Customers');
  expect(new Set(own.map((row) => row['ChainId']))).toEqual(new Set([enterpriseOf(single).chainId]));
}));

test('a portfolio gains and loses enterprises', () => using(async (sandbox) => {
  const portfolio = pick(sandbox, 4);
  const gained = sandbox.world.addEnterprise();
  const lost = enterpriseOf(portfolio).id;
  sandbox.world.link(portfolio.accessToken, gained.id);
  sandbox.world.unlink(portfolio.accessToken, lost);
  const ids = rows(await call(sandbox, portfolio, 'enterprises/getAll', limitation), 'Enterprises').map((row) => row['Id']);
  expect([ids.includes(gained.id), ids.includes(lost), ids.length]).toEqual([true, false, 5]);
  expect((await call(sandbox, portfolio, 'services/getAll', { ...limitation, EnterpriseIds: [lost] })).status).toBe(400);
  expect(rows(await call(sandbox, portfolio, 'services/getAll', { ...limitation, EnterpriseIds: [gained.id] }), 'Services').length).toBeGreaterThan(0);
}));

test('the same seed and birth give the same world, whatever was looked at first, also after it lived on', () => {
  const epochMs = Date.UTC(2026, 5, 1);
  const look = (first: number): string => {
    const world = new World({ seed: 's', profile: 'small', epochMs, now: () => epochMs + 3_600_000 });
    const ids = [...world.enterprises.keys()];
    world.rows('reservations', ids.slice(first, first + 1));
    while (world.catchUp(10_000, 100));
    return JSON.stringify([world.tokens.map(({ accessToken }) => accessToken), [platform, ...world.chains.map(({ id }) => id), ...ids].map((owner) => [...operations.values()].map(({ collection }) => world.list(collection, owner)))]);
  };
  expect(look(1)).toBe(look(6));
});

test('another seed gives other tokens', () => {
  const tokens = ['a', 'b'].flatMap((seed) => new World({ seed }).tokens.map(({ accessToken }) => accessToken));
  expect(new Set(tokens).size).toBe(10);
});

test('while it lives, each tick shows in what was updated since', () => using(async (sandbox) => {
  const since = Math.floor(sandbox.world.now() / 1000) * 1000;
  for (let i = 0; i < 600; i++) sandbox.world.tick();
  const changed = { UpdatedUtc: { StartUtc: new Date(since).toISOString(), EndUtc: new Date(since + 60_000).toISOString() } };
  const states = { States: ['Inquired', 'Confirmed', 'Started', 'Processed', 'Canceled', 'Optional', 'Requested'] };
  const portfolio = pick(sandbox, 4);
  for (const [path, list, more] of [['reservations/getAll/2023-06-06', 'Reservations', states], ['orderItems/getAll', 'OrderItems', {}], ['payments/getAll', 'Payments', {}], ['bills/getAll', 'Bills', {}]] as const) {
    expect([path, rows(await call(sandbox, portfolio, path, { ...limitation, ...changed, ...more }), list).length > 0]).toEqual([path, true]);
  }
}));

test('a skewed world answers with its own time', () => using(async (sandbox) => {
  sandbox.world.skewMs = 300_000;
  const answer = await call(sandbox, pick(sandbox, 0), 'configuration/get');
  expect(Date.parse(answer.headers.get('date') ?? '') - Date.now()).toBeGreaterThan(290_000);
  expect(Date.parse(String(answer.body['NowUtc'])) - Date.now()).toBeGreaterThan(290_000);
}));

test('fifty thousand records of an enterprise are added and listed', () => using(async (sandbox) => {
  const info = pick(sandbox, 0);
  sandbox.world.addRecords('reservations', enterpriseOf(info).id, 50_000);
  const body = { States: ['Confirmed'], UpdatedUtc: { StartUtc: new Date(Date.now() - 85 * 86_400_000).toISOString(), EndUtc: new Date(Date.now() + 60_000).toISOString() } };
  let [cursor, found]: [unknown, number] = [null, 0];
  for (let page = 0; page < 60; page++) {
    const answer = await call(sandbox, info, 'reservations/getAll/2023-06-06', { ...body, Limitation: { Count: 1000, Cursor: cursor } });
    found += rows(answer, 'Reservations').length;
    cursor = answer.body['Cursor'];
    if (cursor === null) break;
  }
  expect(found).toBeGreaterThanOrEqual(50_000);
}));
