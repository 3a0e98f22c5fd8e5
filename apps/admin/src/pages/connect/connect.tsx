// Connect properties: paste an AccessToken, see what it opens, choose, connect. The token stays in this page's memory and only until it is used.
import { IconKey } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import type { AddedAccessToken, Preview } from '../../api/types';
import { ButtonLink } from '../../parts/links';
import { useMay } from '../../parts/may';
import { Empty, Loading, PageHead } from '../../parts/page';
import { ProblemView } from '../../parts/problem-view';
import { useAddToken, usePreviewToken } from '../../queries/access-tokens';
import { useApplications, useEnvironments } from '../../queries/platform';
import { ChooseEnterprises } from './choose-enterprises';
import { Connected } from './connected';
import { emptyForm, TokenForm, type FormValues } from './token-form';

const route = getRouteApi('/signed-in/t/$tenant/connect');

export function Connect() {
  const { tenant } = route.useParams();
  const applications = useApplications(), environments = useEnvironments(), may = useMay();
  const title = <PageHead title="Connect properties">Paste an AccessToken of Mews. Keyrack asks Mews what it opens, and nothing is stored before you say so.</PageHead>;
  const error = applications.error ?? environments.error;
  if (!may('access-tokens:write')) return <>{title}<Empty icon={IconKey} title="Your role does not add tokens">Ask an owner of this tenant.</Empty></>;
  if (error) return <>{title}<ProblemView error={error} retry={() => { void applications.refetch(); void environments.refetch(); }} /></>;
  if (!applications.data || !environments.data) return <>{title}<Loading /></>;
  if (applications.data.items.every((one) => one.environments.length === 0)) {
    const canAdd = may('applications:write');
    return <>{title}<Empty icon={IconKey} title="Add an application first" action={canAdd && <ButtonLink to="/all/applications">Add an application</ButtonLink>}>An AccessToken works together with the ClientToken of the application that it was made for.{canAdd ? '' : ' Ask the platform’s operator to add it.'}</Empty></>;
  }
  return <>{title}<Steps key={tenant} tenant={tenant} applications={applications.data.items} environments={environments.data.items} /></>;
}

type StepsProps = { tenant: string; applications: Parameters<typeof TokenForm>[0]['applications']; environments: Parameters<typeof TokenForm>[0]['environments'] };

function Steps({ tenant, applications, environments }: StepsProps) {
  const [form, setForm] = useState<FormValues>(() => emptyForm(applications));
  const [preview, setPreview] = useState<Preview | null>(null);
  const [added, setAdded] = useState<AddedAccessToken | null>(null);
  const check = usePreviewToken(tenant), add = useAddToken(tenant);

  const forget = () => { setForm((now) => ({ ...now, accessToken: '', label: '' })); setPreview(null); check.reset(); add.reset(); };
  const change = (next: Partial<FormValues>) => { setForm((now) => ({ ...now, ...next })); if (!('label' in next)) { setPreview(null); check.reset(); add.reset(); } };
  const tokenOf = () => ({ applicationId: form.applicationId, environment: form.environment, accessToken: form.accessToken.trim() });
  const validate = () => check.mutate(tokenOf(), { onSuccess: setPreview, onSettled: () => add.reset() });
  const connect = (ids: string[]) => {
    const label = form.label.trim();
    add.mutate({ ...tokenOf(), ...(label === '' ? {} : { label }), connect: ids.length === 0 ? 'none' : ids }, { onSuccess: (token) => { setAdded(token); forget(); } });
  };

  if (added) return <Connected tenant={tenant} token={added} another={() => setAdded(null)} />;
  return (
    <>
      <TokenForm applications={applications} environments={environments} values={form} change={change} validate={validate} checking={check.isPending} checked={preview !== null} error={check.error ?? add.error} />
      {preview && <ChooseEnterprises key={preview.fingerprint} tenant={tenant} preview={preview} connecting={add.isPending} connect={connect} cancel={forget} />}
    </>
  );
}
