// The schedules of a tenant: defaults for newly connected enterprises, and what a person sets.
import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { Audit } from '@keyrack/audit';
import { AppError, allOf, Database, decodeCursor, newId, sql, toPage, type EnterpriseId, type Page, type ScheduleId, type TenantActor, type TenantTx } from '@keyrack/core';
import { freshness, nextRunAt, type Cadence, type ScheduleInput, type ScheduleView } from './schedule.js';
import { PLATFORM_SOURCE } from './run.js';
import { entryOf, sourceOfSchedule, syncedEntries } from './synced.js';

interface ScheduleRow {
  id: string; enterpriseId: string; enterpriseName: string; collection: string; every: string | null; cron: string | null; timeZone: string | null; enabled: boolean;
  connection: string | null; nextRunAt: Date | null; runId: string | null; runState: string | null; runFinishedAt: Date | null;
  highWater: Date | null; unavailable: boolean; now: Date;
}

@Injectable()
export class Schedules {
  constructor(private readonly db: Database, private readonly audit: Audit) {}

  /** Gives each enterprise a schedule for each collection that has none, due at once; existing ones of a reconnected enterprise become due too. */
  async ensureDefaults(me: TenantActor, enterpriseIds: readonly EnterpriseId[]): Promise<void> {
    if (enterpriseIds.length === 0) return;
    const rows = enterpriseIds.flatMap((enterpriseId) => syncedEntries.map((entry) => ({ id: newId<ScheduleId>(), enterprise_id: enterpriseId, collection: entry.name, every: entry.every })));
    await this.db.inTenant(me.tenantId, async (tx) => {
      const created = await tx.sql<{ enterpriseId: EnterpriseId }>`
        insert into schedule (tenant_id, id, enterprise_id, collection, every, next_run_at)
        select ${tx.tenantId}, r.id, r.enterprise_id, r.collection, r.every, clock_timestamp()
          from json_to_recordset(${JSON.stringify(rows)}::json) as r (id uuid, enterprise_id uuid, collection text, every text)
        on conflict (tenant_id, enterprise_id, collection) do update set next_run_at = least(schedule.next_run_at, excluded.next_run_at)
        returning enterprise_id as "enterpriseId"`;
      const touched = [...new Set(created.map((row) => row.enterpriseId))];
      if (touched.length > 0) await this.audit.record(tx, me, { action: 'schedules.defaulted', enterpriseIds: touched, collections: syncedEntries.map((entry) => entry.name) });
    });
  }

  /** @throws AppError `enterprise.not_found`, `collection.unknown` */
  async set(me: TenantActor, enterpriseId: EnterpriseId, collection: string, input: ScheduleInput): Promise<ScheduleView> {
    const entry = entryOf(collection);
    await this.db.inTenant(me.tenantId, async (tx) => {
      const [enterprise] = await tx.sql<{ timeZone: string }>`select time_zone as "timeZone" from enterprise where tenant_id = ${tx.tenantId} and id = ${enterpriseId}`;
      if (!enterprise) throw new AppError('enterprise.not_found');
      const cadence = { every: input.every ?? null, cron: input.cron ?? null, timeZone: input.cron === undefined ? null : input.timeZone ?? enterprise.timeZone };
      const [before] = await tx.sql<Cadence & { enabled: boolean }>`select every, cron, time_zone as "timeZone", enabled from schedule where tenant_id = ${tx.tenantId} and enterprise_id = ${enterpriseId} and collection = ${entry.name} for update`;
      const after = { ...cadence, enabled: input.enabled };
      // Whoever sets the same again and again would put off the next run for ever.
      if (before && isDeepStrictEqual({ ...before }, after)) return;
      await tx.sql`
        insert into schedule (tenant_id, id, enterprise_id, collection, every, cron, time_zone, enabled, next_run_at)
        values (${tx.tenantId}, ${newId<ScheduleId>()}, ${enterpriseId}, ${entry.name}, ${cadence.every}, ${cadence.cron}, ${cadence.timeZone}, ${input.enabled}, ${nextRunAt(cadence, new Date())})
        on conflict (tenant_id, enterprise_id, collection) do update set every = excluded.every, cron = excluded.cron, time_zone = excluded.time_zone, enabled = excluded.enabled, next_run_at = excluded.next_run_at`;
      await this.audit.record(tx, me, { action: 'schedule.set', enterpriseId, collection: entry.name, before: before ?? null, after });
    });
    const { items: [view] } = await this.list(me, { enterpriseId, collection: entry.name, limit: 1 });
    if (!view) throw new AppError('schedule.not_found');
    return view;
  }

  async list(me: TenantActor, query: { enterpriseId?: EnterpriseId | undefined; collection?: string | undefined; limit: number; cursor?: string | undefined }): Promise<Page<ScheduleView>> {
    const after = decodeCursor(query.cursor, 2);
    const rows = await this.db.inTenant(me.tenantId, (tx) => this.#rows(tx, query, after));
    return toPage(rows.map(viewOf), query.limit, (item) => [item.enterpriseId, item.collection]);
  }

  /** After what paused them was mended: the schedules of these enterprises are looked at now, and what was unavailable is asked for again. */
  async wake(me: TenantActor, enterpriseIds: readonly EnterpriseId[]): Promise<void> {
    const ids = [...enterpriseIds];
    await this.db.inTenant(me.tenantId, async (tx) => {
      await tx.sql`update schedule set next_run_at = least(next_run_at, now()) where tenant_id = ${tx.tenantId} and enterprise_id = any(${ids}::uuid[]) and enabled`;
      await askAgain(tx, ids);
    });
  }

  /** A token was added: what nobody could read before is asked for through it. */
  async welcome(me: TenantActor, enterpriseIds: readonly EnterpriseId[]): Promise<void> {
    await this.db.inTenant(me.tenantId, (tx) => askAgain(tx, [...enterpriseIds]));
  }

  #rows(tx: TenantTx, query: { enterpriseId?: EnterpriseId | undefined; collection?: string | undefined; limit: number }, after: (string | number)[] | null): Promise<ScheduleRow[]> {
    const conditions = allOf([
      sql`s.tenant_id = ${tx.tenantId}`,
      query.enterpriseId === undefined ? undefined : sql`s.enterprise_id = ${query.enterpriseId}`,
      query.collection === undefined ? undefined : sql`s.collection = ${query.collection}`,
      after === null ? undefined : sql`(s.enterprise_id, s.collection) > (${after[0]}::uuid, ${after[1]})`,
    ]);
    return tx.run<ScheduleRow>(sql`
      select s.id, s.enterprise_id as "enterpriseId", e.name as "enterpriseName", s.collection, s.every, s.cron, s.time_zone as "timeZone", s.enabled,
             c.state as connection, s.next_run_at as "nextRunAt", r.id as "runId", r.state as "runState", r.finished_at as "runFinishedAt",
             st.high_water as "highWater", coalesce(st.unavailable_until > now(), false) as unavailable, now() as now
        from schedule s
        join enterprise e on e.tenant_id = s.tenant_id and e.id = s.enterprise_id
        left join connection_state c on c.tenant_id = s.tenant_id and c.enterprise_id = s.enterprise_id
        cross join lateral (select ${sourceOfSchedule} as source) pulled
        left join sync_state st on st.tenant_id = s.tenant_id and st.collection = s.collection and st.source = pulled.source
        left join lateral (
          select id, state, finished_at from run
           where run.tenant_id = s.tenant_id and run.collection = s.collection and run.source = pulled.source order by run.id desc limit 1) r on true
       where ${conditions}
       order by s.enterprise_id, s.collection limit ${query.limit + 1}`);
  }
}

/** Forgets what could not be read of these enterprises, their chains and the platform, and lets its schedules come now. */
async function askAgain(tx: TenantTx, enterpriseIds: string[]): Promise<void> {
  await tx.sql`
    with asked as (
      update sync_state set unavailable_until = null, unavailable_reason = null, refused_until = null
       where tenant_id = ${tx.tenantId} and (unavailable_until is not null or refused_until is not null)
         and (source = any(${enterpriseIds}) or starts_with(source, ${PLATFORM_SOURCE})
           or split_part(source, ':', 1) in (select chain_id::text from enterprise where tenant_id = ${tx.tenantId} and id = any(${enterpriseIds}::uuid[])))
      returning collection, source)
    update schedule s set next_run_at = least(s.next_run_at, now())
      from asked, enterprise e
     where s.tenant_id = ${tx.tenantId} and s.collection = asked.collection and s.enabled and e.tenant_id = s.tenant_id and e.id = s.enterprise_id
       and split_part(asked.source, ':', 1) in (e.id::text, e.chain_id::text, 'platform')`;
}

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

function viewOf(row: ScheduleRow): ScheduleView {
  const reason = row.connection === null ? 'not_connected' : row.connection === 'usable' ? null : row.connection;
  return {
    id: row.id, enterpriseId: row.enterpriseId, enterpriseName: row.enterpriseName, collection: row.collection, every: row.every, cron: row.cron, timeZone: row.timeZone, enabled: row.enabled,
    paused: reason === null ? null : { reason }, nextRunAt: row.enabled && reason === null ? iso(row.nextRunAt) : null,
    lastRun: row.runId === null || row.runState === null ? null : { id: row.runId, state: row.runState, finishedAt: iso(row.runFinishedAt) },
    freshness: freshness(row, row.now),
  };
}
