// A sync that is asked for while a run is reading: what changed a moment before may be on a page that was read already.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AskAgain0000000000030 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`alter table run add again uuid[] not null default '{}'`);
    await q.query(`comment on column run.again is 'operations that want another increment when this run is through'`);
  }

  async down(): Promise<void> { throw new Error('migrations go forward only'); }
}
