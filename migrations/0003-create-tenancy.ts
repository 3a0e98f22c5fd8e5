// What belongs to one tenant: its data key, members, API keys, AccessTokens, reach, connections and audit trail.
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { grant, protect } from './tenant-table.js';

export class CreateTenancy0000000000003 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`create table tenant_key (
      tenant_id uuid not null references tenant,
      key_id int not null,
      wrapped bytea not null,
      ring_key text not null,
      created_at timestamptz not null default now(),
      primary key (tenant_id, key_id))`);
    await protect(q, 'tenant_key', { app: 'select, insert, update, delete', platform: 'select (tenant_id, key_id, ring_key, created_at), insert' });

    await q.query(`create table membership (
      tenant_id uuid not null references tenant,
      user_id uuid not null references app_user on delete cascade,
      role text not null check (role in ('owner', 'developer', 'viewer')),
      created_at timestamptz not null default now(),
      primary key (tenant_id, user_id))`);
    await protect(q, 'membership', { app: 'select, insert, update, delete', platform: 'select, insert, update, delete' });

    await q.query(`create table api_key (
      tenant_id uuid not null references tenant,
      id uuid not null,
      name text not null,
      role text not null check (role in ('owner', 'developer', 'viewer')),
      key_hash bytea not null,
      hint text not null,
      expires_at timestamptz,
      last_used_at timestamptz,
      revoked_at timestamptz,
      created_at timestamptz not null default now(),
      primary key (tenant_id, id),
      unique (key_hash, tenant_id))`);
    await protect(q, 'api_key', { app: 'select, insert, update, delete', platform: 'select, update (last_used_at), delete' });

    await q.query(`create table access_token (
      tenant_id uuid not null references tenant,
      id uuid not null,
      environment_id text not null references environment,
      application_id uuid not null references application,
      label text,
      kind text not null check (kind in ('enterprise', 'portfolio')),
      status text not null default 'active' check (status in ('active', 'invalid', 'disabled', 'revoked')),
      hint text not null,
      fingerprint text not null,
      ciphertext bytea,
      portfolio_id uuid,
      last_verified_at timestamptz,
      last_error jsonb,
      last_used_at timestamptz,
      next_expansion_at timestamptz not null default now(),
      created_at timestamptz not null default now(),
      rotated_at timestamptz,
      revoked_at timestamptz,
      primary key (tenant_id, id),
      unique (tenant_id, environment_id, id),
      check (ciphertext is not null or status = 'revoked'))`);
    // Across tenants on purpose: one AccessToken belongs to one tenant of an environment, and the loser must not learn whose it is.
    await q.query(`create unique index access_token_fingerprint on access_token (environment_id, fingerprint) where status <> 'revoked'`);
    await q.query(`create index access_token_expansion on access_token (next_expansion_at) where status in ('active', 'invalid')`);
    await protect(q, 'access_token', {
      app: 'select, insert, update, delete',
      platform: 'select (tenant_id, id, environment_id, application_id, label, kind, status, hint, fingerprint, last_verified_at, last_used_at, next_expansion_at, created_at)',
    });

    await q.query(`create table enterprise (
      tenant_id uuid not null references tenant,
      id uuid not null,
      environment_id text not null references environment,
      chain_id uuid not null,
      name text not null,
      time_zone text not null,
      created_utc timestamptz not null,
      updated_at timestamptz not null default now(),
      primary key (tenant_id, id),
      unique (tenant_id, environment_id, id))`);
    await q.query(`create index enterprise_name on enterprise (tenant_id, name, id)`);
    await protect(q, 'enterprise', { app: 'select, insert, update, delete', platform: 'select' });

    // One row a stay: from the first sweep that listed the enterprise to the sweep that no longer did. The last time a current
    // row was seen is the token's last_verified_at, so a quiet sweep of thousands of enterprises writes one row.
    await q.query(`create table reach (
      tenant_id uuid not null,
      environment_id text not null,
      access_token_id uuid not null,
      enterprise_id uuid not null,
      via text not null check (via in ('direct', 'portfolio')),
      first_seen_at timestamptz not null,
      last_seen_at timestamptz,
      lost_at timestamptz,
      primary key (tenant_id, access_token_id, enterprise_id, first_seen_at),
      foreign key (tenant_id, environment_id, access_token_id) references access_token (tenant_id, environment_id, id),
      foreign key (tenant_id, environment_id, enterprise_id) references enterprise (tenant_id, environment_id, id))`);
    await q.query(`create unique index reach_current on reach (tenant_id, enterprise_id, access_token_id) where lost_at is null`);
    await protect(q, 'reach', { app: 'select, insert, update, delete', platform: 'select' });

    await q.query(`create table reach_event (
      tenant_id uuid not null,
      id uuid not null,
      access_token_id uuid not null,
      enterprise_id uuid not null,
      kind text not null check (kind in ('gained', 'lost')),
      at timestamptz not null,
      primary key (tenant_id, id),
      foreign key (tenant_id, access_token_id) references access_token (tenant_id, id),
      foreign key (tenant_id, enterprise_id) references enterprise (tenant_id, id))`);
    await q.query(`create index reach_event_newest on reach_event (tenant_id, at desc, id desc)`);
    await protect(q, 'reach_event', { app: 'select, insert, delete', platform: 'select' });

    // The primary key is the rule: one AccessToken per connected enterprise.
    await q.query(`create table connection (
      tenant_id uuid not null,
      environment_id text not null,
      enterprise_id uuid not null,
      access_token_id uuid not null,
      connected_at timestamptz not null default now(),
      primary key (tenant_id, enterprise_id),
      foreign key (tenant_id, environment_id, enterprise_id) references enterprise (tenant_id, environment_id, id),
      foreign key (tenant_id, environment_id, access_token_id) references access_token (tenant_id, environment_id, id))`);
    await q.query(`create index connection_token on connection (tenant_id, access_token_id)`);
    await protect(q, 'connection', { app: 'select, insert, update, delete', platform: 'select' });

    // Whether a connection can be used now, and if not, why. Schedules pause and resume by this view alone: nothing to keep in step.
    await q.query(`create view connection_state with (security_invoker = true) as
      select c.tenant_id, c.environment_id, c.enterprise_id, c.access_token_id, e.chain_id, t.kind, t.fingerprint,
        case when t.status <> 'active' then 'token_' || t.status
             when not exists (select 1 from reach r where r.tenant_id = c.tenant_id and r.enterprise_id = c.enterprise_id
               and r.access_token_id = c.access_token_id and r.lost_at is null) then 'enterprise_lost'
             else 'usable' end as state
      from connection c
      join access_token t on t.tenant_id = c.tenant_id and t.id = c.access_token_id
      join enterprise e on e.tenant_id = c.tenant_id and e.id = c.enterprise_id`);
    await grant(q, 'connection_state', { app: 'select', platform: 'select' });

    await q.query(`create table audit_event (
      tenant_id uuid not null references tenant,
      seq bigint not null,
      id uuid not null,
      at timestamptz not null,
      actor_kind text not null,
      actor_id text not null,
      actor_name text not null,
      action text not null,
      subject jsonb not null,
      previous_hash bytea not null,
      hash bytea not null,
      primary key (tenant_id, seq))`);
    await protect(q, 'audit_event', { app: 'select, insert', platform: 'select' });
    await q.query(`create table audit_head (
      tenant_id uuid primary key references tenant,
      seq bigint not null default 0,
      hash bytea not null default '\\x')`);
    await protect(q, 'audit_head', { app: 'select, insert, update', platform: 'select' });

    await q.query(`create table operation (
      tenant_id uuid not null references tenant,
      id uuid not null,
      kind text not null,
      state text not null default 'running' check (state in ('running', 'succeeded', 'failed', 'partial')),
      done int not null default 0,
      total int not null default 0,
      results jsonb,
      error jsonb,
      created_at timestamptz not null default now(),
      finished_at timestamptz,
      primary key (tenant_id, id))`);
    await protect(q, 'operation', { app: 'select, insert, update, delete', platform: 'select, insert, update' });
  }

  async down(): Promise<void> { throw new Error('migrations go forward only'); }
}
