// Enterprises of one tenant and which AccessToken serves each.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, api } from '../api/client';
import { useList } from './list';

export interface EnterpriseFilter { q?: string; connected?: boolean }

export const useEnterprises = (tenant: string, { q, connected }: EnterpriseFilter = {}, options: { enabled?: boolean } = {}) =>
  useList(['enterprises', tenant, { q, connected }], (cursor, signal) => answer(api.GET('/v1/tenants/{tenant}/enterprises', { params: { path: { tenant }, query: { q, ...(connected === undefined ? {} : { connected: connected ? 'true' : 'false' }), cursor, limit: 200 } }, signal })), options);

export const useEnterprise = (tenant: string, enterpriseId: string) => useQuery({
  queryKey: ['enterprise', tenant, enterpriseId],
  queryFn: ({ signal }) => answer(api.GET('/v1/tenants/{tenant}/enterprises/{enterpriseId}', { params: { path: { tenant, enterpriseId } }, signal })),
});

function useConnectionChange<Input>(tenant: string, change: (input: Input) => Promise<unknown>) {
  const cache = useQueryClient();
  return useMutation({ mutationFn: change, onSettled: () => {
    for (const key of ['enterprises', 'enterprise', 'access-tokens', 'reach', 'schedules', 'overview']) void cache.invalidateQueries({ queryKey: [key, tenant] });
  } });
}
export const useConnect = (tenant: string) => useConnectionChange(tenant, ({ enterpriseId, accessTokenId }: { enterpriseId: string; accessTokenId: string }) =>
  answer(api.PUT('/v1/tenants/{tenant}/enterprises/{enterpriseId}/connection', { params: { path: { tenant, enterpriseId } }, body: { accessTokenId } })));
export const useDisconnect = (tenant: string) => useConnectionChange(tenant, (enterpriseId: string) =>
  answer(api.DELETE('/v1/tenants/{tenant}/enterprises/{enterpriseId}/connection', { params: { path: { tenant, enterpriseId } } })));
