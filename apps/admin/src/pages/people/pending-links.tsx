// Links that were handed out and not used yet.
import { Button } from '@mantine/core';
import type { AccessLink } from '../../api/types';
import { DataTable, type Column } from '../../parts/data-table';
import { done, failed } from '../../parts/notify';
import { Loading, Panel } from '../../parts/page';
import { ProblemView } from '../../parts/problem-view';
import { Ago, Time } from '../../parts/time';
import { useLinks, useRevokeLink, type Links } from '../../queries/people';
import { roleName } from './roles';

export function PendingLinks<Role extends string>({ links, mayRevoke }: { links: Links<Role>; mayRevoke: boolean }) {
  const list = useLinks(links);
  const columns: Column<AccessLink>[] = [
    { key: 'email', header: 'For', cell: ({ email }) => <span className="strong">{email}</span> },
    { key: 'kind', header: 'What', cell: ({ role }) => (role === null ? 'Password reset' : `Invitation, ${roleName(role).toLowerCase()}`) },
    { key: 'expires', header: 'Expires', cell: ({ expiresAt }) => <Time at={expiresAt} /> },
    { key: 'by', header: 'Made by', wide: true, cell: ({ madeBy }) => madeBy },
    { key: 'created', header: 'Made', wide: true, cell: ({ createdAt }) => <Ago at={createdAt} /> },
    ...(mayRevoke ? [{ key: 'revoke', header: <span className="hiddenText">Actions</span>, align: 'right' as const, cell: (link: AccessLink) => <Revoke links={links} link={link} /> }] : []),
  ];
  return (
    <Panel title="Links not used yet" flush={list.items.length > 0}>
      {list.isPending ? <Loading rows={2} />
        : list.error ? <ProblemView error={list.error} retry={list.refetch} />
          : list.items.length === 0 ? <p className="muted">None. An invitation stands here until it is accepted, is revoked or expires.</p>
            : <DataTable bare label="Links not used yet" noun="link" columns={columns} rows={list.items} rowKey={({ id }) => id} hasMore={list.hasMore} isLoadingMore={list.isLoadingMore} loadMore={list.loadMore} />}
    </Panel>
  );
}

function Revoke<Role extends string>({ links, link }: { links: Links<Role>; link: AccessLink }) {
  const revoke = useRevokeLink(links);
  return <Button size="compact-xs" variant="default" loading={revoke.isPending} aria-label={`Revoke the link for ${link.email}`} onClick={() => revoke.mutate(link.id, { onError: failed, onSuccess: () => done('Link revoked') })}>Revoke</Button>;
}
