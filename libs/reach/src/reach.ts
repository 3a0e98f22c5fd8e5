// Decides about reach and connections: no database, no clock, no Nest.
import type { AccessTokenId, EnterpriseId } from '@keyrack/core';

export type TokenKind = 'enterprise' | 'portfolio';
export type Via = 'direct' | 'portfolio';

/** What noticed a change: the token was added, re-read on schedule (`check`), verified, enabled, rotated or revoked. */
export const noticers = ['added', 'check', 'verify', 'enable', 'rotate', 'revoke'] as const;
export type NoticedBy = (typeof noticers)[number];

export interface ReachDiff { gained: EnterpriseId[]; lost: EnterpriseId[]; kept: EnterpriseId[] }

/** Compares what a token opened before with what Mews lists now. Order and repetition in the input do not matter. */
export function diffReach(before: readonly EnterpriseId[], now: readonly EnterpriseId[]): ReachDiff {
  const was = new Set(before), is = new Set(now);
  return { gained: [...is].filter((id) => !was.has(id)), lost: [...was].filter((id) => !is.has(id)), kept: [...is].filter((id) => was.has(id)) };
}

export const viaOf = (kind: TokenKind): Via => (kind === 'portfolio' ? 'portfolio' : 'direct');

/**
 * Tells what a token opens, from the enterprise of `configuration/get` and the list of `enterprises/getAll`. The dummy enterprise that stands for a portfolio is never one of them, even where Mews lists it.
 * A token that opens several enterprises is a portfolio token whatever its configuration says: requests must then name theirs.
 */
export function interpretReach<Listed extends { id: EnterpriseId }>(configured: Listed, isPortfolio: boolean, listed: readonly Listed[]): { kind: TokenKind; enterprises: Listed[] } {
  const opened = [...new Map(listed.map((enterprise) => [enterprise.id, enterprise])).values()];
  if (isPortfolio) return { kind: 'portfolio', enterprises: opened.filter((enterprise) => enterprise.id !== configured.id) };
  if (opened.length === 0) return { kind: 'enterprise', enterprises: [configured] };
  return { kind: opened.length > 1 ? 'portfolio' : 'enterprise', enterprises: opened };
}

export interface TokenOfConnection { id: AccessTokenId; kind: TokenKind }

/** What happens to one enterprise when a token asks for it. */
export type ConnectionStep =
  | { kind: 'connect'; enterpriseId: EnterpriseId }
  | { kind: 'move'; enterpriseId: EnterpriseId; from: AccessTokenId }
  | { kind: 'keep'; enterpriseId: EnterpriseId; by: AccessTokenId };

/** Own token before portfolio token: an enterprise's own token takes over from a portfolio's; every other existing connection stays. */
export function planConnections(token: TokenOfConnection, wanted: readonly EnterpriseId[], existing: ReadonlyMap<EnterpriseId, TokenOfConnection>): ConnectionStep[] {
  return [...new Set(wanted)].map((enterpriseId) => {
    const now = existing.get(enterpriseId);
    if (!now) return { kind: 'connect', enterpriseId };
    if (now.id !== token.id && now.kind === 'portfolio' && token.kind === 'enterprise') return { kind: 'move', enterpriseId, from: now.id };
    return { kind: 'keep', enterpriseId, by: now.id };
  });
}

export type WhyUsed = 'own_token' | 'chosen' | 'kept';

/**
 * Why an enterprise that several tokens open is served by the one that serves it.
 * @param tokens how many open it; @param own how many of these are the enterprise's own
 */
export function whyUsed(kind: TokenKind, tokens: number, own: number): WhyUsed {
  if (kind === 'portfolio') return own > 0 ? 'chosen' : 'kept';
  return tokens > own ? 'own_token' : 'kept';
}
