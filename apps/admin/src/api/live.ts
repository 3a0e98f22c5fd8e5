// Live changes of runs by server-sent events: patches what the cache holds and tells whether the line is up.
import { useQueryClient, type InfiniteData, type QueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useState } from 'react';
import type { Page, Run, RunDetail } from './types';

export type LiveState = 'connecting' | 'live' | 'reconnecting';
export const LiveContext = createContext<LiveState>('connecting');
export const useLiveState = (): LiveState => useContext(LiveContext);

type RunPages = InfiniteData<Page<Run>>;

function patch(cache: QueryClient, tenant: string, changed: Run[]): boolean {
  const byId = new Map(changed.map((run) => [run.id, run]));
  const known = new Set<string>();
  cache.setQueriesData<RunPages>({ queryKey: ['runs', tenant] }, (data) => data && {
    ...data,
    pages: data.pages.map((page) => ({ ...page, items: page.items.map((run) => {
      const now = byId.get(run.id);
      if (now) known.add(run.id);
      return now ? { ...run, ...now } : run;
    }) })),
  });
  for (const run of changed) cache.setQueryData<RunDetail>(['run', tenant, run.id], (old) => old && { ...old, ...run });
  return changed.some((run) => !known.has(run.id) || run.finishedAt !== null);
}

/** Opens the line for one tenant. EventSource reconnects by itself; after a gap everything shown is asked for again. */
export function useLiveRuns(tenant: string): LiveState {
  const cache = useQueryClient();
  const [state, setState] = useState<LiveState>('connecting');
  useEffect(() => {
    let stale: ReturnType<typeof setTimeout> | undefined, retry: ReturnType<typeof setTimeout> | undefined;
    let source: EventSource;
    let closed = false, dropped = false;
    // New and finished runs change the order and the counts of lists; asking once a few seconds keeps a busy tenant cheap.
    const refresh = () => {
      stale ??= setTimeout(() => {
        stale = undefined;
        for (const key of ['runs', 'run', 'overview', 'schedules', 'stats', 'enterprises', 'enterprise']) void cache.invalidateQueries({ queryKey: [key, tenant] });
      }, 3_000);
    };
    const open = () => {
      source = new EventSource(`/v1/tenants/${encodeURIComponent(tenant)}/events`);
      source.onopen = () => { setState('live'); if (dropped) refresh(); dropped = false; };
      source.onerror = () => {
        dropped = true;
        setState('reconnecting');
        // The browser gives up on an answer that is not an event stream, for example during a restart, or when the session has ended: then nothing may stay in sight.
        if (source.readyState !== EventSource.CLOSED || closed) return;
        retry = setTimeout(open, 3_000);
        void cache.invalidateQueries({ queryKey: ['session'] });
      };
      source.addEventListener('runs', (event) => {
        const { runs } = JSON.parse(event.data) as { runs: Run[] };
        if (patch(cache, tenant, runs)) refresh();
      });
    };
    setState('connecting');
    open();
    return () => { closed = true; clearTimeout(stale); clearTimeout(retry); source.close(); };
  }, [cache, tenant]);
  return state;
}
