// The one table of who may do what. Roles of the platform act in every tenant, roles of a tenant in that tenant only.
import type { PlatformRole, TenantRole } from '@keyrack/core';

export type Role = PlatformRole | TenantRole;

const platform = ['admin', 'operator', 'auditor'] as const;
export const everyRole = [...platform, 'owner', 'developer', 'viewer'] as const satisfies readonly Role[];
const everybody = everyRole;

export const permissions = {
  // Whoever is signed in, also without any role.
  'session:use': null,
  'environments:read': everybody,
  'environments:write': ['admin'],
  'applications:read': everybody,
  'applications:write': ['admin'],
  'collections:read': everybody,
  'tenants:list': everybody,                       // a tenant's roles see their own only
  'tenants:create': ['admin', 'operator'],
  'tenant:read': everybody,
  'tenant:write': ['admin', 'operator', 'owner'],
  'tenant:delete': ['admin'],
  'access-tokens:read': everybody,
  'access-tokens:write': ['admin', 'operator', 'owner'],
  'enterprises:read': everybody,
  'connections:write': ['admin', 'operator', 'owner'],
  'reach:read': everybody,
  // Who could use a token: names of people and keys.
  'reach:read-users': ['admin', 'operator', 'auditor', 'owner'],
  'reach:read-all': platform,
  'schedules:read': everybody,
  'schedules:write': ['admin', 'operator', 'owner', 'developer'],
  'runs:read': everybody,
  'syncs:write': ['admin', 'operator', 'owner', 'developer'],
  // Hotel guests' data: those who run or audit the platform do not need it.
  'records:read': ['admin', 'owner', 'developer', 'viewer'],
  'stats:read': everybody,
  'operations:read': everybody,
  'api-keys:read': ['admin', 'operator', 'auditor', 'owner'],
  // An operator with this could make a key that reads records.
  'api-keys:write': ['admin', 'owner'],
  'platform-api-keys:read': ['admin', 'auditor'],
  'platform-api-keys:write': ['admin'],
  'members:read': ['admin', 'operator', 'auditor', 'owner'],
  'members:write': ['admin', 'owner'],
  'users:read': ['admin', 'auditor'],
  'users:write': ['admin'],
  'audit:read': ['admin', 'auditor', 'owner'],
  'audit:read-all': ['admin', 'auditor'],
} as const satisfies Record<string, readonly Role[] | null>;

export type Permission = keyof typeof permissions;
export const everyPermission = Object.keys(permissions) as Permission[];

/** Whether one of the roles, each of which may be absent, has the permission. */
export const allows = (permission: Permission, ...roles: readonly (Role | undefined)[]): boolean => {
  const allowed: readonly Role[] | null = permissions[permission];
  return allowed === null || roles.some((role) => role !== undefined && allowed.includes(role));
};

/** Whether somebody who gets another role, or none, may no more do what they could. */
export const loses = (permission: Permission, before: Role | null, after: Role | null): boolean => allows(permission, before ?? undefined) && !allows(permission, after ?? undefined);

export const permissionsOf = (role: Role): Permission[] => everyPermission.filter((permission) => allows(permission, role));
