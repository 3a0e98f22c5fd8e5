// Everybody who can sign in, and the roles on the platform.
import { Button, Group, Select } from '@mantine/core';
import { IconCircleCheck, IconPlayerPause, IconUserCog } from '@tabler/icons-react';
import type { PlatformRole, User } from '../../api/types';
import { DataTable, type Column } from '../../parts/data-table';
import { done, failed } from '../../parts/notify';
import { Empty, ListScreens, PageHead } from '../../parts/page';
import { Status } from '../../parts/status';
import { Time } from '../../parts/time';
import { platformLinks, useChangeUser, useUsers } from '../../queries/people';
import { useMay } from '../../parts/may';
import { useSession } from '../../queries/session';
import { Invite } from './invite';
import { PendingLinks } from './pending-links';
import { ResetPassword } from './reset-password';
import { platformRoles, roleName } from './roles';

export function Users() {
  const session = useSession();
  const list = useUsers();
  const writeUsers = useMay()('users:write');
  const invite = writeUsers && <Invite links={platformLinks} roles={platformRoles} to="the platform" />;
  const me = session.user.id;
  const columns: Column<User>[] = [
    { key: 'name', header: 'Name', cell: ({ id, name }) => <span className="strong">{name}{id === me && <span className="muted"> (you)</span>}</span> },
    { key: 'email', header: 'E-mail address', cell: ({ email }) => email },
    { key: 'role', header: 'Role on the platform', cell: (user) => (user.platformRole === null ? 'None' : writeUsers ? <Role id={user.id} email={user.email} role={user.platformRole} /> : roleName(user.platformRole)) },
    { key: 'state', header: 'State', cell: ({ disabled }) => (disabled ? <Status tone="idle" icon={IconPlayerPause}>Disabled</Status> : <Status tone="ok" icon={IconCircleCheck}>Active</Status>) },
    { key: 'created', header: 'Created', wide: true, cell: ({ createdAt }) => <Time at={createdAt} empty="–" /> },
    ...(writeUsers ? [{ key: 'actions', header: <span className="hiddenText">Actions</span>, align: 'right' as const, cell: (user: User) => (
      <Group gap={6} justify="flex-end" wrap="nowrap">{!user.disabled && <ResetPassword links={platformLinks} userId={user.id} email={user.email} />}<Disable user={user} /></Group>
    ) }] : []),
  ];
  return (
    <>
      <PageHead title="Users" actions={invite}>Everybody who can sign in, with the role on the platform: a first one is given by an invitation. Roles in a tenant are on its page Members.</PageHead>
      <ListScreens list={list} filtered={false} firstUse={<Empty icon={IconUserCog} title="No users yet" action={invite}>The platform was entered with an API key only.</Empty>}>
        <DataTable label="Users" noun="user" columns={columns} rows={list.items} rowKey={({ id }) => id} hasMore={list.hasMore} isLoadingMore={list.isLoadingMore} loadMore={list.loadMore} />
      </ListScreens>
      <PendingLinks links={platformLinks} mayRevoke={writeUsers} />
    </>
  );
}

/** A role that is taken away comes back by an invitation only. */
function Role({ id, email, role }: { id: string; email: string; role: PlatformRole }) {
  const change = useChangeUser();
  const set = (value: string | null) => {
    const wanted = platformRoles.find(([known]) => known === value)?.[0] ?? null;
    if (wanted !== role) change.mutate({ userId: id, platformRole: wanted }, { onError: failed, onSuccess: () => done('Role changed', `${email} ${wanted === null ? 'has no role on the platform' : `is ${wanted} of the platform`} now.`) });
  };
  return <Select size="xs" w={130} aria-label={`Role of ${email} on the platform`} allowDeselect={false} disabled={change.isPending} data={[{ value: '', label: 'None' }, ...platformRoles.map(([value]) => ({ value, label: roleName(value) }))]} value={role} onChange={set} />;
}

function Disable({ user: { id, email, disabled } }: { user: User }) {
  const change = useChangeUser();
  const turn = () => change.mutate({ userId: id, disabled: !disabled }, { onError: failed, onSuccess: () => done(disabled ? 'User enabled' : 'User disabled', disabled ? `${email} can sign in again.` : `${email} is signed out and cannot sign in.`) });
  return <Button size="compact-xs" variant="default" loading={change.isPending} onClick={turn} aria-label={`${disabled ? 'Enable' : 'Disable'} ${email}`}>{disabled ? 'Enable' : 'Disable'}</Button>;
}
