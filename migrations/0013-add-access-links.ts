// Links by which people come in without mail: invitations and password resets, of a tenant and of the platform.
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { grant, protect } from './tenant-table.js';

export class AddAccessLinks0000000000013 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    // An invitation is for an address, whose person may not exist yet; a reset is for a person.
    const columns = (roles: string): string => `
      id uuid not null,
      kind text not null check (kind in ('invitation', 'password_reset')),
      email text not null,
      role text check (role in (${roles})),
      user_id uuid references app_user on delete cascade,
      secret_hash bytea not null,
      made_by text not null,
      expires_at timestamptz not null,
      used_at timestamptz,
      revoked_at timestamptz,
      created_at timestamptz not null default now(),
      check ((kind = 'invitation') = (role is not null)),
      check ((kind = 'password_reset') = (user_id is not null))`;
    await q.query(`create table access_link (tenant_id uuid not null references tenant, ${columns(`'owner', 'developer', 'viewer'`)},
      primary key (tenant_id, id),
      unique (secret_hash, tenant_id))`);
    await protect(q, 'access_link', { app: 'select, insert, update, delete', platform: 'select, delete' });
    await q.query(`create table platform_access_link (${columns(`'admin', 'operator', 'auditor'`)},
      primary key (id),
      unique (secret_hash))`);
    await grant(q, 'platform_access_link', { platform: 'select, insert, update, delete' });
  }

  async down(): Promise<void> { throw new Error('migrations go forward only'); }
}
