// What needs attention, grouped by cause; what is left to set up; the numbers.
import { IconAlertTriangle, IconArrowRight, IconCircle, IconCircleCheck } from '@tabler/icons-react';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Overview as Answer } from '../api/types';
import { count } from '../parts/format';
import { ButtonLink, TextLink } from '../parts/links';
import { Loading, PageHead, Panel } from '../parts/page';
import { ProblemView } from '../parts/problem-view';
import { Status } from '../parts/status';
import { useOverview } from '../queries/tenant';
import { useRuns } from '../queries/runs';
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
      <PageHead title="Overview" actions={<><LiveBadge /><ButtonLink to="/t/$tenant/connect" params={{ tenant }}>Connect properties</ButtonLink></>} />
      {overview.error && <ProblemView error={overview.error} retry={overview.refetch} />}
      {overview.isPending && <Loading />}
      {data && <>
        <Numbers tenant={tenant} data={data} />
        {data.checklist.some(({ done }) => !done) && <Checklist tenant={tenant} steps={data.checklist} />}
        <Attention tenant={tenant} items={data.attention} started={data.enterprises.connected > 0} />
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
      <Figure label="Runs under way" value={data.runs.running} note="fetching pages now"><Link to="/t/$tenant/runs" params={params} search={{ state: 'running' }} aria-label="Runs under way" /></Figure>
      <Figure label="Runs waiting" value={data.runs.waiting} note="for their request budget or for Mews"><Link to="/t/$tenant/runs" params={params} search={{ state: 'waiting' }} aria-label="Runs waiting" /></Figure>
      <Figure label="Runs failed" value={data.runs.failedLast24h} note="in the last 24 hours"><Link to="/t/$tenant/runs" params={params} search={{ state: 'failed' }} aria-label="Runs failed" /></Figure>
    </ul>
  );
}

const steps: Record<string, { title: string; detail: string; to: '/all/environments' | '/all/applications' | '/t/$tenant/connect' | '/t/$tenant/runs' | '/t/$tenant/api-keys' }> = {
  environment: { title: 'Choose an environment', detail: 'Mews demo and production are there from the start.', to: '/all/environments' },
  application: { title: 'Add your application', detail: 'Its name, version and the ClientToken that Mews gave you.', to: '/all/applications' },
  access_token: { title: 'Add an AccessToken', detail: 'Paste one and see which properties it opens.', to: '/t/$tenant/connect' },
  connection: { title: 'Connect properties', detail: 'Choose the enterprises that Keyrack keeps in step.', to: '/t/$tenant/connect' },
  sync: { title: 'See the first sync through', detail: 'It starts by itself once a property is connected.', to: '/t/$tenant/runs' },
  api_key: { title: 'Give your software a key', detail: 'It reads records and changes from Keyrack with it.', to: '/t/$tenant/api-keys' },
};
const synonyms: Record<string, string> = { 'access-token': 'access_token', accessToken: 'access_token', token: 'access_token', enterprise: 'connection', connect: 'connection', run: 'sync', first_sync: 'sync', firstSync: 'sync', apiKey: 'api_key', 'api-key': 'api_key' };

function Checklist({ tenant, steps: listed }: { tenant: string; steps: Answer['checklist'] }) {
  const next = listed.find(({ done }) => !done)?.step;
  return (
    <Panel title="Getting started">
      <ol className={classes.checklist}>
        {listed.map(({ step, done }) => {
          const known = steps[synonyms[step] ?? step];
          const Mark = done ? IconCircleCheck : IconCircle;
          return (
            <li key={step} data-done={done}>
              <Mark size={20} stroke={1.7} aria-hidden />
              <div>{known && !done ? <TextLink to={known.to} params={{ tenant }}>{known.title}</TextLink> : <span>{known?.title ?? step}</span>}<span className="hiddenText">{done ? ' (done)' : ' (to do)'}</span><p>{known?.detail}</p></div>
              {known && step === next && <ButtonLink to={known.to} params={{ tenant }} size="xs" variant="light">Do this now</ButtonLink>}
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
            <div><strong>{item.title}</strong><p>{item.detail}</p></div>
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
  if (item.link?.startsWith('/t/')) return <TextLink to={item.link}>{content}</TextLink>;
  if (item.code.startsWith('access_token')) return <TextLink to="/t/$tenant/access-tokens" params={{ tenant }}>{content}</TextLink>;
  if (item.code.startsWith('enterprise') || item.code.startsWith('connection')) return <TextLink to="/t/$tenant/enterprises" params={{ tenant }}>{content}</TextLink>;
  return <TextLink to="/t/$tenant/runs" params={{ tenant }} search={{ state: item.code.includes('review') ? 'needs_review' : 'failed' }}>{content}</TextLink>;
}

function LatestRuns({ tenant }: { tenant: string }) {
  const runs = useRuns(tenant, {}, 12);
  if (runs.items.length === 0) return null;
  return <><div className={classes.between}><h2>Latest runs</h2><TextLink to="/t/$tenant/runs" params={{ tenant }}>All runs</TextLink></div><RunsTable tenant={tenant} runs={runs.items.slice(0, 8)} label="Latest runs" /></>;
}
