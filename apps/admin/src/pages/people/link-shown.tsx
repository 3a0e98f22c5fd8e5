// The one time that a link is shown.
import type { CreatedAccessLink } from '../../api/types';
import { ShownOnce } from '../../parts/shown-once';
import { Time } from '../../parts/time';

/** The api answers a path where it was not told its own address: then ours is as good. */
export function LinkShown({ made, close }: { made: CreatedAccessLink; close: () => void }) {
  const what = made.kind === 'invitation' ? 'opens the account that it invites to' : 'lets its bearer choose a new password';
  return (
    <ShownOnce title="Copy the link now" label={`The link for ${made.email}`} copy="Copy the link" value={new URL(made.link, window.location.origin).href} close={close}>
      It cannot be shown again. It works once, until <Time at={made.expiresAt} />, and {what}: hand it to {made.email} over a channel that you trust.
    </ShownOnce>
  );
}
