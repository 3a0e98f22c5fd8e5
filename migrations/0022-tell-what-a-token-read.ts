// What a token has read it has read, however its run ended: a run that failed after a hundred pages has shown them.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class TellWhatATokenRead0000000000022 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    // A column of its own changes once in a run's life. Were a count of requests or pages in the index's condition, each page would write a new entry into every index of the table.
    await q.query(`alter table run add has_read boolean not null generated always as (pages > 0) stored`);
    await q.query(`drop index run_of_token`);
    await q.query(`create index run_of_token on run (tenant_id, access_token_id, collection, coalesce(finished_at, started_at)) where has_read`);
  }

  async down(): Promise<void> { throw new Error('migrations go forward only'); }
}
