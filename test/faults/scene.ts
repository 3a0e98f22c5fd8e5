// One sync of four hotels by real worker processes, slowed down so that a fault at any moment lands in the middle of something.
import { isDeepStrictEqual } from 'node:util';
import { startKeyrack, until, type Keyrack } from '../harness/keyrack.js';
import { listed } from '../sync/mirror.js';
import { FeedFollower, type Change } from './feed-follower.js';
import { Fleet } from './fleet.js';
import { openHotels, type Hotels } from './hotels.js';

export interface SceneOptions {
  /** About how many; the hotels' own configuration comes on top. */
  records: number;
  pageSize?: number;
  /** How long Mews takes for each answer. */
  delayMs?: number;
  /** How long Postgres takes to move a checkpoint. */
  checkpointMs?: number;
  dist?: string;
  env?: Record<string, string>;
  /** A Postgres of the test's own. */
  postgres?: string;
}

export interface Figures { records: number; requests: number; refetched: number; takeovers: number }

export const WORKER_CONCURRENCY = 8;
/** The collections that the hotels' records are in. */
const ofChain = ['customers', 'companies'];
const synced = ['services', 'resources', 'resourceCategories', 'reservations', 'rates', 'products', 'orderItems', 'payments', 'bills', 'accountingCategories', 'businessSegments', 'outlets', ...ofChain];
const names = [...synced, 'customerProducts'];
const ownersOf = (name: string, hotels: Hotels): string[] => (ofChain.includes(name) ? hotels.chainIds : hotels.enterpriseIds);

export class Scene {
  private constructor(readonly keyrack: Keyrack, readonly fleet: Fleet, readonly hotels: Hotels, readonly follower: FeedFollower, private readonly pageSize: number) {}

  /** Everything is ready and no worker runs; `start` begins. */
  static async open({ records, pageSize = 50, delayMs = 250, checkpointMs = 25, dist, env = {}, postgres }: SceneOptions): Promise<Scene> {
    const settings = { KEYRACK_LEASE_SECONDS: '2', KEYRACK_WORKER_CONCURRENCY: String(WORKER_CONCURRENCY), KEYRACK_ALLOW_HTTP_PLATFORM: 'true', ...env };
    const keyrack = await startKeyrack({ sandbox: { profile: 'small', limit: { requests: 5_000, windowMs: 30_000 } }, env: settings, worker: 'none', ...(postgres !== undefined && { postgres }) });
    const { database, sandbox } = keyrack;
    const hotels = openHotels(sandbox.world, records);
    await database.owner.query('update environment set limit_requests = 5000, limit_seconds = 30 where id = $1', ['sandbox']);
    await keyrack.onboard(sandbox.tokens.findIndex((token) => token.accessToken === hotels.accessToken));
    // Only the sync that the test asks for: an increment beside it would ask for the same pages by right.
    await database.owner.query('update schedule set enabled = false');
    await slowDown(database.owner, pageSize, checkpointMs);
    sandbox.faults.add({ kind: 'delay', ms: delayMs });
    const fleet = new Fleet({ ...settings, ...database.env }, dist);
    return new Scene(keyrack, fleet, hotels, new FeedFollower(keyrack.api, names, 'ids'), pageSize);
  }

  async start(workers: number): Promise<void> {
    const { status } = await this.keyrack.call('POST', '/syncs', { mode: 'full', collections: synced });
    if (status !== 202) throw new Error(`the sync did not start: ${status}`);
    this.follower.start();
    await this.fleet.start(workers);
  }

  async rows<Row extends object>(statement: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.keyrack.database.owner.query(statement, values)).rows as Row[];
  }

  /** A page of a stream that several hotels share counts once. */
  async pages(): Promise<number> { return (await this.rows<{ n: number }>('select coalesce(sum(pages), 0)::int as n from run where leader_id is null'))[0]?.n ?? 0; }

  async live(): Promise<boolean> { return (await this.rows(`select from run where state in ('queued', 'running', 'waiting') limit 1`)).length > 0; }

  /** The runs that a process holds, with the fence it holds them by. */
  heldBy(pid: number): Promise<{ id: string; fence: number }[]> { return this.rows(`select id, fence from run where state = 'running' and worker like $1`, [`${pid}-%`]); }

  untilPages(count: number): Promise<true> { return until(300_000, async () => (await this.pages()) >= count || !(await this.live()) || undefined); }

  /** How many pages the whole sync has at the least. */
  get pagesExpected(): number {
    const sizes = names.flatMap((name) => ownersOf(name, this.hotels).map((owner) => listed(this.keyrack, name, [owner]).size));
    return sizes.reduce((sum, size) => sum + Math.ceil(size / this.pageSize), 0);
  }

  untilIdle(timeoutMs: number): Promise<void> { return this.keyrack.untilIdle(timeoutMs); }

  /** What is not as if nothing had happened; nothing, when all is well. Ends the follower. */
  async verdict(): Promise<{ problems: string[]; figures: Figures }> {
    await this.follower.stop();
    const again = new FeedFollower(this.keyrack.api, names, 'records');
    await again.catchUp();
    let records = 0;
    const problems = this.fleet.crashes.map((crash) => `a worker ended by itself: ${crash}`);
    for (const name of names) {
      const expected = listed(this.keyrack, name, ownersOf(name, this.hotels));
      records += expected.size;
      const followed = this.follower.changes.get(name) ?? [], read = again.changes.get(name) ?? [];
      problems.push(...compareRecords(name, expected, read), ...compareFeeds(name, followed, read));
    }
    problems.push(...await this.#counters(records));
    const figures = { records, ...await this.#requests(problems) };
    return { problems, figures };
  }

  async #counters(records: number): Promise<string[]> {
    const [row] = await this.rows<Record<string, number>>(`
      select (select sum(added)::int from run) as "added by runs", (select sum(live)::int from record_count) as "counted",
             (select count(*)::int from record where deleted_at is null) as "records stored", (select sum(records)::int from run_window) as "records of windows",
             (select count(distinct (collection, id))::int from record where seq = first_seq) as "with one position in the feed"`);
    const [none] = await this.rows<Record<string, number>>(`
      select sum(updated)::int as updated, sum(unchanged)::int as unchanged, sum(deleted)::int as deleted, sum(quarantined)::int as quarantined,
             sum(abs(run.pages - (select coalesce(sum(pages), 0) from run_window w where w.run_id = run.id)))::int as "pages that run and windows disagree about" from run where leader_id is null`);
    const unsuccessful = await this.rows<{ text: string }>(`select collection || ' ' || state || ' ' || coalesce(error::text, '') as text from run where state <> 'succeeded'`);
    return [
      ...Object.entries(row ?? {}).filter(([, n]) => n !== records).map(([what, n]) => `${what}: ${n} instead of ${records}`),
      ...Object.entries(none ?? {}).filter(([, n]) => n !== 0).map(([what, n]) => `${what}: ${n} instead of 0`),
      ...unsuccessful.map(({ text }) => `a run did not succeed: ${text}`),
    ];
  }

  async #requests(problems: string[]): Promise<{ requests: number; refetched: number; takeovers: number }> {
    const seen = this.keyrack.sandbox.log.requests(this.hotels.accessToken).filter(({ path }) => names.some((name) => path.startsWith(`${name}/getAll`)));
    const asked = new Map<string, number>();
    for (const { path, body } of seen) { const key = `${path} ${JSON.stringify(body)}`; asked.set(key, (asked.get(key) ?? 0) + 1); }
    const refetched = seen.length - asked.size;
    const [row] = await this.rows<{ takeovers: number }>('select sum(fence - 1)::int as takeovers from run');
    const takeovers = row?.takeovers ?? 0;
    if (refetched > takeovers) problems.push(`${refetched} pages were asked for again, but runs changed hands only ${takeovers} times`);
    const refused = this.keyrack.sandbox.log.requests().filter(({ status }) => status !== null && status >= 400);
    for (const { path, status } of refused.slice(0, 3)) problems.push(`Mews answered ${status} to ${path}, one of ${refused.length}`);
    return { requests: seen.length, refetched, takeovers };
  }

  async close(): Promise<void> {
    await this.fleet.stop();
    await this.follower.stop().catch(() => undefined);
    await this.keyrack.stop();
  }
}

/** Small pages, and statements that take as long as on a busy disk: without them a kill would all but never land between two writes. */
export async function slowDown(owner: Keyrack['database']['owner'], pageSize: number, checkpointMs: number): Promise<void> {
  await owner.query(`
    create function small_page() returns trigger language plpgsql as $$ begin new.page_size := least(new.page_size, ${pageSize}); return new; end $$;
    create trigger small_page before insert on run_window for each row execute function small_page();
    create function busy_disk() returns trigger language plpgsql as $$ begin perform pg_sleep(tg_argv[0]::float / 1000); return null; end $$;
    create trigger busy_page after insert on record for each statement execute function busy_disk('25');
    create trigger busy_checkpoint after update of pages on run for each statement execute function busy_disk('${checkpointMs}');`);
}

function compareRecords(name: string, expected: ReadonlyMap<string, unknown>, read: readonly Change[]): string[] {
  const got = new Map(read.map((change) => [change.id, change.record]));
  const lost = [...expected.keys()].filter((id) => !got.has(id)).length;
  const foreign = [...got.keys()].filter((id) => !expected.has(id)).length;
  const different = [...expected].filter(([id, record]) => got.has(id) && !isDeepStrictEqual(got.get(id), JSON.parse(JSON.stringify(record)))).length;
  return Object.entries({ lost, foreign, different }).filter(([, n]) => n > 0).map(([what, n]) => `${name}: ${n} of ${expected.size} ${what}`);
}

/** The follower saw while it happened what a reader sees who comes afterwards: each record once, as added, in the order of positions. */
function compareFeeds(name: string, followed: readonly Change[], read: readonly Change[]): string[] {
  const order = (changes: readonly Change[]): string => changes.map(({ seq, id }) => `${seq} ${id}`).join();
    const notAdded = [...followed, ...read].filter(({ change }) => change !== 'added').length;
  const seen = new Set(followed.map(({ id }) => id));
  const skipped = read.filter(({ id }) => !seen.has(id)).length;
  const back = followed.filter(({ seq }, i) => i > 0 && seq <= (followed[i - 1]?.seq ?? 0)).length;
  const problems = Object.entries({ 'came twice': followed.length - seen.size, 'not as added': notAdded, 'were skipped': skipped, 'came out of order': back }).filter(([, n]) => n > 0).map(([what, n]) => `${name}: ${n} changes ${what}`);
  return problems.length === 0 && order(followed) !== order(read) ? [`${name}: the follower saw another order than a later reader`] : problems;
}
