// How much of Mews' 200 requests per 30 s eight processes use together through the shared request budget, against a true sliding window behind
// a network with jitter, and how many of their requests draw 429. On Postgres, and on Redis at the same time where there is one.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { median, openRedis } from './harness.mjs';

const LIMIT = { requests: 200, seconds: 30 };
const PROCESSES = 8;
const GIVE_UP_MS = 240_000;

/**
 * The first window is the warm-up. Requests come in bursts, since each one frees its place a window later: what is measured is how long after a
 * request the same place was used for the fourth time again.
 * @returns requests in 30 s beside the 200 that Mews allows, and the share of 429 in percent beside the 0.1 that is bearable
 */
export async function benchBudget(bench, parts, { windows = 4 } = {}) {
  const { full, reserve } = parts.mews.allowanceOf(LIMIT);
  const redis = await openRedis(parts);
  const stores = { budget: 'postgres', ...(redis && { 'budget.redis': redis.url }) };
  const limiter = program('budget-limiter.mjs', [LIMIT.requests, LIMIT.seconds * 1_000], {});
  const lines = createInterface({ input: limiter.stdout })[Symbol.asyncIterator]();
  const nextLine = async () => JSON.parse((await lines.next()).value);
  const { port } = await nextLine();
  const env = { SENDER_DATABASE: bench.databaseUrl.reveal(), SENDER_KEYS: bench.keys.reveal() };
  const senders = Object.entries(stores).flatMap(([name, store]) => Array.from({ length: PROCESSES }, () => program('budget-sender.mjs', [store, name, port], env)));
  try {
    const wanted = (full - reserve) * (windows + 1) + 20;
    let counts = {};
    for (const until = Date.now() + GIVE_UP_MS; Object.keys(stores).some((name) => !(counts[name]?.served.length >= wanted)); await sleep(1_000)) {
      if (Date.now() > until) throw new Error('the senders send less than the budget allows them');
      limiter.kill('SIGUSR2');
      counts = await nextLine();
    }
    const dead = senders.find((one) => one.exitCode !== null);
    if (dead) throw new Error(`a sender ended with ${dead.exitCode}`);
    return Object.fromEntries(Object.keys(stores).flatMap((name) => figures(name, counts[name], full - reserve, windows)));
  } finally {
    for (const child of [...senders, limiter]) await ended(child);
    await redis?.stop();
  }
}

function figures(name, { served, refused }, burst, windows) {
  const spans = served.slice(burst, -burst * windows).map((at, i) => served[i + burst * (windows + 1)] - at);
  const value = burst * windows / median(spans) * LIMIT.seconds * 1_000, percent = refused / (served.length + refused) * 100;
  return [
    [name, { value: round(value), unit: 'req/30 s', yardstick: LIMIT.requests, ratio: round(value / LIMIT.requests) }],
    [`${name}.429`, { value: round(percent), unit: '%', yardstick: 0.1, ratio: round(percent / 0.1) }],
  ];
}

const round = (number) => Math.round(number * 1_000) / 1_000;

const program = (name, args, env) => spawn(process.execPath, [fileURLToPath(new URL(name, import.meta.url)), ...args.map(String)], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });

async function ended(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}
