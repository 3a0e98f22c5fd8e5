// The audit trail of a tenant and of the platform, as pages, CSV or JSON Lines, and whether it is as it was recorded.
import { Controller, Get, Inject, Query, Req, type StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Audit, auditCsvColumns, auditCsvRow, auditQuerySchema, auditRowSchema, AuditVerifier, verificationSchema, type AuditQuery, type AuditRow, type Verification } from '@keyrack/audit';
import { pageOf, type Page, type TenantActor } from '@keyrack/core';
import { csvOf, jsonLinesOf, wantsCsv, wantsJsonLines } from './csv.js';
import { Answers, Me, Requires } from './route.js';

@ApiTags('Audit')
@Controller('v1/tenants/:tenant/audit')
export class AuditController {
  constructor(@Inject(Audit) private readonly audit: Audit) {}

  @Get() @Requires('audit:read') @Answers(pageOf(auditRowSchema), { csv: true, jsonLines: true, summary: 'List what was done in the tenant, newest first' })
  async list(@Me() me: TenantActor, @Query({ schema: auditQuerySchema }) query: AuditQuery, @Req() request: FastifyRequest): Promise<Page<AuditRow> | StreamableFile> {
    if (wantsCsv(request)) return csvOf('audit', auditCsvColumns, this.audit.all(me.tenantId, query), auditCsvRow);
    if (wantsJsonLines(request)) return jsonLinesOf('audit', this.audit.all(me.tenantId, query));
    return this.audit.list(me.tenantId, query);
  }
}

@ApiTags('Audit')
@Controller('v1/audit')
export class PlatformAuditController {
  #verifying: Promise<Verification> | undefined;

  constructor(@Inject(Audit) private readonly audit: Audit, @Inject(AuditVerifier) private readonly verifier: AuditVerifier) {}

  @Get() @Requires('audit:read-all') @Answers(pageOf(auditRowSchema), { csv: true, jsonLines: true, summary: 'List what was done on the platform, newest first' })
  async list(@Query({ schema: auditQuerySchema }) query: AuditQuery, @Req() request: FastifyRequest): Promise<Page<AuditRow> | StreamableFile> {
    if (wantsCsv(request)) return csvOf('platform-audit', auditCsvColumns, this.audit.all('platform', query), auditCsvRow);
    if (wantsJsonLines(request)) return jsonLinesOf('platform-audit', this.audit.all('platform', query));
    return this.audit.listPlatform(query);
  }

  @Get('verify') @Requires('audit:read-all') @Answers(verificationSchema, { summary: 'Check every audit chain, also against the checkpoints that are kept outside the database; where a check is under way, its answer is given' })
  verify(): Promise<Verification> {
    // Of a long trail it takes minutes, and a connection: who gives up waiting and asks again must not take all of them.
    return this.#verifying ??= this.verifier.verify().finally(() => { this.#verifying = undefined; });
  }
}
