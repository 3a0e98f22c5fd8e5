// Lists that come in pages by cursor, flattened for the tables.
import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Page } from '../api/types';

export interface List<Item> {
  items: Item[]; isPending: boolean; error: Error | null; refetch: () => unknown;
  hasMore: boolean; isLoadingMore: boolean; loadMore: () => unknown;
}

interface Options { enabled?: boolean; staleTime?: number; refetchInterval?: number }

/** @param key starts with the noun and the tenant, so that changes can name what they touch. */
export function useList<Item>(key: readonly unknown[], load: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<Item>>, options: Options = {}): List<Item> {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => load(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Page<Item>) => page.nextCursor ?? undefined,
    ...options,
  });
  const items = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  return {
    items, isPending: query.isPending, error: query.error, refetch: () => query.refetch(),
    hasMore: query.hasNextPage, isLoadingMore: query.isFetchingNextPage, loadMore: () => query.fetchNextPage(),
  };
}
