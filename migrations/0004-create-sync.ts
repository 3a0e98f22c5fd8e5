// The sync engine's ledger and the records it keeps.
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { protect } from './tenant-table.js';

export class CreateSync0000000000004 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`create table schedule (
      tenant_id uuid not null,
      id uuid not null,
      enterprise_id uuid not null,
      collection text not null,
      every text,
      cron text,
      time_zone text,
      enabled boolean not null default true,
      next_run_at timestamptz,
      created_at timestamptz not null default now(),
      primary key (tenant_id, id),
      unique (tenant_id, enterprise_id, collection),
      check ((every is null) <> (cron is null)),
      foreign key (tenant_id, enterprise_id) references enterprise (tenant_id, id))`);
    await q.query(`create index schedule_due on schedule (next_run_at) where enabled`);
    await protect(q, 'schedule', { app: 'select, insert, update, delete', platform: 'select, update' });

    // How far one collection has come within its source: an enterprise, or a chain as one AccessToken sees it.
    await q.query(`create table sync_state (
      tenant_id uuid not null references tenant,
      collection text not null,
      source text not null,
      high_water timestamptz,
      completed_at timestamptz,
      full_completed_at timestamptz,
      unavailable_reason text,
      unavailable_until timestamptz,
      primary key (tenant_id, collection, source))`);
    await protect(q, 'sync_state', { app: 'select, insert, update, delete', platform: 'select' });

    await q.query(`create table run (
      tenant_id uuid not null,
      id uuid not null,
      collection text not null,
      source text not null,
      enterprise_id uuid not null,
      access_token_id uuid not null,
      mode text not null check (mode in ('incremental', 'full')),
      trigger text not null check (trigger in ('schedule', 'request', 'retry')),
      from_utc timestamptz,
      to_utc timestamptz,
      backfill boolean not null generated always as (from_utc is not null or to_utc is not null) stored,
      state text not null default 'queued' check (state in ('queued', 'running', 'waiting', 'succeeded', 'failed', 'cancelled', 'needs_review')),
      priority int not null default 100,
      available_at timestamptz not null default now(),
      admitted_at timestamptz,
      admission int not null default 0,
      planned_at timestamptz,
      plan_to timestamptz,
      first_answer_at timestamptz,
      sweeps boolean not null default false,
      tailed boolean not null default false,
      fence int not null default 0,
      worker text,
      lease_until timestamptz,
      attempts int not null default 0,
      deaths int not null default 0,
      interruptions int not null default 0,
      requests int not null default 0,
      pages int not null default 0,
      added int not null default 0,
      updated int not null default 0,
      unchanged int not null default 0,
      deleted int not null default 0,
      quarantined int not null default 0,
      waited_ms bigint not null default 0,
      wait_reason text,
      error jsonb,
      created_at timestamptz not null default clock_timestamp(),
      started_at timestamptz,
      finished_at timestamptz,
      primary key (tenant_id, id),
      foreign key (tenant_id, enterprise_id) references enterprise (tenant_id, id),
      foreign key (tenant_id, access_token_id) references access_token (tenant_id, id))`);
    // A backfill may take hours, or be paused: increments go on beside it.
    await q.query(`create unique index run_live on run (tenant_id, collection, source, backfill) where state in ('queued', 'running', 'waiting')`);
    await q.query(`create index run_ready on run (available_at) where state in ('queued', 'waiting')`);
    await q.query(`create index run_leased on run (lease_until) where state = 'running'`);
    await q.query(`create index run_of_enterprise on run (tenant_id, enterprise_id, id)`);
    await q.query(`create index run_of_source on run (tenant_id, collection, source, id)`);
    await protect(q, 'run', { app: 'select, insert, update, delete', platform: 'select, insert, update' });

    await q.query(`create table run_window (
      tenant_id uuid not null,
      run_id uuid not null,
      ord int not null,
      start_utc timestamptz,
      end_utc timestamptz,
      interval_name text,
      filter jsonb not null default '{}',
      page_size int not null,
      cursor text,
      done boolean not null default false,
      pages int not null default 0,
      records int not null default 0,
      primary key (tenant_id, run_id, ord),
      foreign key (tenant_id, run_id) references run (tenant_id, id) on delete cascade)`);
    await protect(q, 'run_window', { app: 'select, insert, update, delete', platform: 'delete' });

    // Which records a full run has seen: 8 bytes an id, one row a page, gone with the run's end. Unchanged records stay untouched.
    await q.query(`create table run_seen (
      tenant_id uuid not null,
      run_id uuid not null,
      ord int not null,
      page int not null,
      collection text not null,
      ids bytea not null,
      primary key (tenant_id, run_id, ord, page, collection),
      foreign key (tenant_id, run_id) references run (tenant_id, id) on delete cascade)`);
    await q.query(`alter table run_seen alter ids set storage external`);
    await protect(q, 'run_seen', { app: 'select, insert, update, delete' });

    await q.query(`create table run_quarantine (
      tenant_id uuid not null,
      run_id uuid not null,
      id uuid not null,
      reason text not null,
      payload bytea not null,
      created_at timestamptz not null default now(),
      primary key (tenant_id, run_id, id),
      foreign key (tenant_id, run_id) references run (tenant_id, id) on delete cascade)`);
    await protect(q, 'run_quarantine', { app: 'select, insert, delete' });

    await q.query(`create table operation_run (
      tenant_id uuid not null,
      operation_id uuid not null,
      run_id uuid not null,
      primary key (tenant_id, operation_id, run_id),
      foreign key (tenant_id, operation_id) references operation (tenant_id, id) on delete cascade,
      foreign key (tenant_id, run_id) references run (tenant_id, id) on delete cascade)`);
    await protect(q, 'operation_run', { app: 'select, insert, delete', platform: 'select' });

    await q.query(`create table record (
      tenant_id uuid not null,
      collection text collate "C" not null,
      id text collate "C" not null,
      environment_id text collate "C" not null,
      source text collate "C" not null,
      enterprise_id uuid,
      chain_id uuid,
      service_id uuid,
      first_seq bigint not null,
      seq bigint not null,
      changed_at timestamptz not null,
      updated_utc timestamptz,
      deleted_at timestamptz,
      hash bytea not null,
      payload bytea not null,
      primary key (tenant_id, collection, id)) with (fillfactor = 90)`);
    await q.query(`alter table record alter payload set storage external`);
    // Every row has a position above 0. The condition keeps this index out of look-ups by id, which a planner without statistics (as in a
    // first load) would do by it, reading the whole collection for each id; readers of the feed name the condition.
    await q.query(`create unique index record_feed on record (tenant_id, collection, seq) where seq > 0`);
    await q.query(`create index record_of_enterprise on record (enterprise_id, collection, id) where enterprise_id is not null`);
    await protect(q, 'record', { app: 'select, insert, update, delete' });

    // The last position of each change feed. A page transaction takes its positions under this row's lock and commits at once,
    // so positions become visible in order: a reader that follows them never skips a later commit.
    await q.query(`create table feed (
      tenant_id uuid not null references tenant,
      collection text not null,
      last_seq bigint not null default 0,
      primary key (tenant_id, collection)) with (fillfactor = 50)`);
    await protect(q, 'feed', { app: 'select, insert, update, delete' });

    await q.query(`create table record_count (
      tenant_id uuid not null references tenant,
      collection text not null,
      source text not null,
      enterprise_id uuid,
      chain_id uuid,
      live bigint not null default 0,
      deleted bigint not null default 0,
      last_changed_at timestamptz,
      primary key (tenant_id, collection, source)) with (fillfactor = 50)`);
    await protect(q, 'record_count', { app: 'select, insert, update, delete', platform: 'select' });
  }

  async down(): Promise<void> { throw new Error('migrations go forward only'); }
}
