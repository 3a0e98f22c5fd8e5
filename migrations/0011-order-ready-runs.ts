// Ready runs in the order in which they are chosen: a turn of dispatch takes the first few of each tenant, and need not read the others.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class OrderReadyRuns0000000000011 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`drop index run_ready`);
    await q.query(`create index run_ready on run (tenant_id, priority, available_at, id) where state in ('queued', 'waiting') and leader_id is null`);
  }

  async down(): Promise<void> { throw new Error('migrations go forward only'); }
}
