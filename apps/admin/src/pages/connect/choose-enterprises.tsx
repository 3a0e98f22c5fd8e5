// What the token opens and who serves it now; the choice of what to connect, and what that will change.
import { Button, Checkbox, Group, TextInput } from '@mantine/core';
import { IconArrowsExchange, IconCircleDashed, IconPlugConnected } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import type { Preview } from '../../api/types';
import { DataTable, type Column } from '../../parts/data-table';
import { count, plural } from '../../parts/format';
import { Hint, Id } from '../../parts/id';
import { TextLink } from '../../parts/links';
import { Panel } from '../../parts/page';
import { Status } from '../../parts/status';
import { TokenKindMark } from '../access-tokens/token-kind';
import classes from './connect.module.css';

type Row = Preview['enterprises'][number];

/** A property's own token goes before a portfolio token; what another of the same rank serves is moved only when asked for. */
const wanted = (kind: Preview['kind']) => (row: Row): boolean => row.connectedBy === null || (kind === 'enterprise' && row.connectedBy.kind === 'portfolio');

interface Props { tenant: string; preview: Preview; connecting: boolean; connect: (ids: string[]) => void; cancel: () => void }

export function ChooseEnterprises({ tenant, preview, connecting, connect, cancel }: Props) {
  const [chosen, setChosen] = useState(() => new Set(preview.enterprises.filter(wanted(preview.kind)).map(({ id }) => id)));
  const [find, setFind] = useState('');
  const shown = useMemo(() => preview.enterprises.filter(({ name, id }) => `${name} ${id}`.toLowerCase().includes(find.trim().toLowerCase())), [preview, find]);
  const set = (rows: Row[], on: boolean) => setChosen((now) => { const next = new Set(now); for (const { id } of rows) { if (on) next.add(id); else next.delete(id); } return next; });
  const moves = preview.enterprises.filter(({ id, connectedBy }) => chosen.has(id) && connectedBy !== null);
  const allShown = shown.length > 0 && shown.every(({ id }) => chosen.has(id)), someShown = shown.some(({ id }) => chosen.has(id));

  const columns: Column<Row>[] = [
    { key: 'name', header: <Checkbox size="xs" label="Enterprise" aria-label="Choose all shown" checked={allShown} indeterminate={someShown && !allShown} onChange={(event) => set(shown, event.currentTarget.checked)} />,
      cell: (row) => <Checkbox size="xs" label={row.name} checked={chosen.has(row.id)} onChange={(event) => set([row], event.currentTarget.checked)} /> },
    { key: 'now', header: 'Served now by', cell: ({ id, connectedBy }) => (connectedBy === null ? <Status tone="idle" icon={IconCircleDashed}>Nobody</Status>
      : <Status tone={chosen.has(id) ? 'warn' : 'ok'} icon={chosen.has(id) ? IconArrowsExchange : IconPlugConnected}><Hint hint={connectedBy.hint} /> {connectedBy.kind === 'portfolio' ? 'portfolio token' : 'its own token'}{chosen.has(id) && ', moves to this one'}</Status>) },
    { key: 'zone', header: 'Time zone', wide: true, cell: ({ timeZone }) => timeZone },
    { key: 'id', header: 'Id', wide: true, cell: ({ id, name }) => <Id value={id} what={`id of ${name}`} short /> },
  ];
  return (
    <Panel title="2. What it opens" flush>
      <div className={classes.summary}>
        <TokenKindMark kind={preview.kind} /><span>Token <Hint hint={preview.hint} /></span><span>Opens <strong>{plural(preview.enterprises.length, 'enterprise')}</strong></span>
        {preview.enterprises.length > 10 && <TextInput size="xs" aria-label="Find among them" placeholder="Find among them" value={find} onChange={(event) => setFind(event.currentTarget.value)} />}
      </div>
      <div className={classes.table}><DataTable label="Enterprises that the token opens" noun="enterprise" columns={columns} rows={shown} rowKey={({ id }) => id} /></div>
      <div className={classes.actions}>
        {preview.alreadyAdded
          ? <p>This tenant already has this token. {preview.accessTokenId && <TextLink to="/t/$tenant/access-tokens/$accessTokenId" params={{ tenant, accessTokenId: preview.accessTokenId }}>Open it</TextLink>} to connect more of what it opens.</p>
          : <p className="muted">{chosen.size === 0 ? 'The token will be stored without connecting anything.' : `A first sync of ${plural(chosen.size, 'enterprise')} starts at once.`}{moves.length > 0 && ` ${count(moves.length)} of them ${moves.length === 1 ? 'moves' : 'move'} from another token, which is recorded.`}</p>}
        <Group gap={8}><Button variant="default" onClick={cancel}>Forget the token</Button>{!preview.alreadyAdded && <Button loading={connecting} onClick={() => connect([...chosen])}>{chosen.size === 0 ? 'Add without connecting' : `Connect ${plural(chosen.size, 'enterprise')}`}</Button>}</Group>
      </div>
    </Panel>
  );
}
