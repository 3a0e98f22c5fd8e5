// The first full syncs of the demonstration: asked for, and shown until none is left to do.
import { setTimeout as sleep } from 'node:timers/promises';
import { MultiBar, type SingleBar } from 'cli-progress';
import { z } from 'zod';
import type { ApiClient } from './api-client.js';

const POLL_MS = 700;
const PLAIN_LINE_EVERY_MS = 5_000;
const LIVE = new Set(['queued', 'running', 'waiting']);

const Run = z.object({
  id: z.string(), enterpriseId: z.string(), collection: z.string(), state: z.string(),
  records: z.object({ added: z.number(), updated: z.number(), unchanged: z.number() }),
  error: z.object({ code: z.string().optional(), message: z.string().optional() }).nullish(),
});
type Run = z.infer<typeof Run>;

export interface SyncedTenant { slug: string; name: string }
interface Progress { done: number; total: number; records: number; live: number }

/** Asks for a full sync of everything that is connected. */
export async function startFullSyncs(api: ApiClient, tenants: readonly SyncedTenant[]): Promise<void> {
  for (const { slug } of tenants) await api.post(`/v1/tenants/${slug}/syncs`, { mode: 'full' }, z.unknown());
}

/** Waits until no sync is left to do. @returns a line for each enterprise and collection whose latest run did not succeed */
export async function waitForSyncs(api: ApiClient, tenants: readonly SyncedTenant[], say: (line: string) => void): Promise<string[]> {
  const display = process.stdout.isTTY ? bars(tenants) : lines(tenants, say);
  try {
    for (;;) {
      const runs = new Map(await Promise.all(tenants.map(async ({ slug }) => [slug, await api.all(`/v1/tenants/${slug}/runs`, Run)] as const)));
      const states = new Map([...runs].map(([slug, of]) => [slug, progressOf(of)]));
      display.show(states);
      if ([...states.values()].every(({ live, total }) => live === 0 && total > 0)) return [...runs.values()].flatMap(latest).flatMap(problemOf);
      await sleep(POLL_MS);
    }
  } finally {
    display.end();
  }
}

function progressOf(runs: readonly Run[]): Progress {
  const live = runs.filter(({ state }) => LIVE.has(state)).length;
  const records = runs.reduce((sum, run) => sum + run.records.added + run.records.updated + run.records.unchanged, 0);
  return { done: runs.length - live, total: runs.length, records, live };
}

// Ids are in the order of time.
function latest(runs: readonly Run[]): Run[] {
  const byKey = new Map<string, Run>();
  for (const run of runs) {
    const key = `${run.enterpriseId} ${run.collection}`;
    const known = byKey.get(key);
    if (!known || known.id < run.id) byKey.set(key, run);
  }
  return [...byKey.values()];
}

// What the tokens may not read is said by the page Records; it is no failure.
const problemOf = (run: Run): string[] => run.state === 'succeeded' || run.error?.code === 'collection.unavailable' ? [] :
  [`${run.collection} of ${run.enterpriseId}: ${run.state}${run.error ? ` (${run.error.code ?? ''} ${run.error.message ?? ''})` : ''}`];

interface Display { show(states: ReadonlyMap<string, Progress>): void; end(): void }

function bars(tenants: readonly SyncedTenant[]): Display {
  const width = Math.max(...tenants.map(({ name }) => name.length));
  const multi = new MultiBar({ format: '  {name} {bar} {value}/{total} collections, {records} records', barsize: 24, hideCursor: true, clearOnComplete: false });
  const bySlug = new Map<string, SingleBar>(tenants.map(({ slug, name }) => [slug, multi.create(1, 0, { name: name.padEnd(width), records: 0 })]));
  return {
    show(states) {
      for (const [slug, { done, total, records }] of states) {
        const bar = bySlug.get(slug);
        bar?.setTotal(Math.max(total, 1));
        bar?.update(done, { records: records.toLocaleString('en') });
      }
    },
    end() { multi.stop(); },
  };
}

function lines(tenants: readonly SyncedTenant[], say: (line: string) => void): Display {
  let toldAt = 0;
  let told = '';
  return {
    show(states) {
      const finished = [...states.values()].every(({ live }) => live === 0);
      if (!finished && Date.now() - toldAt < PLAIN_LINE_EVERY_MS) return;
      const line = tenants.map(({ slug, name }) => {
        const { done = 0, total = 0, records = 0 } = states.get(slug) ?? {};
        return `${name} ${done}/${total} collections, ${records.toLocaleString('en')} records`;
      }).join('; ');
      if (line === told) return;
      [toldAt, told] = [Date.now(), line];
      say(`Syncing: ${line}`);
    },
    end() { /* nothing is open */ },
  };
}
