// The core of the sync guarantees with queue and request budget on Redis: first load, increment, faults, a lost queue.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { startKeyrack, until, type Keyrack } from '../harness/keyrack.js';
import { describeWithRedis, redisUrl } from '../harness/needs.js';
import { changes, expectMirror, unwell, type Run } from './mirror.js';

describeWithRedis('on Redis', () => {
  let keyrack: Keyrack, enterpriseId: string, redis: Redis;
  beforeAll(async () => {
    const url = new URL(redisUrl ?? '');
    url.pathname = '/14';
    redis = new Redis(url.toString());
    await redis.flushdb();
    keyrack = await startKeyrack({ requestLimit: { requests: 5_000, seconds: 5 }, env: { KEYRACK_LEASE_SECONDS: '3', REDIS_URL: url.toString() } });
    enterpriseId = keyrack.sandbox.tokens[0]?.enterprises[0]?.id ?? '';
  }, 120_000);
  afterAll(async () => { await keyrack.stop(); await redis.flushdb(); redis.disconnect(); });

  test('a first load through faults is complete, and nothing is there twice', async () => {
    await keyrack.onboard(0);
    keyrack.sandbox.faults.add({ kind: 'status', status: 500, probability: 0.07 });
    keyrack.sandbox.faults.add({ kind: 'reset', when: 'after', probability: 0.06 });
    keyrack.sandbox.faults.add({ kind: 'status', status: 429, retryAfter: 1, count: 2, skip: 5 });
    await keyrack.untilIdle(90_000);
    keyrack.sandbox.faults.clear();
    const all = (await keyrack.call('GET', '/runs?limit=500')).body.items as Run[];
    expect(unwell(all)).toEqual([]);
    expect(all.reduce((total, run) => total + run.records.added, 0)).toBe(await expectMirror(keyrack, [enterpriseId]));
  }, 120_000);

  test('an increment brings what changed, also when the queue forgets its jobs', async () => {
    const feed = await changes(keyrack, 'bills');
    const created = String(keyrack.sandbox.world.create('bills', enterpriseId)['Id']);
    const { body } = await keyrack.call('POST', '/syncs', { enterpriseIds: [enterpriseId] });
    await redis.flushdb();
    await until(60_000, async () => ((await keyrack.api.request('GET', `/v1/operations/${body.operationId}`)).body.state === 'succeeded' ? true : undefined));
    expect((await changes(keyrack, 'bills', feed.cursor)).items.map(({ id, change }) => [id, change])).toEqual([[created, 'added']]);
    await expectMirror(keyrack, [enterpriseId]);
  }, 90_000);
});
