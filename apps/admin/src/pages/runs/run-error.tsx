// Why a run stopped, with Mews' RequestId and what to do.
import { Alert } from '@mantine/core';
import { IconAlertCircle } from '@tabler/icons-react';
import { nextStep } from '../../api/problem';
import type { StoredError } from '../../api/types';
import { Copy } from '../../parts/id';

export const errorLine = (error: StoredError): string => error.message ?? 'No reason was kept.';

const steps: Record<string, string> = {
  unauthorized: 'Three things can be wrong: the ClientToken of the application, the AccessToken, or a permission that the property has not granted. Verify the token: if that succeeds, it is the permission.',
  throttled: 'Nothing to do: Keyrack waits as long as Mews asks and goes on.',
  deletions: 'More records vanished at once than Keyrack takes for granted. Look whether the property really removed them, then retry as a full sync.',
  default: 'Retry it. If it fails the same way again, give the RequestId to the support of Mews.',
};
function advice(code: string, status: number | null): string {
  const known = nextStep(code);
  if (known) return known;
  if (status === 401 || /unauthori[sz]ed|rejected|forbidden/.test(code)) return steps['unauthorized'] ?? '';
  if (status === 429 || code.includes('throttled')) return steps['throttled'] ?? '';
  if (/delet|vanish|review/.test(code)) return steps['deletions'] ?? '';
  return steps['default'] ?? '';
}

export function ErrorView({ error, title }: { error: StoredError; title: string }) {
  const { code = 'unknown', status = null, requestId } = error;
  return (
    <Alert color="red" variant="light" icon={<IconAlertCircle aria-hidden />} title={title} className="problem" mb="md">
      <p>{errorLine(error)}</p>
      <p>{advice(code, status)}</p>
      <dl className="facts">
        <dt>Code</dt><dd><code>{code}</code></dd>
        {status !== null && <><dt>Mews status</dt><dd>{status}</dd></>}
        {requestId && <><dt>Mews RequestId</dt><dd><code>{requestId}</code><Copy value={requestId} label="Copy Mews RequestId" /></dd></>}
      </dl>
    </Alert>
  );
}
