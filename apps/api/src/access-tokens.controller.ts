// A tenant's AccessTokens. What follows for schedules is composed here: new connections get theirs, mended ones go on at once.
import { Body, Controller, Delete, Get, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import {
  accessTokenItem, accessTokenPage, AccessTokens, accessTokensQuery, addedAccessToken, Imports, newAccessToken, Onboarding, rotation, tokenPreview, tokenToPreview, verification, Verifier,
  type AccessTokensQuery, type NewAccessToken, type Rotation, type TokenToPreview,
} from '@keyrack/access-tokens';
import { idSchema, type AccessTokenId, type TenantActor } from '@keyrack/core';
import { Connections } from '@keyrack/reach';
import { Schedules, Stopping } from '@keyrack/sync';
import { acceptedSchema, Answers, AnswersAccepted, AnswersNothing, dryRunQuery, Me, Requires, StillMay, type DryRun } from './route.js';

const id = idSchema<AccessTokenId>();
const csv = z.string({ error: 'must be text/csv with the header access_token,environment,application,label' });

@ApiTags('Access tokens')
@Controller('v1/tenants/:tenant/access-tokens')
export class AccessTokensController {
  constructor(
    @Inject(AccessTokens) private readonly accessTokens: AccessTokens, @Inject(Onboarding) private readonly onboarding: Onboarding, @Inject(Verifier) private readonly verifier: Verifier,
    @Inject(Imports) private readonly imports: Imports, @Inject(Connections) private readonly connections: Connections, @Inject(Schedules) private readonly schedules: Schedules,
    @Inject(Stopping) private readonly stopping: Stopping,
  ) {}

  @Post() @Requires('access-tokens:write') @Answers(addedAccessToken, { status: 201, summary: 'Add an AccessToken and connect what it opens' })
  async add(@Me() me: TenantActor, @Body({ schema: newAccessToken }) body: NewAccessToken, @StillMay() stillMay: () => Promise<void>) {
    const added = await this.onboarding.add(me, body, stillMay);
    await this.schedules.welcome(me, added.enterprises.map((enterprise) => enterprise.id));
    await this.schedules.ensureDefaults(me, added.enterprises.filter((enterprise) => enterprise.connected).map((enterprise) => enterprise.id));
    return added;
  }

  @Post('preview') @Requires('access-tokens:write') @Answers(tokenPreview, { summary: 'See what an AccessToken opens; nothing is saved' })
  preview(@Me() me: TenantActor, @Body({ schema: tokenToPreview }) body: TokenToPreview) { return this.onboarding.preview(me, body); }

  @Post('import') @Requires('access-tokens:write') @AnswersAccepted(acceptedSchema, { summary: 'Add the AccessTokens of a CSV file, or with dryRun only verify each; the results are the operation\'s' })
  @ApiConsumes('text/csv') @ApiBody({ schema: { type: 'string', examples: ['access_token,environment,application,label\n…,demo,My App,First hotel\n'] } })
  import(@Me() me: TenantActor, @Query({ schema: dryRunQuery }) { dryRun }: DryRun, @Body({ schema: csv }) body: string) { return this.imports.start(me, body, dryRun ? 'dry-run' : 'import'); }

  @Get() @Requires('access-tokens:read') @Answers(accessTokenPage, { summary: 'List AccessTokens, newest first' })
  list(@Me() me: TenantActor, @Query({ schema: accessTokensQuery }) query: AccessTokensQuery) { return this.accessTokens.list(me, query); }

  @Get(':id') @Requires('access-tokens:read') @Answers(accessTokenItem, { summary: 'Get an AccessToken; its text is never answered' })
  get(@Me() me: TenantActor, @Param('id', { schema: id }) token: AccessTokenId) { return this.accessTokens.get(me, token); }

  @Post(':id/verify') @Requires('access-tokens:write') @Answers(verification, { summary: 'Ask Mews now what an AccessToken opens' })
  verify(@Me() me: TenantActor, @Param('id', { schema: id }) token: AccessTokenId) { return this.#resume(me, token, this.verifier.verify(me, token)); }

  @Post(':id/rotate') @Requires('access-tokens:write') @Answers(accessTokenItem, { summary: 'Put a new text in the place of the old one' })
  rotate(@Me() me: TenantActor, @Param('id', { schema: id }) token: AccessTokenId, @Body({ schema: rotation }) body: Rotation, @StillMay() stillMay: () => Promise<void>) {
    return this.#resume(me, token, this.verifier.rotate(me, token, body, stillMay));
  }

  @Post(':id/disable') @Requires('access-tokens:write') @Answers(accessTokenItem, { summary: 'Stop every use of an AccessToken for now' })
  disable(@Me() me: TenantActor, @Param('id', { schema: id }) token: AccessTokenId) { return this.#stop(me, this.accessTokens.disable(me, token)); }

  @Post(':id/enable') @Requires('access-tokens:write') @Answers(accessTokenItem, { summary: 'Use a disabled AccessToken again, if Mews accepts it' })
  enable(@Me() me: TenantActor, @Param('id', { schema: id }) token: AccessTokenId, @StillMay() stillMay: () => Promise<void>) {
    return this.#resume(me, token, this.verifier.enable(me, token, stillMay));
  }

  @Delete(':id') @Requires('access-tokens:write') @AnswersNothing({ summary: 'Revoke an AccessToken: its ciphertext is destroyed, its connections end' })
  remove(@Me() me: TenantActor, @Param('id', { schema: id }) token: AccessTokenId) { return this.#stop(me, this.accessTokens.remove(me, token)); }

  /** Runs under way end with the token's use. */
  async #stop<T>(me: TenantActor, switchedOff: Promise<T>): Promise<T> {
    const answer = await switchedOff;
    await this.stopping.stop(me);
    return answer;
  }

  /** A paused schedule is looked at again only after some minutes; whoever has just mended the token should see it go on. */
  async #resume<T>(me: TenantActor, token: AccessTokenId, mended: Promise<T>): Promise<T> {
    const answer = await mended;
    await this.schedules.wake(me, await this.connections.servedIds(me, token));
    return answer;
  }
}
