// A window whose cursor Mews no longer knew has begun again, and does so once, whoever has the run.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class BeginWindowsAgainOnce0000000000025 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`alter table run_window add begun_again boolean not null default false`);
  }

  async down(): Promise<void> { throw new Error('migrations go forward only'); }
}
