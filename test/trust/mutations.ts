// One successful call of each route that changes something, and the audit events that it must write. A new route needs an entry here.
import type { AuditAction } from '@keyrack/audit';
import type { Tenant, Vendor } from '../access-tokens/vendor.js';
import type { Answer } from '../harness/api.js';
import { comeIn, longPassword as password, secretOf, signIn } from '../harness/people.js';

export interface Call { path: string; body?: unknown; headers?: Record<string, string>; /** null sends no API key. */ key?: null }
export interface Mutation {
  /** Makes what the call needs, and tells the call. */
  prepare(at: Scene): Promise<Call>;
  /** In the order of their writing; none where the call changes nothing. */
  events: readonly AuditAction[];
  /** Those of them that a second transaction writes, on purpose: where it cannot, the first one is done. With the tables that only the second changes. */
  second?: Partial<Record<AuditAction, readonly string[]>>;
}

let names = 0;
const fresh = (kind: string): string => `${kind}-${(names += 1)}`;
const csv = { 'content-type': 'text/csv' };

/** A vendor's tenant and what can be made there. Each make is a change of its own: it is made before the events are counted. */
export class Scene {
  constructor(readonly vendor: Vendor, readonly tenant: Tenant) {}

  get base(): string { return `/v1/tenants/${this.tenant.id}`; }

  /** An AccessToken that Mews knows and Keyrack does not, with the enterprises that it opens. */
  newToken(enterprises = [this.vendor.sandbox.world.addEnterprise().id]): { accessToken: string; enterprises: string[] } {
    return { accessToken: this.vendor.sandbox.world.issueToken({ enterprises }).accessToken, enterprises };
  }

  /** A stored one, with its one enterprise connected. */
  async token(): Promise<{ id: string; path: string; enterprise: string }> {
    const { accessToken, enterprises: [enterprise = ''] } = this.newToken();
    const { id } = await this.made(this.tenant.add(accessToken));
    return { id, path: `${this.base}/access-tokens/${id}`, enterprise };
  }

  /** A run that no worker takes; `state` is written behind the program's back. */
  async run(state?: 'failed' | 'needs_review'): Promise<string> {
    const { enterprise } = await this.token();
    const { runIds: [id] } = await this.made(this.tenant.request('POST', '/syncs', { enterpriseIds: [enterprise], collections: ['services'], mode: 'full' }));
    if (state) await this.vendor.database.owner.query(`update run set state = $2, finished_at = now() where id = $1`, [id, state]);
    return `${this.base}/runs/${id}`;
  }

  /** A new one, of the platform or of a tenant. */
  async person(where: string, role = 'viewer'): Promise<{ id: string; email: string }> {
    const email = `${fresh('person')}@example.com`;
    return { id: await comeIn(this.vendor.api, where, { email, role }), email };
  }

  user() { return this.person('platform', 'auditor'); }

  member() { return this.person(this.tenant.id); }

  async session(): Promise<Record<string, string>> {
    return (await signIn(this.vendor.api, (await this.user()).email)).headers;
  }

  /** An invitation that was not used yet: to the platform, or to the tenant. */
  async link(where: 'platform' | 'tenant', email = `${fresh('guest')}@example.com`): Promise<{ path: string; secret: string }> {
    const path = where === 'platform' ? '/v1/access-links' : `${this.base}/access-links`;
    const answer = succeeded(await this.vendor.api.request('POST', path, { kind: 'invitation', email, role: where === 'platform' ? 'auditor' : 'viewer' }));
    return { path: `${path}/${answer.body.id}`, secret: secretOf(answer) };
  }

  async reset(links: string, userId: string): Promise<Call> {
    const answer = succeeded(await this.vendor.api.request('POST', links, { kind: 'password_reset', userId }));
    return { path: '/v1/access-links/redeem', body: { secret: secretOf(answer), password: 'another long password' }, key: null };
  }

  async done(method: string, path: string, body?: unknown): Promise<void> { await this.made(this.vendor.api.request(method, path, body)); }

  /** The body of an answer that has succeeded. */
  async made(answer: Promise<Answer>): Promise<Answer['body']> { return succeeded(await answer).body; }
}

export function succeeded(answer: Answer): Answer {
  if (answer.status >= 300) throw new Error(`answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer;
}

const requestLimit = { requests: 100, seconds: 1 };
const newEnvironment = (at: Scene) => ({ id: fresh('env'), name: 'Environment', platformAddress: at.vendor.sandbox.url, requestLimit });

export const mutations: Record<string, Mutation> = {
  'POST /v1/session': { events: ['user.signed_in'], async prepare(at) { return { path: '/v1/session', body: { email: (await at.user()).email, password }, key: null }; } },
  'PUT /v1/session/password': { events: ['user.changed'], async prepare(at) { return { path: '/v1/session/password', body: { current: password, password: 'another long password' }, key: null, headers: await at.session() }; } },
  'DELETE /v1/session': { events: ['user.signed_out'], async prepare(at) { return { path: '/v1/session', key: null, headers: await at.session() }; } },
  'POST /v1/access-links': { events: ['invitation.created'], async prepare() { return { path: '/v1/access-links', body: { kind: 'invitation', email: `${fresh('guest')}@example.com`, role: 'auditor' } }; } },
  'DELETE /v1/access-links/:id': { events: ['invitation.revoked'], async prepare(at) { return { path: (await at.link('platform')).path }; } },
  'POST /v1/access-links/open': { events: [], async prepare(at) { return { path: '/v1/access-links/open', body: { secret: (await at.link('platform')).secret }, key: null }; } },
  'POST /v1/access-links/redeem': {
    // The person comes before the role: with an account that opens nothing they can sign in and join.
    events: ['user.created', 'invitation.accepted'], second: { 'invitation.accepted': ['platform_access_link'] },
    async prepare(at) { return { path: '/v1/access-links/redeem', body: { secret: (await at.link('platform')).secret, name: 'Guest', password }, key: null }; },
  },
  'POST /v1/access-links/join': {
    // The password is changed before the role is given: after a failure in between the link can still be used.
    events: ['user.changed', 'invitation.accepted'], second: { 'invitation.accepted': ['membership', 'access_link'] },
    async prepare(at) {
      const elsewhere = fresh('elsewhere');
      await at.done('POST', '/v1/tenants', { slug: elsewhere, name: 'Elsewhere' });
      const { email } = await at.person(elsewhere);
      return { path: '/v1/access-links/join', body: { secret: (await at.link('tenant', email)).secret, current: password, password: 'another long password' }, key: null, headers: (await signIn(at.vendor.api, email)).headers };
    },
  },
  'PATCH /v1/users/:userId': { events: ['user.changed'], async prepare(at) { return { path: `/v1/users/${(await at.user()).id}`, body: { disabled: true, name: 'Other' } }; } },

  'POST /v1/api-keys': { events: ['api_key.created'], async prepare() { return { path: '/v1/api-keys', body: { name: 'key', role: 'auditor' } }; } },
  'DELETE /v1/api-keys/:id': {
    events: ['api_key.revoked'],
    async prepare(at) { return { path: `/v1/api-keys/${(await at.made(at.vendor.api.request('POST', '/v1/api-keys', { name: 'key', role: 'auditor' }))).id}` }; },
  },

  'POST /v1/environments': { events: ['environment.created'], async prepare(at) { return { path: '/v1/environments', body: newEnvironment(at) }; } },
  'PATCH /v1/environments/:environment': {
    events: ['environment.changed'],
    async prepare(at) {
      const made = newEnvironment(at);
      await at.done('POST', '/v1/environments', made);
      return { path: `/v1/environments/${made.id}`, body: { name: 'Renamed' } };
    },
  },
  'POST /v1/applications': { events: ['application.created'], async prepare() { return { path: '/v1/applications', body: { name: fresh('app'), version: '1', clientTokens: [{ environment: 'sandbox', clientToken: fresh('client-token-of') }] } }; } },
  'PUT /v1/applications/:id/client-tokens/:environment': {
    events: ['application.client_token_set'],
    async prepare(at) {
      const { id } = await at.made(at.vendor.api.request('POST', '/v1/applications', { name: fresh('app'), version: '1', clientTokens: [] }));
      return { path: `/v1/applications/${id}/client-tokens/sandbox`, body: { clientToken: fresh('client-token-of') } };
    },
  },

  'POST /v1/tenants': { events: ['tenant.created'], async prepare() { return { path: '/v1/tenants', body: { slug: fresh('made'), name: 'Made' } }; } },
  'PATCH /v1/tenants/:tenant': { events: ['tenant.renamed'], async prepare(at) { return { path: at.base, body: { name: fresh('Renamed') } }; } },
  'DELETE /v1/tenants/:tenant': { events: ['tenant.deletion_started'], async prepare(at) { return { path: `/v1/tenants/${(await at.vendor.tenant()).id}` }; } },

  'POST /v1/tenants/:tenant/api-keys': { events: ['api_key.created'], async prepare(at) { return { path: `${at.base}/api-keys`, body: { name: 'key', role: 'viewer' } }; } },
  'DELETE /v1/tenants/:tenant/api-keys/:id': {
    events: ['api_key.revoked'],
    async prepare(at) { return { path: `${at.base}/api-keys/${(await at.made(at.tenant.request('POST', '/api-keys', { name: 'key', role: 'viewer' }))).id}` }; },
  },
  'POST /v1/tenants/:tenant/access-links': { events: ['invitation.created'], async prepare(at) { return { path: `${at.base}/access-links`, body: { kind: 'invitation', email: `${fresh('guest')}@example.com`, role: 'viewer' } }; } },
  'DELETE /v1/tenants/:tenant/access-links/:id': { events: ['invitation.revoked'], async prepare(at) { return { path: (await at.link('tenant')).path }; } },
  'PUT /v1/tenants/:tenant/members/:userId': { events: ['member.set'], async prepare(at) { return { path: `${at.base}/members/${(await at.member()).id}`, body: { role: 'developer' } }; } },
  'DELETE /v1/tenants/:tenant/members/:userId': {
    events: ['member.removed'],
    async prepare(at) { return { path: `${at.base}/members/${(await at.member()).id}` }; },
  },

  'POST /v1/tenants/:tenant/access-tokens': {
    // The token and what it opens in one transaction; the schedules of what it connected in a second one.
    events: ['access_token.added', 'connection.made', 'schedules.defaulted'], second: { 'schedules.defaulted': ['schedule'] },
    async prepare(at) { return { path: `${at.base}/access-tokens`, body: { applicationId: at.vendor.applicationId, environment: 'sandbox', accessToken: at.newToken().accessToken } }; },
  },
  'POST /v1/tenants/:tenant/access-tokens/preview': {
    events: [],
    async prepare(at) { return { path: `${at.base}/access-tokens/preview`, body: { applicationId: at.vendor.applicationId, environment: 'sandbox', accessToken: at.newToken().accessToken } }; },
  },
  'POST /v1/tenants/:tenant/access-tokens/import': {
    events: ['access_tokens.import_started'],
    async prepare(at) { return { path: `${at.base}/access-tokens/import`, headers: csv, body: `access_token,environment,application,label\n${at.newToken().accessToken},sandbox,${at.vendor.applicationId},One\n` }; },
  },
  'POST /v1/tenants/:tenant/access-tokens/:id/verify': { events: ['access_token.verified'], async prepare(at) { return { path: `${(await at.token()).path}/verify` }; } },
  'POST /v1/tenants/:tenant/access-tokens/:id/rotate': {
    events: ['access_token.rotated'],
    async prepare(at) {
      const { path, enterprise } = await at.token();
      return { path: `${path}/rotate`, body: { accessToken: at.newToken([enterprise]).accessToken } };
    },
  },
  'POST /v1/tenants/:tenant/access-tokens/:id/disable': { events: ['access_token.disabled'], async prepare(at) { return { path: `${(await at.token()).path}/disable` }; } },
  'POST /v1/tenants/:tenant/access-tokens/:id/enable': {
    events: ['access_token.enabled'],
    async prepare(at) {
      const { path } = await at.token();
      await at.done('POST', `${path}/disable`);
      return { path: `${path}/enable` };
    },
  },
  'DELETE /v1/tenants/:tenant/access-tokens/:id': { events: ['connection.removed', 'access_token.revoked'], async prepare(at) { return { path: (await at.token()).path }; } },

  'PUT /v1/tenants/:tenant/enterprises/:enterpriseId/connection': {
    events: ['connection.made', 'schedules.defaulted'], second: { 'schedules.defaulted': ['schedule'] },
    async prepare(at) {
      const { accessToken, enterprises: [enterprise] } = at.newToken();
      const { id } = await at.made(at.tenant.add(accessToken, { connect: 'none' }));
      return { path: `${at.base}/enterprises/${enterprise}/connection`, body: { accessTokenId: id } };
    },
  },
  'DELETE /v1/tenants/:tenant/enterprises/:enterpriseId/connection': { events: ['connection.removed'], async prepare(at) { return { path: `${at.base}/enterprises/${(await at.token()).enterprise}/connection` }; } },
  'PUT /v1/tenants/:tenant/enterprises/:enterpriseId/schedules/:collection': {
    events: ['schedule.set'],
    async prepare(at) { return { path: `${at.base}/enterprises/${(await at.token()).enterprise}/schedules/services`, body: { every: 'PT2H' } }; },
  },

  'POST /v1/tenants/:tenant/syncs': { events: ['sync.requested'], async prepare(at) { return { path: `${at.base}/syncs`, body: { enterpriseIds: [(await at.token()).enterprise], collections: ['services'], mode: 'full' } }; } },
  'POST /v1/tenants/:tenant/runs/:id/cancel': { events: ['run.cancelled'], async prepare(at) { return { path: `${await at.run()}/cancel` }; } },
  'POST /v1/tenants/:tenant/runs/:id/pause': { events: ['run.paused'], async prepare(at) { return { path: `${await at.run()}/pause` }; } },
  'POST /v1/tenants/:tenant/runs/:id/resume': {
    events: ['run.resumed'],
    async prepare(at) {
      const path = await at.run();
      await at.done('POST', `${path}/pause`);
      return { path: `${path}/resume` };
    },
  },
  'POST /v1/tenants/:tenant/runs/:id/retry': { events: ['run.retried'], async prepare(at) { return { path: `${await at.run('failed')}/retry` }; } },
  'POST /v1/tenants/:tenant/runs/:id/confirm': { events: ['run.deletions_confirmed'], async prepare(at) { return { path: `${await at.run('needs_review')}/confirm` }; } },
};

/** What else a route does, by another body. */
export const otherWays: Record<string, Mutation> = {
  'POST /v1/access-links/redeem, a reset by the platform': {
    events: ['password_reset.used', 'user.changed'],
    async prepare(at) { return at.reset('/v1/access-links', (await at.user()).id); },
  },
  'POST /v1/access-links/redeem, a reset by the tenant': {
    // Only the event is the tenant's own transaction: the link is used up with the password.
    events: ['password_reset.used', 'user.changed'], second: { 'user.changed': ['app_user', 'session', 'access_link'] },
    async prepare(at) { return at.reset(`${at.base}/access-links`, await comeIn(at.vendor.api, at.tenant.id, { email: `${fresh('member')}@example.com` })); },
  },
};
