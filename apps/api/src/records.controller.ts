// What was synced: records, the change feed and counts of a tenant, and the list of collections.
import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { pageOf, type TenantActor } from '@keyrack/core';
import { collections } from '@keyrack/mews';
import { changesQuery, changesShape, recordShape, Records, recordsQuery, statsShape, StatsService, type ChangesQuery, type RecordsQuery } from '@keyrack/sync';
import { Answers, Me, Requires } from './route.js';

const collectionShape = z.object({
  name: z.string(), operation: z.string(), strategy: z.enum(['incremental', 'windowed', 'snapshot']), scope: z.enum(['platform', 'chain', 'enterprise', 'service', 'parent']),
  portfolio: z.boolean().describe('Served to Portfolio Access Tokens'), restricted: z.boolean().describe('Needs a permission that Mews grants one by one'),
  personal: z.boolean().describe('Holds personal data'), synced: z.boolean().describe('Whether this version syncs it: true for all'),
  lists: z.array(z.string()).describe('The record collections that it fills'), every: z.string().describe('Default interval of a schedule'),
}).meta({ id: 'Collection' });

@ApiTags('Records')
@Controller('v1/tenants/:tenant')
export class RecordsController {
  constructor(@Inject(Records) private readonly records: Records, @Inject(StatsService) private readonly statsService: StatsService) {}

  @Get('records/:collection') @Requires('records:read') @Answers(pageOf(recordShape), { summary: 'List records of a collection' })
  list(@Me() me: TenantActor, @Param('collection') collection: string, @Query({ schema: recordsQuery }) query: RecordsQuery) { return this.records.list(me, collection, query); }

  @Get('records/:collection/:recordId') @Requires('records:read') @Answers(recordShape, { summary: 'Get a record' })
  get(@Me() me: TenantActor, @Param('collection') collection: string, @Param('recordId') id: string) { return this.records.get(me, collection, id); }

  @Get('changes/:collection') @Requires('records:read') @Answers(changesShape, { summary: 'Follow what changed' })
  changes(@Me() me: TenantActor, @Param('collection') collection: string, @Query({ schema: changesQuery }) query: ChangesQuery) { return this.records.changes(me, collection, query); }

  @Get('stats') @Requires('stats:read') @Answers(statsShape, { summary: 'Count records per collection and enterprise' })
  stats(@Me() me: TenantActor) { return this.statsService.stats(me); }
}

@ApiTags('Records')
@Controller('v1/collections')
export class CollectionsController {
  @Get() @Requires('collections:read') @Answers(z.object({ items: z.array(collectionShape) }), { summary: 'List the collections of the Connector API, all at once: there are no pages' })
  list() {
    return { items: collections.map(({ name, path, strategy, scope, portfolio, restricted, personal, lists, every }) =>
      ({ name, operation: path, strategy, scope, portfolio: portfolio !== 'no', restricted, personal, synced: true, lists: lists.map((list) => list.name), every })) };
  }
}
