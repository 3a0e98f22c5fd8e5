// Ends runs that nobody wants any more: their enterprise was disconnected, their AccessToken switched off, or their tenant is being deleted.
import { Injectable } from '@nestjs/common';
import { Audit } from '@keyrack/audit';
import { Database, sql, systemIn, type PlatformTx, type TenantActor, type TenantId, type TenantTx } from '@keyrack/core';
import { liveStates, PLATFORM_SOURCE } from './run.js';

/** A token that a person disabled or revoked; one that Mews refuses ends its runs by itself, with that reason. */
const switchedOff = sql`exists (select from access_token t where t.tenant_id = run.tenant_id and t.id = run.access_token_id and t.status in ('disabled', 'revoked'))`;
/** A chain's or the platform's records are pulled as long as any enterprise is connected through which they are. */
const connected = sql`exists (select from connection_state c where c.tenant_id = run.tenant_id
  and (run.source = c.enterprise_id::text or run.source = c.chain_id || ':' || c.access_token_id or run.source = ${PLATFORM_SOURCE}::text || c.environment_id))`;
const deleting = sql`exists (select from tenant t where t.id = run.tenant_id and t.state = 'deleting')`;
const unwanted = sql`run.state = any(${[...liveStates]}) and (${deleting} or ${switchedOff} or not ${connected})`;

const errors = {
  deleting: { code: 'tenant.deleting', message: 'The tenant is being deleted' },
  switchedOff: { code: 'access_token.not_active', message: 'The AccessToken was disabled or revoked' },
  disconnected: { code: 'run.disconnected', message: 'The enterprise was disconnected, and nothing else that is connected needs this run' },
};

@Injectable()
export class Stopping {
  constructor(private readonly db: Database, private readonly audit: Audit) {}

  /** Cancels them with the reason, which is one event; a worker that has one in hands can write nothing more, and stops before its next page. Returns how many. */
  stop(me: TenantActor): Promise<number> {
    return this.db.inTenant(me.tenantId, async (tx) => {
      const stopped = await stopUnwanted(tx), ofTokens = stopped.filter((run) => run.switchedOff).length;
      if (stopped.length > 0) await this.audit.record(tx, me, { action: 'runs.stopped', switchedOff: ofTokens, disconnected: stopped.length - ofTokens });
      return stopped.length;
    });
  }

  /** The same for every tenant: a process may have died between a disconnection and what follows from it. */
  async repair(): Promise<void> {
    const tenants = await this.db.onPlatform('find runs that nobody wants', (tx: PlatformTx) => tx.run<{ id: TenantId }>(sql`select distinct tenant_id as id from run where ${unwanted}`));
    for (const { id } of tenants) await this.stop(systemIn(id, 'sync.stop'));
  }
}

function stopUnwanted(tx: TenantTx): Promise<{ switchedOff: boolean }[]> {
  return tx.run(sql`
    with stopped as (
      update run set state = 'cancelled', worker = null, lease_until = null, wait_reason = null, finished_at = clock_timestamp(),
             error = case when ${deleting} then ${JSON.stringify(errors.deleting)}::jsonb when ${switchedOff} then ${JSON.stringify(errors.switchedOff)}::jsonb else ${JSON.stringify(errors.disconnected)}::jsonb end
       where run.tenant_id = ${tx.tenantId} and ${unwanted} returning run.tenant_id, run.id, run.error->>'code' = ${errors.switchedOff.code} as switched_off),
    forgotten as (delete from run_seen using stopped where run_seen.tenant_id = stopped.tenant_id and run_seen.run_id = stopped.id)
    select switched_off as "switchedOff" from stopped`);
}
