// The session's cookie. `__Host-` makes browsers insist on Secure, Path=/ and no Domain, so that no other host can set it.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sessionLimits } from '@keyrack/auth';
import { Secret } from '@keyrack/core';

const NAME = '__Host-keyrack';
const attributes = { path: '/', httpOnly: true, secure: true, sameSite: 'lax' } as const;

export function sessionToken(request: FastifyRequest): Secret | undefined {
  const text = request.cookies[NAME];
  return text === undefined || text === '' ? undefined : new Secret(text);
}

export const setSession = (reply: FastifyReply, token: Secret): void =>
  void reply.setCookie(NAME, token.reveal(), { ...attributes, maxAge: sessionLimits.absoluteDays * 86_400 });

export const clearSession = (reply: FastifyReply): void => void reply.clearCookie(NAME, attributes);
