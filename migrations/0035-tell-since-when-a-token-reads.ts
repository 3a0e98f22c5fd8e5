// What a token read in a run that takes long it read while the run went on, not only at its end.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class TellSinceWhenATokenReads0000000000035 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`create index run_of_token_by_start on run (tenant_id, access_token_id, collection, started_at) where has_read`);
  }

  async down(): Promise<void> { throw new Error('migrations go forward only'); }
}
