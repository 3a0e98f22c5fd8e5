// The customers of the platform: create, rename, delete.
import { Button, Group, Modal, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconCircleCheck, IconLoader2, IconPlus, IconUsersGroup } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';
import { fieldError, toProblem } from '../../api/problem';
import type { Tenant } from '../../api/types';
import { DataTable, type Column } from '../../parts/data-table';
import { May } from '../../parts/may';
import { done } from '../../parts/notify';
import { Empty, ListScreens, PageHead } from '../../parts/page';
import { ProblemView } from '../../parts/problem-view';
import { Status } from '../../parts/status';
import { Time } from '../../parts/time';
import { TypedConfirm } from '../../parts/typed-confirm';
import { useCreateTenant, useDeleteTenant, useRenameTenant, useTenants } from '../../queries/platform';

const columns: Column<Tenant>[] = [
  { key: 'name', header: 'Tenant', cell: ({ name, slug }) => <Link className="row" to="/t/$tenant" params={{ tenant: slug }}>{name}</Link> },
  { key: 'slug', header: 'Slug', cell: ({ slug }) => <code>{slug}</code> },
  { key: 'state', header: 'State', cell: ({ state }) => (state === 'deleting' ? <Status tone="warn" icon={IconLoader2} spin>Being deleted</Status> : <Status tone="ok" icon={IconCircleCheck}>Active</Status>) },
  { key: 'created', header: 'Created', wide: true, cell: ({ createdAt }) => <Time at={createdAt} empty="–" /> },
  { key: 'actions', header: <span className="hiddenText">Actions</span>, align: 'right', cell: (tenant) => tenant.state !== 'deleting' && <Group gap={6} justify="flex-end" wrap="nowrap"><May do="tenant:write"><Rename tenant={tenant} /></May><May do="tenant:delete"><Delete tenant={tenant} /></May></Group> },
];

export function Tenants() {
  const list = useTenants();
  const [opened, { open, close }] = useDisclosure(false);
  const create = <May do="tenants:create"><Button leftSection={<IconPlus size={16} aria-hidden />} onClick={open}>Create tenant</Button></May>;
  return (
    <>
      <PageHead title="Tenants" actions={create}>Customers of this platform. Each one’s tokens, records and keys are out of reach of every other.</PageHead>
      <ListScreens list={list} filtered={false} firstUse={<Empty icon={IconUsersGroup} title="No tenants yet" action={create}>A tenant is a customer who owns AccessTokens. Create one to begin.</Empty>}>
        <DataTable label="Tenants" noun="tenant" columns={columns} rows={list.items} rowKey={({ id }) => id} hasMore={list.hasMore} isLoadingMore={list.isLoadingMore} loadMore={list.loadMore} fill />
      </ListScreens>
      <Modal opened={opened} onClose={close} title="Create a tenant">{opened && <Create close={close} />}</Modal>
    </>
  );
}

const slugOf = (name: string): string => name.toLowerCase().normalize('NFKD').replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-+|-+$/g, '').slice(0, 63);

function Create({ close }: { close: () => void }) {
  const [name, setName] = useState('');
  const [slug, setSlug] = useState<string | null>(null);
  const create = useCreateTenant();
  const navigate = useNavigate();
  const problem = create.error ? toProblem(create.error) : null;
  const shown = slug ?? slugOf(name);
  const needed = name.trim() !== '' && shown === '' ? 'is needed: 1 to 63 characters of a-z, 0-9 and -' : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate({ name: name.trim(), slug: shown }, { onSuccess: () => { done('Tenant created'); close(); void navigate({ to: '/t/$tenant', params: { tenant: shown } }); } });
  };
  return (
    <form onSubmit={submit} noValidate className="stack">
      <TextInput data-autofocus label="Name" value={name} onChange={(event) => setName(event.currentTarget.value)} error={fieldError(problem, 'name')} maxLength={200} />
      <TextInput label="Slug" description="Its name in addresses; it cannot be changed later" value={shown} onChange={(event) => setSlug(event.currentTarget.value)} error={needed ?? (problem?.code === 'tenant.duplicate' ? problem.detail : fieldError(problem, 'slug'))} maxLength={63} />
      {problem && <ProblemView error={create.error} omitFields />}
      <Group justify="flex-end"><Button variant="default" onClick={close}>Cancel</Button><Button type="submit" loading={create.isPending} disabled={name.trim() === '' || shown === ''}>Create</Button></Group>
    </form>
  );
}

function Rename({ tenant }: { tenant: Tenant }) {
  const [opened, { open, close }] = useDisclosure(false);
  const [name, setName] = useState(tenant.name);
  const rename = useRenameTenant();
  const problem = rename.error ? toProblem(rename.error) : null;
  const submit = (event: FormEvent) => { event.preventDefault(); rename.mutate({ tenant: tenant.slug, name: name.trim() }, { onSuccess: () => { done('Tenant renamed'); close(); } }); };
  return (
    <>
      <Button className="above" size="compact-xs" variant="default" onClick={open} aria-label={`Rename ${tenant.name}`}>Rename</Button>
      <Modal opened={opened} onClose={close} title="Rename the tenant">
        <form onSubmit={submit} noValidate className="stack">
          <TextInput data-autofocus label="Name" value={name} onChange={(event) => setName(event.currentTarget.value)} error={fieldError(problem, 'name')} maxLength={200} />
          {problem && <ProblemView error={rename.error} omitFields />}
          <Group justify="flex-end"><Button variant="default" onClick={close}>Cancel</Button><Button type="submit" loading={rename.isPending} disabled={name.trim() === ''}>Rename</Button></Group>
        </form>
      </Modal>
    </>
  );
}

function Delete({ tenant }: { tenant: Tenant }) {
  const [opened, { open, close }] = useDisclosure(false);
  const remove = useDeleteTenant();
  return (
    <>
      <Button className="above" size="compact-xs" variant="default" c="var(--bad)" onClick={open} aria-label={`Delete ${tenant.name}`}>Delete…</Button>
      <TypedConfirm opened={opened} close={() => { close(); remove.reset(); }} title={`Delete ${tenant.name}?`} word={tenant.slug} wordIs="its slug" action="Delete for good" busy={remove.isPending} error={remove.error} run={async () => { await remove.mutateAsync(tenant.slug); done('The tenant is being deleted', 'Its keys are destroyed first, then its rows.'); }}>
        <p>Its keys are destroyed first, so that its tokens and records can never be read again, not even from a backup. Then its rows are removed. There is no way back.</p>
      </TypedConfirm>
    </>
  );
}
