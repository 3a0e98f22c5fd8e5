// What was done on the platform, and who looked across its tenants.
import { getRouteApi } from '@tanstack/react-router';
import { AuditTrail } from '../audit-trail';

const route = getRouteApi('/signed-in/all/audit');

export function AllAudit() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return <AuditTrail title="Platform audit" search={search} set={(change) => void navigate({ search: (now) => ({ ...now, ...change }), replace: true })}>Every change of the platform, every sign-in, and who looked across tenants. What is done in a tenant is in the audit trail of that tenant.</AuditTrail>;
}
