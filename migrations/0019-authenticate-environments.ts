// An environment's addresses carry a MAC, since tokens are sent there. What stood there before is listed for `keyrack migrate`, which has
// the key; the runtime roles cannot add to that list.
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { grant } from './tenant-table.js';

export class AuthenticateEnvironments0000000000019 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`alter table environment add address_mac bytea`);
    await q.query(`create table unauthenticated_environment (id text primary key references environment on delete cascade)`);
    // Those of Mews itself are compared with what the program knows.
    await q.query(`insert into unauthenticated_environment select id from environment
      where (id, platform_address, coalesce(web_socket_address, '')) not in (
        ('demo', 'https://api.mews-demo.com', 'wss://ws.mews-demo.com'), ('production', 'https://api.mews.com', 'wss://ws.mews.com'))`);
    await grant(q, 'unauthenticated_environment', { platform: 'select, delete' });
  }

  async down(): Promise<void> { throw new Error('migrations go forward only'); }
}
