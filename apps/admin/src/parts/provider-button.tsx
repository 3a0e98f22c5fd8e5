// Leads to the identity provider, where one is configured.
import { Button, Divider } from '@mantine/core';
import { IconLogin2 } from '@tabler/icons-react';
import { useSignInMethods } from '../queries/session';

/** @param from the page to come back to, a path of ours */
export function ProviderButton({ from }: { from: string }) {
  const oidc = useSignInMethods().data?.oidc;
  if (!oidc) return null;
  return (
    <>
      <Divider label="or" />
      <Button component="a" href={`/v1/session/oidc?from=${encodeURIComponent(from)}`} variant="default" size="md" fullWidth leftSection={<IconLogin2 size={18} aria-hidden />}>Sign in with {oidc.label}</Button>
    </>
  );
}
