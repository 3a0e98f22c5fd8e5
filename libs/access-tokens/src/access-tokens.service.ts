// The AccessTokens of a tenant: list, use, switch off and on, revoke. Adding is in onboarding.ts, asking Mews again in verifier.ts.
import { Injectable } from '@nestjs/common';
import { Applications } from '@keyrack/applications';
import { Audit } from '@keyrack/audit';
import { AppError, Database, decodeCursor, Secret, systemIn, toPage, withIsoTimes, type AccessTokenId, type Page, type TenantActor, type TenantId, type TenantTx } from '@keyrack/core';
import { Vault, type Binding } from '@keyrack/credentials';
import type { MewsTarget } from '@keyrack/mews';
import { Connections, Reach, viaOf } from '@keyrack/reach';
import { AccessTokensRepository, type ListedToken, type StoredToken, type TokenToUse, type TokenUse } from './access-tokens.repository.js';
import type { AccessTokenItem, AccessTokensQuery, AccessTokenStatus, LastError } from './access-tokens.schemas.js';

/**
 * What Mews said when it refused a token. `fingerprint` tells which text it refused, so that a rotated token is left alone; `readAt` when it
 * was asked, so that a later success stands.
 */
export interface Refusal { code: string; message: string; requestId: string | null; fingerprint?: string; readAt?: Date }

/** A stored token with its text, ready to be used. `readAt` is the database's time. */
export interface OpenedToken { token: StoredToken; target: MewsTarget; readAt: Date }

export const bindingOf = (token: Pick<StoredToken, 'id' | 'environmentId'>): Binding =>
  ({ environment: token.environmentId, table: 'access_token', column: 'ciphertext', row: token.id });

@Injectable()
export class AccessTokens {
  constructor(
    private readonly db: Database, private readonly tokens: AccessTokensRepository, private readonly vault: Vault, private readonly applications: Applications,
    private readonly reach: Reach, private readonly connections: Connections, private readonly audit: Audit,
  ) {}

  async list(me: TenantActor, query: AccessTokensQuery): Promise<Page<AccessTokenItem>> {
    const before = decodeCursor(query.cursor, 1)?.[0];
    const rows = await this.db.inTenant(me.tenantId, (tx) => this.tokens.list(tx, query, before === undefined ? null : String(before), query.limit + 1));
    const page = toPage(rows, query.limit, (row) => [row.id]);
    return { ...page, items: page.items.map(publicItem) };
  }

  /** @throws AppError `access_token.not_found` */
  async get(me: TenantActor, id: AccessTokenId): Promise<AccessTokenItem> {
    const [row] = await this.db.inTenant(me.tenantId, (tx) => this.tokens.list(tx, { id }, null, 1));
    if (!row) throw notFound();
    return publicItem(row);
  }

  /**
   * What the Mews client needs to use a token for a sync. Ask again for every run: a token that was disabled, refused or rotated must not be used on.
   * @throws AppError `access_token.not_found`, `access_token.not_active`, `secret.unreadable`
   */
  async target(tenantId: TenantId, id: AccessTokenId): Promise<MewsTarget> {
    return (await this.open(tenantId, id, ['active'], 'sync')).target;
  }

  /** @throws AppError `access_token.not_found`, `access_token.not_active` when its status is none of those allowed */
  async open(tenantId: TenantId, id: AccessTokenId, allowed: readonly AccessTokenStatus[], use: TokenUse): Promise<OpenedToken> {
    const { token, readAt, accessToken } = await this.db.inTenant(tenantId, (tx) => this.#read(tx, id, allowed, use));
    return { token, readAt, target: await this.#target(token, accessToken) };
  }

  /** As `open`, with another text in the place of the stored one, which need not be readable any more. */
  async openWith(accessToken: Secret, tenantId: TenantId, id: AccessTokenId, allowed: readonly AccessTokenStatus[]): Promise<OpenedToken> {
    const token = await this.db.inTenant(tenantId, (tx) => this.#find(tx, id, allowed, 'interactive'));
    return { token, readAt: token.readAt, target: await this.#target(token, accessToken) };
  }

  /**
   * As `target`, in two steps for those who are in a transaction already: the second is taken after it.
   * @throws AppError as `target`
   */
  async targetIn(tx: TenantTx, id: AccessTokenId): Promise<() => Promise<MewsTarget>> {
    const { token, accessToken } = await this.#read(tx, id, ['active'], 'sync');
    return () => this.#target(token, accessToken);
  }

  async #read(tx: TenantTx, id: AccessTokenId, allowed: readonly AccessTokenStatus[], use: TokenUse): Promise<{ token: StoredToken; readAt: Date; accessToken: Secret }> {
    const token = await this.#find(tx, id, allowed, use);
    if (!token.ciphertext) throw notActive(token);
    const bytes = (await this.vault.tenant(tx, [token.ciphertext])).open(bindingOf(token), token.ciphertext);
    return { token, readAt: token.readAt, accessToken: new Secret(bytes) };
  }

  async #find(tx: TenantTx, id: AccessTokenId, allowed: readonly AccessTokenStatus[], use: TokenUse): Promise<TokenToUse> {
    const token = requireStatus(await this.tokens.findToUse(tx, id), allowed);
    if (use !== 'check' && token.unusedLately[use]) await this.tokens.used(tx, id, use);
    return token;
  }

  async #target(token: StoredToken, accessToken: Secret): Promise<MewsTarget> {
    const credentials = await this.applications.credentials(token.applicationId, token.environmentId);
    return { ...credentials, accessToken, fingerprint: token.fingerprint, kind: token.kind };
  }

  /** After Mews refused a token twice: its status is `invalid`, and with that its schedules pause. A later success makes it active again. */
  async suspend(tenantId: TenantId, id: AccessTokenId, reason: Refusal): Promise<void> {
    await this.db.inTenant(tenantId, async (tx) => {
      const error = errorAt(reason, await this.tokens.now(tx));
      if (await this.tokens.suspend(tx, id, error, reason)) {
        await this.audit.record(tx, systemIn(tenantId, 'access_token.suspend'), { action: 'access_token.suspended', accessTokenId: id, reason: reason.code, requestId: reason.requestId });
      }
    });
  }

  /** Keeps the token and its connections, but nothing may use it. */
  async disable(me: TenantActor, id: AccessTokenId): Promise<AccessTokenItem> {
    await this.db.inTenant(me.tenantId, async (tx) => {
      requireStatus(await this.tokens.lock(tx, id), ['active', 'invalid', 'disabled']);
      if (await this.tokens.disable(tx, id)) await this.audit.record(tx, me, { action: 'access_token.disabled', accessTokenId: id });
    });
    return this.get(me, id);
  }

  /** Destroys the ciphertext, ends its connections and closes its reach. What it could reach, and when, stays on record. */
  async remove(me: TenantActor, id: AccessTokenId): Promise<void> {
    await this.db.inTenant(me.tenantId, async (tx) => {
      const token = await this.tokens.lock(tx, id);
      if (!token) throw notFound();
      if (!(await this.tokens.revoke(tx, id))) return;
      const at = laterThan(token.lastVerifiedAt, await this.tokens.now(tx));
      await this.reach.record(tx, { id, via: viaOf(token.kind) }, [], { at, noticedBy: 'revoke' });
      await this.connections.disconnectAll(tx, me, id);
      await this.audit.record(tx, me, { action: 'access_token.revoked', accessTokenId: id });
    });
  }
}

/** Reach is kept as intervals: the end of one and the start of the next must not be the same instant. */
export const laterThan = (last: Date | null, now: Date): Date => (last && last >= now ? new Date(last.getTime() + 1) : now);

export const errorAt = ({ code, message, requestId }: Refusal, at: Date): LastError => ({ code, message, requestId, at: at.toISOString() });

/** @throws AppError `access_token.not_found`, `access_token.not_active` */
export function requireStatus<Token extends StoredToken>(token: Token | undefined, allowed: readonly AccessTokenStatus[]): Token {
  if (!token) throw notFound();
  if (!allowed.includes(token.status)) throw notActive(token);
  return token;
}

const notFound = (): AppError => new AppError('access_token.not_found', { detail: 'This tenant has no AccessToken with this id: GET …/access-tokens lists those that it has' });

const wayBack: Record<AccessTokenStatus, string> = {
  active: 'It may be used',
  invalid: 'Mews refuses it: verify it after the cause is mended (see lastError), or rotate it',
  disabled: 'Enable it to use it again',
  revoked: 'It is gone for good: add the token again if it is still wanted',
};
const notActive = (token: StoredToken): AppError => new AppError('access_token.not_active', {
  detail: `The AccessToken ${token.hint} is ${token.status}. ${wayBack[token.status]}`, data: { accessTokenId: token.id, status: token.status },
});

function publicItem({ reached, connected, ...row }: ListedToken): AccessTokenItem {
  return { ...withIsoTimes(row), enterprises: { reached, connected } };
}
