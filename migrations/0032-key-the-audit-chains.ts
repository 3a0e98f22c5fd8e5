// Whether a chain's events are hashed with the key of the ring. Where there are events, `keyrack audit key` switches, when no process of the version before is left.
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { grant } from './tenant-table.js';

export class KeyTheAuditChains0000000000032 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    for (const table of ['audit_head', 'platform_audit_head']) await q.query(`alter table ${table} add column keyed boolean not null default false`);
    // A tenant's chain begins as the platform's goes on.
    await grant(q, 'platform_audit_head', { app: 'select (keyed)' });
    await q.query(`update platform_audit_head set keyed = true where seq = 0 and not exists (select 1 from tenant)`);
  }

  async down(): Promise<void> { throw new Error('migrations go forward only'); }
}
