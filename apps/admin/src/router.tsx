// Every page and its address; each page is a chunk of its own. Filters, sorting, tabs and the time zone are part of the address.
import type { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, Outlet, redirect, retainSearchParams } from '@tanstack/react-router';
import { toProblem } from './api/problem';
import { sessionQuery } from './queries/session';
import { allReachViews, day, days, enterpriseTabs, flag, id, oneOf, reachChanges, reachStates, reachViews, runStates, reads, signInProblems, text, tokenStatuses, tokenTabs, upTo, zones } from './search';
import { NotFound, RouteFailed, RoutePending } from './shell/route-states';

const root = createRootRouteWithContext<{ cache: QueryClient }>()({
  validateSearch: reads({ zone: oneOf(zones) }),
  search: { middlewares: [retainSearchParams(['zone'])] },
  component: Outlet,
  notFoundComponent: NotFound,
  errorComponent: RouteFailed,
});

const signIn = createRoute({
  getParentRoute: () => root, path: '/sign-in',
  validateSearch: reads({ from: text, problem: oneOf(signInProblems) }),
  component: lazyRouteComponent(() => import('./pages/sign-in'), 'SignIn'),
});

const link = createRoute({ getParentRoute: () => root, path: '/link', component: lazyRouteComponent(() => import('./pages/link'), 'LinkPage') });

/** Everything behind the sign-in. */
const signedIn = createRoute({
  getParentRoute: () => root, id: 'signed-in',
  beforeLoad: async ({ context, location }) => {
    try { await context.cache.ensureQueryData(sessionQuery); } catch (error) {
      if (toProblem(error).status === 401) throw redirect({ to: '/sign-in', search: { from: location.href === '/' ? undefined : location.href } });
      throw error;
    }
  },
  component: lazyRouteComponent(() => import('./shell/shell'), 'Shell'),
  errorComponent: RouteFailed,
});

const home = createRoute({
  getParentRoute: () => signedIn, path: '/',
  beforeLoad: async ({ context }) => {
    const { tenants } = await context.cache.ensureQueryData(sessionQuery);
    const remembered = localStorage.getItem('keyrack.tenant');
    const tenant = tenants.find(({ slug }) => slug === remembered) ?? tenants[0];
    if (tenant) throw redirect({ to: '/t/$tenant', params: { tenant: tenant.slug } });
    throw redirect({ to: '/all/tenants' });
  },
});

/** What the tabs of an audit of reach are narrowed by. */
const reachAudit = { from: day, to: day, asOf: day, change: oneOf(reachChanges), all: flag, unconnected: flag, days };

/** What an audit trail is narrowed by. */
const auditFilter = { actor: upTo(200), action: upTo(100), from: day, to: day };

const platform = createRoute({ getParentRoute: () => signedIn, path: '/all', component: Outlet });
const allTenants = createRoute({ getParentRoute: () => platform, path: '/tenants', component: lazyRouteComponent(() => import('./pages/platform/tenants'), 'Tenants') });
const allEnvironments = createRoute({ getParentRoute: () => platform, path: '/environments', component: lazyRouteComponent(() => import('./pages/platform/environments'), 'Environments') });
const allApplications = createRoute({ getParentRoute: () => platform, path: '/applications', component: lazyRouteComponent(() => import('./pages/platform/applications'), 'Applications') });
const allReach = createRoute({
  getParentRoute: () => platform, path: '/reach',
  validateSearch: reads({ view: oneOf(allReachViews), tenant: text, enterprise: text, token: text, q: upTo(200), ...reachAudit }),
  component: lazyRouteComponent(() => import('./pages/platform/all-reach'), 'AllReach'),
});
const allAudit = createRoute({ getParentRoute: () => platform, path: '/audit', validateSearch: reads(auditFilter), component: lazyRouteComponent(() => import('./pages/platform/all-audit'), 'AllAudit') });
const allUsers = createRoute({ getParentRoute: () => platform, path: '/users', component: lazyRouteComponent(() => import('./pages/people/users'), 'Users') });

const tenant = createRoute({ getParentRoute: () => signedIn, path: '/t/$tenant', component: lazyRouteComponent(() => import('./shell/tenant-frame'), 'TenantFrame') });
const overview = createRoute({ getParentRoute: () => tenant, path: '/', component: lazyRouteComponent(() => import('./pages/overview'), 'Overview') });
const connect = createRoute({ getParentRoute: () => tenant, path: '/connect', component: lazyRouteComponent(() => import('./pages/connect/connect'), 'Connect') });
const enterprises = createRoute({
  getParentRoute: () => tenant, path: '/enterprises',
  validateSearch: reads({ q: upTo(200), connected: flag }),
  component: lazyRouteComponent(() => import('./pages/enterprises/enterprises'), 'Enterprises'),
});
const enterprise = createRoute({
  getParentRoute: () => tenant, path: '/enterprises/$enterpriseId',
  validateSearch: reads({ tab: oneOf(enterpriseTabs) }),
  component: lazyRouteComponent(() => import('./pages/enterprises/enterprise'), 'EnterprisePage'),
});
const accessTokens = createRoute({
  getParentRoute: () => tenant, path: '/access-tokens',
  validateSearch: reads({ q: upTo(200), status: oneOf(tokenStatuses), sort: text }),
  component: lazyRouteComponent(() => import('./pages/access-tokens/access-tokens'), 'AccessTokens'),
});
const accessToken = createRoute({ getParentRoute: () => tenant, path: '/access-tokens/$accessTokenId', validateSearch: reads({ tab: oneOf(tokenTabs), asOf: day }), component: lazyRouteComponent(() => import('./pages/access-tokens/access-token'), 'AccessTokenPage') });
const reach = createRoute({
  getParentRoute: () => tenant, path: '/reach',
  validateSearch: reads({ view: oneOf(reachViews), state: oneOf(reachStates), q: upTo(200), token: id, ...reachAudit }),
  component: lazyRouteComponent(() => import('./pages/reach/reach'), 'Reach'),
});
const runs = createRoute({
  getParentRoute: () => tenant, path: '/runs',
  validateSearch: reads({ state: oneOf(runStates), collection: upTo(100), enterprise: id }),
  component: lazyRouteComponent(() => import('./pages/runs/runs'), 'Runs'),
});
const run = createRoute({ getParentRoute: () => tenant, path: '/runs/$runId', component: lazyRouteComponent(() => import('./pages/runs/run'), 'RunPage') });
const schedules = createRoute({
  getParentRoute: () => tenant, path: '/schedules',
  validateSearch: reads({ collection: upTo(100), enterprise: id }),
  component: lazyRouteComponent(() => import('./pages/schedules/schedules'), 'Schedules'),
});
const members = createRoute({ getParentRoute: () => tenant, path: '/members', component: lazyRouteComponent(() => import('./pages/people/members'), 'Members') });
const apiKeys = createRoute({ getParentRoute: () => tenant, path: '/api-keys', component: lazyRouteComponent(() => import('./pages/api-keys'), 'ApiKeys') });
const audit = createRoute({
  getParentRoute: () => tenant, path: '/audit',
  validateSearch: reads(auditFilter),
  component: lazyRouteComponent(() => import('./pages/audit'), 'Audit'),
});

const tree = root.addChildren([signIn, link, signedIn.addChildren([
  home,
  platform.addChildren([allTenants, allEnvironments, allApplications, allUsers, allReach, allAudit]),
  tenant.addChildren([overview, connect, enterprises, enterprise, accessTokens, accessToken, reach, runs, run, schedules, members, apiKeys, audit]),
])]);

export const createAppRouter = (cache: QueryClient) => createRouter({ routeTree: tree, context: { cache }, defaultPreload: 'intent', defaultPendingComponent: RoutePending, scrollRestoration: true });

declare module '@tanstack/react-router' { interface Register { router: ReturnType<typeof createAppRouter> } }
