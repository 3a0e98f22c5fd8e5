// What changes something writes its audit events, and in the same transaction: where the event cannot be written, nothing has changed.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RouteCheck } from '../../apps/api/src/route-check.js';
import type { AuditAction } from '@keyrack/audit';
import type { Answer } from '../harness/api.js';
import { openVendor, type Vendor } from '../access-tokens/vendor.js';
import { comeIn, join } from '../harness/people.js';
import { mutations, otherWays, Scene, succeeded } from './mutations.js';

let vendor: Vendor;
let scene: Scene;

const trails = ['audit_event', 'platform_audit_event'] as const;
/** The trails themselves; counters of attempts and of requests; answers kept for repetitions. When a key or token was last used is left out too. */
const beside = [...trails, 'audit_head', 'platform_audit_head', 'sign_in_attempt', 'request_budget', 'budget_traffic', 'idempotency_key'];

beforeAll(async () => {
  vendor = await openVendor();
  scene = new Scene(vendor, await vendor.tenant());
  // The last administrator cannot be changed, and of the others none is one.
  await comeIn(vendor.api, 'platform', { email: 'admin@example.com', role: 'admin' });
}, 60_000);
afterAll(() => vendor?.close());

/** A digest of each table that a change could be in. */
async function state(): Promise<Record<string, string>> {
  const { rows: tables } = await vendor.database.owner.query<{ name: string }>(`select tablename as name from pg_tables where schemaname = 'public' and tablename <> all($1)`, [beside]);
  const each = tables.map(({ name }) => `select '${name}' as name, md5(string_agg(r, ';' order by r)) as digest from (select (to_jsonb(t) - '{last_used_at,last_interactive_at,last_synced_at}'::text[])::text as r from ${name} t) rows`);
  const { rows } = await vendor.database.owner.query<{ name: string; digest: string }>(each.join(' union all '));
  return Object.fromEntries(rows.map(({ name, digest }) => [name, digest]));
}

/** Makes the call while no trail takes the action. */
async function refusing(action: AuditAction, call: () => Promise<Answer>): Promise<Answer> {
  const { owner } = vendor.database;
  await owner.query(`create function refuse_event() returns trigger language plpgsql as $$ begin raise exception 'the trail is full'; end $$`);
  for (const trail of trails) await owner.query(`create trigger full_trail before insert on ${trail} for each row when (new.action = '${action}') execute function refuse_event()`);
  try {
    return await call();
  } finally {
    await owner.query('drop function refuse_event cascade');
  }
}

async function events(): Promise<{ at: Date; action: string }[]> {
  return (await vendor.database.owner.query<{ at: Date; action: string }>(
    `select at, id, action from audit_event union all select at, id, action from platform_audit_event order by id`)).rows;
}

const mutating = () => vendor.api.app.get(RouteCheck).routes().filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path}`).sort();

test('every route that changes something has its call here', () => {
  expect(Object.keys(mutations).sort()).toEqual(mutating());
});

describe.each(Object.entries({ ...mutations, ...otherWays }))('%s', (route, mutation) => {
  test(`writes ${mutation.events.join(', ') || 'nothing'}, and changes nothing where one of them cannot be written`, async () => {
    const prepared = async () => {
      const { path, body, headers, key } = await mutation.prepare(scene);
      return () => vendor.api.request(route.slice(0, route.indexOf(' ')), path, body, key, headers);
    };
    let call = await prepared();
    for (const [i, action] of mutation.events.entries()) {
      const before = await state(), known = (await events()).length, second = mutation.second?.[action];
      expect(await refusing(action, call)).toMatchObject({ status: 500, body: { code: 'internal' } });
      expect({ action, events: (await events()).slice(known).map((event) => event.action) }).toEqual({ action, events: second ? mutation.events.slice(0, i) : [] });
      const after = await state();
      expect({ action, changed: Object.keys(after).filter((table) => after[table] !== before[table] && (second?.includes(table) ?? true)) }).toEqual({ action, changed: [] });
      if (second) call = await prepared();
    }
    const before = await state(), known = (await events()).length;
    succeeded(await call());
    expect((await events()).slice(known).map(({ action }) => action)).toEqual(mutation.events);
    if (mutation.events.length > 0) expect(await state()).not.toEqual(before);
    else expect(await state()).toEqual(before);
  });
});

// Refusals for a role and for another tenant are counted by the walks of test/tenancy, those of nobody that is known in denials.test.ts.
test('a change without the token of the page, and a sign-in from another site, are refused and written down once', async () => {
  const { cookie = '' } = await scene.session();
  const known = (await events()).length;
  expect(await vendor.api.request('POST', `${scene.base}/syncs`, {}, null, { cookie })).toMatchObject({ status: 403, body: { code: 'auth.csrf' } });
  expect(await vendor.api.request('POST', '/v1/session', { email: 'somebody@example.com', password: 'x' }, null, { 'sec-fetch-site': 'cross-site' })).toMatchObject({ status: 403, body: { code: 'auth.csrf' } });
  expect((await events()).slice(known).map(({ action }) => action)).toEqual(['access.denied', 'user.sign_in_refused']);
});

test('a wrong password for a new one, a link for somebody else and a reset of somebody of elsewhere are refused and written down once', async () => {
  const { api } = vendor, link = await scene.link('tenant'), headers = await scene.session(), { id, email } = await scene.user();
  await join(vendor.api, scene.tenant.id, { email });
  const known = (await events()).length;
  const answers = [
    await api.request('PUT', '/v1/session/password', { current: 'not this one', password: 'another long password' }, null, headers),
    await api.request('POST', '/v1/access-links/join', { secret: link.secret }, null, headers),
    await api.request('POST', `${scene.base}/access-links`, { kind: 'password_reset', userId: id }),
  ];
  expect(answers.map(({ body }) => body.code)).toEqual(['request.invalid', 'access_link.other_person', 'user.managed_elsewhere']);
  expect((await events()).slice(known).map(({ action }) => action)).toEqual(['user.password_change_refused', 'access_link.refused', 'password_reset.refused']);
});

test.each([
  ['sign-ins', 10, 'user.sign_in_refused', () => vendor.api.request('POST', '/v1/session', { email: 'guessed@example.com', password: 'x' }, null)],
  ['links', 50, 'access_link.refused', () => vendor.api.request('POST', '/v1/access-links/open', { secret: 'guessed' }, null)],
] as const)('%s beyond the limit are written down once for each time that they are stopped', async (_, limit, refused, attempt) => {
  await vendor.database.owner.query('delete from sign_in_attempt');
  const known = (await events()).length;
  const statuses: number[] = [];
  for (let i = 0; i < limit + 3; i++) statuses.push((await attempt()).status);
  expect(statuses.slice(-4).map((status) => status === 429)).toEqual([false, true, true, true]);
  const told = (await events()).slice(known).map(({ action }) => action);
  expect(told).toEqual([...Array.from({ length: limit }, () => refused), 'attempts.throttled']);
  await vendor.database.owner.query('delete from sign_in_attempt');
});
