// An enterprise's records by their first position, and not by their id: new ones go to the end of the index, and not all over it.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class OrderEnterpriseRecords0000000000008 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`drop index record_of_enterprise`);
    await q.query(`create index record_of_enterprise on record (enterprise_id, collection, first_seq) where enterprise_id is not null`);
  }

  async down(): Promise<void> { throw new Error('migrations go forward only'); }
}
