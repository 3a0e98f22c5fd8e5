// Lets a request through when its caller may do what the route requires. A route without a declaration is refused.
import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { timingSafeEqual } from 'node:crypto';
import { Audit, type AuditEvent } from '@keyrack/audit';
import { allows, Auth, Denials, type Caller, type Permission, type RefusedKey, type Visit } from '@keyrack/auth';
import { AppError, Database, networkOf, Secret, type Actor, type TenantActor, type TenantId } from '@keyrack/core';
import { RequestLimits } from '@keyrack/limits';
import { Tenants, type Tenant } from '@keyrack/tenants';
import { beyond, countDenial, countRequest } from './rate-limit.js';
import { ATTEMPT, PERMISSION, PUBLIC } from './route.js';
import { sessionToken } from './session-cookie.js';

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];
/** What may still be done with a tenant that is being deleted. */
const WHILE_DELETING: readonly Permission[] = ['tenant:read', 'tenant:delete'];

interface Asked { permission: Permission; route: string; /** The address. */ from: string; reply: FastifyReply }
/** What a denial is to its caller, and to the trail. */
interface Denial { trail: TenantId | 'platform'; tenantId?: TenantId | null; reason?: 'csrf' | 'taken away meanwhile'; error: AppError }

@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector, @Inject(Auth) private readonly auth: Auth, @Inject(Tenants) private readonly tenants: Tenants,
    @Inject(Database) private readonly db: Database, @Inject(Audit) private readonly audit: Audit, @Inject(RequestLimits) private readonly limits: RequestLimits,
    @Inject(Denials) private readonly denials: Denials,
  ) {}

  async canActivate(context: ExecutionContext): Promise<true> {
    const route = context.getHandler(), http = context.switchToHttp(), reply = http.getResponse<FastifyReply>();
    const request = http.getRequest<FastifyRequest<{ Params: { tenant?: string } }>>();
    if (this.reflector.get<boolean | undefined>(ATTEMPT, route)) await countRequest(this.limits, 'attempt', networkOf(request.ip), reply);
    if (this.reflector.get<boolean | undefined>(PUBLIC, route)) return true;
    const permission = this.reflector.get<Permission | undefined>(PERMISSION, route);
    if (!permission) throw new Error('a route without @Requires or @Public was reached');
    const asked = { permission, route: `${request.method} ${request.routeOptions.url}`, from: request.ip, reply };
    const caller = request.caller = await this.#authenticate(request, 'request');
    await countRequest(this.limits, 'caller', `${caller.actor.kind} ${caller.actor.id}`, reply);
    await this.#refuseForged(caller, asked, request);
    const slugOrId = request.params.tenant;
    request.me = slugOrId === undefined ? await this.#onPlatform(caller, asked) : await this.#inTenant(caller, asked, slugOrId);
    request.isStillAllowed = () => this.#isStillAllowed(request, asked);
    request.stillMay = () => this.#refuseWhatWasTakenAway(request, asked);
    return true;
  }

  /** Lets the body of a request be read. That can take two minutes: whose it is counts when it is there. @throws AppError `auth.required` */
  async admit(request: FastifyRequest): Promise<void> { await this.#authenticate(request, 'request'); }

  /** As if the request came now; but nothing is counted or written, and it keeps no session alive. */
  async #isStillAllowed(request: FastifyRequest, { permission }: Asked): Promise<boolean> {
    const { me } = request, may = has(permission, await this.#authenticate(request, 'watch'), me);
    if (!may || !me || !('tenantId' in me)) return may;
    return !isClosed(await this.tenants.resolve(me.tenantId), permission);
  }

  /**
   * Whether the tenant is still there is looked at in the transaction that changes it.
   * @throws AppError `auth.required`, `auth.forbidden`; each is written down, as if the request came now
   */
  async #refuseWhatWasTakenAway(request: FastifyRequest, asked: Asked): Promise<void> {
    const { me } = request, caller = await this.#authenticate(request, 'request');
    if (!me) throw new Error('the guard has not seen this request');
    if (!has(asked.permission, caller, me)) await this.#deny(me, asked, { trail: 'tenantId' in me ? me.tenantId : 'platform', reason: 'taken away meanwhile', error: forbidden(asked.permission) });
  }

  /** @throws AppError `auth.required` */
  async #authenticate(request: FastifyRequest, visit: Visit): Promise<Caller> {
    const { authorization } = request.headers;
    if (authorization !== undefined) {
      const [, key] = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(authorization) ?? [];
      const caller = key === undefined ? null : await this.auth.byApiKey(new Secret(key), visit);
      if (caller && !('refused' in caller)) return caller;
      if (visit === 'request') {
        if (caller) await this.#tellRefused(caller.refused, request.ip);
        else this.denials.count(key === undefined ? 'malformed key' : 'unknown key', request.ip);
      }
      throw new AppError('auth.required', { detail: 'The API key is unknown, expired or revoked. Send it as: Authorization: Bearer <key>' });
    }
    const token = sessionToken(request);
    const caller = token && await this.auth.bySession(token, visit);
    if (caller) return caller;
    if (visit === 'request') this.denials.count(token ? 'unknown session' : 'nothing sent', request.ip);
    throw new AppError('auth.required');
  }

  /** Somebody goes on with a key that was taken away: once an hour for each, and counted after that. */
  async #tellRefused({ actor, reason, tenantId }: RefusedKey, address: string): Promise<void> {
    if ((await this.limits.count('refused_key', actor.id)).over) this.denials.count('refused key', address);
    else await this.#record(tenantId ?? 'platform', actor, { action: 'api_key.refused', apiKeyId: actor.id, reason, address });
  }

  /** A cookie is sent by the browser whoever wrote the page; what only our own page knows must come with it. */
  async #refuseForged({ actor, csrfToken }: Caller, asked: Asked, request: FastifyRequest): Promise<void> {
    if (csrfToken === undefined || SAFE_METHODS.includes(request.method) || sameText(request.headers['x-keyrack-csrf'], csrfToken)) return;
    const error = new AppError('auth.csrf', { detail: 'Send the csrfToken of GET /v1/session as the header X-Keyrack-CSRF' });
    return this.#deny(actor, asked, { trail: 'platform', reason: 'csrf', error });
  }

  async #onPlatform({ actor, tenants }: Caller, asked: Asked): Promise<Actor> {
    if (allows(asked.permission, actor.platformRole, ...tenants.values())) return actor;
    return this.#deny(actor, asked, { trail: 'platform', error: forbidden(asked.permission) });
  }

  async #inTenant({ actor, tenants }: Caller, asked: Asked, slugOrId: string): Promise<TenantActor> {
    const tenant = await this.tenants.find(slugOrId);
    const tenantRole = tenant && tenants.get(tenant.id), notFound = new AppError('tenant.not_found');
    if (!tenant && actor.platformRole) throw notFound;
    // The same answer, limit and work as for a tenant that does not exist: whether it does is not theirs to know, nor that somebody tried, and its time would tell.
    if (!tenant || (!actor.platformRole && !tenantRole)) return this.#deny(actor, asked, { trail: 'platform', tenantId: tenant?.id ?? null, error: notFound });
    await countRequest(this.limits, 'tenant', tenant.id, asked.reply);
    if (!allows(asked.permission, actor.platformRole, tenantRole)) return this.#deny(actor, asked, { trail: tenant.id, error: forbidden(asked.permission) });
    if (isClosed(tenant, asked.permission)) throw new AppError('tenant.deleting');
    return { ...actor, ...(tenantRole && { tenantRole }), tenantId: tenant.id };
  }

  /** Writes the denial down. Beyond the limit only once that there are more: each takes the lock of a chain, for which sign-ins and changes of others wait. */
  async #deny(actor: Actor, { permission, route, from, reply }: Asked, { trail, error, ...rest }: Denial): Promise<never> {
    const caller = `${actor.kind} ${actor.id}`, address = `address ${networkOf(from)}`;
    const over = await countDenial(this.limits, [caller, address], reply);
    if (!over) {
      await this.#record(trail, actor, { action: 'access.denied', permission, route, ...rest });
      throw error;
    }
    if (over.firstOver) await this.#record(trail, actor, { action: 'denials.throttled', of: over.subject === caller ? 'caller' : 'address', address: from });
    throw beyond(over);
  }

  async #record(trail: Denial['trail'], actor: Actor, event: AuditEvent): Promise<void> {
    if (trail === 'platform') await this.db.onPlatform('record a denial', (tx) => this.audit.record(tx, actor, event));
    else await this.db.inTenant(trail, (tx) => this.audit.record(tx, actor, event));
  }
}

const has = (permission: Permission, { actor, tenants }: Caller, me: Actor | TenantActor | undefined): boolean =>
  allows(permission, actor.platformRole, ...(me && 'tenantId' in me ? [tenants.get(me.tenantId)] : tenants.values()));

const isClosed = ({ state }: Tenant, permission: Permission): boolean => state === 'deleting' && !WHILE_DELETING.includes(permission);

const forbidden = (permission: Permission): AppError => new AppError('auth.forbidden', { detail: `Your role does not allow this: it lacks the permission ${permission}` });

function sameText(given: string | string[] | undefined, wanted: string): boolean {
  if (typeof given !== 'string') return false;
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
