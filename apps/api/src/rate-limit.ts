// Requests beyond a limit are answered 429; every counted answer tells where its caller stands (draft-ietf-httpapi-ratelimit-headers).
import type { FastifyReply } from 'fastify';
import { AppError, secondMs } from '@keyrack/core';
import type { Counted, LimitKind, RequestLimits } from '@keyrack/limits';

/** For whoever watches the processes, often and from one address. */
const UNCOUNTED = /^\/(livez|readyz|metrics)(\?|$)/;

export const isCounted = (url: string): boolean => !UNCOUNTED.test(url);

const sentences: Record<LimitKind, string> = {
  address: 'Too many requests from this address', caller: 'Too many requests with this key or session', tenant: 'Too many requests for this tenant',
  attempt: 'Too many sign-ins or links from this address', denial: 'Too many requests that are refused', refused_key: 'Too many requests with a key that is no longer valid',
};

/** @throws AppError `request.rate_limited` */
export async function countRequest(limits: RequestLimits, kind: LimitKind, subject: string, reply: FastifyReply): Promise<void> {
  const counted = await limits.count(kind, subject);
  tell(reply, counted);
  if (counted.over) throw beyond(counted);
}

/** Counts a denial for its caller and then for its address. @returns the limit that it is beyond */
export async function countDenial(limits: RequestLimits, subjects: readonly string[], reply: FastifyReply): Promise<Counted | undefined> {
  for (const subject of subjects) {
    const counted = await limits.count('denial', subject);
    tell(reply, counted);
    if (counted.over) return counted;
  }
  return undefined;
}

export const beyond = ({ kind, resetMs }: Counted): AppError =>
  new AppError('request.rate_limited', { detail: `${sentences[kind]}: wait and try again`, retryAfterMs: Math.max(secondMs, resetMs) });

function tell(reply: FastifyReply, { kind, limit, windowMs, remaining, resetMs }: Counted): void {
  const seconds = (ms: number): number => Math.ceil(ms / secondMs);
  append(reply, 'ratelimit-policy', `"${kind}";q=${limit};w=${seconds(windowMs)}`);
  append(reply, 'ratelimit', `"${kind}";r=${remaining};t=${seconds(resetMs)}`);
}

function append(reply: FastifyReply, name: string, item: string): void {
  const before = reply.getHeader(name);
  reply.header(name, typeof before === 'string' ? `${before}, ${item}` : item);
}
