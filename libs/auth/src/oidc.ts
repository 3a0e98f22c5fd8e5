// The identity provider of the configuration, by OpenID Connect: authorization code with PKCE, state and nonce. Asked only when somebody signs in.
import { Inject, Injectable } from '@nestjs/common';
import * as client from 'openid-client';
import { z } from 'zod';
import { AppError, Config, type OidcConfig } from '@keyrack/core';
import { emailOf } from './access-link.js';

const TIMEOUT_SECONDS = 10;

/** What the browser keeps between leaving for the provider and coming back. */
export const pendingSignInSchema = z.object({ state: z.string().min(1), nonce: z.string().min(1), verifier: z.string().min(1), from: z.string() });
export type PendingSignIn = z.infer<typeof pendingSignInSchema>;

/** Who somebody is at the provider, proved by a verified ID token. */
export interface Identity { issuer: string; subject: string; email: string | undefined; emailVerified: boolean; name: string | undefined }

@Injectable()
export class Oidc {
  readonly #config: OidcConfig | undefined;
  #provider: Promise<client.Configuration> | undefined;

  constructor(@Inject(Config) config: Config) { this.#config = config.oidc; }

  /** What the button is called; null where no provider is configured. */
  get label(): string | null { return this.#config?.label ?? null; }

  /**
   * @param from the page to come back to
   * @throws AppError `oidc.not_configured`, `oidc.unreachable`
   */
  async begin(from: string): Promise<{ url: string; pending: PendingSignIn }> {
    const { redirectUri } = this.#configured();
    const provider = await this.#discover();
    const pending = { state: client.randomState(), nonce: client.randomNonce(), verifier: client.randomPKCECodeVerifier(), from };
    const url = client.buildAuthorizationUrl(provider, {
      redirect_uri: redirectUri, scope: 'openid email profile', state: pending.state, nonce: pending.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(pending.verifier), code_challenge_method: 'S256',
    });
    return { url: url.href, pending };
  }

  /**
   * Changes the code for an ID token and checks it: signature, issuer, audience, time, nonce.
   * @param query what the provider added to the callback's address, without `?`
   * @throws AppError `oidc.refused`, `oidc.unreachable`
   */
  async finish(query: string, { state, nonce, verifier }: PendingSignIn): Promise<Identity> {
    const provider = await this.#discover();
    const url = new URL(`${this.#configured().redirectUri}?${query}`);
    try {
      const tokens = await client.authorizationCodeGrant(provider, url, { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true });
      const claims = tokens.claims();
      if (!claims) throw new Error('there is no ID token');
      const { iss, sub, email, email_verified: verified, name } = claims;
      return { issuer: iss, subject: sub, email: emailOf(textOf(email)) ?? undefined, emailVerified: verified === true, name: textOf(name) };
    } catch (cause) {
      throw new AppError(isUnreachable(cause) ? 'oidc.unreachable' : 'oidc.refused', { cause });
    }
  }

  /** Asked once; again when it failed, since a provider that was down must not keep people out after it came back. */
  #discover(): Promise<client.Configuration> {
    this.#provider ??= discover(this.#configured()).catch((cause: unknown) => {
      this.#provider = undefined;
      throw new AppError('oidc.unreachable', { cause });
    });
    return this.#provider;
  }

  #configured(): OidcConfig {
    if (!this.#config) throw new AppError('oidc.not_configured');
    return this.#config;
  }
}

async function discover({ issuer, clientId, clientSecret }: OidcConfig): Promise<client.Configuration> {
  const insecure = new URL(issuer).protocol === 'http:' ? [client.allowInsecureRequests] : [];
  const found = await client.discovery(new URL(issuer), clientId, undefined, client.None(), { timeout: TIMEOUT_SECONDS, execute: insecure });
  const methods = found.serverMetadata().token_endpoint_auth_methods_supported ?? [];
  const secret = clientSecret?.reveal();
  const byPost = methods.includes('client_secret_post') && !methods.includes('client_secret_basic');
  const provider = new client.Configuration(found.serverMetadata(), clientId, undefined, secret === undefined ? client.None() : byPost ? client.ClientSecretPost(secret) : client.ClientSecretBasic(secret));
  provider.timeout = TIMEOUT_SECONDS;
  for (const allow of insecure) allow(provider);
  // Otherwise the ID token's signature is taken on trust of the connection that it came by.
  client.enableNonRepudiationChecks(provider);
  return provider;
}

const textOf = (value: unknown): string | undefined => typeof value === 'string' && value !== '' ? value : undefined;

/** No answer, or one that is the provider's own trouble. */
function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && error.code === 'OAUTH_TIMEOUT') return true;
  return error instanceof TypeError && error.message === 'fetch failed' || error.cause instanceof Response && error.cause.status >= 500;
}
