// One run: how it stands, why it waits or failed, its windows, requests and counts.
import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconBan, IconPlayerPause, IconPlayerPlay, IconRefresh } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Run, RunDetail } from '../../api/types';
import { collectionName, count, duration, plural } from '../../parts/format';
import { Hint, Id } from '../../parts/id';
import { TextLink } from '../../parts/links';
import { May } from '../../parts/may';
import { done, failed } from '../../parts/notify';
import { Loading, PageHead, Panel } from '../../parts/page';
import { ProblemView } from '../../parts/problem-view';
import { RunStatusLong } from '../../parts/status';
import { PropertyZone, Time, Took } from '../../parts/time';
import { TypedConfirm } from '../../parts/typed-confirm';
import { useEnterprise } from '../../queries/enterprises';
import { useCancelRun, useConfirmDeletions, usePauseRun, useResumeRun, useRetryRun, useRun } from '../../queries/runs';
import { LiveBadge } from './live-badge';
import { ErrorView, errorLine } from './run-error';
import { RunWindows } from './run-windows';

const route = getRouteApi('/signed-in/t/$tenant/runs/$runId');

export function RunPage() {
  const { tenant, runId } = route.useParams();
  const { data: run, error, isPending, refetch } = useRun(tenant, runId);
  if (isPending) return <Loading />;
  if (!run) return <><PageHead title="Run" back={<TextLink to="/t/$tenant/runs" params={{ tenant }}>Runs</TextLink>} /><ProblemView error={error} retry={refetch} /></>;
  return <Detail tenant={tenant} run={run} />;
}

function Detail({ tenant, run }: { tenant: string; run: RunDetail }) {
  const enterprise = useEnterprise(tenant, run.enterpriseId);
  const name = run.enterpriseName;
  return (
    <PropertyZone value={enterprise.data?.timeZone ?? null}>
      <PageHead title={`${collectionName(run.collection)}, ${name}`} back={<TextLink to="/t/$tenant/runs" params={{ tenant }}>Runs</TextLink>} actions={<><LiveBadge /><May do="syncs:write"><Actions tenant={tenant} run={run} /></May></>}>
        <RunStatusLong run={run} />
      </PageHead>
      {run.error && run.state !== 'succeeded' && <ErrorView error={run.error} title={run.state === 'failed' ? 'Why it failed' : run.state === 'needs_review' ? 'Why a person should look' : run.state === 'cancelled' ? 'Why it was cancelled' : 'What happened last; it goes on by itself'} />}
      <div className="columns">
        <Panel title="Run"><Facts tenant={tenant} run={run} name={name} /></Panel>
        <Panel title="Records"><Records run={run} /></Panel>
      </div>
      <Panel title="Windows" flush><RunWindows run={run} /></Panel>
    </PropertyZone>
  );
}

function Actions({ tenant, run }: { tenant: string; run: Run }) {
  const retry = useRetryRun(tenant);
  const navigate = useNavigate();
  if (['queued', 'running', 'waiting'].includes(run.state)) return <LiveActions tenant={tenant} run={run} />;
  if (!['failed', 'cancelled', 'needs_review'].includes(run.state)) return null;
  const again = () => retry.mutate(run.id, { onError: failed, onSuccess: (made) => {
    done('The run starts again');
    if (made.id !== run.id) void navigate({ to: '/t/$tenant/runs/$runId', params: { tenant, runId: made.id } });
  } });
  return <>{run.state === 'needs_review' && <ConfirmDeletions tenant={tenant} run={run} />}<Button leftSection={<IconRefresh size={16} aria-hidden />} loading={retry.isPending} onClick={again}>Retry</Button></>;
}

function LiveActions({ tenant, run }: { tenant: string; run: Run }) {
  const cancel = useCancelRun(tenant), pause = usePauseRun(tenant), resume = useResumeRun(tenant);
  return (
    <>
      {run.waiting?.reason === 'paused'
        ? <Button leftSection={<IconPlayerPlay size={16} aria-hidden />} loading={resume.isPending} onClick={() => resume.mutate(run.id, { onSuccess: () => done('The run goes on'), onError: failed })}>Resume</Button>
        : <Button variant="default" leftSection={<IconPlayerPause size={16} aria-hidden />} loading={pause.isPending} onClick={() => pause.mutate(run.id, { onSuccess: () => done('The run is paused', 'What it has read stays. Once you resume it, it goes on where it stopped; if it shared its requests with other enterprises, it asks anew.'), onError: failed })}>Pause</Button>}
      <Button variant="default" leftSection={<IconBan size={16} aria-hidden />} loading={cancel.isPending} onClick={() => cancel.mutate(run.id, { onSuccess: () => done('The run is being cancelled', 'What it has stored so far stays.'), onError: failed })}>Cancel run</Button>
    </>
  );
}

function ConfirmDeletions({ tenant, run }: { tenant: string; run: Run }) {
  const [opened, { open, close }] = useDisclosure(false);
  const confirm = useConfirmDeletions(tenant);
  return (
    <>
      <Button variant="default" c="var(--bad)" onClick={open}>Accept deletions…</Button>
      <TypedConfirm opened={opened} close={() => { close(); confirm.reset(); }} title="Take the missing records for deleted?" word={run.collection} wordIs="the collection" action="Accept deletions" busy={confirm.isPending} error={confirm.error} run={async () => { await confirm.mutateAsync(run.id); done('The deletions are accepted'); }}>
        <p>{errorLine(run.error ?? {})} Those records become deletions in the change feed, and your software will see them as gone.</p>
      </TypedConfirm>
    </>
  );
}

const Fact = ({ name, children }: { name: string; children: ReactNode }) => <><dt>{name}</dt><dd>{children}</dd></>;

function Facts({ tenant, run, name }: { tenant: string; run: Run; name: string }) {
  return (
    <dl className="facts">
      <Fact name="Enterprise"><TextLink to="/t/$tenant/enterprises/$enterpriseId" params={{ tenant, enterpriseId: run.enterpriseId }}>{name}</TextLink></Fact>
      <Fact name="Mode">{run.mode === 'full' ? 'Full: everything' : 'Incremental: what changed'}</Fact>
      <Fact name="Started by">{{ schedule: 'its schedule', request: 'a request', retry: 'a retry' }[run.trigger]}</Fact>
      {(run.from ?? run.to) && <Fact name="Period"><Time at={run.from} empty="the beginning" /> to <Time at={run.to} empty="now" /></Fact>}
      <Fact name="Access token"><TextLink to="/t/$tenant/access-tokens/$accessTokenId" params={{ tenant, accessTokenId: run.accessTokenId }}><Hint hint={run.accessTokenHint} /></TextLink></Fact>
      <Fact name="Started"><Time at={run.startedAt} empty="not yet" seconds /></Fact>
      <Fact name="Finished"><Time at={run.finishedAt} empty="not yet" seconds /></Fact>
      <Fact name="Took"><Took from={run.startedAt} to={run.finishedAt} />{run.waitedMs > 0 && `, of which ${duration(run.waitedMs)} waiting`}</Fact>
      <Fact name="Requests">{run.leadRunId === null
        ? `${count(run.requests)} for ${plural(run.pages, 'page')}`
        : <>made by <TextLink to="/t/$tenant/runs/$runId" params={{ tenant, runId: run.leadRunId }}>another run</TextLink>, which asks for several enterprises at once</>}</Fact>
      {run.attempts > 0 && <Fact name="Failures in a row">{count(run.attempts)}</Fact>}
      <Fact name="Id"><Id value={run.id} what="run id" /></Fact>
    </dl>
  );
}

function Records({ run: { records } }: { run: Run }) {
  return (
    <dl className="facts">
      <Fact name="Added">{count(records.added)}</Fact>
      <Fact name="Updated">{count(records.updated)}</Fact>
      <Fact name="Unchanged">{count(records.unchanged)}</Fact>
      <Fact name="Deleted">{count(records.deleted)}</Fact>
      {records.quarantined > 0 ? <Fact name="Set aside">{count(records.quarantined)} that could not be read</Fact> : null}
    </dl>
  );
}
