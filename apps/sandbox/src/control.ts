// The control path /sandbox/...: tokens, faults and the world's levers for whoever runs the sandbox. Loopback only.
import type { IncomingMessage } from 'node:http';
import { isFault, type Faults } from './faults.js';
import type { RateLimit } from './rate-limit.js';
import { isObject, isRecord, type MewsRecord } from './record.js';
import type { RequestLog } from './request-log.js';
import type { World } from './world.js';

export interface Controlled { world: World; faults: Faults; log: RequestLog; limit: RateLimit }
export interface TokenInfo { label: string; clientToken: string; accessToken: string; kind: 'enterprise' | 'portfolio'; /** Whether the operations that Mews grants one by one are granted. */ restricted: boolean; enterprises: { id: string; name: string; chainId: string; timeZone: string }[] }

/** Not for other machines, nor for a page in the user's browser that got here by a name of its own. */
export function mayControl(request: IncomingMessage): boolean {
  const from = request.socket.remoteAddress ?? '';
  const host = (request.headers.host ?? '').replace(/:\d+$/, '');
  return (from === '127.0.0.1' || from === '::1' || from === '::ffff:127.0.0.1') && ['127.0.0.1', 'localhost', '[::1]'].includes(host) && request.headers.origin === undefined;
}

export function tokenInfos(world: World): TokenInfo[] {
  return world.tokens.filter((token) => !token.revoked).map(({ label, clientToken, accessToken, kind, restricted, enterprises }) => ({
    label, clientToken, accessToken, kind, restricted,
    enterprises: [...enterprises.keys()].map((id) => { const { plan, chain } = world.enterprise(id); return { id, name: plan.name, chainId: chain.id, timeZone: plan.timeZone }; }),
  }));
}

/** Answers a control request; undefined is 404. A RangeError tells what was wrong with it. */
export function control(at: Controlled, method: string, path: string, body: unknown): unknown {
  const sent = isObject(body) ? body : {};
  switch (`${method} ${path}`) {
    case 'GET /sandbox/tokens': return tokenInfos(at.world);
    case 'GET /sandbox/log': return at.world.tokens.map(({ label, accessToken }) => ({ label, requests: at.log.count(accessToken), throttled: at.log.throttles(accessToken) }));
    case 'GET /sandbox/faults': return at.faults.list();
    case 'POST /sandbox/faults': return (Array.isArray(body) ? body : [body]).map((fault: unknown) => {
      if (!isFault(fault)) throw new RangeError('not a fault');
      return at.faults.add(fault);
    });
    case 'DELETE /sandbox/faults': at.faults.clear(); return [];
    case 'POST /sandbox/limit': {
      const { requests, windowMs, retryAfter } = at.limit.options;
      at.limit.options = { requests: Number(sent['requests'] ?? requests), windowMs: Number(sent['windowMs'] ?? windowMs), retryAfter: (sent['retryAfter'] ?? retryAfter) === true };
      return at.limit.options;
    }
    case 'POST /sandbox/tick': {
      for (let i = Number(sent['count'] ?? 1); i > 0; i--) at.world.tick();
      return {};
    }
    case 'POST /sandbox/world': return pull(at.world, sent);
    default: return undefined;
  }
}

/** {do: 'revoke' | 'restore' | 'permit' | 'link' | 'unlink' | 'create' | 'update' | 'deactivate' | 'vanish' | 'addRecords', ...}: the methods of World by name. */
function pull(world: World, sent: { [property: string]: unknown }): unknown {
  const text = (name: string): string => {
    const value = sent[name];
    if (typeof value !== 'string') throw new RangeError(`${name} is missing`);
    return value;
  };
  const fields = (): MewsRecord => (isRecord(sent['fields']) ? sent['fields'] : {});
  switch (sent['do']) {
    case 'revoke': world.revokeToken(text('accessToken')); return {};
    case 'restore': world.restoreToken(text('accessToken')); return {};
    case 'permit': world.permit(text('accessToken'), sent['restricted'] === true); return {};
    case 'link': world.link(text('accessToken'), text('enterpriseId')); return {};
    case 'unlink': world.unlink(text('accessToken'), text('enterpriseId')); return {};
    case 'create': return world.create(text('collection'), text('owner'), fields());
    case 'update': return world.update(text('collection'), text('id'), fields());
    case 'deactivate': return world.deactivate(text('collection'), text('id'));
    case 'vanish': world.vanish(text('collection'), text('id')); return {};
    case 'addRecords': world.addRecords(text('collection'), text('owner'), Number(sent['count'] ?? 1)); return {};
    case 'addEnterprise': { const added = world.addEnterprise(typeof sent['chainId'] === 'string' ? { chainId: sent['chainId'] } : {}); return { id: added.id, name: added.plan.name, chainId: added.chain.id }; }
    default: throw new RangeError('unknown do');
  }
}
