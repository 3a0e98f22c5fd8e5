// Guarantees about tokens and connections that come and go: runs that nobody wants end at once, and a chain's records outlive the token
// that found them first and are deleted when no token sees them any more.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { collection as entryNamed, type CollectionEntry } from '@keyrack/mews';
import { startSandbox } from '../../apps/sandbox/src/index.js';
import { startKeyrack, until, type Keyrack } from '../harness/keyrack.js';
import { changes, runsOf, stored, type Run } from './mirror.js';
import { add } from './seed.js';

let keyrack: Keyrack, hotel: string, chainId: string;
beforeAll(async () => {
  keyrack = await startKeyrack();
  hotel = keyrack.sandbox.tokens[0]?.enterprises[0]?.id ?? '';
  chainId = keyrack.sandbox.tokens[0]?.enterprises[0]?.chainId ?? '';
}, 120_000);
afterAll(async () => { await keyrack.stop(); });
afterEach(() => { keyrack.sandbox.faults.clear(); });

const world = () => keyrack.sandbox.world;
const entry = (name: string): CollectionEntry => {
  const found = entryNamed(name);
  if (!found) throw new Error(`no collection ${name}`);
  return found;
};
const run = async (id: string): Promise<Run> => (await keyrack.call('GET', `/runs/${id}`)).body as Run;
const start = async (body: object): Promise<string> => (await keyrack.call('POST', '/syncs', { enterpriseIds: [hotel], ...body })).body.runIds[0] as string;
const sync = async (id: string, collection: string): Promise<Run | undefined> => (await runsOf(keyrack, await keyrack.sync({ enterpriseIds: [id], collections: [collection], mode: 'full' })))[collection];
const under = async (): Promise<string> => {
  keyrack.sandbox.faults.add({ kind: 'delay', ms: 700, path: 'orderItems/getAll' });
  const id = await start({ collections: ['orderItems'], mode: 'full' });
  await until(20_000, async () => ((await run(id)).state === 'running' ? true : undefined));
  return id;
};
/** What is asked after a moment in which an answer may still be on its way. */
const asked = async (): Promise<number> => {
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const before = keyrack.sandbox.log.requests(undefined, 'orderItems/getAll').length;
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  return keyrack.sandbox.log.requests(undefined, 'orderItems/getAll').length - before;
};

/** What the trail tells of runs that were stopped, newest first. */
const stopped = async () => (await keyrack.call('GET', '/audit?action=runs.stopped')).body.items.map(({ subject }: { subject: object }) => subject);

test('a disconnected enterprise stops the run under way, with the reason, and its records stay', async () => {
  const token = (await keyrack.onboard(0)).body.id as string;
  await keyrack.untilIdle(100_000);
  await keyrack.database.owner.query('update schedule set enabled = false');
  const before = (await stored(keyrack, 'orderItems')).size;
  const id = await under();
  expect((await keyrack.call('DELETE', `/enterprises/${hotel}/connection`)).status).toBe(204);
  expect(await run(id)).toMatchObject({ state: 'cancelled', error: { code: 'run.disconnected', message: expect.stringContaining('disconnected') } });
  expect(await stopped()).toEqual([{ switchedOff: 0, disconnected: 1 }]);
  expect(await asked()).toBe(0);
  expect((await stored(keyrack, 'orderItems')).size).toBe(before);
  await keyrack.call('PUT', `/enterprises/${hotel}/connection`, { accessTokenId: token });
}, 200_000);

test('a disabled token stops the run under way, with the reason; a paused one too', async () => {
  const [token] = (await keyrack.call('GET', '/access-tokens')).body.items as { id: string }[];
  const id = await under();
  const paused = await start({ collections: ['payments'], mode: 'full' });
  await keyrack.call('POST', `/runs/${paused}/pause`);
  expect((await keyrack.call('POST', `/access-tokens/${token?.id}/disable`)).status).toBe(200);
  for (const one of [id, paused]) expect(await run(one)).toMatchObject({ state: 'cancelled', error: { code: 'access_token.not_active', message: expect.stringContaining('disabled') } });
  expect((await stopped())[0]).toEqual({ switchedOff: 2, disconnected: 0 });
  expect(await asked()).toBe(0);
  expect((await keyrack.call('POST', `/access-tokens/${token?.id}/enable`)).status).toBe(200);
}, 60_000);

test('a chain that two tokens see: what one no longer lists stays while the other does, and goes with the last', async () => {
  const other = world().addEnterprise({ chainId });
  const portfolio = world().issueToken({ enterprises: [other.id], kind: 'portfolio', restricted: true });
  const guest = String(world().list('customers', chainId).at(-1)?.['Id']);
  portfolio.unseen.add(guest);
  world().unknownIds = 'refused';
  await keyrack.onboard(keyrack.sandbox.tokens.findIndex((one) => one.accessToken === portfolio.accessToken));
  await keyrack.untilIdle(100_000);
  await keyrack.database.owner.query('update schedule set enabled = false');
  // A token may not see every profile of its chain, and is asked by the ids of those that it does.
  for (const [path, property] of [['identityDocuments/getAll', 'CustomerIds'], ['customers/getRelationships', 'CustomerIds'], ['loyaltyTiers/getAll', 'LoyaltyProgramIds']] as const) {
    const by = (token: string | undefined) => keyrack.sandbox.log.requests(token, path).flatMap(({ status, body }) => [status, (body[property] as string[]).includes(guest)]);
    expect([path, by(portfolio.accessToken).includes(200), by(portfolio.accessToken).includes(400), by(portfolio.accessToken).includes(true)]).toEqual([path, true, false, false]);
    expect([path, by(world().tokens[0]?.accessToken).includes(true)]).toEqual([path, property === 'CustomerIds']);
  }
  world().unknownIds = 'ignored';
  const companies = world().list('companies', chainId).map((record) => String(record['Id']));
  const [shared = '', gone = ''] = companies;
  for (const id of [hotel, other.id]) expect((await sync(id, 'companies'))?.state).toBe('succeeded');
  const since = (await changes(keyrack, 'companies')).cursor;

  world().tokens[0]?.unseen.add(shared);
  expect(await sync(hotel, 'companies')).toMatchObject({ state: 'succeeded', records: { deleted: 0 } });
  expect((await changes(keyrack, 'companies', since)).items).toEqual([]);
  world().vanish('companies', gone);
  // Whose turn comes first makes no difference: a token that no longer sees a record does not keep it alive.
  for (const id of [other.id, hotel]) await sync(id, 'companies');
  expect((await changes(keyrack, 'companies', since)).items.map(({ id, change }) => [id, change])).toEqual([[gone, 'deleted']]);
  expect((await stored(keyrack, 'companies')).size).toBe(companies.length - 1);

  // The token that found most of them first is revoked: what the other sees is kept in step by it.
  const [own] = ((await keyrack.call('GET', '/access-tokens')).body.items as { id: string; kind: string }[]).filter(({ kind }) => kind === 'enterprise');
  expect((await keyrack.call('DELETE', `/access-tokens/${own?.id}`)).status).toBe(204);
  const last = companies[3] ?? '';
  for (let i = 0; i < 2; i++) expect((await sync(other.id, 'companies'))?.state).toBe('succeeded');
  expect((await changes(keyrack, 'companies', since)).items.length).toBe(1);
  world().vanish('companies', last);
  await sync(other.id, 'companies');
  expect((await changes(keyrack, 'companies', since)).items.map(({ id, change }) => [id, change])).toEqual([[gone, 'deleted'], [last, 'deleted']]);
  const { rows: [wrong] } = await keyrack.database.owner.query(`select count(*)::int as n from record_count c where c.collection = 'companies' and live <> (select count(*) from record r where r.collection = c.collection and r.source = c.source and r.deleted_at is null)`);
  expect(wrong?.n).toBe(0);
}, 200_000);

test('of what two tokens of a chain see as much may go as of what one sees, whichever found it first', async () => {
  const { id: chain } = world().addChain('Found twice');
  const houses = [1, 2].map(() => world().addEnterprise({ chainId: chain }).id), [first = '', second = ''] = houses;
  const companies = Array.from({ length: 30 }, () => add(world(), entry('companies'), first));
  for (const [enterprises, kind] of [[[first], 'portfolio'], [[second], 'enterprise']] as const) {
    const token = world().issueToken({ enterprises: [...enterprises], kind });
    await keyrack.onboard(keyrack.sandbox.tokens.findIndex((one) => one.accessToken === token.accessToken), [...enterprises]);
    await keyrack.untilIdle(100_000);
  }
  await keyrack.database.owner.query('update schedule set enabled = false');
  const read = async () => [await sync(first, 'companies'), await sync(second, 'companies')].map((one) => [one?.state, one?.records.deleted]);
  const there = async (id: string) => (await stored(keyrack, 'companies', `&chainId=${chain}`)).has(id);
  const [gone = '', ...more] = companies;
  world().vanish('companies', gone);
  expect([await read(), await there(gone)]).toEqual([[['succeeded', 0], ['succeeded', 1]], false]);
  for (const id of more.slice(0, 5)) world().vanish('companies', id);
  expect([await read(), await there(more[0] ?? '')]).toEqual([[['succeeded', 0], ['needs_review', 0]], true]);
}, 200_000);

test('what a chain\'s token may not read is read by another of the tenant that opens any enterprise of the chain', async () => {
  const { id: chain } = world().addChain('Two houses');
  const houses = [1, 2].map(() => world().addEnterprise({ chainId: chain }).id).sort(), [first = '', second = ''] = houses;
  const customer = add(world(), entry('customers'), first);
  add(world(), entry('customerRelationships'), first, { parentId: customer });
  const portfolio = world().issueToken({ enterprises: houses, kind: 'portfolio' }), own = world().issueToken({ enterprises: [second], restricted: true });
  const indexOf = (token: { accessToken: string }) => keyrack.sandbox.tokens.findIndex((one) => one.accessToken === token.accessToken);
  await keyrack.onboard(indexOf(portfolio), houses);
  await keyrack.untilIdle(100_000);
  const unavailable = async () => ((await keyrack.call('GET', '/stats')).body.unavailable as { collection: string; chainId: string | null }[]).filter((one) => one.chainId === chain).map(({ collection }) => collection);
  expect(await unavailable()).toContain('customerRelationships');
  await keyrack.onboard(indexOf(own), 'none');
  await until(60_000, async () => ((await unavailable()).includes('customerRelationships') ? undefined : true));
  await keyrack.untilIdle(60_000);
  expect(await unavailable()).toEqual([]);
  expect([...(await stored(keyrack, 'customerRelationships')).values()].map(({ record }) => record['CustomerId'])).toContain(customer);
}, 200_000);

test('what a chain\'s token has read and one that stands in for it does not see is not deleted', async () => {
  const { id: chain } = world().addChain('Half seen');
  const houses = [1, 2].map(() => world().addEnterprise({ chainId: chain }).id), [first = '', second = ''] = houses;
  const [, concealed = ''] = Array.from({ length: 3 }, () => add(world(), entry('companies'), first));
  const portfolio = world().issueToken({ enterprises: houses, kind: 'portfolio' }), own = world().issueToken({ enterprises: [second] });
  own.unseen.add(concealed);
  const onboard = async (token: { accessToken: string }, connect: string[] | 'none'): Promise<string> => {
    const { body } = await keyrack.onboard(keyrack.sandbox.tokens.findIndex((one) => one.accessToken === token.accessToken), connect);
    await keyrack.untilIdle(100_000);
    return body.id as string;
  };
  const id = await onboard(portfolio, houses);
  await onboard(own, 'none');
  portfolio.denied.add('companies/getAll');
  const seen = keyrack.sandbox.log.requests(own.accessToken, 'companies/getAll').length;
  expect(await sync(first, 'companies')).toMatchObject({ state: 'succeeded', records: { deleted: 0 } });
  expect(keyrack.sandbox.log.requests(own.accessToken, 'companies/getAll').length).toBeGreaterThan(seen);
  expect((await stored(keyrack, 'companies')).has(concealed)).toBe(true);

  portfolio.denied.clear();
  await keyrack.call('POST', `/access-tokens/${id}/verify`);
  await keyrack.untilIdle(100_000);
  world().vanish('companies', concealed);
  expect(await sync(first, 'companies')).toMatchObject({ state: 'succeeded', records: { deleted: 1 } });
}, 200_000);

test('a token that takes over while a run of another one is under way tries the operation that Mews refused to that one', async () => {
  const beta = 'sourceAssignments/getAll/2024-09-20', house = world().addEnterprise({ chainId: world().addChain('Taken over').id }).id;
  add(world(), entry('sourceAssignments'), house);
  const portfolio = world().issueToken({ enterprises: [house], kind: 'portfolio' }), own = world().issueToken({ enterprises: [house] });
  const onboard = (token: { accessToken: string }) => keyrack.onboard(keyrack.sandbox.tokens.findIndex((one) => one.accessToken === token.accessToken), [house]);
  portfolio.denied.add(beta);
  await onboard(portfolio);
  await keyrack.untilIdle(100_000);
  const requestsOf = (token: { accessToken: string }, path: string): number => keyrack.sandbox.log.requests(token.accessToken, path).length, before = requestsOf(portfolio, 'sourceAssignments/getAll');
  keyrack.sandbox.faults.add({ kind: 'delay', ms: 5_000, path: 'sourceAssignments/getAll' });
  const id = await start({ enterpriseIds: [house], collections: ['sourceAssignments'], mode: 'full' });
  await until(20_000, async () => (requestsOf(portfolio, 'sourceAssignments/getAll') > before ? true : undefined));
  await onboard(own);
  expect((await run(id)).state).toBe('running');
  await keyrack.untilIdle(100_000);
  keyrack.sandbox.faults.clear();
  const since = requestsOf(own, beta);
  expect(await sync(house, 'sourceAssignments')).toMatchObject({ state: 'succeeded', mode: 'full' });
  expect(requestsOf(own, beta)).toBeGreaterThan(since);
}, 200_000);

test('the trouble of one token of a chain does not hold up what another one reads by the ids of the chain\'s records', async () => {
  const { id: chain } = world().addChain('Apart');
  const house = () => {
    const { id } = world().addEnterprise({ chainId: chain });
    return { id, accessToken: world().issueToken({ enterprises: [id] }).accessToken };
  };
  const [troubled, well] = [house(), house()];
  const customer = add(world(), entry('customers'), well.id);
  for (const { accessToken } of [troubled, well]) await keyrack.onboard(keyrack.sandbox.tokens.findIndex((one) => one.accessToken === accessToken));
  await keyrack.untilIdle(100_000);
  keyrack.sandbox.faults.add({ kind: 'status', status: 500, path: 'customers/getAll', names: troubled.accessToken });
  const id = await start({ enterpriseIds: [troubled.id], collections: ['customers'] });
  await until(20_000, async () => ((await run(id)).attempts > 2 ? true : undefined));
  const document = add(world(), entry('identityDocuments'), well.id, { parentId: customer });
  expect(await sync(well.id, 'identityDocuments')).toMatchObject({ state: 'succeeded', records: { added: 1 } });
  expect((await run(id)).state).toBe('waiting');
  expect((await stored(keyrack, 'identityDocuments')).has(document)).toBe(true);
}, 200_000);

test('what is the platform\'s is kept for each environment of a tenant, though its codes are the same', async () => {
  const second = await startSandbox({ profile: 'small', seed: 'second' });
  try {
    await keyrack.api.request('POST', '/v1/environments', { id: 'second', name: 'Second', platformAddress: second.url });
    const { body: application } = await keyrack.api.request('POST', '/v1/applications', { name: 'Second', version: '1.0', clientTokens: [{ environment: 'second', clientToken: second.tokens[0]?.clientToken }] });
    second.world.look(['platform']);
    second.world.update('currencies', 'EUR', { Precision: 3 });
    const since = (await changes(keyrack, 'currencies')).cursor;
    await keyrack.call('POST', '/access-tokens', { applicationId: application.id, environment: 'second', accessToken: second.tokens[1]?.accessToken, connect: 'all' });
    await keyrack.database.owner.query('update schedule set enabled = false');
    const [there] = second.tokens[1]?.enterprises ?? [];
    await sync(there?.id ?? '', 'currencies');
    const kept = async () => new Map(((await keyrack.call('GET', '/records/currencies?limit=500')).body.items as { id: string; environment: string; record: { Precision: number } }[]).map(({ id, environment, record }) => [`${environment} ${id}`, record]));
    const all = await kept();
    expect([all.get('sandbox EUR'), all.get('second EUR')]).toEqual([world().get('currencies', 'EUR'), second.world.get('currencies', 'EUR')]);
    const { items, cursor } = await changes(keyrack, 'currencies', since);
    expect(items.map(({ id, change }) => [id, change]).sort()).toEqual(second.world.list('currencies', 'platform').map((record) => [record['Code'], 'added']).sort());

    second.world.vanish('currencies', 'EUR');
    await sync(there?.id ?? '', 'currencies');
    expect((await changes(keyrack, 'currencies', cursor)).items.map(({ id, change }) => [id, change])).toEqual([['EUR', 'deleted']]);
    expect([(await kept()).has('sandbox EUR'), (await kept()).has('second EUR')]).toEqual([true, false]);
    // One after the other, and each code twice in the list.
    const { body: page } = await keyrack.call('GET', '/records/currencies?limit=1');
    expect((await keyrack.call('GET', `/records/currencies?limit=500&cursor=${page.nextCursor}`)).body.items.length).toBe(all.size - 2);
  } finally { await second.stop(); }
}, 200_000);
