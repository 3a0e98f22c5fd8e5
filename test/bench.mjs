// npm run bench [-- [--json] [--only NAME]]: figures beside their yardsticks, measured in the same run on the same server.
// Only the ratios mean anything elsewhere. With --json the last line is one object.
import 'reflect-metadata';
import { prepare } from '../apps/cli/prepare.mjs';

const args = process.argv.slice(2);
const only = args.includes('--only') ? args[args.indexOf('--only') + 1] : undefined;

await prepare();
const { openBench, rooms } = await import('./bench/harness.mjs');
const { benchLoad } = await import('./bench/load.mjs');
const { benchJobs } = await import('./bench/jobs.mjs');
const { benchDispatch } = await import('./bench/dispatch.mjs');
const { benchFanIn } = await import('./bench/fan-in.mjs');
const { benchBudget } = await import('./bench/budget.mjs');
const { benchAudit } = await import('./bench/audit.mjs');
const { benchHttp } = await import('./bench/http.mjs');
const { benchScale } = await import('./bench/scale.mjs');
const { benchIdleRun } = await import('./bench/idle-run.mjs');
const benches = { load: benchLoad, jobs: benchJobs, dispatch: benchDispatch, fan_in: benchFanIn, budget: benchBudget, http: benchHttp, scale: benchScale, idle_run: benchIdleRun, audit: benchAudit };
const chosen = Object.entries(benches).filter(([name]) => only === undefined || only === name || only.startsWith(`${name}.`));
if (chosen.length === 0) {
  console.error(`There is no bench "${only}"; there are ${Object.keys(benches).join(', ')}.`);
  process.exit(2);
}

const parts = await rooms();
const figures = {};
for (const [, run] of chosen) {
  const bench = await openBench(parts, run.settings);
  try {
    Object.assign(figures, await run(bench, parts, { full: only === 'scale.full' }));
  } finally {
    await bench.close();
  }
}
for (const [name, { value, unit, yardstick, ratio }] of Object.entries(figures)) {
  console.log(`${name.padEnd(16)} ${String(value).padStart(8)} ${unit.padEnd(10)} yardstick ${String(yardstick).padStart(8)}  ratio ${ratio}`);
}
if (args.includes('--json')) console.log(JSON.stringify(figures));
