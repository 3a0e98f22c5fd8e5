// Schedules, syncs and runs of a tenant.
import { Body, Controller, Get, Inject, Param, Post, Put, Query, Res } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { cursorSchema, idSchema, limitSchema, pageOf, type EnterpriseId, type OperationId, type RunId, type TenantActor } from '@keyrack/core';
import { runDetailShape, Runs, runShape, runsQuery, scheduleInput, Schedules, scheduleShape, syncInput, SyncPreviews, syncPreviewShape, type RunsQuery, type ScheduleInput, type SyncInput } from '@keyrack/sync';
import { Answers, AnswersAccepted, dryRunQuery, Me, Requires, type DryRun } from './route.js';

const runId = idSchema<RunId>();
const enterpriseId = idSchema<EnterpriseId>();
const schedulesQuery = z.strictObject({ enterpriseId: enterpriseId.optional(), collection: z.string().max(100).optional(), limit: limitSchema, cursor: cursorSchema });
const startedSchema = z.object({ operationId: idSchema<OperationId>(), runIds: z.array(z.guid()).describe('Where a run of the collection was live already it is that one; where it was reading, an increment follows it, and the operation ends with that') }).meta({ id: 'SyncStarted' });

@ApiTags('Syncs')
@Controller('v1/tenants/:tenant')
export class SyncsController {
  constructor(@Inject(Schedules) private readonly schedules: Schedules, @Inject(Runs) private readonly runs: Runs, @Inject(SyncPreviews) private readonly previews: SyncPreviews) {}

  @Put('enterprises/:enterpriseId/schedules/:collection') @Requires('schedules:write') @Answers(scheduleShape, { summary: 'Set when a collection of an enterprise is pulled' })
  setSchedule(@Me() me: TenantActor, @Param('enterpriseId', { schema: enterpriseId }) id: EnterpriseId, @Param('collection') collection: string, @Body({ schema: scheduleInput }) body: ScheduleInput) {
    return this.schedules.set(me, id, collection, body);
  }

  @Get('schedules') @Requires('schedules:read') @Answers(pageOf(scheduleShape), { summary: 'List schedules with their freshness' })
  listSchedules(@Me() me: TenantActor, @Query({ schema: schedulesQuery }) query: z.infer<typeof schedulesQuery>) { return this.schedules.list(me, query); }

  @Post('syncs') @Requires('syncs:write') @AnswersAccepted(startedSchema, { summary: 'Sync now, or backfill a period' })
  @ApiResponse({ status: 200, description: 'With dryRun: what would be started, and what it would take at least; nothing is written', standardSchema: syncPreviewShape })
  async start(@Me() me: TenantActor, @Query({ schema: dryRunQuery }) { dryRun }: DryRun, @Body({ schema: syncInput }) body: SyncInput, @Res({ passthrough: true }) reply: FastifyReply) {
    if (!dryRun) return this.runs.start(me, body);
    void reply.status(200);
    return this.previews.preview(me, body);
  }

  @Get('runs') @Requires('runs:read') @Answers(pageOf(runShape), { summary: 'List runs, newest first' })
  listRuns(@Me() me: TenantActor, @Query({ schema: runsQuery }) query: RunsQuery) { return this.runs.list(me, query); }

  @Get('runs/:id') @Requires('runs:read') @Answers(runDetailShape, { summary: 'Get a run with its windows' })
  getRun(@Me() me: TenantActor, @Param('id', { schema: runId }) id: RunId) { return this.runs.get(me, id); }

  @Post('runs/:id/cancel') @Requires('syncs:write') @Answers(runDetailShape, { summary: 'Stop a run before its next page' })
  cancel(@Me() me: TenantActor, @Param('id', { schema: runId }) id: RunId) { return this.runs.cancel(me, id); }

  @Post('runs/:id/pause') @Requires('syncs:write') @Answers(runDetailShape, { summary: 'Hold a run before its next page until it is resumed' })
  pause(@Me() me: TenantActor, @Param('id', { schema: runId }) id: RunId) { return this.runs.pause(me, id); }

  @Post('runs/:id/resume') @Requires('syncs:write') @Answers(runDetailShape, { summary: 'Go on with a paused run' })
  resume(@Me() me: TenantActor, @Param('id', { schema: runId }) id: RunId) { return this.runs.resume(me, id); }

  @Post('runs/:id/retry') @Requires('syncs:write') @Answers(runDetailShape, { summary: 'Start a run like one that failed' })
  retry(@Me() me: TenantActor, @Param('id', { schema: runId }) id: RunId) { return this.runs.retry(me, id); }

  @Post('runs/:id/confirm') @Requires('syncs:write') @Answers(runDetailShape, { summary: 'Delete what a full run found missing, after a review' })
  confirm(@Me() me: TenantActor, @Param('id', { schema: runId }) id: RunId) { return this.runs.confirmDeletions(me, id); }
}
