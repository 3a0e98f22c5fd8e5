// Reach across all tenants, for those who run or audit the platform. Each look is an event of the platform's audit trail.
import { Controller, Get, Inject, Injectable, Query, Req, type StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Actor, Page, TenantId } from '@keyrack/core';
import {
  periodOf, platformDriftPage, platformDriftQuery, platformOverlapPage, platformOverlapsQuery, platformReachPage, platformUnusedPage, platformUnusedQuery, ReachAudit, reachQuery, tenantFilter,
  type AuditList, type OfTenant, type Paging, type ReachRow,
} from '@keyrack/reach';
import { Tenants } from '@keyrack/tenants';
import { csvOf, wantsCsv } from './csv.js';
import { driftCells, driftColumns, overlapCells, overlapColumns, reachCells, reachColumns, tenantColumns, unusedCells, unusedColumns, withTenant } from './reach-csv.js';
import { Answers, Me, Requires } from './route.js';

const platformReachQuery = reachQuery.extend(tenantFilter);
type Answer<Row> = Promise<Page<Row & OfTenant> | StreamableFile>;
interface Table<Row> { name: string; columns: readonly string[]; cells: (row: Row) => (string | number | boolean | null)[] }
const reachTable: Table<ReachRow> = { name: 'reach', columns: reachColumns, cells: reachCells };

/** Answers a list across tenants as a page or as CSV. */
@Injectable()
export class AcrossTenants {
  constructor(@Inject(ReachAudit) readonly lists: ReachAudit, @Inject(Tenants) private readonly tenants: Tenants) {}

  /** @throws AppError `tenant.not_found` */
  async answer<Filter extends object, Row extends { tenantId: TenantId }, Told extends object>(
    list: AuditList<Filter, Row, Told>, me: Actor, filter: Filter, { tenant, ...paging }: Paging & { tenant?: string | undefined }, request: FastifyRequest, table: Table<Told>,
  ): Answer<Told> {
    const within = { ...filter, tenantId: await this.#idOf(tenant) };
    if (!wantsCsv(request)) return list.listAll(me, within, paging);
    return csvOf(table.name, [...tenantColumns, ...table.columns], list.everyOfAll(me, within), withTenant(table.cells));
  }

  async #idOf(tenant: string | undefined): Promise<TenantId | undefined> {
    return tenant === undefined ? undefined : (await this.tenants.resolve(tenant)).id;
  }
}

@ApiTags('Reach')
@Controller('v1/platform/reach')
export class PlatformReachController {
  constructor(@Inject(AcrossTenants) private readonly across: AcrossTenants) {}

  @Get() @Requires('reach:read-all') @Answers(platformReachPage, { csv: true, summary: 'Reach across all tenants, now or as of a time' })
  async list(@Me() me: Actor, @Query({ schema: platformReachQuery }) query: z.infer<typeof platformReachQuery>, @Req() request: FastifyRequest) {
    return this.across.answer(this.across.lists.reach, me, query, query, request, reachTable);
  }

  @Get('drift') @Requires('reach:read-all') @Answers(platformDriftPage, { csv: true, summary: 'What the AccessTokens of all tenants gained and lost between two times' })
  async drift(@Me() me: Actor, @Query({ schema: platformDriftQuery }) query: z.infer<typeof platformDriftQuery>, @Req() request: FastifyRequest) {
    return this.across.answer(this.across.lists.drift, me, periodOf(query), query, request, { name: 'reach-drift', columns: driftColumns, cells: driftCells });
  }

  @Get('overlaps') @Requires('reach:read-all') @Answers(platformOverlapPage, { csv: true, summary: 'Enterprises that several AccessTokens of their tenant open, in all tenants' })
  async overlaps(@Me() me: Actor, @Query({ schema: platformOverlapsQuery }) query: z.infer<typeof platformOverlapsQuery>, @Req() request: FastifyRequest) {
    return this.across.answer(this.across.lists.overlaps, me, query, query, request, { name: 'reach-overlaps', columns: overlapColumns, cells: overlapCells });
  }

  @Get('unused-tokens') @Requires('reach:read-all') @Answers(platformUnusedPage, { csv: true, summary: 'AccessTokens of all tenants that nothing and nobody has used for some days' })
  async unused(@Me() me: Actor, @Query({ schema: platformUnusedQuery }) query: z.infer<typeof platformUnusedQuery>, @Req() request: FastifyRequest) {
    return this.across.answer(this.across.lists.unused, me, query, query, request, { name: 'unused-tokens', columns: unusedColumns, cells: unusedCells });
  }
}

/** The address that the list had first. */
@ApiTags('Reach')
@Controller('v1/reach')
export class ReachOfAllController {
  constructor(@Inject(AcrossTenants) private readonly across: AcrossTenants) {}

  @Get() @Requires('reach:read-all') @Answers(platformReachPage, { csv: true, summary: 'The same as GET /v1/platform/reach' })
  async list(@Me() me: Actor, @Query({ schema: platformReachQuery }) query: z.infer<typeof platformReachQuery>, @Req() request: FastifyRequest) {
    return this.across.answer(this.across.lists.reach, me, query, query, request, reachTable);
  }
}
