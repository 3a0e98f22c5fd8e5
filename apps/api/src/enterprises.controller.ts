// The enterprises that a tenant's AccessTokens open, which token serves each, and how its syncs are doing.
import { Body, Controller, Delete, Get, Inject, Param, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { idSchema, pageOf, type EnterpriseId, type TenantActor } from '@keyrack/core';
import {
  connectionChange, Connections, enterpriseItem, Enterprises, enterprisesQuery, newConnection, type EnterpriseItem, type EnterprisesQuery, type NewConnection,
} from '@keyrack/reach';
import { activityShape, Schedules, StatsService, Stopping } from '@keyrack/sync';
import { Answers, AnswersNothing, Me, Requires } from './route.js';

const enterpriseId = idSchema<EnterpriseId>();
const syncedEnterprise = enterpriseItem.extend(activityShape.shape);

@ApiTags('Enterprises')
@Controller('v1/tenants/:tenant/enterprises')
export class EnterprisesController {
  constructor(
    @Inject(Enterprises) private readonly enterprises: Enterprises, @Inject(Connections) private readonly connections: Connections,
    @Inject(Schedules) private readonly schedules: Schedules, @Inject(StatsService) private readonly stats: StatsService, @Inject(Stopping) private readonly stopping: Stopping,
  ) {}

  @Get() @Requires('enterprises:read') @Answers(pageOf(syncedEnterprise), { summary: 'List the enterprises that are or were reached, by name' })
  async list(@Me() me: TenantActor, @Query({ schema: enterprisesQuery }) query: EnterprisesQuery) {
    const page = await this.enterprises.list(me, query);
    return { ...page, items: await this.#withActivity(me, page.items) };
  }

  @Get(':enterpriseId') @Requires('enterprises:read') @Answers(syncedEnterprise, { summary: 'Get an enterprise' })
  async get(@Me() me: TenantActor, @Param('enterpriseId', { schema: enterpriseId }) id: EnterpriseId) {
    const [item] = await this.#withActivity(me, [await this.enterprises.get(me, id)]);
    return item;
  }

  @Put(':enterpriseId/connection') @Requires('connections:write') @Answers(connectionChange, { summary: 'Use this AccessToken for this enterprise from now on' })
  async connect(@Me() me: TenantActor, @Param('enterpriseId', { schema: enterpriseId }) id: EnterpriseId, @Body({ schema: newConnection }) body: NewConnection) {
    const change = await this.connections.assign(me, id, body.accessTokenId);
    await this.schedules.ensureDefaults(me, [id]);
    return change;
  }

  @Delete(':enterpriseId/connection') @Requires('connections:write') @AnswersNothing({ summary: 'Disconnect an enterprise: its runs end, its records stay' })
  async disconnect(@Me() me: TenantActor, @Param('enterpriseId', { schema: enterpriseId }) id: EnterpriseId) {
    await this.connections.disconnect(me, id);
    await this.stopping.stop(me);
  }

  async #withActivity(me: TenantActor, items: EnterpriseItem[]) {
    const activity = await this.stats.activity(me, items.map((item) => item.id));
    return items.map((item) => ({ ...item, ...activity.get(item.id) }));
  }
}
