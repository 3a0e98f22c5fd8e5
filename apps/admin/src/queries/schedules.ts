// Schedules and the freshness that follows from them.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { answer, api } from '../api/client';
import { useList } from './list';

export const useSchedules = (tenant: string, filter: { enterpriseId?: string; collection?: string }) =>
  useList(['schedules', tenant, filter], (cursor, signal) => answer(api.GET('/v1/tenants/{tenant}/schedules', { params: { path: { tenant }, query: { ...filter, cursor, limit: 200 } }, signal })), { staleTime: 30_000, refetchInterval: 60_000 });

export interface ScheduleChange { enterpriseId: string; collection: string; every?: string; cron?: string; timeZone?: string; enabled: boolean }

export function useSetSchedule(tenant: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ enterpriseId, collection, ...body }: ScheduleChange) =>
      answer(api.PUT('/v1/tenants/{tenant}/enterprises/{enterpriseId}/schedules/{collection}', { params: { path: { tenant, enterpriseId, collection } }, body })),
    onSettled: () => cache.invalidateQueries({ queryKey: ['schedules', tenant] }),
  });
}
