// Which AccessToken reads a collection: the connection's own where it can, else another one of the tenant that opens the same.
import { Injectable } from '@nestjs/common';
import { sql, type AccessTokenId, type Sql, type TenantTx } from '@keyrack/core';
import { ownerOf, type CollectionEntry, type Owner } from '@keyrack/mews';
import type { ClaimedRun } from './run.js';

export interface Reader { id: AccessTokenId; kind: 'enterprise' | 'portfolio' | 'unknown' }

type Asking = Pick<ClaimedRun, 'environmentId' | 'enterpriseId' | 'chainId' | 'accessTokenId' | 'refused'>;

/** What a token must open to read the same: the platform's records are the same for every token of the environment, a chain's for those of its enterprises. */
const opening: Record<Owner, (tx: TenantTx, run: Asking) => Sql> = {
  platform: (_tx, run) => sql`environment_id = ${run.environmentId}`,
  chain: (tx, run) => sql`enterprise_id in (select id from enterprise where tenant_id = ${tx.tenantId} and chain_id = ${run.chainId})`,
  enterprise: (_tx, run) => sql`enterprise_id = ${run.enterpriseId}`,
};

@Injectable()
export class Readers {
  /** The connection's token goes first. Null when Mews serves none of the tenant's. */
  async find(tx: TenantTx, run: Asking, entry: CollectionEntry): Promise<AccessTokenId | null> {
    const owner = ownerOf(entry);
    const readers = await tx.prepared<Reader>(`${owner}-readers`, sql`
      select r.access_token_id as id, r.kind
        from (select distinct access_token_id, kind from token_reach where tenant_id = ${tx.tenantId} and ${opening[owner](tx, run)}) r
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
