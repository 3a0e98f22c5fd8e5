// One token: how it stands, what it opens and which of that it serves, who can use it, now or as of a day before.
import { Button, Tabs, TextInput } from '@mantine/core';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { AccessToken, ReachRow } from '../../api/types';
import { CsvButton } from '../../parts/csv-button';
import { DataTable, type Column } from '../../parts/data-table';
import { EnvironmentBadge } from '../../parts/environment-badge';
import { Hint, Id } from '../../parts/id';
import { ButtonLink, TextLink } from '../../parts/links';
import { useMay } from '../../parts/may';
import { done, failed } from '../../parts/notify';
import { Loading, PageHead, Panel } from '../../parts/page';
import { ProblemView } from '../../parts/problem-view';
import { TokenState } from '../../parts/status';
import { Time } from '../../parts/time';
import { useAccessToken } from '../../queries/access-tokens';
import { useConnect } from '../../queries/enterprises';
import { useApplications } from '../../queries/platform';
import { useBlastRadius, useReach } from '../../queries/reach';
import { useSession } from '../../queries/session';
import { tokenTabs } from '../../search';
import { ReachFact } from '../reach/reach-fact';
import { ErrorView } from '../runs/run-error';
import { RadiusCollections, RadiusPanel } from './blast-radius';
import { TokenActions } from './token-actions';
import { TokenKindMark } from './token-kind';
import { TokenUsersTab } from './token-users';

const route = getRouteApi('/signed-in/t/$tenant/access-tokens/$accessTokenId');

export function AccessTokenPage() {
  const { tenant, accessTokenId } = route.useParams();
  const { data: token, error, isPending, refetch } = useAccessToken(tenant, accessTokenId);
  const back = <TextLink to="/t/$tenant/access-tokens" params={{ tenant }}>Access tokens</TextLink>;
  if (isPending) return <Loading />;
  if (!token) return <><PageHead title="Access token" back={back} /><ProblemView error={error} retry={refetch} /></>;
  return (
    <>
      <PageHead title={<>{token.label ? `${token.label} ` : 'Token '}<Hint hint={token.hint} /></>} titleText={token.label ?? `Token ${token.hint}`} back={back} actions={<TokenActions tenant={tenant} token={token} as="buttons" />}><TokenState status={token.status} /></PageHead>
      {token.lastError && (token.status === 'active' || token.status === 'invalid') && <ErrorView error={token.lastError} title={token.lastError.code === 'access_token.rejected' ? 'Why Mews refuses it' : 'Why the last check failed'} />}
      <TokenAudit tenant={tenant} token={token} />
    </>
  );
}

/** The blast radius. Who can use the token is for those who may see who belongs to the tenant. */
function TokenAudit({ tenant, token }: { tenant: string; token: AccessToken }) {
  const { tab = 'enterprises', asOf } = route.useSearch();
  const navigate = route.useNavigate();
  const session = useSession();
  const seesUsers = session.user.platformRole !== null || session.tenants.some(({ slug, role }) => slug === tenant && role === 'owner');
  const end = asOf && `${asOf}T23:59:59.999Z`;
  const { data: radius, error, refetch } = useBlastRadius(tenant, token.id, end);
  const address = `/v1/tenants/${tenant}/access-tokens/${token.id}`;
  const csv = {
    enterprises: { path: `/v1/tenants/${tenant}/reach`, query: { accessTokenId: token.id, ...(end ? { asOf: end } : { state: 'all' }) }, name: `enterprises-${token.id}` },
    collections: { path: `${address}/blast-radius`, query: { asOf: end }, name: `collections-${token.id}` }, users: { path: `${address}/users`, name: `users-${token.id}` },
  } as const;
  return (
    <>
      <div className="columns">
        <Panel title="Token"><Facts token={token} /></Panel>
        {radius ? <RadiusPanel radius={radius} /> : error ? <ProblemView error={error} retry={refetch} /> : <Loading rows={3} />}
      </div>
      <div className="filters" style={{ marginTop: 18 }}>
        <TextInput label="As of the end of (UTC)" type="date" value={asOf ?? ''} onChange={(event) => { const value = event.currentTarget.value || undefined; void navigate({ search: (now) => ({ ...now, asOf: value }), replace: true }); }} />
        <CsvButton {...csv[tab]} />
        <ButtonLink variant="default" to="/t/$tenant/reach" params={{ tenant }} search={{ view: 'changes', token: token.id }}>What changed</ButtonLink>
      </div>
      <Tabs value={tab} onChange={(value) => void navigate({ search: (now) => ({ ...now, tab: tokenTabs.find((known) => known === value) }), replace: true })} keepMounted={false}>
        <Tabs.List aria-label="About this token"><Tabs.Tab value="enterprises">Enterprises</Tabs.Tab><Tabs.Tab value="collections">Collections</Tabs.Tab>{seesUsers && <Tabs.Tab value="users">Who can use it</Tabs.Tab>}</Tabs.List>
        <Tabs.Panel value="enterprises" pt="md"><TokenReach tenant={tenant} token={token} asOf={end} /></Tabs.Panel>
        <Tabs.Panel value="collections" pt="md">{radius ? <RadiusCollections radius={radius} /> : <Loading rows={3} />}</Tabs.Panel>
        {seesUsers && <Tabs.Panel value="users" pt="md"><TokenUsersTab tenant={tenant} accessTokenId={token.id} /></Tabs.Panel>}
      </Tabs>
    </>
  );
}

const Fact = ({ name, children }: { name: string; children: ReactNode }) => <><dt>{name}</dt><dd>{children}</dd></>;

function Facts({ token }: { token: AccessToken }) {
  const applications = useApplications();
  return (
    <dl className="facts">
      <Fact name="Kind"><TokenKindMark kind={token.kind} /></Fact>
      <Fact name="Environment"><EnvironmentBadge id={token.environment} /></Fact>
      <Fact name="Application">{applications.data?.items.find(({ id }) => id === token.applicationId)?.client ?? <code>{token.applicationId}</code>}</Fact>
      <Fact name="Added"><Time at={token.createdAt} /></Fact>
      {token.revokedAt && <Fact name="Revoked"><Time at={token.revokedAt} /></Fact>}
      <Fact name="Fingerprint"><Id value={token.fingerprint} what="fingerprint" short /></Fact>
      <Fact name="Id"><Id value={token.id} what="token id" /></Fact>
    </dl>
  );
}

function TokenReach({ tenant, token, asOf }: { tenant: string; token: AccessToken; asOf: string | undefined }) {
  const list = useReach(tenant, { accessTokenId: token.id, ...(asOf ? { asOf } : { state: 'all' }) });
  const connect = useConnect(tenant);
  const may = useMay();
  const use = (row: ReachRow) => connect.mutate({ enterpriseId: row.enterpriseId, accessTokenId: token.id }, { onError: failed, onSuccess: () => done(`${row.enterpriseName} is served by this token now`) });
  const columns: Column<ReachRow>[] = [
    { key: 'name', header: 'Enterprise', cell: (row) => <Link className="row" to="/t/$tenant/enterprises/$enterpriseId" params={{ tenant, enterpriseId: row.enterpriseId }}>{row.enterpriseName}</Link> },
    { key: 'fact', header: 'Reach', cell: (row) => <ReachFact row={row} /> },
    { key: 'first', header: 'First seen', wide: true, cell: ({ firstSeenAt }) => <Time at={firstSeenAt} /> },
    { key: 'last', header: 'Last seen', wide: true, cell: ({ lastSeenAt }) => <Time at={lastSeenAt} empty="–" /> },
    { key: 'lost', header: 'Lost', wide: true, cell: ({ lostAt }) => <Time at={lostAt} empty="–" /> },
    { key: 'use', header: <span className="hiddenText">Actions</span>, align: 'right', cell: (row) => (!row.connected && row.lostAt === null && token.status === 'active' && may('connections:write') ? <Button className="above" size="compact-xs" variant="default" onClick={() => use(row)} aria-label={`Connect ${row.enterpriseName} by this token`}>Connect</Button> : null) },
  ];
  if (list.isPending) return <Loading rows={3} />;
  if (list.error) return <ProblemView error={list.error} retry={list.refetch} />;
  return <DataTable label="What the token opens" noun="enterprise" columns={columns} rows={list.items} rowKey={(row) => row.enterpriseId + row.firstSeenAt} hasMore={list.hasMore} isLoadingMore={list.isLoadingMore} loadMore={list.loadMore} />;
}
