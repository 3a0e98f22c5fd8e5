// One stream of requests for the runs of several enterprises: which run leads, and which ride along with it.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AddFanIn0000000000009 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    // `leader_id`: the run whose requests serve this one too. `apart`: what it asks for cannot be asked for together with others.
    await q.query(`alter table run add leader_id uuid, add apart boolean not null default false, add foreign key (tenant_id, leader_id) references run (tenant_id, id) on delete set null (leader_id)`);
    await q.query(`create index run_led on run (tenant_id, leader_id) where leader_id is not null`);
    await q.query(`create index run_following on run (tenant_id, leader_id) where leader_id is not null and state in ('queued', 'running', 'waiting')`);
  }

  async down(): Promise<void> { throw new Error('migrations go forward only'); }
}
