// Who is disabled, or no administrator any more, must not keep a way back: the links that they made are revoked in every tenant at once.
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { grant } from './tenant-table.js';

export class RevokeLinksAcrossTenants0000000000020 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await grant(q, 'access_link', { platform: 'update (revoked_at)' });
  }

  async down(): Promise<void> { throw new Error('migrations go forward only'); }
}
