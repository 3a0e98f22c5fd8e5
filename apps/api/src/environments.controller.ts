// /v1/environments: the Mews platforms.
import { Body, Controller, Get, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  environmentChangeSchema, environmentIdSchema, environmentQuerySchema, Environments, environmentSchema, newEnvironmentSchema, type EnvironmentChange, type EnvironmentQuery, type NewEnvironment,
} from '@keyrack/applications';
import { pageOf, type Actor, type EnvironmentId } from '@keyrack/core';
import { Answers, Me, Requires } from './route.js';

@ApiTags('Environments')
@Controller('v1/environments')
export class EnvironmentsController {
  constructor(@Inject(Environments) private readonly environments: Environments) {}

  @Get() @Requires('environments:read') @Answers(pageOf(environmentSchema), { summary: 'List the environments' })
  list(@Query({ schema: environmentQuerySchema }) query: EnvironmentQuery) { return this.environments.list(query); }

  @Post() @Requires('environments:write') @Answers(environmentSchema, { status: 201, summary: 'Add an environment' })
  create(@Me() me: Actor, @Body({ schema: newEnvironmentSchema }) body: NewEnvironment) { return this.environments.create(me, body); }

  @Get(':environment') @Requires('environments:read') @Answers(environmentSchema, { summary: 'Get an environment' })
  get(@Param('environment', { schema: environmentIdSchema }) id: EnvironmentId) { return this.environments.get(id); }

  @Patch(':environment') @Requires('environments:write') @Answers(environmentSchema, { summary: 'Change an environment' })
  change(@Me() me: Actor, @Param('environment', { schema: environmentIdSchema }) id: EnvironmentId, @Body({ schema: environmentChangeSchema }) body: EnvironmentChange) {
    return this.environments.change(me, id, body);
  }
}
