// The addresses of the API that the pages call, in the form that openapi-fetch reads.
import type * as T from './types';

type None = Record<never, never>;
interface Answers<Answer> {
  responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': Answer } }; default: { headers: Record<string, unknown>; content: { 'application/problem+json': unknown } } };
}
type Parameters<Path, Query> = keyof Path extends never ? { parameters: { query?: Query } } : { parameters: { query?: Query; path: Path } };
type Body<Content> = Content extends undefined ? { requestBody?: never } : { requestBody: { content: { 'application/json': Content } } };
type Read<Answer, Path = None, Query = None> = Answers<Answer> & Parameters<Path, Query> & { requestBody?: never };
type Write<Answer, Path = None, Content = undefined> = Answers<Answer> & Parameters<Path, None> & Body<Content>;
interface InTenant { tenant: string }
interface Paged { limit?: number; cursor?: string }
interface ById extends InTenant { id: string }
interface OfEnterprise extends InTenant { enterpriseId: string }
interface Accepted { operationId: string }

export interface ReachQuery extends Paged { accessTokenId?: string; enterpriseId?: string; asOf?: string; state?: 'current' | 'lost' | 'all' }
export interface RunsQuery extends Paged { enterpriseId?: string; collection?: string; state?: string }
export interface AuditQuery extends Paged { actor?: string; action?: string; from?: string; to?: string }

export interface paths {
  '/v1/session': { get: Read<T.Session>; post: Write<T.Session, None, { email: string; password: string }>; delete: Write<void> };
  '/v1/environments': { get: Read<T.Page<T.Environment>>; post: Write<T.Environment, None, { id: string; name: string; platformAddress: string; webSocketAddress?: string; requestLimit: { requests: number; seconds: number } }> };
  '/v1/applications': { get: Read<T.Page<T.Application>>; post: Write<T.Application, None, { name: string; version: string; clientTokens: { environment: string; clientToken: string }[] }> };
  '/v1/applications/{id}/client-tokens/{environment}': { put: Write<void, { id: string; environment: string }, { clientToken: string }> };
  '/v1/tenants': { get: Read<T.Page<T.Tenant>, None, Paged>; post: Write<T.Tenant, None, { slug: string; name: string }> };
  '/v1/tenants/{tenant}': { get: Read<T.Tenant, InTenant>; patch: Write<T.Tenant, InTenant, { name: string }>; delete: Write<Accepted, InTenant> };
  '/v1/collections': { get: Read<{ items: T.Collection[] }> };
  '/v1/reach': { get: Read<T.Page<T.ReachRow>, None, Paged & { enterpriseId?: string; accessTokenId?: string }> };
  '/v1/tenants/{tenant}/overview': { get: Read<T.Overview, InTenant> };
  '/v1/tenants/{tenant}/access-tokens': { get: Read<T.Page<T.AccessToken>, InTenant, Paged & { status?: T.TokenStatus }>; post: Write<T.AddedAccessToken, InTenant, T.NewAccessToken> };
  '/v1/tenants/{tenant}/access-tokens/preview': { post: Write<T.Preview, InTenant, { applicationId: string; environment: string; accessToken: string }> };
  '/v1/tenants/{tenant}/access-tokens/{id}': { get: Read<T.AccessToken, ById>; delete: Write<void, ById> };
  '/v1/tenants/{tenant}/access-tokens/{id}/verify': { post: Write<T.Verification, ById> };
  '/v1/tenants/{tenant}/access-tokens/{id}/rotate': { post: Write<T.AccessToken, ById, { accessToken: string }> };
  '/v1/tenants/{tenant}/access-tokens/{id}/disable': { post: Write<T.AccessToken, ById> };
  '/v1/tenants/{tenant}/access-tokens/{id}/enable': { post: Write<T.AccessToken, ById> };
  '/v1/tenants/{tenant}/enterprises': { get: Read<T.Page<T.Enterprise>, InTenant, Paged & { connected?: boolean; q?: string }> };
  '/v1/tenants/{tenant}/enterprises/{enterpriseId}': { get: Read<T.Enterprise, OfEnterprise> };
  '/v1/tenants/{tenant}/enterprises/{enterpriseId}/connection': { put: Write<unknown, OfEnterprise, { accessTokenId: string }>; delete: Write<void, OfEnterprise> };
  '/v1/tenants/{tenant}/enterprises/{enterpriseId}/schedules/{collection}': { put: Write<T.Schedule, OfEnterprise & { collection: string }, { every?: string; cron?: string; timeZone?: string; enabled: boolean }> };
  '/v1/tenants/{tenant}/reach': { get: Read<T.Page<T.ReachRow>, InTenant, ReachQuery> };
  '/v1/tenants/{tenant}/reach/events': { get: Read<T.Page<T.ReachEvent>, InTenant, Paged> };
  '/v1/tenants/{tenant}/schedules': { get: Read<T.Page<T.Schedule>, InTenant, Paged & { enterpriseId?: string; collection?: string }> };
  '/v1/tenants/{tenant}/syncs': { post: Write<{ operationId: string; runIds: string[] }, InTenant, { enterpriseIds?: string[]; collections?: string[]; mode: 'incremental' | 'full'; from?: string; to?: string }> };
  '/v1/tenants/{tenant}/runs': { get: Read<T.Page<T.Run>, InTenant, RunsQuery> };
  '/v1/tenants/{tenant}/runs/{id}': { get: Read<T.RunDetail, ById> };
  '/v1/tenants/{tenant}/runs/{id}/cancel': { post: Write<T.RunDetail, ById> };
  '/v1/tenants/{tenant}/runs/{id}/retry': { post: Write<T.RunDetail, ById> };
  '/v1/tenants/{tenant}/runs/{id}/confirm': { post: Write<T.RunDetail, ById> };
  '/v1/tenants/{tenant}/stats': { get: Read<T.Stats, InTenant> };
  '/v1/tenants/{tenant}/api-keys': { get: Read<T.Page<T.ApiKey>, InTenant, Paged>; post: Write<T.ApiKey & { key: string }, InTenant, { name: string; role: T.TenantRole; expiresAt?: string }> };
  '/v1/tenants/{tenant}/api-keys/{id}': { delete: Write<void, ById> };
  '/v1/tenants/{tenant}/audit': { get: Read<T.Page<T.AuditEvent>, InTenant, AuditQuery> };
}
