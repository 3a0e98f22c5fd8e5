// What a sync would ask of Mews, collection by collection, before it starts.
import { Button, Group, Stack } from '@mantine/core';
import type { SyncPreview } from '../../api/types';
import { DataTable, type Column } from '../../parts/data-table';
import { collectionName, count, duration, plural } from '../../parts/format';
import { ProblemView } from '../../parts/problem-view';

type Collection = SyncPreview['collections'][number];
type NotStarted = SyncPreview['notStarted'][number];

const modes: Record<Collection['mode'], string> = { incremental: 'what changed', full: 'everything', backfill: 'the period', mixed: 'everything or what changed' };
const day = (at: string | null): string => at?.slice(0, 10) ?? 'the beginning';
const span = ({ windows }: Collection): string => {
  const newest = windows[0], oldest = windows.at(-1);
  return !newest || !oldest || newest.endUtc === null ? 'at once' : `${day(oldest.startUtc)} to ${day(newest.endUtc)}`;
};

const columns: Column<Collection>[] = [
  { key: 'collection', header: 'Collection', cell: ({ collection }) => collectionName(collection) },
  { key: 'mode', header: 'Reads', cell: ({ mode, boundedBy }) => (mode === 'backfill' && boundedBy.length === 0 ? 'everything' : modes[mode]) },
  { key: 'span', header: 'Span, in UTC', wide: true, cell: (one) => <span className="nowrap">{span(one)}</span> },
  { key: 'windows', header: 'Windows', align: 'right', cell: ({ windowsTotal }) => count(windowsTotal) },
  { key: 'known', header: 'Known records', align: 'right', cell: ({ recordsKnown }) => count(recordsKnown) },
  { key: 'requests', header: 'Requests at least', align: 'right', cell: ({ requestsAtLeast, waitsFor }) => (waitsFor.length > 0 ? `known after ${waitsFor.map(collectionName).join(', ')}` : count(requestsAtLeast)) },
];

const left: Column<NotStarted>[] = [
  { key: 'what', header: 'Not started', cell: ({ collection, enterpriseName }) => (collection ? `${collectionName(collection)}, ${enterpriseName}` : enterpriseName) },
  { key: 'why', header: 'Why', cell: ({ detail }) => detail },
];

interface Props { preview: SyncPreview; starting: { isPending: boolean; error: unknown }; start: () => void; back: () => void }

export function PreviewView({ preview, starting, start, back }: Props) {
  const notes = [...new Set(preview.collections.flatMap(({ note }) => note ?? []))];
  const joined = preview.notStarted.filter(({ reason }) => reason === 'running').length;
  return (
    <Stack>
      <p style={{ margin: 0 }}>This will start <strong>{plural(preview.runs, 'run')}</strong> with at least <strong>{plural(preview.requestsAtLeast, 'request')}</strong>. {preview.secondsAtLeast > 0 ? <>Under the request budget that takes at least <strong>{duration(preview.secondsAtLeast * 1_000)}</strong>.</> : 'The request budget lets them go at once.'}{joined > 0 && ` ${plural(joined, 'run')} of it ${joined === 1 ? 'is' : 'are'} under way already.`}</p>
      {preview.collections.length > 0 && <DataTable label="What will be asked" noun="collection" columns={columns} rows={preview.collections} rowKey={({ collection }) => collection} />}
      {notes.length > 0 && <ul className="muted" style={{ margin: 0 }}>{notes.map((note) => <li key={note}>{note}.</li>)}</ul>}
      {preview.notStarted.length > 0 && <DataTable label="What will not be started" noun="collection" columns={left} rows={preview.notStarted} rowKey={({ enterpriseId, collection }) => `${enterpriseId} ${collection ?? ''}`} />}
      {starting.error !== null && <ProblemView error={starting.error} />}
      <Group justify="flex-end"><Button variant="default" onClick={back}>Back</Button><Button loading={starting.isPending} disabled={preview.runs + joined === 0} onClick={start}>Start</Button></Group>
    </Stack>
  );
}
