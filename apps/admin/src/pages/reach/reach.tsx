// Which token opens which enterprise: as a list, as a matrix, and what changed.
import { Button, Select, Tabs, TextInput } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { PageHead } from '../../parts/page';
import { reachStates, reachViews } from '../../search';
import { ReachChanges } from './reach-changes';
import { ReachList } from './reach-list';
import { ReachMatrix } from './reach-matrix';
import { useCsv } from './use-csv';

const route = getRouteApi('/signed-in/t/$tenant/reach');
const states = { current: 'Open now', lost: 'Lost', all: 'Both' } as const;

export function Reach() {
  const { tenant } = route.useParams();
  const { view = 'list', state = 'current', asOf, q } = route.useSearch();
  const navigate = route.useNavigate();
  const set = (change: { view?: typeof view; state?: typeof state; asOf?: string; q?: string }) => void navigate({ search: (now) => ({ ...now, ...change }), replace: true });
  // A day means its end: what was open at any time of it and not yet lost when it ended.
  const filter = { state: asOf ? undefined : state, asOf: asOf && /^\d{4}-\d{2}-\d{2}$/.test(asOf) ? `${asOf}T23:59:59Z` : undefined };
  const csv = useCsv(tenant, filter);
  const clear = () => set({ state: undefined, asOf: undefined, q: undefined });
  return (
    <>
      <PageHead title="Reach" actions={view !== 'changes' && <Button variant="default" leftSection={<IconDownload size={16} aria-hidden />} loading={csv.isPending} onClick={() => csv.mutate()}>Export CSV</Button>}>Which enterprises each token opens, since when and through what. Each token is asked again on a schedule and when you verify it.</PageHead>
      <Tabs value={view} onChange={(value) => set({ view: reachViews.find((known) => known === value) })} keepMounted={false} mb="md">
        <Tabs.List aria-label="View"><Tabs.Tab value="list">List</Tabs.Tab><Tabs.Tab value="matrix">Matrix</Tabs.Tab><Tabs.Tab value="changes">Changes</Tabs.Tab></Tabs.List>
        {view !== 'changes' && (
          <div className="filters" role="search" aria-label="Filter reach" style={{ marginTop: 14 }}>
            <TextInput className="grow" label="Find" placeholder="Enterprise or last characters of a token" value={q ?? ''} onChange={(event) => set({ q: event.currentTarget.value || undefined })} />
            <Select label="State" allowDeselect={false} disabled={asOf !== undefined} value={state} data={reachStates.map((value) => ({ value, label: states[value] }))} onChange={(value) => set({ state: reachStates.find((known) => known === value) })} />
            <TextInput label="As of the end of (UTC)" type="date" value={asOf ?? ''} onChange={(event) => set({ asOf: event.currentTarget.value || undefined })} />
          </div>
        )}
        <Tabs.Panel value="list"><ReachList tenant={tenant} filter={filter} q={q} filtered={Boolean(q ?? asOf) || state !== 'current'} clear={clear} /></Tabs.Panel>
        <Tabs.Panel value="matrix"><ReachMatrix tenant={tenant} filter={filter} q={q} filtered={Boolean(q ?? asOf) || state !== 'current'} clear={clear} /></Tabs.Panel>
        <Tabs.Panel value="changes" pt="md"><ReachChanges tenant={tenant} /></Tabs.Panel>
      </Tabs>
    </>
  );
}
