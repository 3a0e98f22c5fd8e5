// Of a record's id the last group goes first: Mews fills it with the time at which the record was made.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class OrderRecordsByCreation0000000000029 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    const rearranged = `set id = substr(id, 25) || left(id, 24) where length(id) = 36`;
    const tables = ['record', 'record_sight', 'run_seen', 'run'];
    // The owner is no exception from row-level security unless it says so.
    for (const table of tables) await q.query(`alter table ${table} no force row level security`);
    await q.query(`update record ${rearranged} and source not like 'platform:%'`);
    await q.query(`update record_sight ${rearranged}`);
    // What runs have seen they have by the old ids: those under way are planned again, and nobody can confirm what was missing.
    await q.query(`delete from run_seen`);
    await q.query(`update run set planned_at = null, tailed = false, leader_id = null, fence = fence + 1, worker = null, lease_until = null,
      state = case when wait_reason = 'paused' then state else 'queued' end where state in ('queued', 'running', 'waiting')`);
    await q.query(`update run set state = 'cancelled', error = '{"code": "run.review_void", "message": "Keyrack was updated: sync again to find out what is missing"}' where state = 'needs_review'`);
    for (const table of tables) await q.query(`alter table ${table} force row level security`);
  }

  async down(): Promise<void> { throw new Error('migrations go forward only'); }
}
