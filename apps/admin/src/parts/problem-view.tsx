// What went wrong, what to do about it, and the numbers that support will ask for.
import { Alert, Button } from '@mantine/core';
import { IconAlertCircle } from '@tabler/icons-react';
import { nextStep, toProblem } from '../api/problem';
import { Copy } from './id';

export function ProblemView({ error, retry, omitFields = false }: { error: unknown; retry?: () => unknown; /** When the complaints already stand at their fields. */ omitFields?: boolean }) {
  const problem = toProblem(error);
  const next = nextStep(problem.code);
  return (
    <Alert color="red" variant="light" icon={<IconAlertCircle aria-hidden />} title={problem.title} className="problem" role="alert">
      {problem.detail !== problem.title && <p>{problem.detail}</p>}
      {next && <p>{next}</p>}
      {!omitFields && problem.errors.length > 0 && <ul>{problem.errors.map((one) => <li key={one.pointer + one.detail}><code>{one.pointer}</code> {one.detail}</li>)}</ul>}
      {problem.upstream && <p>{`Mews answered ${problem.upstream.status ?? 'nothing usable'}`}{problem.upstream.message ? `: “${problem.upstream.message}”` : '.'}</p>}
      <dl className="facts">
        <dt>Code</dt><dd><code>{problem.code}</code></dd>
        {problem.upstream?.requestId && <><dt>Mews RequestId</dt><dd><code>{problem.upstream.requestId}</code><Copy value={problem.upstream.requestId} label="Copy Mews RequestId" /></dd></>}
        {problem.traceId && <><dt>Trace id</dt><dd><code>{problem.traceId}</code><Copy value={problem.traceId} label="Copy trace id" /></dd></>}
      </dl>
      {retry && <Button variant="default" size="xs" mt="xs" onClick={() => void retry()}>Try again</Button>}
    </Alert>
  );
}
