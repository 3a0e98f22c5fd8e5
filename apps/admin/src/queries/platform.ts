// What belongs to the platform: environments, applications, tenants, the table of collections.
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, api } from '../api/client';
import type { AllReachQuery } from '../api/types';
import { sessionQuery } from './session';
import { useList } from './list';

export const environmentsQuery = queryOptions({ queryKey: ['environments'], queryFn: ({ signal }) => answer(api.GET('/v1/environments', { params: { query: { limit: 500 } }, signal })), staleTime: 60_000 });
export const applicationsQuery = queryOptions({ queryKey: ['applications'], queryFn: ({ signal }) => answer(api.GET('/v1/applications', { params: { query: { limit: 500 } }, signal })), staleTime: 60_000 });
export const collectionsQuery = queryOptions({ queryKey: ['collections'], queryFn: ({ signal }) => answer(api.GET('/v1/collections', { signal })), staleTime: Infinity });
export const useEnvironments = () => useQuery(environmentsQuery);
export const useApplications = () => useQuery(applicationsQuery);
export const useCollections = () => useQuery(collectionsQuery);
export const useTenants = () => useList(['tenants'], (cursor, signal) => answer(api.GET('/v1/tenants', { params: { query: { cursor, limit: 200 } }, signal })));
export const usePlatformReach = (filter: AllReachQuery) =>
  useList(['platform-reach', filter], (cursor, signal) => answer(api.GET('/v1/platform/reach', { params: { query: { ...filter, cursor, limit: 200 } }, signal })));

type EnvironmentBody = { id: string; name: string; platformAddress: string; webSocketAddress?: string; requestLimit: { requests: number; seconds: number } };
type ApplicationBody = { name: string; version: string; clientTokens: { environment: string; clientToken: string }[] };

export function useCreateEnvironment() {
  const cache = useQueryClient();
  return useMutation({ mutationFn: (body: EnvironmentBody) => answer(api.POST('/v1/environments', { body })), onSuccess: () => cache.invalidateQueries({ queryKey: ['environments'] }) });
}
export function useCreateApplication() {
  const cache = useQueryClient();
  return useMutation({ mutationFn: (body: ApplicationBody) => answer(api.POST('/v1/applications', { body })), onSuccess: () => cache.invalidateQueries({ queryKey: ['applications'] }), gcTime: 0 });
}
export function useSetClientToken() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ id, environment, clientToken }: { id: string; environment: string; clientToken: string }) =>
      answer(api.PUT('/v1/applications/{id}/client-tokens/{environment}', { params: { path: { id, environment } }, body: { clientToken } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['applications'] }), gcTime: 0,
  });
}

function useTenantChange<Input>(change: (input: Input) => Promise<unknown>) {
  const cache = useQueryClient();
  return useMutation({ mutationFn: change, onSuccess: async () => {
    await Promise.all([cache.invalidateQueries({ queryKey: ['tenants'] }), cache.invalidateQueries({ queryKey: sessionQuery.queryKey })]);
  } });
}
export const useCreateTenant = () => useTenantChange((body: { slug: string; name: string }) => answer(api.POST('/v1/tenants', { body })));
export const useRenameTenant = () => useTenantChange(({ tenant, name }: { tenant: string; name: string }) => answer(api.PATCH('/v1/tenants/{tenant}', { params: { path: { tenant } }, body: { name } })));
export const useDeleteTenant = () => useTenantChange((tenant: string) => answer(api.DELETE('/v1/tenants/{tenant}', { params: { path: { tenant } } })));
