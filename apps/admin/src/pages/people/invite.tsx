// Invites a person by e-mail address and role. The link is shown once: Keyrack sends no mail.
import { Button, Group, Modal, Radio, Stack, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconUserPlus } from '@tabler/icons-react';
import { useState, type FormEvent } from 'react';
import { fieldError, toProblem } from '../../api/problem';
import { ProblemView } from '../../parts/problem-view';
import { useCreateLink, type Links } from '../../queries/people';
import { LinkShown } from './link-shown';
import { roleName } from './roles';

interface Props<Role extends string> { links: Links<Role>; roles: readonly (readonly [Role, string])[]; to: string }

export function Invite<Role extends string>(props: Props<Role>) {
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button leftSection={<IconUserPlus size={16} aria-hidden />} onClick={open}>Invite</Button>
      <Modal opened={opened} onClose={close} title={`Invite a person to ${props.to}`} closeOnClickOutside={false}>{opened && <Form {...props} close={close} />}</Modal>
    </>
  );
}

function Form<Role extends string>({ links, roles, close }: Props<Role> & { close: () => void }) {
  const [email, setEmail] = useState('');
  const [role, setRole] = useState(roles[0]?.[0]);
  const create = useCreateLink(links);
  const problem = create.error ? toProblem(create.error) : null;
  const submit = (event: FormEvent) => { event.preventDefault(); if (role) create.mutate({ kind: 'invitation', email: email.trim(), role }); };
  if (create.data) return <LinkShown made={create.data} close={() => { create.reset(); close(); }} />;
  return (
    <form onSubmit={submit} noValidate className="stack">
      <TextInput data-autofocus label="E-mail address" type="email" autoComplete="off" description="Keyrack sends no mail: it shows a link that you hand over" value={email} onChange={(event) => setEmail(event.currentTarget.value)} error={fieldError(problem, 'email')} maxLength={320} />
      <Radio.Group label="Role" value={role ?? null} onChange={(value) => setRole(roles.find(([known]) => known === value)?.[0])}><Stack gap={8} mt={6}>{roles.map(([value, description]) => <Radio key={value} value={value} label={roleName(value)} description={description} />)}</Stack></Radio.Group>
      {create.error && !fieldError(problem, 'email') && <ProblemView error={create.error} />}
      <Group justify="flex-end"><Button variant="default" onClick={close}>Cancel</Button><Button type="submit" loading={create.isPending} disabled={email.trim() === ''}>Make the link</Button></Group>
    </form>
  );
}
