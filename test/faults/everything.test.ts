// All collections, a portfolio's tenant and a single hotel's at once, bad answers from Mews and workers killed at any moment: every record
// equal, every change once in the feed, and no request that Mews refuses; after the first load, and after changes and an increment.
import { afterEach, expect, test } from '@jest/globals';
import { Random } from '../../apps/sandbox/src/random.js';
import { killThrough, long, seed } from './kills.js';
import { Stage } from './stage.js';

const plan = long ? { kills: 60, increments: 4, killsEach: 10, reservations: 3_000, pageSize: 40, withinMs: 3_600_000 } : { kills: 5, increments: 1, killsEach: 3, reservations: 20, pageSize: 80, withinMs: 400_000 };

let stage: Stage | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
}, 60_000);

test(`all collections of two tenants, ${plan.kills + plan.increments * plan.killsEach} kills among bad answers, seed ${seed}`, async () => {
  const at = stage = await Stage.open({ reservations: plan.reservations, pageSize: plan.pageSize, seed });
  const random = new Random(seed, 'everything'), startedAt = Date.now();
  at.arm();
  const loaded = at.expectAll();
  await at.sync('full');
  at.follow();
  await at.fleet.start(2);
  let { kills } = await killThrough(at, plan.kills, random);
  await at.untilIdle(200_000);
  const first = await at.verdict(kills);
  console.log(JSON.stringify({ seed, ...first.figures, loadMs: Date.now() - startedAt }));
  expect({ seed, problems: [...first.problems, ...loaded()] }).toEqual({ seed, problems: [] });
  for (let i = 0; i < plan.increments; i++) {
    const problems = at.expect(() => { at.change(); });
    const before = await at.pages();
    await at.sync('incremental');
    const done = await killThrough({ fleet: at.fleet, pagesExpected: 150, heldBy: (pid) => at.heldBy(pid), rows: (text, values) => at.rows(text, values), untilPages: (pages) => at.untilPages(before + pages) }, plan.killsEach, random);
    kills += done.kills;
    await at.untilIdle(200_000);
    const later = await at.verdict(kills);
    console.log(JSON.stringify({ seed, ...later.figures, syncMs: Date.now() - startedAt }));
    expect({ seed, problems: [...later.problems, ...problems()] }).toEqual({ seed, problems: [] });
  }
}, plan.withinMs);
