// The rest of what a tenant has: overview, record counts, API keys, audit trail, which the platform has too.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, api } from '../api/client';
import type { AuditQuery, TenantRole } from '../api/types';
import { useList } from './list';

export const useOverview = (tenant: string) => useQuery({
  queryKey: ['overview', tenant],
  queryFn: ({ signal }) => answer(api.GET('/v1/tenants/{tenant}/overview', { params: { path: { tenant } }, signal })),
  refetchInterval: 30_000,
});

export const useStats = (tenant: string) => useQuery({
  queryKey: ['stats', tenant],
  queryFn: ({ signal }) => answer(api.GET('/v1/tenants/{tenant}/stats', { params: { path: { tenant } }, signal })),
});

export const useApiKeys = (tenant: string) =>
  useList(['api-keys', tenant], (cursor, signal) => answer(api.GET('/v1/tenants/{tenant}/api-keys', { params: { path: { tenant }, query: { cursor, limit: 100 } }, signal })));

export function useCreateApiKey(tenant: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: { name: string; role: TenantRole; expiresAt?: string }) => answer(api.POST('/v1/tenants/{tenant}/api-keys', { params: { path: { tenant } }, body })),
    gcTime: 0,
    onSuccess: () => cache.invalidateQueries({ queryKey: ['api-keys', tenant] }),
  });
}
export function useRevokeApiKey(tenant: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => answer(api.DELETE('/v1/tenants/{tenant}/api-keys/{id}', { params: { path: { tenant, id } } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['api-keys', tenant] }),
  });
}

/** Of one tenant, or of the platform. */
export const useAudit = (tenant: string | undefined, filter: AuditQuery) => useList(['audit', tenant, filter], (cursor, signal) => (tenant
  ? answer(api.GET('/v1/tenants/{tenant}/audit', { params: { path: { tenant }, query: { ...filter, cursor, limit: 100 } }, signal }))
  : answer(api.GET('/v1/audit', { params: { query: { ...filter, cursor, limit: 100 } }, signal }))));

/** All chains of the platform; asked for, since it reads every event. */
export const useVerifyAudit = () => useMutation({ mutationFn: () => answer(api.GET('/v1/audit/verify')), gcTime: 0 });
