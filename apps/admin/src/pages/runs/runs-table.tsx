// Runs as rows: what, where, how it stands, how far it came.
import { Link } from '@tanstack/react-router';
import type { Run } from '../../api/types';
import { DataTable, type Column } from '../../parts/data-table';
import { collectionName, count, duration, plural } from '../../parts/format';
import { TextLink } from '../../parts/links';
import { RunStatusLong } from '../../parts/status';
import { Ago, Took } from '../../parts/time';
import type { List } from '../../queries/list';
import { errorLine } from './run-error';

/** Pages have no totals: progress is windows where there are some, and records and rate always. */
export function Progress({ run }: { run: Run }) {
  const { added, updated, unchanged, deleted } = run.records;
  const seen = added + updated + unchanged;
  const { windowsTotal: total, windowsDone: done } = run;
  const ms = run.startedAt ? (run.finishedAt ? Date.parse(run.finishedAt) : Date.now()) - Date.parse(run.startedAt) - run.waitedMs : 0;
  const rate = ms > 1_000 && seen > 0 ? Math.round(seen / (ms / 1_000)) : null;
  const live = run.state === 'running' || run.state === 'waiting';
  return <span className="tabular"><span className="nowrap">{plural(seen, 'record')}</span>{deleted > 0 ? `, ${count(deleted)} gone` : ''}<span className="muted">{live && total > 1 ? `, window ${Math.min(done + 1, total)} of ${total}` : ''}{live && rate !== null ? `, ${count(rate)}/s` : ''}</span></span>;
}

export function columnsOfRuns(tenant: string, without: 'enterprise' | null = null): Column<Run>[] {
  const all: Column<Run>[] = [
    { key: 'collection', header: 'Collection', cell: (run) => <Link className="row" to="/t/$tenant/runs/$runId" params={{ tenant, runId: run.id }}>{collectionName(run.collection)}</Link> },
    { key: 'enterprise', header: 'Enterprise', cell: (run) => <TextLink className="above nowrap" size="sm" to="/t/$tenant/enterprises/$enterpriseId" params={{ tenant, enterpriseId: run.enterpriseId }}>{run.enterpriseName}</TextLink> },
    { key: 'state', header: 'State', cell: (run) => <><RunStatusLong run={run} />{run.error && ['failed', 'needs_review', 'cancelled'].includes(run.state) && <div className="muted narrow">{errorLine(run.error)}</div>}</> },
    { key: 'progress', header: 'Progress', cell: (run) => <Progress run={run} /> },
    { key: 'mode', header: 'Mode', wide: true, cell: (run) => (run.mode === 'full' ? 'Full' : 'Incremental') },
    { key: 'requests', header: 'Requests', align: 'right', wide: true, cell: (run) => count(run.requests) },
    { key: 'waited', header: 'Waited', align: 'right', wide: true, cell: (run) => (run.waitedMs > 0 ? duration(run.waitedMs) : <span className="muted">–</span>) },
    { key: 'started', header: 'Started', wide: true, cell: (run) => <Ago at={run.startedAt} empty="not yet" /> },
    { key: 'took', header: 'Took', align: 'right', cell: (run) => <Took from={run.startedAt} to={run.finishedAt} /> },
  ];
  return all.filter(({ key }) => key !== without);
}

interface Props { tenant: string; runs: Run[]; label: string; without?: 'enterprise'; list?: List<Run>; fill?: boolean }
export function RunsTable({ tenant, runs, label, without, list, fill = false }: Props) {
  return <DataTable label={label} noun="run" columns={columnsOfRuns(tenant, without ?? null)} rows={runs} rowKey={({ id }) => id} fill={fill} hasMore={list?.hasMore ?? false} isLoadingMore={list?.isLoadingMore ?? false} loadMore={list?.loadMore} />;
}
