// One enterprise: status by collection, runs, the tokens that open it, how many records are kept.
import { Button, Tabs } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { getRouteApi } from '@tanstack/react-router';
import type { Enterprise } from '../../api/types';
import { EnvironmentBadge } from '../../parts/environment-badge';
import { Id } from '../../parts/id';
import { TextLink } from '../../parts/links';
import { May } from '../../parts/may';
import { done } from '../../parts/notify';
import { Loading, PageHead } from '../../parts/page';
import { ProblemView } from '../../parts/problem-view';
import { ConnectionState } from '../../parts/status';
import { PropertyZone } from '../../parts/time';
import { TypedConfirm } from '../../parts/typed-confirm';
import { useDisconnect, useEnterprise } from '../../queries/enterprises';
import { enterpriseTabs } from '../../search';
import { LiveBadge } from '../runs/live-badge';
import { SyncButton } from '../runs/sync-dialog';
import { RecordsTab } from './records-tab';
import { RunsTab } from './runs-tab';
import { StatusTab } from './status-tab';
import { TokensTab } from './tokens-tab';
import classes from './enterprise.module.css';

const route = getRouteApi('/signed-in/t/$tenant/enterprises/$enterpriseId');

export function EnterprisePage() {
  const { tenant, enterpriseId } = route.useParams();
  const { tab = 'status' } = route.useSearch();
  const navigate = route.useNavigate();
  const { data: enterprise, error, isPending, refetch } = useEnterprise(tenant, enterpriseId);
  const back = <TextLink to="/t/$tenant/enterprises" params={{ tenant }}>Enterprises</TextLink>;
  if (isPending) return <Loading />;
  if (!enterprise) return <><PageHead title="Enterprise" back={back} /><ProblemView error={error} retry={refetch} /></>;
  return (
    <PropertyZone value={enterprise.timeZone}>
      <PageHead title={enterprise.name} back={back} actions={<><LiveBadge />{enterprise.connected && <><May do="connections:write"><Disconnect tenant={tenant} enterprise={enterprise} /></May><SyncButton tenant={tenant} enterpriseId={enterprise.id} enterpriseName={enterprise.name} /></>}</>}>
        <span className={classes.facts}><ConnectionState connected={enterprise.connected} state={enterprise.connection?.state} /><EnvironmentBadge id={enterprise.environment} /><span>{enterprise.timeZone}</span><Id value={enterprise.id} what="enterprise id" /></span>
      </PageHead>
      <Tabs value={tab} onChange={(value) => void navigate({ search: (now) => ({ ...now, tab: enterpriseTabs.find((known) => known === value) }), replace: true })} keepMounted={false}>
        <Tabs.List aria-label="About this enterprise"><Tabs.Tab value="status">Status</Tabs.Tab><Tabs.Tab value="runs">Runs</Tabs.Tab><Tabs.Tab value="tokens">Tokens</Tabs.Tab><Tabs.Tab value="records">Records</Tabs.Tab></Tabs.List>
        <Tabs.Panel value="status" pt="md"><StatusTab tenant={tenant} enterprise={enterprise} /></Tabs.Panel>
        <Tabs.Panel value="runs" pt="md"><RunsTab tenant={tenant} enterpriseId={enterprise.id} /></Tabs.Panel>
        <Tabs.Panel value="tokens" pt="md"><TokensTab tenant={tenant} enterprise={enterprise} /></Tabs.Panel>
        <Tabs.Panel value="records" pt="md"><RecordsTab tenant={tenant} enterprise={enterprise} /></Tabs.Panel>
      </Tabs>
    </PropertyZone>
  );
}

function Disconnect({ tenant, enterprise }: { tenant: string; enterprise: Enterprise }) {
  const [opened, { open, close }] = useDisclosure(false);
  const disconnect = useDisconnect(tenant);
  return (
    <>
      <Button variant="default" onClick={open}>Disconnect…</Button>
      <TypedConfirm opened={opened} close={() => { close(); disconnect.reset(); }} title="Disconnect this enterprise?" word={enterprise.name} wordIs="its name" action="Disconnect" busy={disconnect.isPending} error={disconnect.error}
        run={async () => { await disconnect.mutateAsync(enterprise.id); done(`${enterprise.name} is disconnected`); }}>
        <p>Its schedules pause and its runs stop. Records and the token stay, and it can be connected again.</p>
      </TypedConfirm>
    </>
  );
}
