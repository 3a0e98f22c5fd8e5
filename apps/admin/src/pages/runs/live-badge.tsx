// Whether the page hears of changes as they happen.
import { IconAntennaBars5, IconRefresh } from '@tabler/icons-react';
import { useLiveState } from '../../api/live';
import { Status } from '../../parts/status';

export function LiveBadge() {
  const state = useLiveState();
  return (
    <span role="status" className="live">
      {state === 'live' ? <Status tone="ok" icon={IconAntennaBars5}>Live</Status> : <Status tone="warn" icon={IconRefresh}>{state === 'connecting' ? 'Connecting…' : 'Reconnecting…'}</Status>}
    </span>
  );
}
