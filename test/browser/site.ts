// A whole Keyrack with its admin UI, and a browser in front of it.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { startSandbox } from '../../apps/sandbox/src/index.js';
import { startApi, type Api } from '../harness/api.js';
import { createTestDatabase } from '../harness/database.js';
import { chromiumPath } from '../harness/needs.js';
import { startWorker } from '../harness/worker.js';

const builtUi = process.env['KEYRACK_TEST_UI'] ?? fileURLToPath(new URL('../../dist/apps/admin', import.meta.url));
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const admin = { email: 'admin@keyrack.test', password: 'correct horse battery staple' };

export interface Visit {
  page: Page;
  /** What the browser complained about: uncaught errors, and whatever the content security policy stopped. */
  complaints: string[];
  /** As the administrator, unless told as whom. */
  signIn(as?: { email: string; password: string }): Promise<void>;
}

export interface Site {
  url: string; api: Api; sandbox: Awaited<ReturnType<typeof startSandbox>>; applicationId: string; admin: typeof admin;
  visit(options?: { colorScheme?: 'light' | 'dark' }): Promise<Visit>;
  /** Writes to the database behind the program's back. */
  tamper(statement: string): Promise<void>;
  stop(): Promise<void>;
}

/** @param env of the api, beside what it needs */
export async function startSite(env: Record<string, string> = {}): Promise<Site> {
  if (!existsSync(builtUi)) throw new Error(`The admin UI is not built (${builtUi}): run npm run build first`);
  const [sandbox, database, browser] = await Promise.all([startSandbox({ profile: 'small', limit: { requests: 5_000 } }), createTestDatabase(), chromium.launch({ executablePath: chromiumPath ?? '', args: flags })]);
  const settings = { KEYRACK_ALLOW_HTTP_PLATFORM: 'true', KEYRACK_ADMIN_EMAIL: admin.email, KEYRACK_ADMIN_PASSWORD: admin.password, ...env };
  const api = await startApi(database, settings, { uiDir: builtUi });
  const stopWorker = await startWorker(database, { KEYRACK_ALLOW_HTTP_PLATFORM: 'true' });
  await made(api, '/v1/environments', { id: 'sandbox', name: 'Sandbox', platformAddress: sandbox.url, requestLimit: { requests: 5_000, seconds: 30 } });
  const applicationId = await made(api, '/v1/applications', { name: 'Test', version: '1.0', clientTokens: [{ environment: 'sandbox', clientToken: sandbox.tokens[0]?.clientToken }] });
  await made(api, '/v1/tenants', { slug: 'acme', name: 'Acme Hotels' });
  return {
    url: api.url, api, sandbox, applicationId, admin,
    visit: (options = {}) => visit(browser, api.url, options),
    async tamper(statement) { await database.owner.query(statement); },
    async stop() {
      await browser.close();
      await stopWorker();
      await api.close();
      await sandbox.stop();
      await database.drop();
    },
  };
}

async function made(api: Api, path: string, body: unknown): Promise<string> {
  const answer = await api.request('POST', path, body);
  if (answer.status !== 201) throw new Error(`POST ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body.id;
}

async function visit(browser: Browser, url: string, { colorScheme = 'light' }: { colorScheme?: 'light' | 'dark' }): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, colorScheme, baseURL: url, reducedMotion: 'reduce' });
  await context.addInitScript(`document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) => console.error('Content Security Policy: ' + [violatedDirective, blockedURI, sample].join(' ')))`);
  const page = await context.newPage();
  page.setDefaultTimeout(45_000);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => { if (/Content Security Policy|Refused to/.test(message.text())) complaints.push(message.text()); });
  return { page, complaints, signIn: (as = admin) => signIn(page, as) };
}

async function signIn(page: Page, { email, password }: { email: string; password: string }): Promise<void> {
  await page.goto('/');
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
}
