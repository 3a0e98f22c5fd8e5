// Sign-in by e-mail address and password.
import { Button, TextInput } from '@mantine/core';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useEffect, useState, type FormEvent } from 'react';
import { fieldError, toProblem } from '../api/problem';
import { SecretInput } from '../parts/secret-input';
import { ProblemView } from '../parts/problem-view';
import { useSignIn } from '../queries/session';
import classes from './sign-in.module.css';

const route = getRouteApi('/sign-in');

export function SignIn() {
  const { from } = route.useSearch();
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
        {problem && <ProblemView error={signIn.error} omitFields />}
        <TextInput label="E-mail address" type="email" autoComplete="username" size="md" autoFocus required withAsterisk={false} value={email} onChange={(event) => setEmail(event.currentTarget.value)} error={fieldError(problem, 'email')} />
        <SecretInput label="Password" autoComplete="current-password" size="md" required withAsterisk={false} value={password} onChange={(event) => setPassword(event.currentTarget.value)} error={fieldError(problem, 'password')} />
        <Button type="submit" size="md" fullWidth loading={signIn.isPending} disabled={email === '' || password === ''}>Sign in</Button>
        <p className="muted">The first start of Keyrack prints the first password on its terminal.</p>
      </form>
    </main>
  );
}
