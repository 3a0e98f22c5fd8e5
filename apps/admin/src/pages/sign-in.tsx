// Sign-in by e-mail address and password.
import { Alert, Button, TextInput } from '@mantine/core';
import { IconAlertCircle } from '@tabler/icons-react';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useEffect, useState, type FormEvent } from 'react';
import { fieldError, toProblem } from '../api/problem';
import { SecretInput } from '../parts/secret-input';
import { ProblemView } from '../parts/problem-view';
import { ProviderButton } from '../parts/provider-button';
import type { signInProblems } from '../search';
import { useSignIn } from '../queries/session';
import classes from './sign-in.module.css';

const route = getRouteApi('/sign-in');

export function SignIn() {
  const { from, problem: cameBackWith } = route.useSearch();
  const router = useRouter();
  const signIn = useSignIn();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const problem = signIn.error ? toProblem(signIn.error) : null;
  useEffect(() => { document.title = 'Sign in · Keyrack'; }, []);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate({ email, password }, {
      // Only addresses of our own: `//elsewhere` would lead away.
      onSuccess: () => router.history.push(from?.startsWith('/') && !/^\/[/\\]/.test(from) ? from : '/'),
      onSettled: () => setPassword(''),
    });
  };
  return (
    <main className={classes.page}>
      <form onSubmit={submit} className={classes.box} noValidate>
        <div className={classes.brand}><img src="/favicon.svg" alt="" width={40} height={40} /><h1>Sign in to Keyrack</h1></div>
        {cameBackWith && !problem && <Alert color="red" variant="light" icon={<IconAlertCircle aria-hidden />} title="You are not signed in" role="alert" className="problem">{sentences[cameBackWith]}</Alert>}
        {problem && <ProblemView error={signIn.error} omitFields />}
        <TextInput label="E-mail address" type="email" autoComplete="username" size="md" autoFocus required withAsterisk={false} value={email} onChange={(event) => setEmail(event.currentTarget.value)} error={fieldError(problem, 'email')} />
        <SecretInput label="Password" autoComplete="current-password" size="md" required withAsterisk={false} value={password} onChange={(event) => setPassword(event.currentTarget.value)} error={fieldError(problem, 'password')} />
        <Button type="submit" size="md" fullWidth loading={signIn.isPending} disabled={email === '' || password === ''}>Sign in</Button>
        <ProviderButton from={from ?? '/'} />
        <p className="muted">The first start of Keyrack prints the first password on its terminal.</p>
      </form>
    </main>
  );
}

/** What went wrong at the identity provider, and what to do. */
const sentences: Record<typeof signInProblems[number], string> = {
  'oidc.unreachable': 'The identity provider did not answer. Try again in a minute, or sign in with a password.',
  'oidc.refused': 'The identity provider did not confirm who you are, or the sign-in took more than ten minutes. Try again; if it stays, the log of Keyrack names the cause.',
  'oidc.unverified_email': 'The identity provider has not verified your e-mail address. Have it verified there, then try again.',
  'oidc.unknown_person': 'Keyrack knows nobody with this account. Ask for an invitation to the e-mail address that you use there.',
  'oidc.not_configured': 'No identity provider is configured here. Sign in with a password.',
  'request.rate_limited': 'There were too many failed sign-ins from your address. Wait a quarter of an hour, then try again.',
};
