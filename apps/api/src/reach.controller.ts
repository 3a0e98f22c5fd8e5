// Who can reach what in a tenant: now, as of any time, what drifted, what overlaps, and which tokens nobody uses.
import { Controller, Get, Inject, Query, Req, type StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Page, TenantActor } from '@keyrack/core';
import {
  driftPage, driftQuery, overlapPage, overlapsQuery, periodOf, Reach, ReachAudit, reachEventPage, reachEventsQuery, reachPage, reachQuery, unusedPage, unusedQuery,
  type DriftQuery, type DriftRow, type OverlapRow, type OverlapsQuery, type ReachEventsQuery, type ReachQuery, type ReachRow, type UnusedQuery, type UnusedToken,
} from '@keyrack/reach';
import { csvOf, wantsCsv } from './csv.js';
import { driftCells, driftColumns, overlapCells, overlapColumns, reachCells, reachColumns, unusedCells, unusedColumns } from './reach-csv.js';
import { Answers, Me, Requires } from './route.js';

@ApiTags('Reach')
@Controller('v1/tenants/:tenant/reach')
export class ReachController {
  constructor(@Inject(Reach) private readonly reach: Reach, @Inject(ReachAudit) private readonly lists: ReachAudit) {}

  @Get() @Requires('reach:read') @Answers(reachPage, { csv: true, summary: 'What each AccessToken opens, now or as of a time' })
  async list(@Me() me: TenantActor, @Query({ schema: reachQuery }) query: ReachQuery, @Req() request: FastifyRequest): Promise<Page<ReachRow> | StreamableFile> {
    return wantsCsv(request) ? csvOf('reach', reachColumns, this.lists.reach.every(me, query), reachCells) : this.lists.reach.list(me, query, query);
  }

  @Get('events') @Requires('reach:read') @Answers(reachEventPage, { summary: 'Enterprises gained and lost, newest first' })
  events(@Me() me: TenantActor, @Query({ schema: reachEventsQuery }) query: ReachEventsQuery) { return this.reach.events(me, query); }

  @Get('drift') @Requires('reach:read') @Answers(driftPage, { csv: true, summary: 'What each AccessToken gained and lost between two times, newest first' })
  async drift(@Me() me: TenantActor, @Query({ schema: driftQuery }) query: DriftQuery, @Req() request: FastifyRequest): Promise<Page<DriftRow> | StreamableFile> {
    const filter = periodOf(query);
    return wantsCsv(request) ? csvOf('reach-drift', driftColumns, this.lists.drift.every(me, filter), driftCells) : this.lists.drift.list(me, filter, query);
  }

  @Get('overlaps') @Requires('reach:read') @Answers(overlapPage, { csv: true, summary: 'Enterprises that several AccessTokens open, which of these is used, and why' })
  async overlaps(@Me() me: TenantActor, @Query({ schema: overlapsQuery }) query: OverlapsQuery, @Req() request: FastifyRequest): Promise<Page<OverlapRow> | StreamableFile> {
    return wantsCsv(request) ? csvOf('reach-overlaps', overlapColumns, this.lists.overlaps.every(me, query), overlapCells) : this.lists.overlaps.list(me, query, query);
  }

  @Get('unused-tokens') @Requires('reach:read') @Answers(unusedPage, { csv: true, summary: 'AccessTokens that nothing and nobody has used for some days, the longest unused first' })
  async unused(@Me() me: TenantActor, @Query({ schema: unusedQuery }) query: UnusedQuery, @Req() request: FastifyRequest): Promise<Page<UnusedToken> | StreamableFile> {
    return wantsCsv(request) ? csvOf('unused-tokens', unusedColumns, this.lists.unused.every(me, query), unusedCells) : this.lists.unused.list(me, query, query);
  }
}
