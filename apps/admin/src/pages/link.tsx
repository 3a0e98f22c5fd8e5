// Where a link leads: an invitation to accept, or a new password to choose. Its secret stands behind the # of the address.
import { Button, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useLocation, useRouter } from '@tanstack/react-router';
import { useEffect, useState, type FormEvent, type ReactNode } from 'react';
import { fieldError, ProblemError, readProblem, toProblem } from '../api/problem';
import type { OpenedLink } from '../api/types';
import { Loading } from '../parts/page';
import { ProblemView } from '../parts/problem-view';
import { ProviderButton } from '../parts/provider-button';
import { SecretInput } from '../parts/secret-input';
import { Time } from '../parts/time';
import { useJoin, useOpenedLink, useRedeem } from '../queries/people';
import { sessionQuery, useSignIn } from '../queries/session';
import classes from './sign-in.module.css';

const cut = new ProblemError(readProblem({ code: 'access_link.not_found', title: 'The link is not whole', detail: 'What stands behind its # is missing: copy it in full.' }, 404));

export function LinkPage() {
  const secret = useLocation().hash;
  const opened = useOpenedLink(secret);
  const title = !opened.data ? 'Keyrack' : opened.data.kind === 'invitation' ? `Join ${opened.data.tenant ?? 'Keyrack'}` : 'Choose a new password';
  useEffect(() => { document.title = title === 'Keyrack' ? title : `${title} · Keyrack`; }, [title]);
  return (
    <main className={classes.page}>
      <div className={classes.box}>
        <div className={classes.brand}><img src="/favicon.svg" alt="" width={40} height={40} /><h1>{title}</h1></div>
        {secret === '' ? <ProblemView error={cut} /> : opened.error ? <ProblemView error={opened.error} /> : opened.data ? <Opened link={opened.data} secret={secret} /> : <Loading rows={3} />}
      </div>
    </main>
  );
}

function Opened({ link, secret }: { link: OpenedLink; secret: string }) {
  const { kind, email, role, tenant, madeBy, expiresAt, next } = link;
  return (
    <>
      {kind === 'invitation' && <p>{madeBy} invites <strong>{email}</strong> to {tenant === null ? 'the platform' : tenant} as {role}. The invitation is valid until <Time at={expiresAt} />.</p>}
      {next === 'sign_in' ? <Join email={email} secret={secret} /> : <Choose link={link} secret={secret} />}
      {/* A new person who signs in there with this address accepts thereby. */}
      {kind === 'invitation' && next === 'choose_password' && <ProviderButton from="/" />}
    </>
  );
}

/** Goes in, and leaves the link out of the browser's history. */
function useEnter() {
  const router = useRouter();
  return () => router.history.replace('/');
}

function Choose({ link: { kind, email }, secret }: { link: OpenedLink; secret: string }) {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const redeem = useRedeem(), signIn = useSignIn(), enter = useEnter();
  const invited = kind === 'invitation';
  const error = redeem.error ?? signIn.error;
  const problem = error ? toProblem(error) : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const goIn = () => signIn.mutate({ email, password }, { onSuccess: enter });
    // A link works once: when only the sign-in failed, that alone is tried again.
    if (redeem.isSuccess) goIn();
    else redeem.mutate({ secret, password, ...(invited && { name: name.trim() }) }, { onSuccess: goIn });
  };
  return (
    <Form submit={submit} busy={redeem.isPending || signIn.isPending} disabled={password === '' || (invited && name.trim() === '')} action={invited ? 'Accept and sign in' : 'Set the password and sign in'} error={problem && problem.errors.length === 0 ? error : null}>
      <TextInput label="E-mail address" type="email" autoComplete="username" size="md" readOnly value={email} />
      {invited && <TextInput label="Your name" autoComplete="name" size="md" autoFocus value={name} onChange={(event) => setName(event.currentTarget.value)} error={fieldError(problem, 'name')} maxLength={200} />}
      <SecretInput label="New password" description="At least 12 characters" autoComplete="new-password" size="md" value={password} onChange={(event) => setPassword(event.currentTarget.value)} error={fieldError(problem, 'password')} />
    </Form>
  );
}

/** For somebody who has an account: signed in already, or by password now. */
function Join({ email, secret }: { email: string; secret: string }) {
  const [password, setPassword] = useState('');
  const [renewed, setRenewed] = useState('');
  const session = useQuery(sessionQuery);
  const signIn = useSignIn(), join = useJoin(), enter = useEnter();
  const here = session.data?.user.email.toLowerCase() === email;
  const problem = join.error ? toProblem(join.error) : null;
  // Asked for only where the answer to the first try says so: whether it is needed is nothing that the link tells to anybody.
  const [renews, setRenews] = useState(false);
  const accept = () => join.mutate({ secret, ...(renews && { current: password, password: renewed }) }, { onSuccess: enter, onError: (error) => setRenews((now) => now || fieldError(toProblem(error), 'password') !== undefined) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (here) accept();
    else signIn.mutate({ email, password }, { onSuccess: accept, onError: () => setPassword('') });
  };
  if (session.isPending) return <Loading rows={2} />;
  return (
    <Form submit={submit} busy={signIn.isPending || join.isPending} disabled={here ? renews && (password === '' || renewed === '') : password === ''} action={here ? 'Accept' : 'Sign in and accept'} error={problem === null || problem.errors.length === 0 ? join.error ?? signIn.error : null}>
      {!here && <>
        <p>This address has an account: sign in with it to accept.</p>
        <TextInput label="E-mail address" type="email" autoComplete="username" size="md" readOnly value={email} />
        <SecretInput label="Password" autoComplete="current-password" size="md" autoFocus value={password} onChange={(event) => setPassword(event.currentTarget.value)} />
      </>}
      {here && renews && <>
        <p>Whoever made the link to your account may know its password. Choose another one, which opens everything that you have access to.</p>
        <SecretInput label="Password until now" autoComplete="current-password" size="md" autoFocus={password === ''} value={password} onChange={(event) => setPassword(event.currentTarget.value)} error={fieldError(problem, 'current')} />
        <SecretInput label="New password" description="At least 12 characters" autoComplete="new-password" size="md" autoFocus={password !== ''} value={renewed} onChange={(event) => setRenewed(event.currentTarget.value)} error={fieldError(problem, 'password')} />
      </>}
    </Form>
  );
}

function Form({ submit, busy, disabled, action, error, children }: { submit: (event: FormEvent) => void; busy: boolean; disabled: boolean; action: string; error: unknown; children: ReactNode }) {
  return (
    <form onSubmit={submit} noValidate className="stack">
      {children}
      {error ? <ProblemView error={error} omitFields /> : null}
      <Button type="submit" size="md" fullWidth loading={busy} disabled={disabled}>{action}</Button>
    </form>
  );
}
