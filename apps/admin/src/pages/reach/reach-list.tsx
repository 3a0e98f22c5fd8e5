// Reach as rows.
import { IconGridDots } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReachRow } from '../../api/types';
import { DataTable, type Column } from '../../parts/data-table';
import { Hint } from '../../parts/id';
import { ButtonLink, TextLink } from '../../parts/links';
import { May } from '../../parts/may';
import { Empty, ListScreens } from '../../parts/page';
import { Time } from '../../parts/time';
import { useReach, type ReachFilter } from '../../queries/reach';
import { ReachFact } from './reach-fact';

export interface ReachProps { tenant: string; filter: ReachFilter; q: string | undefined; filtered: boolean; clear: () => void }
export const matching = (rows: ReachRow[], q: string | undefined): ReachRow[] => {
  const needle = (q ?? '').toLowerCase();
  return needle === '' ? rows : rows.filter((row) => `${row.enterpriseName} ${row.enterpriseId} ${row.hint}`.toLowerCase().includes(needle));
};
export const NoReach = ({ tenant }: { tenant: string }) => <Empty icon={IconGridDots} title="Nothing is reached yet" action={<May do="access-tokens:write"><ButtonLink to="/t/$tenant/connect" params={{ tenant }}>Add a token</ButtonLink></May>}>Add a token, and Keyrack asks Mews which enterprises it opens.</Empty>;

export function ReachList({ tenant, filter, q, filtered, clear }: ReachProps) {
  const list = useReach(tenant, filter);
  const rows = matching(list.items, q);
  const columns: Column<ReachRow>[] = [
    { key: 'enterprise', header: 'Enterprise', cell: (row) => <Link className="row" to="/t/$tenant/enterprises/$enterpriseId" params={{ tenant, enterpriseId: row.enterpriseId }} search={{ tab: 'tokens' }}>{row.enterpriseName}</Link> },
    { key: 'token', header: 'Token', cell: (row) => <TextLink className="above" to="/t/$tenant/access-tokens/$accessTokenId" params={{ tenant, accessTokenId: row.accessTokenId }}><Hint hint={row.hint} /></TextLink> },
    { key: 'fact', header: 'Reach', cell: (row) => <ReachFact row={row} /> },
    { key: 'first', header: 'First seen', wide: true, cell: ({ firstSeenAt }) => <Time at={firstSeenAt} /> },
    { key: 'last', header: 'Last seen', wide: true, cell: ({ lastSeenAt }) => <Time at={lastSeenAt} empty="–" /> },
    { key: 'lost', header: 'Lost', wide: true, cell: ({ lostAt }) => <Time at={lostAt} empty="–" /> },
  ];
  return (
    <ListScreens list={{ ...list, items: rows }} filtered={filtered} clear={clear} firstUse={<NoReach tenant={tenant} />}>
      <DataTable label="Reach" noun="fact" columns={columns} rows={rows} rowKey={(row) => row.accessTokenId + row.enterpriseId + row.firstSeenAt} hasMore={list.hasMore} isLoadingMore={list.isLoadingMore} loadMore={list.loadMore} fill />
    </ListScreens>
  );
}
