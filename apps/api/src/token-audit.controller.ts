// What one AccessToken opens, when it was last used, and who can use it.
import { Controller, Get, Inject, Param, Query, Req, type StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { AccessTokens } from '@keyrack/access-tokens';
import { tokenUserPage, TokenUsers, tokenUsersQuery, type TokenUser, type TokenUsersQuery } from '@keyrack/auth';
import { idSchema, type AccessTokenId, type Page, type TenantActor } from '@keyrack/core';
import { blastRadiusQuery, blastRadiusShape, BlastRadii, type BlastRadius, type BlastRadiusQuery } from '@keyrack/sync';
import { csvOf, wantsCsv } from './csv.js';
import { collectionCells, collectionColumns, userCells, userColumns } from './reach-csv.js';
import { Answers, Me, Requires } from './route.js';

const id = idSchema<AccessTokenId>();

@ApiTags('Reach')
@Controller('v1/tenants/:tenant/access-tokens/:id')
export class TokenAuditController {
  constructor(@Inject(BlastRadii) private readonly radii: BlastRadii, @Inject(TokenUsers) private readonly users: TokenUsers, @Inject(AccessTokens) private readonly tokens: AccessTokens) {}

  @Get('blast-radius') @Requires('reach:read')
  @Answers(blastRadiusShape, { csv: true, summary: 'How much an AccessToken opens, which collections, which personal data, and when it was last used; as CSV the collections. The enterprises are those of GET …/reach?accessTokenId=' })
  async radius(@Me() me: TenantActor, @Param('id', { schema: id }) token: AccessTokenId, @Query({ schema: blastRadiusQuery }) query: BlastRadiusQuery, @Req() request: FastifyRequest): Promise<BlastRadius | StreamableFile> {
    const radius = await this.radii.of(me, token, query);
    return wantsCsv(request) ? csvOf('blast-radius', collectionColumns, radius.collections, collectionCells) : radius;
  }

  @Get('users') @Requires('reach:read-users') @Answers(tokenUserPage, { csv: true, summary: 'Who can use an AccessToken through Keyrack, or read what it brought, as of now: members, API keys, and those who run the platform' })
  async list(@Me() me: TenantActor, @Param('id', { schema: id }) token: AccessTokenId, @Query({ schema: tokenUsersQuery }) query: TokenUsersQuery, @Req() request: FastifyRequest): Promise<Page<TokenUser> | StreamableFile> {
    await this.tokens.get(me, token);
    return wantsCsv(request) ? csvOf('token-users', userColumns, this.users.every(me), userCells) : this.users.list(me, query);
  }
}
