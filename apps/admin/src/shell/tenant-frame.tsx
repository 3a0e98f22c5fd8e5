// Around every page of one tenant: remembers it, opens the live line, says when the tenant is not ours to see.
import { Outlet } from '@tanstack/react-router';
import { getRouteApi } from '@tanstack/react-router';
import { IconBuildingOff } from '@tabler/icons-react';
import { useEffect } from 'react';
import { LiveContext, useLiveRuns } from '../api/live';
import { Empty } from '../parts/page';
import { useSession } from '../queries/session';

const route = getRouteApi('/signed-in/t/$tenant');

export function TenantFrame() {
  const { tenant } = route.useParams();
  const { tenants } = useSession();
  const known = tenants.some(({ slug, id }) => slug === tenant || id === tenant);
  if (!known) return <Empty icon={IconBuildingOff} level={1} title="There is no such tenant">It may have been deleted, or your account has no access to it. Choose another one at the top.</Empty>;
  return <Frame key={tenant} tenant={tenant} />;
}

function Frame({ tenant }: { tenant: string }) {
  const live = useLiveRuns(tenant);
  useEffect(() => { localStorage.setItem('keyrack.tenant', tenant); }, [tenant]);
  return <LiveContext value={live}><Outlet /></LiveContext>;
}
