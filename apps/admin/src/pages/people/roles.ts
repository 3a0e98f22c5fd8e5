// What the roles are called and what they can do.
import type { PlatformRole, TenantRole } from '../../api/types';

export const tenantRoles: readonly (readonly [TenantRole, string])[] = [
  ['viewer', 'Reads records, changes and runs'], ['developer', 'Also starts syncs and edits schedules'], ['owner', 'Also manages tokens, connections, keys and members'],
];
export const platformRoles: readonly (readonly [PlatformRole, string])[] = [
  ['auditor', 'Reads everything but guests’ records, and the audit trail'], ['operator', 'Runs the tenants: tokens, connections, schedules'], ['admin', 'Everything, also people, applications and environments'],
];

export const roleName = (role: string): string => `${role.charAt(0).toUpperCase()}${role.slice(1)}`;
