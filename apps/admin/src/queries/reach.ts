// Which AccessToken opens which enterprise, now and before; and the audit of it, of one tenant or of all.
import { useQuery } from '@tanstack/react-query';
import { answer, api } from '../api/client';
import type { DriftQuery, DriftRow, OverlapRow, OverlapsQuery, Page, ReachQuery, UnusedQuery, UnusedToken } from '../api/types';
import { useList, type List } from './list';

export type ReachFilter = ReachQuery;
/** Of one tenant, or of all, which may be narrowed to one. */
export type Scope = { tenant: string } | { within: string | undefined };
/** A row of a list across tenants names its tenant. */
export type OfTenant<Row> = Row & { tenant?: string };
export const isAll = (scope: Scope): scope is { within: string | undefined } => 'within' in scope;

export const useReach = (tenant: string, filter: ReachFilter) =>
  useList(['reach', tenant, filter], (cursor, signal) => answer(api.GET('/v1/tenants/{tenant}/reach', { params: { path: { tenant }, query: { ...filter, cursor, limit: 500 } }, signal })));

type Ask<Row> = (page: { cursor: string | undefined; limit: number }, signal: AbortSignal) => Promise<Page<OfTenant<Row>>>;
const useAudited = <Row>(view: string, scope: Scope, filter: object, ask: Ask<Row>): List<OfTenant<Row>> =>
  useList<OfTenant<Row>>(['reach', isAll(scope) ? { within: scope.within } : scope.tenant, view, filter], (cursor, signal) => ask({ cursor, limit: 100 }, signal));

export const useDrift = (scope: Scope, filter: DriftQuery) => useAudited<DriftRow>('drift', scope, filter, (page, signal) => (isAll(scope)
  ? answer(api.GET('/v1/platform/reach/drift', { params: { query: { ...filter, ...page, tenant: scope.within } }, signal }))
  : answer(api.GET('/v1/tenants/{tenant}/reach/drift', { params: { path: scope, query: { ...filter, ...page } }, signal }))));

export const useOverlaps = (scope: Scope, filter: OverlapsQuery) => useAudited<OverlapRow>('overlaps', scope, filter, (page, signal) => (isAll(scope)
  ? answer(api.GET('/v1/platform/reach/overlaps', { params: { query: { ...filter, ...page, tenant: scope.within } }, signal }))
  : answer(api.GET('/v1/tenants/{tenant}/reach/overlaps', { params: { path: scope, query: { ...filter, ...page } }, signal }))));

export const useUnused = (scope: Scope, filter: UnusedQuery) => useAudited<UnusedToken>('unused-tokens', scope, filter, (page, signal) => (isAll(scope)
  ? answer(api.GET('/v1/platform/reach/unused-tokens', { params: { query: { ...filter, ...page, tenant: scope.within } }, signal }))
  : answer(api.GET('/v1/tenants/{tenant}/reach/unused-tokens', { params: { path: scope, query: { ...filter, ...page } }, signal }))));

export const useBlastRadius = (tenant: string, id: string, asOf: string | undefined) => useQuery({
  queryKey: ['access-tokens', tenant, id, 'blast-radius', asOf],
  queryFn: ({ signal }) => answer(api.GET('/v1/tenants/{tenant}/access-tokens/{id}/blast-radius', { params: { path: { tenant, id }, query: { asOf } }, signal })),
});

export const useTokenUsers = (tenant: string, id: string) =>
  useList(['access-tokens', tenant, id, 'users'], (cursor, signal) => answer(api.GET('/v1/tenants/{tenant}/access-tokens/{id}/users', { params: { path: { tenant, id }, query: { cursor, limit: 200 } }, signal })));
