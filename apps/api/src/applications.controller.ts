// /v1/applications: the vendor's client applications and their ClientTokens.
import { Body, Controller, Get, Inject, Param, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  applicationQuerySchema, Applications, applicationSchema, clientTokenChangeSchema, environmentIdSchema, newApplicationSchema,
  type ApplicationQuery, type ClientTokenChange, type NewApplication,
} from '@keyrack/applications';
import { idSchema, pageOf, type Actor, type ApplicationId, type EnvironmentId } from '@keyrack/core';
import { Answers, Me, Requires } from './route.js';

@ApiTags('Applications')
@Controller('v1/applications')
export class ApplicationsController {
  constructor(@Inject(Applications) private readonly applications: Applications) {}

  @Get() @Requires('applications:read') @Answers(pageOf(applicationSchema), { summary: 'List the applications' })
  list(@Query({ schema: applicationQuerySchema }) query: ApplicationQuery) { return this.applications.list(query); }

  @Post() @Requires('applications:write') @Answers(applicationSchema, { status: 201, summary: 'Add an application' })
  create(@Me() me: Actor, @Body({ schema: newApplicationSchema }) body: NewApplication) { return this.applications.create(me, body); }

  @Get(':id') @Requires('applications:read') @Answers(applicationSchema, { summary: 'Get an application' })
  get(@Param('id', { schema: idSchema<ApplicationId>() }) id: ApplicationId) { return this.applications.get(id); }

  @Put(':id/client-tokens/:environment') @Requires('applications:write') @Answers(applicationSchema, { summary: 'Set the ClientToken of an environment' })
  setClientToken(
    @Me() me: Actor, @Param('id', { schema: idSchema<ApplicationId>() }) id: ApplicationId,
    @Param('environment', { schema: environmentIdSchema }) environment: EnvironmentId, @Body({ schema: clientTokenChangeSchema }) body: ClientTokenChange,
  ) { return this.applications.setClientToken(me, id, environment, body); }
}
