// The audit trail of a tenant and of the platform, as pages or CSV.
import { Controller, Get, Inject, Query, Req, type StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Audit, auditCsvColumns, auditCsvRow, auditQuerySchema, auditRowSchema, type AuditQuery, type AuditRow } from '@keyrack/audit';
import { pageOf, type Page, type TenantActor } from '@keyrack/core';
import { csvOf, wantsCsv } from './csv.js';
import { Answers, Me, Requires } from './route.js';

@ApiTags('Audit')
@Controller('v1/tenants/:tenant/audit')
export class AuditController {
  constructor(@Inject(Audit) private readonly audit: Audit) {}

  @Get() @Requires('audit:read') @Answers(pageOf(auditRowSchema), { csv: true, summary: 'List what was done in the tenant, newest first' })
  async list(@Me() me: TenantActor, @Query({ schema: auditQuerySchema }) query: AuditQuery, @Req() request: FastifyRequest): Promise<Page<AuditRow> | StreamableFile> {
    if (wantsCsv(request)) return csvOf('audit', auditCsvColumns, this.audit.all(me.tenantId, query), auditCsvRow);
    return this.audit.list(me.tenantId, query);
  }
}

@ApiTags('Audit')
@Controller('v1/audit')
export class PlatformAuditController {
  constructor(@Inject(Audit) private readonly audit: Audit) {}

  @Get() @Requires('audit:read-all') @Answers(pageOf(auditRowSchema), { csv: true, summary: 'List what was done on the platform, newest first' })
  async list(@Query({ schema: auditQuerySchema }) query: AuditQuery, @Req() request: FastifyRequest): Promise<Page<AuditRow> | StreamableFile> {
    if (wantsCsv(request)) return csvOf('platform-audit', auditCsvColumns, this.audit.all('platform', query), auditCsvRow);
    return this.audit.listPlatform(query);
  }
}
