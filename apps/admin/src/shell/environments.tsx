// Which Mews platforms this tenant's tokens live on, in sight on every page.
import { EnvironmentBadge } from '../parts/environment-badge';
import { useAccessTokens } from '../queries/access-tokens';
import classes from './shell.module.css';

export function Environments({ tenant }: { tenant: string }) {
  const { items } = useAccessTokens(tenant);
  const used = [...new Set(items.filter(({ status }) => status !== 'revoked').map(({ environment }) => environment))].toSorted();
  return <div className={classes.environments}>{used.map((id) => <EnvironmentBadge key={id} id={id} />)}</div>;
}
