// Which AccessToken reads a collection: the connection's own where it can, else another one of the tenant that opens the same.
import { Injectable } from '@nestjs/common';
import { sql, type AccessTokenId, type TenantTx } from '@keyrack/core';
import { ownerOf, type CollectionEntry } from '@keyrack/mews';
import type { ClaimedRun } from './run.js';

export interface Reader { id: AccessTokenId; kind: 'enterprise' | 'portfolio' | 'unknown' }

@Injectable()
export class Readers {
  /** The connection's token goes first. Null when Mews serves none of the tenant's. */
  async find(tx: TenantTx, run: Pick<ClaimedRun, 'environmentId' | 'enterpriseId' | 'accessTokenId' | 'refused'>, entry: CollectionEntry): Promise<AccessTokenId | null> {
    // The platform's records are the same for every token of the environment.
    const [name, opens] = ownerOf(entry) === 'platform' ? ['platform-readers', sql`environment_id = ${run.environmentId}`] as const : ['enterprise-readers', sql`enterprise_id = ${run.enterpriseId}`] as const;
    const readers = await tx.prepared<Reader>(name, sql`
      select r.access_token_id as id, r.kind
        from (select distinct access_token_id, kind from token_reach where tenant_id = ${tx.tenantId} and ${opens}) r
       order by r.access_token_id = ${run.accessTokenId} desc, r.kind, r.access_token_id`);
    return chooseReader(entry, readers, run);
  }
}

/** The first that Mews serves and has not refused. A token that opens nothing at present is left to be found out when it is used. */
export function chooseReader(entry: CollectionEntry, readers: readonly Reader[], run: Pick<ClaimedRun, 'accessTokenId' | 'refused'>): AccessTokenId | null {
  const served = readers.find(({ id, kind }) => !run.refused.includes(id) && (entry.portfolio !== 'no' || kind !== 'portfolio'));
  const known = run.refused.includes(run.accessTokenId) || readers.some(({ id }) => id === run.accessTokenId);
  return served?.id ?? (known ? null : run.accessTokenId);
}
