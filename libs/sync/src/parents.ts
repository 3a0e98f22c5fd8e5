// The ids that a run asks with: those of the parents' records, and which of them are new or changed since their children were read.
import { Injectable } from '@nestjs/common';
import { AppError, inTurn, sql, type AccessTokenId, type Sql, type TenantTx } from '@keyrack/core';
import { Vault } from '@keyrack/credentials';
import { fieldOf, ownerOf, parentsOf, type CollectionEntry, type ParentFilter } from '@keyrack/mews';
import { payloadBinding } from './page-writer.js';
import { inTurns, type CountedStretch, type Ids, type ParentIds, type Positions, type Stretch } from './plan.js';
import { mewsIdIn, storedId, storedUuid } from './record-id.js';
import type { Member } from './run.js';
import { entryOf } from './synced.js';

/** Positions in the feeds of the parents: by collection where the last run began, and by `turnOf` it where the turns of older ones have come to. */
export type ParentsSeen = Readonly<Record<string, number>>;
const turnOf = (collection: string): string => `turn of ${collection}`;
export interface FoundParents { ids: ParentIds[]; seen: ParentsSeen }

/** Whose parents are asked for, and by which token. */
type Asking = Pick<Member, 'enterpriseId' | 'chainId'> & { accessTokenId: AccessTokenId };
type State = { kind: 'ready' } | { kind: 'missing' } | { kind: 'unavailable'; reason: string };
interface ParentRow { id: string; environment: string; payload: Buffer }

const READ_ROWS = 5_000;

@Injectable()
export class Parents {
  constructor(private readonly vault: Vault) {}

  /**
   * Null for a collection that needs no ids. Records that Mews no longer lists are no parents any more.
   * @param seen up to where the parents were read by the last complete run
   * @throws AppError `run.dependency_missing` when a parent was never read, `collection.unavailable` when none can be
   */
  async find(tx: TenantTx, run: Asking, entry: CollectionEntry, seen: ParentsSeen): Promise<FoundParents | null> {
    const parents = parentsOf(entry);
    if (parents.length === 0) return null;
    const ready = await this.#ready(tx, run, entry, parents);
    const found: FoundParents = { ids: [], seen: {} };
    for (const parent of ready) {
      // Before the ids: what is written in between is then read once more, and never missed.
      const [feed] = await tx.sql<{ last: number }>`select last_seq as last from feed where tenant_id = ${tx.tenantId} and collection = ${parent.collection}`;
      const of = await this.#living(tx, run, parent), end = (seen[parent.collection] ?? 0) + 1;
      const [counted] = await tx.run<{ changed: number; known: number }>(sql`select count(*) filter (where seq >= ${end})::int as changed, count(*) filter (where seq < ${end})::int as known ${of}`);
      const { changed, known } = counted ?? { changed: 0, known: 0 };
      const { others, turn, turnedTo } = await inTurns(entry, parent.filter, known, end, seen[turnOf(parent.collection)], positionsIn(tx, of));
      found.seen = { ...found.seen, [parent.collection]: feed?.last ?? 0, ...(turnedTo !== undefined && { [turnOf(parent.collection)]: turnedTo }) };
      const ids = ({ count, ...stretch }: CountedStretch): Ids => ({ count, read: () => idsIn(tx, of, stretch) });
      found.ids.push({ filter: parent.filter, all: ids({ count: changed + known }), changed: ids({ from: end, count: changed }), others: ids(others), turn: ids(turn) });
    }
    return found;
  }

  /** The parents of these records that may still be asked with; null where one of them names none. */
  async living(tx: TenantTx, environment: string, entry: CollectionEntry, ids: readonly string[]): Promise<string[] | null> {
    const children = ids.map((id) => storedId(environment, entry.name, id));
    const [nameless] = await tx.sql`select 1 from record where tenant_id = ${tx.tenantId} and collection = ${entry.name} and id = any(${children}) and parent_id is null limit 1`;
    if (nameless) return null;
    const rows = await tx.sql<{ id: string }>`
      select distinct child.parent_id as id from record child
        join record parent on parent.tenant_id = child.tenant_id and parent.collection = any(${entry.parents.map((one) => one.collection)}) and parent.id = ${storedUuid(sql`child.parent_id`)}
       where child.tenant_id = ${tx.tenantId} and child.collection = ${entry.name} and child.id = any(${children}) and (parent.deleted_at is null or parent.collection = any(${entry.parents.map((one) => one.collection).filter(listsDeleted)})) order by id`;
    return rows.map((row) => row.id);
  }

  async #ready(tx: TenantTx, run: Pick<Member, 'enterpriseId' | 'chainId'>, entry: CollectionEntry, parents: readonly ParentFilter[]): Promise<ParentFilter[]> {
    const states = await inTurn(parents, async (parent) => ({ parent, state: await this.#state(tx, run, parent) }));
    const missing = states.find(({ state }) => state.kind === 'missing');
    if (missing) {
      const { collection } = missing.parent;
      throw new AppError('run.dependency_missing', { detail: `${entry.name} are asked for by the ids of ${collection}, which have not been synced yet: it goes on by itself when they have been` });
    }
    const ready = states.filter(({ state }) => state.kind === 'ready').map(({ parent }) => parent);
    const [first] = states;
    if (ready.length > 0 || first?.state.kind !== 'unavailable') return ready;
    throw new AppError('collection.unavailable', { detail: `${entry.name} are asked for by the ids of ${first.parent.collection}, which cannot be read: ${first.state.reason}` });
  }

  async #state(tx: TenantTx, run: Pick<Member, 'enterpriseId' | 'chainId'>, parent: ParentFilter): Promise<State> {
    const source = ownerOf(entryOf(parent.collection)) === 'chain' ? sql`split_part(source, ':', 1) = ${run.chainId}` : sql`source = ${run.enterpriseId}`;
    const [row] = await tx.run<{ ready: boolean | null; reason: string | null }>(sql`
      select bool_or(completed_at is not null and coalesce(unavailable_until < now(), true)) as ready, max(unavailable_reason) filter (where unavailable_until >= now()) as reason
        from sync_state where tenant_id = ${tx.tenantId} and collection = ${parent.collection} and ${source}`);
    if (row?.ready) return { kind: 'ready' };
    return row?.reason ? { kind: 'unavailable', reason: row.reason } : { kind: 'missing' };
  }

  /** The parents as the end of a query. */
  async #living(tx: TenantTx, run: Asking, { collection, where, except }: ParentFilter): Promise<Sql> {
    const owner = ownerOf(entryOf(collection)) === 'chain' ? await ofChain(tx, run, collection) : sql`enterprise_id = ${run.enterpriseId}`;
    const living = sql`from record where tenant_id = ${tx.tenantId} and collection = ${collection} and ${owner} and ${listsDeleted(collection) ? sql`true` : sql`deleted_at is null`}`;
    if (!where && !except) return living;
    const ids: string[] = [];   // of services or devices: an enterprise has few
    for await (const rows of tx.stream<ParentRow>(sql`select id, environment_id as environment, payload ${living}`, READ_ROWS)) {
      const sealer = await this.vault.tenant(tx, rows.map(({ payload }) => payload));
      for (const { id, environment, payload } of rows) {
        const record = JSON.parse(sealer.open(payloadBinding(environment, collection, id), payload).toString()) as Record<string, unknown>;
        if ((!where || fieldOf(record, where.field) === where.equals) && (!except || fieldOf(record, except.field) !== except.equals)) ids.push(id);
      }
    }
    return sql`${living} and id = any(${ids}::text[])`;
  }
}

/**
 * Whether Mews lists the deleted ones of a collection, apart, and so knows their ids: what belongs to them is asked for as what belongs to an
 * inactive one of another collection. Where it does not know one any more, it is left out as any that it refuses.
 */
const listsDeleted = (collection: string): boolean => entryOf(collection).deletedApart === true;

const within = ({ from, below }: Stretch): Sql => sql`${from === undefined ? sql`true` : sql`seq >= ${from} and seq > 0`} and ${below === undefined ? sql`true` : sql`seq < ${below}`}`;

/** As Mews writes them, the latest changed first. */
async function* idsIn(tx: TenantTx, of: Sql, stretch: Stretch): AsyncGenerator<string[]> {
  for await (const rows of tx.stream<{ id: string }>(sql`select ${mewsIdIn(sql`id`)} as id ${of} and ${within(stretch)} order by seq desc`, READ_ROWS)) yield rows.map(({ id }) => id);
}

const positionsIn = (tx: TenantTx, of: Sql): Positions => ({
  below: async (seq) => (await tx.run<{ n: number }>(sql`select count(*)::int as n ${of} and seq < ${seq}`))[0]?.n ?? 0,
  nth: async (below, n) => (await tx.run<{ seq: number }>(sql`select seq ${of} and seq < ${below} order by seq desc offset ${n - 1} limit 1`))[0]?.seq,
});

/**
 * A token may not see every record of its chain, and Mews refuses ids that it does not see: those that it has seen itself. All of the chain
 * where it never read them, since it only stands in for another one that may not read the children.
 */
async function ofChain(tx: TenantTx, { chainId, accessTokenId }: Asking, collection: string): Promise<Sql> {
  const source = `${chainId}:${accessTokenId}`;
  const [read] = await tx.sql`select 1 from sync_state where tenant_id = ${tx.tenantId} and collection = ${collection} and source = ${source} and completed_at is not null`;
  if (!read) return sql`chain_id = ${chainId}`;
  return sql`chain_id = ${chainId} and (source = ${source} or id in (select id from record_sight where tenant_id = ${tx.tenantId} and collection = ${collection} and source = ${source}))`;
}
