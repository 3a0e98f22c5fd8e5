// WCAG 2.2 AA as far as a machine can see it, on every page in both themes, and what axe misses: the keyboard.
import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { describeWithBrowser } from '../harness/needs.js';
import { comeIn } from '../harness/people.js';
import { startSite, type Site } from './site.js';

const wcag = { type: 'tag' as const, values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] };
const withPractice = { type: 'tag' as const, values: [...wcag.values, 'best-practice'] };
const colours = { type: 'rule' as const, values: ['color-contrast', 'link-in-text-block'] };

describeWithBrowser('accessibility', () => {
  let site: Site;
  let pages: string[], invitation: string;

  beforeAll(async () => {
    site = await startSite();
    const token = site.sandbox.tokens.find(({ kind }) => kind === 'portfolio');
    const tenant = '/v1/tenants/acme';
    const added = await site.api.request('POST', `${tenant}/access-tokens`, { applicationId: site.applicationId, environment: 'sandbox', accessToken: token?.accessToken, label: 'Portfolio' });
    // Opens what the portfolio token opens too.
    const own = site.sandbox.world.issueToken({ enterprises: [added.body.enterprises[0].id] });
    await site.api.request('POST', `${tenant}/access-tokens`, { applicationId: site.applicationId, environment: 'sandbox', accessToken: own.accessToken, connect: 'none' });
    await site.api.request('POST', `${tenant}/api-keys`, { name: 'Warehouse', role: 'developer' });
    await comeIn(site.api, 'acme', { email: 'member@example.com' });
    invitation = new URL((await site.api.request('POST', `${tenant}/access-links`, { kind: 'invitation', email: 'guest@example.com', role: 'viewer' })).body.link, site.url).href;
    await site.api.request('POST', '/v1/tenants', { slug: 'empty', name: 'Empty' });
    const started = await site.api.request('POST', `${tenant}/syncs`, { mode: 'full', collections: ['services', 'reservations'] });
    const enterprise = `/t/acme/enterprises/${added.body.enterprises[0].id}`, opened = `/t/acme/access-tokens/${added.body.id}`;
    pages = [
      '/t/acme', '/t/acme/connect', '/t/acme/enterprises', enterprise, `${enterprise}?tab=tokens`, `${enterprise}?tab=records`,
      '/t/acme/access-tokens', opened, `${opened}?tab=collections`, `${opened}?tab=users`, '/t/acme/reach', '/t/acme/reach?view=matrix', '/t/acme/reach?view=changes', '/t/acme/reach?view=overlaps', '/t/acme/reach?view=unused&days=0', '/t/acme/runs', `/t/acme/runs/${started.body.runIds[0]}`,
      '/t/acme/schedules', '/t/acme/members', '/t/acme/api-keys', '/t/acme/audit', '/all/tenants', '/all/environments', '/all/applications', '/all/users', '/all/reach', '/all/reach?view=unused&days=0', '/all/audit',
      // First use, nothing found, failed, and no such page.
      '/t/empty', '/t/acme/enterprises?q=nothing-has-this-name', '/t/acme/runs/00000000-0000-7000-8000-000000000000', '/no/such/page',
    ];
  }, 120_000);
  afterAll(() => site?.stop());

  test('axe finds nothing on any page, in either theme', async () => {
    const { page, complaints, signIn } = await site.visit();
    const found: string[] = [];
    await page.goto('/sign-in');
    await page.getByRole('heading', { level: 1 }).waitFor();
    found.push(...await inBothThemes(page, '/sign-in'));
    await page.goto(invitation);
    await page.getByRole('button', { name: 'Accept and sign in' }).waitFor();
    found.push(...await inBothThemes(page, 'an invitation'));
    await signIn();
    for (const path of pages) {
      await page.goto(path);
      await page.locator('main h1, main h2').first().waitFor();
      await page.locator('[aria-label="Loading"]').first().waitFor({ state: 'detached' });
      found.push(...await inBothThemes(page, path));
    }
    expect(found).toEqual([]);
    expect(complaints).toEqual([]);
  }, 600_000);

  // The other tests of this file hold the same of every page that they see.
  test('nothing on a page or on the documentation is against the content security policy, and what is would be heard of', async () => {
    const { page, complaints } = await site.visit();
    await page.goto('/docs');
    await page.locator('.opblock').first().click();
    await page.locator('.opblock .responses-table').first().waitFor();
    expect(complaints).toEqual([]);
    await page.goto('/sign-in');
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.evaluate(`document.body.insertAdjacentHTML('beforeend', '<i style="color: red">x</i>')`);
    expect(complaints).toContainEqual(expect.stringContaining('style-src'));
  }, 60_000);

  test('axe finds nothing in dialogs, menus and the search', async () => {
    const { page, complaints, signIn } = await site.visit({ colorScheme: 'dark' });
    const found: string[] = [];
    await signIn();
    for (const [path, button] of [['/t/acme/runs', 'Sync now'], ['/t/acme/access-tokens', 'Import a file'], ['/t/acme/api-keys', 'Create key'], ['/t/acme/members', 'Invite'], ['/t/acme/members', 'Reset the password of member@example.com'], ['/all/tenants', 'Create tenant'], ['/all/environments', 'Add environment'], ['/all/applications', 'Add application']] as const) {
      await page.goto(path);
      await page.getByRole('button', { name: button, exact: true }).first().click();
      await page.getByRole('dialog').waitFor();
      found.push(...await violations(page, `${path} ${button}`, wcag));
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    }
    await page.goto('/t/acme/runs');
    await page.getByRole('button', { name: 'Sync now', exact: true }).first().click();
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.getByRole('region', { name: 'What will be asked' }).getByRole('rowheader').first().waitFor();
    found.push(...await violations(page, 'preview of a sync', wcag));
    await page.keyboard.press('Escape');
    await page.getByRole('combobox', { name: 'Tenant' }).click();
    await page.getByRole('option', { name: 'Empty' }).waitFor();
    found.push(...await violations(page, 'tenant switch', wcag));
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /Switch theme/ }).click();
    await page.getByRole('menuitem', { name: 'Dark' }).waitFor();
    found.push(...await violations(page, 'theme switch', wcag));
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await page.getByPlaceholder('Find an enterprise, token, run or action').waitFor();
    found.push(...await violations(page, 'search', wcag));
    expect(found).toEqual([]);
    expect(complaints).toEqual([]);
  }, 240_000);

  test('everything can be reached by keyboard: skip link, search, a row, a dialog and back', async () => {
    const { page, complaints, signIn } = await site.visit();
    await signIn();
    await page.goto('/t/acme/enterprises');
    const rows = page.getByRole('region', { name: 'Enterprises' });
    const first = rows.getByRole('rowheader').first().getByRole('link');
    await first.waitFor();

    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');

    const name = await first.innerText();
    for (let presses = 0; await focused(page) !== name; presses++) {
      expect(presses).toBeLessThan(15);
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name }).waitFor();

    await page.keyboard.press('Control+k');
    await page.getByPlaceholder('Find an enterprise, token, run or action').waitFor();
    // What was found for fewer or other letters must be gone before Enter.
    await page.keyboard.type(name);
    await page.getByRole('dialog').getByRole('button', { name }).first().waitFor();
    await page.keyboard.press('Control+A');
    await page.keyboard.type('Schedules');
    await page.getByRole('button', { name: 'Schedules' }).or(page.getByRole('option', { name: 'Schedules' })).first().waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Schedules' }).waitFor();

    const edit = page.getByRole('button', { name: /^Edit the schedule of/ }).first();
    await edit.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    expect(await page.evaluate('document.activeElement.closest("[role=dialog]") !== null')).toBe(true);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.locator('button[aria-label^="Edit the schedule of"]:focus').waitFor();
    expect(complaints).toEqual([]);
  }, 240_000);

  test('filters, the tab and the time zone are in the address and survive a reload', async () => {
    const { page, signIn } = await site.visit();
    await signIn();
    await page.goto('/t/acme/runs');
    await page.getByRole('textbox', { name: 'State' }).or(page.getByRole('combobox', { name: 'State' })).click();
    await page.getByRole('option', { name: 'Succeeded' }).click();
    await page.waitForURL(/state=succeeded/);
    await page.getByRole('button', { name: /Switch time zone/ }).click();
    await page.getByRole('menuitem', { name: /property/ }).click();
    await page.waitForURL(/zone=property/);
    await page.reload();
    await page.getByRole('button', { name: /Times in Property time/ }).waitFor();
    await page.getByRole('link', { name: 'Schedules', exact: true }).click();
    await page.waitForURL(/schedules.*zone=property/);
  }, 240_000);
});

const focused = (page: Page): Promise<string> => page.evaluate<string>('document.activeElement?.innerText?.trim() ?? ""');

/** A theme changes colours only: the second look asks about them alone. */
async function inBothThemes(page: Page, where: string): Promise<string[]> {
  await wear(page, 'light');
  const light = await violations(page, `${where} light`);
  await wear(page, 'dark');
  return [...light, ...await violations(page, `${where} dark`, colours)];
}

async function wear(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor({ state: 'attached' });
}

/** The UI has no frames: the legacy mode reports the same and saves a blank page for each look. */
async function violations(page: Page, where: string, runOnly: typeof wcag | typeof colours = withPractice): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page }).setLegacyMode().options({ runOnly, resultTypes: ['violations'] }).analyze();
  return found.flatMap(({ id, nodes }) => nodes.map((node) => `${where}: ${id}: ${node.html.slice(0, 160)} (${node.failureSummary?.slice(0, 200) ?? ''})`));
}
