// Windows that list what Mews has deleted, for records that do not say so themselves; their collections are read whole once more, since
// what was deleted before is there as if it lived.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AskForDeleted0000000000018 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`alter table run_window add deleted boolean not null default false`);
    await q.query(`update sync_state set full_completed_at = null where collection in ('loyaltyPrograms', 'loyaltyMemberships', 'loyaltyTiers')`);
  }

  async down(): Promise<void> { throw new Error('migrations go forward only'); }
}
