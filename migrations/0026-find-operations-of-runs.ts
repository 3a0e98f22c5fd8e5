// A run that is removed takes its part in operations along: without an index each would read all of the tenant's.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class FindOperationsOfRuns0000000000026 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`create index operation_run_of_run on operation_run (tenant_id, run_id)`);
  }

  async down(): Promise<void> { throw new Error('migrations go forward only'); }
}
