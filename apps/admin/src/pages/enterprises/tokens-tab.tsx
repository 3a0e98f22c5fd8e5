// The tokens that open one enterprise, which of them serves it, and the choice of another.
import { Button } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { Enterprise, ReachRow } from '../../api/types';
import { DataTable, type Column } from '../../parts/data-table';
import { Hint } from '../../parts/id';
import { useMay } from '../../parts/may';
import { done, failed } from '../../parts/notify';
import { Empty, ListScreens } from '../../parts/page';
import { Time } from '../../parts/time';
import { useConnect } from '../../queries/enterprises';
import { useReach } from '../../queries/reach';
import { TokenKindMark } from '../access-tokens/token-kind';
import { ReachFact } from '../reach/reach-fact';

export function TokensTab({ tenant, enterprise }: { tenant: string; enterprise: Enterprise }) {
  const list = useReach(tenant, { enterpriseId: enterprise.id, state: 'all' });
  const connect = useConnect(tenant);
  const may = useMay();
  const use = (row: ReachRow) => connect.mutate({ enterpriseId: enterprise.id, accessTokenId: row.accessTokenId }, { onError: failed, onSuccess: () => done('Connected', `${enterprise.name} is served by ${row.hint} from now on.`) });
  const columns: Column<ReachRow>[] = [
    { key: 'token', header: 'Token', cell: (row) => <Link className="row" to="/t/$tenant/access-tokens/$accessTokenId" params={{ tenant, accessTokenId: row.accessTokenId }}><Hint hint={row.hint} /></Link> },
    { key: 'kind', header: 'Kind', cell: ({ kind }) => <TokenKindMark kind={kind} /> },
    { key: 'fact', header: 'Reach', cell: (row) => <ReachFact row={row} /> },
    { key: 'first', header: 'First seen', wide: true, cell: ({ firstSeenAt }) => <Time at={firstSeenAt} /> },
    { key: 'last', header: 'Last seen', wide: true, cell: ({ lastSeenAt }) => <Time at={lastSeenAt} empty="–" /> },
    { key: 'lost', header: 'Lost', wide: true, cell: ({ lostAt }) => <Time at={lostAt} empty="–" /> },
    { key: 'use', header: <span className="hiddenText">Actions</span>, align: 'right', cell: (row) => (!row.connected && row.lostAt === null && may('connections:write') ? <Button className="above" size="compact-xs" variant="default" loading={connect.isPending && connect.variables.accessTokenId === row.accessTokenId} onClick={() => use(row)} aria-label={`Use token ${row.hint} for this enterprise`}>Use this token</Button> : null) },
  ];
  return (
    <ListScreens list={list} filtered={false} firstUse={<Empty icon={IconKey} title="No token opens it" />}>
      <DataTable label="Tokens that open this enterprise" noun="token" columns={columns} rows={list.items} rowKey={(row) => row.accessTokenId + row.firstSeenAt} hasMore={list.hasMore} loadMore={list.loadMore} />
    </ListScreens>
  );
}
