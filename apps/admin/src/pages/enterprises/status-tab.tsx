// Freshness, the last run and the next one, for each collection of one enterprise.
import { IconCalendarOff } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { Enterprise, Schedule } from '../../api/types';
import { DataTable, type Column } from '../../parts/data-table';
import { collectionName, interval } from '../../parts/format';
import { TextLink } from '../../parts/links';
import { Empty, ListScreens } from '../../parts/page';
import { Freshness, pauseText, RunStatus, RunStatusLong } from '../../parts/status';
import { Ago } from '../../parts/time';
import { useSchedules } from '../../queries/schedules';
import { EditSchedule } from '../schedules/edit-schedule';
import { useRuns } from '../../queries/runs';

export function StatusTab({ tenant, enterprise }: { tenant: string; enterprise: Enterprise }) {
  const list = useSchedules(tenant, { enterpriseId: enterprise.id });
  const activity = useRuns(tenant, { enterpriseId: enterprise.id, state: 'running,waiting,queued' }).items.filter(({ finishedAt }) => finishedAt === null);
  const columns: Column<Schedule>[] = [
    { key: 'collection', header: 'Collection', cell: ({ collection }) => <Link className="row" to="/t/$tenant/runs" params={{ tenant }} search={{ enterprise: enterprise.id, collection }}>{collectionName(collection)}</Link> },
    { key: 'freshness', header: 'Freshness', cell: ({ freshness }) => <Freshness value={freshness} /> },
    { key: 'activity', header: 'Activity', cell: ({ collection }) => { const run = activity.find((one) => one.collection === collection); return run ? <TextLink className="above" size="sm" c="inherit" to="/t/$tenant/runs/$runId" params={{ tenant, runId: run.id }}><RunStatusLong run={run} /></TextLink> : <span className="muted">Idle</span>; } },
    { key: 'last', header: 'Last run', cell: ({ lastRun }) => (lastRun ? <TextLink className="above" size="sm" c="inherit" to="/t/$tenant/runs/$runId" params={{ tenant, runId: lastRun.id }}><RunStatus state={lastRun.state} /> </TextLink> : <span className="muted">never</span>) },
    { key: 'every', header: 'Schedule', wide: true, cell: (schedule) => (schedule.paused ? pauseText(schedule.paused.reason) : schedule.enabled ? interval(schedule) : <span className="muted">off</span>) },
    { key: 'next', header: 'Next run', wide: true, cell: ({ nextRunAt, enabled, paused }) => (enabled && !paused ? <Ago at={nextRunAt} empty="–" /> : <span className="muted">–</span>) },
    { key: 'edit', header: <span className="hiddenText">Actions</span>, align: 'right', cell: (schedule) => <EditSchedule tenant={tenant} schedule={schedule} timeZone={enterprise.timeZone} /> },
  ];
  return (
    <ListScreens list={list} filtered={false} firstUse={<Empty icon={IconCalendarOff} title={enterprise.connected ? 'Nothing is scheduled yet' : 'Not connected'}>{enterprise.connected ? 'Schedules are made with the connection; the first ones appear in a moment.' : 'Choose a token on the Tokens tab to connect it; schedules come with the connection.'}</Empty>}>
      <DataTable label="Status by collection" noun="collection" columns={columns} rows={list.items} rowKey={({ collection }) => collection} hasMore={list.hasMore} loadMore={list.loadMore} />
    </ListScreens>
  );
}
