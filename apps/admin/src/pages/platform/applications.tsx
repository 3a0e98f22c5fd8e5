// The vendor's client applications and in which environments each has a ClientToken. ClientTokens are written, never read.
import { Button, Group, Modal, Select, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconApps, IconPlus } from '@tabler/icons-react';
import { useState, type FormEvent } from 'react';
import { fieldError, toProblem } from '../../api/problem';
import type { Application } from '../../api/types';
import { DataTable, type Column } from '../../parts/data-table';
import { EnvironmentBadge } from '../../parts/environment-badge';
import { Hint, Id } from '../../parts/id';
import { May } from '../../parts/may';
import { done } from '../../parts/notify';
import { Empty, Loading, PageHead } from '../../parts/page';
import { TokenInput } from '../../parts/secret-input';
import { ProblemView } from '../../parts/problem-view';
import { useApplications, useCreateApplication, useEnvironments, useSetClientToken } from '../../queries/platform';

const columns: Column<Application>[] = [
  { key: 'client', header: 'Application', cell: ({ client }) => <span className="strong">{client}</span> },
  { key: 'environments', header: 'ClientTokens stored for', cell: ({ clientTokens }) => (clientTokens.length === 0 ? <span className="muted">none</span> : <Group gap={12}>{clientTokens.map(({ environment, hint }) => <span key={environment} className="nowrap"><EnvironmentBadge id={environment} /> <Hint hint={hint} /></span>)}</Group>) },
  { key: 'id', header: 'Id', wide: true, cell: ({ id }) => <Id value={id} what="application id" /> },
  { key: 'actions', header: <span className="hiddenText">Actions</span>, align: 'right', cell: (application) => <May do="applications:write"><SetClientToken application={application} /></May> },
];

export function Applications() {
  const applications = useApplications();
  const [opened, { open, close }] = useDisclosure(false);
  const create = <May do="applications:write"><Button leftSection={<IconPlus size={16} aria-hidden />} onClick={open}>Add application</Button></May>;
  return (
    <>
      <PageHead title="Applications" actions={create}>How Keyrack presents itself to Mews: a name, a version, and one ClientToken per environment.</PageHead>
      {applications.error && <ProblemView error={applications.error} retry={applications.refetch} />}
      {applications.isPending && <Loading rows={3} />}
      {applications.data && (applications.data.items.length > 0
        ? <DataTable label="Applications" noun="application" columns={columns} rows={applications.data.items} rowKey={({ id }) => id} />
        : <Empty icon={IconApps} title="No applications yet" action={create}>Mews gives your integration a ClientToken; AccessTokens work only together with it.</Empty>)}
      <Modal opened={opened} onClose={close} title="Add an application">{opened && <Create close={close} />}</Modal>
    </>
  );
}

function EnvironmentSelect({ value, onChange, stored = [] }: { value: string; onChange: (id: string) => void; stored?: string[] }) {
  const environments = useEnvironments();
  return <Select label="Environment" allowDeselect={false} value={value} onChange={(id) => onChange(id ?? '')} data={(environments.data?.items ?? []).map(({ id, name }) => ({ value: id, label: stored.includes(id) ? `${name} (replaces the stored one)` : name }))} />;
}

function Create({ close }: { close: () => void }) {
  const [name, setName] = useState('');
  const [version, setVersion] = useState('1.0.0');
  const [environment, setEnvironment] = useState('demo');
  const [clientToken, setClientToken] = useState('');
  const create = useCreateApplication();
  const problem = create.error ? toProblem(create.error) : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const token = clientToken.trim();
    create.mutate({ name: name.trim(), version: version.trim(), clientTokens: token === '' ? [] : [{ environment, clientToken: token }] }, { onSuccess: () => { setClientToken(''); create.reset(); done('Application added'); close(); } });
  };
  return (
    <form onSubmit={submit} noValidate className="stack">
      <Group grow align="flex-start"><TextInput data-autofocus label="Name" value={name} onChange={(event) => setName(event.currentTarget.value)} error={fieldError(problem, 'name')} /><TextInput label="Version" value={version} onChange={(event) => setVersion(event.currentTarget.value)} error={fieldError(problem, 'version')} /></Group>
      <EnvironmentSelect value={environment} onChange={setEnvironment} />
      <TokenInput label="ClientToken" description="Stored encrypted and never shown again; more environments can be added later" value={clientToken} onChange={(event) => setClientToken(event.currentTarget.value)} error={fieldError(problem, 'clientToken')} />
      {problem && <ProblemView error={create.error} omitFields />}
      <Group justify="flex-end"><Button variant="default" onClick={close}>Cancel</Button><Button type="submit" loading={create.isPending} disabled={name.trim() === '' || version.trim() === ''}>Add</Button></Group>
    </form>
  );
}

function SetClientToken({ application }: { application: Application }) {
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button size="compact-xs" variant="default" onClick={open} aria-label={`Set a ClientToken of ${application.client}`}>Set ClientToken</Button>
      <Modal opened={opened} onClose={close} title={`ClientToken of ${application.client}`}>{opened && <SetForm application={application} close={close} />}</Modal>
    </>
  );
}

function SetForm({ application, close }: { application: Application; close: () => void }) {
  const environments = useEnvironments();
  const missing = environments.data?.items.find(({ id }) => !application.environments.includes(id))?.id;
  const [environment, setEnvironment] = useState(missing ?? application.environments[0] ?? 'demo');
  const [clientToken, setClientToken] = useState('');
  const save = useSetClientToken();
  const problem = save.error ? toProblem(save.error) : null;
  const submit = (event: FormEvent) => { event.preventDefault(); save.mutate({ id: application.id, environment, clientToken: clientToken.trim() }, { onSuccess: () => { setClientToken(''); save.reset(); done('ClientToken stored'); close(); } }); };
  return (
    <form onSubmit={submit} noValidate className="stack">
      <EnvironmentSelect value={environment} onChange={setEnvironment} stored={application.environments} />
      <TokenInput data-autofocus label="ClientToken" value={clientToken} onChange={(event) => setClientToken(event.currentTarget.value)} error={fieldError(problem, 'clientToken')} />
      {problem && <ProblemView error={save.error} omitFields />}
      <Group justify="flex-end"><Button variant="default" onClick={close}>Cancel</Button><Button type="submit" loading={save.isPending} disabled={clientToken.trim() === ''}>Store</Button></Group>
    </form>
  );
}
