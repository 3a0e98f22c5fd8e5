// Enterprises down, tokens across. Real table cells with both heads sticky; only what is in sight is in the page.
import { Button } from '@mantine/core';
import { IconCircle, IconCircleCheckFilled, IconCircleOff } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef } from 'react';
import type { ReachRow } from '../../api/types';
import { count, plural } from '../../parts/format';
import { Hint } from '../../parts/id';
import { ListScreens } from '../../parts/page';
import { useReach } from '../../queries/reach';
import { matching, NoReach, type ReachProps } from './reach-list';
import classes from './reach-matrix.module.css';

const rowHeight = 37, columnWidth = 112;

function arrange(rows: ReachRow[]) {
  const tokens = new Map<string, ReachRow>(), enterprises = new Map<string, { id: string; name: string; cells: Map<string, ReachRow> }>();
  for (const row of rows) {
    tokens.set(row.accessTokenId, row);
    const enterprise = enterprises.get(row.enterpriseId) ?? { id: row.enterpriseId, name: row.enterpriseName, cells: new Map() };
    const before = enterprise.cells.get(row.accessTokenId);
    // A stay that goes on outranks an earlier one that ended.
    if (!before || before.lostAt !== null) enterprise.cells.set(row.accessTokenId, row);
    enterprises.set(row.enterpriseId, enterprise);
  }
  const portfoliosFirst = (a: ReachRow, b: ReachRow) => (a.kind === b.kind ? a.hint.localeCompare(b.hint) : a.kind === 'portfolio' ? -1 : 1);
  return { tokens: [...tokens.values()].toSorted(portfoliosFirst), enterprises: [...enterprises.values()].toSorted((a, b) => a.name.localeCompare(b.name)) };
}

export function ReachMatrix({ tenant, filter, q, filtered, clear }: ReachProps) {
  const list = useReach(tenant, filter);
  const rows = useMemo(() => matching(list.items, q), [list.items, q]);
  return (
    <ListScreens list={{ ...list, items: rows }} filtered={filtered} clear={clear} firstUse={<NoReach tenant={tenant} />}>
      <p className={classes.legend}><Mark row={{ connected: true, lostAt: null }} /> opens and serves it <Mark row={{ connected: false, lostAt: null }} /> opens it <Mark row={{ connected: false, lostAt: '-' }} /> lost
        {list.hasMore && <span className={classes.more}>{count(list.items.length)} facts loaded <Button size="compact-xs" variant="default" loading={list.isLoadingMore} onClick={() => void list.loadMore()}>Load more</Button></span>}</p>
      <Grid tenant={tenant} rows={rows} />
    </ListScreens>
  );
}

function Mark({ row }: { row: Pick<ReachRow, 'connected' | 'lostAt'> }) {
  if (row.lostAt !== null) return <IconCircleOff size={17} className={classes.lost} aria-hidden />;
  return row.connected ? <IconCircleCheckFilled size={17} className={classes.serves} aria-hidden /> : <IconCircle size={17} className={classes.opens} aria-hidden />;
}
const words = (row: ReachRow | undefined): string => (!row ? 'not opened' : row.lostAt !== null ? 'lost' : row.connected ? 'opens and serves' : 'opens');

function Grid({ tenant, rows }: { tenant: string; rows: ReachRow[] }) {
  const { tokens, enterprises } = useMemo(() => arrange(rows), [rows]);
  const box = useRef<HTMLDivElement>(null);
  const down = useVirtualizer({ count: enterprises.length, getScrollElement: () => box.current, estimateSize: () => rowHeight, overscan: 10 });
  const across = useVirtualizer({ horizontal: true, count: tokens.length, getScrollElement: () => box.current, estimateSize: () => columnWidth, overscan: 4 });
  const y = down.getVirtualItems(), x = across.getVirtualItems();
  const top = y[0]?.start ?? 0, bottom = down.getTotalSize() - (y.at(-1)?.end ?? 0);
  const left = x[0]?.start ?? 0, right = across.getTotalSize() - (x.at(-1)?.end ?? 0);
  const gap = (width: number, key: string) => width > 0 && <td key={key} aria-hidden style={{ minWidth: width, padding: 0 }} />;
  const span = x.length + 1 + (left > 0 ? 1 : 0) + (right > 0 ? 1 : 0);
  return (
    <div className={classes.frame}>
      <div ref={box} className={classes.box} role="region" aria-label="Reach matrix" tabIndex={0}>
        <table className={classes.table} aria-rowcount={enterprises.length + 1} aria-colcount={tokens.length + 1}>
          <caption className="hiddenText">Enterprises in rows, tokens in columns; each cell says whether the token opens and serves the enterprise</caption>
          <thead><tr aria-rowindex={1}>
            <th scope="col" className={classes.corner} aria-colindex={1}>Enterprise</th>
            {gap(left, 'left')}
            {x.map(({ index }) => { const token = tokens[index]; return token && (
              <th key={token.accessTokenId} scope="col" aria-colindex={index + 2}><Link to="/t/$tenant/access-tokens/$accessTokenId" params={{ tenant, accessTokenId: token.accessTokenId }}><Hint hint={token.hint} /></Link><small>{token.kind}</small></th>
            ); })}
            {gap(right, 'right')}
          </tr></thead>
          <tbody>
            {top > 0 && <tr aria-hidden><td colSpan={span} style={{ height: top, padding: 0 }} /></tr>}
            {y.map(({ index }) => { const enterprise = enterprises[index]; return enterprise && (
              <tr key={enterprise.id} aria-rowindex={index + 2}>
                <th scope="row" aria-colindex={1}><Link to="/t/$tenant/enterprises/$enterpriseId" params={{ tenant, enterpriseId: enterprise.id }}>{enterprise.name}</Link></th>
                {gap(left, 'left')}
                {x.map(({ index: column }) => { const token = tokens[column]; const cell = token && enterprise.cells.get(token.accessTokenId); return token && (
                  <td key={token.accessTokenId} aria-colindex={column + 2} title={cell ? words(cell) : undefined}>{cell && <Mark row={cell} />}<span className="hiddenText">{words(cell)}</span></td>
                ); })}
                {gap(right, 'right')}
              </tr>
            ); })}
            {bottom > 0 && <tr aria-hidden><td colSpan={span} style={{ height: bottom, padding: 0 }} /></tr>}
          </tbody>
        </table>
      </div>
      <div className={classes.foot}>{plural(enterprises.length, 'enterprise')}, {plural(tokens.length, 'token')}</div>
    </div>
  );
}
