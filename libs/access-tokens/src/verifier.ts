// Asks Mews again about stored tokens: on demand, on schedule, before one is enabled or replaced.
import { Injectable } from '@nestjs/common';
import { Audit } from '@keyrack/audit';
import { AppError, Database, systemIn, type AccessTokenId, type TenantActor, type TenantId, type TenantTx } from '@keyrack/core';
import { Vault } from '@keyrack/credentials';
import { Connections, Enterprises, Reach, viaOf, type ReachDiff, type SweepTime, type TokenKind } from '@keyrack/reach';
import { AccessTokensRepository, type StoredToken } from './access-tokens.repository.js';
import { hintOf, type AccessTokenItem, type AccessTokenStatus, type Rotation, type Verification } from './access-tokens.schemas.js';
import { AccessTokens, bindingOf, errorAt, laterThan, requireStatus, type OpenedToken } from './access-tokens.service.js';
import { Duplicates } from './duplicates.js';
import { Surveyor, TokenRefused, type Survey } from './survey.js';

/** What a sweep changed; `kind` where the token turned out to be of another one. */
interface Found extends ReachDiff { kind?: { before: TokenKind; after: TokenKind } }

const inUse: readonly AccessTokenStatus[] = ['active', 'invalid'];
const kept: readonly AccessTokenStatus[] = ['active', 'invalid', 'disabled'];

@Injectable()
export class Verifier {
  constructor(
    private readonly db: Database, private readonly accessTokens: AccessTokens, private readonly tokens: AccessTokensRepository, private readonly duplicates: Duplicates,
    private readonly surveyor: Surveyor, private readonly vault: Vault,
    private readonly reach: Reach, private readonly enterprises: Enterprises, private readonly connections: Connections, private readonly audit: Audit,
  ) {}

  /**
   * Reads the reach of a token now. When Mews refuses it twice its status becomes `invalid`, which is an answer, not an error.
   * @throws AppError `access_token.not_found`, `access_token.not_active`, `mews.*`; nothing but lastError is changed then.
   */
  async verify(me: TenantActor, id: AccessTokenId): Promise<Verification> {
    return this.#verify(me, id, (found) => ({ action: 'access_token.verified', accessTokenId: id, ...told(found) }));
  }

  /** The same on schedule: only a change is worth an audit event. A token that was disabled or revoked since is left alone. */
  async expand(tenantId: TenantId, id: AccessTokenId): Promise<Verification | null> {
    try {
      return await this.#verify(systemIn(tenantId, 'reach.expand'), id, (found) =>
        (isChange(found) ? { action: 'reach.changed', accessTokenId: id, ...told(found) } : null));
    } catch (error) {
      if (isOutOfUse(error)) return null;
      throw error;
    }
  }

  /**
   * Uses a disabled token again, if Mews still accepts it.
   * @param stillMay as for `Onboarding.add`
   * @throws as `verify`, and `access_token.rejected`; it stays disabled then
   */
  async enable(me: TenantActor, id: AccessTokenId, stillMay: () => Promise<void>): Promise<AccessTokenItem> {
    const opened = await this.accessTokens.open(me.tenantId, id, kept, 'interactive');
    const survey = await this.surveyor.readConfirmed(opened.target, 'interactive');
    await stillMay();
    await this.db.inTenant(me.tenantId, async (tx) => {
      const token = requireStatus(await this.tokens.lock(tx, id), kept);
      if (token.fingerprint !== opened.token.fingerprint) throw changedMeanwhile(token);
      if (token.status === 'active' && isOutdated(token, opened)) return;
      const found = await this.#write(tx, token, survey, 'active', { at: laterThan(token.lastVerifiedAt, opened.readAt), noticedBy: 'enable' });
      if (isChange(found)) await this.audit.record(tx, me, { action: 'reach.changed', accessTokenId: id, ...told(found) });
      if (token.status !== 'active') await this.audit.record(tx, me, { action: 'access_token.enabled', accessTokenId: id });
    });
    return this.accessTokens.get(me, id);
  }

  /**
   * Puts a new text in the place of the old one: same id, same connections. A disabled token stays disabled.
   * @param stillMay as for `Onboarding.add`
   * @throws AppError `access_token.reach_shrinks` with the enterprises that would be cut off, and as `Onboarding.add`; nothing is changed then.
   */
  async rotate(me: TenantActor, id: AccessTokenId, { accessToken }: Rotation, stillMay: () => Promise<void>): Promise<AccessTokenItem> {
    const old = await this.accessTokens.openWith(accessToken, me.tenantId, id, kept);
    const { environmentId } = old.token;
    const fingerprint = this.vault.fingerprint(environmentId, accessToken);
    await this.duplicates.refuse(me, environmentId, fingerprint);
    const survey = await this.surveyor.read({ ...old.target, fingerprint, kind: 'unknown' }, 'interactive');
    await stillMay();
    await this.duplicates.guard(me, environmentId, fingerprint, () => this.db.inTenant(me.tenantId, async (tx) => {
      const token = requireStatus(await this.tokens.lock(tx, id), kept);
      await this.#refuseShrinking(tx, id, survey);
      const ciphertext = (await this.vault.tenant(tx)).seal(bindingOf(token), Buffer.from(accessToken.reveal()));
      const after = { ciphertext, hint: hintOf(accessToken), fingerprint };
      await this.tokens.replaceSecret(tx, id, after);
      const found = await this.#write(tx, token, survey, token.status === 'disabled' ? 'disabled' : 'active', { at: laterThan(token.lastVerifiedAt, old.readAt), noticedBy: 'rotate' });
      if (isChange(found)) await this.audit.record(tx, me, { action: 'reach.changed', accessTokenId: id, ...told(found) });
      await this.audit.record(tx, me, {
        action: 'access_token.rotated', accessTokenId: id, hint: { before: token.hint, after: after.hint }, fingerprint: { before: token.fingerprint, after: fingerprint },
      });
    }));
    return this.accessTokens.get(me, id);
  }

  async #verify(me: TenantActor, id: AccessTokenId, event: (found: Found) => Parameters<Audit['record']>[2] | null): Promise<Verification> {
    const scheduled = me.kind === 'system';
    const opened = await this.accessTokens.open(me.tenantId, id, inUse, scheduled ? 'check' : 'interactive').catch((error: unknown) => this.#unopened(me, id, error));
    let survey: Survey;
    try {
      survey = await this.surveyor.readConfirmed(opened.target, scheduled ? 'background' : 'interactive');
    } catch (error) {
      return this.#failed(me, opened, error);
    }
    return this.db.inTenant(me.tenantId, async (tx) => {
      const token = requireStatus(await this.tokens.lock(tx, id), inUse);
      if (token.fingerprint !== opened.token.fingerprint || isOutdated(token, opened)) return { gained: [], lost: [], status: token.status, kind: token.kind, lastError: token.lastError };
      const found = await this.#write(tx, token, survey, 'active', { at: opened.readAt, noticedBy: scheduled ? 'check' : 'verify' });
      const toRecord = event(found);
      if (toRecord) await this.audit.record(tx, me, toRecord);
      if (token.status !== 'active') await this.audit.record(tx, me, { action: 'access_token.enabled', accessTokenId: id });
      return { gained: found.gained, lost: found.lost, status: 'active', kind: survey.kind, lastError: null };
    });
  }

  /** Mews cannot be asked: the token, or what else a call takes, cannot be read here. */
  async #unopened(me: TenantActor, id: AccessTokenId, error: unknown): Promise<never> {
    if (error instanceof AppError && !isOutOfUse(error)) {
      const reason = { code: error.code, message: error.detail, requestId: null };
      await this.db.inTenant(me.tenantId, async (tx) => this.tokens.noteError(tx, id, errorAt(reason, await this.tokens.now(tx)), {}));
    }
    throw error;
  }

  async #failed(me: TenantActor, { token: { id, status: before, fingerprint }, readAt }: OpenedToken, error: unknown): Promise<Verification> {
    if (!(error instanceof AppError)) throw error;
    const reason = { code: error.code, message: error.upstream?.message ?? error.detail, requestId: error.upstream?.requestId ?? null, fingerprint, readAt };
    if (error instanceof TokenRefused && before === 'active') await this.accessTokens.suspend(me.tenantId, id, reason);
    else await this.db.inTenant(me.tenantId, async (tx) => this.tokens.noteError(tx, id, errorAt(reason, await this.tokens.now(tx)), reason));
    if (!(error instanceof TokenRefused)) throw error;
    // As it is now: another text or a later success may stand there.
    const { status, kind, lastError } = await this.accessTokens.get(me, id);
    return { gained: [], lost: [], status, kind, lastError };
  }

  async #write(tx: TenantTx, token: StoredToken, survey: Survey, status: AccessTokenStatus, sweep: SweepTime): Promise<Found> {
    const ids = survey.enterprises.map((enterprise) => enterprise.id);
    await this.enterprises.upsert(tx, token.environmentId, survey.enterprises);
    // Before the token's row: what is lost now was last seen when the sweep before this one saw it.
    const diff = await this.reach.record(tx, { id: token.id, via: viaOf(survey.kind) }, ids, sweep);
    await this.tokens.verified(tx, token.id, { kind: survey.kind, portfolioId: survey.portfolioId, status, at: sweep.at });
    return { ...diff, ...(token.kind !== survey.kind && { kind: { before: token.kind, after: survey.kind } }) };
  }

  async #refuseShrinking(tx: TenantTx, id: AccessTokenId, survey: Survey): Promise<void> {
    const opened = new Set(survey.enterprises.map((enterprise) => enterprise.id));
    const cutOff = (await this.connections.enterprisesOf(tx, id)).filter((enterprise) => !opened.has(enterprise.id));
    if (cutOff.length === 0) return;
    throw new AppError('access_token.reach_shrinks', {
      detail: `The new AccessToken does not open ${cutOff.length} of the connected enterprises. Ask Mews for a token that does, or first disconnect them or connect them by another token; the old token stays`,
      data: { enterprises: cutOff },
    });
  }
}

const isChange = ({ gained, lost, kind }: Found): boolean => gained.length + lost.length > 0 || kind !== undefined;

/** As the audit trail tells it. */
const told = ({ gained, lost, kind }: Found): Pick<Found, 'gained' | 'lost' | 'kind'> => ({ gained, lost, ...(kind && { kind }) });

const isOutOfUse = (error: unknown): boolean => error instanceof AppError && (error.code === 'access_token.not_found' || error.code === 'access_token.not_active');

/** Whether a sweep that began later has been written meanwhile: this one is yesterday's news. */
const isOutdated = ({ lastVerifiedAt }: StoredToken, { readAt }: OpenedToken): boolean => lastVerifiedAt !== null && lastVerifiedAt >= readAt;

const changedMeanwhile = (token: StoredToken): AppError =>
  new AppError('access_token.not_active', { detail: `The AccessToken was replaced by ${token.hint} while Mews was asked about the old one: try again` });
