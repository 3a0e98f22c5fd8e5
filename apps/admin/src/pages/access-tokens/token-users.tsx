// Who can use a token through Keyrack, or read what it brought.
import { IconKey, IconShieldSearch, IconUser, IconUsersGroup, type Icon } from '@tabler/icons-react';
import type { TokenUser } from '../../api/types';
import { DataTable, type Column } from '../../parts/data-table';
import { Hint } from '../../parts/id';
import { Empty, ListScreens } from '../../parts/page';
import { Status } from '../../parts/status';
import { Time } from '../../parts/time';
import { useTokenUsers } from '../../queries/reach';

const kinds: Record<TokenUser['kind'], { icon: Icon; text: string }> = {
  member: { icon: IconUser, text: 'Member' }, api_key: { icon: IconKey, text: 'API key' },
  platform_user: { icon: IconShieldSearch, text: 'Runs the platform' }, platform_api_key: { icon: IconKey, text: 'API key of the platform' },
};
const uses: Record<TokenUser['can'][number], string> = { sync: 'sync by it', manage: 'verify, rotate, revoke it', connect: 'choose what uses it', read: 'read what it brought' };

const columns: Column<TokenUser>[] = [
  { key: 'name', header: 'Who', cell: ({ name, email, hint }) => <><span className="strong">{name}</span>{email && <span className="muted"> {email}</span>}{hint && <> <Hint hint={hint} /></>}</> },
  { key: 'kind', header: 'Is', cell: ({ kind }) => <Status tone="idle" icon={kinds[kind].icon}>{kinds[kind].text}</Status> },
  { key: 'role', header: 'Role', cell: ({ role }) => role },
  { key: 'can', header: 'Can', cell: ({ can }) => can.map((use) => uses[use]).join(', ') },
  { key: 'used', header: 'Last used', wide: true, cell: ({ kind, lastUsedAt }) => (kind.endsWith('api_key') ? <Time at={lastUsedAt} /> : <span className="muted">–</span>) },
  { key: 'expires', header: 'Expires', wide: true, cell: ({ kind, expiresAt }) => (kind.endsWith('api_key') ? <Time at={expiresAt} /> : <span className="muted">–</span>) },
];

export function TokenUsersTab({ tenant, accessTokenId }: { tenant: string; accessTokenId: string }) {
  const list = useTokenUsers(tenant, accessTokenId);
  return (
    <ListScreens list={list} filtered={false} firstUse={<Empty icon={IconUsersGroup} title="Nobody can use it" />}>
      <DataTable label="Who can use the token" noun="user" columns={columns} rows={list.items} rowKey={({ kind, id }) => kind + id} hasMore={list.hasMore} isLoadingMore={list.isLoadingMore} loadMore={list.loadMore} />
    </ListScreens>
  );
}
