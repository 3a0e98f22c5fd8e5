// Every collection of two tenants at once, one with a portfolio's token and one with a hotel's own, while Mews answers badly.
import { isDeepStrictEqual } from 'node:util';
import { collections, ownerOf, type CollectionEntry } from '@keyrack/mews';
import { startKeyrack, until, type Keyrack } from '../harness/keyrack.js';
import { undocumented } from '../conformance/asked.js';
import { expectMirror, listed, unwell, type Run } from '../sync/mirror.js';
import { add, fill, seeded } from '../sync/seed.js';
import { FeedFollower } from './feed-follower.js';
import { Fleet } from './fleet.js';
import { slowDown, WORKER_CONCURRENCY } from './scene.js';

export interface StageOptions {
  pageSize: number; reservations: number; seed: string; env?: Record<string, string>;
  /** With the parents that they are asked for by; all unless told. */
  collections?: readonly string[];
  /** Settings of the workers alone, such as another way to this database. */
  ways?: (databaseUrl: string) => Promise<Record<string, string>>;
}
type Event = [id: string, change: string];
type Records = ReadonlyMap<string, unknown>;
/** Of one tenant: whose records it keeps, and what came of its feeds so far. */
interface Part { keyrack: Keyrack; enterpriseIds: string[]; follower: FeedFollower; read: Map<string, number> }

interface Listed { name: string; entry: CollectionEntry }

const listsOf = (synced: readonly string[] | undefined): Listed[] => collections
  .filter(({ name }) => name !== 'enterprises' && (synced?.includes(name) ?? true))
  .flatMap((entry) => entry.lists.map(({ name }) => ({ name, entry })));

export class Stage {
  readonly #lists: readonly Listed[];

  private constructor(private readonly keyrack: Keyrack, readonly fleet: Fleet, private readonly parts: readonly Part[], private readonly options: StageOptions) {
    this.#lists = listsOf(options.collections);
  }

  static async open(options: StageOptions): Promise<Stage> {
    const settings = { KEYRACK_LEASE_SECONDS: '2', KEYRACK_WORKER_CONCURRENCY: String(WORKER_CONCURRENCY), KEYRACK_ALLOW_HTTP_PLATFORM: 'true', ...options.env };
    const limit = { requests: 10_000, seconds: 30 };
    const keyrack = await startKeyrack({ sandbox: { profile: 'small', seed: options.seed, limit: { requests: limit.requests } }, requestLimit: limit, env: settings, worker: 'none' });
    const { world } = keyrack.sandbox, { database, api } = keyrack;
    const [own = '', ...hotels] = [...world.enterprises.keys()].slice(0, 3);
    for (const id of [own, ...hotels]) { fill(world, id); world.addRecords('reservations', id, options.reservations); }
    await api.request('POST', '/v1/tenants', { slug: 'solo', name: 'Solo' });
    const solo: Keyrack = { ...keyrack, call: (method, path, body) => api.request(method, `/v1/tenants/solo${path}`, body) };
    const tokens = [world.issueToken({ label: 'Two hotels', enterprises: hotels, kind: 'portfolio', restricted: true }), world.tokens[0]];
    world.unknownIds = 'refused';
    const names = listsOf(options.collections).map(({ name }) => name);
    const parts = [{ keyrack, enterpriseIds: hotels }, { keyrack: solo, enterpriseIds: [own] }].map((part, i) =>
      ({ ...part, read: new Map<string, number>(), follower: new FeedFollower(api, names, 'ids', ['acme', 'solo'][i]) }));
    for (const [i, part] of parts.entries()) {
      const { status } = await part.keyrack.call('POST', '/access-tokens', { applicationId: keyrack.applicationId, environment: 'sandbox', accessToken: tokens[i]?.accessToken, connect: 'all' });
      if (status !== 201) throw new Error(`onboarding: ${status}`);
    }
    await database.owner.query('update schedule set enabled = false');
    await slowDown(database.owner, options.pageSize, 10);
    const fleet = new Fleet({ ...settings, ...database.env, ...await options.ways?.(database.env.DATABASE_URL) });
    return new Stage(keyrack, fleet, parts, options);
  }

  /** From now on Mews answers badly: about one request of six. */
  arm(): void {
    const { faults } = this.keyrack.sandbox, { seed } = this.options;
    faults.add({ kind: 'status', status: 500, probability: 0.04, seed });
    faults.add({ kind: 'reset', when: 'before', probability: 0.02, seed });
    faults.add({ kind: 'reset', when: 'after', probability: 0.02, seed });
    faults.add({ kind: 'truncate', probability: 0.03, seed });
    faults.add({ kind: 'duplicate_rows', probability: 0.3, seed });
    faults.add({ kind: 'delay', ms: 30 });
  }

  async sync(mode: 'full' | 'incremental'): Promise<void> {
    for (const { keyrack } of this.parts) {
      const { status } = await keyrack.call('POST', '/syncs', { mode, ...(this.options.collections && { collections: this.options.collections }) });
      if (status !== 202) throw new Error(`the sync did not start: ${status}`);
    }
  }

  follow(): void { for (const { follower } of this.parts) follower.start(); }

  async rows<Row extends object>(statement: string, values: unknown[] = []): Promise<Row[]> { return (await this.keyrack.database.owner.query(statement, values)).rows as Row[]; }

  async pages(): Promise<number> { return (await this.rows<{ n: number }>('select coalesce(sum(pages), 0)::int as n from run'))[0]?.n ?? 0; }

  heldBy(pid: number): Promise<{ id: string; fence: number }[]> { return this.rows(`select id, fence from run where state = 'running' and worker like $1`, [`${pid}-%`]); }

  async #live(): Promise<boolean> { return (await this.rows(`select from run where state in ('queued', 'running', 'waiting') limit 1`)).length > 0; }

  untilPages(count: number): Promise<true> { return until(300_000, async () => (await this.pages()) >= count || !(await this.#live()) || undefined); }

  untilIdle(timeoutMs: number): Promise<true> { return until(timeoutMs, async () => !(await this.#live()) || undefined); }

  /** How many pages a first load has at the least. */
  get pagesExpected(): number {
    return this.parts.flatMap((part) => this.#lists.flatMap(({ name, entry }) => this.#owners(part, entry).map((owner) => Math.ceil(listed(this.keyrack, name, [owner]).size / this.options.pageSize)))).reduce((sum, n) => sum + n, 0);
  }

  /** Records are made, changed, ended and, where we can find that out, removed without a trace: some of each collection of each owner. */
  change(): void {
    const { world } = this.keyrack.sandbox;
    for (const entry of seeded.filter(({ name }) => this.#lists.some((list) => list.name === name))) {
      const owners = new Map(this.parts.flatMap((part) => part.enterpriseIds.map((id) => [this.#ownerOf(entry, id), id] as const)));
      for (const owner of owners.keys()) {
        const ids = world.rows(entry.name, [owner]).map((row) => row.id), [last, ended, gone] = [ids.at(-1), ids.at(-2), ids.at(-3)];
        if (last !== undefined) world.update(entry.name, last, { Note: 'changed' });
        if (gone === undefined || ended === undefined) continue;
        // A machine's commands can be asked for by its id only.
        if (world.get(entry.name, gone)?.['Type'] === 'FiscalMachine') continue;
        if (entry.fullEvery !== undefined || entry.strategy === 'snapshot') world.vanish(entry.name, gone);
        else if (entry.lists[0].updated !== undefined) world.deactivate(entry.name, ended);
      }
      for (const enterpriseId of owners.values()) add(world, entry, enterpriseId);
    }
  }

  /** Every record once, as added. */
  expectAll(): () => string[] { return this.#expect(this.parts.map(() => new Map<string, Records>()), this.#look()); }

  /** What the feeds have to tell of `change`. */
  expect(change: () => void): () => string[] {
    const before = this.#look();
    change();
    return this.#expect(before, this.#look());
  }

  #look(): Map<string, Records>[] { return this.parts.map((part) => new Map(this.#lists.map(({ name, entry }) => [name, listed(this.keyrack, name, this.#owners(part, entry))]))); }

  #expect(before: readonly Map<string, Records>[], after: readonly Map<string, Records>[]): () => string[] {
    const names = this.#lists.map(({ name }) => name);
    const wanted = before.map((part, i) => new Map(names.map((name) => [name, eventsBetween(part.get(name) ?? new Map(), after[i]?.get(name) ?? new Map())])));
    for (const part of this.parts) for (const name of names) part.read.set(name, part.follower.changes.get(name)?.length ?? 0);
    return () => this.parts.flatMap((part, i) => names.flatMap((name) => {
      const came = (part.follower.changes.get(name) ?? []).slice(part.read.get(name)).map(({ id, change: kind }): Event => [id, kind]);
      return differenceOf(`${i === 0 ? 'portfolio' : 'single'} ${name}`, wanted[i]?.get(name) ?? [], came);
    }));
  }

  /** Looks at everything. @returns what is wrong beyond records that differ, which throw */
  async verdict(kills: number): Promise<{ problems: string[]; figures: Record<string, number> }> {
    const { sandbox } = this.keyrack, problems = this.fleet.crashes.map((crash) => `a worker ended by itself: ${crash}`);
    let records = 0;
    for (const { keyrack, enterpriseIds, follower } of this.parts) {
      await follower.catchUp();
      const { body } = await keyrack.call('GET', '/runs?limit=500');
      problems.push(...unwell(body.items as Run[]).map(({ collection, state, error }) => `${collection} ${state} ${JSON.stringify(error)}`));
      // A run that failed explains what is missing, and is told instead.
      if (problems.length === 0) records += await expectMirror(keyrack, enterpriseIds, this.options.collections);
    }
    const seen = sandbox.log.requests();
    const refused = seen.filter(({ status }) => status !== null && [400, 404].includes(status));
    problems.push(...refused.slice(0, 5).map(({ path, status, body }) => `Mews answered ${status} to ${path} ${JSON.stringify(body).slice(0, 300)}, one of ${refused.length}`), ...undocumented(seen));
    const faults = seen.filter(({ fault }) => fault !== null && fault !== 'duplicate_rows' && fault !== 'delay').length;
    const again = seen.length - new Set(seen.map(({ path, accessToken, body }) => `${path} ${accessToken} ${JSON.stringify(body)}`)).size;
    const [row] = await this.rows<{ wrong: number }>(`
      select count(*)::int as wrong from (select tenant_id, collection, source, sum(live)::int as live from record_count group by 1, 2, 3) c
       where live <> (select count(*) from record r where r.tenant_id = c.tenant_id and r.collection = c.collection and r.source = c.source and r.deleted_at is null)`);
    if (row?.wrong !== 0) problems.push(`${row?.wrong} counts are not those of the records`);
    return { problems, figures: { records, requests: seen.length, faults, again, kills } };
  }

  async close(): Promise<void> {
    await this.fleet.stop();
    for (const { follower } of this.parts) await follower.stop().catch(() => undefined);
    await this.keyrack.stop();
  }

  #ownerOf(entry: CollectionEntry, enterpriseId: string): string {
    const owner = ownerOf(entry);
    return owner === 'platform' ? 'platform' : owner === 'chain' ? this.keyrack.sandbox.world.enterprise(enterpriseId).chain.id : enterpriseId;
  }

  /** Whose records a tenant keeps; nobody's where Mews serves its token none. */
  #owners(part: Part, entry: CollectionEntry): string[] {
    const portfolio = part.enterpriseIds.length > 1;
    if (portfolio && (entry.portfolio === 'no' || entry.name === 'fiscalMachineCommands')) return [];
    return [...new Set(part.enterpriseIds.map((id) => this.#ownerOf(entry, id)))];
  }
}

function eventsBetween(before: Records, after: Records): Event[] {
  return [
    ...[...after.keys()].filter((id) => !before.has(id)).map((id): Event => [id, 'added']),
    ...[...before.keys()].filter((id) => !after.has(id)).map((id): Event => [id, 'deleted']),
    ...[...after].filter(([id, record]) => before.has(id) && !isDeepStrictEqual(record, before.get(id))).map(([id]): Event => [id, 'updated']),
  ];
}

function differenceOf(name: string, wanted: readonly Event[], came: readonly Event[]): string[] {
  const [want, got] = [wanted, came].map((events) => events.map((event) => event.join(' ')).toSorted()) as [string[], string[]];
  if (isDeepStrictEqual(want, got)) return [];
  return [`${name}: lacks ${want.filter((one) => !got.includes(one)).slice(0, 3).join(', ') || 'nothing'}; beyond ${got.filter((one, i) => !want.includes(one) || got.indexOf(one) !== i).slice(0, 3).join(', ') || 'nothing'}`];
}
