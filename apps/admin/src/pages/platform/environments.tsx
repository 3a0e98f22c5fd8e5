// The Mews platforms that this Keyrack knows, and how many requests each allows.
import { Button, Group, Modal, NumberInput, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { useState, type FormEvent } from 'react';
import { fieldError, toProblem } from '../../api/problem';
import type { Environment } from '../../api/types';
import { DataTable, type Column } from '../../parts/data-table';
import { EnvironmentBadge } from '../../parts/environment-badge';
import { May } from '../../parts/may';
import { done } from '../../parts/notify';
import { Loading, PageHead } from '../../parts/page';
import { ProblemView } from '../../parts/problem-view';
import { useCreateEnvironment, useEnvironments } from '../../queries/platform';

const columns: Column<Environment>[] = [
  { key: 'name', header: 'Environment', cell: ({ name }) => <span className="strong">{name}</span> },
  { key: 'id', header: 'Id', cell: ({ id }) => <EnvironmentBadge id={id} /> },
  { key: 'address', header: 'Platform address', cell: ({ platformAddress }) => <code>{platformAddress}</code> },
  { key: 'socket', header: 'WebSocket address', wide: true, cell: ({ webSocketAddress }) => (webSocketAddress ? <code>{webSocketAddress}</code> : <span className="muted">–</span>) },
  { key: 'limit', header: 'Request limit', cell: ({ requestLimit }) => `${requestLimit.requests} in ${requestLimit.seconds} s` },
];

export function Environments() {
  const environments = useEnvironments();
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <PageHead title="Environments" actions={<May do="environments:write"><Button leftSection={<IconPlus size={16} aria-hidden />} onClick={open}>Add environment</Button></May>}>Platforms of Mews. A token of one never travels to another.</PageHead>
      {environments.error && <ProblemView error={environments.error} retry={environments.refetch} />}
      {environments.isPending && <Loading rows={3} />}
      {environments.data && <DataTable label="Environments" noun="environment" columns={columns} rows={environments.data.items} rowKey={({ id }) => id} />}
      <Modal opened={opened} onClose={close} title="Add an environment">{opened && <Create close={close} />}</Modal>
    </>
  );
}

function Create({ close }: { close: () => void }) {
  const [values, setValues] = useState({ id: '', name: '', platformAddress: '', webSocketAddress: '' });
  const [requests, setRequests] = useState<string | number>(200);
  const [seconds, setSeconds] = useState<string | number>(30);
  const create = useCreateEnvironment();
  const problem = create.error ? toProblem(create.error) : null;
  const field = (key: keyof typeof values) => ({ value: values[key], onChange: (event: { currentTarget: { value: string } }) => { const { value } = event.currentTarget; setValues((now) => ({ ...now, [key]: value })); }, error: fieldError(problem, key), spellCheck: false });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { webSocketAddress, ...rest } = values;
    create.mutate({ ...rest, ...(webSocketAddress.trim() === '' ? {} : { webSocketAddress }), requestLimit: { requests: Number(requests), seconds: Number(seconds) } }, { onSuccess: () => { done('Environment added'); close(); } });
  };
  return (
    <form onSubmit={submit} noValidate className="stack">
      <TextInput data-autofocus label="Id" description="Small letters, digits and hyphens; it cannot be changed later" {...field('id')} />
      <TextInput label="Name" {...field('name')} />
      <TextInput label="Platform address" placeholder="https://…" {...field('platformAddress')} />
      <TextInput label="WebSocket address" description="Optional" placeholder="wss://…" {...field('webSocketAddress')} />
      <Group grow align="flex-start"><NumberInput label="Requests" min={1} clampBehavior="none" value={requests} onChange={setRequests} error={fieldError(problem, 'requests')} /><NumberInput label="In seconds" min={1} clampBehavior="none" value={seconds} onChange={setSeconds} error={fieldError(problem, 'seconds')} /></Group>
      {problem && <ProblemView error={create.error} omitFields />}
      <Group justify="flex-end"><Button variant="default" onClick={close}>Cancel</Button><Button type="submit" loading={create.isPending} disabled={values.id.trim() === '' || values.name.trim() === '' || values.platformAddress.trim() === ''}>Add</Button></Group>
    </form>
  );
}
