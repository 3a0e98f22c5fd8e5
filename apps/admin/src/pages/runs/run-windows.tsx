// The slices of time that a run walks, newest first on a first load.
import { IconCircleCheck, IconCircleDashed, IconLoader2 } from '@tabler/icons-react';
import type { RunDetail, RunWindow } from '../../api/types';
import { DataTable, type Column } from '../../parts/data-table';
import { count } from '../../parts/format';
import { Status } from '../../parts/status';
import { Time } from '../../parts/time';

export function RunWindows({ run }: { run: RunDetail }) {
  const windows = run.windows.map((window, ord) => ({ ...window, ord }));
  if (windows.length === 0) return <p className="muted" style={{ margin: 0, padding: 16 }}>{run.startedAt ? 'Nothing was planned: there was nothing new to ask for.' : 'They are planned when the run starts.'}</p>;
  const current = run.state === 'running' ? windows.find(({ state }) => state === 'pending')?.ord : undefined;
  const columns: Column<RunWindow & { ord: number }>[] = [
    { key: 'ord', header: 'Window', cell: ({ ord }) => ord + 1 },
    ...(windows.some((window) => window.interval !== null) ? [{ key: 'interval', header: 'By', wide: true, cell: (window: RunWindow) => <code>{window.interval ?? '–'}</code> }] : []),
    { key: 'from', header: 'From', cell: ({ startUtc }) => <Time at={startUtc} empty="the beginning" /> },
    { key: 'to', header: 'To', cell: ({ endUtc }) => <Time at={endUtc} empty="now" /> },
    { key: 'state', header: 'State', cell: ({ state, ord }) => (state === 'done' ? <Status tone="ok" icon={IconCircleCheck}>Done</Status> : ord === current ? <Status tone="busy" icon={IconLoader2} spin>Reading</Status> : <Status tone="idle" icon={IconCircleDashed}>To do</Status>) },
    { key: 'pages', header: 'Pages', align: 'right', cell: ({ pages }) => count(pages) },
    { key: 'records', header: 'Records', align: 'right', cell: ({ records }) => count(records) },
  ];
  return <DataTable bare label="Windows" noun="window" columns={columns} rows={windows} rowKey={({ ord }) => String(ord)} />;
}
