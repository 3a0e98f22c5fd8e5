// Long work that a caller was promised, found by its id.
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { AppError, Database, idSchema, sql, type OperationId, type TenantId } from '@keyrack/core';

export const operationSchema = z.object({
  id: idSchema<OperationId>(), kind: z.string(), state: z.enum(['running', 'succeeded', 'failed', 'partial']), done: z.int(), total: z.int(),
  results: z.array(z.record(z.string(), z.unknown())).optional().describe('One for each part of the work'),
  error: z.object({ code: z.string(), detail: z.string() }).loose().optional(), createdAt: z.iso.datetime(), finishedAt: z.iso.datetime().nullable(),
}).meta({ id: 'Operation' });
export type Operation = z.infer<typeof operationSchema>;

interface OperationRow {
  tenantId: TenantId; id: OperationId; kind: string; state: Operation['state']; done: number; total: number;
  results: Record<string, unknown>[] | null; error: { code: string; detail: string } | null; createdAt: Date; finishedAt: Date | null;
}

@Injectable()
export class Operations {
  constructor(@Inject(Database) private readonly db: Database) {}

  /**
   * @param within the tenants that the caller may see; all when null
   * @throws AppError `operation.not_found`, also when it is another tenant's.
   */
  async find(id: OperationId, within: readonly TenantId[] | null): Promise<{ tenantId: TenantId; operation: Operation }> {
    const seen = within === null ? sql`true` : sql`tenant_id = any(${within}::uuid[])`;
    const [row] = await this.db.onPlatform('find an operation', (tx) => tx.run<OperationRow>(sql`
      select tenant_id as "tenantId", id, kind, state, done, total, results, error, created_at as "createdAt", finished_at as "finishedAt"
        from operation where id = ${id} and ${seen}`));
    if (!row) throw new AppError('operation.not_found');
    const { tenantId, results, error, createdAt, finishedAt, ...rest } = row;
    const operation = { ...rest, ...(results && { results }), ...(error && { error }), createdAt: createdAt.toISOString(), finishedAt: finishedAt?.toISOString() ?? null };
    return { tenantId, operation };
  }
}
