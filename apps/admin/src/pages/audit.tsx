// What was done in one tenant.
import { getRouteApi } from '@tanstack/react-router';
import { AuditTrail } from './audit-trail';

const route = getRouteApi('/signed-in/t/$tenant/audit');

export function Audit() {
  const { tenant } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return <AuditTrail title="Audit" tenant={tenant} search={search} set={(change) => void navigate({ search: (now) => ({ ...now, ...change }), replace: true })}>Every change, in the order in which it happened.</AuditTrail>;
}
