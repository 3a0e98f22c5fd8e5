// The head of every page and the three screens for a list that shows nothing.
import { Button, Skeleton } from '@mantine/core';
import { IconSearchOff, type Icon } from '@tabler/icons-react';
import { useEffect, type ReactNode } from 'react';
import type { List } from '../queries/list';
import { ProblemView } from './problem-view';
import classes from './page.module.css';

export function PageHead({ title, back, children, actions, titleText }: { title: ReactNode; titleText?: string; back?: ReactNode; children?: ReactNode; actions?: ReactNode }) {
  const name = titleText ?? (typeof title === 'string' ? title : 'Keyrack');
  useEffect(() => { document.title = name === 'Keyrack' ? name : `${name} · Keyrack`; }, [name]);
  return (
    <header className={classes.head}>
      <div>{back && <div className={classes.back}>{back}</div>}<h1>{title}</h1>{children && <div className={classes.lead}>{children}</div>}</div>
      {actions && <div className={classes.actions}>{actions}</div>}
    </header>
  );
}

export function Empty({ icon: Mark, title, children, action, level = 2 }: { icon: Icon; title: string; /** 1 where nothing else names the page. */ level?: 1 | 2; children?: ReactNode; action?: ReactNode }) {
  return <div className={classes.empty}><Mark size={34} stroke={1.4} aria-hidden />{level === 1 ? <h1>{title}</h1> : <h2>{title}</h2>}{children && <p>{children}</p>}{action}</div>;
}

export function Panel({ title, actions, children, flush = false }: { title?: ReactNode; actions?: ReactNode; children: ReactNode; flush?: boolean }) {
  return (
    <section className={classes.panel}>
      {title && <div className={classes.panelHead}><h2>{title}</h2>{actions}</div>}
      <div className={flush ? undefined : classes.panelBody}>{children}</div>
    </section>
  );
}

export const Loading = ({ rows = 6 }: { rows?: number }) => (
  <div className={classes.loading} role="status" aria-label="Loading">{Array.from({ length: rows }, (_, row) => <Skeleton key={row} height={22} radius="sm" />)}</div>
);

interface ListScreensProps<Item> { list: List<Item>; filtered: boolean; clear?: () => void; firstUse: ReactNode; children: ReactNode }

/** First use, nothing found and failed are three different screens. */
export function ListScreens<Item>({ list, filtered, clear, firstUse, children }: ListScreensProps<Item>) {
  if (list.error && list.items.length === 0) return <ProblemView error={list.error} retry={list.refetch} />;
  if (list.isPending) return <Loading />;
  if (list.items.length > 0) return <>{list.error && <ProblemView error={list.error} retry={list.refetch} />}{children}</>;
  if (!filtered) return <>{firstUse}</>;
  return <Empty icon={IconSearchOff} title="Nothing found" action={clear && <Button variant="default" onClick={clear}>Clear the filter</Button>}>Nothing here matches what you asked for.</Empty>;
}
