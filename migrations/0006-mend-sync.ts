// What a sync notes besides: ids that Mews no longer knew, which other tokens of a chain see a record,
// and the environment of what is the platform's.
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { protect } from './tenant-table.js';

export class MendSync0000000000006 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    // Ids of parents that Mews refused as unknown: the run went on without them, and increments do not ask for them again.
    await q.query(`alter table run add left_out text[] not null default '{}'`);
    await q.query(`alter table sync_state add left_out text[] not null default '{}'`);

    // Codes are the same in every environment. The owner is no exception from row-level security unless it says so.
    await q.query(`alter table record no force row level security`);
    await q.query(`update record set id = environment_id || '|' || id where source like 'platform:%'`);
    await q.query(`alter table record force row level security`);

    // Records of a chain that an AccessToken sees beside the one under whose source they stand.
    await q.query(`create table record_sight (
      tenant_id uuid not null references tenant,
      collection text collate "C" not null,
      source text collate "C" not null,
      id text collate "C" not null,
      primary key (tenant_id, collection, id, source))`);
    await protect(q, 'record_sight', { app: 'select, insert, delete' });
  }

  async down(): Promise<void> { throw new Error('migrations go forward only'); }
}
