// When each collection of each enterprise is pulled.
import { Select } from '@mantine/core';
import { IconCalendarClock } from '@tabler/icons-react';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { Schedule } from '../../api/types';
import { DataTable, type Column } from '../../parts/data-table';
import { EnterprisePicker } from '../../parts/enterprise-picker';
import { collectionName, interval } from '../../parts/format';
import { ButtonLink, TextLink } from '../../parts/links';
import { May } from '../../parts/may';
import { Empty, ListScreens, PageHead } from '../../parts/page';
import { Freshness, pauseText, RunStatus } from '../../parts/status';
import { Ago } from '../../parts/time';
import { useCollections } from '../../queries/platform';
import { useSchedules } from '../../queries/schedules';
import { EditSchedule } from './edit-schedule';

const route = getRouteApi('/signed-in/t/$tenant/schedules');

const columnsOf = (tenant: string): Column<Schedule>[] => [
  { key: 'enterprise', header: 'Enterprise', cell: ({ enterpriseId, enterpriseName }) => <Link className="row" to="/t/$tenant/enterprises/$enterpriseId" params={{ tenant, enterpriseId }}>{enterpriseName}</Link> },
  { key: 'collection', header: 'Collection', cell: ({ collection }) => collectionName(collection) },
  { key: 'when', header: 'When', cell: (schedule) => (schedule.enabled ? interval(schedule) : <span className="muted">off, was {interval(schedule)}</span>) },
  { key: 'freshness', header: 'Freshness', cell: ({ freshness }) => <Freshness value={freshness} /> },
  { key: 'last', header: 'Last run', wide: true, cell: ({ lastRun }) => (lastRun ? <TextLink className="above" size="sm" c="inherit" to="/t/$tenant/runs/$runId" params={{ tenant, runId: lastRun.id }}><RunStatus state={lastRun.state} /></TextLink> : <span className="muted">never</span>) },
  { key: 'next', header: 'Next run', cell: (schedule) => (schedule.paused ? pauseText(schedule.paused.reason) : schedule.enabled ? <Ago at={schedule.nextRunAt} empty="–" /> : <span className="muted">–</span>) },
  { key: 'edit', header: <span className="hiddenText">Actions</span>, align: 'right', cell: (schedule) => <EditSchedule tenant={tenant} schedule={schedule} /> },
];

export function Schedules() {
  const { tenant } = route.useParams();
  const { collection, enterprise } = route.useSearch();
  const navigate = route.useNavigate();
  const set = (change: { collection?: string; enterprise?: string }) => void navigate({ search: (now) => ({ ...now, ...change }), replace: true });
  const list = useSchedules(tenant, { collection, enterpriseId: enterprise });
  const collections = useCollections();
  return (
    <>
      <PageHead title="Schedules">Made with each connection; change how often, give a cron expression with its time zone, or switch one off.</PageHead>
      <div className="filters" role="search" aria-label="Filter schedules">
        <Select label="Collection" placeholder="Every collection" clearable searchable value={collection ?? null} data={(collections.data?.items ?? []).map(({ name }) => ({ value: name, label: collectionName(name) }))} onChange={(value) => set({ collection: value ?? undefined })} />
        <EnterprisePicker tenant={tenant} value={enterprise} onChange={(value) => set({ enterprise: value })} />
      </div>
      <ListScreens list={list} filtered={Boolean(collection ?? enterprise)} clear={() => set({ collection: undefined, enterprise: undefined })}
        firstUse={<Empty icon={IconCalendarClock} title="No schedules yet" action={<May do="access-tokens:write"><ButtonLink to="/t/$tenant/connect" params={{ tenant }}>Connect properties</ButtonLink></May>}>Connecting a property makes its schedules.</Empty>}>
        <DataTable label="Schedules" noun="schedule" columns={columnsOf(tenant)} rows={list.items} rowKey={(row) => row.id} hasMore={list.hasMore} isLoadingMore={list.isLoadingMore} loadMore={list.loadMore} fill />
      </ListScreens>
    </>
  );
}
