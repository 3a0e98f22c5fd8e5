// The first page of a tenant.
import { Controller, Get, Inject } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { TenantActor } from '@keyrack/core';
import { Overview, overviewShape } from '@keyrack/sync';
import { Answers, Me, Requires } from './route.js';

@ApiTags('Overview')
@Controller('v1/tenants/:tenant/overview')
export class OverviewController {
  constructor(@Inject(Overview) private readonly overview: Overview) {}

  @Get() @Requires('stats:read') @Answers(overviewShape, { summary: 'What needs attention, and what is there' })
  get(@Me() me: TenantActor) { return this.overview.get(me); }
}
