// How many records of each collection are kept for one enterprise.
import { IconDatabase } from '@tabler/icons-react';
import { Fragment } from 'react';
import type { Enterprise, StatRow } from '../../api/types';
import { DataTable, type Column } from '../../parts/data-table';
import { collectionName, count } from '../../parts/format';
import { Empty, Loading, Panel } from '../../parts/page';
import { ProblemView } from '../../parts/problem-view';
import { Ago, Time } from '../../parts/time';
import { useStats } from '../../queries/tenant';
import classes from './enterprise.module.css';

export function RecordsTab({ tenant, enterprise }: { tenant: string; enterprise: Enterprise }) {
  const stats = useStats(tenant);
  if (stats.error) return <ProblemView error={stats.error} retry={stats.refetch} />;
  if (!stats.data) return <Loading />;
  const rows = stats.data.items.filter((row) => row.enterpriseId === enterprise.id || (!row.enterpriseId && row.chainId === enterprise.chainId));
  const unreadable = stats.data.unavailable.filter(({ enterpriseId }) => enterpriseId === enterprise.id);
  if (rows.length + unreadable.length === 0) return <Empty icon={IconDatabase} title="No records yet">They are counted here as the first sync brings them in.</Empty>;
  const most = Math.max(...rows.map(({ records }) => records), 1);
  const columns: Column<StatRow>[] = [
    { key: 'collection', header: 'Collection', cell: (row) => <><span className="strong">{collectionName(row.collection)}</span>{!row.enterpriseId && <span className="muted"> of the chain</span>}</> },
    { key: 'live', header: 'Records', cell: (row) => <span className={classes.bar}><span className={classes.track} aria-hidden><i style={{ width: `${(row.records / most) * 100}%` }} /></span><span className="tabular">{count(row.records)}</span></span> },
    { key: 'deleted', header: 'Deleted in Mews', align: 'right', cell: ({ deleted }) => count(deleted) },
    { key: 'changed', header: 'Last change', wide: true, cell: ({ lastChangedAt }) => <Ago at={lastChangedAt} empty="–" /> },
  ];
  return (
    <>
      {rows.length > 0 && <DataTable label="Records kept" noun="collection" columns={columns} rows={rows} rowKey={(row) => row.collection + (row.enterpriseId ?? row.chainId ?? '')} />}
      {unreadable.length > 0 && <Panel title="Not readable"><dl className="facts">{unreadable.map(({ collection, reason, until }) => <Fragment key={collection}><dt>{collectionName(collection)}</dt><dd>{reason}; tried again <Time at={until} />, or when the token is verified</dd></Fragment>)}</dl></Panel>}
    </>
  );
}
