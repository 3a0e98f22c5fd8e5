// Takes a new AccessToken in: asks Mews what it opens, and saves everything or nothing.
import { Injectable } from '@nestjs/common';
import { Applications } from '@keyrack/applications';
import { Audit } from '@keyrack/audit';
import { AppError, Database, newId, type AccessTokenId, type TenantActor, type TenantTx } from '@keyrack/core';
import { Vault } from '@keyrack/credentials';
import type { MewsTarget } from '@keyrack/mews';
import { Connections, Enterprises, Reach, viaOf, type Connecting } from '@keyrack/reach';
import { AccessTokensRepository } from './access-tokens.repository.js';
import { chooseEnterprises, hintOf, type AddedAccessToken, type NewAccessToken, type TokenPreview, type TokenToPreview } from './access-tokens.schemas.js';
import { bindingOf } from './access-tokens.service.js';
import { Duplicates } from './duplicates.js';
import { Surveyor, type Survey } from './survey.js';

@Injectable()
export class Onboarding {
  constructor(
    private readonly db: Database, private readonly tokens: AccessTokensRepository, private readonly duplicates: Duplicates, private readonly surveyor: Surveyor,
    private readonly vault: Vault, private readonly applications: Applications,
    private readonly reach: Reach, private readonly enterprises: Enterprises, private readonly connections: Connections, private readonly audit: Audit,
  ) {}

  /** What adding this token would bring; nothing is saved. @throws as `add`, except `access_token.duplicate` */
  async preview(me: TenantActor, input: TokenToPreview): Promise<TokenPreview> {
    const target = await this.#target(input);
    const known = await this.duplicates.ofTenant(me, input.environment, target.fingerprint);
    if (!known) await this.duplicates.refuseTaken(input.environment, target.fingerprint);
    const { kind, enterprises } = await this.surveyor.read(target, 'interactive');
    const servedBy = await this.db.inTenant(me.tenantId, (tx) => this.connections.servedBy(tx, enterprises.map((enterprise) => enterprise.id)));
    return {
      kind, hint: hintOf(input.accessToken), fingerprint: target.fingerprint, alreadyAdded: known !== undefined, accessTokenId: known?.id ?? null,
      enterprises: enterprises.map(({ id, name, chainId, timeZone }) => ({ id, name, chainId, timeZone, connectedBy: servedBy.get(id) ?? null })),
    };
  }

  /**
   * @param stillMay asked when Mews has answered, which takes seconds: rejects when who adds it may do so no more
   * @throws AppError `application.not_found`, `application.no_client_token`, `access_token.duplicate`, `access_token.unavailable`, `access_token.rejected`,
   *   `enterprise.not_reached`, `environment.mismatch`, `tenant.deleting`, `mews.unreachable`, `mews.failed` and other `mews.*`; nothing is saved then.
   */
  async add(me: TenantActor, input: NewAccessToken, stillMay: () => Promise<void>): Promise<AddedAccessToken> {
    const target = await this.#target(input);
    // Before Mews is asked: a token that another tenant has must not even be tried from here.
    await this.duplicates.refuse(me, input.environment, target.fingerprint);
    const readAt = await this.db.inTenant(me.tenantId, (tx) => this.tokens.now(tx));
    const survey = await this.surveyor.read(target, 'interactive');
    const wanted = chooseEnterprises(input.connect, survey.enterprises.map((enterprise) => enterprise.id));
    const id = newId<AccessTokenId>();
    await stillMay();
    const connecting = await this.duplicates.guard(me, input.environment, target.fingerprint, () =>
      this.db.inTenant(me.tenantId, async (tx) => {
        // Or the tenant could be deleted, rows and all, between the look and the commit.
        await this.vault.holdTenantKeys(tx);
        if (!(await this.tokens.hasTenant(tx))) throw new AppError('tenant.deleting');
        await this.#store(tx, id, input, target, survey, readAt);
        await this.audit.record(tx, me, {
          action: 'access_token.added', accessTokenId: id, environment: input.environment, kind: survey.kind, hint: hintOf(input.accessToken), fingerprint: target.fingerprint,
          enterpriseIds: survey.enterprises.map((enterprise) => enterprise.id),
        });
        return this.connections.connect(tx, me, { id, kind: survey.kind }, wanted);
      }));
    return answer(id, input, target.fingerprint, survey, connecting);
  }

  async #target({ applicationId, environment, accessToken }: TokenToPreview): Promise<MewsTarget> {
    const credentials = await this.applications.credentials(applicationId, environment);
    return { ...credentials, accessToken, fingerprint: this.vault.fingerprint(environment, accessToken), kind: 'unknown' };
  }

  async #store(tx: TenantTx, id: AccessTokenId, input: NewAccessToken, target: MewsTarget, survey: Survey, at: Date): Promise<void> {
    const { environment: environmentId, applicationId, label, accessToken } = input;
    const ciphertext = (await this.vault.tenant(tx)).seal(bindingOf({ id, environmentId }), Buffer.from(accessToken.reveal()));
    await this.tokens.insert(tx, { id, environmentId, applicationId, label: label || null }, { ciphertext, hint: hintOf(accessToken), fingerprint: target.fingerprint },
      { kind: survey.kind, portfolioId: survey.portfolioId, status: 'active', at });
    await this.enterprises.upsert(tx, environmentId, survey.enterprises);
    await this.reach.record(tx, { id, via: viaOf(survey.kind) }, survey.enterprises.map((enterprise) => enterprise.id), { at, noticedBy: 'added' });
  }
}

function answer(id: AccessTokenId, input: NewAccessToken, fingerprint: string, { kind, enterprises }: Survey, { connected, moved, left }: Connecting): AddedAccessToken {
  return {
    id, kind, status: 'active', hint: hintOf(input.accessToken), fingerprint, environment: input.environment, applicationId: input.applicationId, label: input.label || null,
    enterprises: enterprises.map((enterprise) => ({
      id: enterprise.id, name: enterprise.name, chainId: enterprise.chainId, timeZone: enterprise.timeZone, via: viaOf(kind),
      connected: connected.has(enterprise.id), connectedBy: left.get(enterprise.id) ?? null,
    })),
    moved,
  };
}
