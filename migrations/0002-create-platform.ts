// What belongs to the vendor who runs Keyrack: environments, applications, tenants, people, and the platform's audit trail.
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { grant } from './tenant-table.js';

export class CreatePlatform0000000000002 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`create table environment (
      id text primary key check (id ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
      name text not null,
      platform_address text not null,
      web_socket_address text,
      limit_requests int not null check (limit_requests > 0),
      limit_seconds int not null check (limit_seconds > 0),
      created_at timestamptz not null default now())`);
    await q.query(`insert into environment (id, name, platform_address, web_socket_address, limit_requests, limit_seconds) values
      ('demo', 'Mews demo', 'https://api.mews-demo.com', 'wss://ws.mews-demo.com', 200, 30),
      ('production', 'Mews production', 'https://api.mews.com', 'wss://ws.mews.com', 200, 30)`);

    await q.query(`create table application (
      id uuid primary key,
      name text not null,
      version text not null,
      created_at timestamptz not null default now(),
      unique (name, version))`);
    await q.query(`create table application_client_token (
      application_id uuid not null references application on delete cascade,
      environment_id text not null references environment,
      ciphertext bytea not null,
      hint text not null,
      updated_at timestamptz not null default now(),
      primary key (application_id, environment_id))`);
    // The data key that seals the vendor's own secrets, wrapped under the key ring.
    await q.query(`create table platform_key (
      key_id int primary key,
      wrapped bytea not null,
      ring_key text not null,
      created_at timestamptz not null default now())`);

    await q.query(`create table tenant (
      id uuid primary key,
      slug text not null check (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
      name text not null,
      state text not null default 'active' check (state in ('active', 'deleting', 'deleted')),
      created_at timestamptz not null default now(),
      deleted_at timestamptz)`);
    await q.query(`create unique index tenant_slug on tenant (slug) where state <> 'deleted'`);

    await q.query(`create table app_user (
      id uuid primary key,
      email text not null,
      name text not null,
      password_hash text not null,
      platform_role text check (platform_role in ('admin', 'operator', 'auditor')),
      disabled_at timestamptz,
      created_at timestamptz not null default now())`);
    await q.query(`create unique index app_user_email on app_user (lower(email))`);
    await q.query(`create table session (
      token_hash bytea primary key,
      user_id uuid not null references app_user on delete cascade,
      csrf_hash bytea not null,
      created_at timestamptz not null default now(),
      last_seen_at timestamptz not null default now(),
      expires_at timestamptz not null)`);
    await q.query(`create table sign_in_attempt (
      subject text not null,
      at timestamptz not null default clock_timestamp())`);
    await q.query(`create index sign_in_attempt_recent on sign_in_attempt (subject, at)`);
    await q.query(`create table platform_api_key (
      id uuid primary key,
      name text not null,
      role text not null check (role in ('admin', 'operator', 'auditor')),
      key_hash bytea not null unique,
      hint text not null,
      expires_at timestamptz,
      last_used_at timestamptz,
      revoked_at timestamptz,
      created_at timestamptz not null default now())`);

    await q.query(`create table platform_audit_event (
      seq bigint primary key,
      id uuid not null unique,
      at timestamptz not null,
      actor_kind text not null,
      actor_id text not null,
      actor_name text not null,
      action text not null,
      subject jsonb not null,
      previous_hash bytea not null,
      hash bytea not null)`);
    await q.query(`create table platform_audit_head (
      singleton boolean primary key default true check (singleton),
      seq bigint not null default 0,
      hash bytea not null default '\\x')`);
    await q.query(`insert into platform_audit_head default values`);

    // The request budget of each AccessToken, by fingerprint; all instants in ms since 1970 by this server's clock. `stamps` are the
    // requests within the window, `strikes` the refusals in a row without Retry-After, `wait_ms` the answer to the last request (0: granted).
    await q.query(`create table request_budget (
      key text primary key,
      stamps bigint[] not null default '{}',
      window_ms int not null default 0,
      allowed int not null default 0,
      wait_ms bigint not null default 0,
      interactive_at bigint not null default 0,
      blocked_until bigint not null default 0,
      tightened_until bigint not null default 0,
      strikes int not null default 0) with (fillfactor = 50)`);
    // Until when a budget kept outside this database may have granted requests.
    await q.query(`create table budget_traffic (
      singleton boolean primary key default true check (singleton),
      last_at timestamptz not null default '-infinity')`);
    await q.query(`insert into budget_traffic default values`);

    await q.query(`create table idempotency_key (
      owner text not null,
      key text not null,
      request_hash bytea not null,
      status int,
      answer jsonb,
      created_at timestamptz not null default now(),
      primary key (owner, key))`);

    for (const table of ['environment', 'tenant']) await grant(q, table, { app: 'select' });
    for (const table of ['environment', 'application', 'application_client_token', 'platform_key', 'tenant', 'app_user', 'session', 'sign_in_attempt', 'platform_api_key', 'idempotency_key']) {
      await grant(q, table, { platform: 'select, insert, update, delete' });
    }
    await grant(q, 'platform_audit_event', { platform: 'select, insert' });
    await grant(q, 'platform_audit_head', { platform: 'select, update' });
    for (const table of ['request_budget', 'budget_traffic']) await grant(q, table, { platform: 'select, insert, update, delete' });
  }

  async down(): Promise<void> { throw new Error('migrations go forward only'); }
}
