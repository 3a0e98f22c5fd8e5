// What is known of the collections that an AccessToken may read: what its runs have read, and what Mews refused it.
import { Injectable } from '@nestjs/common';
import { type AccessTokenId, type TenantTx } from '@keyrack/core';
import type { ClaimedRun, RunError } from './run.js';

export interface Refused { at: Date; message: string; requestId: string | null }
export interface Evidence { read: Map<string, Date>; refused: Map<string, Refused> }

@Injectable()
export class TokenEvidence {
  /** Keeps the last refusal of a collection to a token; the run itself may go on with another one. Write it last: it is the only row that runs of one token share. */
  async noteRefusal(tx: TenantTx, run: Pick<ClaimedRun, 'collection' | 'accessTokenId'>, { message, requestId }: RunError): Promise<void> {
    await tx.sql`
      insert into token_refusal (tenant_id, access_token_id, collection, at, message, request_id)
      values (${tx.tenantId}, ${run.accessTokenId}, ${run.collection}, clock_timestamp(), ${message}, ${requestId ?? null})
      on conflict (tenant_id, access_token_id, collection) do update set at = excluded.at, message = excluded.message, request_id = excluded.request_id`;
  }

  /**
   * By collection: when the token last read it, and when it was last refused, within `from`, exclusive, and `to`. A page that was read counts
   * however its run ended, or whether it did. What rides along is of the token and the collection of its leader, so that the leader's pages tell for both.
   */
  async of(tx: TenantTx, token: AccessTokenId, collections: readonly string[], { from, to }: { from: Date; to: Date }): Promise<Evidence> {
    const read = await tx.sql<{ collection: string; at: Date }>`
      select c.collection, r.at
        from unnest(${[...collections]}::text[]) c (collection)
       cross join lateral (select coalesce(finished_at, started_at) as at from run where tenant_id = ${tx.tenantId} and access_token_id = ${token} and collection = c.collection
          and has_read and coalesce(finished_at, started_at) > ${from} and coalesce(finished_at, started_at) <= ${to} order by at desc limit 1) r`;
    const refused = await tx.sql<Refused & { collection: string }>`
      select collection, at, message, request_id as "requestId" from token_refusal where tenant_id = ${tx.tenantId} and access_token_id = ${token} and at > ${from} and at <= ${to}`;
    return { read: new Map(read.map((row) => [row.collection, row.at])), refused: new Map(refused.map(({ collection, ...row }) => [collection, row])) };
  }
}
