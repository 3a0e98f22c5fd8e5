// Changes the own password.
import { Button, Group, Modal } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { fieldError, toProblem } from '../api/problem';
import { done } from '../parts/notify';
import { ProblemView } from '../parts/problem-view';
import { SecretInput } from '../parts/secret-input';
import { useChangePassword } from '../queries/people';

interface Props { email: string; close: () => void }

export function PasswordDialog({ opened, ...rest }: Props & { opened: boolean }) {
  return <Modal opened={opened} onClose={rest.close} title="Change your password">{opened && <Form {...rest} />}</Modal>;
}

function Form({ email, close }: Props) {
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const change = useChangePassword();
  const problem = change.error ? toProblem(change.error) : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate({ current, password }, { onSuccess: () => { done('Password changed', 'Your other sessions have ended.'); close(); } });
  };
  return (
    <form onSubmit={submit} noValidate className="stack">
      <input type="text" hidden readOnly autoComplete="username" value={email} />
      <SecretInput data-autofocus label="Password until now" autoComplete="current-password" value={current} onChange={(event) => setCurrent(event.currentTarget.value)} error={fieldError(problem, 'current')} />
      <SecretInput label="New password" description="At least 12 characters" autoComplete="new-password" value={password} onChange={(event) => setPassword(event.currentTarget.value)} error={fieldError(problem, 'password')} />
      {problem && problem.errors.length === 0 && <ProblemView error={change.error} />}
      <Group justify="flex-end"><Button variant="default" onClick={close}>Cancel</Button><Button type="submit" loading={change.isPending} disabled={current === '' || password === ''}>Change</Button></Group>
    </form>
  );
}
