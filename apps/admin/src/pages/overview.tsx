// What needs attention, grouped by cause; what is left to set up; the numbers.
import { IconAlertTriangle, IconArrowRight, IconCircle, IconCircleCheck } from '@tabler/icons-react';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Overview as Answer } from '../api/types';
import { count } from '../parts/format';
import { ButtonLink, TextLink } from '../parts/links';
import { May, useMay } from '../parts/may';
import { Loading, PageHead, Panel } from '../parts/page';
import { ProblemView } from '../parts/problem-view';
import { Status } from '../parts/status';
import { useOverview } from '../queries/tenant';
import { useRuns } from '../queries/runs';
import { tokenStatuses } from '../search';
import { LiveBadge } from './runs/live-badge';
import { RunsTable } from './runs/runs-table';
import classes from './overview.module.css';

const route = getRouteApi('/signed-in/t/$tenant');

export function Overview() {
  const { tenant } = route.useParams();
  const overview = useOverview(tenant);
  const data = overview.data;
  return (
    <>
      <PageHead title="Overview" actions={<><LiveBadge /><May do="access-tokens:write"><ButtonLink to="/t/$tenant/connect" params={{ tenant }}>Connect properties</ButtonLink></May></>} />
      {overview.error && <ProblemView error={overview.error} retry={overview.refetch} />}
      {overview.isPending && <Loading />}
      {data && <>
        <Numbers tenant={tenant} data={data} />
        <Attention tenant={tenant} items={data.attention} started={data.enterprises.connected > 0} />
        {data.checklist.some(({ done }) => !done) && <May do="access-tokens:write"><Checklist tenant={tenant} steps={data.checklist} /></May>}
        {data.enterprises.connected > 0 && <LatestRuns tenant={tenant} />}
      </>}
    </>
  );
}

function Figure({ label, value, note, children }: { label: string; value: number; note?: ReactNode; children: ReactNode }) {
  return <li className={classes.figure}>{children}<strong>{count(value)}</strong><span>{label}</span>{note && <small>{note}</small>}</li>;
}

function Numbers({ tenant, data }: { tenant: string; data: Answer }) {
  const params = { tenant };
  return (
    <ul className={classes.figures} aria-label="Numbers">
      <Figure label="Enterprises connected" value={data.enterprises.connected} note={`of ${count(data.enterprises.reached)} that the tokens open`}><Link to="/t/$tenant/enterprises" params={params} search={{ connected: true }} aria-label="Enterprises connected" /></Figure>
      <Figure label="Active tokens" value={data.accessTokens.active} note={<>{data.accessTokens.invalid > 0 && `${count(data.accessTokens.invalid)} refused by Mews, `}{count(data.accessTokens.disabled)} disabled</>}><Link to="/t/$tenant/access-tokens" params={params} aria-label="Active tokens" /></Figure>
      <Figure label="Records kept" value={data.records} note="over all collections"><Link to="/t/$tenant/enterprises" params={params} aria-label="Records kept" /></Figure>
      <Figure label="Runs under way" value={data.runs.running} note={`${count(data.runs.queued)} queued`}><Link to="/t/$tenant/runs" params={params} search={{ state: 'running' }} aria-label="Runs under way" /></Figure>
      <Figure label="Runs waiting" value={data.runs.waiting} note="for their request budget or for Mews"><Link to="/t/$tenant/runs" params={params} search={{ state: 'waiting' }} aria-label="Runs waiting" /></Figure>
      <Figure label="Runs failed" value={data.runs.failedLast24h} note="in the last 24 hours"><Link to="/t/$tenant/runs" params={params} search={{ state: 'failed' }} aria-label="Runs failed" /></Figure>
    </ul>
  );
}

/** Where each step of the API's checklist is done. */
const places = [
  { of: /access ?token/i, detail: 'Paste one and see which properties it opens.', to: '/t/$tenant/connect', needs: 'access-tokens:write' },
  { of: /connect/i, detail: 'Choose the enterprises that Keyrack keeps in step.', to: '/t/$tenant/connect', needs: 'access-tokens:write' },
  { of: /sync/i, detail: 'It starts by itself once a property is connected.', to: '/t/$tenant/runs', needs: 'runs:read' },
  { of: /api key/i, detail: 'It reads records and changes from Keyrack with it.', to: '/t/$tenant/api-keys', needs: 'api-keys:write' },
] as const;

function Checklist({ tenant, steps: listed }: { tenant: string; steps: Answer['checklist'] }) {
  const next = listed.find(({ done }) => !done)?.step;
  const may = useMay();
  return (
    <Panel title="Getting started">
      <ol className={classes.checklist}>
        {listed.map(({ step, done }) => {
          const known = places.find(({ of }) => of.test(step));
          const Mark = done ? IconCircleCheck : IconCircle;
          return (
            <li key={step} data-done={done}>
              <Mark size={20} stroke={1.7} aria-hidden />
              <div>{known && !done && may(known.needs) ? <TextLink to={known.to} params={{ tenant }}>{step}</TextLink> : <span>{step}</span>}<span className="hiddenText">{done ? ' (done)' : ' (to do)'}</span><p>{known?.detail}</p></div>
              {known && step === next && may(known.needs) && <ButtonLink to={known.to} params={{ tenant }} size="xs" variant="default">Do this now</ButtonLink>}
            </li>
          );
        })}
      </ol>
    </Panel>
  );
}

function Attention({ tenant, items, started }: { tenant: string; items: Answer['attention']; started: boolean }) {
  if (items.length === 0) return started ? <Panel title="Needs attention"><Status tone="ok" icon={IconCircleCheck}>Nothing needs you: every token is accepted and no run has failed for good.</Status></Panel> : null;
  return (
    <Panel title="Needs attention" flush>
      <ul className={classes.attention}>
        {items.map((item) => (
          <li key={item.code}>
            <IconAlertTriangle size={18} stroke={1.8} aria-hidden />
            <div><strong>{item.title}</strong><p>{item.detail}{/^(access_token|enterprise)/.test(item.code) ? '' : <> <code>{item.code}</code></>}</p></div>
            <span className={classes.times}>{count(item.count)}</span>
            <AttentionLink tenant={tenant} item={item} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function AttentionLink({ tenant, item }: { tenant: string; item: Answer['attention'][number] }) {
  const content = <>Show<span className="hiddenText">{`: ${item.title}`}</span> <IconArrowRight size={14} aria-hidden /></>;
  if (item.code.startsWith('access_token')) return <TextLink to="/t/$tenant/access-tokens" params={{ tenant }} search={{ status: tokenStatuses.find((status) => item.code === `access_token.${status}`) }}>{content}</TextLink>;
  if (item.code.startsWith('enterprise')) return <TextLink to="/t/$tenant/enterprises" params={{ tenant }} search={{ connected: item.code === 'enterprise.unconnected' ? false : undefined }}>{content}</TextLink>;
  return <TextLink to="/t/$tenant/runs" params={{ tenant }} search={{ state: item.code.includes('review') ? 'needs_review' : 'failed' }}>{content}</TextLink>;
}

function LatestRuns({ tenant }: { tenant: string }) {
  const runs = useRuns(tenant, {}, 12);
  if (runs.items.length === 0) return null;
  return <><div className={classes.between}><h2>Latest runs</h2><TextLink to="/t/$tenant/runs" params={{ tenant }}>All runs</TextLink></div><RunsTable tenant={tenant} runs={runs.items.slice(0, 8)} label="Latest runs" /></>;
}
