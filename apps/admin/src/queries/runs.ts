// Runs: lists that live events patch, one run with its windows, and what can be done to them.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, api } from '../api/client';
import type { RunsQuery, SyncPreview, SyncStarted } from '../api/types';
import { useList } from './list';

export type RunFilter = RunsQuery;

export const useRuns = (tenant: string, filter: RunFilter, limit = 100) =>
  useList(['runs', tenant, filter, limit], (cursor, signal) => answer(api.GET('/v1/tenants/{tenant}/runs', { params: { path: { tenant }, query: { ...filter, cursor, limit } }, signal })));

export const useRun = (tenant: string, id: string) => useQuery({
  queryKey: ['run', tenant, id],
  queryFn: ({ signal }) => answer(api.GET('/v1/tenants/{tenant}/runs/{id}', { params: { path: { tenant, id } }, signal })),
  // Live events tell of the run, not of each of its windows.
  refetchInterval: ({ state }) => (state.data && state.data.finishedAt === null ? 4_000 : false),
});

function useRunChange<Input, Answer>(tenant: string, change: (input: Input) => Promise<Answer>) {
  const cache = useQueryClient();
  return useMutation({ mutationFn: change, onSettled: () => {
    for (const key of ['runs', 'run', 'overview', 'schedules']) void cache.invalidateQueries({ queryKey: [key, tenant] });
  } });
}
export const useCancelRun = (tenant: string) => useRunChange(tenant, (id: string) => answer(api.POST('/v1/tenants/{tenant}/runs/{id}/cancel', { params: { path: { tenant, id } } })));
export const usePauseRun = (tenant: string) => useRunChange(tenant, (id: string) => answer(api.POST('/v1/tenants/{tenant}/runs/{id}/pause', { params: { path: { tenant, id } } })));
export const useResumeRun = (tenant: string) => useRunChange(tenant, (id: string) => answer(api.POST('/v1/tenants/{tenant}/runs/{id}/resume', { params: { path: { tenant, id } } })));
export const useRetryRun = (tenant: string) => useRunChange(tenant, (id: string) => answer(api.POST('/v1/tenants/{tenant}/runs/{id}/retry', { params: { path: { tenant, id } } })));

export const useConfirmDeletions = (tenant: string) => useRunChange(tenant, (id: string) => answer(api.POST('/v1/tenants/{tenant}/runs/{id}/confirm', { params: { path: { tenant, id } } })));

export interface NewSync { enterpriseIds?: string[]; collections?: string[]; mode: 'incremental' | 'full'; from?: string; to?: string }
/** One address answers both: what was started, or with `dryRun` what would be. */
const syncs = (tenant: string, body: NewSync, dryRun: 'true' | 'false') => answer(api.POST('/v1/tenants/{tenant}/syncs', { params: { path: { tenant }, query: { dryRun } }, body }));

export const useSync = (tenant: string) => useRunChange(tenant, async (body: NewSync): Promise<SyncStarted> => {
  const started = await syncs(tenant, body, 'false');
  if (!('runIds' in started)) throw new Error('the answer says what would be started, although it was to be');
  return started;
});

export const usePreview = (tenant: string) => useMutation({ mutationFn: async (body: NewSync): Promise<SyncPreview> => {
  const preview = await syncs(tenant, body, 'true');
  if (!('notStarted' in preview)) throw new Error('the answer says what was started, although nothing was to be');
  return preview;
} });

/** Asks again until it is over. */
export const useOperation = (id: string | null) => useQuery({
  queryKey: ['operation', id], enabled: id !== null,
  queryFn: ({ signal }) => answer(api.GET('/v1/operations/{id}', { params: { path: { id: id ?? '' } }, signal })),
  refetchInterval: ({ state }) => (state.data && state.data.state !== 'running' ? false : 1_000),
});
