// A table that stays quick with ten thousand rows: real table elements, sticky head, only the visible rows in the page.
import { Button } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconArrowsSort } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, type ReactNode } from 'react';
import { plural } from './format';
import classes from './data-table.module.css';

export interface Column<Row> {
  key: string; header: ReactNode; cell: (row: Row) => ReactNode; align?: 'right';
  /** Left out on narrow screens, where its page shows it. */
  wide?: boolean;
  /** Offered when the whole list is here: sorting a part of it would mislead. */
  compare?: (a: Row, b: Row) => number;
}
interface Props<Row> {
  label: string; columns: Column<Row>[]; rows: Row[]; rowKey: (row: Row) => string; rowHeight?: number;
  hasMore?: boolean; isLoadingMore?: boolean; loadMore?: () => unknown; noun?: string;
  sort?: string; onSort?: (sort: string | undefined) => void; fill?: boolean;
  /** Inside a panel that draws the frame. */
  bare?: boolean;
}

function sorted<Row>(rows: Row[], columns: Column<Row>[], sort: string | undefined): Row[] {
  if (!sort) return rows;
  const down = sort.startsWith('-');
  const compare = columns.find((column) => column.key === sort.replace(/^-/, ''))?.compare;
  if (!compare) return rows;
  return rows.toSorted((a, b) => (down ? compare(b, a) : compare(a, b)));
}

export function DataTable<Row>({ label, columns, rows, rowKey, rowHeight = 41, hasMore = false, isLoadingMore = false, loadMore, noun = 'row', sort, onSort, fill = false, bare = false }: Props<Row>) {
  const box = useRef<HTMLDivElement>(null);
  const canSort = onSort !== undefined && !hasMore;
  const shown = useMemo(() => (canSort ? sorted(rows, columns, sort) : rows), [rows, columns, sort, canSort]);
  const virtual = useVirtualizer({ count: shown.length, getScrollElement: () => box.current, estimateSize: () => rowHeight, overscan: 8, getItemKey: (index) => { const row = shown[index]; return row === undefined ? index : rowKey(row); } });
  const visible = virtual.getVirtualItems();
  const last = visible.at(-1)?.index ?? 0;
  const above = visible[0]?.start ?? 0, below = virtual.getTotalSize() - (visible.at(-1)?.end ?? 0);

  useEffect(() => { if (hasMore && !isLoadingMore && loadMore && last >= shown.length - 20) void loadMore(); }, [hasMore, isLoadingMore, loadMore, last, shown.length]);

  return (
    <div className={classes.frame} data-bare={bare}>
      <div ref={box} className={classes.box} data-fill={fill} role="region" aria-label={label} tabIndex={0}>
        <table className={classes.table} aria-rowcount={hasMore ? -1 : shown.length + 1} aria-busy={isLoadingMore}>
          <thead><tr aria-rowindex={1}>{columns.map((column) => <Head key={column.key} column={column} sort={canSort ? sort : undefined} onSort={canSort ? onSort : undefined} />)}</tr></thead>
          <tbody>
            {above > 0 && <tr aria-hidden className={classes.gap}><td colSpan={columns.length} style={{ height: above }} /></tr>}
            {visible.map(({ index, key }) => {
              const row = shown[index];
              return row !== undefined && (
                <tr key={key} data-index={index} ref={virtual.measureElement} aria-rowindex={index + 2}>
                  {columns.map((column, at) => (at === 0
                    ? <th key={column.key} scope="row" data-wide={column.wide} data-align={column.align}>{column.cell(row)}</th>
                    : <td key={column.key} data-wide={column.wide} data-align={column.align}>{column.cell(row)}</td>))}
                </tr>
              );
            })}
            {below > 0 && <tr aria-hidden className={classes.gap}><td colSpan={columns.length} style={{ height: below }} /></tr>}
          </tbody>
        </table>
      </div>
      <div className={classes.foot}>
        <span>{hasMore ? `${plural(shown.length, noun)} loaded, more below` : plural(shown.length, noun)}</span>
        {hasMore && loadMore && <Button size="compact-xs" variant="subtle" loading={isLoadingMore} onClick={() => void loadMore()}>Load more</Button>}
      </div>
    </div>
  );
}

function Head<Row>({ column, sort, onSort }: { column: Column<Row>; sort: string | undefined; onSort: ((sort: string | undefined) => void) | undefined }) {
  const up = sort === column.key, down = sort === `-${column.key}`;
  const attributes = { scope: 'col' as const, 'data-wide': column.wide, 'data-align': column.align };
  if (!column.compare || !onSort) return <th {...attributes}>{column.header}</th>;
  const Mark = up ? IconArrowUp : down ? IconArrowDown : IconArrowsSort;
  return (
    <th {...attributes} aria-sort={up ? 'ascending' : down ? 'descending' : 'none'}>
      <button type="button" className={classes.sort} onClick={() => onSort(up ? `-${column.key}` : down ? undefined : column.key)}>{column.header}<Mark size={13} aria-hidden /></button>
    </th>
  );
}
