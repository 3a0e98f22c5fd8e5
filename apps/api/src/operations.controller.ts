// /v1/operations: long work that a caller was promised.
import { Controller, Get, Inject, Param, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Database, idSchema, type Actor, type OperationId } from '@keyrack/core';
import { IMPORT, Imports } from '@keyrack/access-tokens';
import { SyncOperations } from '@keyrack/sync';
import { Operations, operationSchema, type Operation } from '@keyrack/tenants';
import { Answers, Me, Requires } from './route.js';

@ApiTags('Operations')
@Controller('v1/operations')
export class OperationsController {
  constructor(@Inject(Operations) private readonly operations: Operations, @Inject(SyncOperations) private readonly syncs: SyncOperations, @Inject(Imports) private readonly imports: Imports, @Inject(Database) private readonly db: Database) {}

  @Get(':id') @Requires('operations:read') @Answers(operationSchema, { summary: 'How far an operation has come' })
  async get(@Me() me: Actor, @Req() { caller }: FastifyRequest, @Param('id', { schema: idSchema<OperationId>() }) id: OperationId): Promise<Operation> {
    const { tenantId, operation } = await this.operations.find(id, me.platformRole ? null : [...(caller?.tenants.keys() ?? [])]);
    if (operation.kind === IMPORT) return { ...operation, ...await this.db.inTenant(tenantId, (tx) => this.imports.progress(tx, id)) };
    // A sync's progress is its runs': nothing is stored that could disagree with them.
    if (operation.kind !== 'sync') return operation;
    return { ...operation, ...await this.db.inTenant(tenantId, (tx) => this.syncs.progress(tx, id)) };
  }
}
