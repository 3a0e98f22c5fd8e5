// The demonstration: an environment, an application, two tenants and their AccessTokens, made over the HTTP API like anybody's.
import { z } from 'zod';
import { ApiError, type ApiClient } from './api-client.js';
import { Problem } from '../problem.js';
import { mewsDemo } from './mews-demo.js';

export interface DemoToken { label: string; accessToken: string }
export interface DemoTenant { slug: string; name: string; tokens: DemoToken[] }
export interface Demo {
  environment: { id: string; name: string; platformAddress: string };
  clientToken: string;
  tenants: DemoTenant[];
}

const APPLICATION = { name: 'Keyrack Demo', version: '1.0.0' };

const Environment = z.object({ id: z.string(), platformAddress: z.string() });
const Application = z.object({ id: z.string(), name: z.string(), version: z.string(), environments: z.array(z.unknown()) });
const Tenant = z.object({ id: z.string(), slug: z.string() });
const AccessToken = z.object({ id: z.string(), label: z.string().nullish() });
const SandboxTokens = z.array(z.object({ label: z.string(), clientToken: z.string(), accessToken: z.string(), kind: z.enum(['enterprise', 'portfolio']) })).min(1);

/** What the sandbox offers, shared out between two tenants: the portfolio and half of the single tokens to the first. */
export async function sandboxDemo(platformAddress: string): Promise<Demo> {
  const response = await fetch(`${platformAddress}/sandbox/tokens`, { signal: AbortSignal.timeout(10_000) });
  const read = SandboxTokens.safeParse(await response.json().catch(() => undefined));
  if (!read.success) throw new Problem(`The sandbox did not tell its tokens: ${read.error.message}`);
  const accessTokens = read.data;
  const portfolios = accessTokens.filter((token) => token.kind === 'portfolio');
  const singles = accessTokens.filter((token) => token.kind === 'enterprise');
  const half = Math.ceil(singles.length / 2);
  return {
    environment: { id: 'sandbox', name: 'Sandbox', platformAddress }, clientToken: accessTokens[0]?.clientToken ?? '',
    tenants: [
      { slug: 'grand-hotels', name: 'Grand Hotels', tokens: [...portfolios, ...singles.slice(0, half)] },
      { slug: 'city-stays', name: 'City Stays', tokens: singles.slice(half) },
    ],
  };
}

/** Mews' public demo properties, one tenant each pricing. */
export function mewsPublicDemo(address: string | undefined): Demo {
  const [gross, net] = mewsDemo.accessTokens;
  return {
    environment: address === undefined
      ? { id: 'demo', name: 'Mews demo', platformAddress: mewsDemo.platformAddress }
      : { id: 'mews-demo', name: 'Mews demo', platformAddress: address },
    clientToken: mewsDemo.clientToken,
    tenants: [{ slug: 'mews-demo-gross', name: 'Mews demo, gross', tokens: [gross] }, { slug: 'mews-demo-net', name: 'Mews demo, net', tokens: [net] }],
  };
}

/** Makes what is not there yet; safe to call again after a start that was interrupted. */
export async function seed(api: ApiClient, demo: Demo, say: (line: string) => void): Promise<void> {
  await ensureEnvironment(api, demo);
  const applicationId = await ensureApplication(api, demo);
  const tenants = await api.all('/v1/tenants', Tenant);
  for (const tenant of demo.tenants) {
    if (!tenants.some(({ slug }) => slug === tenant.slug)) await api.post('/v1/tenants', { slug: tenant.slug, name: tenant.name }, Tenant);
    const known = await api.all(`/v1/tenants/${tenant.slug}/access-tokens`, AccessToken);
    for (const token of tenant.tokens.filter(({ label }) => !known.some((one) => one.label === label))) {
      await connect(api, tenant, { applicationId, environment: demo.environment.id, ...token }, say);
    }
  }
}

async function ensureEnvironment(api: ApiClient, { environment }: Demo): Promise<void> {
  const found = (await api.all('/v1/environments', Environment)).find(({ id }) => id === environment.id);
  if (!found) await api.post('/v1/environments', { ...environment, requestLimit: { requests: 200, seconds: 30 } }, Environment);
  else if (found.platformAddress !== environment.platformAddress) {
    throw new Problem(`The environment ${environment.id} is at ${found.platformAddress}, not at ${environment.platformAddress}. Use another KEYRACK_DATA_DIR, or remove the environment.`);
  }
}

async function ensureApplication(api: ApiClient, { environment, clientToken }: Demo): Promise<string> {
  const found = (await api.all('/v1/applications', Application)).find(({ name, version }) => name === APPLICATION.name && version === APPLICATION.version);
  if (!found) return (await api.post('/v1/applications', { ...APPLICATION, clientTokens: [{ environment: environment.id, clientToken }] }, Application)).id;
  await api.put(`/v1/applications/${found.id}/client-tokens/${environment.id}`, { clientToken });
  return found.id;
}

async function connect(api: ApiClient, tenant: DemoTenant, token: { label: string; accessToken: string; applicationId: string; environment: string }, say: (line: string) => void): Promise<void> {
  const Onboarded = z.object({ kind: z.string(), enterprises: z.array(z.object({ name: z.string() })) });
  const { label, accessToken, applicationId, environment } = token;
  try {
    const { kind, enterprises } = await api.post(`/v1/tenants/${tenant.slug}/access-tokens`, { applicationId, environment, accessToken, label }, Onboarded);
    say(`${tenant.name}: connected ${enterprises.length === 1 ? enterprises[0]?.name ?? label : `${enterprises.length} enterprises of a ${kind} token`}`);
  } catch (error) {
    // A start that was interrupted after this token had been saved.
    if (!(error instanceof ApiError && error.code === 'access_token.duplicate')) throw error;
  }
}
