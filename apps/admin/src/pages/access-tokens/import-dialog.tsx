// Imports AccessTokens from a CSV file: first every line is verified and nothing saved, then the person decides.
import { Button, FileInput, Group, Modal, Progress, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconFileImport } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import type { LongWork } from '../../api/types';
import { DataTable, type Column } from '../../parts/data-table';
import { plural } from '../../parts/format';
import { Hint } from '../../parts/id';
import { ProblemView } from '../../parts/problem-view';
import { useImportTokens } from '../../queries/access-tokens';
import { useOperation } from '../../queries/runs';

interface Line { line: number; hint: string; label: string; environment: string; succeeded: boolean; enterprises: number | null; why: string }

export function ImportButton({ tenant }: { tenant: string }) {
  const cache = useQueryClient();
  // What was added in the meantime shows as soon as the list does.
  const [opened, { open, close }] = useDisclosure(false, { onClose: () => void cache.invalidateQueries({ queryKey: ['access-tokens', tenant] }) });
  return <><Button variant="default" leftSection={<IconFileImport size={16} aria-hidden />} onClick={open}>Import a file</Button><Modal opened={opened} onClose={close} title="Import access tokens" size="xl">{opened && <Import tenant={tenant} close={close} />}</Modal></>;
}

function Import({ tenant, close }: { tenant: string; close: () => void }) {
  const [file, setFile] = useState<File | null>(null);
  const check = useImportTokens(tenant), add = useImportTokens(tenant);
  const send = (how: typeof check, dryRun: 'true' | 'false') => { if (file) void file.text().then((csv) => how.mutate({ csv, dryRun })); };
  if (add.data) return <Work id={add.data.operationId} done="Added" verb="Adding"><Button onClick={close}>Close</Button></Work>;
  if (check.data) {
    return (
      <Work id={check.data.operationId} done="Can be added" verb="Verifying">
        {({ good }) => <>{add.error && <ProblemView error={add.error} />}<Button variant="default" onClick={() => { check.reset(); setFile(null); }}>Another file</Button><Button disabled={good === 0} loading={add.isPending} onClick={() => send(add, 'false')}>Import {plural(good, 'token')}</Button></>}
      </Work>
    );
  }
  return (
    <Stack>
      <FileInput label="CSV file" accept=".csv,text/csv" placeholder="Choose a file" value={file} onChange={setFile} clearable clearButtonProps={{ 'aria-label': 'Choose no file' }}
        description={<>With the header <code>access_token,environment,application,label</code>; the application by its name or id</>} />
      <p className="muted" style={{ margin: 0 }}>Every line is verified with Mews first. Nothing is saved before you have seen the result.</p>
      {check.error && <ProblemView error={check.error} />}
      <Group justify="flex-end"><Button variant="default" onClick={close}>Cancel</Button><Button disabled={file === null} loading={check.isPending} onClick={() => send(check, 'true')}>Verify</Button></Group>
    </Stack>
  );
}

interface WorkProps { id: string; verb: string; done: string; children: ReactNode | ((found: { good: number }) => ReactNode) }

function Work({ id, verb, done, children }: WorkProps) {
  const operation = useOperation(id);
  const lines = (operation.data?.results ?? []).map(lineOf), good = lines.filter(({ succeeded }) => succeeded).length;
  const columns: Column<Line>[] = [
    { key: 'line', header: 'Line', cell: ({ line }) => line },
    { key: 'token', header: 'Token', cell: ({ hint, label }) => <>{label && <>{label} </>}{hint && <Hint hint={hint} />}</> },
    { key: 'environment', header: 'Environment', wide: true, cell: ({ environment }) => environment },
    { key: 'result', header: 'Result', cell: ({ succeeded, enterprises, why }) => (succeeded ? `${done}${enterprises === null ? '' : `, opens ${plural(enterprises, 'enterprise')}`}` : why) },
  ];
  const { state = 'running', done: over = 0, total = 0 } = operation.data ?? {};
  return (
    <Stack>
      <p style={{ margin: 0 }} role="status">{state === 'running' ? `${verb} line by line: ${over} of ${total}.` : `${plural(good, 'token')} of ${plural(total, 'line')}: ${done.toLowerCase()}.`}</p>
      {state === 'running' && <Progress aria-label="Lines that are over" value={total === 0 ? 0 : over / total * 100} />}
      {operation.error && <ProblemView error={operation.error} />}
      {lines.length > 0 && <DataTable label="Lines of the file" noun="line" columns={columns} rows={lines} rowKey={({ line }) => String(line)} />}
      <Group justify="flex-end">{state === 'running' ? null : typeof children === 'function' ? children({ good }) : children}</Group>
    </Stack>
  );
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function lineOf({ line, hint, label, environment, state, enterprises, error }: NonNullable<LongWork['results']>[number]): Line {
  const why = typeof error === 'object' && error !== null && 'detail' in error ? textOf(error.detail) : 'Not accepted';
  return { line: Number(line), hint: textOf(hint), label: textOf(label), environment: textOf(environment), succeeded: state === 'succeeded', enterprises: typeof enterprises === 'number' ? enterprises : null, why };
}
