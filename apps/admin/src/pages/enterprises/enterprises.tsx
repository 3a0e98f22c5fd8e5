// Every enterprise that the tokens open: who serves it, how fresh its data is, what is going on. Freshness and activity are two columns.
import { Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconBuildings } from '@tabler/icons-react';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Enterprise } from '../../api/types';
import { DataTable, type Column } from '../../parts/data-table';
import { EnvironmentBadge } from '../../parts/environment-badge';
import { count } from '../../parts/format';
import { Hint } from '../../parts/id';
import { ButtonLink, TextLink } from '../../parts/links';
import { May } from '../../parts/may';
import { Empty, ListScreens, PageHead } from '../../parts/page';
import { ConnectionState } from '../../parts/status';
import { useEnterprises } from '../../queries/enterprises';
import { SyncButton } from '../runs/sync-dialog';
import { ActivityCell, FreshnessCell } from './enterprise-cells';
import { SyncEnterprise } from './sync-enterprise';

const route = getRouteApi('/signed-in/t/$tenant/enterprises');

const columnsOf = (tenant: string): Column<Enterprise>[] => [
  { key: 'name', header: 'Enterprise', cell: ({ id, name }) => <Link className="row" to="/t/$tenant/enterprises/$enterpriseId" params={{ tenant, enterpriseId: id }}>{name}</Link> },
  { key: 'connection', header: 'Connection', cell: ({ connected, connection }) => <ConnectionState connected={connected} state={connection?.state} /> },
  { key: 'freshness', header: 'Freshness', cell: (row) => <FreshnessCell enterprise={row} /> },
  { key: 'activity', header: 'Activity', cell: (row) => <ActivityCell tenant={tenant} enterprise={row} /> },
  { key: 'token', header: 'Served by', wide: true, cell: ({ connection }) => (connection ? <TextLink className="above" size="sm" to="/t/$tenant/access-tokens/$accessTokenId" params={{ tenant, accessTokenId: connection.accessTokenId }}><Hint hint={connection.hint} /></TextLink> : <span className="muted">–</span>) },
  { key: 'tokens', header: 'Tokens', align: 'right', wide: true, cell: ({ tokens }) => count(tokens) },
  { key: 'environment', header: 'Environment', wide: true, cell: ({ environment }) => <EnvironmentBadge id={environment} /> },
  { key: 'zone', header: 'Time zone', wide: true, cell: ({ timeZone }) => timeZone },
  { key: 'actions', header: <span className="hiddenText">Actions</span>, align: 'right', cell: (row) => row.connected && <SyncEnterprise tenant={tenant} enterprise={row} /> },
];

export function Enterprises() {
  const { tenant } = route.useParams();
  const { q, connected } = route.useSearch();
  const navigate = route.useNavigate();
  const set = (change: { q?: string; connected?: boolean }) => void navigate({ search: (now) => ({ ...now, ...change }), replace: true });
  const [typed, setTyped] = useState(q ?? '');
  const find = useDebouncedCallback((text: string) => set({ q: text || undefined }), 250);
  const list = useEnterprises(tenant, { q, connected });
  return (
    <>
      <PageHead title="Enterprises" actions={<><SyncButton tenant={tenant} /><May do="access-tokens:write"><ButtonLink variant="default" to="/t/$tenant/connect" params={{ tenant }}>Connect properties</ButtonLink></May></>}>Properties in Mews that a token of this tenant opens.</PageHead>
      <div className="filters" role="search" aria-label="Filter enterprises">
        <TextInput className="grow" label="Find" placeholder="Part of the name, or the whole id" maxLength={200} value={typed} onChange={(event) => { setTyped(event.currentTarget.value); find(event.currentTarget.value); }} />
        <Select label="Connection" placeholder="All" clearable value={connected === undefined ? null : String(connected)} data={[{ value: 'true', label: 'Connected' }, { value: 'false', label: 'Not connected' }]} onChange={(value) => set({ connected: value === null ? undefined : value === 'true' })} />
      </div>
      <ListScreens list={list} filtered={Boolean(q) || connected !== undefined} clear={() => { setTyped(''); set({ q: undefined, connected: undefined }); }}
        firstUse={<Empty icon={IconBuildings} title="No enterprises yet" action={<May do="access-tokens:write"><ButtonLink to="/t/$tenant/connect" params={{ tenant }}>Connect properties</ButtonLink></May>}>Paste an AccessToken, and the enterprises that it opens appear here.</Empty>}>
        <DataTable label="Enterprises" noun="enterprise" columns={columnsOf(tenant)} rows={list.items} rowKey={({ id }) => id} hasMore={list.hasMore} isLoadingMore={list.isLoadingMore} loadMore={list.loadMore} fill />
      </ListScreens>
    </>
  );
}
