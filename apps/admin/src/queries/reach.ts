// Which AccessToken opens which enterprise, now and before.
import { answer, api } from '../api/client';
import type { ReachQuery } from '../api/types';
import { useList } from './list';

export type ReachFilter = ReachQuery;

export const useReach = (tenant: string, filter: ReachFilter) =>
  useList(['reach', tenant, filter], (cursor, signal) => answer(api.GET('/v1/tenants/{tenant}/reach', { params: { path: { tenant }, query: { ...filter, cursor, limit: 500 } }, signal })));

export const useReachEvents = (tenant: string) =>
  useList(['reach-events', tenant], (cursor, signal) => answer(api.GET('/v1/tenants/{tenant}/reach/events', { params: { path: { tenant }, query: { cursor, limit: 100 } }, signal })));
