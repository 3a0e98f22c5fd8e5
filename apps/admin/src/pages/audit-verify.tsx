// Checks every audit chain at the press of a button, and says which event is the first that is not as it was recorded.
import { Alert, Button } from '@mantine/core';
import { IconShieldCheck, IconShieldX } from '@tabler/icons-react';
import { count, plural } from '../parts/format';
import { May } from '../parts/may';
import { ProblemView } from '../parts/problem-view';
import { useSession } from '../queries/session';
import { useVerifyAudit } from '../queries/tenant';

type Verify = ReturnType<typeof useVerifyAudit>;

export const VerifyButton = ({ verify }: { verify: Verify }) => (
  <May do="audit:read-all"><Button variant="default" leftSection={<IconShieldCheck size={16} aria-hidden />} loading={verify.isPending} onClick={() => verify.mutate()}>Verify the chain</Button></May>
);

export function VerifyOutcome({ verify }: { verify: Verify }) {
  const { tenants } = useSession();
  if (verify.error) return <ProblemView error={verify.error} />;
  if (!verify.data) return null;
  const { ok, checked, keyed, chains, checkpoints, badChains, firstBad } = verify.data;
  const held = checkpoints === 0 ? 'No signed checkpoint holds it yet: the first comes within minutes, where KEYRACK_AUDIT_CHECKPOINTS is set.' : `It agrees with ${plural(checkpoints, 'signed checkpoint')} kept outside the database.`;
  if (ok || !firstBad) {
    return <Alert role="status" variant="light" color="green" icon={<IconShieldCheck aria-hidden />} title="Every event is as it was recorded" mb="md">{plural(checked, 'event')} in {plural(chains, 'chain')} were checked. {held}{!keyed && ' What somebody with the database appends is not found yet: the trail has no key. Run keyrack audit key.'}</Alert>;
  }
  const aboutCheckpoints = firstBad.problem === 'checkpoint_missing' || firstBad.problem === 'checkpoint_invalid';
  const whose = firstBad.chain === 'platform' ? 'the platform' : tenants.find(({ id }) => id === firstBad.chain)?.name ?? `the tenant ${firstBad.chain}`;
  return (
    <Alert role="alert" variant="light" color="red" icon={<IconShieldX aria-hidden />} title={aboutCheckpoints ? `The checkpoints of ${whose} are not as they were written` : `Event ${count(firstBad.seq)} of ${whose} is the first that is not as it was recorded`} mb="md">
      {firstBad.detail[0]?.toUpperCase()}{firstBad.detail.slice(1)}. {badChains > 1 && `${plural(badChains, 'chain')} are bad. `}{aboutCheckpoints ? 'Somebody changed what KEYRACK_AUDIT_CHECKPOINTS names, or it is another place than before.' : 'Somebody wrote to the database past Keyrack, or it was restored from a copy.'}
    </Alert>
  );
}
