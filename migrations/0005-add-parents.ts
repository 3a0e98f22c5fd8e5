// What a sync by ids of another collection needs: whose children a record is of, how far the parents were read, and who reads.
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { grant } from './tenant-table.js';

export class AddParents0000000000005 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`alter table record add parent_id uuid`);
    await q.query(`create index record_of_parent on record (tenant_id, collection, parent_id) where parent_id is not null`);

    // Positions in the parents' feeds up to which their children were read: a parent beyond them is new, or has changed.
    await q.query(`alter table run add parents_seen jsonb not null default '{}'`);
    await q.query(`alter table sync_state add parents_seen jsonb not null default '{}'`);

    // What Mews refused with 401: the operation, whose fallback is used then, and AccessTokens. Remembered for a while between runs.
    await q.query(`alter table run add fallback boolean not null default false, add refused uuid[] not null default '{}'`);
    await q.query(`alter table sync_state add fallback boolean not null default false, add refused uuid[] not null default '{}', add refused_until timestamptz`);

    // Which active AccessTokens open an enterprise now, connected or not.
    await q.query(`create view token_reach with (security_invoker = true) as
      select r.tenant_id, r.environment_id, r.enterprise_id, t.id as access_token_id, t.kind
        from reach r join access_token t on t.tenant_id = r.tenant_id and t.id = r.access_token_id
       where r.lost_at is null and t.status = 'active'`);
    await grant(q, 'token_reach', { app: 'select' });
  }

  async down(): Promise<void> { throw new Error('migrations go forward only'); }
}
