// /v1/tenants/:tenant/access-links and /v1/access-links: invitations and password resets without mail.
import { Body, Controller, Delete, Get, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  AccessLinks, accessLinkSchema, createdAccessLinkSchema, joinSchema, linkSecretSchema, listQuerySchema, newPlatformLinkSchema, newTenantLinkSchema, openedLinkSchema, Redemption, redeemSchema,
  type Join, type LinkSecret, type ListQuery, type NewPlatformLink, type NewTenantLink, type Redeem,
} from '@keyrack/auth';
import { idSchema, pageOf, type AccessLinkId, type Actor, type TenantActor } from '@keyrack/core';
import { Answers, AnswersNothing, AnswersSecret, CountsAttempts, Me, Public, Requires } from './route.js';
import { sessionToken, setSession } from './session-cookie.js';

const linkId = idSchema<AccessLinkId>();
const made = { status: 201, summary: 'Invite a person, or let one reset the password: makes a link; the only answer that holds it' };

@ApiTags('People')
@Controller('v1/tenants/:tenant/access-links')
export class AccessLinksController {
  constructor(@Inject(AccessLinks) private readonly links: AccessLinks) {}

  @Post() @Requires('members:write') @AnswersSecret() @Answers(createdAccessLinkSchema, made)
  create(@Me() me: TenantActor, @Body({ schema: newTenantLinkSchema }) body: NewTenantLink) { return this.links.createInTenant(me, body); }

  @Get() @Requires('members:read') @Answers(pageOf(accessLinkSchema), { summary: 'List the links that can still be used' })
  list(@Me() me: TenantActor, @Query({ schema: listQuerySchema }) query: ListQuery) { return this.links.list(me.tenantId, query); }

  @Delete(':id') @Requires('members:write') @AnswersNothing({ summary: 'Revoke a link' })
  revoke(@Me() me: TenantActor, @Param('id', { schema: linkId }) id: AccessLinkId) { return this.links.revoke(me.tenantId, me, id); }
}

@ApiTags('People')
@Controller('v1/access-links')
export class PlatformAccessLinksController {
  constructor(@Inject(AccessLinks) private readonly links: AccessLinks, @Inject(Redemption) private readonly redemption: Redemption) {}

  @Post() @Requires('users:write') @AnswersSecret() @Answers(createdAccessLinkSchema, made)
  create(@Me() me: Actor, @Body({ schema: newPlatformLinkSchema }) body: NewPlatformLink) { return this.links.createOnPlatform(me, body); }

  @Get() @Requires('users:read') @Answers(pageOf(accessLinkSchema), { summary: 'List the links of the platform that can still be used' })
  list(@Query({ schema: listQuerySchema }) query: ListQuery) { return this.links.list('platform', query); }

  @Delete(':id') @Requires('users:write') @AnswersNothing({ summary: 'Revoke a link of the platform' })
  revoke(@Me() me: Actor, @Param('id', { schema: linkId }) id: AccessLinkId) { return this.links.revoke('platform', me, id); }

  // The secret is in the body: an address is written down by proxies.
  @Post('open') @Public() @CountsAttempts() @Answers(openedLinkSchema, { summary: 'What a link is for' })
  open(@Body({ schema: linkSecretSchema }) body: LinkSecret, @Req() { ip }: FastifyRequest) { return this.redemption.open(body, ip); }

  @Post('redeem') @Public() @CountsAttempts() @AnswersNothing({ summary: 'Use a link: choose a password' })
  redeem(@Body({ schema: redeemSchema }) body: Redeem, @Req() { ip }: FastifyRequest) { return this.redemption.redeem(body, ip); }

  @Post('join') @Requires('session:use') @CountsAttempts() @AnswersNothing({ summary: 'Use an invitation as the person who is signed in; with a new password the session goes on with a new cookie and csrfToken' })
  async join(@Me() me: Actor, @Body({ schema: joinSchema }) body: Join, @Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    const cookie = await this.redemption.join(me, sessionToken(request), body, request.ip);
    if (cookie) setSession(reply, cookie);
  }
}
