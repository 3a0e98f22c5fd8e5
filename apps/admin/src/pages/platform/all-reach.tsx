// Which tokens of any tenant open an enterprise: the auditor's view across the platform.
import { TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconShieldSearch } from '@tabler/icons-react';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { PlatformReachRow } from '../../api/types';
import { DataTable, type Column } from '../../parts/data-table';
import { Hint, Id } from '../../parts/id';
import { Empty, ListScreens, PageHead } from '../../parts/page';
import { Time } from '../../parts/time';
import { usePlatformReach } from '../../queries/platform';
import { ReachFact } from '../reach/reach-fact';

const route = getRouteApi('/signed-in/all/reach');
const id = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

const columns: Column<PlatformReachRow>[] = [
  { key: 'enterprise', header: 'Enterprise', cell: ({ enterpriseName, enterpriseId }) => <><span className="strong">{enterpriseName}</span> <Id value={enterpriseId} what="enterprise id" short /></> },
  { key: 'tenant', header: 'Tenant', cell: ({ tenant }) => <Link to="/t/$tenant/reach" params={{ tenant }}>{tenant}</Link> },
  { key: 'token', header: 'Token', cell: ({ hint, accessTokenId }) => <><Hint hint={hint} /> <Id value={accessTokenId} what="token id" short /></> },
  { key: 'fact', header: 'Reach', cell: (row) => <ReachFact row={row} /> },
  { key: 'first', header: 'First seen', wide: true, cell: ({ firstSeenAt }) => <Time at={firstSeenAt} /> },
  { key: 'last', header: 'Last seen', wide: true, cell: ({ lastSeenAt }) => <Time at={lastSeenAt} empty="–" /> },
];

export function AllReach() {
  const { enterprise, token } = route.useSearch();
  const navigate = route.useNavigate();
  const [typed, setTyped] = useState({ enterprise: enterprise ?? '', token: token ?? '' });
  const find = useDebouncedCallback((next: typeof typed) => void navigate({ search: (now) => ({ ...now, enterprise: next.enterprise.trim() || undefined, token: next.token.trim() || undefined }), replace: true }), 300);
  const type = (change: Partial<typeof typed>) => { const next = { ...typed, ...change }; setTyped(next); find(next); };
  const valid = (text: string | undefined) => (text && id.test(text) ? text : undefined);
  const list = usePlatformReach({ enterpriseId: valid(enterprise), accessTokenId: valid(token) });
  const wrong = (text: string) => (text.trim() !== '' && !id.test(text.trim()) ? 'an id looks like 3fa85f64-5717-4562-b3fc-2c963f66afa6' : undefined);
  return (
    <>
      <PageHead title="Reach of all tenants">Which AccessTokens on this platform open an enterprise, whoever owns them.</PageHead>
      <div className="filters" role="search" aria-label="Filter reach">
        <TextInput className="grow" label="Enterprise id" value={typed.enterprise} onChange={(event) => type({ enterprise: event.currentTarget.value })} error={wrong(typed.enterprise)} />
        <TextInput className="grow" label="Token id" value={typed.token} onChange={(event) => type({ token: event.currentTarget.value })} error={wrong(typed.token)} />
      </div>
      <ListScreens list={list} filtered={Boolean(enterprise ?? token)} clear={() => type({ enterprise: '', token: '' })} firstUse={<Empty icon={IconShieldSearch} title="Nothing is reached yet">As soon as a tenant adds a token, what it opens is listed here.</Empty>}>
        <DataTable label="Reach of all tenants" noun="fact" columns={columns} rows={list.items} rowKey={(row) => row.accessTokenId + row.enterpriseId + row.firstSeenAt} hasMore={list.hasMore} isLoadingMore={list.isLoadingMore} loadMore={list.loadMore} fill />
      </ListScreens>
    </>
  );
}
