// A page renews the lease of its run. With the lease in an index, each page wrote a new entry into every index of the run table.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class LetLeasesMoveInPlace0000000000007 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    // Few runs are in hands at a time: those whose lease has ended are found among them.
    await q.query(`drop index run_leased`);
    await q.query(`create index run_in_hands on run (worker) where state = 'running'`);
    // Room for a row's next versions on its own page.
    await q.query(`alter table run set (fillfactor = 70)`);
    await q.query(`alter table run_window set (fillfactor = 80)`);
    await q.query(`alter table sync_state set (fillfactor = 70)`);
  }

  async down(): Promise<void> { throw new Error('migrations go forward only'); }
}
