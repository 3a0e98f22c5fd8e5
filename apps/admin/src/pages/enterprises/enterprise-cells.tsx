// How fresh an enterprise's data is, and what goes on for it now: never one column.
import { IconAlertCircle, IconClockHour4, IconHourglassHigh, IconLoader2, IconMinus } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Enterprise } from '../../api/types';
import { plural } from '../../parts/format';
import { TextLink } from '../../parts/links';
import { Freshness, Status } from '../../parts/status';

export const FreshnessCell = ({ enterprise: { freshness, connected } }: { enterprise: Enterprise }) => (freshness && (connected || freshness.lagSeconds !== null) ? <Freshness value={freshness} /> : <span className="muted">–</span>);

export function ActivityCell({ tenant, enterprise: { id, activity } }: { tenant: string; enterprise: Enterprise }) {
  if (!activity) return <span className="muted">–</span>;
  const { running, waiting, queued, failed } = activity;
  const to = (state: string | undefined, content: ReactNode) => <TextLink className="above" size="sm" c="inherit" to="/t/$tenant/runs" params={{ tenant }} search={{ enterprise: id, state: state === 'running' || state === 'waiting' || state === 'queued' || state === 'failed' ? state : undefined }}>{content}</TextLink>;
  return (
    <>
      {running > 0 ? to(undefined, <Status tone="busy" icon={IconLoader2} spin>{plural(running, 'run')}{waiting + queued > 0 && <span className="muted">, {waiting + queued} to go</span>}</Status>)
        : waiting > 0 ? to('waiting', <Status tone="warn" icon={IconHourglassHigh}><span className="nowrap">{waiting} waiting</span></Status>)
          : queued > 0 ? to('queued', <Status tone="idle" icon={IconClockHour4}><span className="nowrap">{queued} queued</span></Status>)
            : <Status tone="idle" icon={IconMinus}>Idle</Status>}
      {failed > 0 && <div>{to('failed', <Status tone="bad" icon={IconAlertCircle}><span className="nowrap">{failed} failed</span></Status>)}</div>}
    </>
  );
}
