// What online rotation needs: which ring keys may wrap data keys, which are retired, and the rotation of data keys that is under way.
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { grant } from './tenant-table.js';

export class RotateKeys0000000000012 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    // `check_value` tells a key from another one of the same name: 16 bytes of an HMAC under it, written at the first start with it.
    await q.query(`create table ring_key (
      name text primary key,
      check_value bytea,
      created_at timestamptz not null default now())`);
    await q.query(`create table retired_ring_key (
      name text primary key,
      retired_at timestamptz not null default now())`);
    // The owner too is bound to a tenant by row-level security, unless it is lifted for this transaction.
    await q.query(`alter table tenant_key no force row level security`);
    await q.query(`insert into ring_key (name) select ring_key from tenant_key union select ring_key from platform_key`);
    // A ring key that is retired cannot wrap anything any more, whichever ring a process was started with, and one in use cannot be retired.
    for (const table of ['tenant_key', 'platform_key']) await q.query(`alter table ${table} add foreign key (ring_key) references ring_key (name)`);
    await q.query(`alter table tenant_key force row level security`);

    // Data keys older than the rotation that is under way are to be replaced; there is one at a time, and whoever comes next goes on with it.
    await q.query(`create table key_rotation (
      id bigint generated always as identity primary key,
      started_at timestamptz not null default clock_timestamp(),
      finished_at timestamptz)`);
    await q.query(`create unique index key_rotation_open on key_rotation ((true)) where finished_at is null`);

    // What is quarantined is sealed anew like everything else.
    await grant(q, 'run_quarantine', { app: 'update (payload)' });
    await grant(q, 'ring_key', { platform: 'select, insert, update, delete' });
    await grant(q, 'retired_ring_key', { platform: 'select, insert' });
    await grant(q, 'key_rotation', { platform: 'select, insert, update' });
  }

  async down(): Promise<void> { throw new Error('migrations go forward only'); }
}
