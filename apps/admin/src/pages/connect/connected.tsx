// What was connected, and where to go from here.
import { Button, Group } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import type { AddedAccessToken } from '../../api/types';
import { plural } from '../../parts/format';
import { Hint } from '../../parts/id';
import { ButtonLink, TextLink } from '../../parts/links';
import { Panel } from '../../parts/page';
import { Status } from '../../parts/status';
import classes from './connect.module.css';

export function Connected({ tenant, token, another }: { tenant: string; token: AddedAccessToken; another: () => void }) {
  const connected = token.enterprises.filter((one) => one.connected);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => place.current?.focus(), []);
  return (
    <div ref={place} tabIndex={-1}>
      <Panel>
        <Status tone="ok" icon={IconCircleCheck}><strong>{connected.length === 0 ? 'The token is stored; nothing is connected yet' : `${plural(connected.length, 'enterprise')} connected`}</strong> by token <Hint hint={token.hint} /></Status>
        <ul className={classes.list}>
          {connected.slice(0, 12).map(({ id, name }) => <li key={id}><TextLink to="/t/$tenant/enterprises/$enterpriseId" params={{ tenant, enterpriseId: id }}>{name}</TextLink></li>)}
          {connected.length > 12 && <li>and {plural(connected.length - 12, 'other')}</li>}
        </ul>
        <Group mt="md" gap={8}>
          <ButtonLink to="/t/$tenant/runs" params={{ tenant }}>Watch the first sync</ButtonLink>
          <ButtonLink to="/t/$tenant/access-tokens/$accessTokenId" params={{ tenant, accessTokenId: token.id }} variant="default">Open the token</ButtonLink>
          <Button variant="default" onClick={another}>Connect another</Button>
        </Group>
      </Panel>
    </div>
  );
}
