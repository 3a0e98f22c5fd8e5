// Writes one list of one page: what is new or changed is sealed and upserted, what is unchanged is neither parsed nor touched.
import { setImmediate as flushed } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { OVERHEAD_BYTES, type Sealer } from '@keyrack/credentials';
import { later, sql, type Sql, type TenantTx } from '@keyrack/core';
import { readItem, type CollectionEntry, type PageItem, type PageRecord, type Quarantined, type RecordList } from '@keyrack/mews';
import { byteaArray, hexArray, textArray, timestamptzArray, uuidArray } from './binary-array.js';
import { enterprisesOf } from './owners.js';
import { chunk } from './plan.js';
import { mewsId } from './record-id.js';
import { UNNAMED } from './seen.js';

/** Where a page's records belong. */
export interface PageScope {
  environment: string;
  collection: string;
  /** Which pull they came from: an enterprise, or a chain as one AccessToken sees it. */
  source: string;
  /** Set on every record of the page; null for records that belong to a chain or to nobody. */
  enterpriseId: string | null;
  /** The chain of records that do not name theirs. */
  chainId: string | null;
  /** A time by the database's clock before which the page was not asked for. */
  askedAfter: Date;
  /** Enterprises of services that the run has looked up. */
  serviceOwners: Map<string, string>;
}

/** A record that is not stored as it is now. */
interface Fresh { record: PageRecord; bytes: Buffer; hash: string; known: string }

/**
 * A part of a list beside what is stored at `position` of the feed. `ids`: every record that is kept, changed or not; `spoilt`: those that are
 * there and cannot be read, `UNNAMED` where not even the id can.
 */
export interface Compared { position: number; ids: string[]; spoilt: string[]; fresh: Fresh[]; rewritten: Fresh[]; quarantined: Quarantined[] }

export interface WriteResult { added: number; updated: number }

interface Written { inserted: number; written: number }

/** While Postgres looks up so many hashes the next records are looked for. */
const LOOKUP_ROWS = 500;
/** While it writes so many the next are sealed. */
const WRITE_ROWS = 250;
/** What stands in a hash's place: for what is not stored, is a tombstone, or belongs to another enterprise. */
const UNKNOWN = '', DELETED = 'deleted', FOREIGN = 'foreign';
const HASH_BYTES = 16;
/** Between ids in one text: in no id, whatever Mews' codes may hold. */
const SEPARATOR = '\u001F';

/** Where a record's payload is sealed to. @param id as it is stored */
export const payloadBinding = (environment: string, collection: string, id: string) =>
  ({ environment, table: 'record', column: 'payload', row: `${collection}/${mewsId(environment, collection, id)}` });

interface Stored { known: string[]; position: number }

/** The records of one list of one page, whose stored hashes are asked for while the list is still being read. */
export class Lookup {
  readonly #parts: { items: PageItem[]; stored: Promise<Stored> }[] = [];
  #items: PageItem[] = [];

  constructor(private readonly tx: TenantTx, readonly scope: PageScope) {}

  add(item: PageItem): void {
    this.#items.push(item);
    if (this.#items.length === LOOKUP_ROWS) this.#ask();
  }

  /** All that was added. */
  get items(): PageItem[] { return [...this.#parts.flatMap(({ items }) => items), ...this.#items]; }

  /** All that was added, in parts. */
  parts(): readonly { items: readonly PageItem[]; stored: Promise<Stored> }[] {
    if (this.#items.length > 0) this.#ask();
    return this.#parts;
  }

  #ask(): void {
    this.#parts.push({ items: this.#items, stored: later(storedHashes(this.tx, this.scope, this.#items.map(({ id }) => id ?? ''))) });
    this.#items = [];
  }
}

/**
 * Tells, part by part, what is new or changed by the hashes of the records' bytes. A record that Mews only wrote in another way (order of
 * properties, white space) is `rewritten`: no change, but its hash is out of date. Each part must be written before the next is asked for.
 * @throws MewsError `invalid_answer`
 */
export async function* compare(tx: TenantTx, sealer: Sealer, entry: CollectionEntry, list: RecordList, lookup: Lookup): AsyncGenerator<Compared> {
  const { scope } = lookup, kept = new Map<string, Fresh | null>();
  for (const { items, stored } of lookup.parts()) {
    const hashes = items.map((item) => sealer.contentHash(item.bytes));   // while Postgres looks up its own
    const { known, position } = await stored;
    const ids: string[] = [], different = new Map<string, Fresh>(), spoilt: string[] = [], quarantined: Quarantined[] = [];
    const keep = (id: string, fresh: Fresh | null): void => {
      if (!kept.has(id)) ids.push(id);
      kept.set(id, fresh);
      if (fresh) different.set(id, fresh); else different.delete(id);
    };
    items.forEach((item, i) => {
      // What stands on the page twice is compared with what is stored by then: with the first of the two where that was in a part before.
      const hash = hashes[i] ?? '', before = item.id === null ? undefined : kept.get(item.id), isWritten = before && different.get(before.record.id) !== before;
      const storedHash = isWritten ? before.hash : before?.known ?? known[i] ?? UNKNOWN;
      if (item.id !== null && storedHash === hash) return isWritten || keep(item.id, null);
      const record = readItem(entry, list, item);
      if ('reason' in record) {
        spoilt.push(item.id ?? UNNAMED);
        return quarantined.push(record);
      }
      record.id = item.id ?? record.id;
      if (isStray(record.enterpriseId, scope)) return quarantined.push(strayed(item.bytes));
      return keep(record.id, { record, bytes: item.bytes, hash, known: storedHash });
    });
    const found = [...different.values()], [strays, same] = await Promise.all([straysOf(tx, scope, entry, list, found), sameValues(tx, sealer, scope, found.filter((one) => one.known.length === 2 * HASH_BYTES))]);
    const isOurs = ({ record }: Fresh): boolean => !strays.has(record.id), candidates = found.filter(isOurs);
    quarantined.push(...found.filter((one) => !isOurs(one)).map(({ bytes }) => strayed(bytes)));
    yield { position, ids: ids.filter((id) => !strays.has(id)), spoilt, fresh: candidates.filter((one) => !same.has(one)), rewritten: candidates.filter((one) => same.has(one)), quarantined };
  }
}

/** What was never stored of a page. */
export const unknownOf = (compared: Compared): Compared => ({ ...compared, fresh: compared.fresh.filter(({ known }) => known === UNKNOWN), rewritten: [] });

/** What is stored of a page, living or not, and has other bytes there. */
export const knownOf = (compared: Compared): Fresh[] => compared.fresh.filter(({ known }) => known !== UNKNOWN);

/** A record that names another enterprise than the one asked for must not be stored under this one. */
const isStray = (enterpriseId: string | null | undefined, scope: PageScope): boolean =>
  scope.enterpriseId !== null && (enterpriseId ?? scope.enterpriseId) !== scope.enterpriseId;

const strayed = (bytes: Buffer): Quarantined => ({ reason: 'belongs to another enterprise than the one asked for', raw: JSON.parse(bytes.toString()) });

/** Nor must one that names a service or a parent of another enterprise. */
async function straysOf(tx: TenantTx, scope: PageScope, entry: CollectionEntry, list: RecordList, fresh: readonly Fresh[]): Promise<Set<string>> {
  if (scope.enterpriseId === null || list.enterprise !== undefined) return new Set();
  const byService = list.service !== undefined, owner = ({ record }: Fresh): string => (byService ? record.serviceId : record.parentId) ?? '';
  const enterprises = byService ? scope.serviceOwners : new Map<string, string>(), wanted = [...new Set(fresh.map(owner))].filter((id) => id !== '' && !enterprises.has(id));
  for (const [id, enterprise] of await enterprisesOf(tx, scope.environment, entry, list, wanted)) enterprises.set(id, enterprise);
  return new Set(fresh.filter((one) => isStray(enterprises.get(owner(one)), scope)).map(({ record }) => record.id));
}

/** The hash of each record in hex, or what stands in its place, and the feed's position. */
async function storedHashes(tx: TenantTx, scope: PageScope, ids: readonly string[]): Promise<Stored> {
  // Two texts for all: a row for each would cost the driver more than the look-up costs Postgres.
  const [row] = await tx.prepared<{ ids: string | null; hashes: string | null; position: number }>('record-hashes', sql`
    select string_agg(id, ${SEPARATOR}) as ids,
           string_agg(case when deleted_at is not null then ${DELETED} when enterprise_id is not distinct from ${scope.enterpriseId} then encode(hash, 'hex') else ${FOREIGN} end, ${SEPARATOR}) as hashes,
           coalesce((select last_seq from feed where tenant_id = ${tx.tenantId} and collection = ${scope.collection}), 0) as position
      from record where tenant_id = ${tx.tenantId} and collection = ${scope.collection} and id = any(${textArray(ids)}::text[])`);
  const hashes = row?.hashes?.split(SEPARATOR) ?? [], stored = new Map((row?.ids?.split(SEPARATOR) ?? []).map((id, i) => [id, hashes[i] ?? UNKNOWN]));
  return { known: ids.map((id) => stored.get(id) ?? UNKNOWN), position: row?.position ?? 0 };
}

/** Those whose stored value is the same. A record that changed has another update time, mostly, and is not fetched to find that out. */
async function sameValues(tx: TenantTx, sealer: Sealer, { environment, collection }: PageScope, candidates: readonly Fresh[]): Promise<Set<Fresh>> {
  if (candidates.length === 0) return new Set();
  const stored = await tx.prepared<{ n: number; payload: Buffer | null }>('record-payloads', sql`
    select n, (select payload from record where tenant_id = ${tx.tenantId} and collection = ${collection} and record.id = page.id and record.updated_utc is not distinct from page.updated_utc) as payload
      from unnest(${textArray(candidates.map(({ record }) => record.id))}::text[], ${timestamptzArray(candidates.map(({ record }) => record.updatedUtc))}::timestamptz[])
        with ordinality as page (id, updated_utc, n)`);
  await sealer.knowing(tx, stored.map(({ payload }) => payload));
  return new Set(stored.flatMap(({ n, payload }) => {
    const one = candidates[n - 1];
    return one && payload && sameValue(sealer.open(payloadBinding(environment, collection, one.record.id), payload).toString(), one) ? [one] : [];
  }));
}

/** Mews' decimals may have more digits than a number holds: where there are that many, other bytes are another value. */
const manyDigits = /\d[\d.]{15}/;
function sameValue(stored: string, { bytes }: Fresh): boolean {
  const now = bytes.toString();
  return !manyDigits.test(stored) && !manyDigits.test(now) && isDeepStrictEqual(JSON.parse(stored), JSON.parse(now));
}

/**
 * Writes what is new or changed of one list, part by part: while Postgres writes one, the next is read and sealed. From the first record on it
 * holds the feed's row lock, under which positions become visible in order: write nothing that others wait for before the commit.
 */
export class ListWriter {
  #before: number | undefined;
  #seq = 0;
  #revived = 0;
  readonly #writing: Promise<Written>[] = [];
  readonly #rewritten: Fresh[] = [];

  constructor(private readonly tx: TenantTx, private readonly sealer: Sealer, private readonly scope: PageScope) {}

  async write({ position, fresh, rewritten }: Pick<Compared, 'position' | 'fresh' | 'rewritten'>): Promise<void> {
    this.#rewritten.push(...rewritten);
    if (fresh.length === 0) return;
    const { tx, sealer, scope } = this;
    const before = this.#before ??= this.#seq = await lockFeed(tx, scope.collection);
    // Whoever writes records of the collection moves its feed: while it stands where it stood, what was unknown is new.
    const isNew = ({ known }: Fresh): boolean => known === UNKNOWN && before === position;
    const deleted = fresh.filter(({ known }) => known === DELETED).map(({ record }) => record.id);
    // Under the feed's lock, so that nobody else revives them meanwhile.
    if (deleted.length > 0) this.#revived += await stillDeleted(tx, scope.collection, deleted);
    for (const [rows, write] of [[fresh.filter((one) => !isNew(one)), upsert], [fresh.filter(isNew), insert]] as const) {
      for (const part of chunk(rows, WRITE_ROWS)) {
        this.#writing.push(later(write(tx, scope, await sealedRows(tx, sealer, scope, part, this.#seq), part.length)));
        this.#seq += part.length;
      }
    }
  }

  /** Moves the feed and the counts by what was written. */
  async end(): Promise<WriteResult> {
    const { tx, scope } = this, rewritten = this.#rewritten;
    // Behind what is being written, which it need not wait for.
    const moved = [...(this.#before === undefined ? [] : [later(moveFeed(tx, scope.collection, this.#seq))]), ...(rewritten.length === 0 ? [] : [later(storeHashes(tx, scope.collection, rewritten))])];
    const written = await Promise.all(this.#writing);
    const added = this.#revived + written.reduce((sum, { inserted }) => sum + inserted, 0), all = written.reduce((sum, one) => sum + one.written, 0);
    await Promise.all([...moved, ...(written.length + rewritten.length === 0 ? [] : [countRecords(tx, scope, added, this.#revived)])]);
    return { added, updated: all - added };
  }
}

/** Takes the feed's row lock. @returns its last position */
export async function lockFeed(tx: TenantTx, collection: string): Promise<number> {
  const lock = sql`select last_seq as position from feed where tenant_id = ${tx.tenantId} and collection = ${collection} for update`;
  let [feed] = await tx.prepared<{ position: number }>('feed-lock', lock);
  if (!feed) {
    await tx.sql`insert into feed (tenant_id, collection) values (${tx.tenantId}, ${collection}) on conflict do nothing`;
    [feed] = await tx.prepared<{ position: number }>('feed-lock', lock);
  }
  return feed?.position ?? 0;
}

async function moveFeed(tx: TenantTx, collection: string, position: number): Promise<void> {
  await tx.prepared('feed-move', sql`update feed set last_seq = ${position} where tenant_id = ${tx.tenantId} and collection = ${collection}`);
}

async function stillDeleted(tx: TenantTx, collection: string, ids: readonly string[]): Promise<number> {
  const [row] = await tx.sql<{ count: number }>`
    select count(*) from record where tenant_id = ${tx.tenantId} and collection = ${collection} and id = any(${[...ids]}::text[]) and deleted_at is not null`;
  return row?.count ?? 0;
}

/** The rows of a part, sealed while Postgres writes those before: what the connection has still to send goes out first. */
async function sealedRows(tx: TenantTx, sealer: Sealer, { environment, collection, source, enterpriseId, chainId }: PageScope, part: readonly Fresh[], before: number): Promise<Sql> {
  await flushed();
  const records = part.map(({ record }) => record);
  const payloads = byteaArray(part, part.reduce((sum, { bytes }) => sum + OVERHEAD_BYTES + bytes.length, 0), (array, at, { record, bytes }) =>
    sealer.sealInto(array, at, payloadBinding(environment, collection, record.id), bytes));
  return sql`
    insert into record (tenant_id, collection, id, environment_id, source, enterprise_id, chain_id, service_id, parent_id, first_seq, seq, changed_at, updated_utc, hash, payload)
    select ${tx.tenantId}, ${collection}, page.id, ${environment}, ${source}, ${enterpriseId}, coalesce(page.chain_id, ${chainId}), page.service_id, page.parent_id,
           ${before}::bigint + n, ${before}::bigint + n, clock_timestamp(), page.updated_utc, page.hash, page.payload
      -- Row by row: as a table function, unnest would copy all payloads once more before the first is written.
      from (select unnest(${textArray(records.map(({ id }) => id))}::text[]) as id, unnest(${uuidArray(records.map((record) => record.chainId))}::uuid[]) as chain_id,
                   unnest(${uuidArray(records.map((record) => record.serviceId))}::uuid[]) as service_id, unnest(${uuidArray(records.map((record) => record.parentId))}::uuid[]) as parent_id,
                   unnest(${timestamptzArray(records.map((record) => record.updatedUtc))}::timestamptz[]) as updated_utc, unnest(${hexArray(part.map(({ hash }) => hash), HASH_BYTES)}::bytea[]) as hash,
                   unnest(${payloads}::bytea[]) as payload, generate_series(1, ${part.length}::int) as n) page`;
}

/** Rows that are known to be new: without a look for what they might conflict with. */
async function insert(tx: TenantTx, _scope: PageScope, rows: Sql, count: number): Promise<Written> {
  await tx.prepared('record-insert', rows);
  return { inserted: count, written: count };
}

async function upsert(tx: TenantTx, { askedAfter }: PageScope, rows: Sql): Promise<Written> {
  const [row] = await tx.prepared<Written>('record-upsert', sql`
    with written as (
      ${rows}
      on conflict (tenant_id, collection, id) do update
        set environment_id = excluded.environment_id, source = case when record.deleted_at is null then record.source else excluded.source end, enterprise_id = excluded.enterprise_id, chain_id = excluded.chain_id,
            service_id = excluded.service_id, parent_id = excluded.parent_id,
            first_seq = case when record.deleted_at is null then record.first_seq else excluded.first_seq end,
            seq = excluded.seq, changed_at = excluded.changed_at, updated_utc = excluded.updated_utc, deleted_at = null,
            hash = excluded.hash, payload = excluded.payload
        -- Another token of the chain may have written the record since its hash was read: the same again is no second change,
        -- and a page that was fetched earlier must not take it back. What is asked for later is right, whatever time it carries.
        where record.deleted_at is not null
           or (record.hash <> excluded.hash and (record.changed_at < ${askedAfter} or coalesce(excluded.updated_utc >= record.updated_utc, true)))
      returning xmax = 0 as inserted)
    select count(*) filter (where inserted) as inserted, count(*) as written from written`);
  return row ?? { inserted: 0, written: 0 };
}

/**
 * Puts what Mews lists as deleted now in the place of what was stored of it. That it was deleted was told, or is, by a position of its own. Call
 * it under the feed's lock, after the deletion.
 */
export async function renewTombstones(tx: TenantTx, sealer: Sealer, scope: PageScope, listed: readonly Fresh[]): Promise<void> {
  if (listed.length === 0) return;
  const rows = await tx.sql<{ id: string }>`
    select record.id from record join unnest(${textArray(listed.map(({ record }) => record.id))}::text[], ${hexArray(listed.map(({ hash }) => hash), HASH_BYTES)}::bytea[]) as page (id, hash) using (id)
     where record.tenant_id = ${tx.tenantId} and record.collection = ${scope.collection} and record.deleted_at is not null and record.hash <> page.hash`;
  const other = new Set(rows.map(({ id }) => id));
  for (const part of chunk(listed.filter(({ record }) => other.has(record.id)), WRITE_ROWS)) {
    await tx.run(sql`
      ${await sealedRows(tx, sealer, scope, part, 0)}
      on conflict (tenant_id, collection, id) do update set updated_utc = excluded.updated_utc, hash = excluded.hash, payload = excluded.payload
        where record.deleted_at is not null`);
  }
}

/** Only where the hash is still the one that was compared: another token may have written the record since. */
async function storeHashes(tx: TenantTx, collection: string, rewritten: readonly Fresh[]): Promise<void> {
  const hashes = (of: 'hash' | 'known'): Buffer => hexArray(rewritten.map((one) => one[of]), HASH_BYTES);
  await tx.sql`
    update record set hash = page.hash
      from unnest(${textArray(rewritten.map(({ record }) => record.id))}::text[], ${hashes('hash')}::bytea[], ${hashes('known')}::bytea[]) as page (id, hash, known)
     where record.tenant_id = ${tx.tenantId} and record.collection = ${collection} and record.id = page.id and record.hash = page.known`;
}

async function countRecords(tx: TenantTx, { collection, source, enterpriseId, chainId }: PageScope, added: number, revived: number): Promise<void> {
  await tx.prepared('record-count', sql`
    insert into record_count (tenant_id, collection, source, enterprise_id, chain_id, live, last_changed_at)
    values (${tx.tenantId}, ${collection}, ${source}, ${enterpriseId}, ${chainId}, ${added}, clock_timestamp())
    on conflict (tenant_id, collection, source) do update
      set live = record_count.live + excluded.live, deleted = record_count.deleted - ${revived}::bigint, last_changed_at = excluded.last_changed_at`);
}

/** Marks records as deleted; each takes a position in the change feed, where it stays as a tombstone. Returns how many. */
export async function deleteRecords(tx: TenantTx, collection: string, source: string, ids: readonly string[]): Promise<number> {
  const [row] = await tx.sql<{ deleted: number }>`
    with position as (
      insert into feed (tenant_id, collection, last_seq) values (${tx.tenantId}, ${collection}, ${ids.length})
      on conflict (tenant_id, collection) do update set last_seq = feed.last_seq + ${ids.length}
      returning last_seq - ${ids.length} as before),
    gone as (
      update record set deleted_at = clock_timestamp(), changed_at = clock_timestamp(), seq = before + n
        from position, unnest(${[...ids]}::text[]) with ordinality as vanished (id, n)
       where record.tenant_id = ${tx.tenantId} and record.collection = ${collection} and record.id = vanished.id and record.deleted_at is null
       returning record.id),
    counted as (
      update record_count set live = live - (select count(*) from gone), deleted = deleted + (select count(*) from gone), last_changed_at = clock_timestamp()
       where tenant_id = ${tx.tenantId} and collection = ${collection} and source = ${source})
    select count(*) as deleted from gone`;
  return row?.deleted ?? 0;
}
