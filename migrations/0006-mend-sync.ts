// What a sync notes besides: ids that Mews no longer knew.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class MendSync0000000000006 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    // Ids of parents that Mews refused as unknown: the run went on without them, and increments do not ask for them again.
    await q.query(`alter table run add left_out text[] not null default '{}'`);
    await q.query(`alter table sync_state add left_out text[] not null default '{}'`);
  }

  async down(): Promise<void> { throw new Error('migrations go forward only'); }
}
