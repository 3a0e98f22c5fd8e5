// All SQL about imports of AccessTokens.
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { idSchema, minuteMs, type AccessTokenId, type OperationId, type PlatformTx, type TenantActor, type TenantId, type TenantTx } from '@keyrack/core';
import { defineJob } from '@keyrack/queue';
import type { BadLine } from './import-file.js';

export const IMPORT = 'access_tokens.import';
export const importTokens = defineJob('access_tokens.import', z.object({ tenantId: idSchema<TenantId>(), operationId: idSchema<OperationId>() }));

/** A process that is not heard of for so long is taken for dead; it says every third of it that it is not. */
export const WORKED_ON_MS = minuteMs;

export interface LineResult {
  line: number; environment: string; application?: string; label?: string | null; hint?: string;
  state: 'succeeded' | 'failed'; accessTokenId?: AccessTokenId | null; kind?: string; enterprises?: number; error?: { code: string; detail: string };
}
export interface WaitingLine { line: number; environment: string; application: string; label: string | null; hint: string; ciphertext: Buffer; begunBefore: boolean }
type NewLine = Omit<WaitingLine, 'begunBefore'>;
export type Mode = 'import' | 'dry-run';

@Injectable()
export class ImportsRepository {
  async insert(tx: TenantTx, { operationId, mode, actor: { kind, id, name } }: { operationId: OperationId; mode: Mode; actor: TenantActor }, lines: readonly NewLine[], bad: readonly BadLine[]): Promise<void> {
    await tx.sql`insert into operation (tenant_id, id, kind, done, total) values (${tx.tenantId}, ${operationId}, ${IMPORT}, ${bad.length}, ${lines.length + bad.length})`;
    await tx.sql`insert into token_import (tenant_id, operation_id, dry_run, actor) values (${tx.tenantId}, ${operationId}, ${mode === 'dry-run'}, ${JSON.stringify({ kind, id, name })}::jsonb)`;
    await tx.sql`
      insert into token_import_line (tenant_id, operation_id, line, environment, application, label, hint, ciphertext)
      select ${tx.tenantId}, ${operationId}, l.line, l.environment, l.application, l.label, l.hint, decode(l.ciphertext, 'hex')
        from json_to_recordset(${JSON.stringify(lines.map(({ line, environment, application, label, hint, ciphertext }) => ({ line, environment, application, label, hint, ciphertext: ciphertext.toString('hex') })))}::json) as l (line int, environment text, application text, label text, hint text, ciphertext text)`;
    const results = bad.map(({ line, environment, detail }): LineResult => ({ line, environment, state: 'failed', error: { code: 'request.invalid', detail } }));
    await tx.sql`
      insert into token_import_line (tenant_id, operation_id, line, environment, application, hint, result)
      select ${tx.tenantId}, ${operationId}, (r ->> 'line')::int, r ->> 'environment', '', '', r from jsonb_array_elements(${JSON.stringify(results)}::jsonb) as r`;
  }

  async open(tx: PlatformTx): Promise<{ tenantId: TenantId; operationId: OperationId }[]> {
    return tx.sql`select tenant_id as "tenantId", operation_id as "operationId" from token_import where not done and coalesce(worked_on_until < now(), true) order by operation_id limit 100`;
  }

  /** Takes the import for this process. Null when another has it, or it is done. */
  async claim(tx: TenantTx, id: OperationId): Promise<{ mode: Mode; actor: Omit<TenantActor, 'tenantId'> } | null> {
    const [row] = await tx.sql<{ dryRun: boolean; actor: Omit<TenantActor, 'tenantId'> }>`
      update token_import set worked_on_until = now() + ${WORKED_ON_MS} * interval '1 ms'
       where tenant_id = ${tx.tenantId} and operation_id = ${id} and not done and coalesce(worked_on_until < now(), true) returning dry_run as "dryRun", actor`;
    return row ? { mode: row.dryRun ? 'dry-run' : 'import', actor: row.actor } : null;
  }

  async stillWorkedOn(tx: TenantTx, id: OperationId): Promise<void> {
    await tx.sql`update token_import set worked_on_until = now() + ${WORKED_ON_MS} * interval '1 ms' where tenant_id = ${tx.tenantId} and operation_id = ${id} and not done`;
  }

  /** Leaves an import that is not done to whoever comes next. */
  async leave(tx: TenantTx, id: OperationId): Promise<void> {
    await tx.sql`update token_import set worked_on_until = null where tenant_id = ${tx.tenantId} and operation_id = ${id}`;
  }

  /** Whether a token was stored since the import began. */
  async storedSince(tx: TenantTx, id: OperationId, accessTokenId: string): Promise<boolean> {
    return (await tx.sql`
      select 1 from access_token t join operation o on o.tenant_id = t.tenant_id
       where t.tenant_id = ${tx.tenantId} and t.id = ${accessTokenId} and o.id = ${id} and t.created_at >= o.created_at`).length > 0;
  }

  /** The next lines without a result, marked as begun. */
  async next(tx: TenantTx, id: OperationId, count: number): Promise<WaitingLine[]> {
    return tx.sql<WaitingLine>`
      with chosen as (select line, begun from token_import_line where tenant_id = ${tx.tenantId} and operation_id = ${id} and result is null order by line limit ${count})
      update token_import_line l set begun = true from chosen
       where l.tenant_id = ${tx.tenantId} and l.operation_id = ${id} and l.line = chosen.line
      returning l.line, l.environment, l.application, l.label, l.hint, l.ciphertext, chosen.begun as "begunBefore"`;
  }

  /** Keeps the results; the tokens of these lines are gone with it. A success stays: a process that was taken for dead, and comes back, finds its own line a duplicate. */
  async done(tx: TenantTx, id: OperationId, results: readonly LineResult[]): Promise<void> {
    await tx.sql`
      update token_import_line l set result = r, ciphertext = null from jsonb_array_elements(${JSON.stringify(results)}::jsonb) as r
       where l.tenant_id = ${tx.tenantId} and l.operation_id = ${id} and l.line = (r ->> 'line')::int and l.result ->> 'state' is distinct from 'succeeded'`;
    await tx.sql`update operation set done = (select count(*) from token_import_line where tenant_id = ${tx.tenantId} and operation_id = ${id} and result is not null) where tenant_id = ${tx.tenantId} and id = ${id}`;
  }

  async finish(tx: TenantTx, id: OperationId): Promise<void> {
    await tx.sql`update token_import set done = true, worked_on_until = null where tenant_id = ${tx.tenantId} and operation_id = ${id}`;
    await tx.sql`
      update operation set state = n.state, done = total, finished_at = now()
        from (select case count(*) filter (where result ->> 'state' = 'failed') when 0 then 'succeeded' when count(*) then 'failed' else 'partial' end as state
                from token_import_line where tenant_id = ${tx.tenantId} and operation_id = ${id}) n
       where tenant_id = ${tx.tenantId} and id = ${id}`;
  }

  async progress(tx: TenantTx, id: OperationId): Promise<{ results: Record<string, unknown>[] }> {
    const rows = await tx.sql<{ result: Record<string, unknown> }>`
      select result from token_import_line where tenant_id = ${tx.tenantId} and operation_id = ${id} and result is not null order by line`;
    return { results: rows.map(({ result }) => result) };
  }
}
