// The session's cookie, and that of a sign-in under way. `__Host-` makes browsers insist on Secure, Path=/ and no Domain, so that no other host can set it.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { pendingSignInSchema, sessionLimits, type PendingSignIn } from '@keyrack/auth';
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

const PENDING = '__Host-keyrack-oidc';
const PENDING_SECONDS = 600;

/** Kept by the browser while the person is at the identity provider: whoever comes back must be who left. */
export const setPending = (reply: FastifyReply, pending: PendingSignIn): void =>
  void reply.setCookie(PENDING, Buffer.from(JSON.stringify(pending)).toString('base64url'), { ...attributes, maxAge: PENDING_SECONDS });

/** Once only: the cookie goes with the answer. */
export function takePending(request: FastifyRequest, reply: FastifyReply): PendingSignIn | undefined {
  reply.clearCookie(PENDING, attributes);
  try {
    return pendingSignInSchema.parse(JSON.parse(Buffer.from(request.cookies[PENDING] ?? '', 'base64url').toString()));
  } catch { return undefined; }
}
