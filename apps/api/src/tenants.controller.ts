// /v1/tenants: the vendor's customers.
import { Body, Controller, Delete, Get, Inject, Patch, Post, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { pageOf, type Actor, type TenantActor } from '@keyrack/core';
import { Queue } from '@keyrack/queue';
import {
  eraseTenant, newTenantSchema, tenantChangeSchema, tenantQuerySchema, Tenants, tenantSchema, type NewTenant, type TenantChange, type TenantQuery,
} from '@keyrack/tenants';
import { Answers, AnswersAccepted, Me, Requires } from './route.js';

@ApiTags('Tenants')
@Controller('v1/tenants')
export class TenantsController {
  constructor(@Inject(Tenants) private readonly tenants: Tenants, @Inject(Queue) private readonly queue: Queue) {}

  @Post() @Requires('tenants:create') @Answers(tenantSchema, { status: 201, summary: 'Create a tenant' })
  create(@Me() me: Actor, @Body({ schema: newTenantSchema }) body: NewTenant) { return this.tenants.create(me, body); }

  @Get() @Requires('tenants:list') @Answers(pageOf(tenantSchema), { summary: 'List the tenants that you can open' })
  list(@Me() me: Actor, @Req() { caller }: FastifyRequest, @Query({ schema: tenantQuerySchema }) query: TenantQuery) {
    return this.tenants.list(me.platformRole ? null : [...(caller?.tenants.keys() ?? [])], query);
  }

  @Get(':tenant') @Requires('tenant:read') @Answers(tenantSchema, { summary: 'Get a tenant' })
  get(@Me() me: TenantActor) { return this.tenants.resolve(me.tenantId); }

  @Patch(':tenant') @Requires('tenant:write') @Answers(tenantSchema, { summary: 'Rename a tenant' })
  rename(@Me() me: TenantActor, @Body({ schema: tenantChangeSchema }) body: TenantChange) { return this.tenants.rename(me, body); }

  @Delete(':tenant') @Requires('tenant:delete') @AnswersAccepted(undefined, { summary: 'Delete a tenant for good: its keys first, then its rows' })
  async delete(@Me() me: TenantActor) {
    const operationId = await this.tenants.startDeletion(me);
    // If the queue loses it, the worker finds the tenant by its state.
    await this.queue.enqueue(eraseTenant, { tenantId: me.tenantId }, { id: me.tenantId });
    return { operationId };
  }
}
