// How far a sync that was just started has come: as many of its runs as are over.
import { Button, Group, Progress, Stack } from '@mantine/core';
import type { LongWork, SyncStarted } from '../../api/types';
import { ButtonLink } from '../../parts/links';
import { plural } from '../../parts/format';
import { ProblemView } from '../../parts/problem-view';
import { useOperation } from '../../queries/runs';

const words: Record<LongWork['state'], string> = { running: 'The sync is under way.', succeeded: 'The sync is done.', failed: 'The sync failed.', partial: 'The sync is done, and some of it failed.' };

export function SyncProgress({ tenant, started, close }: { tenant: string; started: SyncStarted; close: () => void }) {
  const operation = useOperation(started.operationId);
  const { done = 0, total = started.runIds.length, state = 'running' } = operation.data ?? {};
  return (
    <Stack>
      <p style={{ margin: 0 }} role="status">{words[state]} {done} of {plural(total, 'run')} {total === 1 ? 'is' : 'are'} over.</p>
      <Progress aria-label="Runs that are over" value={total === 0 ? 100 : done / total * 100} color={state === 'failed' || state === 'partial' ? 'red' : undefined} />
      {operation.error && <ProblemView error={operation.error} />}
      <Group justify="flex-end"><Button variant="default" onClick={close}>Close</Button><ButtonLink to="/t/$tenant/runs" params={{ tenant }} onClick={close}>Watch the runs</ButtonLink></Group>
    </Stack>
  );
}
