// What tokens gained and lost, newest first.
import { IconCircleMinus, IconCirclePlus, IconHistory } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReachEvent } from '../../api/types';
import { DataTable, type Column } from '../../parts/data-table';
import { Hint } from '../../parts/id';
import { TextLink } from '../../parts/links';
import { Empty, ListScreens } from '../../parts/page';
import { Status } from '../../parts/status';
import { Time } from '../../parts/time';
import { useReachEvents } from '../../queries/reach';

export function ReachChanges({ tenant }: { tenant: string }) {
  const list = useReachEvents(tenant);
  const columns: Column<ReachEvent>[] = [
    { key: 'enterprise', header: 'Enterprise', cell: (row) => <Link className="row" to="/t/$tenant/enterprises/$enterpriseId" params={{ tenant, enterpriseId: row.enterpriseId }}>{row.enterpriseName}</Link> },
    { key: 'change', header: 'Change', cell: (row) => (row.kind === 'lost' ? <Status tone="bad" icon={IconCircleMinus}>Lost</Status> : <Status tone="ok" icon={IconCirclePlus}>Gained</Status>) },
    { key: 'token', header: 'Token', cell: (row) => <TextLink className="above" to="/t/$tenant/access-tokens/$accessTokenId" params={{ tenant, accessTokenId: row.accessTokenId }}><Hint hint={row.hint} /></TextLink> },
    { key: 'at', header: 'When', cell: ({ at }) => <Time at={at} seconds /> },
  ];
  return (
    <ListScreens list={list} filtered={false} firstUse={<Empty icon={IconHistory} title="No changes yet">When a token gains or loses an enterprise in Mews, it is written down here.</Empty>}>
      <DataTable label="Changes of reach" noun="change" columns={columns} rows={list.items} rowKey={(row) => row.id} hasMore={list.hasMore} isLoadingMore={list.isLoadingMore} loadMore={list.loadMore} fill />
    </ListScreens>
  );
}
