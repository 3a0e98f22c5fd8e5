// Every AccessToken of the tenant: hint, kind, reach, status, last used, age. Never its text.
import { Button, Select, TextInput } from '@mantine/core';
import { IconBan, IconKey } from '@tabler/icons-react';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import type { AccessToken } from '../../api/types';
import { DataTable, type Column } from '../../parts/data-table';
import { EnvironmentBadge } from '../../parts/environment-badge';
import { count } from '../../parts/format';
import { Hint } from '../../parts/id';
import { ButtonLink } from '../../parts/links';
import { May } from '../../parts/may';
import { Empty, ListScreens, PageHead } from '../../parts/page';
import { TokenState } from '../../parts/status';
import { Ago } from '../../parts/time';
import { useAccessTokens } from '../../queries/access-tokens';
import { tokenStatuses } from '../../search';
import { ImportButton } from './import-dialog';
import { TokenActions } from './token-actions';
import { TokenKindMark } from './token-kind';

const route = getRouteApi('/signed-in/t/$tenant/access-tokens');

const byText = (of: (token: AccessToken) => string) => (a: AccessToken, b: AccessToken) => of(a).localeCompare(of(b));

const columnsOf = (tenant: string): Column<AccessToken>[] => [
  { key: 'label', header: 'Token', compare: byText(({ label, hint }) => label ?? hint), cell: (token) => <Link className="row" to="/t/$tenant/access-tokens/$accessTokenId" params={{ tenant, accessTokenId: token.id }}>{token.label && <>{token.label} </>}<Hint hint={token.hint} /></Link> },
  { key: 'kind', header: 'Kind', compare: byText(({ kind }) => kind), cell: ({ kind }) => <TokenKindMark kind={kind} /> },
  { key: 'status', header: 'Status', compare: byText(({ status }) => status), cell: ({ status }) => <TokenState status={status} /> },
  { key: 'reach', header: 'Opens', align: 'right', compare: (a, b) => a.enterprises.reached - b.enterprises.reached, cell: (token) => count(token.enterprises.reached) },
  { key: 'connected', header: 'Serves', align: 'right', wide: true, compare: (a, b) => a.enterprises.connected - b.enterprises.connected, cell: (token) => count(token.enterprises.connected) },
  { key: 'environment', header: 'Environment', wide: true, compare: byText(({ environment }) => environment), cell: ({ environment }) => <EnvironmentBadge id={environment} /> },
  { key: 'used', header: 'Last used', wide: true, compare: byText(({ lastUsedAt }) => lastUsedAt ?? ''), cell: ({ lastUsedAt }) => <Ago at={lastUsedAt} /> },
  { key: 'verified', header: 'Verified', wide: true, compare: byText(({ lastVerifiedAt }) => lastVerifiedAt ?? ''), cell: ({ lastVerifiedAt }) => <Ago at={lastVerifiedAt} /> },
  { key: 'age', header: 'Added', wide: true, compare: byText(({ createdAt }) => createdAt), cell: ({ createdAt }) => <Ago at={createdAt} /> },
  { key: 'actions', header: <span className="hiddenText">Actions</span>, align: 'right', cell: (token) => <TokenActions tenant={tenant} token={token} as="menu" /> },
];

export function AccessTokens() {
  const { tenant } = route.useParams();
  const { q, status, sort } = route.useSearch();
  const navigate = route.useNavigate();
  const set = (change: { q?: string; status?: typeof status; sort?: string }) => void navigate({ search: (now) => ({ ...now, ...change }), replace: true });
  const list = useAccessTokens(tenant);
  const needle = (q ?? '').toLowerCase();
  const found = list.items.filter((token) => (status ? token.status === status : token.status !== 'revoked' || needle !== '') && `${token.label ?? ''} ${token.hint} ${token.id}`.toLowerCase().includes(needle));
  // What is looked for may be further down.
  const looking = found.length === 0 && list.hasMore && !list.error;
  useEffect(() => { if (looking && !list.isLoadingMore) void list.loadMore(); }, [looking, list]);
  const none = list.items.length > 0
    ? <Empty icon={IconBan} title="Every token is revoked" action={<Button variant="default" onClick={() => set({ status: 'revoked' })}>Show the revoked tokens</Button>}>Nothing is synced any more. Add a token to go on.</Empty>
    : <Empty icon={IconKey} title="No tokens yet" action={<May do="access-tokens:write"><ButtonLink to="/t/$tenant/connect" params={{ tenant }}>Add the first token</ButtonLink></May>}>A hotel gives you an AccessToken in Mews. Paste it here to see which properties it opens.</Empty>;
  return (
    <>
      <PageHead title="Access tokens" actions={<><May do="access-tokens:write"><ImportButton tenant={tenant} /></May><May do="access-tokens:write"><ButtonLink to="/t/$tenant/connect" params={{ tenant }}>Add a token</ButtonLink></May></>}>Only the last characters are ever shown. Revoked tokens are listed when you ask for them.</PageHead>
      <div className="filters" role="search" aria-label="Filter access tokens">
        <TextInput className="grow" label="Find" placeholder="Label, last characters or id" maxLength={200} value={q ?? ''} onChange={(event) => set({ q: event.currentTarget.value || undefined })} />
        <Select label="Status" placeholder="All but revoked" clearable value={status ?? null} data={tokenStatuses.map((value) => ({ value, label: value[0]?.toUpperCase() + value.slice(1) }))} onChange={(value) => set({ status: tokenStatuses.find((known) => known === value) })} />
      </div>
      <ListScreens list={{ ...list, items: found, isPending: list.isPending || looking }} filtered={Boolean(q ?? status)} clear={() => set({ q: undefined, status: undefined })} firstUse={none}>
        <DataTable label="Access tokens" noun="token" columns={columnsOf(tenant)} rows={found} rowKey={({ id }) => id} hasMore={list.hasMore} isLoadingMore={list.isLoadingMore} loadMore={list.loadMore} sort={sort} onSort={(by) => set({ sort: by })} fill />
      </ListScreens>
    </>
  );
}
