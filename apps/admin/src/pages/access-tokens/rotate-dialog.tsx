// Puts a new text in the place of an old token: same row, same connections, checked by Mews first.
import { Button, Group, Modal } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { fieldError, toProblem } from '../../api/problem';
import type { AccessToken } from '../../api/types';
import { Hint } from '../../parts/id';
import { done } from '../../parts/notify';
import { TokenInput } from '../../parts/secret-input';
import { ProblemView } from '../../parts/problem-view';
import { useRotateToken } from '../../queries/access-tokens';

interface Props { tenant: string; token: AccessToken; opened: boolean; close: () => void }

export const RotateDialog = ({ opened, close, ...rest }: Props) => <Modal opened={opened} onClose={close} title="Rotate the token">{opened && <Form {...rest} close={close} />}</Modal>;

/** What the API lists with access_token.reach_shrinks. */
function missing(data: Record<string, unknown>): string[] {
  const listed = [data['missing'], data['lost'], data['enterprises']].find(Array.isArray) ?? [];
  return listed.map((one: unknown) => (typeof one === 'object' && one !== null && 'name' in one ? String(one.name) : String(one)));
}

function Form({ tenant, token, close }: Omit<Props, 'opened'>) {
  const [text, setText] = useState('');
  const rotate = useRotateToken(tenant);
  const problem = rotate.error ? toProblem(rotate.error) : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    rotate.mutate({ id: token.id, accessToken: text.trim() }, { onSuccess: () => { setText(''); rotate.reset(); done('Token rotated', 'Connections and schedules are as before.'); close(); } });
  };
  return (
    <form onSubmit={submit} noValidate className="stack">
      <p>The new token takes the place of <Hint hint={token.hint} />. It must open every enterprise that the old one serves; Keyrack asks Mews before anything changes.</p>
      <TokenInput data-autofocus label="New AccessToken" value={text} onChange={(event) => setText(event.currentTarget.value)} error={fieldError(problem, 'accessToken')} />
      {rotate.error && <ProblemView error={rotate.error} omitFields />}
      {problem && missing(problem.data).length > 0 && <ul>{missing(problem.data).slice(0, 20).map((name) => <li key={name}>{name}</li>)}</ul>}
      <Group justify="flex-end"><Button variant="default" onClick={close}>Cancel</Button><Button type="submit" loading={rotate.isPending} disabled={text.trim() === ''}>Rotate</Button></Group>
    </form>
  );
}
