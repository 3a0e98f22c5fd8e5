// /v1/tenants/:tenant/api-keys: the keys of a tenant's own software. /v1/api-keys: those of programs that work for the platform.
import { Body, Controller, Delete, Get, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  ApiKeys, apiKeySchema, createdApiKeySchema, createdPlatformApiKeySchema, listQuerySchema, newApiKeySchema, newPlatformApiKeySchema, PlatformApiKeys, platformApiKeySchema,
  type ListQuery, type NewApiKey, type NewPlatformApiKey,
} from '@keyrack/auth';
import { idSchema, pageOf, type Actor, type ApiKeyId, type TenantActor } from '@keyrack/core';
import { Answers, AnswersNothing, AnswersSecret, Me, Requires } from './route.js';

@ApiTags('API keys')
@Controller('v1/tenants/:tenant/api-keys')
export class ApiKeysController {
  constructor(@Inject(ApiKeys) private readonly keys: ApiKeys) {}

  @Post() @Requires('api-keys:write') @AnswersSecret() @Answers(createdApiKeySchema, { status: 201, summary: 'Make an API key; the only answer that holds it' })
  create(@Me() me: TenantActor, @Body({ schema: newApiKeySchema }) body: NewApiKey) { return this.keys.create(me, body); }

  @Get() @Requires('api-keys:read') @Answers(pageOf(apiKeySchema), { summary: 'List the API keys' })
  list(@Me() me: TenantActor, @Query({ schema: listQuerySchema }) query: ListQuery) { return this.keys.list(me.tenantId, query); }

  @Delete(':id') @Requires('api-keys:write') @AnswersNothing({ summary: 'Revoke an API key, at once, and the links that it made' })
  revoke(@Me() me: TenantActor, @Param('id', { schema: idSchema<ApiKeyId>() }) id: ApiKeyId) { return this.keys.revoke(me, id); }
}

@ApiTags('API keys')
@Controller('v1/api-keys')
export class PlatformApiKeysController {
  constructor(@Inject(PlatformApiKeys) private readonly keys: PlatformApiKeys) {}

  @Post() @Requires('platform-api-keys:write') @AnswersSecret() @Answers(createdPlatformApiKeySchema, { status: 201, summary: 'Make an API key of the platform; the only answer that holds it' })
  create(@Me() me: Actor, @Body({ schema: newPlatformApiKeySchema }) body: NewPlatformApiKey) { return this.keys.create(me, body); }

  @Get() @Requires('platform-api-keys:read') @Answers(pageOf(platformApiKeySchema), { summary: 'List the API keys of the platform' })
  list(@Query({ schema: listQuerySchema }) query: ListQuery) { return this.keys.list(query); }

  @Delete(':id') @Requires('platform-api-keys:write') @AnswersNothing({ summary: 'Revoke an API key of the platform, at once, and the links that it made' })
  revoke(@Me() me: Actor, @Param('id', { schema: idSchema<ApiKeyId>() }) id: ApiKeyId) { return this.keys.revoke(me, id); }
}
