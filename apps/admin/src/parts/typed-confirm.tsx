// Asks before something is destroyed: says what will happen and wants its name typed.
import { Button, Group, Modal, TextInput } from '@mantine/core';
import { useState, type FormEvent, type ReactNode } from 'react';
import { ProblemView } from './problem-view';

interface Props { title: string; word: string; wordIs: string; action: string; children: ReactNode; opened: boolean; close: () => void; run: () => Promise<unknown>; error: unknown; busy: boolean }

export function TypedConfirm({ opened, close, ...rest }: Props) {
  return <Modal opened={opened} onClose={close} title={rest.title}>{opened && <Form {...rest} close={close} />}</Modal>;
}

function Form({ word, wordIs, action, children, close, run, error, busy }: Omit<Props, 'opened' | 'title'>) {
  const [typed, setTyped] = useState('');
  const matches = typed.trim() === word;
  const submit = (event: FormEvent) => { event.preventDefault(); if (matches) void run().then(close, () => undefined); };
  return (
    <form onSubmit={submit} className="stack">
      <div>{children}</div>
      <TextInput data-autofocus label={<>Type {wordIs} <code>{word}</code> to confirm</>} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} autoComplete="off" spellCheck={false} />
      {error ? <ProblemView error={error} /> : null}
      <Group justify="flex-end"><Button variant="default" onClick={close}>Cancel</Button><Button type="submit" color="red" disabled={!matches} loading={busy}>{action}</Button></Group>
    </form>
  );
}
