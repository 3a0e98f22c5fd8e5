// The two runtime roles: neither owns a table, neither bypasses row-level security. `keyrack migrate` sets their passwords.
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { roles } from './tenant-table.js';

export class CreateRoles0000000000001 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    const role = await roles(q);
    for (const name of [role.app, role.platform]) {
      const [found] = await q.query(`select 1 from pg_roles where quote_ident(rolname) = $1`, [name]);
      if (!found) await q.query(`create role ${name} login nosuperuser nocreatedb nocreaterole noinherit`);
      await q.query(`grant usage on schema public to ${name}`);
    }
    await q.query(`revoke create on schema public from public`);
    // Readiness compares it with the migrations that the program knows.
    await q.query(`grant select on migration to ${role.platform}`);
  }

  async down(): Promise<void> { throw new Error('migrations go forward only'); }
}
