// Who changed what, newest first; in one tenant or on the platform.
import { Anchor, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconBook2, IconKey, IconRobot, IconUser } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import type { AuditEvent } from '../api/types';
import { CsvButton } from '../parts/csv-button';
import { DataTable, type Column } from '../parts/data-table';
import { count } from '../parts/format';
import { Empty, ListScreens, PageHead } from '../parts/page';
import { Status } from '../parts/status';
import { Time } from '../parts/time';
import { useAudit, useVerifyAudit } from '../queries/tenant';
import { VerifyButton, VerifyOutcome } from './audit-verify';

const actors = { user: IconUser, api_key: IconKey, system: IconRobot } as const;

/** accessTokenId -> "access token id"; before and after as an arrow; long lists as a count. */
function value(of: unknown): string {
  if (Array.isArray(of)) return of.length > 3 ? `${count(of.length)} of them` : of.map(value).join(', ');
  if (typeof of === 'object' && of !== null) {
    if ('before' in of && 'after' in of) return `${value(of.before)} → ${value(of.after)}`;
    return Object.entries(of).map(([key, part]) => `${key} ${value(part)}`).join(', ');
  }
  return typeof of === 'string' || typeof of === 'number' || typeof of === 'boolean' ? String(of) : 'none';
}
const words = (name: string): string => name.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();

/** What a sync was narrowed to: to none of them is to all. */
const narrowing = new Set(['collections', 'enterpriseIds']);

const columnsOf = (only: (actor: string) => void): Column<AuditEvent>[] => [
  { key: 'at', header: 'When', cell: ({ at }) => <Time at={at} seconds /> },
  { key: 'actor', header: 'Who', cell: ({ actor }) => <Anchor component="button" type="button" size="sm" c="inherit" ta="left" title={`Only what ${actor.name} did`} onClick={() => only(actor.id)}><Status tone="idle" icon={actors[actor.kind]}>{actor.name}</Status></Anchor> },
  { key: 'action', header: 'What', cell: ({ action }) => <code>{action}</code> },
  { key: 'subject', header: 'Details', cell: ({ subject }) => <dl className="facts inline">{Object.entries(subject).filter(([key]) => key !== 'action').map(([key, of]) => <div key={key}><dt>{words(key)}</dt><dd>{of === null && narrowing.has(key) ? 'all' : value(of)}</dd></div>)}</dl> },
  { key: 'seq', header: 'No.', align: 'right', wide: true, cell: ({ seq }) => count(seq) },
];

export interface AuditSearch { actor?: string | undefined; action?: string | undefined; from?: string | undefined; to?: string | undefined }
interface Props { title: string; /** None: of the platform. */ tenant?: string; search: AuditSearch; set: (change: AuditSearch) => void; children: ReactNode }

export function AuditTrail({ title, tenant, search, set, children }: Props) {
  const { actor, action, from, to } = search;
  const [typed, setTyped] = useState({ actor: actor ?? '', action: action ?? '' });
  const find = useDebouncedCallback((next: typeof typed) => set({ actor: next.actor.trim() || undefined, action: next.action.trim() || undefined }), 300);
  const type = (change: Partial<typeof typed>) => { const next = { ...typed, ...change }; setTyped(next); find(next); };
  const filter = { actor, action, from: from && `${from}T00:00:00Z`, to: to && `${to}T23:59:59.999Z` };
  const list = useAudit(tenant, filter);
  const verify = useVerifyAudit();
  const clear = () => { setTyped({ actor: '', action: '' }); set({ actor: undefined, action: undefined, from: undefined, to: undefined }); };
  return (
    <>
      <PageHead title={title} actions={<><VerifyButton verify={verify} /><CsvButton path={tenant ? `/v1/tenants/${tenant}/audit` : '/v1/audit'} query={filter} name={`audit-${tenant ?? 'platform'}`} /></>}>{children} Events cannot be edited or removed.</PageHead>
      <VerifyOutcome verify={verify} />
      <div className="filters" role="search" aria-label="Filter the audit trail">
        <TextInput label="Who" placeholder="Name or id" maxLength={200} value={typed.actor} onChange={(event) => type({ actor: event.currentTarget.value })} />
        <TextInput label="What" placeholder={tenant ? 'access_token, run.cancelled…' : 'tenant, user.signed_in…'} maxLength={100} value={typed.action} onChange={(event) => type({ action: event.currentTarget.value })} />
        <TextInput label="From (UTC day)" type="date" value={from ?? ''} onChange={(event) => set({ from: event.currentTarget.value || undefined })} />
        <TextInput label="To (UTC day)" type="date" value={to ?? ''} onChange={(event) => set({ to: event.currentTarget.value || undefined })} />
      </div>
      <ListScreens list={list} filtered={Boolean(actor ?? action ?? from ?? to)} clear={clear} firstUse={<Empty icon={IconBook2} title="Nothing has happened yet">The first change will be written here.</Empty>}>
        <DataTable label="Audit trail" noun="event" columns={columnsOf((id) => type({ actor: id }))} rows={list.items} rowKey={({ id }) => id} hasMore={list.hasMore} isLoadingMore={list.isLoadingMore} loadMore={list.loadMore} fill />
      </ListScreens>
    </>
  );
}
