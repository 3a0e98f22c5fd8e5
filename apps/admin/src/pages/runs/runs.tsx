// Every run, live, newest first.
import { Select } from '@mantine/core';
import { IconActivity } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { collectionName } from '../../parts/format';
import { ButtonLink } from '../../parts/links';
import { May } from '../../parts/may';
import { Empty, ListScreens, PageHead } from '../../parts/page';
import { EnterprisePicker } from '../../parts/enterprise-picker';
import { runStateText } from '../../parts/status';
import { useCollections } from '../../queries/platform';
import { useRuns } from '../../queries/runs';
import { runStates } from '../../search';
import { LiveBadge } from './live-badge';
import { RunsTable } from './runs-table';
import { SyncButton } from './sync-dialog';

const route = getRouteApi('/signed-in/t/$tenant/runs');

export function Runs() {
  const { tenant } = route.useParams();
  const { state, collection, enterprise } = route.useSearch();
  const navigate = route.useNavigate();
  const set = (change: { state?: typeof state; collection?: string; enterprise?: string }) => void navigate({ search: (now) => ({ ...now, ...change }), replace: true });
  const list = useRuns(tenant, { state, collection, enterpriseId: enterprise });
  const collections = useCollections();
  const filtered = Boolean(state ?? collection ?? enterprise);
  return (
    <>
      <PageHead title="Runs" actions={<><LiveBadge /><SyncButton tenant={tenant} enterpriseId={enterprise} /></>}>Progress counts records and windows of time: Mews does not say how many pages are left.</PageHead>
      <div className="filters" role="search" aria-label="Filter runs">
        <Select label="State" placeholder="Every state" clearable value={state ?? null} data={runStates.map((value) => ({ value, label: runStateText(value) }))} onChange={(value) => set({ state: value ?? undefined })} />
        <Select label="Collection" placeholder="Every collection" clearable searchable value={collection ?? null} data={(collections.data?.items ?? []).map(({ name }) => ({ value: name, label: collectionName(name) }))} onChange={(value) => set({ collection: value ?? undefined })} />
        <EnterprisePicker tenant={tenant} value={enterprise} onChange={(value) => set({ enterprise: value })} />
      </div>
      <ListScreens list={list} filtered={filtered} clear={() => set({ state: undefined, collection: undefined, enterprise: undefined })}
        firstUse={<Empty icon={IconActivity} title="No runs yet" action={<May do="access-tokens:write"><ButtonLink to="/t/$tenant/connect" params={{ tenant }}>Connect properties</ButtonLink></May>}>The first sync starts by itself as soon as a property is connected.</Empty>}>
        <RunsTable tenant={tenant} runs={list.items} list={list} label="Runs" fill />
      </ListScreens>
    </>
  );
}
