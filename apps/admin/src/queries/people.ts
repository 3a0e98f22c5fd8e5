// People: members of a tenant, users of the platform, and the links by which they come in.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, api } from '../api/client';
import type { AccessLink, CreatedAccessLink, Page, PlatformRole, TenantRole } from '../api/types';
import { useList } from './list';
import { sessionQuery } from './session';

export const useMembers = (tenant: string) =>
  useList(['members', tenant], (cursor, signal) => answer(api.GET('/v1/tenants/{tenant}/members', { params: { path: { tenant }, query: { cursor, limit: 200 } }, signal })));

function useMemberChange<Input>(tenant: string, change: (input: Input) => Promise<unknown>) {
  const cache = useQueryClient();
  return useMutation({ mutationFn: change, onSuccess: () => cache.invalidateQueries({ queryKey: ['members', tenant] }) });
}
export const useSetMember = (tenant: string) => useMemberChange(tenant, ({ userId, role }: { userId: string; role: TenantRole }) =>
  answer(api.PUT('/v1/tenants/{tenant}/members/{userId}', { params: { path: { tenant, userId } }, body: { role } })));
export const useRemoveMember = (tenant: string) => useMemberChange(tenant, (userId: string) =>
  answer(api.DELETE('/v1/tenants/{tenant}/members/{userId}', { params: { path: { tenant, userId } } })));

export const useUsers = () => useList(['users'], (cursor, signal) => answer(api.GET('/v1/users', { params: { query: { cursor, limit: 200 } }, signal })));

export function useChangeUser() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ userId, ...body }: { userId: string; platformRole?: PlatformRole | null; disabled?: boolean }) => answer(api.PATCH('/v1/users/{userId}', { params: { path: { userId } }, body })),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['users'] }),
  });
}

type NewLink<Role> = { kind: 'invitation'; email: string; role: Role } | { kind: 'password_reset'; userId: string };

/** The links of one tenant or of the platform. */
export interface Links<Role extends string> {
  key: readonly string[];
  list: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<AccessLink>>;
  create: (body: NewLink<Role>) => Promise<CreatedAccessLink>;
  revoke: (id: string) => Promise<unknown>;
}

export const tenantLinks = (tenant: string): Links<TenantRole> => ({
  key: ['access-links', tenant],
  list: (cursor, signal) => answer(api.GET('/v1/tenants/{tenant}/access-links', { params: { path: { tenant }, query: { cursor, limit: 100 } }, signal })),
  create: (body) => answer(api.POST('/v1/tenants/{tenant}/access-links', { params: { path: { tenant } }, body })),
  revoke: (id) => answer(api.DELETE('/v1/tenants/{tenant}/access-links/{id}', { params: { path: { tenant, id } } })),
});

export const platformLinks: Links<PlatformRole> = {
  key: ['access-links'],
  list: (cursor, signal) => answer(api.GET('/v1/access-links', { params: { query: { cursor, limit: 100 } }, signal })),
  create: (body) => answer(api.POST('/v1/access-links', { body })),
  revoke: (id) => answer(api.DELETE('/v1/access-links/{id}', { params: { path: { id } } })),
};

export const useLinks = <Role extends string>({ key, list }: Links<Role>) => useList(key, list);

export function useCreateLink<Role extends string>({ key, create }: Links<Role>) {
  const cache = useQueryClient();
  return useMutation({ mutationFn: create, gcTime: 0, onSuccess: () => cache.invalidateQueries({ queryKey: key }) });
}

export function useRevokeLink<Role extends string>({ key, revoke }: Links<Role>) {
  const cache = useQueryClient();
  return useMutation({ mutationFn: revoke, onSuccess: () => cache.invalidateQueries({ queryKey: key }) });
}

/** What a link is for; asked once, since each asking counts. */
export const useOpenedLink = (secret: string) => useQuery({
  queryKey: ['opened-link', secret], enabled: secret !== '', retry: false, staleTime: Infinity, gcTime: 0,
  queryFn: ({ signal }) => answer(api.POST('/v1/access-links/open', { body: { secret }, signal })),
});

export const useRedeem = () => useMutation({ mutationFn: (body: { secret: string; password: string; name?: string }) => answer(api.POST('/v1/access-links/redeem', { body })), gcTime: 0 });

/** Also asks anew which tenants the person can open. */
export function useJoin() {
  const cache = useQueryClient();
  return useMutation({ mutationFn: (body: { secret: string; current?: string; password?: string }) => answer(api.POST('/v1/access-links/join', { body })), gcTime: 0, onSuccess: () => cache.invalidateQueries({ queryKey: sessionQuery.queryKey }) });
}

/** Asks for the session anew, whose CSRF token is another one. */
export function useChangePassword() {
  const cache = useQueryClient();
  return useMutation({ mutationFn: (body: { current: string; password: string }) => answer(api.PUT('/v1/session/password', { body })), gcTime: 0, onSuccess: () => cache.invalidateQueries({ queryKey: sessionQuery.queryKey }) });
}
