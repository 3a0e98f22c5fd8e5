// What a person starts in the admin UI, in a real browser against the whole Keyrack.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWithBrowser } from '../harness/needs.js';
import { startSite, type Site } from './site.js';

describeWithBrowser('work started in the admin UI', () => {
  let site: Site;
  beforeAll(async () => {
    site = await startSite();
    const accessToken = site.sandbox.tokens.find((one) => one.kind === 'enterprise')?.accessToken;
    const added = await site.api.request('POST', '/v1/tenants/acme/access-tokens', { applicationId: site.applicationId, environment: 'sandbox', accessToken });
    if (added.status !== 201) throw new Error(`the token was not added: ${JSON.stringify(added.body)}`);
  }, 120_000);
  afterAll(() => site?.stop());

  test('a backfill shows its windows and requests before it starts, and its progress afterwards', async () => {
    const { page, complaints, signIn } = await site.visit();
    await signIn();
    await page.goto('/t/acme/runs');
    await page.getByRole('button', { name: 'Sync now' }).click();
    const dialog = page.getByRole('dialog', { name: 'Sync now' });
    await dialog.getByRole('radio', { name: 'A period again' }).check();
    const preview = dialog.getByRole('button', { name: 'Preview' });
    expect(await preview.isDisabled()).toBe(true);
    await dialog.getByLabel('First day').fill('2025-03-01');
    await dialog.getByLabel('Last day').fill('2025-02-01');
    await dialog.getByText('is before the first day').waitFor();
    expect(await preview.isDisabled()).toBe(true);
    await dialog.getByLabel('Last day').fill('2025-09-30');
    await dialog.getByRole('combobox', { name: 'Collections' }).click();
    for (const name of ['Reservations', 'Languages']) await page.getByRole('option', { name, exact: true }).click();
    await page.keyboard.press('Escape');
    await preview.click();

    const table = dialog.getByRole('region', { name: 'What will be asked' });
    // Seven months are three windows of at most 89 days.
    const row = table.getByRole('row').filter({ hasText: 'Reservations' });
    await row.waitFor();
    expect(await row.getByRole('cell').allInnerTexts()).toEqual(expect.arrayContaining(['the period', '3']));
    await dialog.getByText('Mews has no period for languages').waitFor();
    const before = (await site.api.request('GET', '/v1/tenants/acme/runs?limit=500')).body.items.filter(({ from }: { from: string | null }) => from !== null);
    expect(before).toEqual([]);
    await dialog.getByRole('button', { name: 'Start' }).click();
    await dialog.getByText('The sync is done.').waitFor({ timeout: 60_000 });
    await dialog.getByText('2 of 2 runs are over.').waitFor();
    await dialog.getByRole('link', { name: 'Watch the runs' }).click();
    const { body } = await site.api.request('GET', '/v1/tenants/acme/runs?collection=reservations&limit=500');
    expect(body.items[0]).toMatchObject({ from: '2025-03-01T00:00:00.000Z', to: '2025-10-01T00:00:00.000Z', state: 'succeeded' });
    expect(complaints).toEqual([]);
  }, 180_000);

  test('a run is paused, goes on and is cancelled; what vanished is deleted only when the collection is typed', async () => {
    const { page, complaints, signIn } = await site.visit();
    const { world, faults, tokens } = site.sandbox;
    const [enterprise] = tokens.find((one) => one.kind === 'enterprise')?.enterprises ?? [], enterpriseId = enterprise?.id ?? '';
    const runs = async (collection: string) => (await site.api.request('GET', `/v1/tenants/acme/runs?collection=${collection}&limit=1`)).body.items[0] as { id: string; state: string };
    const open = async (collection: string) => {
      const { status, body } = await site.api.request('POST', '/v1/tenants/acme/syncs', { enterpriseIds: [enterpriseId], collections: [collection], mode: 'full' });
      expect(status).toBe(202);
      await page.goto(`/t/acme/runs/${body.runIds[0]}`);
    };
    await signIn();
    faults.add({ kind: 'delay', ms: 1_500, path: 'orderItems/getAll' });
    await open('orderItems');
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Resume' }).waitFor();
    expect((await runs('orderItems')).state).toBe('waiting');
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    await page.getByRole('button', { name: 'Cancel run' }).click();
    await page.getByText('Cancelled', { exact: true }).first().waitFor();
    await page.getByRole('button', { name: 'Retry' }).waitFor();
    expect((await runs('orderItems')).state).toBe('cancelled');
    faults.clear();

    const gone = world.list('counters', enterpriseId).map((record) => String(record['Id']));
    expect(gone.length).toBeGreaterThan(0);
    for (const id of gone) world.vanish('counters', id);
    await open('counters');
    await page.getByRole('button', { name: 'Accept deletions…' }).click({ timeout: 60_000 });
    const dialog = page.getByRole('dialog', { name: 'Take the missing records for deleted?' }), accept = dialog.getByRole('button', { name: 'Accept deletions' });
    await dialog.getByText(`${gone.length} of ${gone.length} counters`).waitFor();
    expect(await accept.isDisabled()).toBe(true);
    await dialog.getByRole('textbox').fill('counters');
    await accept.click();
    await page.getByText('The deletions are accepted').waitFor();
    expect((await site.api.request('GET', '/v1/tenants/acme/records/counters')).body.items).toEqual([]);
    expect(complaints).toEqual([]);
  }, 180_000);

  test('the interval of a schedule stays as typed, and what is refused of it is told there', async () => {
    const { page, complaints, signIn } = await site.visit();
    await signIn();
    await page.goto('/t/acme/schedules');
    await page.getByRole('button', { name: /^Edit the schedule of/ }).first().click();
    const dialog = page.getByRole('dialog'), every = dialog.getByRole('textbox', { name: 'Every' }), save = dialog.getByRole('button', { name: 'Save' });
    for (const text of ['-5', '1.5']) {
      await every.fill(text);
      await every.blur();
      await dialog.getByText('a whole number, 1 or more').waitFor();
      expect(await every.inputValue()).toBe(text);
      expect(await save.isDisabled()).toBe(true);
    }
    await every.fill('99999999');
    await save.click();
    await dialog.getByText('must be 1 minute to 31 days').first().waitFor();
    expect(await every.inputValue()).toBe('99999999');
    expect(await every.getAttribute('aria-invalid')).toBe('true');
    expect(complaints).toEqual([]);
  }, 60_000);

  test('what a schedule is refused for is told once, at its field', async () => {
    const { page, complaints, signIn } = await site.visit();
    await signIn();
    await page.goto('/t/acme/schedules');
    await page.getByRole('button', { name: /^Edit the schedule of/ }).first().click();
    const dialog = page.getByRole('dialog'), cron = dialog.getByRole('textbox', { name: 'Cron expression' });
    await dialog.getByText('At set times').click();
    await cron.fill('nonsense');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByRole('alert').waitFor();
    expect(await cron.getAttribute('aria-invalid')).toBe('true');
    expect(await dialog.getByText('must be a cron expression').count()).toBe(1);
    expect(await dialog.getByText('/cron').count()).toBe(0);
    expect(complaints).toEqual([]);
  }, 60_000);

  test('what a sync is refused for is told once, at its field', async () => {
    const { page, complaints, signIn } = await site.visit();
    const refusal = { code: 'request.invalid', title: 'The request is not valid', status: 422, detail: 'Some values cannot be used', errors: [{ pointer: '/from', detail: 'is too long ago' }, { pointer: '/collections', detail: 'is not known' }] };
    await page.route('**/syncs?*', (route) => route.fulfill({ status: 422, contentType: 'application/problem+json', body: JSON.stringify(refusal) }));
    await signIn();
    await page.goto('/t/acme/runs');
    await page.getByRole('button', { name: 'Sync now' }).click();
    const dialog = page.getByRole('dialog', { name: 'Sync now' });
    await dialog.getByRole('radio', { name: 'A period again' }).check();
    await dialog.getByLabel('First day').fill('2025-03-01');
    await dialog.getByRole('button', { name: 'Preview' }).click();
    await dialog.getByRole('alert').waitFor();
    for (const complaint of ['is too long ago', 'is not known']) expect(await dialog.getByText(complaint).count()).toBe(1);
    expect(await dialog.getByText('/from').count()).toBe(0);
    expect(complaints).toEqual([]);
  }, 60_000);

  test('the list of runs and the preview of a sync fit their frames, and no word of a reason is broken', async () => {
    const { page, complaints, signIn } = await site.visit();
    const accessToken = site.sandbox.tokens.find((one) => one.kind === 'enterprise')?.accessToken ?? '';
    site.sandbox.world.access.find(accessToken)?.denied.add('serviceOverbookingLimits/getAll');
    await site.api.request('POST', '/v1/tenants/acme/syncs', { collections: ['serviceOverbookingLimits'], mode: 'full' });
    await signIn();
    await page.goto('/t/acme/runs?collection=serviceOverbookingLimits');
    const runs = page.getByRole('region', { name: 'Runs' });
    await runs.getByText('Not readable').first().waitFor({ timeout: 60_000 });
    expect(await runs.evaluate(overflow)).toBe(0);
    expect(await page.evaluate(brokenWords)).toEqual([]);
    await page.getByRole('button', { name: 'Sync now' }).click();
    const dialog = page.getByRole('dialog', { name: 'Sync now' });
    await dialog.getByRole('radio', { name: 'Everything again' }).check();
    await dialog.getByRole('button', { name: 'Preview' }).click();
    const preview = dialog.getByRole('region', { name: 'What will be asked' });
    await preview.getByRole('rowheader').first().waitFor();
    expect(await preview.evaluate(overflow)).toBe(0);
    expect(complaints).toEqual([]);
  }, 120_000);

  test('a token whose last check failed says why, also while it is active', async () => {
    const { page, complaints, signIn } = await site.visit();
    await signIn();
    const id: string = (await site.api.request('GET', '/v1/tenants/acme/access-tokens')).body.items[0].id;
    await site.tamper('update access_token set ciphertext = set_byte(ciphertext, 40, get_byte(ciphertext, 40) # 1)');
    expect((await site.api.request('POST', `/v1/tenants/acme/access-tokens/${id}/verify`)).status).toBe(500);
    await site.tamper('update access_token set ciphertext = set_byte(ciphertext, 40, get_byte(ciphertext, 40) # 1)');
    await page.goto(`/t/acme/access-tokens/${id}`);
    await page.getByText('Why the last check failed').waitFor();
    await page.getByText('cannot be opened: it was altered or moved').waitFor();
    await page.getByText('ask whoever runs it').waitFor();
    await site.api.request('POST', `/v1/tenants/acme/access-tokens/${id}/verify`);
    await page.reload();
    await page.getByText('active', { exact: false }).first().waitFor();
    expect(await page.getByText('Why the last check failed').count()).toBe(0);
    expect(complaints).toEqual([]);
  }, 60_000);

  test('a file of tokens is verified line by line, and saved only when the person says so', async () => {
    const { page, complaints, signIn } = await site.visit();
    const { world } = site.sandbox;
    const issue = (name: string) => world.issueToken({ enterprises: [world.addEnterprise({ name }).id] }).accessToken;
    const [first, second] = [issue('Alpha'), issue('Beta')];
    await signIn();
    await page.goto('/t/acme/access-tokens');
    await page.getByRole('button', { name: 'Import a file' }).click();
    const dialog = page.getByRole('dialog', { name: 'Import access tokens' });
    const choose = (text: string) => dialog.locator('input[type=file]').setInputFiles({ name: 'tokens.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
    await choose('token\nx\n');
    await dialog.getByRole('button', { name: 'Verify' }).click();
    await dialog.getByRole('alert').filter({ hasText: 'must begin with the header access_token,environment,application,label' }).waitFor();

    await choose(`access_token,environment,application,label\n${first},sandbox,Test,Alpha\n${second},sandbox,Test,Beta\nnonsense,sandbox,Test,\n`);
    await dialog.getByRole('button', { name: 'Verify' }).click();
    await dialog.getByText('2 tokens of 3 lines: can be added.').waitFor({ timeout: 60_000 });
    const lines = dialog.getByRole('region', { name: 'Lines of the file' });
    await lines.getByRole('row').filter({ hasText: 'Alpha' }).filter({ hasText: 'opens 1 enterprise' }).waitFor();
    await lines.getByRole('row').filter({ hasText: '401' }).waitFor();
    expect((await site.api.request('GET', '/v1/tenants/acme/access-tokens')).body.items).toHaveLength(1);
    await dialog.getByRole('button', { name: 'Import 2 tokens' }).click();
    await dialog.getByText('2 tokens of 3 lines: added.').waitFor({ timeout: 60_000 });
    await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
    await page.getByRole('region', { name: 'Access tokens' }).getByRole('rowheader').filter({ hasText: 'Beta' }).waitFor();
    expect(await page.content()).not.toContain(first);
    expect(complaints).toEqual([]);
  }, 180_000);
});

/** How many pixels of it are out of sight to the right. */
const overflow = ({ scrollWidth, clientWidth }: { scrollWidth: number; clientWidth: number }): number => scrollWidth - clientWidth;

/** The words of reasons that are drawn in more than one line; each reason is one text. */
const brokenWords = `[...document.querySelectorAll('td .narrow')].flatMap(({ firstChild: text }) => [...text.data.matchAll(/\\w+/g)].filter(({ 0: word, index }) => {
  const range = document.createRange();
  range.setStart(text, index);
  range.setEnd(text, index + word.length);
  return range.getClientRects().length > 1;
}).map(([word]) => word))`;
