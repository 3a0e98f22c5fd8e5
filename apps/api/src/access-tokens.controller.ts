// A tenant's AccessTokens. Adding one is composed here: what it opens is connected, then scheduled.
import { Body, Controller, Delete, Get, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  accessTokenItem, accessTokenPage, AccessTokens, accessTokensQuery, addedAccessToken, newAccessToken, Onboarding, rotation, tokenPreview, tokenToPreview, verification, Verifier,
  type AccessTokensQuery, type NewAccessToken, type Rotation, type TokenToPreview,
} from '@keyrack/access-tokens';
import { idSchema, type AccessTokenId, type TenantActor } from '@keyrack/core';
import { Answers, AnswersNothing, Me, Requires } from './route.js';

const id = idSchema<AccessTokenId>();

@ApiTags('Access tokens')
@Controller('v1/tenants/:tenant/access-tokens')
export class AccessTokensController {
  constructor(
    @Inject(AccessTokens) private readonly accessTokens: AccessTokens, @Inject(Onboarding) private readonly onboarding: Onboarding, @Inject(Verifier) private readonly verifier: Verifier,
  ) {}

  @Post() @Requires('access-tokens:write') @Answers(addedAccessToken, { status: 201, summary: 'Add an AccessToken and connect what it opens' })
  add(@Me() me: TenantActor, @Body({ schema: newAccessToken }) body: NewAccessToken) { return this.onboarding.add(me, body); }

  @Post('preview') @Requires('access-tokens:write') @Answers(tokenPreview, { summary: 'See what an AccessToken opens; nothing is saved' })
  preview(@Me() me: TenantActor, @Body({ schema: tokenToPreview }) body: TokenToPreview) { return this.onboarding.preview(me, body); }

  @Get() @Requires('access-tokens:read') @Answers(accessTokenPage, { summary: 'List AccessTokens, newest first' })
  list(@Me() me: TenantActor, @Query({ schema: accessTokensQuery }) query: AccessTokensQuery) { return this.accessTokens.list(me, query); }

  @Get(':id') @Requires('access-tokens:read') @Answers(accessTokenItem, { summary: 'Get an AccessToken; its text is never answered' })
  get(@Me() me: TenantActor, @Param('id', { schema: id }) token: AccessTokenId) { return this.accessTokens.get(me, token); }

  @Post(':id/verify') @Requires('access-tokens:write') @Answers(verification, { summary: 'Ask Mews now what an AccessToken opens' })
  verify(@Me() me: TenantActor, @Param('id', { schema: id }) token: AccessTokenId) { return this.verifier.verify(me, token); }

  @Post(':id/rotate') @Requires('access-tokens:write') @Answers(accessTokenItem, { summary: 'Put a new text in the place of the old one' })
  rotate(@Me() me: TenantActor, @Param('id', { schema: id }) token: AccessTokenId, @Body({ schema: rotation }) body: Rotation) { return this.verifier.rotate(me, token, body); }

  @Post(':id/disable') @Requires('access-tokens:write') @Answers(accessTokenItem, { summary: 'Stop every use of an AccessToken for now' })
  disable(@Me() me: TenantActor, @Param('id', { schema: id }) token: AccessTokenId) { return this.accessTokens.disable(me, token); }

  @Post(':id/enable') @Requires('access-tokens:write') @Answers(accessTokenItem, { summary: 'Use a disabled AccessToken again, if Mews accepts it' })
  enable(@Me() me: TenantActor, @Param('id', { schema: id }) token: AccessTokenId) { return this.verifier.enable(me, token); }

  @Delete(':id') @Requires('access-tokens:write') @AnswersNothing({ summary: 'Revoke an AccessToken: its ciphertext is destroyed, its connections end' })
  remove(@Me() me: TenantActor, @Param('id', { schema: id }) token: AccessTokenId) { return this.accessTokens.remove(me, token); }
}
