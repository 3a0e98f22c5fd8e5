// What can be done to a token: verify, rotate, disable or enable, revoke. As a row's menu or as buttons of its page.
import { ActionIcon, Button, Menu } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconDots, IconPlayerPause, IconPlayerPlay, IconRefresh, IconReplace, IconTrash } from '@tabler/icons-react';
import { ProblemError, readProblem } from '../../api/problem';
import type { AccessToken, StoredError } from '../../api/types';
import { plural } from '../../parts/format';
import { Hint } from '../../parts/id';
import { May } from '../../parts/may';
import { done, failed } from '../../parts/notify';
import { TypedConfirm } from '../../parts/typed-confirm';
import { useDisableToken, useEnableToken, useRevokeToken, useVerifyToken } from '../../queries/access-tokens';
import { RotateDialog } from './rotate-dialog';

const refused = (error: StoredError | null) => new ProblemError(readProblem({ code: 'access_token.rejected', title: 'Mews does not accept this token', detail: error?.message ?? undefined, upstream: { requestId: error?.requestId } }, 422));

interface Props { tenant: string; token: AccessToken; as: 'menu' | 'buttons' }

export function TokenActions(props: Props) {
  return props.token.status === 'revoked' ? null : <May do="access-tokens:write"><Actions {...props} /></May>;
}

function Actions({ tenant, token, as }: Props) {
  const verify = useVerifyToken(tenant), disable = useDisableToken(tenant), enable = useEnableToken(tenant), revoke = useRevokeToken(tenant);
  const [revoking, revokeDialog] = useDisclosure(false);
  const [rotating, rotateDialog] = useDisclosure(false);

  const check = () => verify.mutate(token.id, { onError: failed, onSuccess: ({ gained, lost, status, lastError }) => {
    if (status === 'invalid') failed(refused(lastError));
    else done('Mews accepts the token', gained.length + lost.length === 0 ? 'It opens the same enterprises as before.' : `${plural(gained.length, 'enterprise')} gained, ${plural(lost.length, 'enterprise')} lost.`);
  } });
  const pause = () => disable.mutate(token.id, { onError: failed, onSuccess: () => done('Token disabled', 'Its runs stop and its schedules pause.') });
  const resume = () => enable.mutate(token.id, { onError: failed, onSuccess: () => done('Token enabled', 'Its schedules go on.') });
  const serves = token.enterprises.connected;
  const asleep = token.status === 'disabled';
  const actions = [
    ...(asleep ? [] : [{ label: 'Verify', icon: IconRefresh, run: check, busy: verify.isPending, red: false }]),
    { label: 'Rotate…', icon: IconReplace, run: rotateDialog.open, busy: false, red: false },
    asleep ? { label: 'Enable', icon: IconPlayerPlay, run: resume, busy: enable.isPending, red: false } : { label: 'Disable', icon: IconPlayerPause, run: pause, busy: disable.isPending, red: false },
    { label: 'Revoke…', icon: IconTrash, run: revokeDialog.open, busy: false, red: true },
  ];
  return (
    <>
      {as === 'buttons'
        ? actions.map(({ label, icon: Mark, run, busy, red }) => <Button key={label} variant="default" c={red ? 'var(--bad)' : undefined} leftSection={<Mark size={16} aria-hidden />} loading={busy} onClick={run}>{label}</Button>)
        : <Menu position="bottom-end">
          <Menu.Target><ActionIcon className="above" variant="subtle" color="gray" size="sm" aria-label={`Actions for token ${token.label ?? token.hint}`} loading={verify.isPending}><IconDots size={16} aria-hidden /></ActionIcon></Menu.Target>
          <Menu.Dropdown>{actions.map(({ label, icon: Mark, run, red }) => <Menu.Item key={label} color={red ? 'red' : undefined} leftSection={<Mark size={15} aria-hidden />} onClick={run}>{label}</Menu.Item>)}</Menu.Dropdown>
        </Menu>}
      <TypedConfirm opened={revoking} close={() => { revokeDialog.close(); revoke.reset(); }} title="Revoke this token?" word={token.hint.replace(/^[…*•.]+/, '')} wordIs="the last characters" action="Revoke" busy={revoke.isPending} error={revoke.error}
        run={async () => { await revoke.mutateAsync(token.id); done('Token revoked', 'Its stored text is gone for good.'); }}>
        <p>Keyrack forgets the token <Hint hint={token.hint} /> for good; only Mews can make it again.</p>
        <p>{serves === 0 ? 'It serves no enterprise now. Those that it would' : `The ${plural(serves, 'enterprise')} that it serves`} will not sync until another token takes over. Records stay.</p>
      </TypedConfirm>
      <RotateDialog tenant={tenant} token={token} opened={rotating} close={rotateDialog.close} />
    </>
  );
}
