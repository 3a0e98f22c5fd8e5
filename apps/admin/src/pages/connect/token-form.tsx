// The form that takes an AccessToken. What the API has to say about a value stands at its field.
import { Button, Group, Select, TextInput } from '@mantine/core';
import type { FormEvent } from 'react';
import { fieldError, nextStep, toProblem } from '../../api/problem';
import type { Application, Environment, Problem } from '../../api/types';
import { Panel } from '../../parts/page';
import { TokenInput } from '../../parts/secret-input';
import { ProblemView } from '../../parts/problem-view';
import classes from './connect.module.css';

export interface FormValues { applicationId: string; environment: string; accessToken: string; label: string }
export function emptyForm(applications: Application[]): FormValues {
  const first = applications.find(({ environments }) => environments.length > 0);
  return { applicationId: first?.id ?? '', environment: first?.environments[0] ?? '', accessToken: '', label: '' };
}

/** Errors that are about one value although the API names no pointer. */
const fieldOfCode: Record<string, 'accessToken' | 'environment' | 'applicationId'> = {
  'access_token.rejected': 'accessToken', 'access_token.duplicate': 'accessToken', 'access_token.unavailable': 'accessToken',
  'application.no_client_token': 'environment', 'environment.not_found': 'environment', 'environment.mismatch': 'environment', 'application.not_found': 'applicationId',
};
function complaint(problem: Problem | null, field: 'accessToken' | 'environment' | 'applicationId'): string | undefined {
  const direct = fieldError(problem, field);
  if (direct ?? fieldOfCode[problem?.code ?? ''] !== field) return direct;
  return [problem?.detail, nextStep(problem?.code ?? '')].filter(Boolean).join(' ');
}

interface Props {
  applications: Application[]; environments: Environment[]; values: FormValues; change: (values: Partial<FormValues>) => void;
  validate: () => void; checking: boolean; checked: boolean; error: unknown;
}

export function TokenForm({ applications, environments, values, change, validate, checking, checked, error }: Props) {
  const problem = error ? toProblem(error) : null;
  const application = applications.find(({ id }) => id === values.applicationId);
  const choose = (id: string | null) => {
    const next = applications.find((one) => one.id === id);
    if (next) change({ applicationId: next.id, environment: next.environments.includes(values.environment) ? values.environment : (next.environments[0] ?? '') });
  };
  const submit = (event: FormEvent) => { event.preventDefault(); validate(); };
  const atField = problem !== null && (problem.errors.some(({ pointer }) => /accessToken|environment|applicationId|label/.test(pointer)) || problem.code in fieldOfCode);
  return (
    <Panel title="1. The token">
      <form onSubmit={submit} noValidate className={classes.form}>
        <Select label="Application" description="The one that the token was made for" data={applications.filter((one) => one.environments.length > 0).map(({ id, client }) => ({ value: id, label: client }))} value={values.applicationId} onChange={choose} allowDeselect={false} error={complaint(problem, 'applicationId')} />
        <Select label="Environment" description="Tokens never cross environments" value={values.environment} allowDeselect={false} onChange={(id) => change({ environment: id ?? '' })} error={complaint(problem, 'environment')}
          data={environments.map(({ id, name }) => ({ value: id, label: application?.environments.includes(id) ? name : `${name} (no ClientToken)`, disabled: !application?.environments.includes(id) }))} />
        <TokenInput className={classes.wide} label="AccessToken" description="Stored encrypted and never shown again" value={values.accessToken} onChange={(event) => change({ accessToken: event.currentTarget.value })} error={complaint(problem, 'accessToken')} />
        <TextInput className={classes.wide} label="Label" description="What people will know the token by; optional" value={values.label} onChange={(event) => change({ label: event.currentTarget.value })} error={fieldError(problem, 'label')} maxLength={200} autoComplete="off" />
        {problem && !atField && <div className={classes.wide}><ProblemView error={error} /></div>}
        {problem && atField && <Reference problem={problem} />}
        <Group className={classes.wide}><Button type="submit" variant={checked ? 'default' : 'filled'} loading={checking} disabled={values.accessToken.trim() === '' || values.environment === ''}>{checked ? 'Validate again' : 'Validate'}</Button>{checking && <span className="muted" role="status">Asking Mews…</span>}</Group>
      </form>
    </Panel>
  );
}

function Reference({ problem }: { problem: Problem }) {
  return (
    <p className={`${classes.wide} ${classes.reference} muted`} role="alert">
      Not accepted: {problem.title}. <code>{problem.code}</code>
      {problem.upstream && <>, Mews answered {problem.upstream.status}{problem.upstream.message && ` “${problem.upstream.message}”`}{problem.upstream.requestId && <>, RequestId <code>{problem.upstream.requestId}</code></>}</>}
      {problem.traceId && <>, trace id <code>{problem.traceId}</code></>}
    </p>
  );
}
