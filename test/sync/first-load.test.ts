import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startKeyrack, type Keyrack } from '../harness/keyrack.js';

let keyrack: Keyrack;
beforeAll(async () => { keyrack = await startKeyrack(); }, 60_000);
afterAll(async () => { await keyrack.stop(); });

test('what Mews lists is here after onboarding, value for value', async () => {
  await keyrack.onboard(0);
  await keyrack.untilIdle();
  const runs = await keyrack.call('GET', '/runs?limit=100');
  expect(runs.body.items.map((run: { collection: string; state: string; error: unknown }) => `${run.collection} ${run.state} ${JSON.stringify(run.error)}`).filter((text: string) => !text.includes('succeeded'))).toEqual([]);
  console.log(JSON.stringify((await keyrack.call('GET', '/stats')).body.collections));
}, 90_000);
