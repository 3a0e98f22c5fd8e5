// Short words in the corner: that something was done, or why it was not.
import { notifications } from '@mantine/notifications';
import { IconAlertCircle, IconCheck } from '@tabler/icons-react';
import { nextStep, toProblem } from '../api/problem';

export const done = (title: string, message = ''): void => { notifications.show({ title, message, color: 'green', icon: <IconCheck size={16} aria-hidden />, autoClose: 5_000, closeButtonProps: { 'aria-label': 'Dismiss' } }); };

export function failed(error: unknown): void {
  const problem = toProblem(error);
  const upstream = problem.upstream?.requestId ? ` Mews RequestId ${problem.upstream.requestId}.` : '';
  const message = <>{problem.detail} {nextStep(problem.code)}{upstream} <code>{problem.code}</code>{problem.traceId && <> trace <code>{problem.traceId}</code></>}</>;
  notifications.show({ title: problem.title, message, color: 'red', icon: <IconAlertCircle size={16} aria-hidden />, autoClose: 15_000, closeButtonProps: { 'aria-label': 'Dismiss' } });
}
