// The enterprises that a tenant's AccessTokens open, and which token serves each.
import { Body, Controller, Delete, Get, Inject, Param, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { idSchema, type EnterpriseId, type TenantActor } from '@keyrack/core';
import {
  connectionChange, Connections, enterpriseItem, enterprisePage, Enterprises, enterprisesQuery, newConnection, type EnterprisesQuery, type NewConnection,
} from '@keyrack/reach';
import { Answers, AnswersNothing, Me, Requires } from './route.js';

const enterpriseId = idSchema<EnterpriseId>();

@ApiTags('Enterprises')
@Controller('v1/tenants/:tenant/enterprises')
export class EnterprisesController {
  constructor(@Inject(Enterprises) private readonly enterprises: Enterprises, @Inject(Connections) private readonly connections: Connections) {}

  @Get() @Requires('enterprises:read') @Answers(enterprisePage, { summary: 'List the enterprises that are or were reached, by name' })
  list(@Me() me: TenantActor, @Query({ schema: enterprisesQuery }) query: EnterprisesQuery) { return this.enterprises.list(me, query); }

  @Get(':enterpriseId') @Requires('enterprises:read') @Answers(enterpriseItem, { summary: 'Get an enterprise' })
  get(@Me() me: TenantActor, @Param('enterpriseId', { schema: enterpriseId }) id: EnterpriseId) { return this.enterprises.get(me, id); }

  @Put(':enterpriseId/connection') @Requires('connections:write') @Answers(connectionChange, { summary: 'Use this AccessToken for this enterprise from now on' })
  connect(@Me() me: TenantActor, @Param('enterpriseId', { schema: enterpriseId }) id: EnterpriseId, @Body({ schema: newConnection }) body: NewConnection) {
    return this.connections.assign(me, id, body.accessTokenId);
  }

  @Delete(':enterpriseId/connection') @Requires('connections:write') @AnswersNothing({ summary: 'Disconnect an enterprise; its records stay' })
  disconnect(@Me() me: TenantActor, @Param('enterpriseId', { schema: enterpriseId }) id: EnterpriseId) { return this.connections.disconnect(me, id); }
}
