// How far each audit chain was written down outside the database, so that checkpoints which are gone are missed.
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { grant } from './tenant-table.js';

export class RememberCheckpoints0000000000023 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    // Beside the heads, not in them: whoever appends to a chain holds its head's lock, and a checkpoint must not wait for it.
    await q.query(`create table audit_checkpoint (
      chain text primary key,
      seq bigint not null,
      at timestamptz not null default now())`);
    await grant(q, 'audit_checkpoint', { platform: 'select, insert, update' });
  }

  async down(): Promise<void> { throw new Error('migrations go forward only'); }
}
