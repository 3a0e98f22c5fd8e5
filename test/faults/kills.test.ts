// Workers are killed at random moments of a sync: nothing is lost, nothing comes twice, and hardly a page is asked for again.
// Two faulty workers show that these checks find what they are for.
import { afterEach, expect, test } from '@jest/globals';
import { Random } from '../../apps/sandbox/src/random.js';
import { mutate, type Patch } from './fleet.js';
import { killThrough, long, seed } from './kills.js';
import { Scene, WORKER_CONCURRENCY } from './scene.js';

const plan = long ? { kills: 200, records: 100_000, withinMs: 3_600_000 } : { kills: 4, records: 1_800, withinMs: 400_000 };

const cleanUps: (() => unknown)[] = [];
afterEach(async () => { for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp(); }, 60_000);

async function open(options: Parameters<typeof Scene.open>[0]): Promise<Scene> {
  const scene = await Scene.open(options);
  cleanUps.push(() => scene.close());
  return scene;
}

const percentile = (values: readonly number[], share: number): number => values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)] ?? 0;

test(`${plan.kills} kills at random moments: every record once, value for value`, async () => {
  const scene = await open({ records: plan.records });
  const startedAt = Date.now();
  await scene.start(2);
  const { kills, interrupted, recoveredMs } = await killThrough(scene, plan.kills, new Random(seed, 'kills'));
  await scene.untilIdle(long ? 600_000 : 120_000);
  const { problems, figures } = await scene.verdict();
  const recoveryMs = { median: percentile(recoveredMs, 0.5), p95: percentile(recoveredMs, 0.95), max: percentile(recoveredMs, 1) };
  console.log(JSON.stringify({ seed, ...figures, kills, interrupted, recoveryMs, syncMs: Date.now() - startedAt }));
  expect({ seed, problems }).toEqual({ seed, problems: [] });
  expect(kills).toBe(plan.kills);
  expect(interrupted).toBeGreaterThan(kills);
  expect(figures.refetched).toBeLessThanOrEqual(kills * WORKER_CONCURRENCY);
}, plan.withinMs);

const pager = 'libs/sync/src/pager.js';
const pageTransaction = '        const next = await this.db.inTenant(run.tenantId, (tx)=>this.#store(tx,';
const pageRead = '        const next = nextCursor(entry, page, window.pageSize, window.cursor);';
const checkpointFirst: Patch[] = [
  { file: pager, find: pageRead, put: `${pageRead}\n        await this.db.inTenant(run.tenantId, (first)=>first.sql\`update run_window set cursor = \${next}, done = \${next === null} where tenant_id = \${tx.tenantId} and run_id = \${run.id} and ord = \${window.ord}\`);` },
];
const pageChecked = "        await (next === null && ends === 'run' ? this.runs.lastPageDone(tx, run, progress) : this.runs.pageDone(tx, run, progress, this.config.leaseMs));";
const twoTransactions: Patch[] = [
  { file: pager, find: pageTransaction, put: pageTransaction.replace('const next', 'const { next, checkpoint }') },
  { file: pager, find: '        run.attempts = 0;', put: '        await checkpoint();\n        run.attempts = 0;' },
  { file: pager, find: pageChecked, put: `${pageChecked.replace('await (', 'return { next, checkpoint: ()=>this.db.inTenant(run.tenantId, (later)=>').replaceAll('(tx,', '(later,').slice(0, -1)} };` },
];

const mutants: [string, Patch[], RegExp][] = [
  ['a checkpoint committed before its page', checkpointFirst, /lost/],
  ['a page and its checkpoint in two transactions', twoTransactions, /added by runs|unchanged/],
];
// In the short form one of them, by chance.
const tried = long ? mutants : [new Random(seed, 'mutants').pick(mutants)];
test.each(tried)('%s is caught', async (_name, patches, evidence) => {
  const mutant = mutate(patches);
  cleanUps.push(mutant.remove);
  const scene = await open({ records: 1_500, pageSize: 20, delayMs: 150, checkpointMs: 150, dist: mutant.dist });
  await scene.start(2);
  await killThrough(scene, 5, new Random(seed, 'mutant'));
  await scene.untilIdle(120_000);
  const { problems } = await scene.verdict();
  console.log(JSON.stringify({ seed, problems }));
  expect(problems.join('\n')).toMatch(evidence);
}, 400_000);
