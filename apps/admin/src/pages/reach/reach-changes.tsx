// What tokens gained and lost between two days, newest first; of one tenant or of all.
import { Checkbox, Select, TextInput } from '@mantine/core';
import { IconAlertTriangle, IconCircleMinus, IconCirclePlus, IconHistory } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { DriftQuery, DriftRow } from '../../api/types';
import { DataTable, type Column } from '../../parts/data-table';
import { Hint, Id } from '../../parts/id';
import { TextLink } from '../../parts/links';
import { Empty, ListScreens } from '../../parts/page';
import { Status } from '../../parts/status';
import { Time } from '../../parts/time';
import { isAll, useDrift, type OfTenant, type Scope } from '../../queries/reach';
import { reachChanges } from '../../search';

export interface ChangesSearch { from?: string | undefined; to?: string | undefined; change?: 'gained' | 'lost' | undefined; all?: boolean | undefined; unconnected?: boolean | undefined; token?: string | undefined }
export interface ChangesProps { scope: Scope; search: ChangesSearch; set: (change: ChangesSearch) => void }

/** A day begins and ends in UTC: the state before it is compared with the state after it. */
export const driftQuery = ({ from, to, change, all, unconnected, token }: ChangesSearch): DriftQuery => ({
  from: from && `${from}T00:00:00Z`, to: to && `${to}T23:59:59.999Z`, change, accessTokenId: token, ...(all && { changes: 'all' }), ...(unconnected && { connected: 'false' }),
});

const noticed = {
  added: 'the token was added', check: 're-read on schedule', verify: 'somebody verified it', enable: 'it was enabled', rotate: 'it was rotated', revoke: 'it was revoked',
} as const;

export function ReachChanges({ scope, search, set }: ChangesProps) {
  const list = useDrift(scope, driftQuery(search));
  const of = (row: OfTenant<DriftRow>) => ('tenant' in scope ? scope.tenant : row.tenant ?? '');
  const columns: Column<OfTenant<DriftRow>>[] = [
    { key: 'enterprise', header: 'Enterprise', cell: (row) => <Link className="row" to="/t/$tenant/enterprises/$enterpriseId" params={{ tenant: of(row), enterpriseId: row.enterpriseId }} search={{ tab: 'tokens' }}>{row.enterpriseName}</Link> },
    ...(isAll(scope) ? [{ key: 'tenant', header: 'Tenant', cell: (row: OfTenant<DriftRow>) => row.tenant }] : []),
    { key: 'change', header: 'Change', cell: (row) => <Change row={row} /> },
    { key: 'token', header: 'Token', cell: (row) => <TextLink className="above" to="/t/$tenant/access-tokens/$accessTokenId" params={{ tenant: of(row), accessTokenId: row.accessTokenId }}>{row.label && <>{row.label} </>}<Hint hint={row.hint} /></TextLink> },
    { key: 'at', header: 'When', cell: ({ at }) => <Time at={at} seconds /> },
    { key: 'noticed', header: 'Noticed because', wide: true, cell: ({ noticedBy }) => (noticedBy ? noticed[noticedBy] : <span className="muted">not noted</span>) },
    { key: 'served', header: 'Served now by', wide: true, cell: ({ connectedBy, change, openAfter }) => (connectedBy ? <Hint hint={connectedBy.hint} />
      : change === 'gained' && openAfter ? <Status tone="warn" icon={IconAlertTriangle}>Nobody has connected it</Status> : <span className="muted">not connected</span>) },
  ];
  const filtered = Object.values(search).some((value) => value !== undefined);
  const clear = () => set({ from: undefined, to: undefined, change: undefined, all: undefined, unconnected: undefined, token: undefined });
  return (
    <>
      <div className="filters" role="search" aria-label="Filter changes">
        <TextInput label="From (UTC day)" description="30 days back unless told" type="date" value={search.from ?? ''} onChange={(event) => set({ from: event.currentTarget.value || undefined })} />
        <TextInput label="To (UTC day)" description="Now unless told" type="date" value={search.to ?? ''} onChange={(event) => set({ to: event.currentTarget.value || undefined })} />
        <Select label="Change" placeholder="Gained and lost" clearable clearButtonProps={{ 'aria-label': 'Clear the kind of change' }} value={search.change ?? null} data={[{ value: 'gained', label: 'Gained' }, { value: 'lost', label: 'Lost' }]} onChange={(value) => set({ change: reachChanges.find((known) => known === value) })} />
        <Checkbox label="Also what came and went in between" checked={search.all ?? false} onChange={(event) => set({ all: event.currentTarget.checked || undefined })} />
        <Checkbox label="Only what nobody has connected" checked={search.unconnected ?? false} onChange={(event) => set({ unconnected: event.currentTarget.checked || undefined })} />
      </div>
      {search.token && <p className="muted">Of one token: <Id value={search.token} what="token id" short /></p>}
      <ListScreens list={list} filtered={filtered} clear={clear} firstUse={<Empty icon={IconHistory} title="No changes in the last 30 days">When a token gains or loses an enterprise in Mews, it is written down here. Choose an earlier day to look further back.</Empty>}>
        <DataTable label="Changes of reach" noun="change" columns={columns} rows={list.items} rowKey={(row) => row.id} hasMore={list.hasMore} isLoadingMore={list.isLoadingMore} loadMore={list.loadMore} fill />
      </ListScreens>
    </>
  );
}

function Change({ row: { change, openBefore, openAfter } }: { row: DriftRow }) {
  const again = openBefore === openAfter;
  if (change === 'lost') return <Status tone="bad" icon={IconCircleMinus}>Lost{again && openAfter && ', since regained'}</Status>;
  return <Status tone="ok" icon={IconCirclePlus}>Gained{again && !openAfter && ', since lost'}</Status>;
}
