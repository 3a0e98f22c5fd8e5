// Removes runs and operations that are over for a month. What anything still goes by stays: reviews that wait for a person, and how each
// collection last ended. That a token has read a collection is kept apart.
import { Injectable } from '@nestjs/common';
import { dayOldId, Database, sql, type Sql, type TenantId, type TenantTx } from '@keyrack/core';
import { keepEvidence } from './token-evidence.js';

const KEPT_DAYS = 30;
/** Small transactions: a long one would hold back every vacuum. */
const BATCH = 500;

@Injectable()
export class LedgerCleaning {
  constructor(private readonly db: Database) {}

  /** Several processes may call it at once; a tenant is cleaned by one at a time. */
  async clean(): Promise<void> {
    const tenants = await this.db.onPlatform('find tenants whose ledger is cleaned', (tx) => tx.sql<{ id: TenantId }>`select id from tenant where state = 'active' order by id`);
    for (const { id } of tenants) {
      for (const clean of [cleanOperations, cleanRuns]) while (await this.db.inTenant(id, (tx) => batch(tx, clean)) === BATCH);
    }
  }
}

async function batch(tx: TenantTx, clean: (tx: TenantTx) => Promise<unknown[]>): Promise<number> {
  const [row] = await tx.sql<{ mine: boolean }>`select pg_try_advisory_xact_lock(hashtextextended(${`keyrack ledger of ${tx.tenantId}`}, 0)) as mine`;
  return row?.mine ? (await clean(tx)).length : 0;
}

const old = (): Sql => sql`< ${dayOldId(KEPT_DAYS)}::uuid`;

/** A sync is over when its runs are. */
const cleanOperations = (tx: TenantTx): Promise<unknown[]> => tx.run(sql`
  delete from operation where tenant_id = ${tx.tenantId} and id in (
    select o.id from operation o where o.tenant_id = ${tx.tenantId} and o.id ${old()}
       and case when o.kind = 'sync'
           then not exists (select from operation_run one join run on run.tenant_id = one.tenant_id and run.id = one.run_id
                             where one.tenant_id = o.tenant_id and one.operation_id = o.id and run.state in ('queued', 'running', 'waiting', 'needs_review'))
           else o.finished_at < now() - ${KEPT_DAYS} * interval '1 day' end
     order by o.id limit ${BATCH}) returning 1`);

/** Of a stream those that rode along go before their leader, whose windows they show and whose pages are what they have read. */
const cleanRuns = (tx: TenantTx): Promise<unknown[]> => tx.run(sql`
  with gone as (
    delete from run where tenant_id = ${tx.tenantId} and id in (
      select r.id from run r
       where r.tenant_id = ${tx.tenantId} and r.id ${old()} and r.state in ('succeeded', 'failed', 'cancelled') and r.finished_at < now() - ${KEPT_DAYS} * interval '1 day'
         and not exists (select from run m where m.tenant_id = r.tenant_id and m.leader_id = r.id)
         and exists (select from run later where later.tenant_id = r.tenant_id and later.collection = r.collection and later.source = r.source and later.state = r.state and later.id > r.id)
       order by r.id limit ${BATCH}) returning access_token_id, collection, has_read, started_at, finished_at),
  kept as (${keepEvidence(tx, 'read', sql`select access_token_id, collection, finished_at as at, coalesce(started_at, finished_at) as began from gone where has_read`)})
  select 1 from gone`);
