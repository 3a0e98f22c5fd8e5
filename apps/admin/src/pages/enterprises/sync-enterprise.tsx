// Pulls what changed for one enterprise, at once.
import { Button } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { plural } from '../../parts/format';
import { May } from '../../parts/may';
import { done, failed } from '../../parts/notify';
import { useSync } from '../../queries/runs';

export function SyncEnterprise({ tenant, enterprise }: { tenant: string; enterprise: { id: string; name: string } }) {
  const sync = useSync(tenant);
  const start = () => sync.mutate({ enterpriseIds: [enterprise.id], mode: 'incremental' }, { onError: failed, onSuccess: ({ runIds }) => done(`${enterprise.name} syncs now`, runIds.length === 0 ? 'Everything was already running.' : `${plural(runIds.length, 'run')} queued.`) });
  return <May do="syncs:write"><Button className="above" size="compact-xs" variant="default" leftSection={<IconRefresh size={13} aria-hidden />} loading={sync.isPending} onClick={start} aria-label={`Sync ${enterprise.name} now`}>Sync now</Button></May>;
}
