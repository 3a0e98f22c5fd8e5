// AccessTokens of one tenant. Mutations that carry a token's text leave the cache at once (gcTime 0).
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, api } from '../api/client';
import type { NewAccessToken } from '../api/types';
import { useList } from './list';

export const useAccessTokens = (tenant: string, options: { enabled?: boolean } = {}) =>
  useList(['access-tokens', tenant], (cursor, signal) => answer(api.GET('/v1/tenants/{tenant}/access-tokens', { params: { path: { tenant }, query: { cursor, limit: 200 } }, signal })), options);

export const useAccessToken = (tenant: string, id: string) => useQuery({
  queryKey: ['access-tokens', tenant, id],
  queryFn: ({ signal }) => answer(api.GET('/v1/tenants/{tenant}/access-tokens/{id}', { params: { path: { tenant, id } }, signal })),
});

/** Whatever a token does touches these. */
const touched = ['access-tokens', 'enterprises', 'enterprise', 'reach', 'reach-events', 'overview', 'schedules', 'runs', 'audit'];

function useChange<Input, Answer>(tenant: string, change: (input: Input) => Promise<Answer>) {
  const cache = useQueryClient();
  return useMutation({ mutationFn: change, gcTime: 0, onSettled: () => { for (const key of touched) void cache.invalidateQueries({ queryKey: [key, tenant] }); } });
}

export const usePreviewToken = (tenant: string) => useMutation({
  mutationFn: (body: { applicationId: string; environment: string; accessToken: string }) =>
    answer(api.POST('/v1/tenants/{tenant}/access-tokens/preview', { params: { path: { tenant } }, body })),
  gcTime: 0,
});
export const useAddToken = (tenant: string) => useChange(tenant, (body: NewAccessToken) => answer(api.POST('/v1/tenants/{tenant}/access-tokens', { params: { path: { tenant } }, body })));
/** A file of tokens, sent as it is. */
export const useImportTokens = (tenant: string) => useChange(tenant, ({ csv, dryRun }: { csv: string; dryRun: 'true' | 'false' }) => answer(api.POST('/v1/tenants/{tenant}/access-tokens/import', {
  params: { path: { tenant }, query: { dryRun } }, body: csv, bodySerializer: (text) => text, headers: { 'Content-Type': 'text/csv' },
})));
export const useVerifyToken = (tenant: string) => useChange(tenant, (id: string) => answer(api.POST('/v1/tenants/{tenant}/access-tokens/{id}/verify', { params: { path: { tenant, id } } })));
export const useDisableToken = (tenant: string) => useChange(tenant, (id: string) => answer(api.POST('/v1/tenants/{tenant}/access-tokens/{id}/disable', { params: { path: { tenant, id } } })));
export const useEnableToken = (tenant: string) => useChange(tenant, (id: string) => answer(api.POST('/v1/tenants/{tenant}/access-tokens/{id}/enable', { params: { path: { tenant, id } } })));
export const useRevokeToken = (tenant: string) => useChange(tenant, (id: string) => answer(api.DELETE('/v1/tenants/{tenant}/access-tokens/{id}', { params: { path: { tenant, id } } })));
export const useRotateToken = (tenant: string) => useChange(tenant, ({ id, accessToken }: { id: string; accessToken: string }) =>
  answer(api.POST('/v1/tenants/{tenant}/access-tokens/{id}/rotate', { params: { path: { tenant, id } }, body: { accessToken } })));
