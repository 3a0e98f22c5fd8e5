// What each role is offered: no button that the API would refuse, the check of the audit chain; and coming in by an identity provider.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { findFreePort } from '../../apps/cli/src/processes.js';
import { startIssuer, type Issuer } from '../harness/issuer.js';
import { describeWithBrowser } from '../harness/needs.js';
import { comeIn } from '../harness/people.js';
import { startSite, type Site } from './site.js';

const password = 'correct horse battery staple';
const pages = ['', '/enterprises', '/access-tokens', '/runs', '/schedules'];

describeWithBrowser('roles in the browser', () => {
  let site: Site;
  let issuer: Issuer;
  let enterprise: string;
  let run: string;

  beforeAll(async () => {
    // The provider sends people back to an address that the api must know before it starts.
    const port = await findFreePort();
    issuer = await startIssuer();
    site = await startSite({
      KEYRACK_PORT: String(port), KEYRACK_PUBLIC_URL: `http://127.0.0.1:${port}`,
      KEYRACK_OIDC_ISSUER: issuer.url, KEYRACK_OIDC_CLIENT_ID: issuer.clientId, KEYRACK_OIDC_CLIENT_SECRET: issuer.clientSecret, KEYRACK_OIDC_LABEL: 'Example Login',
    });
    const { request } = site.api;
    const added = await request('POST', '/v1/tenants/acme/access-tokens', { applicationId: site.applicationId, environment: 'sandbox', accessToken: site.sandbox.tokens.find(({ kind }) => kind === 'enterprise')?.accessToken, label: 'One' });
    enterprise = added.body.enterprises[0].id;
    run = (await request('POST', '/v1/tenants/acme/syncs', { mode: 'full', collections: ['services'] })).body.runIds[0];
    for (const role of ['viewer', 'developer']) await comeIn(site.api, 'acme', { email: `${role}@keyrack.test`, password, role });
    for (const role of ['auditor', 'operator']) await comeIn(site.api, 'platform', { email: `${role}@keyrack.test`, password, role });
  }, 120_000);
  afterAll(async () => { await site?.stop(); await issuer?.down(); });

  /** The names of all buttons and links within the page, and the ways around. */
  async function offered(page: Page, path: string): Promise<string[]> {
    await page.goto(`/t/acme${path}`);
    await page.locator('main h1').first().waitFor();
    await page.locator('[aria-label="Loading"]').first().waitFor({ state: 'detached' });
    return page.locator('main button, main a, nav a').evaluateAll((all) => all.map((one) => one.getAttribute('aria-label') ?? one.textContent ?? ''));
  }
  const changing = /^(Sync |Sync now|Connect|Import|Add a token|Edit the schedule|Disconnect|Use token|Retry$|Pause$|Resume$|Cancel run|Actions for|API keys|Audit|Do this now|Create|Revoke)/;
  async function changes(page: Page, paths: readonly string[]): Promise<string[]> {
    const found: string[] = [];
    for (const path of paths) found.push(...await offered(page, path));
    return [...new Set(found.filter((name) => changing.test(name)).map((name) => name.replace(/ (of|for|token|Services|Sync).*/, '')))].sort();
  }

  test('a viewer is offered nothing that changes anything, a developer syncs and schedules only', async () => {
    const { page, complaints, signIn } = await site.visit();
    await signIn({ email: 'viewer@keyrack.test', password });
    expect(await page.locator('nav h2').allTextContents()).toEqual(['Syncs']);
    expect(await page.getByText('Getting started').count()).toBe(0);
    expect(await changes(page, [...pages, `/enterprises/${enterprise}`, `/enterprises/${enterprise}?tab=tokens`, `/runs/${run}`])).toEqual([]);
    await page.goto('/t/acme/connect');
    await page.getByRole('heading', { name: 'Your role does not add tokens' }).waitFor();
    const developer = await site.visit();
    await developer.signIn({ email: 'developer@keyrack.test', password });
    const theirs = await changes(developer.page, ['/access-tokens', '/schedules', `/enterprises/${enterprise}`]);
    expect(theirs).toEqual(expect.arrayContaining(['Edit the schedule', 'Sync now']));
    expect(theirs.filter((name) => !/^(Edit the schedule|Sync|Retry|Pause|Resume|Cancel run)/.test(name))).toEqual([]);
    expect([...complaints, ...developer.complaints]).toEqual([]);
  }, 180_000);

  test('an auditor reads the trail of the platform, where looking across tenants is written; an operator is not offered it', async () => {
    const { page, complaints, signIn } = await site.visit();
    await signIn({ email: 'auditor@keyrack.test', password });
    await page.goto('/all/reach');
    await page.getByRole('main').getByRole('link', { name: 'audit trail' }).click();
    await page.getByRole('heading', { level: 1, name: 'Platform audit' }).waitFor();
    const trail = page.getByRole('region', { name: 'Audit trail' });
    await trail.getByRole('row').filter({ hasText: 'reach.read_across_tenants' }).filter({ hasText: 'auditor@keyrack.test' }).first().waitFor();
    await page.getByLabel('What').fill('tenant.created');
    await page.waitForURL(/action=tenant.created/);
    await trail.getByRole('row').filter({ hasText: 'acme' }).waitFor();
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export CSV' }).click()]);
    expect(file.suggestedFilename()).toBe('audit-platform.csv');
    expect(readFileSync(await file.path(), 'utf8').trim().split('\n').slice(1).every((event) => event.includes('tenant.created'))).toBe(true);
    await page.getByRole('button', { name: 'Verify the chain' }).click();
    await page.getByText('Every event is as it was recorded').waitFor();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('platform au');
    await page.getByRole('dialog').getByText('Platform audit').waitFor();

    const operator = await site.visit();
    await operator.signIn({ email: 'operator@keyrack.test', password });
    await operator.page.goto('/all/reach');
    await operator.page.getByText('is written into the platform’s audit trail').waitFor();
    expect(await operator.page.getByRole('link', { name: /audit/i }).count()).toBe(0);
    expect([...complaints, ...operator.complaints]).toEqual([]);
  }, 60_000);

  test('an auditor verifies the chain: all well, then the first bad event is named', async () => {
    const { page, complaints, signIn } = await site.visit();
    await signIn({ email: 'auditor@keyrack.test', password });
    await page.goto('/t/acme/audit');
    await page.getByRole('button', { name: 'Verify the chain' }).click();
    await page.getByText('Every event is as it was recorded').waitFor();
    await site.tamper(`update audit_event set actor_name = 'nobody' where seq = 2`);
    await page.getByRole('button', { name: 'Verify the chain' }).click();
    await page.getByText('Event 2 of Acme Hotels is the first that is not as it was recorded').waitFor();
    expect(complaints).toEqual([]);
  }, 60_000);

  test('an auditor takes along the events that are shown, as a file', async () => {
    const { page, complaints, signIn } = await site.visit();
    await signIn({ email: 'auditor@keyrack.test', password });
    await page.goto('/t/acme/audit?action=sync.requested&from=2026-01-01');
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export CSV' }).click()]);
    expect(file.suggestedFilename()).toBe('audit-acme.csv');
    const [head, ...events] = readFileSync(await file.path(), 'utf8').trim().split('\n');
    expect(head).toBe('seq,at,actor_kind,actor_id,actor_name,action,subject');
    expect(events.length).toBeGreaterThan(0);
    expect(events.filter((event) => !event.includes('sync.requested'))).toEqual([]);
    expect(complaints).toEqual([]);
  }, 60_000);

  test('an event tells what a sync was not narrowed to, and has room for it on a narrow screen', async () => {
    const { page, signIn } = await site.visit();
    await signIn({ email: 'auditor@keyrack.test', password });
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto('/t/acme/audit?action=sync.requested');
    const details = page.getByRole('region', { name: 'Audit trail' }).getByRole('row').last().locator('dl');
    await details.getByText('full', { exact: true }).waitFor();
    expect((await details.boundingBox())?.width).toBeGreaterThan(200);
    expect((await details.innerText()).replaceAll(/\s+/g, ' ')).toMatch(/collections services.*enterprise ids all/);
  }, 60_000);

  test('a period of the audit trail that ends before it begins is told to be wrong, not to be empty', async () => {
    const { page, signIn } = await site.visit();
    await signIn({ email: 'auditor@keyrack.test', password });
    await page.goto('/t/acme/audit?from=2026-03-02&to=2026-03-01');
    await page.getByRole('alert').filter({ hasText: 'must be before the end of the period' }).waitFor();
    expect(await page.getByText('Nothing found').count()).toBe(0);
  }, 60_000);

  test('the links in the reach of all tenants look like every other', async () => {
    const { page, signIn } = await site.visit();
    await signIn({ email: 'auditor@keyrack.test', password });
    await page.goto('/all/reach');
    const row = page.getByRole('region', { name: /each/ }).getByRole('row').filter({ hasText: 'acme' }).first();
    await row.waitFor();
    const colours = await row.getByRole('link').evaluateAll((links) => links.map((link) => link.computedStyleMap().get('color')?.toString()));
    expect(colours).toHaveLength(2);
    expect(colours).not.toContain('rgb(0, 0, 238)');
  }, 60_000);

  test('a person comes in by the identity provider to the page asked for; one whom nobody knows is told what to do', async () => {
    const { page, complaints } = await site.visit();
    const comeBy = async (email: string) => {
      issuer.claims = { sub: email, email, email_verified: true, name: 'A Person' };
      await page.goto('/t/acme/runs?state=failed');
      await page.getByRole('link', { name: 'Sign in with Example Login' }).click();
    };
    await comeBy('stranger@keyrack.test');
    await page.getByRole('alert').filter({ hasText: 'Ask for an invitation' }).waitFor();
    await comeBy('viewer@keyrack.test');
    await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor();
    expect(new URL(page.url()).search).toContain('state=failed');
    expect(complaints).toEqual([]);
  }, 60_000);
});
