// Answers that go on: streams of live updates and exports. Each looks twice a second whether its caller and its tenant still let it go on:
// two questions to the database, of which a process asks ten at once.
import { AppError, minuteMs, type Actor, type TenantActor } from '@keyrack/core';

/** In one process, of streams and of exports each. */
const OPEN_MAX = { caller: 20, tenant: 200 };

export interface Opener { caller: string; tenant: string }

export const openerOf = (me: Actor | TenantActor): Opener => ({ caller: `${me.kind} ${me.id}`, tenant: 'tenantId' in me ? me.tenantId : 'platform' });

/** Why one more may not be opened; undefined where it may. */
export function tooMany(what: 'streams' | 'exports', open: Iterable<Opener>, opener: Opener): AppError | undefined {
  const others = [...open];
  const full = (['caller', 'tenant'] as const).find((whose) => others.filter((other) => other[whose] === opener[whose]).length >= OPEN_MAX[whose]);
  return full && new AppError('request.rate_limited', { detail: `${OPEN_MAX[full]} ${what} of this ${full} are open: close one`, retryAfterMs: minuteMs });
}
