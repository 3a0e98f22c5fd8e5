// Who has which role in the tenant, and who was invited.
import { Button, Group, Select } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconUsers } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import type { Member } from '../../api/types';
import { DataTable, type Column } from '../../parts/data-table';
import { done, failed } from '../../parts/notify';
import { Empty, ListScreens, PageHead } from '../../parts/page';
import { TypedConfirm } from '../../parts/typed-confirm';
import { tenantLinks, useMembers, useRemoveMember, useSetMember } from '../../queries/people';
import { useMay } from '../../parts/may';
import { useSession } from '../../queries/session';
import { Invite } from './invite';
import { PendingLinks } from './pending-links';
import { ResetPassword } from './reset-password';
import { roleName, tenantRoles } from './roles';

const route = getRouteApi('/signed-in/t/$tenant/members');

export function Members() {
  const { tenant } = route.useParams();
  const session = useSession();
  const list = useMembers(tenant);
  const writeMembers = useMay(tenant)('members:write');
  const links = tenantLinks(tenant);
  const invite = writeMembers && <Invite links={links} roles={tenantRoles} to={session.tenants.find(({ slug }) => slug === tenant)?.name ?? tenant} />;
  const me = session.user.id;
  const columns: Column<Member>[] = [
    { key: 'name', header: 'Name', cell: ({ userId, name }) => <span className="strong">{name}{userId === me && <span className="muted"> (you)</span>}</span> },
    { key: 'email', header: 'E-mail address', cell: ({ email }) => email },
    { key: 'role', header: 'Role', cell: (member) => (writeMembers ? <Role tenant={tenant} member={member} /> : roleName(member.role)) },
    ...(writeMembers ? [{ key: 'actions', header: <span className="hiddenText">Actions</span>, align: 'right' as const, cell: (member: Member) => (
      <Group gap={6} justify="flex-end" wrap="nowrap"><ResetPassword links={links} userId={member.userId} email={member.email} /><Remove tenant={tenant} member={member} /></Group>
    ) }] : []),
  ];
  return (
    <>
      <PageHead title="Members" actions={invite}>People with a role in this tenant. Software has API keys of its own.</PageHead>
      <ListScreens list={list} filtered={false} firstUse={<Empty icon={IconUsers} title="No members yet" action={invite}>Operators of the platform can work here without being members.</Empty>}>
        <DataTable label="Members" noun="member" columns={columns} rows={list.items} rowKey={({ userId }) => userId} hasMore={list.hasMore} isLoadingMore={list.isLoadingMore} loadMore={list.loadMore} />
      </ListScreens>
      <PendingLinks links={links} mayRevoke={writeMembers} />
    </>
  );
}

function Role({ tenant, member: { userId, email, role } }: { tenant: string; member: Member }) {
  const set = useSetMember(tenant);
  const change = (value: string | null) => {
    const wanted = tenantRoles.find(([known]) => known === value)?.[0];
    if (wanted && wanted !== role) set.mutate({ userId, role: wanted }, { onError: failed, onSuccess: () => done('Role changed', `${email} is ${wanted} now.`) });
  };
  return <Select size="xs" w={130} aria-label={`Role of ${email}`} allowDeselect={false} disabled={set.isPending} data={tenantRoles.map(([value]) => ({ value, label: roleName(value) }))} value={role} onChange={change} />;
}

function Remove({ tenant, member: { userId, email } }: { tenant: string; member: Member }) {
  const [opened, { open, close }] = useDisclosure(false);
  const remove = useRemoveMember(tenant);
  return (
    <>
      <Button size="compact-xs" variant="default" c="var(--bad)" onClick={open} aria-label={`Remove ${email}`}>Remove…</Button>
      <TypedConfirm opened={opened} close={() => { close(); remove.reset(); }} title="Remove this member?" word={email} wordIs="the address" action="Remove" busy={remove.isPending} error={remove.error} run={async () => { await remove.mutateAsync(userId); done('Member removed'); }}>
        <p>This person can no longer open the tenant, at once. API keys of the tenant stay as they are: revoke those that this person knows.</p>
      </TypedConfirm>
    </>
  );
}
