// Who is signed in, and to which tenants.
import { queryOptions, useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { answer, api, rememberSession } from '../api/client';
import type { Session } from '../api/types';

const kept = (session: Session): Session => { rememberSession(session); return session; };

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }) => kept(await answer(api.GET('/v1/session', { signal }))),
  staleTime: 5 * 60_000,
  retry: false,
});
export const useSession = (): Session => useSuspenseQuery(sessionQuery).data;

/** How people can sign in, beside the password. */
export const useSignInMethods = () => useQuery({ queryKey: ['sign-in-methods'], queryFn: ({ signal }) => answer(api.GET('/v1/session/methods', { signal })), staleTime: Infinity, retry: false });

export function useSignIn() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (body: { email: string; password: string }) => kept(await answer(api.POST('/v1/session', { body }))),
    onSuccess: (session) => { cache.clear(); cache.setQueryData(sessionQuery.queryKey, session); },
  });
}

export function useSignOut() {
  const cache = useQueryClient();
  return useMutation({ mutationFn: () => answer(api.DELETE('/v1/session')), onSuccess: () => cache.clear() });
}
