// People who sign in at an identity provider: who they are there, and no password of ours unless they set one.
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { grant } from './tenant-table.js';

export class AddIdentities0000000000014 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`create table user_identity (
      issuer text not null,
      subject text not null,
      user_id uuid not null references app_user on delete cascade,
      created_at timestamptz not null default now(),
      primary key (issuer, subject),
      unique (user_id, issuer))`);
    await grant(q, 'user_identity', { platform: 'select, insert, delete' });
    await q.query(`alter table app_user alter column password_hash drop not null`);
  }

  async down(): Promise<void> { throw new Error('migrations go forward only'); }
}
