// What is known of the collections that an AccessToken may read: what its runs have read, and what Mews refused it.
import { Injectable } from '@nestjs/common';
import { sql, type AccessTokenId, type Sql, type TenantTx } from '@keyrack/core';
import type { ClaimedRun, RunError } from './run.js';

/** What Mews said is kept of the last refusal only. */
export interface Refused { at: Date; message: string | null; requestId: string | null }
/** `readOn`: read before and after, and whether it was refused in between is not known. */
export interface Evidence { read: Map<string, Date>; refused: Map<string, Refused>; readOn: Set<string> }

@Injectable()
export class TokenEvidence {
  /** Keeps a refusal of a collection to a token; the run itself may go on with another one. Write it last: its rows are the only ones that runs of one token share. */
  async noteRefusal(tx: TenantTx, run: Pick<ClaimedRun, 'collection' | 'accessTokenId'>, { message, requestId }: RunError): Promise<void> {
    await tx.run(sql`
      with noted as (
        insert into token_refusal (tenant_id, access_token_id, collection, at, message, request_id)
        values (${tx.tenantId}, ${run.accessTokenId}, ${run.collection}, clock_timestamp(), ${message}, ${requestId ?? null})
        on conflict (tenant_id, access_token_id, collection) do update set at = excluded.at, message = excluded.message, request_id = excluded.request_id
        returning access_token_id, collection, at)
      ${keepEvidence(tx, 'refused', sql`select access_token_id, collection, at, at as began from noted`)}`);
  }

  /** Keeps that a token has read a collection in a run that goes on with another one, which the run tells of from now on. Write it as a refusal. */
  async noteRead(tx: TenantTx, { accessTokenId, collection }: Pick<ClaimedRun, 'collection' | 'accessTokenId'>, at: Date): Promise<void> {
    await tx.run(keepEvidence(tx, 'read', sql`select ${accessTokenId}::uuid as access_token_id, ${collection}::text as collection, ${at}::timestamptz as at, ${at}::timestamptz as began`));
  }

  /** Whether the token ever read a page of the collection. */
  async hasRead(tx: TenantTx, token: AccessTokenId, collection: string): Promise<boolean> {
    const [read] = await tx.sql`
      select 1 from run where tenant_id = ${tx.tenantId} and access_token_id = ${token} and collection = ${collection} and has_read
      union all select 1 from token_evidence where tenant_id = ${tx.tenantId} and access_token_id = ${token} and collection = ${collection} and outcome = 'read' limit 1`;
    return read !== undefined;
  }

  /**
   * By collection: when the token last read it, and when it was last refused, within `from`, exclusive, and `to`, as far as that is known. A page that was
   * read counts however its run ended, or whether it did. Of a run that was under way at `to` it is not known when, so that its beginning counts; of
   * one that began before `from`, `from` does: each page is asked for by the text of that moment. What rides along is of the
   * token and the collection of its leader, so that the leader's pages tell for both.
   */
  async of(tx: TenantTx, token: AccessTokenId, collections: readonly string[], { from, to }: { from: Date; to: Date }): Promise<Evidence> {
    const ofToken = sql`tenant_id = ${tx.tenantId} and access_token_id = ${token} and has_read`;
    // One statement: what a cleaning moves from the ledger to the evidence is in either.
    const known = await tx.sql<{ collection: string; outcome: 'read' | 'refused'; at: Date; goesOn: boolean }>`
      select collection, outcome, max(at) as at, bool_or(goes_on) as "goesOn" from (
        select c.collection, 'read' as outcome, r.at, false as goes_on
          from unnest(${[...collections]}::text[]) c (collection)
         cross join lateral (
            (select coalesce(finished_at, started_at) as at from run where ${ofToken} and collection = c.collection
                and coalesce(finished_at, started_at) > ${from} and coalesce(finished_at, started_at) <= ${to} order by at desc limit 1)
             union all
            (select started_at from run where ${ofToken} and collection = c.collection and started_at > ${from} and started_at <= ${to} order by started_at desc limit 1)) r
         union all
        select collection, 'read', ${from}::timestamptz, false from run where ${ofToken} and started_at <= ${from} and (state in ('queued', 'running', 'waiting') or finished_at > ${to})
         union all
        select collection, outcome, case when last_at <= ${to} then last_at else first_at end, last_at > ${to}
          from token_evidence where tenant_id = ${tx.tenantId} and access_token_id = ${token} and first_at >= ${from} and first_at <= ${to}) found
       group by collection, outcome`;
    const last = await tx.sql<Refused & { collection: string }>`
      select collection, at, message, request_id as "requestId" from token_refusal where tenant_id = ${tx.tenantId} and access_token_id = ${token} and at > ${from} and at <= ${to}`;
    const read = known.filter(({ outcome }) => outcome === 'read'), refused = known.filter(({ outcome }) => outcome === 'refused');
    return {
      read: new Map(read.map(({ collection, at }) => [collection, at])), readOn: new Set(read.filter(({ goesOn }) => goesOn).map(({ collection }) => collection)),
      refused: new Map([...refused.map(({ collection, at }) => ({ collection, at, message: null, requestId: null })), ...last].map(({ collection, at, message, requestId }) => [collection, { at, message, requestId }])),
    };
  }
}

/**
 * Statement that keeps for good what was found out: of each text of a token the first and the last time.
 * @param found `access_token_id`, `collection`, `at` of each, and `began`, where it went on from then on
 */
export const keepEvidence = (tx: TenantTx, outcome: 'read' | 'refused', found: Sql): Sql => sql`
  insert into token_evidence as known (tenant_id, access_token_id, collection, outcome, since, first_at, last_at)
  select t.tenant_id, t.id, found.collection, ${outcome}, s.since, min(s.began), max(s.at)
    from (${found}) found join access_token t on t.tenant_id = ${tx.tenantId} and t.id = found.access_token_id
   cross join lateral (
     select t.rotated_at as since, greatest(found.began, t.rotated_at) as began, found.at where t.rotated_at <= found.at
      union all
     select t.created_at, found.began, least(found.at, t.rotated_at) where t.rotated_at is null or found.began < t.rotated_at) s
   group by t.tenant_id, t.id, found.collection, s.since
      on conflict (tenant_id, access_token_id, collection, outcome, since)
      do update set first_at = least(known.first_at, excluded.first_at), last_at = greatest(known.last_at, excluded.last_at)`;
