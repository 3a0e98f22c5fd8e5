// What the signed-in person may do, for buttons and menus: what would be refused is not offered. The API decides all the same.
import { useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Permission } from '../api/types';
import { useSession } from '../queries/session';

/** By the roles that count in the tenant, that of the page unless told; on pages of the platform, by any that the person has. */
export function useMay(of?: string): (permission: Permission) => boolean {
  const { user, tenants, permissions } = useSession();
  const { tenant = of } = useParams({ strict: false });
  const here = tenants.filter(({ slug, id }) => tenant === undefined || slug === tenant || id === tenant);
  const held = [user.platformRole, ...here.map(({ role }) => role)];
  return (permission) => held.some((role) => role !== null && permissions[role]?.includes(permission));
}

/** Its children, for whoever may do that. */
export function May({ do: permission, children }: { do: Permission; children: ReactNode }) {
  return useMay()(permission) ? <>{children}</> : null;
}
