// /v1/session/oidc: signing in at the identity provider. A browser goes through these addresses; whatever goes wrong ends on the sign-in page.
import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Denials, Oidc, OidcSignIn } from '@keyrack/auth';
import { AppError, networkOf } from '@keyrack/core';
import { RequestLimits } from '@keyrack/limits';
import { ApiLog } from './api-log.js';
import { countRequest } from './rate-limit.js';
import { Answers, Public } from './route.js';
import { sessionToken, setSession, takePending, setPending } from './session-cookie.js';

const methodsSchema = z.object({ oidc: z.object({ label: z.string() }).nullable().describe('Set where people can also sign in at an identity provider') }).meta({ id: 'SignInMethods' });
const beginSchema = z.object({ from: z.string().transform(pageHere).catch('/').describe('The page to come back to') });
const HERE = 'https://here.invalid';
const PAGE_MAX = 2_000;

@ApiTags('Session')
@Controller('v1/session')
export class OidcController {
  constructor(
    @Inject(Oidc) private readonly oidc: Oidc, @Inject(OidcSignIn) private readonly signIn: OidcSignIn,
    @Inject(RequestLimits) private readonly limits: RequestLimits, @Inject(ApiLog) private readonly log: ApiLog,
    @Inject(Denials) private readonly denials: Denials,
  ) {}

  @Get('methods') @Public() @Answers(methodsSchema, { summary: 'How people can sign in' })
  methods(): z.infer<typeof methodsSchema> { return { oidc: this.oidc.label === null ? null : { label: this.oidc.label } }; }

  @Get('oidc') @Public() @ApiOperation({ summary: 'Leave for the identity provider' }) @ApiResponse({ status: 302, description: 'To the provider' })
  async begin(@Query({ schema: beginSchema }) { from }: z.infer<typeof beginSchema>, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.#redirect(request, reply, async () => {
      const { url, pending } = await this.oidc.begin(from);
      setPending(reply, pending);
      return url;
    });
  }

  @Get('oidc/callback') @Public() @ApiOperation({ summary: 'Come back from the identity provider' }) @ApiResponse({ status: 302, description: 'To the page that was asked for, signed in; or to the sign-in page, which says what went wrong' })
  async finish(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.#redirect(request, reply, async () => {
      await countRequest(this.limits, 'attempt', networkOf(request.ip), reply);
      const pending = takePending(request, reply);
      if (!pending) {
        this.denials.count('sign-in not begun', request.ip);
        throw new AppError('oidc.refused', { detail: 'The sign-in was not begun in this browser, or too long ago' });
      }
      const [, query = ''] = request.url.split('?');
      setSession(reply, await this.signIn.finish(query, pending, request.ip, sessionToken(request)));
      return pending.from;
    });
  }

  async #redirect(request: FastifyRequest, reply: FastifyReply, where: () => Promise<string>): Promise<void> {
    let to: string;
    try {
      to = await where();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      // The person cannot mend a wrong secret or clock: whoever runs Keyrack finds the cause in the log.
      if (error.cause !== undefined) this.log.failed(request.traceId, error);
      to = `/sign-in?problem=${error.code}`;
    }
    await reply.redirect(to, 302);
  }
}

/** A page of our own as a browser writes it, in ASCII; the first page for anything else: `//elsewhere`, `/<tab>/elsewhere` and `/.//elsewhere` lead away. */
function pageHere(from: string): string {
  const url = from.startsWith('/') && URL.canParse(from, HERE) ? new URL(from, HERE) : undefined;
  const page = url?.origin === HERE && !url.pathname.startsWith('//') ? url.pathname + url.search + url.hash : '/';
  return page.length > PAGE_MAX ? '/' : page;
}
