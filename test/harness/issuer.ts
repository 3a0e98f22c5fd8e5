// A small OpenID provider: it lets everybody in as whoever the test says, checks the client as strictly as real ones do, and can lie.
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose';

export interface Issuer {
  url: string; clientId: string; clientSecret: string;
  /** What the next ID tokens say, beside and in place of what is right. */
  claims: JWTPayload;
  /** The next ID tokens are signed by another key than the published one. */
  forged: boolean;
  down(): Promise<void>;
  up(): Promise<void>;
}

interface Grant { nonce: string; challenge: string; redirectUri: string }

export async function startIssuer(): Promise<Issuer> {
  const [published, other] = [await generateKeyPair('RS256'), await generateKeyPair('RS256')];
  const jwk = { ...await exportJWK(published.publicKey), kid: 'one', alg: 'RS256', use: 'sig' };
  const grants = new Map<string, Grant>();
  const server = createServer((request, response) => { void handle(request, response); });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const issuer: Issuer = {
    url: `http://127.0.0.1:${port}`, clientId: 'keyrack', clientSecret: randomBytes(12).toString('hex'), claims: {}, forged: false,
    async down() { server.closeAllConnections(); server.close(); await once(server, 'close'); },
    async up() { server.listen(port, '127.0.0.1'); await once(server, 'listening'); },
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams: asked } = new URL(request.url ?? '/', issuer.url);
    const answer = (status: number, body: object) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (pathname === '/.well-known/openid-configuration') return void answer(200, metadata(issuer.url));
    if (pathname === '/jwks') return void answer(200, { keys: [jwk] });
    if (pathname === '/authorize') {
      const wanted = { response_type: 'code', client_id: issuer.clientId, code_challenge_method: 'S256' };
      const wrong = Object.entries(wanted).find(([name, value]) => asked.get(name) !== value);
      if (wrong || !asked.get('scope')?.split(' ').includes('openid')) return void answer(400, { error: 'invalid_request', error_description: String(wrong) });
      const code = randomBytes(12).toString('hex');
      grants.set(code, { nonce: asked.get('nonce') ?? '', challenge: asked.get('code_challenge') ?? '', redirectUri: asked.get('redirect_uri') ?? '' });
      const back = new URL(asked.get('redirect_uri') ?? '');
      back.search = String(new URLSearchParams({ code, state: asked.get('state') ?? '' }));
      return void response.writeHead(302, { location: back.href }).end();
    }
    const form = new URLSearchParams(await textOf(request));
    const grant = grants.get(form.get('code') ?? '');
    grants.delete(form.get('code') ?? '');
    const isClient = request.headers.authorization === `Basic ${Buffer.from(`${issuer.clientId}:${issuer.clientSecret}`).toString('base64')}`;
    if (!isClient) return void answer(401, { error: 'invalid_client' });
    const challenge = createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url');
    if (!grant || grant.redirectUri !== form.get('redirect_uri') || grant.challenge !== challenge) return void answer(400, { error: 'invalid_grant' });
    const now = Math.floor(Date.now() / 1_000);
    const claims = { iss: issuer.url, aud: issuer.clientId, iat: now, exp: now + 300, nonce: grant.nonce, ...issuer.claims };
    const token = await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'one' }).sign((issuer.forged ? other : published).privateKey);
    answer(200, { access_token: 'opaque', token_type: 'Bearer', expires_in: 300, id_token: token });
  }
  return issuer;
}

const metadata = (url: string) => ({
  issuer: url, authorization_endpoint: `${url}/authorize`, token_endpoint: `${url}/token`, jwks_uri: `${url}/jwks`, response_types_supported: ['code'], subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'], token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'], code_challenge_methods_supported: ['S256'],
});

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
