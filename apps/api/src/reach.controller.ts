// Who can reach what: a tenant's reach and its changes, and the platform's view across tenants.
import { Controller, Get, Inject, Query, Req, StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Page, TenantActor } from '@keyrack/core';
import {
  platformReachPage, Reach, reachEventPage, reachEventsQuery, reachPage, reachQuery, type PlatformReachRow, type ReachEventsQuery, type ReachQuery, type ReachRow,
} from '@keyrack/reach';
import { csvOf, wantsCsv } from './csv.js';
import { Answers, Me, Requires } from './route.js';

const columns = ['accessTokenId', 'hint', 'kind', 'enterpriseId', 'enterpriseName', 'via', 'connected', 'firstSeenAt', 'lastSeenAt', 'lostAt'] as const;
const cells = (row: ReachRow) => columns.map((column) => row[column]);
const platformCells = (row: PlatformReachRow) => [row.tenant, row.tenantId, ...cells(row)];

@ApiTags('Reach')
@Controller('v1/tenants/:tenant/reach')
export class ReachController {
  constructor(@Inject(Reach) private readonly reach: Reach) {}

  @Get() @Requires('reach:read') @Answers(reachPage, { csv: true, summary: 'What each AccessToken opens, now or as of a time' })
  async list(@Me() me: TenantActor, @Query({ schema: reachQuery }) query: ReachQuery, @Req() request: FastifyRequest): Promise<Page<ReachRow> | StreamableFile> {
    return wantsCsv(request) ? csvOf('reach', columns, this.reach.every(me, query), cells) : this.reach.list(me, query);
  }

  @Get('events') @Requires('reach:read') @Answers(reachEventPage, { summary: 'Enterprises gained and lost, newest first' })
  events(@Me() me: TenantActor, @Query({ schema: reachEventsQuery }) query: ReachEventsQuery) { return this.reach.events(me, query); }
}

@ApiTags('Reach')
@Controller('v1/reach')
export class PlatformReachController {
  constructor(@Inject(Reach) private readonly reach: Reach) {}

  @Get() @Requires('reach:read-all') @Answers(platformReachPage, { csv: true, summary: 'Reach across all tenants' })
  async list(@Query({ schema: reachQuery }) query: ReachQuery, @Req() request: FastifyRequest): Promise<Page<PlatformReachRow> | StreamableFile> {
    return wantsCsv(request) ? csvOf('reach', ['tenant', 'tenantId', ...columns], this.reach.everyOfAll(query), platformCells) : this.reach.listAll(query);
  }
}
