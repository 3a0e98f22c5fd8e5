// What a sync would do, by the planner that would do it. Nothing is written.
import { Injectable } from '@nestjs/common';
import { allOf, AppError, Database, inTurn, sql, type AccessTokenId, type RunId, type TenantActor, type TenantTx } from '@keyrack/core';
import { allowanceOf, isShareable, MewsClient, parentsOf, type CollectionEntry } from '@keyrack/mews';
import { UsableConnections } from './connected.js';
import type { Candidate } from './fan-in.js';
import { countWindows, PAGE_SIZE_MAX, planWindows, together, type IntervalPlan, type PlanInput } from './plan.js';
import { Planner } from './planner.js';
import type { NotStarted, PreviewedCollection, SyncPreview } from './preview-shape.js';
import { entriesOf, wantedRuns, type SyncInput, type Wanted } from './sync-request.js';

export * from './preview-shape.js';

/** Each is planned for itself, which takes about a millisecond. */
const RUNS_MAX = 5_000;
const WINDOWS_SHOWN = 1_000;
/** Counting more of them would take longer than it tells. */
const RECORDS_COUNTED = 200_000;

interface Found {
  wanted: Wanted; enterpriseName: string; createdUtc: Date; highWater: Date | null; unavailable: string | null;
  runId: RunId | null; samePeriod: boolean; joins: boolean;
}
/** Runs that one stream of requests serves. `inputs` is empty where the parents' ids are not known yet. */
interface Stream { entry: CollectionEntry; accessTokenId: AccessTokenId; mode: PreviewedCollection['mode']; of: Wanted[]; inputs: PlanInput[] }
/** `known`: records that are stored and will be read again by it; `requests`: its windows, and a page more for each thousand of those. */
interface Asked extends Stream { windows: (IntervalPlan & { known: number; requests: number })[] }

@Injectable()
export class SyncPreviews {
  constructor(private readonly db: Database, private readonly connections: UsableConnections, private readonly planner: Planner, private readonly mews: MewsClient) {}

  /** @throws AppError `collection.unknown`, `sync.preview_too_large` */
  async preview(me: TenantActor, input: SyncInput): Promise<SyncPreview> {
    const entries = entriesOf(input.collections);
    return this.db.inTenant(me.tenantId, async (tx) => {
      const connected = await this.connections.usable(tx, input.enterpriseIds ?? null);
      const notStarted = await unconnected(tx, input);
      const found = await look(tx, distinct(await wantedRuns(tx, entries, connected, input)));
      if (found.length > RUNS_MAX) throw new AppError('sync.preview_too_large', { errors: [{ pointer: '/enterpriseIds', detail: `asks for ${found.length} runs: name fewer enterprises here, or fewer collections, so that there are at most ${RUNS_MAX}` }] });
      const streams = new Map<string, Stream>();
      for (const one of found) {
        const refusal = refusalOf(one, input) ?? await this.#plan(tx, one, streams);
        if (refusal) notStarted.push({ enterpriseId: one.wanted.one.enterpriseId, enterpriseName: one.enterpriseName, collection: one.wanted.entry.name, runId: one.runId, ...refusal });
      }
      const asked = await inTurn([...streams.values()], (stream) => windowsOf(tx, stream));
      return summed(input, asked, await tokensOf(tx, asked), notStarted);
    });
  }

  /** Adds the run to its stream, or says why it would end at once. */
  async #plan(tx: TenantTx, one: Found, streams: Map<string, Stream>): Promise<Refusal | null> {
    const { entry, from, to } = one.wanted, bounded = from !== undefined || to !== undefined;
    const run = asRun(tx, one), now = this.mews.nowAt(run.environmentId);
    const add = (accessTokenId: AccessTokenId, mode: Stream['mode'], inputs: PlanInput[]): null => {
      const key = !bounded && isShareable(entry) && inputs.length > 0 ? `${accessTokenId} ${entry.name} ${mode}` : run.id;
      const stream = streams.get(key) ?? { entry, accessTokenId, mode, of: [], inputs: [] };
      streams.set(key, { ...stream, of: [...stream.of, one.wanted], inputs: [...stream.inputs, ...inputs] });
      return null;
    };
    try {
      const { input, plan } = await this.planner.outlook(tx, run, entry, now);
      return add(plan.accessTokenId, bounded ? 'backfill' : plan.mode, [input]);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.code === 'run.dependency_missing') return add(run.accessTokenId, bounded ? 'backfill' : 'full', []);
      return { reason: 'unavailable', detail: error.detail };
    }
  }
}

type Refusal = Pick<NotStarted, 'reason' | 'detail'>;

function refusalOf({ unavailable, runId, samePeriod, joins }: Found, { collections }: SyncInput): Refusal | null {
  if (runId !== null && !samePeriod) return { reason: 'backfill_under_way', detail: 'A backfill of another period is under way: wait for it, or cancel it; until then this sync is refused as a whole' };
  if (runId !== null && !joins) return { reason: 'running', detail: 'It is queued or running already: that run becomes part of this sync, and an increment after it where it has begun' };
  return unavailable !== null && collections === undefined ? { reason: 'unavailable', detail: `${unavailable}. Name the collection to have it tried all the same` } : null;
}

/** One run a source: a chain's records are pulled once, whichever of its enterprises stand for it. */
function distinct(wanted: readonly Wanted[]): Wanted[] {
  const bySource = new Map<string, Wanted>();
  for (const one of wanted) {
    const key = `${one.entry.name} ${one.source}`;
    if (!bySource.has(key)) bySource.set(key, one);
  }
  return [...bySource.values()];
}

async function look(tx: TenantTx, wanted: readonly Wanted[]): Promise<Found[]> {
  const rows = wanted.map(({ entry, one, source, mode, from, to }, n) => ({ n, collection: entry.name, source, enterprise_id: one.enterpriseId, mode, from_utc: from ?? null, to_utc: to ?? null }));
  const found = await tx.sql<Omit<Found, 'wanted'> & { n: number }>`
    select w.n, e.name as "enterpriseName", e.created_utc as "createdUtc", s.high_water as "highWater", case when s.unavailable_until >= now() then s.unavailable_reason end as unavailable, r.id as "runId",
           (r.from_utc, r.to_utc) is not distinct from (w.from_utc, w.to_utc) as "samePeriod", coalesce(w.mode = 'full' and r.mode <> 'full' and not r.backfill, false) as joins
      from json_to_recordset(${JSON.stringify(rows)}::json) as w (n int, collection text, source text, enterprise_id uuid, mode text, from_utc timestamptz, to_utc timestamptz)
      join enterprise e on e.tenant_id = ${tx.tenantId} and e.id = w.enterprise_id
      left join sync_state s on s.tenant_id = ${tx.tenantId} and s.collection = w.collection and s.source = w.source
      left join run r on r.tenant_id = ${tx.tenantId} and r.collection = w.collection and r.source = w.source and r.backfill = (w.from_utc is not null or w.to_utc is not null) and r.state in ('queued', 'running', 'waiting')
     order by w.n`;
  return found.flatMap(({ n, ...row }) => { const one = wanted[n]; return one ? [{ wanted: one, ...row }] : []; });
}

/** Enterprises that were named, or all, whose connection cannot be used. */
async function unconnected(tx: TenantTx, { enterpriseIds }: SyncInput): Promise<NotStarted[]> {
  const rows = await tx.sql<{ enterpriseId: string; enterpriseName: string | null; state: string | null }>`
    select asked.id as "enterpriseId", e.name as "enterpriseName", c.state
      from (select unnest(${[...enterpriseIds ?? []]}::uuid[]) as id union select enterprise_id from connection where tenant_id = ${tx.tenantId} and ${enterpriseIds === undefined}) asked
      left join enterprise e on e.tenant_id = ${tx.tenantId} and e.id = asked.id
      left join connection_state c on c.tenant_id = ${tx.tenantId} and c.enterprise_id = asked.id
     where c.state is distinct from 'usable' order by asked.id`;
  return rows.map(({ state, enterpriseId, enterpriseName }) => ({
    enterpriseId, enterpriseName: enterpriseName ?? enterpriseId, collection: null, reason: 'not_connected', runId: null,
    detail: state === null ? 'It is not connected: connect it by an AccessToken that opens it, or leave it out' : `Its connection cannot be used now (${state}): look at its AccessToken, or leave it out`,
  }));
}

const asRun = (tx: TenantTx, { wanted: { entry, one, source, mode, from, to }, createdUtc, highWater }: Found): Candidate => ({
  ...one, tenantId: tx.tenantId, id: `${entry.name} ${source}` as RunId, fence: 0, collection: entry.name, source, enterpriseCreatedUtc: createdUtc, tokenKind: 'portfolio', mode, trigger: 'request', from: from ?? null, to: to ?? null,
  planned: false, highWater, sweeps: false, attempts: 0, fallback: false, refused: [], apart: false,
});

async function windowsOf(tx: TenantTx, stream: Stream): Promise<Asked> {
  const { entry, inputs: [first, ...others] } = stream, sets = first ? countWindows(planWindows(entry, together(first, others))) : [];
  const byInterval = grouped(sets, keyOf), inBatches = sets.some(({ windows }) => windows > 1);
  const intervals = [...byInterval.values()].flatMap(([one]) => one ?? []), known = await recordsKnown(tx, stream, intervals);
  return { ...stream, windows: intervals.map((interval, i) => {
    const n = known[i] ?? 0, once = total((byInterval.get(keyOf(interval)) ?? []).map(({ windows }) => windows)), more = entry.paginated ? Math.floor(n / PAGE_SIZE_MAX) : 0;
    // A page that is full has another one after it. Nothing says how the records are spread among batches of ids.
    return { ...interval, known: n, requests: inBatches ? Math.max(once, more + 1) : once + more };
  }) };
}

/** How many records are stored of each interval. Of an increment nothing is known, nor by another interval than the update time. */
async function recordsKnown(tx: TenantTx, { entry, mode, of }: Stream, intervals: readonly IntervalPlan[]): Promise<number[]> {
  const [list] = entry.lists, counted = intervals.flatMap((one, i) => (mode !== 'incremental' && (one.interval === null || one.interval === list.updated) ? [{ ...one, i }] : []));
  const oldestFirst = counted.toSorted((a, b) => (a.startUtc?.getTime() ?? 0) - (b.startUtc?.getTime() ?? 0)), known = intervals.map(() => 0);
  const rows = counted.length === 0 ? [] : await tx.run<{ nth: number; n: number }>(sql`
    select ${counted[0]?.interval === null ? sql`1` : sql`width_bucket(updated_utc, ${oldestFirst.map(({ startUtc }) => startUtc)}::timestamptz[])`} as nth, count(*)::int as n
      from (select updated_utc from record where ${allOf([
        sql`tenant_id = ${tx.tenantId}`, sql`collection = any(${entry.lists.map(({ name }) => name)})`, sql`source = any(${of.map(({ source }) => source)})`, sql`deleted_at is null`,
        of.every(({ source, one }) => source === one.enterpriseId) ? sql`enterprise_id = any(${of.map(({ one }) => one.enterpriseId)}::uuid[])` : undefined,
        oldestFirst.at(-1)?.endUtc ? sql`updated_utc < ${oldestFirst.at(-1)?.endUtc}` : undefined,
      ])} limit ${RECORDS_COUNTED * of.length}) stored group by 1`);
  for (const { nth, n } of rows) {
    const found = oldestFirst[nth - 1];
    if (found) known[found.i] = n;
  }
  return known;
}

function grouped<T>(items: readonly T[], by: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(by(item));
    if (group) group.push(item);
    else groups.set(by(item), [item]);
  }
  return groups;
}

const keyOf = ({ interval, startUtc, endUtc }: IntervalPlan): string => [interval, startUtc?.toISOString(), endUtc?.toISOString()].join(' ');

type TokenBudget = Pick<SyncPreview['accessTokens'][number], 'accessTokenId' | 'hint' | 'budget'>;

async function tokensOf(tx: TenantTx, streams: readonly Stream[]): Promise<TokenBudget[]> {
  const rows = await tx.sql<{ accessTokenId: string; hint: string; requests: number; seconds: number }>`
    select t.id as "accessTokenId", t.hint, e.limit_requests as requests, e.limit_seconds as seconds from access_token t join environment e on e.id = t.environment_id
     where t.tenant_id = ${tx.tenantId} and t.id = any(${[...new Set(streams.map((stream) => stream.accessTokenId))]}::uuid[]) order by t.id`;
  return rows.map(({ accessTokenId, hint, ...limit }) => {
    const { full, reserve, windowMs } = allowanceOf(limit);
    return { accessTokenId, hint, budget: { requests: full - reserve, seconds: windowMs / 1_000 } };
  });
}

function summed(input: SyncInput, asked: readonly Asked[], tokens: readonly TokenBudget[], notStarted: NotStarted[]): SyncPreview {
  const accessTokens = tokens.map((token) => {
    const requestsAtLeast = requestsOf(asked.filter(({ accessTokenId }) => accessTokenId === token.accessTokenId));
    // The first window's worth goes out at once.
    return { ...token, requestsAtLeast, secondsAtLeast: Math.max(0, Math.ceil(requestsAtLeast / token.budget.requests) - 1) * token.budget.seconds };
  });
  const collections = [...grouped(asked, ({ entry }) => entry.name).values()].map((some) => collectionOf(some, input));
  return {
    mode: isBounded(input) ? 'backfill' : input.mode, from: input.from?.toISOString() ?? null, to: input.to?.toISOString() ?? null,
    runs: runsOf(asked), requestsAtLeast: requestsOf(asked), secondsAtLeast: Math.max(0, ...accessTokens.map((token) => token.secondsAtLeast)),
    collections, accessTokens, notStarted,
  };
}

function collectionOf(asked: readonly Asked[], input: SyncInput): PreviewedCollection {
  const [first] = asked;
  if (!first) throw new Error('a collection without a stream');
  const { entry } = first, modes = new Set(asked.map(({ mode }) => mode)), bounded = modes.has('backfill'), all = asked.flatMap(({ windows }) => windows);
  const windows = [...grouped(all, keyOf).values()].map((same) => ({
    interval: same[0]?.interval ?? null, startUtc: same[0]?.startUtc?.toISOString() ?? null, endUtc: same[0]?.endUtc?.toISOString() ?? null, requests: total(same.map(({ requests }) => requests)),
  }));
  const sorted = windows.toSorted((a, b) => (b.endUtc ?? '').localeCompare(a.endUtc ?? ''));
  return {
    collection: entry.name, mode: modes.size > 1 ? 'mixed' : first.mode, runs: runsOf(asked),
    boundedBy: bounded ? entry.intervals.map(({ name }) => name) : [], windows: sorted.slice(0, WINDOWS_SHOWN), windowsTotal: sorted.length,
    recordsKnown: total(all.map(({ known }) => known)), requestsAtLeast: requestsOf(asked),
    waitsFor: asked.some(({ inputs }) => inputs.length === 0) ? parentsOf(entry).map(({ collection }) => collection) : [],
    note: noteOn(entry, bounded, isBounded(input)),
  };
}

const requestsOf = (asked: readonly Asked[]): number => total(asked.flatMap(({ windows }) => windows.map(({ requests }) => requests)));
const runsOf = (asked: readonly Asked[]): number => total(asked.map(({ of }) => of.length));

function noteOn(entry: CollectionEntry, bounded: boolean, asked: boolean): string | null {
  if (bounded && entry.intervals.length === 0) return `Mews has no period for ${entry.name}: all of them are read whatever the period, and nothing is deleted`;
  return asked && !bounded ? `Read first, since others are asked for by its ids: whole, and not only of the period` : null;
}

const isBounded = ({ from, to }: SyncInput): boolean => from !== undefined || to !== undefined;
const total = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);
