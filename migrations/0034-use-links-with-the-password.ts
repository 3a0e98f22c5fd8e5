// A tenant's link that resets a password is used up in the transaction of the new password, which is the platform's.
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { grant } from './tenant-table.js';

export class UseLinksWithThePassword0000000000034 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await grant(q, 'access_link', { platform: 'update (used_at)' });
  }

  async down(): Promise<void> { throw new Error('migrations go forward only'); }
}
