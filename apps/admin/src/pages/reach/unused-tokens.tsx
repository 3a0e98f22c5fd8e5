// Tokens that neither a sync nor anybody has used for a while: candidates to revoke; of one tenant or of all.
import { NumberInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconKey } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { UnusedToken } from '../../api/types';
import { DataTable, type Column } from '../../parts/data-table';
import { EnvironmentBadge } from '../../parts/environment-badge';
import { count, plural } from '../../parts/format';
import { Hint } from '../../parts/id';
import { Empty, ListScreens } from '../../parts/page';
import { TokenState } from '../../parts/status';
import { Ago, Time } from '../../parts/time';
import { isAll, useUnused, type OfTenant, type Scope } from '../../queries/reach';
import { days as readDays } from '../../search';

export interface UnusedProps { scope: Scope; days: number | undefined; set: (change: { days: number | undefined }) => void }
export const usualDays = 90;

export function UnusedTokens({ scope, days = usualDays, set }: UnusedProps) {
  const list = useUnused(scope, { days });
  const [typed, setTyped] = useState<string | number>(days);
  const ask = useDebouncedCallback((value: string | number) => { const wanted = readDays(value); if (wanted !== undefined) set({ days: wanted === usualDays ? undefined : wanted }); }, 300);
  const of = (row: OfTenant<UnusedToken>) => ('tenant' in scope ? scope.tenant : row.tenant ?? '');
  const columns: Column<OfTenant<UnusedToken>>[] = [
    { key: 'token', header: 'Token', cell: (row) => <Link className="row" to="/t/$tenant/access-tokens/$accessTokenId" params={{ tenant: of(row), accessTokenId: row.accessTokenId }}>{row.label && <>{row.label} </>}<Hint hint={row.hint} /></Link> },
    ...(isAll(scope) ? [{ key: 'tenant', header: 'Tenant', cell: (row: OfTenant<UnusedToken>) => row.tenant }] : []),
    { key: 'unused', header: 'Unused for', align: 'right', cell: ({ unusedDays }) => plural(unusedDays, 'day') },
    { key: 'sync', header: 'Last sync', cell: ({ lastSyncedAt }) => <Time at={lastSyncedAt} /> },
    { key: 'asked', header: 'Last on request', wide: true, cell: ({ lastInteractiveAt }) => <Time at={lastInteractiveAt} /> },
    { key: 'age', header: 'Added', cell: ({ createdAt }) => <Ago at={createdAt} /> },
    { key: 'status', header: 'Status', wide: true, cell: ({ status }) => <TokenState status={status} /> },
    { key: 'opens', header: 'Opens', align: 'right', cell: ({ opens }) => count(opens) },
    { key: 'serves', header: 'Serves', align: 'right', wide: true, cell: ({ serves }) => count(serves) },
    { key: 'environment', header: 'Environment', wide: true, cell: ({ environment }) => <EnvironmentBadge id={environment} /> },
  ];
  const clear = () => { setTyped(usualDays); set({ days: undefined }); };
  return (
    <>
      <div className="filters" role="search" aria-label="Filter unused tokens">
        <NumberInput label="Unused for at least (days)" description="0 lists every token" min={0} max={3_650} clampBehavior="none" value={typed} onChange={(value) => { setTyped(value); ask(value); }} error={readDays(typed) === undefined && 'a whole number, 0 to 3,650'} />
      </div>
      <ListScreens list={list} filtered={days !== usualDays} clear={clear} firstUse={<Empty icon={IconKey} title="Every token is in use">No token has been unused for 90 days. That Keyrack re-reads what a token opens does not count as a use.</Empty>}>
        <DataTable label="Unused tokens" noun="token" columns={columns} rows={list.items} rowKey={(row) => row.accessTokenId} hasMore={list.hasMore} isLoadingMore={list.isLoadingMore} loadMore={list.loadMore} fill />
      </ListScreens>
    </>
  );
}
