// Which enterprises can be synced now, and through which AccessToken: reads the view that the reach room keeps.
import { Injectable } from '@nestjs/common';
import { allOf, sql, type AccessTokenId, type ChainId, type EnterpriseId, type EnvironmentId, type TenantTx } from '@keyrack/core';

export interface UsableConnection { enterpriseId: EnterpriseId; accessTokenId: AccessTokenId; chainId: ChainId; environmentId: EnvironmentId }

@Injectable()
export class UsableConnections {
  /** @param enterpriseIds null for all */
  async usable(tx: TenantTx, enterpriseIds: readonly EnterpriseId[] | null): Promise<UsableConnection[]> {
    return tx.run<UsableConnection>(sql`
      select enterprise_id as "enterpriseId", access_token_id as "accessTokenId", chain_id as "chainId", environment_id as "environmentId"
        from connection_state where ${allOf([sql`tenant_id = ${tx.tenantId}`, sql`state = 'usable'`, enterpriseIds === null ? undefined : sql`enterprise_id = any(${[...enterpriseIds]}::uuid[])`])}
       order by enterprise_id`);
  }
}
