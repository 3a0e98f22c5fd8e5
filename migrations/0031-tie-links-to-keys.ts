// A link that an API key made ends with the key. Keys are told apart by their id: names may be given twice.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class TieLinksToKeys0000000000031 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    // Null for links that people made, and for those from before. A tenant's link may be made by a key of the platform too: no foreign key tells which.
    for (const table of ['access_link', 'platform_access_link']) await q.query(`alter table ${table} add column made_by_key uuid`);
  }

  async down(): Promise<void> { throw new Error('migrations go forward only'); }
}
