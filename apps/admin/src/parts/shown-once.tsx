// A secret that is shown once: read-only, selected by a click, copied by a button.
import { Alert, Button, Group, TextInput } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Copy } from './id';

export function ShownOnce({ title, children, label, value, copy, close }: { title: string; children: ReactNode; label: string; value: string; copy: string; close: () => void }) {
  return (
    <div className="stack">
      <Alert color="amber" variant="light" icon={<IconKey aria-hidden />} title={title}>{children}</Alert>
      <Group wrap="nowrap" gap={6}><TextInput style={{ flex: 1 }} aria-label={label} readOnly value={value} onFocus={(event) => event.currentTarget.select()} styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }} /><Copy value={value} label={copy} /></Group>
      <Group justify="flex-end"><Button onClick={close}>I have stored it</Button></Group>
    </div>
  );
}
