// Starts the admin UI: theme, server state, router.
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import '@mantine/spotlight/styles.css';
import 'virtual:theme.css';
import './app.css';
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { onSignedOut } from './api/client';
import { ProblemError } from './api/problem';
import { createAppRouter } from './router';
import { theme } from './theme';

const cache = new QueryClient({ defaultOptions: { queries: {
  staleTime: 10_000,
  // What the API refused stays refused; only a lost connection or a server error is worth another try.
  retry: (failures, error) => failures < 2 && (!(error instanceof ProblemError) || error.problem.status >= 500),
} } });
const router = createAppRouter(cache);

onSignedOut(() => {
  const { pathname, href } = router.state.location;
  if (pathname === '/sign-in' || pathname === '/link') return;
  cache.clear();
  void router.navigate({ to: '/sign-in', search: { from: href } });
});

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      {/* Variables and classes come from the built stylesheet (theme-css.ts): nothing inserts a <style>. */}
      <MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
        <Notifications position="bottom-right" />
        <QueryClientProvider client={cache}><RouterProvider router={router} /></QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}
