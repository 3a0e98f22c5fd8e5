// The auditor's view across the platform: which tokens of any tenant open what, what changed, what overlaps, what is unused.
import { Tabs, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconShieldSearch } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import type { AllReachQuery, PlatformReachRow } from '../../api/types';
import { CsvButton } from '../../parts/csv-button';
import { DataTable, type Column } from '../../parts/data-table';
import { Hint, Id } from '../../parts/id';
import { TextLink } from '../../parts/links';
import { useMay } from '../../parts/may';
import { Empty, ListScreens, PageHead } from '../../parts/page';
import { Time } from '../../parts/time';
import { usePlatformReach } from '../../queries/platform';
import { allReachViews } from '../../search';
import { driftQuery, ReachChanges } from '../reach/reach-changes';
import { ReachFact } from '../reach/reach-fact';
import { overlapsQuery, ReachOverlaps } from '../reach/reach-overlaps';
import { UnusedTokens, usualDays } from '../reach/unused-tokens';

const route = getRouteApi('/signed-in/all/reach');
const id = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const valid = (text: string | undefined) => (text && id.test(text) ? text : undefined);
const wrong = (text: string) => (text.trim() !== '' && !id.test(text.trim()) ? 'an id looks like 3fa85f64-5717-4562-b3fc-2c963f66afa6' : undefined);

const columns: Column<PlatformReachRow>[] = [
  { key: 'enterprise', header: 'Enterprise', cell: ({ enterpriseName, enterpriseId }) => <><span className="strong">{enterpriseName}</span> <Id value={enterpriseId} what="enterprise id" short /></> },
  { key: 'tenant', header: 'Tenant', cell: ({ tenant }) => <TextLink size="sm" to="/t/$tenant/reach" params={{ tenant }}>{tenant}</TextLink> },
  { key: 'token', header: 'Token', cell: ({ hint, accessTokenId, tenant }) => <><TextLink size="sm" to="/t/$tenant/access-tokens/$accessTokenId" params={{ tenant, accessTokenId }}><Hint hint={hint} /></TextLink> <Id value={accessTokenId} what="token id" short /></> },
  { key: 'fact', header: 'Reach', cell: (row) => <ReachFact row={row} /> },
  { key: 'first', header: 'First seen', wide: true, cell: ({ firstSeenAt }) => <Time at={firstSeenAt} /> },
  { key: 'last', header: 'Last seen', wide: true, cell: ({ lastSeenAt }) => <Time at={lastSeenAt} empty="–" /> },
];

export function AllReach() {
  const search = route.useSearch();
  const { view = 'list', tenant, enterprise, token, q, asOf, from, to, change, all, unconnected, days } = search;
  const navigate = route.useNavigate();
  const may = useMay();
  const set = (next: Partial<typeof search>) => void navigate({ search: (now) => ({ ...now, ...next }), replace: true });
  const [typed, setTyped] = useState(tenant ?? '');
  const find = useDebouncedCallback((text: string) => set({ tenant: text.trim() || undefined }), 500);
  const filter = { enterpriseId: valid(enterprise), accessTokenId: valid(token), tenant, asOf: asOf && `${asOf}T23:59:59.999Z` };
  const changes = { from, to, change, all, unconnected, token: valid(token) }, scope = { within: tenant };
  const csv = { list: ['', filter], changes: ['/drift', driftQuery(changes)], overlaps: ['/overlaps', overlapsQuery({ asOf, q })], unused: ['/unused-tokens', { days: days ?? usualDays }] } as const;
  const [path, query] = csv[view];
  return (
    <>
      <PageHead title="Reach of all tenants" actions={<CsvButton path={`/v1/platform/reach${path}`} query={{ ...query, tenant }} name={`reach${path.replace('/', '-')}-all`} />}>Which AccessTokens on this platform open an enterprise, whoever owns them. That you look is written into the platform’s {may('audit:read-all') ? <TextLink underline="always" to="/all/audit">audit trail</TextLink> : 'audit trail'}.</PageHead>
      <div className="filters" role="search" aria-label="Filter by tenant"><TextInput label="Tenant" placeholder="Slug or id; all unless told" maxLength={100} value={typed} onChange={(event) => { setTyped(event.currentTarget.value); find(event.currentTarget.value); }} /></div>
      <Tabs value={view} onChange={(value) => set({ view: allReachViews.find((known) => known === value) })} keepMounted={false}>
        <Tabs.List aria-label="View"><Tabs.Tab value="list">List</Tabs.Tab><Tabs.Tab value="changes">Changes</Tabs.Tab><Tabs.Tab value="overlaps">Overlaps</Tabs.Tab><Tabs.Tab value="unused">Unused tokens</Tabs.Tab></Tabs.List>
        <Tabs.Panel value="list" pt="md"><AllList filter={filter} search={{ enterprise, token, asOf }} set={set} /></Tabs.Panel>
        <Tabs.Panel value="changes" pt="md"><ReachChanges scope={scope} search={changes} set={set} /></Tabs.Panel>
        <Tabs.Panel value="overlaps" pt="md"><ReachOverlaps scope={scope} search={{ asOf, q }} set={set} /></Tabs.Panel>
        <Tabs.Panel value="unused" pt="md"><UnusedTokens scope={scope} days={days} set={set} /></Tabs.Panel>
      </Tabs>
    </>
  );
}

interface ListSearch { enterprise?: string | undefined; token?: string | undefined; asOf?: string | undefined }

function AllList({ filter, search, set }: { filter: AllReachQuery; search: ListSearch; set: (change: ListSearch) => void }) {
  const [typed, setTyped] = useState({ enterprise: search.enterprise ?? '', token: search.token ?? '' });
  const find = useDebouncedCallback((next: typeof typed) => set({ enterprise: next.enterprise.trim() || undefined, token: next.token.trim() || undefined }), 300);
  const type = (change: Partial<typeof typed>) => { const next = { ...typed, ...change }; setTyped(next); find(next); };
  const list = usePlatformReach(filter);
  const clear = () => { setTyped({ enterprise: '', token: '' }); set({ enterprise: undefined, token: undefined, asOf: undefined }); };
  return (
    <>
      <div className="filters" role="search" aria-label="Filter reach">
        <TextInput className="grow" label="Enterprise id" value={typed.enterprise} onChange={(event) => type({ enterprise: event.currentTarget.value })} error={wrong(typed.enterprise)} />
        <TextInput className="grow" label="Token id" value={typed.token} onChange={(event) => type({ token: event.currentTarget.value })} error={wrong(typed.token)} />
        <TextInput label="As of the end of (UTC)" type="date" value={search.asOf ?? ''} onChange={(event) => set({ asOf: event.currentTarget.value || undefined })} />
      </div>
      <ListScreens list={list} filtered={Boolean(search.enterprise ?? search.token ?? search.asOf ?? filter.tenant)} clear={clear} firstUse={<Empty icon={IconShieldSearch} title="Nothing is reached yet">As soon as a tenant adds a token, what it opens is listed here.</Empty>}>
        <DataTable label="Reach of all tenants" noun="fact" columns={columns} rows={list.items} rowKey={(row) => row.tenantId + row.accessTokenId + row.enterpriseId + row.firstSeenAt} hasMore={list.hasMore} isLoadingMore={list.isLoadingMore} loadMore={list.loadMore} fill />
      </ListScreens>
    </>
  );
}
