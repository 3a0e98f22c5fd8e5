// Who may call which route, as a table for readers: docs/roles.md. Made from what stands at each route and from the permissions of the roles;
// a test holds the committed table against both, and asks every route as every role whether it answers as the table says.
import { everyRole, permissions, type Role } from '@keyrack/auth';
import type { RouteFacts } from './route-check.js';

/** Pages that no controller serves: open to everybody, they hold nothing of any tenant. */
export const openPages = ['GET /docs', 'GET /openapi.json'] as const;

const intro = `<!-- Written by \`npm run openapi\` from the routes of the api and libs/auth/src/roles.ts. Do not edit. -->
# Roles and routes

Who may call what. The roles of the platform (admin, operator, auditor) act in every tenant, the roles of a tenant (owner, developer, viewer)
in that tenant only: any other tenant is 404 for them. A person has a role by its account or membership, an API key has the one that it was
made with: the same table holds for both. Where a role lacks the permission the answer is 403 \`auth.forbidden\`, and the refusal stands in the
audit trail. Without a session or key every route but the public ones is 401. A test asks every route as every role.
`;

/** The text of docs/roles.md. */
export function rolesTable(routes: readonly RouteFacts[]): string {
  const rows = [
    ...routes.map(({ method, path, permission }) => ({ route: `${method} ${path}`, sortedBy: `${path} ${method}`, permission: permission ?? 'none' as const })),
    ...openPages.map((route) => ({ route, sortedBy: route.slice(route.indexOf('/')), permission: 'public' as const })),
  ].sort((a, b) => a.sortedBy < b.sortedBy ? -1 : 1);
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    intro,
    line(['route', 'permission', ...everyRole]), line(['---', '---', ...everyRole.map(() => '---')]),
    ...rows.map(({ route, permission }) => line([`\`${route}\``, permission, ...everyRole.map((role) => cell(permission, role))])), '',
  ].join('\n');
}

function cell(permission: RouteFacts['permission'] | 'none', role: Role): string {
  if (permission === 'public') return 'yes';
  if (permission === 'none' || permission === undefined) return '–';
  const allowed: readonly Role[] | null = permissions[permission];
  return allowed === null || allowed.includes(role) ? 'yes' : '–';
}
