// Which token opens which enterprise: as a list, as a matrix, what changed, what overlaps, and which tokens nobody uses.
import { Select, Tabs, TextInput } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { CsvButton } from '../../parts/csv-button';
import { PageHead } from '../../parts/page';
import { reachStates, reachViews } from '../../search';
import { driftQuery, ReachChanges } from './reach-changes';
import { ReachList } from './reach-list';
import { ReachMatrix } from './reach-matrix';
import { overlapsQuery, ReachOverlaps } from './reach-overlaps';
import { UnusedTokens, usualDays } from './unused-tokens';

const route = getRouteApi('/signed-in/t/$tenant/reach');
const states = { current: 'Open now', lost: 'Lost', all: 'Both' } as const;

export function Reach() {
  const { tenant } = route.useParams();
  const search = route.useSearch();
  const { view = 'list', state = 'current', asOf, q, from, to, change, all, unconnected, token, days } = search;
  const navigate = route.useNavigate();
  const set = (next: Partial<typeof search>) => void navigate({ search: (now) => ({ ...now, ...next }), replace: true });
  // A day means its end: what was open at any time of it and not yet lost when it ended.
  const filter = { state: asOf ? undefined : state, asOf: asOf && `${asOf}T23:59:59.999Z` };
  const clear = () => set({ state: undefined, asOf: undefined, q: undefined });
  const changes = { from, to, change, all, unconnected, token }, scope = { tenant };
  const csv = { list: ['', filter], matrix: ['', filter], changes: ['/drift', driftQuery(changes)], overlaps: ['/overlaps', overlapsQuery({ asOf, q })], unused: ['/unused-tokens', { days: days ?? usualDays }] } as const;
  const [path, query] = csv[view];
  return (
    <>
      <PageHead title="Reach" actions={<CsvButton path={`/v1/tenants/${tenant}/reach${path}`} query={query} name={`reach${path.replace('/', '-')}-${tenant}`} />}>Which enterprises each token opens, since when and through what. Each token is asked again on a schedule and when you verify it.</PageHead>
      <Tabs value={view} onChange={(value) => set({ view: reachViews.find((known) => known === value) })} keepMounted={false} mb="md">
        <Tabs.List aria-label="View"><Tabs.Tab value="list">List</Tabs.Tab><Tabs.Tab value="matrix">Matrix</Tabs.Tab><Tabs.Tab value="changes">Changes</Tabs.Tab><Tabs.Tab value="overlaps">Overlaps</Tabs.Tab><Tabs.Tab value="unused">Unused tokens</Tabs.Tab></Tabs.List>
        {(view === 'list' || view === 'matrix') && (
          <div className="filters" role="search" aria-label="Filter reach" style={{ marginTop: 14 }}>
            <TextInput className="grow" label="Find" placeholder="Enterprise or last characters of a token" maxLength={200} value={q ?? ''} onChange={(event) => set({ q: event.currentTarget.value || undefined })} />
            <Select label="State" allowDeselect={false} disabled={asOf !== undefined} value={state} data={reachStates.map((value) => ({ value, label: states[value] }))} onChange={(value) => set({ state: reachStates.find((known) => known === value) })} />
            <TextInput label="As of the end of (UTC)" type="date" value={asOf ?? ''} onChange={(event) => set({ asOf: event.currentTarget.value || undefined })} />
          </div>
        )}
        <Tabs.Panel value="list"><ReachList tenant={tenant} filter={filter} q={q} filtered={Boolean(q ?? asOf) || state !== 'current'} clear={clear} /></Tabs.Panel>
        <Tabs.Panel value="matrix"><ReachMatrix tenant={tenant} filter={filter} q={q} filtered={Boolean(q ?? asOf) || state !== 'current'} clear={clear} /></Tabs.Panel>
        <Tabs.Panel value="changes" pt="md"><ReachChanges scope={scope} search={changes} set={set} /></Tabs.Panel>
        <Tabs.Panel value="overlaps" pt="md"><ReachOverlaps scope={scope} search={{ asOf, q }} set={set} /></Tabs.Panel>
        <Tabs.Panel value="unused" pt="md"><UnusedTokens scope={scope} days={days} set={set} /></Tabs.Panel>
      </Tabs>
    </>
  );
}
