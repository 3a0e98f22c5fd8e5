// What a token has read and was refused is known for longer than the runs that found it out.
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { protect } from './tenant-table.js';

export class KeepWhatTokensRead0000000000033 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    // Reads are added when their runs are removed from the ledger, refusals when they happen; `token_refusal` has what Mews said the last time.
    await q.query(`create table token_evidence (
      tenant_id uuid not null,
      access_token_id uuid not null,
      collection text not null,
      outcome text not null check (outcome in ('read', 'refused')),
      since timestamptz not null,
      first_at timestamptz not null,
      last_at timestamptz not null,
      primary key (tenant_id, access_token_id, collection, outcome, since),
      foreign key (tenant_id, access_token_id) references access_token (tenant_id, id))`);
    await q.query(`comment on column token_evidence.since is 'the rotation that brought the text; when the token was added for all texts before the last rotation that was known'`);

    const read = ['access_token', 'token_refusal'];
    for (const table of read) await q.query(`alter table ${table} no force row level security`);
    await q.query(`
      insert into token_evidence (tenant_id, access_token_id, collection, outcome, since, first_at, last_at)
      select r.tenant_id, r.access_token_id, r.collection, 'refused', case when t.rotated_at <= r.at then t.rotated_at else t.created_at end, r.at, r.at
        from token_refusal r join access_token t on t.tenant_id = r.tenant_id and t.id = r.access_token_id`);
    for (const table of read) await q.query(`alter table ${table} force row level security`);
    await protect(q, 'token_evidence', { app: 'select, insert, update, delete' });
  }

  async down(): Promise<void> { throw new Error('migrations go forward only'); }
}
