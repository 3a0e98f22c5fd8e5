// Keys for the tenant's own software. A new key is shown once, here, and never again.
import { Button, Group, Modal, Radio, Select, Stack, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconCircleCheck, IconClockX, IconKey, IconPlus } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';
import { fieldError, toProblem } from '../api/problem';
import type { ApiKey, TenantRole } from '../api/types';
import { DataTable, type Column } from '../parts/data-table';
import { Hint } from '../parts/id';
import { TextLink } from '../parts/links';
import { May } from '../parts/may';
import { done } from '../parts/notify';
import { Empty, ListScreens, PageHead } from '../parts/page';
import { ProblemView } from '../parts/problem-view';
import { ShownOnce } from '../parts/shown-once';
import { Status } from '../parts/status';
import { Ago, Time } from '../parts/time';
import { TypedConfirm } from '../parts/typed-confirm';
import { useApiKeys, useCreateApiKey, useRevokeApiKey } from '../queries/tenant';

const route = getRouteApi('/signed-in/t/$tenant/api-keys');

function State({ row }: { row: ApiKey }) {
  if (row.expiresAt && Date.parse(row.expiresAt) < Date.now()) return <Status tone="idle" icon={IconClockX}>Expired</Status>;
  return <Status tone="ok" icon={IconCircleCheck}>Active</Status>;
}

const columnsOf = (tenant: string): Column<ApiKey>[] => [
  { key: 'name', header: 'Name', cell: ({ name, hint }) => <><span className="strong">{name}</span> <Hint hint={hint} /></> },
  { key: 'role', header: 'Role', cell: ({ role }) => <span style={{ textTransform: 'capitalize' }}>{role}</span> },
  { key: 'state', header: 'State', cell: (row) => <State row={row} /> },
  { key: 'used', header: 'Last used', wide: true, cell: ({ lastUsedAt }) => <Ago at={lastUsedAt} /> },
  { key: 'expires', header: 'Expires', wide: true, cell: ({ expiresAt }) => <Time at={expiresAt} /> },
  { key: 'created', header: 'Created', wide: true, cell: ({ createdAt }) => <Time at={createdAt} empty="–" /> },
  { key: 'revoke', header: <span className="hiddenText">Actions</span>, align: 'right', cell: (row) => <May do="api-keys:write"><Revoke tenant={tenant} row={row} /></May> },
];

export function ApiKeys() {
  const { tenant } = route.useParams();
  const list = useApiKeys(tenant);
  const [opened, { open, close }] = useDisclosure(false);
  const create = <May do="api-keys:write"><Button leftSection={<IconPlus size={16} aria-hidden />} onClick={open}>Create key</Button></May>;
  return (
    <>
      <PageHead title="API keys" actions={create}>For the software that reads records and changes from Keyrack, or calls Mews through it.</PageHead>
      <ListScreens list={list} filtered={false} firstUse={<Empty icon={IconKey} title="No API keys yet" action={create}>Your software identifies itself with one. It never holds an AccessToken of Mews.</Empty>}>
        <DataTable label="API keys" noun="key" columns={columnsOf(tenant)} rows={list.items} rowKey={({ id }) => id} hasMore={list.hasMore} isLoadingMore={list.isLoadingMore} loadMore={list.loadMore} />
      </ListScreens>
      <Modal opened={opened} onClose={close} title="Create an API key" closeOnClickOutside={false}>{opened && <Create tenant={tenant} close={close} />}</Modal>
    </>
  );
}

const roles: [TenantRole, string][] = [['viewer', 'Reads records, changes and runs'], ['developer', 'Also starts syncs, edits schedules and calls Mews through Keyrack'], ['owner', 'Also manages tokens, connections and keys']];
const lives = [{ value: '30', label: '30 days' }, { value: '90', label: '90 days' }, { value: '365', label: 'One year' }, { value: '', label: 'Until it is revoked' }];

function Create({ tenant, close }: { tenant: string; close: () => void }) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<TenantRole>('developer');
  const [days, setDays] = useState('365');
  const create = useCreateApiKey(tenant);
  const problem = create.error ? toProblem(create.error) : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate({ name: name.trim(), role, ...(days === '' ? {} : { expiresAt: new Date(Date.now() + Number(days) * 86_400_000).toISOString() }) });
  };
  if (create.data) {
    return <ShownOnce title="Copy the key now" label="The new API key" copy="Copy the key" value={create.data.key} close={() => { create.reset(); close(); }}>It is not stored in a readable form and cannot be shown again.</ShownOnce>;
  }
  return (
    <form onSubmit={submit} noValidate className="stack">
      <TextInput data-autofocus label="Name" description="Of the software that will use it" value={name} onChange={(event) => setName(event.currentTarget.value)} error={fieldError(problem, 'name')} maxLength={100} />
      <Radio.Group label="Role" value={role} onChange={(value) => setRole(roles.find(([known]) => known === value)?.[0] ?? 'viewer')}><Stack gap={8} mt={6}>{roles.map(([value, description]) => <Radio key={value} value={value} label={value[0]?.toUpperCase() + value.slice(1)} description={description} />)}</Stack></Radio.Group>
      <Select label="Valid for" allowDeselect={false} data={lives} value={days} onChange={(value) => setDays(value ?? '365')} error={fieldError(problem, 'expiresAt')} />
      {create.error && <ProblemView error={create.error} omitFields />}
      <Group justify="flex-end"><Button variant="default" onClick={close}>Cancel</Button><Button type="submit" loading={create.isPending} disabled={name.trim() === ''}>Create</Button></Group>
    </form>
  );
}

function Revoke({ tenant, row }: { tenant: string; row: ApiKey }) {
  const [opened, { open, close }] = useDisclosure(false);
  const revoke = useRevokeApiKey(tenant);
  return (
    <>
      <Button size="compact-xs" variant="default" onClick={open} aria-label={`Revoke the key ${row.name}`}>Revoke…</Button>
      <TypedConfirm opened={opened} close={() => { close(); revoke.reset(); }} title="Revoke this key?" word={row.name} wordIs="its name" action="Revoke" busy={revoke.isPending} error={revoke.error} run={async () => { await revoke.mutateAsync(row.id); done('Key revoked'); }}>
        <p>Software that uses it is refused from now on, and the links that it made open nothing any more. The keys that it made and the people whom it let in stay: see <TextLink to="/t/$tenant/audit" params={{ tenant }} search={{ actor: row.id }}>what it did</TextLink>.</p>
      </TypedConfirm>
    </>
  );
}
