// Guarantees for every collection, whatever Mews' way to list it: complete after the first load, and after changes and one increment.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { collection, collections, type CollectionEntry } from '@keyrack/mews';
import { undocumented } from '../conformance/asked.js';
import { startKeyrack, until, type Keyrack } from '../harness/keyrack.js';
import { changes, expectMirror, listed, runsOf, stored, unwell, type Run } from './mirror.js';
import { add, fill, idsIn, ownerIn, seeded } from './seed.js';

let keyrack: Keyrack, enterpriseId: string;
beforeAll(async () => {
  keyrack = await startKeyrack();
  enterpriseId = keyrack.sandbox.tokens[0]?.enterprises[0]?.id ?? '';
  fill(world(), enterpriseId);
}, 120_000);
afterAll(async () => { await keyrack.stop(); });
afterEach(() => { for (const token of world().tokens) token.denied.clear(); });

const world = () => keyrack.sandbox.world;
const entry = (name: string): CollectionEntry => {
  const found = collection(name);
  if (!found) throw new Error(`no collection ${name}`);
  return found;
};
const token = () => world().tokens[0];
const sync = async (body: object, id = enterpriseId) => runsOf(keyrack, await keyrack.sync({ enterpriseIds: [id], ...body }));
const asked = (path: string, since = 0) => keyrack.sandbox.log.requests(undefined, path).slice(since);
const unavailable = async (): Promise<{ collection: string; enterpriseId: string | null; accessTokenId: string | null; reason: string }[]> => (await keyrack.call('GET', '/stats')).body.unavailable;

test('the first load of a single token has every record of every collection, and no request is refused', async () => {
  await keyrack.onboard(0);
  await keyrack.untilIdle(100_000);
  await expectMirror(keyrack, [enterpriseId]);
  const { body } = await keyrack.call('GET', '/runs?limit=500');
  expect((body.items as Run[]).filter((run) => run.state !== 'succeeded')).toEqual([]);
  expect(await unavailable()).toEqual([]);
  expect(keyrack.sandbox.log.requests().filter((seen) => ![200, 204].includes(seen.status ?? 0))).toEqual([]);
  for (const { name, lists: [list] } of collections) expect([name, (await stored(keyrack, list.name)).size > 0]).toEqual([name, true]);
}, 150_000);

test('one increment brings what was added, changed and, where nothing else shows it, deleted; each once in the feed', async () => {
  const cursors = new Map<string, string>(), changed = new Map<string, string>();
  const keys = (one: CollectionEntry) => [...listed(keyrack, one.name, [ownerIn(world(), one, enterpriseId)]).keys()];
  const all = seeded;
  const before = new Map(all.map((one) => [one.name, keys(one)]));
  for (const one of all) {
    cursors.set(one.name, (await changes(keyrack, one.name)).cursor);
    const ids = idsIn(world(), one, enterpriseId), [last = '', gone = ''] = [ids.at(-1), ids.at(-2)];
    world().update(one.name, last, { Note: 'changed' });
    changed.set(one.name, last);
    if (ids.length > 2 && (one.fullEvery !== undefined || one.strategy === 'snapshot')) world().vanish(one.name, gone);
  }
  for (const one of all) add(world(), one, enterpriseId);
  const expected = new Map(all.map((one) => {
    const known = before.get(one.name) ?? [], now = keys(one);
    const record = world().get(one.name, changed.get(one.name) ?? '') ?? {};
    return [one.name, [
      ...now.filter((id) => !known.includes(id)).map((id) => [id, 'added']), ...known.filter((id) => !now.includes(id)).map((id) => [id, 'deleted']),
      [one.lists[0].id.map((field) => String(record[field])).join('|'), 'updated'],
    ]] as const;
  }));
  const operation = await keyrack.sync({ enterpriseIds: [enterpriseId] });
  expect(Object.values(await runsOf(keyrack, operation)).filter(({ state }) => state !== 'succeeded')).toEqual([]);
  expect(operation.body).toMatchObject({ state: 'succeeded', total: 68 });
  await expectMirror(keyrack, [enterpriseId]);
  for (const [name, events] of expected) {
    const { items } = await changes(keyrack, name, cursors.get(name));
    expect([name, items.map(({ id, change }) => [id, change]).sort()]).toEqual([name, events.toSorted()]);
  }
}, 120_000);

test('an increment that a person asks for shows what no filter finds, also where that takes more requests than a scheduled one may', async () => {
  const [customers, documents] = [entry('customers'), entry('identityDocuments')];
  const guests = Array.from({ length: 600 }, (_, i) => add(world(), customers, enterpriseId, { Email: `guest-${i}@example.com` }));
  const [changed = '', gone = ''] = [10, 500].map((i) => add(world(), documents, enterpriseId, { parentId: guests[i] ?? '' }));
  await sync({ collections: ['customers', 'addresses', 'identityDocuments'] });
  expect([...(await stored(keyrack, 'identityDocuments')).keys()]).toEqual(expect.arrayContaining([changed, gone]));
  world().update('identityDocuments', changed, { Number: 'renewed' });
  world().vanish('identityDocuments', gone);
  const late = add(world(), documents, enterpriseId, { parentId: guests[20] ?? '' });
  expect((await sync({ collections: ['identityDocuments'] }))['identityDocuments']).toMatchObject({ state: 'succeeded', records: { added: 1, updated: 1, deleted: 1 } });
  expect((await stored(keyrack, 'identityDocuments')).has(late)).toBe(true);
  await expectMirror(keyrack, [enterpriseId], ['identityDocuments']);
}, 60_000);

test('a new parent brings its children, however old they are; a changed one has its set of children replaced, and others keep theirs', async () => {
  const [threads, messages, vouchers, codes] = ['messageThreads', 'messages', 'vouchers', 'voucherCodes'].map(entry) as [CollectionEntry, CollectionEntry, CollectionEntry, CollectionEntry];
  const [changed, quiet] = [add(world(), threads, enterpriseId, { daysAgo: 50 }), add(world(), threads, enterpriseId, { daysAgo: 50 })];
  const [gone, kept] = [changed, quiet].map((parentId) => add(world(), messages, enterpriseId, { daysAgo: 45, parentId })) as [string, string];
  await sync({ collections: ['messageThreads'], mode: 'full' });
  await sync({ collections: ['messages'] });
  expect([...(await stored(keyrack, 'messages')).keys()]).toEqual(expect.arrayContaining([gone, kept]));

  world().vanish('messages', gone);
  world().vanish('messages', kept);
  world().update('messageThreads', changed, { Subject: 'again' });
  const voucher = add(world(), vouchers, enterpriseId);
  const code = add(world(), codes, enterpriseId, { daysAgo: 400, parentId: voucher });
  const since = asked('messages/getAll').length;
  const runs = await sync({ collections: ['messageThreads', 'messages', 'vouchers', 'voucherCodes'] });
  expect(runs['messages']).toMatchObject({ state: 'succeeded', mode: 'incremental', records: { deleted: 1 } });
  const after = await stored(keyrack, 'messages');
  expect([after.has(gone), after.has(kept)]).toEqual([false, true]);
  expect((await stored(keyrack, 'voucherCodes')).has(code)).toBe(true);
  // The thread that changed whole, the others by the time of their messages; the missing message once more by its thread.
  expect(asked('messages/getAll', since).map(({ body }) => [JSON.stringify(body['MessageThreadIds']).includes(changed), body['CreatedUtc'] === undefined])).toEqual([[true, true], [false, false], [true, true]]);
  await sync({ collections: ['messages'], mode: 'full' });
  expect((await stored(keyrack, 'messages')).has(kept)).toBe(false);
}, 60_000);

test('parents that must be of a kind: only fiscal machines are asked for their commands', async () => {
  add(world(), entry('devices'), enterpriseId, { Type: 'Printer' });
  await sync({ collections: ['devices'] });
  const since = asked('fiscalMachineCommands/getAll').length;
  await sync({ collections: ['fiscalMachineCommands'], mode: 'full' });
  const machines = world().list('devices', enterpriseId).filter((device) => device['Type'] === 'FiscalMachine').map((device) => String(device['Id']));
  expect(asked('fiscalMachineCommands/getAll', since).map(({ body }) => [...body['DeviceIds'] as string[]].sort())).toEqual([machines.sort()]);
}, 60_000);

test('only services that may be bookable are asked for rates and resource categories', async () => {
  const [shop, other] = [{ Discriminator: 'Additional', Value: null }, { Discriminator: 'Unheard', Value: null }].map((Data) => add(world(), entry('services'), enterpriseId, { Data })) as [string, string];
  const names = ['rates', 'resourceCategories', 'rateGroups'], since = names.map((name) => asked(`${name}/getAll`).length);
  await sync({ collections: ['services', ...names] });
  const ids = names.map((name, i) => asked(`${name}/getAll`, since[i]).flatMap(({ body }) => body['ServiceIds'] as string[]));
  expect(ids.map((sent) => [sent.includes(other), sent.includes(shop)])).toEqual([[true, false], [true, false], [true, true]]);
}, 60_000);

test('parents that Mews does not know any more are left out, and said to be; the others are read, and nobody is asked twice', async () => {
  const [threads, messages] = [entry('messageThreads'), entry('messages')];
  const parents = Array.from({ length: 60 }, () => add(world(), threads, enterpriseId));
  const children = parents.map((parentId) => add(world(), messages, enterpriseId, { parentId }));
  await sync({ collections: ['messageThreads', 'messages'] });
  const unknown = [parents[3], parents[11]] as [string, string];
  world().unknownIds = 'refused';
  for (const i of [3, 11]) { world().vanish('messageThreads', parents[i] ?? ''); world().vanish('messages', children[i] ?? ''); }
  const late = add(world(), messages, enterpriseId, { parentId: parents[59] ?? '' });

  const since = asked('messages/getAll').length;
  const { messages: run } = await sync({ collections: ['messages'] });
  expect(run).toMatchObject({ state: 'succeeded', mode: 'incremental', requests: asked('messages/getAll', since).length });
  expect([...run?.leftOut ?? []].sort()).toEqual([...unknown].sort());
  const after = await stored(keyrack, 'messages');
  expect(after.has(late)).toBe(true);
  expect(children.filter((id) => !after.has(id))).toEqual([]);
  expect(asked('messages/getAll', since).length).toBeLessThan(30);

  const next = asked('messages/getAll').length;
  expect((await sync({ collections: ['messages'] }))['messages']).toMatchObject({ state: 'succeeded', requests: 1, leftOut: [] });
  expect(asked('messages/getAll', next).map(({ status }) => status)).toEqual([200]);
  // A full run tries them again; what belonged to them is no longer listed.
  expect((await sync({ collections: ['messages'], mode: 'full' }))['messages']).toMatchObject({ state: 'succeeded', leftOut: expect.arrayContaining(unknown), records: { deleted: 2 } });
  world().unknownIds = 'ignored';
  await sync({ collections: ['messageThreads'], mode: 'full' });
}, 60_000);

test('a parent that was left out and changes is asked about again, from then on', async () => {
  const [vouchers, codes] = [entry('vouchers'), entry('voucherCodes')], voucher = add(world(), vouchers, enterpriseId);
  keyrack.sandbox.faults.add({ kind: 'status', status: 400, path: 'voucherCodes/getAll', names: voucher });
  const read = async () => (await sync({ collections: ['vouchers', 'voucherCodes'] }))['voucherCodes'];
  expect(await read()).toMatchObject({ state: 'succeeded', mode: 'incremental', leftOut: [voucher] });
  keyrack.sandbox.faults.clear();
  world().update('vouchers', voucher, { Name: 'Again' });
  expect(await read()).toMatchObject({ state: 'succeeded', leftOut: [] });
  const code = add(world(), codes, enterpriseId, { parentId: voucher });
  expect(await read()).toMatchObject({ state: 'succeeded', mode: 'incremental' });
  expect((await stored(keyrack, 'voucherCodes')).has(code)).toBe(true);
}, 60_000);

test('a request that is refused whatever its ids fails soon, with the cause', async () => {
  keyrack.sandbox.faults.add({ kind: 'status', status: 400, message: 'Invalid something.', path: 'voucherCodes/getAll' });
  const since = asked('voucherCodes/getAll').length;
  const { voucherCodes } = await sync({ collections: ['voucherCodes'], mode: 'full' });
  keyrack.sandbox.faults.clear();
  expect(voucherCodes).toMatchObject({ state: 'failed', error: { code: 'mews.bad_request', message: expect.stringContaining('Invalid something.') } });
  expect(voucherCodes?.requests).toBe(asked('voucherCodes/getAll', since).length);
  expect(asked('voucherCodes/getAll', since).length).toBeLessThan(40);
}, 60_000);

test('what vanished is asked for again without ids that Mews may refuse as unknown', async () => {
  world().unknownIds = 'refused';
  for (const name of ['counters', 'rules', 'productCategories', 'billingAutomations']) world().vanish(name, idsIn(world(), entry(name), enterpriseId).at(-1) ?? '');
  const since = keyrack.sandbox.log.requests().length;
  const runs = await sync({ collections: ['counters', 'rules', 'productCategories', 'billingAutomations'], mode: 'full' });
  world().unknownIds = 'ignored';
  expect(Object.values(runs).filter(({ state }) => state !== 'succeeded')).toEqual([]);
  expect(keyrack.sandbox.log.requests().slice(since).filter(({ status }) => status === 400)).toEqual([]);
  await expectMirror(keyrack, [enterpriseId]);
}, 60_000);

test('what belongs to a parent that is gone goes with it, however much it is', async () => {
  const program = idsIn(world(), entry('loyaltyPrograms'), enterpriseId).at(-1) ?? '';
  const tiers = Array.from({ length: 3 }, () => add(world(), entry('loyaltyTiers'), enterpriseId, { parentId: program }));
  await sync({ collections: ['loyaltyTiers'] });
  expect([...(await stored(keyrack, 'loyaltyTiers')).keys()]).toEqual(expect.arrayContaining(tiers));
  world().vanish('loyaltyPrograms', program);
  const runs = await sync({ collections: ['loyaltyPrograms', 'loyaltyTiers'], mode: 'full' });
  expect([runs['loyaltyPrograms'], runs['loyaltyTiers']].map((run) => run?.state)).toEqual(['succeeded', 'succeeded']);
  await expectMirror(keyrack, [enterpriseId]);
}, 60_000);

test('what belongs to a parent that Mews lists as deleted is read as before, whether it was there first or not', async () => {
  const programs = [0, 1].map(() => add(world(), entry('loyaltyPrograms'), enterpriseId)), [known = '', never = ''] = programs;
  world().deactivate('loyaltyPrograms', never);
  const tiers = programs.map((parentId) => add(world(), entry('loyaltyTiers'), enterpriseId, { parentId }));
  const read = async (mode: string) => (await sync({ collections: ['loyaltyPrograms', 'loyaltyTiers'], mode }))['loyaltyTiers'];
  expect(await read('full')).toMatchObject({ state: 'succeeded', records: { added: 2, deleted: 0 } });
  world().deactivate('loyaltyPrograms', known);
  tiers.push(add(world(), entry('loyaltyTiers'), enterpriseId, { parentId: known }));
  expect(await read('incremental')).toMatchObject({ state: 'succeeded', records: { added: 1, deleted: 0 } });
  expect(await read('full')).toMatchObject({ state: 'succeeded', records: { added: 0, deleted: 0 } });
  expect([...(await stored(keyrack, 'loyaltyTiers')).keys()]).toEqual(expect.arrayContaining(tiers));
  await expectMirror(keyrack, [enterpriseId]);
}, 60_000);

test('what does not say itself that it was deleted is asked for apart, and is deleted; restored, it is there again', async () => {
  const names = ['loyaltyPrograms', 'loyaltyMemberships', 'loyaltyTiers'];
  // Several of each, so that the increment is none that reads everything.
  const chosen = new Map(names.map((name) => [name, Array.from({ length: 4 }, () => add(world(), entry(name), enterpriseId))[2] ?? '']));
  await sync({ collections: names });
  const since = new Map<string, string>();
  const never = new Map(names.map((name) => [name, add(world(), entry(name), enterpriseId)]));
  for (const [name, id] of chosen) {
    since.set(name, (await changes(keyrack, name)).cursor);
    for (const one of [id, never.get(name) ?? '']) world().deactivate(name, one);
  }
  const runs = await sync({ collections: names });
  for (const [name, id] of chosen) {
    // One that was deleted before it was first read is kept as well, as deleted.
    expect(runs[name]).toMatchObject({ state: 'succeeded', records: { added: 0, updated: 0, deleted: 1 } });
    expect((await changes(keyrack, name, since.get(name))).items.map((one) => [one.id, one.change])).toEqual([[id, 'deleted']]);
    expect((await stored(keyrack, name, '&includeDeleted=true')).get(never.get(name) ?? '')).toMatchObject({ deletedAt: expect.any(String), record: { Id: never.get(name) } });
    world().update(name, id, { IsActive: true });
  }
  expect(runs['loyaltyMemberships']?.mode).toBe('incremental');
  const again = await sync({ collections: names });
  for (const name of names) expect(again[name]?.records).toMatchObject({ added: 1, deleted: 0 });
  for (const [name, id] of chosen) expect((await changes(keyrack, name, since.get(name))).items.map((one) => [one.id, one.change])).toEqual([[id, 'added']]);
  await expectMirror(keyrack, [enterpriseId]);
}, 60_000);

test('what Mews lists as deleted is kept as it lists it, also what it changes after that; the feed tells of the deletion alone', async () => {
  const names = ['loyaltyPrograms', 'loyaltyMemberships', 'loyaltyTiers'];
  const chosen = names.map((name) => [name, Array.from({ length: 4 }, () => add(world(), entry(name), enterpriseId))[2] ?? ''] as const);
  await sync({ collections: names });
  const since = new Map<string, string>();
  for (const [name] of chosen) since.set(name, (await changes(keyrack, name)).cursor);
  const shown = async ([name, id]: readonly [string, string]) => {
    const kept = (await stored(keyrack, name, '&includeDeleted=true')).get(id);
    return [name, kept?.deletedAt !== undefined, kept?.record['Note'], (await changes(keyrack, name, since.get(name))).items.map((one) => [one.id === id, one.change, one.record?.['Note']])];
  };
  for (const [name, id] of chosen) {
    world().update(name, id, { Note: 'at last' });
    world().deactivate(name, id);
  }
  await sync({ collections: names });
  for (const one of chosen) expect(await shown(one)).toEqual([one[0], true, 'at last', [[true, 'deleted', 'at last']]]);
  for (const [name, id] of chosen) world().update(name, id, { Note: 'afterwards' });
  const runs = await sync({ collections: names });
  for (const name of names) expect(runs[name]?.records).toMatchObject({ added: 0, updated: 0, deleted: 0 });
  for (const one of chosen) expect(await shown(one)).toEqual([one[0], true, 'afterwards', [[true, 'deleted', 'afterwards']]]);
  await expectMirror(keyrack, [enterpriseId]);
}, 60_000);

test('records that name no parent are asked for again as others are, and an empty answer deletes none of them', async () => {
  const store = world().store('preauthorizations'), rows = idsIn(world(), entry('preauthorizations'), enterpriseId).flatMap((id) => store.get(id) ?? []);
  const before = rows.map(({ record }) => record), page = store.page.bind(store), answers = { empty: 0 };
  for (const row of rows) Object.assign(row, { record: { ...row.record, CustomerId: null }, json: null });
  store.page = () => ((answers.empty -= 1) >= 0 ? [] : rows);
  const read = async (empty: number) => {
    answers.empty = empty;
    return (await sync({ collections: ['preauthorizations'] }))['preauthorizations'];
  };
  try {
    expect(await read(0)).toMatchObject({ state: 'succeeded', records: { updated: rows.length, deleted: 0 } });
    expect(await read(1)).toMatchObject({ state: 'succeeded', requests: 2, records: { deleted: 0 } });
    expect(await read(100)).toMatchObject({ state: 'needs_review', records: { deleted: 0 } });
    expect((await stored(keyrack, 'preauthorizations')).size).toBe(rows.length);
  } finally {
    store.page = page;
    rows.forEach((row, i) => Object.assign(row, { record: before[i], json: null }));
  }
  await sync({ collections: ['preauthorizations'] });
  await expectMirror(keyrack, [enterpriseId], ['preauthorizations']);
}, 60_000);

test('restrictions get new ids by a change: all of the old ones go without a review, but an empty answer deletes nothing', async () => {
  const restrictions = entry('restrictions');
  for (const id of idsIn(world(), restrictions, enterpriseId)) world().vanish('restrictions', id);
  for (let i = 0; i < 4; i++) add(world(), restrictions, enterpriseId);
  expect((await sync({ collections: ['restrictions'] }))['restrictions']).toMatchObject({ state: 'succeeded', mode: 'full' });
  expect([...(await stored(keyrack, 'restrictions')).keys()].sort()).toEqual(idsIn(world(), restrictions, enterpriseId).sort());
  for (const id of idsIn(world(), restrictions, enterpriseId)) world().vanish('restrictions', id);
  expect((await sync({ collections: ['restrictions'] }))['restrictions']).toMatchObject({ state: 'needs_review', records: { deleted: 0 } });
  for (let i = 0; i < 4; i++) add(world(), restrictions, enterpriseId);
  await sync({ collections: ['restrictions'] });
}, 60_000);

test('where Mews refuses the cursors of one service time and again, nothing of it counts as gone', async () => {
  await keyrack.database.owner.query(`create function small_page() returns trigger language plpgsql as 'begin new.page_size := 2; return new; end'; create trigger small_page before insert on run_window for each row execute function small_page()`);
  const before = [...(await stored(keyrack, 'restrictions')).keys()];
  keyrack.sandbox.faults.add({ kind: 'status', status: 400, message: 'Invalid Cursor.', path: 'restrictions/getAll', names: '"Cursor":"' });
  const { restrictions } = await sync({ collections: ['restrictions'] });
  keyrack.sandbox.faults.clear();
  await keyrack.database.owner.query('drop function small_page cascade');
  expect(restrictions).toMatchObject({ state: 'failed', leftOut: [], records: { deleted: 0 }, error: { code: 'mews.bad_request', message: expect.stringContaining('Invalid Cursor.') } });
  expect([...(await stored(keyrack, 'restrictions')).keys()]).toEqual(before);
}, 60_000);

test('configuration is one record for each enterprise, and the time in it is no change', async () => {
  const since = (await changes(keyrack, 'configuration')).cursor;
  const kept = await stored(keyrack, 'configuration');
  expect([...kept.keys()]).toEqual([enterpriseId]);
  expect(kept.get(enterpriseId)?.record).toEqual(listed(keyrack, 'configuration', [enterpriseId]).get(enterpriseId));
  expect((await sync({ collections: ['configuration'] }))['configuration']).toMatchObject({ state: 'succeeded', requests: 1, records: { unchanged: 1, updated: 0 } });
  world().enterprise(enterpriseId).record['Name'] = 'Another name';
  expect((await sync({ collections: ['configuration'] }))['configuration']).toMatchObject({ state: 'succeeded', records: { updated: 1 } });
  expect((await changes(keyrack, 'configuration', since)).items.map(({ id, change, record }) => [id, change, record?.['NowUtc']])).toEqual([[enterpriseId, 'updated', undefined]]);
  expect(asked('configuration/get').at(-1)?.body['EnterpriseId']).toBe(enterpriseId);
}, 60_000);

test('days of ledger balances meet without a gap and reach from the creation to tomorrow', async () => {
  const since = asked('ledgerBalances/getAll').length;
  await sync({ collections: ['ledgerBalances'], mode: 'full' });
  const days = asked('ledgerBalances/getAll', since).map(({ body }) => body['Date'] as { Start: string; End: string });
  const dayMs = 86_400_000;
  days.forEach(({ Start, End }, i) => {
    expect((Date.parse(End) - Date.parse(Start)) / dayMs).toBeLessThan(28);
    if (i > 0) expect(Date.parse(End)).toBe(Date.parse(days[i - 1]?.Start ?? '') - dayMs);
  });
  expect(Date.parse(days.at(0)?.End ?? '')).toBeGreaterThan(Date.now());
  expect(Date.parse(days.at(-1)?.Start ?? '')).toBeLessThan(world().enterprise(enterpriseId).createdMs);
}, 60_000);

test('an operation that answers 401 has its fallback, which is remembered and given up when the token is verified', async () => {
  const beta = 'sourceAssignments/getAll/2024-09-20', general = 'sourceAssignments/getAll';
  token()?.denied.add(beta);
  const [before, since] = [asked(beta).length, asked(general).length];
  const late = add(world(), entry('sourceAssignments'), enterpriseId);
  // Another operation gives other ids: everything is read by it.
  expect((await sync({ collections: ['sourceAssignments'] }))['sourceAssignments']).toMatchObject({ state: 'succeeded', mode: 'full', requests: 3 });
  expect((await stored(keyrack, 'sourceAssignments')).has(late)).toBe(true);
  expect([asked(beta).length - before, asked(general).length - since]).toEqual([1, 1]);
  await sync({ collections: ['sourceAssignments'] });
  expect([asked(beta).length - before, asked(general).length - since]).toEqual([1, 2]);
  token()?.denied.clear();
  const { body } = await keyrack.call('GET', '/access-tokens');
  await keyrack.call('POST', `/access-tokens/${body.items[0].id}/verify`);
  await until(20_000, async () => (asked(beta).length - before > 1 ? true : undefined));
  await keyrack.untilIdle();
}, 60_000);

test('what cannot be read makes what is asked for by its ids unavailable too, with the reason; nothing fails, and nothing is asked', async () => {
  token()?.denied.add('resourceFeatures/getAll');
  const since = asked('resourceFeatureAssignments/getAll').length;
  const operation = await keyrack.sync({ enterpriseIds: [enterpriseId], collections: ['resourceFeatures', 'resourceFeatureAssignments'] });
  expect(operation.body.state).toBe('succeeded');
  expect(await unavailable()).toEqual([
    { collection: 'resourceFeatureAssignments', enterpriseId, chainId: null, accessTokenId: null, until: expect.any(String), reason: expect.stringMatching(/by the ids of resourceFeatures, which cannot be read: .*permission/) },
    { collection: 'resourceFeatures', enterpriseId, chainId: null, accessTokenId: null, until: expect.any(String), reason: expect.stringContaining('permission') },
  ]);
  expect(asked('resourceFeatureAssignments/getAll', since)).toEqual([]);
  token()?.denied.clear();
  await sync({ collections: ['resourceFeatures', 'resourceFeatureAssignments'] });
  expect(await unavailable()).toEqual([]);
}, 60_000);

test('a portfolio token is not asked for what Mews does not serve it; another token of the tenant is, once it is there', async () => {
  const [portfolio, single] = [keyrack.sandbox.tokens[4], keyrack.sandbox.tokens[0]];
  const hotel = portfolio?.enterprises[0]?.id ?? '';
  fill(world(), hotel);
  const { body: opened } = await keyrack.onboard(4, [hotel]);
  await keyrack.untilIdle(100_000);
  const unserved = collections.filter((one) => one.portfolio === 'no');
  expect(unserved.length).toBe(8);
  expect(keyrack.sandbox.log.requests(portfolio?.accessToken).filter((seen) => unserved.some((one) => one.path === seen.path))).toEqual([]);
  const { body } = await keyrack.call('GET', '/runs?limit=500');
  expect(unwell(body.items as Run[]).filter((run) => run.enterpriseId === hotel)).toEqual([]);
  // The platform's records were read by the single token before; the devices of this enterprise nobody can read, nor what hangs on them.
  const missing = (await unavailable()).filter((one) => one.enterpriseId === hotel);
  expect(missing.map((one) => one.collection)).toEqual(expect.arrayContaining(['devices', 'fiscalMachineCommands', 'preauthorizations', 'cancellationPolicies']));
  expect(missing.find((one) => one.collection === 'devices')?.reason).toMatch(/Portfolio/);
  expect(missing.find((one) => one.collection === 'fiscalMachineCommands')?.reason).toMatch(/ids of devices/);
  expect(new Set(asked('countries/getAll').map((seen) => seen.accessToken))).toEqual(new Set([single?.accessToken]));
  await expectMirror(keyrack, [enterpriseId, hotel]);

  const own = world().issueToken({ enterprises: [hotel], restricted: true });
  const { body: added } = await keyrack.onboard(keyrack.sandbox.tokens.findIndex((one) => one.accessToken === own.accessToken), 'none');
  await until(60_000, async () => ((await unavailable()).some((one) => one.enterpriseId === hotel) ? undefined : true));
  await keyrack.untilIdle(60_000);
  expect(asked('devices/getAll').filter((seen) => seen.accessToken === own.accessToken).length).toBeGreaterThan(0);
  // A permission that the connection's token lacks and another has: its connection stays what it was.
  expect(asked('cancellationPolicies/getAll').some((seen) => seen.accessToken === own.accessToken && seen.status === 200)).toBe(true);
  expect(asked('bills/getAll').some((seen) => seen.accessToken === own.accessToken)).toBe(false);
  const known = async (id: string) => {
    const { body: radius } = await keyrack.call('GET', `/access-tokens/${id}/blast-radius`);
    return Object.fromEntries((radius.collections as { collection: string; state: string }[]).map((one) => [one.collection, one.state]));
  };
  expect(await known(opened.id)).toMatchObject({ devices: 'not_served', cancellationPolicies: 'refused', bills: 'read' });
  expect(await known(added.id)).toMatchObject({ devices: 'read', cancellationPolicies: 'read', bills: 'not_tried' });
  await expectMirror(keyrack, [enterpriseId, hotel]);
  expect(world().list('devices', hotel).length).toBe((await stored(keyrack, 'devices', `&enterpriseId=${hotel}`)).size);
  expect(ownerIn(world(), entry('countries'), hotel)).toBe('platform');
}, 200_000);

test.each([['bills', 0], ['payments', 1]])('what one token has read of %s is not counted for the token that goes on; what that reads (%i pages) before it is refused, too, is no later read', async (name, pages) => {
  const portfolio = keyrack.sandbox.tokens[4], hotel = portfolio?.enterprises[0]?.id ?? '';
  const { body: tokens } = await keyrack.call('GET', '/access-tokens?limit=100'), since = Date.now();
  const other = world().tokens.filter((one) => one.restricted).at(-1)?.accessToken ?? '';
  const arm = (accessToken: string, skip: number) => keyrack.sandbox.faults.add({ kind: 'status', status: 401, path: `${name}/getAll`, accessToken, skip });
  const armed = [arm(portfolio?.accessToken ?? '', 1), arm(other, pages)];
  const { [name]: run } = await sync({ collections: [name], mode: 'full' }, hotel);
  expect(run).toMatchObject({ state: 'cancelled', pages, error: { code: 'collection.unavailable' } });
  expect(armed.map((id) => keyrack.sandbox.faults.fired(id))).toEqual([1, 1]);
  keyrack.sandbox.faults.clear();
  const known = async (kind: string) => {
    const ofKind = (tokens.items as { id: string; kind: string; createdAt: string }[]).filter((one) => one.kind === kind).sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
    const { body: radius } = await keyrack.call('GET', `/access-tokens/${ofKind[0]?.id}/blast-radius`);
    const { state, lastReadAt } = (radius.collections as { collection: string; state: string; lastReadAt: string | null }[]).find((one) => one.collection === name) ?? {};
    return [state, lastReadAt && new Date(lastReadAt).getTime() >= since];
  };
  expect(await known('enterprise')).toEqual(['refused', pages > 0 || null]);
  expect(await known('portfolio')).toEqual(['refused', true]);
}, 60_000);

test('every request that all of this took is one that Mews documents', () => {
  expect(undocumented(keyrack.sandbox.log.requests())).toEqual([]);
});
