// Makes a link by which a person chooses a new password. Nobody else gets to know it.
import { Button, Group, Modal } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { ProblemView } from '../../parts/problem-view';
import { useCreateLink, type Links } from '../../queries/people';
import { LinkShown } from './link-shown';

interface Props<Role extends string> { links: Links<Role>; userId: string; email: string }

export function ResetPassword<Role extends string>({ links, userId, email }: Props<Role>) {
  const [opened, { open, close }] = useDisclosure(false);
  const create = useCreateLink(links);
  const end = () => { close(); create.reset(); };
  return (
    <>
      <Button size="compact-xs" variant="default" onClick={open} aria-label={`Reset the password of ${email}`}>Reset password…</Button>
      <Modal opened={opened} onClose={end} title="Reset the password?" closeOnClickOutside={false}>
        {create.data ? <LinkShown made={create.data} close={end} /> : (
          <div className="stack">
            <p>You get a link, valid for an hour, by which {email} chooses a new password. Until it is used nothing changes; then every session of this person ends.</p>
            {create.error && <ProblemView error={create.error} />}
            <Group justify="flex-end"><Button variant="default" onClick={end}>Cancel</Button><Button data-autofocus loading={create.isPending} onClick={() => create.mutate({ kind: 'password_reset', userId })}>Make the link</Button></Group>
          </div>
        )}
      </Modal>
    </>
  );
}
