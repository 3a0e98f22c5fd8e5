// Cmd/Ctrl K: finds an enterprise, a token by hint or label, a run, or something to do.
import { Spotlight, createSpotlight } from '@mantine/spotlight';
import { useDebouncedValue } from '@mantine/hooks';
import { IconActivity, IconBuilding, IconKey, IconArrowRight, IconSearch } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useLayoutEffect, useState, type ReactNode } from 'react';
import type { Session } from '../api/types';
import { collectionName } from '../parts/format';
import { useMay } from '../parts/may';
import { runStateText } from '../parts/status';
import { useAccessTokens } from '../queries/access-tokens';
import { useEnterprises } from '../queries/enterprises';
import { useRuns } from '../queries/runs';
import classes from './search-box.module.css';

const [store, spotlight] = createSpotlight();
export const openSearch = (): void => spotlight.open();

interface Hit { key: string; label: string; detail?: string | undefined; icon: ReactNode; go: () => void }

export function Search({ tenant, session }: { tenant: string | undefined; session: Session }) {
  const [query, setQuery] = useState('');
  const [settled] = useDebouncedValue(query.trim(), 200);
  return (
    <Spotlight.Root store={store} query={query} onQueryChange={setQuery} shortcut="mod + K" lockScroll={false} clearQueryOnClose scrollable maxHeight={440}>
      <Spotlight.Search maxLength={200} placeholder="Find an enterprise, token, run or action" aria-label="Find an enterprise, token, run or action" leftSection={<IconSearch size={17} aria-hidden />} />
      {tenant ? <TenantHits tenant={tenant} session={session} typed={query.trim()} settled={settled} /> : <FleetHits session={session} query={query} />}
    </Spotlight.Root>
  );
}

function FleetHits({ session, query }: { session: Session; query: string }) {
  return <Hits groups={[['Go to', matching(usePlaces(undefined, session), query)]]} />;
}

const matching = (hits: Hit[], query: string): Hit[] => hits.filter(({ label, detail }) => `${label} ${detail ?? ''}`.toLowerCase().includes(query.trim().toLowerCase()));

function usePlaces(tenant: string | undefined, session: Session): Hit[] {
  const navigate = useNavigate();
  const icon = <IconArrowRight size={16} aria-hidden />;
  const may = useMay(tenant);
  const closed = new Set([...may('access-tokens:write') ? [] : ['connect'], ...may('members:read') ? [] : ['members'], ...may('api-keys:read') ? [] : ['api-keys'], ...may('audit:read') ? [] : ['audit']]);
  const inTenant = tenant === undefined ? [] : ([['Connect properties', 'connect'], ['Overview', ''], ['Enterprises', 'enterprises'], ['Access tokens', 'access-tokens'], ['Reach', 'reach'], ['Runs', 'runs'], ['Schedules', 'schedules'], ['Members', 'members'], ['API keys', 'api-keys'], ['Audit', 'audit']] as const).filter(([, path]) => !closed.has(path))
    .map(([label, path]) => ({ key: label, label, icon, go: () => void navigate({ to: path === '' ? '/t/$tenant' : `/t/$tenant/${path}`, params: { tenant } }) }));
  const platform = !session.user.platformRole ? [] : ([['Tenants', 'tenants'], ['Users', 'users'], ['Environments', 'environments'], ['Applications', 'applications'], ['Reach of all tenants', 'reach'], ['Platform audit', 'audit']] as const).filter(([, path]) => path !== 'audit' || may('audit:read-all'))
    .map(([label, path]) => ({ key: label, label, icon, go: () => void navigate({ to: `/all/${path}` }) }));
  const tenants = session.tenants.filter(({ slug }) => slug !== tenant).slice(0, 200)
    .map(({ id, name, slug }) => ({ key: id, label: `Switch to ${name}`, icon, go: () => void navigate({ to: '/t/$tenant', params: { tenant: slug } }) }));
  return [...inTenant, ...platform, ...tenants];
}

function TenantHits({ tenant, session, typed, settled }: { tenant: string; session: Session; typed: string; settled: string }) {
  const navigate = useNavigate();
  const places = usePlaces(tenant, session);
  const enterprises = useEnterprises(tenant, settled === '' ? {} : { q: settled }, { enabled: settled !== '' });
  const tokens = useAccessTokens(tenant);
  const runs = useRuns(tenant, {});
  // Until the typing pauses, what was found is for fewer letters: it must not stand first when Enter is pressed.
  const found = settled === typed ? enterprises.items : [];
  const groups: [string, Hit[]][] = [['Go to', matching(places, typed).slice(0, typed === '' ? 9 : 5)]];
  if (typed !== '') {
    groups.unshift(
      ['Enterprises', found.slice(0, 6).map(({ id, name }) => ({ key: id, label: name, detail: id, icon: <IconBuilding size={16} aria-hidden />, go: () => void navigate({ to: '/t/$tenant/enterprises/$enterpriseId', params: { tenant, enterpriseId: id } }) }))],
      ['Access tokens', matching(tokens.items.map(({ id, hint, label, kind }) => ({ key: id, label: label ?? `Token ${hint}`, detail: `${hint} ${kind}`, icon: <IconKey size={16} aria-hidden />, go: () => void navigate({ to: '/t/$tenant/access-tokens/$accessTokenId', params: { tenant, accessTokenId: id } }) })), typed).slice(0, 5)],
      ['Runs', matching(runs.items.map((run) => ({ key: run.id, label: `${collectionName(run.collection)}, ${run.enterpriseName ?? ''} ${runStateText(run.state).toLowerCase()}`, detail: run.id, icon: <IconActivity size={16} aria-hidden />, go: () => void navigate({ to: '/t/$tenant/runs/$runId', params: { tenant, runId: run.id } }) })), typed).slice(0, 5)],
    );
  }
  return <Hits groups={groups} waiting={typed !== '' && (settled !== typed || enterprises.isPending)} />;
}

function Hits({ groups, waiting = false }: { groups: [string, Hit[]][]; waiting?: boolean }) {
  const full = groups.filter(([, hits]) => hits.length > 0);
  // Spotlight marks the first hit before the new hits are drawn: where that one went away, Enter would do nothing.
  useLayoutEffect(() => {
    const { listId, query } = store.getState();
    const list = query === '' ? null : document.getElementById(listId);
    const first = list?.querySelector('[data-action]');
    if (!first || list?.querySelector('[data-selected]')) return;
    first.setAttribute('data-selected', 'true');
    store.updateState((state) => ({ ...state, selected: 0 }));
  });
  return (
    <Spotlight.ActionsList>
      {full.map(([label, hits]) => (
        <Spotlight.ActionsGroup key={label} label={label}>
          {hits.map((hit) => <Spotlight.Action key={hit.key} onClick={hit.go}><span className={classes.hit}>{hit.icon}<span>{hit.label}</span>{hit.detail && <code>{hit.detail}</code>}</span></Spotlight.Action>)}
        </Spotlight.ActionsGroup>
      ))}
      {full.length === 0 && <Spotlight.Empty>{waiting ? 'Looking…' : 'Nothing found'}</Spotlight.Empty>}
    </Spotlight.ActionsList>
  );
}
