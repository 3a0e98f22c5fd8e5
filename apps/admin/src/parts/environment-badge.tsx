// Which Mews platform something lives on. Production looks unlike the others, by icon and word.
import { IconFlask, IconWorld } from '@tabler/icons-react';
import classes from './environment-badge.module.css';

export function EnvironmentBadge({ id }: { id: string }) {
  const live = id === 'production';
  const Mark = live ? IconWorld : IconFlask;
  return <span className={classes.badge} data-live={live}><Mark size={13} aria-hidden /><span className="hiddenText">Environment </span>{id}</span>;
}
