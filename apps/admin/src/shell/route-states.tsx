// What stands in for a page: while its code comes, when it failed, when there is none.
import { IconMapOff } from '@tabler/icons-react';
import { useRouter, type ErrorComponentProps } from '@tanstack/react-router';
import { ProblemError, readProblem } from '../api/problem';
import { ButtonLink } from '../parts/links';
import { Empty, Loading } from '../parts/page';
import { ProblemView } from '../parts/problem-view';

export const RoutePending = () => <Loading />;

export function NotFound() {
  return <main className="alone"><Empty icon={IconMapOff} level={1} title="There is no such page" action={<ButtonLink to="/" variant="default">Go to the overview</ButtonLink>}>The address may be mistyped, or what it named has been removed.</Empty></main>;
}

export function RouteFailed({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  // An error of the page itself is ours, not a connection that failed.
  const shown = error instanceof ProblemError || error instanceof TypeError ? error : new ProblemError(readProblem({ code: 'page.failed', title: 'This page failed', detail: error instanceof Error ? error.message : 'Something was thrown that is not an error.' }, 0));
  return <main className="alone"><ProblemView error={shown} retry={() => { reset(); return router.invalidate(); }} /></main>;
}
