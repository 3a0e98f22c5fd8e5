// One AccessToken belongs to one tenant of an environment. Found by fingerprint, first by looking, at last by the unique index.
import { Injectable } from '@nestjs/common';
import { AppError, Database, type AccessTokenId, type EnvironmentId, type TenantActor } from '@keyrack/core';
import { AccessTokensRepository } from './access-tokens.repository.js';

@Injectable()
export class Duplicates {
  constructor(private readonly db: Database, private readonly tokens: AccessTokensRepository) {}

  async ofTenant(me: TenantActor, environment: EnvironmentId, fingerprint: string): Promise<{ id: AccessTokenId; hint: string } | undefined> {
    return this.db.inTenant(me.tenantId, (tx) => this.tokens.byFingerprint(tx, environment, fingerprint));
  }

  /** @throws AppError `access_token.unavailable`, which does not tell whose it is */
  async refuseTaken(environment: EnvironmentId, fingerprint: string): Promise<void> {
    if (await this.db.onPlatform('look for a fingerprint', (tx) => this.tokens.isTaken(tx, environment, fingerprint))) throw unavailable();
  }

  /** @throws AppError `access_token.duplicate` or `access_token.unavailable` */
  async refuse(me: TenantActor, environment: EnvironmentId, fingerprint: string): Promise<void> {
    const known = await this.ofTenant(me, environment, fingerprint);
    if (known) {
      throw new AppError('access_token.duplicate', {
        detail: `This tenant has this AccessToken already, as ${known.hint}: use that one (GET …/access-tokens/${known.id}), or verify it to read its enterprises again`,
        data: { accessTokenId: known.id },
      });
    }
    await this.refuseTaken(environment, fingerprint);
  }

  /** Runs a transaction that stores a token text; when another was faster with the same text, answers as if it had always been there. */
  async guard<T>(me: TenantActor, environment: EnvironmentId, fingerprint: string, store: () => Promise<T>): Promise<T> {
    try {
      return await store();
    } catch (error) {
      if (!isFingerprintConflict(error)) throw error;
      await this.refuse(me, environment, fingerprint);
      throw unavailable();
    }
  }
}

const unavailable = (): AppError => new AppError('access_token.unavailable', {
  detail: 'This AccessToken cannot be used for this tenant. Ask Mews for a token of its own, or ask the operator of this Keyrack where it is in use',
});

const isFingerprintConflict = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '23505' && 'constraint' in error && error.constraint === 'access_token_fingerprint';
