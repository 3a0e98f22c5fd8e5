// The source moves while it is read: records are made, changed, ended and removed during the walk, many at the same second, by clocks that
// are five minutes off. After two cycles what is stored is what Mews has.
import { afterEach, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../../apps/sandbox/src/random.js';
import { startKeyrack, type Keyrack } from '../harness/keyrack.js';
import { expectMirror } from '../sync/mirror.js';
import { long, seed } from './kills.js';
import { slowDown } from './scene.js';

const moving = ['reservations', 'orderItems', 'payments', 'bills'];
const seeds = long ? Array.from({ length: 20 }, (_, i) => `${seed}-${i}`) : [seed];
const SKEW_MS = 300_000;
const TIMES_MS = 10_000;

let keyrack: Keyrack | undefined;
afterEach(async () => {
  await keyrack?.stop();
  keyrack = undefined;
}, 60_000);

/** One moment of the hotel: whatever happens within ten seconds has the same time. Returns what happened. */
function move({ sandbox: { world } }: Keyrack, enterpriseId: string, random: Random): string {
  const collection = random.pick(moving), record = random.pick(world.list(collection, enterpriseId)), id = String(record['Id']);
  // Of several clocks: a record's next change may carry an earlier time than its last.
  const at = Math.floor(world.now() / TIMES_MS) * TIMES_MS + random.pick([-SKEW_MS, 0, SKEW_MS]);
  const what = random.pick(['create', 'create', 'update', 'update', 'update', 'deactivate', 'deactivate', 'vanish']);
  if (what === 'create') world.create(collection, enterpriseId, {}, at);
  else if (what === 'update') world.update(collection, id, { Notes: `changed ${random.hex(6)}` }, at);
  else if (what === 'deactivate') world.deactivate(collection, id, at);
  // Not more than a twentieth of a collection: that would wait for a person.
  else if (random.chance(0.3)) world.vanish(collection, id);
  return what;
}

test.each(seeds)('a source that moves during the walk is mirrored within two cycles: seed %s', async (of) => {
  const random = new Random(of, 'moving');
  const at = keyrack = await startKeyrack({ sandbox: { profile: 'small', seed: of, limit: { requests: 5_000 } }, requestLimit: { requests: 5_000, seconds: 30 } });
  const enterpriseId = at.sandbox.tokens[0]?.enterprises[0]?.id ?? '';
  at.sandbox.world.skewMs = random.pick([-SKEW_MS, SKEW_MS]);
  for (const name of moving) at.sandbox.world.addRecords(name, enterpriseId, 100);
  await at.onboard(0, 'none');
  await slowDown(at.database.owner, 25, 5);
  at.sandbox.faults.add({ kind: 'delay', ms: 40 });
  const token = (await at.call('GET', '/access-tokens')).body.items[0].id as string;
  await at.call('PUT', `/enterprises/${enterpriseId}/connection`, { accessTokenId: token });
  await at.database.owner.query('update schedule set enabled = false');
  const sync = async (): Promise<void> => { expect((await at.sync({ enterpriseIds: [enterpriseId], collections: moving, mode: 'full' })).body.state).toBe('succeeded'); };

  let walking = true, moves = 0;
  const walked = sync().finally(() => { walking = false; });
  for (; walking; moves++) { move(at, enterpriseId, random); await sleep(30); }
  await walked;
  await sync();
  console.log(JSON.stringify({ seed: of, moves, records: await expectMirror(at, [enterpriseId], moving) }));
  expect(moves).toBeGreaterThan(20);
}, 120_000);
