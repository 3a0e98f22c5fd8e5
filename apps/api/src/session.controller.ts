// /v1/session: signing in to the admin UI and out.
import { Body, Controller, Delete, Get, Inject, Post, Put, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Denials, ownPasswordSchema, Sessions, sessionSchema, signInSchema, type OwnPassword, type Session, type SignIn } from '@keyrack/auth';
import { AppError, type Actor, type Secret } from '@keyrack/core';
import { Answers, AnswersNothing, CountsAttempts, Me, Public, Requires } from './route.js';
import { clearSession, sessionToken, setSession } from './session-cookie.js';

@ApiTags('Session')
@Controller('v1/session')
export class SessionController {
  constructor(@Inject(Sessions) private readonly sessions: Sessions, @Inject(Denials) private readonly denials: Denials) {}

  @Post() @Public() @CountsAttempts() @Answers(sessionSchema, { summary: 'Sign in' })
  async signIn(@Body({ schema: signInSchema }) body: SignIn, @Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<Session> {
    if (request.headers['sec-fetch-site'] === 'cross-site') return this.sessions.refuseFromAnotherSite(body, request.ip);
    const { token, session } = await this.sessions.signIn(body, request.ip, sessionToken(request));
    setSession(reply, token);
    return session;
  }

  @Get() @Requires('session:use') @Answers(sessionSchema, { summary: 'Who is signed in' })
  get(@Me() me: Actor, @Req() request: FastifyRequest): Promise<Session> {
    this.#ownSession(me, request);
    return this.sessions.describe(me, request.caller);
  }

  @Put('password') @Requires('session:use') @CountsAttempts() @AnswersNothing({ summary: 'Change the own password; other sessions end, this one goes on with a new cookie and csrfToken' })
  async changePassword(@Me() me: Actor, @Body({ schema: ownPasswordSchema }) body: OwnPassword, @Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    setSession(reply, await this.sessions.changePassword(me, this.#ownSession(me, request), body));
  }

  @Delete() @Requires('session:use') @AnswersNothing({ summary: 'Sign out' })
  async signOut(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    const token = sessionToken(request);
    if (token) await this.sessions.signOut(token);
    clearSession(reply);
  }

  /** @throws AppError `auth.required` for an API key, which has none */
  #ownSession({ kind }: Actor, request: FastifyRequest): Secret {
    const token = sessionToken(request);
    if (token && kind === 'user') return token;
    this.denials.count('key instead of a session', request.ip);
    throw new AppError('auth.required', { detail: 'There is no session: this address is for signed-in people' });
  }
}
