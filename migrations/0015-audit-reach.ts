// What an audit of reach asks for: when a token was last used and by whom of two, what noticed a change, what Mews refused a token, and indexes.
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { grant, protect } from './tenant-table.js';

export class AuditReach0000000000015 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    // `last_used_at` also holds when Keyrack itself re-read the reach, which no token escapes. It is no longer read, and stays for processes of the version before.
    await q.query(`alter table access_token add last_synced_at timestamptz, add last_interactive_at timestamptz`);
    await grant(q, 'access_token', { platform: 'select (last_synced_at, last_interactive_at)' });
    for (const table of ['access_token', 'run']) await q.query(`alter table ${table} no force row level security`);
    await q.query(`
      update access_token t set last_synced_at = used.at
        from (select tenant_id, access_token_id, max(coalesce(finished_at, started_at)) as at from run group by tenant_id, access_token_id) used
       where used.tenant_id = t.tenant_id and used.access_token_id = t.id`);
    for (const table of ['access_token', 'run']) await q.query(`alter table ${table} force row level security`);

    await q.query(`alter table reach_event add noticed_by text check (noticed_by in ('added', 'check', 'verify', 'enable', 'rotate', 'revoke'))`);
    await q.query(`create index reach_event_of_token on reach_event (tenant_id, access_token_id, at desc, id desc)`);
    await q.query(`create index reach_event_of_enterprise on reach_event (tenant_id, enterprise_id, at desc, id desc)`);
    await q.query(`create index reach_event_of_kind on reach_event (tenant_id, kind, at desc, id desc)`);
    await q.query(`create index reach_event_of_all on reach_event (at desc, id desc)`);
    await q.query(`create index reach_of_enterprise on reach (tenant_id, enterprise_id, access_token_id, first_seen_at) include (lost_at, via)`);
    await q.query(`create index reach_of_token on reach (tenant_id, access_token_id) where lost_at is null`);

    // What a token has read is what its runs have read. A run that was refused goes on with another token, so refusals are kept by themselves: the last of each.
    await q.query(`create index run_of_token on run (tenant_id, access_token_id, collection, finished_at) where state in ('succeeded', 'needs_review') and (requests > 0 or leader_id is not null)`);
    await q.query(`create table token_refusal (
      tenant_id uuid not null,
      access_token_id uuid not null,
      collection text not null,
      at timestamptz not null,
      message text not null,
      request_id text,
      primary key (tenant_id, access_token_id, collection),
      foreign key (tenant_id, access_token_id) references access_token (tenant_id, id))`);
    await protect(q, 'token_refusal', { app: 'select, insert, update, delete', platform: 'select' });
  }

  async down(): Promise<void> { throw new Error('migrations go forward only'); }
}
