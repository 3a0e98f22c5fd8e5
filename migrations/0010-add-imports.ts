// AccessTokens that came as a file and wait to be verified with Mews, one by one.
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { protect } from './tenant-table.js';

export class AddImports0000000000010 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`create table token_import (
      tenant_id uuid not null,
      operation_id uuid not null,
      dry_run boolean not null,
      actor jsonb not null,
      worked_on_until timestamptz,
      done boolean not null default false,
      primary key (tenant_id, operation_id),
      foreign key (tenant_id, operation_id) references operation (tenant_id, id) on delete cascade)`);
    await q.query(`create index token_import_open on token_import (operation_id) where not done`);
    await protect(q, 'token_import', { app: 'select, insert, update, delete', platform: 'select' });

    // `ciphertext` is gone as soon as the line has its result. `begun`: a process may have died after it had stored the token.
    await q.query(`create table token_import_line (
      tenant_id uuid not null,
      operation_id uuid not null,
      line int not null,
      environment text not null,
      application text not null,
      label text,
      hint text not null,
      ciphertext bytea,
      begun boolean not null default false,
      result jsonb,
      primary key (tenant_id, operation_id, line),
      foreign key (tenant_id, operation_id) references token_import (tenant_id, operation_id) on delete cascade)`);
    await protect(q, 'token_import_line', { app: 'select, insert, update, delete' });
  }

  async down(): Promise<void> { throw new Error('migrations go forward only'); }
}
