// The names under which the pages know the API's shapes; the shapes themselves are generated from the routes (schema.d.ts).
import type { components, paths } from './schema';

type Answers<Operation> = Operation extends { responses: infer Responses }
  ? { [Status in keyof Responses]: Status extends 200 | 201 | 202 ? (Responses[Status] extends { content: { 'application/json': infer Answer } } ? Answer : never) : never }[keyof Responses]
  : never;
type Got<Path extends keyof paths> = paths[Path] extends { get: infer Operation } ? Answers<Operation> : never;
type Posted<Path extends keyof paths> = paths[Path] extends { post: infer Operation } ? Answers<Operation> : never;
type Sent<Path extends keyof paths> = paths[Path] extends { post: { requestBody?: { content: { 'application/json': infer Body } } } } ? Body : never;
type Query<Path extends keyof paths> = paths[Path] extends { get: { parameters: { query?: infer Asked } } } ? Omit<NonNullable<Asked>, 'cursor' | 'limit'> : never;
type Item<List> = List extends { items: (infer One)[] } ? One : never;
type Schemas = components['schemas'];

export interface Page<One> { items: One[]; nextCursor: string | null }
type InTenant = '/v1/tenants/{tenant}';

export interface Upstream { status?: number | null; requestId?: string | null; message?: string | null }
/** The API's problem as a page reads it: nothing optional, whatever else it says under `data`. */
export interface Problem {
  code: string; title: string; status: number; detail: string; traceId: string | null;
  errors: { pointer: string; detail: string }[];
  upstream: Upstream | null;
  data: Record<string, unknown>;
}
/** What a run or a token keeps of the error that stopped it. */
export interface StoredError { code?: string; message?: string | null; requestId?: string | null; status?: number | null }

export type Session = Schemas['Session'];
export type Permission = NonNullable<Session['permissions'][keyof Session['permissions']]>[number];
export type Environment = Schemas['Environment'];
export type Application = Schemas['Application'];
export type Tenant = Schemas['Tenant'];
export type ApiKey = Schemas['ApiKey'];
export type TenantRole = ApiKey['role'];
export type Member = Schemas['Member'];
export type User = Schemas['User'];
export type PlatformRole = NonNullable<User['platformRole']>;
export type AccessLink = Schemas['AccessLink'];
export type CreatedAccessLink = Schemas['CreatedAccessLink'];
export type OpenedLink = Schemas['OpenedLink'];
export type AuditEvent = Schemas['AuditEvent'];
export type AuditQuery = Query<`${InTenant}/audit`>;

export type SyncPreview = Schemas['SyncPreview'];
export type SyncStarted = Schemas['SyncStarted'];
export type LongWork = Schemas['Operation'];

export type AccessToken = Item<Got<`${InTenant}/access-tokens`>>;
export type TokenKind = AccessToken['kind'];
export type TokenStatus = AccessToken['status'];
export type Preview = Posted<`${InTenant}/access-tokens/preview`>;
export type NewAccessToken = Sent<`${InTenant}/access-tokens`>;
export type AddedAccessToken = Posted<`${InTenant}/access-tokens`>;
export type Enterprise = Item<Got<`${InTenant}/enterprises`>>;
export type ReachRow = Item<Got<`${InTenant}/reach`>>;
export type PlatformReachRow = Item<Got<'/v1/platform/reach'>>;
export type ReachQuery = Query<`${InTenant}/reach`>;
type InAll = '/v1/platform';
export type DriftRow = Item<Got<`${InTenant}/reach/drift`>>;
export type OverlapRow = Item<Got<`${InTenant}/reach/overlaps`>>;
export type UnusedToken = Item<Got<`${InTenant}/reach/unused-tokens`>>;
export type DriftQuery = Query<`${InTenant}/reach/drift`>;
export type OverlapsQuery = Query<`${InTenant}/reach/overlaps`>;
export type UnusedQuery = Query<`${InTenant}/reach/unused-tokens`>;
export type AllReachQuery = Query<`${InAll}/reach`>;
export type BlastRadius = Schemas['BlastRadius'];
export type OpenedCollection = BlastRadius['collections'][number];
export type TokenUser = Schemas['TokenUser'];

export type Run = Schemas['Run'];
export type RunDetail = Schemas['RunDetail'];
export type RunState = Run['state'];
export type RunWindow = Schemas['RunWindow'];
export type RunsQuery = Query<`${InTenant}/runs`>;
export type Schedule = Schemas['Schedule'];
export type Freshness = Schemas['Freshness'];
export type StatRow = Schemas['Stats']['items'][number];
export type Overview = Schemas['Overview'];
