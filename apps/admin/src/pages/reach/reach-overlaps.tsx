// Enterprises that several tokens open: which of these is used, and why; of one tenant or of all.
import { TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconCircle, IconCircleCheckFilled, IconCopyCheck } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { OverlapRow, OverlapsQuery } from '../../api/types';
import { DataTable, type Column } from '../../parts/data-table';
import { count } from '../../parts/format';
import { Hint } from '../../parts/id';
import { TextLink } from '../../parts/links';
import { Empty, ListScreens } from '../../parts/page';
import { pauseText, Status, TokenState } from '../../parts/status';
import { Time } from '../../parts/time';
import { isAll, useOverlaps, type OfTenant, type Scope } from '../../queries/reach';
import { TokenKindMark } from '../access-tokens/token-kind';

export interface OverlapsSearch { asOf?: string | undefined; q?: string | undefined }
export interface OverlapsProps { scope: Scope; search: OverlapsSearch; set: (change: OverlapsSearch) => void }

export const overlapsQuery = ({ asOf, q }: OverlapsSearch): OverlapsQuery => ({ q, asOf: asOf && `${asOf}T23:59:59.999Z` });

const reasons = {
  own_token: 'an enterprise’s own token goes before a portfolio’s', chosen: 'somebody chose it: the enterprise has a token of its own', kept: 'it was connected first, or chosen',
} as const;

function Use({ row }: { row: OverlapRow }) {
  if (row.usedAccessTokenId === null) return <Status tone="idle" icon={IconCircle}>Not connected</Status>;
  if (!row.used) return <Status tone="idle" icon={IconCircle}>Opens it, not used</Status>;
  return <Status tone="ok" icon={IconCircleCheckFilled}>Used{row.why && `: ${reasons[row.why]}`}{row.connectionState && row.connectionState !== 'usable' && `. ${pauseText(row.connectionState)}`}</Status>;
}

export function ReachOverlaps({ scope, search, set }: OverlapsProps) {
  const list = useOverlaps(scope, overlapsQuery(search));
  const [typed, setTyped] = useState(search.q ?? '');
  const find = useDebouncedCallback((text: string) => set({ q: text.trim() || undefined }), 300);
  const of = (row: OfTenant<OverlapRow>) => ('tenant' in scope ? scope.tenant : row.tenant ?? '');
  const columns: Column<OfTenant<OverlapRow>>[] = [
    { key: 'enterprise', header: 'Enterprise', cell: (row) => <Link className="row" to="/t/$tenant/enterprises/$enterpriseId" params={{ tenant: of(row), enterpriseId: row.enterpriseId }} search={{ tab: 'tokens' }}>{row.enterpriseName}</Link> },
    ...(isAll(scope) ? [{ key: 'tenant', header: 'Tenant', cell: (row: OfTenant<OverlapRow>) => row.tenant }] : []),
    { key: 'tokens', header: 'Tokens', align: 'right', wide: true, cell: ({ tokens }) => count(tokens) },
    { key: 'token', header: 'Token', cell: (row) => <TextLink className="above" to="/t/$tenant/access-tokens/$accessTokenId" params={{ tenant: of(row), accessTokenId: row.accessTokenId }}>{row.label && <>{row.label} </>}<Hint hint={row.hint} /></TextLink> },
    { key: 'kind', header: 'Kind', wide: true, cell: ({ kind }) => <TokenKindMark kind={kind} /> },
    { key: 'status', header: 'Status', wide: true, cell: ({ status }) => <TokenState status={status} /> },
    { key: 'use', header: 'Used by syncs now', cell: (row) => <Use row={row} /> },
    { key: 'since', header: 'Opens it since', wide: true, cell: ({ firstSeenAt }) => <Time at={firstSeenAt} /> },
  ];
  const clear = () => { setTyped(''); set({ asOf: undefined, q: undefined }); };
  return (
    <>
      <div className="filters" role="search" aria-label="Filter overlaps">
        <TextInput className="grow" label="Find" placeholder="Part of an enterprise’s name" maxLength={200} value={typed} onChange={(event) => { setTyped(event.currentTarget.value); find(event.currentTarget.value); }} />
        <TextInput label="As of the end of (UTC)" type="date" value={search.asOf ?? ''} onChange={(event) => set({ asOf: event.currentTarget.value || undefined })} />
      </div>
      <ListScreens list={list} filtered={Boolean(search.asOf ?? search.q)} clear={clear} firstUse={<Empty icon={IconCopyCheck} title="No overlaps">Every enterprise is opened by one token at most. What several open is listed here, with the token that is used.</Empty>}>
        <DataTable label="Overlaps of reach" noun="row" columns={columns} rows={list.items} rowKey={(row) => of(row) + row.enterpriseId + row.accessTokenId} hasMore={list.hasMore} isLoadingMore={list.isLoadingMore} loadMore={list.loadMore} fill />
      </ListScreens>
    </>
  );
}
