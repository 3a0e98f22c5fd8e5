// Which AccessTokens of a chain see a record besides the one whose source it stands under. A token may not see every profile of its chain:
// a record counts as deleted when the last token that saw it no longer does, and outlives the token that found it first.
import { Injectable } from '@nestjs/common';
import { sql, type TenantTx } from '@keyrack/core';
import { ownerOf, type CollectionEntry } from '@keyrack/mews';
import type { ClaimedRun } from './run.js';

export interface Elsewhere { id: string; source: string }

/** Records that are moved at once: a chain may have a million. */
const MOVED_ROWS = 5_000;

/** Sources `name` of the chain that a connection uses now. */
const inUse = (tx: TenantTx, name: ReturnType<typeof sql>) => sql`exists (select from connection_state c
  where c.tenant_id = ${tx.tenantId} and c.chain_id || ':' || c.access_token_id = ${name} and c.state = 'usable')`;

@Injectable()
export class Sights {
  /** Notes those of a page's records that another token of the chain found first. Costs nothing to speak of where there is no other. */
  async note(tx: TenantTx, run: ClaimedRun, entry: CollectionEntry, list: string, ids: readonly string[]): Promise<void> {
    if (ownerOf(entry) !== 'chain' || ids.length === 0) return;
    await tx.sql`
      insert into record_sight (tenant_id, collection, source, id)
      select ${tx.tenantId}, ${list}, ${run.source}, id from record
       where tenant_id = ${tx.tenantId} and collection = ${list} and id = any(${[...ids]}::text[]) and source <> ${run.source} and deleted_at is null
         and exists (select from record_count where tenant_id = ${tx.tenantId} and collection = ${list} and chain_id = ${run.chainId} and source <> ${run.source} and live > 0)
      on conflict do nothing`;
  }

  /** Whether the source sees anything that stands under another one. */
  async has(tx: TenantTx, source: string, list: string): Promise<boolean> {
    if (!source.includes(':')) return false;
    const [row] = await tx.sql`select 1 from record_sight where tenant_id = ${tx.tenantId} and collection = ${list} and source = ${source} limit 1`;
    return row !== undefined;
  }

  /** The source no longer sees these, which stand under others. */
  async forget(tx: TenantTx, source: string, list: string, ids: readonly string[]): Promise<void> {
    await tx.sql`delete from record_sight where tenant_id = ${tx.tenantId} and collection = ${list} and source = ${source} and id = any(${[...ids]}::text[])`;
  }

  /** Takes over what the run's token sees and stands under one that nothing uses any more: that one was disabled, revoked or disconnected. */
  async adopt(tx: TenantTx, run: ClaimedRun, entry: CollectionEntry): Promise<void> {
    if (ownerOf(entry) !== 'chain') return;
    for (const { name } of entry.lists) {
      // Told by the counts, of which there are as many as tokens: mostly there is none, and the records need not be looked at.
      const unused = await tx.run<{ source: string }>(sql`
        select source from record_count counted where tenant_id = ${tx.tenantId} and collection = ${name} and chain_id = ${run.chainId} and source <> ${run.source} and not ${inUse(tx, sql`counted.source`)}`);
      if (unused.length === 0) continue;
      for await (const orphans of tx.stream<{ id: string }>(sql`
        select r.id from record r join record_sight s on s.tenant_id = r.tenant_id and s.collection = r.collection and s.id = r.id
         where r.tenant_id = ${tx.tenantId} and r.collection = ${name} and r.source = any(${unused.map(({ source }) => source)}::text[]) and s.source = ${run.source}`, MOVED_ROWS)) {
        await this.#move(tx, name, orphans.map(({ id }) => ({ id, source: run.source })));
      }
    }
  }

  /** Who else sees these records, by the latest that is known. */
  async elsewhere(tx: TenantTx, source: string, list: string, ids: readonly string[]): Promise<Elsewhere[]> {
    if (!source.includes(':') || ids.length === 0) return [];
    return tx.run<Elsewhere>(sql`
      select id, min(source) as source from record_sight s
       where tenant_id = ${tx.tenantId} and collection = ${list} and id = any(${[...ids]}::text[]) and source <> ${source} and ${inUse(tx, sql`s.source`)} group by id`);
  }

  /** The token of the run no longer sees them, others do: theirs from now on, and their next full run says whether they are there. */
  handOver(tx: TenantTx, list: string, elsewhere: readonly Elsewhere[]): Promise<void> { return this.#move(tx, list, elsewhere); }

  async #move(tx: TenantTx, list: string, moves: readonly Elsewhere[]): Promise<void> {
    if (moves.length === 0) return;
    // As a page does, so that the two wait for each other here and nowhere else.
    await tx.sql`select from feed where tenant_id = ${tx.tenantId} and collection = ${list} for update`;
    const ids = moves.map(({ id }) => id), sources = moves.map(({ source }) => source);
    await tx.sql`
      with wanted as (select * from unnest(${ids}::text[], ${sources}::text[]) as w (id, source)),
      before as (select r.id, r.source, r.chain_id, r.deleted_at from record r join wanted using (id) where r.tenant_id = ${tx.tenantId} and r.collection = ${list} for no key update of r),
      moved as (update record r set source = wanted.source from wanted where r.tenant_id = ${tx.tenantId} and r.collection = ${list} and r.id = wanted.id),
      seen as (delete from record_sight s using wanted where s.tenant_id = ${tx.tenantId} and s.collection = ${list} and s.id = wanted.id and s.source = wanted.source),
      share as (
        select source, chain_id, sum(live) as live, sum(deleted) as deleted from (
          select source, chain_id, -(deleted_at is null)::int as live, -(deleted_at is not null)::int as deleted from before
          union all select wanted.source, chain_id, (deleted_at is null)::int, (deleted_at is not null)::int from before join wanted using (id)) each
         group by source, chain_id)
      insert into record_count (tenant_id, collection, source, chain_id, live, deleted)
      select ${tx.tenantId}, ${list}, source, chain_id, live, deleted from share
      on conflict (tenant_id, collection, source) do update set live = record_count.live + excluded.live, deleted = record_count.deleted + excluded.deleted`;
  }
}
