// How fresh an enterprise's data is, and what runs for it now: asked for the rows in sight only.
import { IconCircleDashed, IconLoader2, IconMinus, IconHourglassHigh, IconClockHour4 } from '@tabler/icons-react';
import { useMemo } from 'react';
import type { Run, Schedule } from '../../api/types';
import { collectionName, plural } from '../../parts/format';
import { TextLink } from '../../parts/links';
import { Freshness, Status } from '../../parts/status';
import { useRuns } from '../../queries/runs';
import { useSchedules } from '../../queries/schedules';

const order = ['stale', 'late', 'never', 'paused', 'fresh'];
const rank = (state: string): number => { const at = order.indexOf(state); return at === -1 ? order.length - 2 : at; };

/** The worst of the collections speaks for the enterprise. */
export function worst(schedules: Schedule[]): Schedule['freshness'] {
  const known = schedules.flatMap(({ freshness }) => (freshness ? [freshness] : [])).filter(({ state }) => state !== 'unavailable');
  return known.toSorted((a, b) => rank(a.state) - rank(b.state) || (b.lagSeconds ?? 0) - (a.lagSeconds ?? 0))[0] ?? null;
}

export function FreshnessCell({ tenant, enterpriseId, connected }: { tenant: string; enterpriseId: string; connected: boolean }) {
  const { items, isPending } = useSchedules(tenant, { enterpriseId });
  const freshness = worst(items);
  if (freshness) return <Freshness state={freshness.state} lagSeconds={freshness.lagSeconds} />;
  if (isPending) return <span className="muted">…</span>;
  return connected ? <Status tone="idle" icon={IconCircleDashed}>No schedule</Status> : <span className="muted">–</span>;
}

export type Activity = Map<string, Run[]>;
export function useActivity(tenant: string): Activity {
  const running = useRuns(tenant, { state: 'running' }, 500), waiting = useRuns(tenant, { state: 'waiting' }, 500), queued = useRuns(tenant, { state: 'queued' }, 500);
  return useMemo(() => Map.groupBy([...running.items, ...waiting.items, ...queued.items].filter(({ finishedAt }) => finishedAt === null), ({ enterpriseId }) => enterpriseId), [running.items, waiting.items, queued.items]);
}

export function ActivityCell({ tenant, enterpriseId, activity }: { tenant: string; enterpriseId: string; activity: Activity }) {
  const runs = activity.get(enterpriseId) ?? [];
  const of = (state: Run['state']) => runs.filter((run) => run.state === state);
  const running = of('running'), waiting = of('waiting'), queued = of('queued');
  if (runs.length === 0) return <Status tone="idle" icon={IconMinus}>Idle</Status>;
  const content = running.length > 0
    ? <Status tone="busy" icon={IconLoader2} spin>{running.length === 1 && running[0] ? collectionName(running[0].collection) : `${plural(running.length, 'run')}`}{queued.length + waiting.length > 0 && <span className="muted">, {queued.length + waiting.length} to go</span>}</Status>
    : waiting.length > 0 ? <Status tone="warn" icon={IconHourglassHigh}>{waiting.length} waiting</Status> : <Status tone="idle" icon={IconClockHour4}>{queued.length} queued</Status>;
  return <TextLink className="above" size="sm" c="inherit" to="/t/$tenant/runs" params={{ tenant }} search={{ enterprise: enterpriseId }}>{content}</TextLink>;
}
