// What a person does in the admin UI, in a real browser against the whole Keyrack.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWithBrowser } from '../harness/needs.js';
import { comeIn, longPassword } from '../harness/people.js';
import { startSite, type Site } from './site.js';

describeWithBrowser('the admin UI', () => {
  let site: Site;
  beforeAll(async () => { site = await startSite(); }, 120_000);
  afterAll(() => site?.stop());

  const tokenFor = (kind: 'enterprise' | 'portfolio') => {
    const token = site.sandbox.tokens.find((one) => one.kind === kind);
    if (!token) throw new Error(`the sandbox has no ${kind} token`);
    return token;
  };

  test('a wrong password stays on the sign-in page and says so; a page asked for comes after signing in', async () => {
    const { page, complaints } = await site.visit();
    await page.goto('/t/acme/runs?state=failed');
    await page.getByLabel('E-mail address').fill(site.admin.email);
    await page.getByLabel('Password', { exact: true }).fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').filter({ hasText: 'auth.failed' }).waitFor();
    await page.getByLabel('Password', { exact: true }).fill(site.admin.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor();
    expect(new URL(page.url()).search).toContain('state=failed');
    expect(complaints).toEqual([]);
  }, 180_000);

  test('sign in, connect a portfolio token, watch its runs, see its reach, sign out', async () => {
    const { page, complaints, signIn } = await site.visit();
    const token = tokenFor('portfolio');
    await signIn();
    await page.getByText('Add an AccessToken').first().waitFor();

    await page.getByRole('link', { name: 'Connect', exact: true }).click();
    await page.getByLabel('AccessToken', { exact: true }).fill(token.accessToken);
    await page.getByRole('button', { name: 'Validate' }).click();
    const opened = page.getByRole('region', { name: 'Enterprises that the token opens' });
    for (const { name } of token.enterprises) await opened.getByRole('checkbox', { name }).waitFor();
    expect(await opened.getByText('Nobody').count()).toBe(token.enterprises.length);
    const [first] = token.enterprises;
    if (!first) throw new Error('the portfolio is empty');
    await opened.getByRole('checkbox', { name: first.name }).uncheck();
    await page.getByRole('button', { name: /^Connect \d+ enterprise/ }).click();
    await page.getByText('connected', { exact: false }).first().waitFor();

    await page.getByRole('link', { name: 'Watch the first sync' }).click();
    await page.getByRole('region', { name: 'Runs' }).getByText('Succeeded').first().waitFor({ timeout: 60_000 });
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByRole('region', { name: 'Runs' }).getByRole('rowheader').first().getByRole('link').click();
    await page.getByRole('heading', { name: 'Windows' }).waitFor();

    await page.getByRole('link', { name: 'Reach', exact: true }).click();
    await page.getByRole('tab', { name: 'Matrix' }).click();
    const matrix = page.getByRole('region', { name: 'Reach matrix' });
    const cells = (name: string) => matrix.getByRole('row').filter({ hasText: name }).getByRole('cell').innerText();
    expect(await cells(first.name)).toBe('opens');
    expect(await cells(token.enterprises[1]?.name ?? '')).toBe('opens and serves');
    expect(new URL(page.url()).searchParams.get('view')).toBe('matrix');

    await page.getByRole('button', { name: 'Account' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in to Keyrack' }).waitFor();
    await page.goto('/t/acme');
    await page.getByRole('heading', { name: 'Sign in to Keyrack' }).waitFor();
    expect(complaints).toEqual([]);
  }, 180_000);

  test('invite a person, who accepts by the link in another browser, signs out and in again', async () => {
    const { page, complaints, signIn } = await site.visit();
    await signIn();
    await page.getByRole('link', { name: 'Members', exact: true }).click();
    await page.getByRole('button', { name: 'Invite' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('E-mail address').fill('Guest@Example.com');
    await dialog.getByRole('radio', { name: 'Developer' }).check();
    await dialog.getByRole('button', { name: 'Make the link' }).click();
    const link = await dialog.getByRole('textbox', { name: 'The link for guest@example.com' }).inputValue();
    expect(link).toMatch(new RegExp(`^${site.url}/link#[\\w-]{27,}$`));
    await dialog.getByRole('button', { name: 'I have stored it' }).click();
    await page.getByRole('region', { name: 'Links not used yet' }).getByText('guest@example.com').waitFor();
    expect(await page.content()).not.toContain(link.split('#')[1]);

    const guest = await site.visit();
    const asked: string[] = [];
    guest.page.on('request', (request) => asked.push(request.url()));
    await guest.page.goto(link);
    await guest.page.getByRole('heading', { level: 1, name: 'Join Acme Hotels' }).waitFor();
    await guest.page.getByLabel('Your name').fill('A Guest');
    await guest.page.getByLabel('New password').fill('short');
    await guest.page.getByRole('button', { name: 'Accept and sign in' }).click();
    await guest.page.getByText('must have at least 12 characters').waitFor();
    await guest.page.getByLabel('New password').fill('a password of the guest');
    // The link is used up by then: the same button now only signs in.
    const busy = { code: 'request.rate_limited', title: 'Too many requests', status: 429, detail: 'Wait and try again' };
    await guest.page.route('**/v1/session', (route) => route.request().method() === 'POST' ? route.fulfill({ status: 429, contentType: 'application/problem+json', body: JSON.stringify(busy) }) : route.continue());
    await guest.page.getByRole('button', { name: 'Accept and sign in' }).click();
    await guest.page.getByRole('alert').filter({ hasText: 'request.rate_limited' }).waitFor();
    await guest.page.unroute('**/v1/session');
    await guest.page.getByRole('button', { name: 'Accept and sign in' }).click();
    await guest.page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    // Playwright tells the fragment of the page's own address, which no request carries.
    expect(asked.filter((address) => address !== link && address.includes(link.split('#')[1] ?? ''))).toEqual([]);
    // The session gets a new id, and the page its new CSRF token, by which it signs out.
    await guest.page.getByRole('button', { name: 'Account' }).click();
    await guest.page.getByRole('menuitem', { name: 'Change password…' }).click();
    await guest.page.getByRole('dialog').getByLabel('Password until now').fill('a password of the guest');
    await guest.page.getByRole('dialog').getByLabel('New password').fill('the second of the guest');
    await guest.page.getByRole('dialog').getByRole('button', { name: 'Change', exact: true }).click();
    await guest.page.getByRole('dialog').waitFor({ state: 'detached' });
    await guest.page.getByRole('button', { name: 'Account' }).click();
    await guest.page.getByRole('menuitem', { name: 'Sign out' }).click();
    await guest.page.getByLabel('E-mail address').fill('guest@example.com');
    await guest.page.getByLabel('Password', { exact: true }).fill('the second of the guest');
    await guest.page.getByRole('button', { name: 'Sign in' }).click();
    await guest.page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    expect(await guest.page.getByRole('link', { name: 'Members', exact: true }).count()).toBe(0);
    await guest.page.goto('/');
    await guest.page.goto(link);
    await guest.page.getByRole('alert').filter({ hasText: 'access_link.not_found' }).waitFor();

    await page.reload();
    await page.getByRole('region', { name: 'Members' }).getByText('A Guest').waitFor();
    await page.getByRole('button', { name: 'Remove guest@example.com' }).click();
    await page.getByRole('dialog').getByRole('textbox').fill('guest@example.com');
    await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByText('No members yet').waitFor();
    expect([...complaints, ...guest.complaints]).toEqual([]);
  }, 180_000);

  test('a reset link gives a new password; an invited person who has an account joins with it, signed in or not', async () => {
    const tenant = async (slug: string, name: string) => (await site.api.request('POST', '/v1/tenants', { slug, name })).status;
    expect([await tenant('first', 'First'), await tenant('second', 'Second'), await tenant('third', 'Third')]).toEqual([201, 201, 201]);
    const email = 'member@example.com';
    const userId = await comeIn(site.api, 'first', { email });
    const linkOf = async (slug: string, body: object) => new URL((await site.api.request('POST', `/v1/tenants/${slug}/access-links`, body)).body.link, site.url).href;
    const { page, complaints } = await site.visit();
    const overview = page.getByRole('heading', { level: 1, name: 'Overview' });

    await page.goto(await linkOf('first', { kind: 'password_reset', userId }));
    await page.getByLabel('New password').fill('a password of my own');
    await page.getByRole('button', { name: 'Set the password and sign in' }).click();
    await overview.waitFor();
    await page.goto('/sign-in');
    await page.goto(await linkOf('second', { kind: 'invitation', email, role: 'viewer' }));
    await page.getByRole('button', { name: 'Accept', exact: true }).click();
    // Whoever made the link to the account could have chosen its password.
    await page.getByLabel('Password until now').fill('not mine');
    await page.getByLabel('New password').fill('a password of my own');
    await page.getByRole('button', { name: 'Accept', exact: true }).click();
    await page.getByText('is not your password').waitFor();
    await page.getByLabel('Password until now').fill('a password of my own');
    await page.getByRole('button', { name: 'Accept', exact: true }).click();
    await page.getByText('must be another one than until now').waitFor();
    await page.getByLabel('New password').fill('another password of my own');
    await page.getByRole('button', { name: 'Accept', exact: true }).click();
    await overview.waitFor();

    const elsewhere = await site.visit();
    await elsewhere.page.goto(await linkOf('third', { kind: 'invitation', email, role: 'viewer' }));
    await elsewhere.page.getByLabel('Password', { exact: true }).fill('another password of my own');
    await elsewhere.page.getByRole('button', { name: 'Sign in and accept' }).click();
    await elsewhere.page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await elsewhere.page.getByRole('combobox', { name: 'Tenant' }).click();
    expect(await elsewhere.page.getByRole('option').allInnerTexts()).toEqual(['First', 'Second', 'Third']);
    expect([...complaints, ...elsewhere.complaints]).toEqual([]);
  }, 180_000);

  test('a page in another tab goes on after a change of the password, and does nothing in the name of somebody else', async () => {
    const { page, signIn } = await site.visit(), email = 'two-tabs@example.com';
    await comeIn(site.api, 'acme', { email, role: 'owner' });
    await signIn({ email, password: longPassword });
    const other = await page.context().newPage();
    await other.goto('/t/acme/members');
    const invite = async (invited: string) => {
      await other.getByRole('button', { name: 'Invite' }).first().click();
      await other.getByRole('dialog').getByLabel('E-mail address').fill(invited);
      await other.getByRole('dialog').getByRole('button', { name: 'Make the link' }).click();
    };
    await other.getByRole('region', { name: 'Members' }).getByText(email).first().waitFor();
    await page.getByRole('button', { name: 'Account' }).click();
    await page.getByRole('menuitem', { name: 'Change password…' }).click();
    await page.getByRole('dialog').getByLabel('Password until now').fill(longPassword);
    await page.getByRole('dialog').getByLabel('New password').fill(`${longPassword} again`);
    await page.getByRole('dialog').getByRole('button', { name: 'Change', exact: true }).click();
    await page.getByText('Password changed').waitFor();
    await invite('by-two-tabs@example.com');
    await other.getByText('Copy the link now').waitFor({ timeout: 10_000 });
    await other.getByRole('button', { name: 'I have stored it' }).click();

    await page.goto('/sign-in');
    await page.getByLabel('E-mail address').fill(site.admin.email);
    await page.getByLabel('Password', { exact: true }).fill(site.admin.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await invite('by-somebody-else@example.com');
    await other.getByRole('dialog').getByRole('alert').filter({ hasText: 'auth.csrf' }).waitFor();
    expect((await site.api.request('GET', '/v1/tenants/acme/access-links')).body.items.map((link: { email: string }) => link.email)).not.toContain('by-somebody-else@example.com');
  }, 180_000);

  test('signing out empties the page in every tab, also where nobody touches it', async () => {
    const { page, complaints, signIn } = await site.visit();
    await signIn();
    const other = await page.context().newPage();
    await other.goto('/t/acme/members');
    await other.getByRole('heading', { level: 1, name: 'Members' }).waitFor();
    await page.getByRole('button', { name: 'Account' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in to Keyrack' }).waitFor();
    await other.getByRole('heading', { name: 'Sign in to Keyrack' }).waitFor({ timeout: 20_000 });
    expect(complaints).toEqual([]);
  }, 180_000);

  test('nonsense in the Connect form is answered at its field, saves nothing and leaves no trace of the text', async () => {
    const { page, complaints, signIn } = await site.visit();
    await signIn();
    await page.goto('/t/acme/connect');
    const before = (await site.api.request('GET', '/v1/tenants/acme/access-tokens')).body.items.length;
    const field = page.getByLabel('AccessToken', { exact: true });
    const validate = page.getByRole('button', { name: 'Validate' });
    await field.fill('   ');
    expect(await validate.isDisabled()).toBe(true);
    // A secret-looking text that Mews does not know, markup, two tokens at once, letters of another script, far too much.
    const mistyped = tokenFor('enterprise').accessToken.split('').toReversed().join('');
    for (const text of [mistyped, '<img src=x onerror=alert(1)>', 'one two', 'ключ от номера', "' or 1=1 --", 'x'.repeat(5_000)]) {
      await field.fill(text);
      await validate.click();
      await page.getByText('Not accepted:').waitFor();
      expect(await field.getAttribute('aria-invalid')).toBe('true');
      const described = (await field.getAttribute('aria-describedby'))?.split(' ') ?? [];
      const said = await page.locator(described.map((id) => `[id="${id}"]`).join(', ')).allInnerTexts();
      expect(said.join(' ').length).toBeGreaterThan('Stored encrypted and never shown again'.length + 10);
      expect(page.url()).toBe(`${site.url}/t/acme/connect`);
      // The complaint belongs to the text that was refused, not to the next one.
      await field.fill('');
      await page.getByText('Not accepted:').waitFor({ state: 'detached' });
    }
    await page.getByLabel('Label').fill('⚡'.repeat(150));
    const kept = await page.evaluate<string>('JSON.stringify({ ...localStorage, ...sessionStorage })');
    expect(kept).not.toContain(mistyped.slice(0, 12));
    expect((await site.api.request('GET', '/v1/tenants/acme/access-tokens')).body.items.length).toBe(before);
    expect(complaints).toEqual([]);
  }, 240_000);

  test('an address with values that no page knows opens the page as without them', async () => {
    const { page, complaints, signIn } = await site.visit();
    await signIn();
    for (const [path, name] of [['runs?state=nonsense', 'Runs'], ['runs?enterprise=nonsense', 'Runs'], ['schedules?enterprise=nonsense', 'Schedules'], ['reach?view=changes&token=nonsense', 'Reach'], ['reach?view=nonsense', 'Reach'], ['reach?asOf=2026-02-31', 'Reach'], ['reach?view=unused&days=-1', 'Reach'], ['audit?from=yesterday', 'Audit'],
      [`enterprises?q=${'x'.repeat(201)}`, 'Enterprises'], [`reach?view=overlaps&q=${'x'.repeat(201)}`, 'Reach'], [`audit?actor=${'x'.repeat(201)}&action=${'x'.repeat(101)}`, 'Audit']] as const) {
      await page.goto(`/t/acme/${path}`);
      await page.getByRole('heading', { level: 1, name }).waitFor();
      await page.locator('[aria-label="Loading"]').first().waitFor({ state: 'detached' });
      expect(await page.getByRole('alert').allInnerTexts()).toEqual([]);
      expect(page.url()).not.toMatch(/nonsense|02-31|days|from|xxx/);
    }
    expect(complaints).toEqual([]);
  }, 60_000);

  test('a refused address of an environment is told at its own field only', async () => {
    const { page, complaints, signIn } = await site.visit();
    await signIn();
    await page.goto('/all/environments');
    await page.getByRole('button', { name: 'Add environment' }).first().click();
    const field = (name: string) => page.getByRole('dialog').getByRole('textbox', { name });
    await field('Id').fill('other');
    await field('Name').fill('Other');
    await field('Platform address').fill('https://api.example.com');
    await field('WebSocket address').fill('ftp://ws.example.com');
    await page.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText('must begin with wss:// or ws://', { exact: true }).waitFor();
    expect(await field('WebSocket address').getAttribute('aria-invalid')).toBe('true');
    expect(await field('Platform address').getAttribute('aria-invalid')).toBeNull();
    expect(complaints).toEqual([]);
  }, 60_000);

  test('the request limit of an environment stays as typed, and what is refused of it is told there', async () => {
    const { page, complaints, signIn } = await site.visit();
    await signIn();
    await page.goto('/all/environments');
    await page.getByRole('button', { name: 'Add environment' }).first().click();
    const dialog = page.getByRole('dialog'), field = (name: string) => dialog.getByRole('textbox', { name, exact: true });
    for (const [name, value] of [['Id', 'limited'], ['Name', 'Limited'], ['Platform address', 'https://api.example.com'], ['Requests', '-5'], ['In seconds', '99999999']] as const) await field(name).fill(value);
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await dialog.getByRole('alert').waitFor();
    for (const [name, value] of [['Requests', '-5'], ['In seconds', '99999999']] as const) {
      expect(await field(name).inputValue()).toBe(value);
      expect(await field(name).getAttribute('aria-invalid')).toBe('true');
    }
    expect(complaints).toEqual([]);
  }, 60_000);

  test('for how many days tokens are unused stays as typed, and what is wrong with it is told there; asked is what is right', async () => {
    const { page, complaints, signIn } = await site.visit();
    const asked: string[] = [];
    page.on('request', (request) => { if (request.url().includes('/unused-tokens?')) asked.push(request.url()); });
    await signIn();
    await page.goto('/t/acme/reach?view=unused');
    const field = page.getByRole('textbox', { name: 'Unused for at least (days)' });
    for (const text of ['3651', '-1', '1.5', '']) {
      await field.fill(text);
      await field.blur();
      await page.getByText('a whole number, 0 to 3,650').waitFor();
      expect(await field.inputValue()).toBe(text);
      expect(await field.getAttribute('aria-invalid')).toBe('true');
    }
    const answered = page.waitForResponse((response) => response.url().includes('days=3650'));
    await field.fill('3650');
    await answered;
    expect(await field.getAttribute('aria-invalid')).toBeNull();
    expect(asked.map((url) => new URL(url).searchParams.get('days'))).toEqual(['90', '3650']);
    expect(complaints).toEqual([]);
  }, 60_000);

  test('a tenant whose name gives no slug is told to need one', async () => {
    const { page, complaints, signIn } = await site.visit();
    await signIn();
    await page.goto('/all/tenants');
    await page.getByRole('button', { name: 'Create tenant' }).click();
    const dialog = page.getByRole('dialog'), slug = dialog.getByRole('textbox', { name: 'Slug' }), create = dialog.getByRole('button', { name: 'Create' });
    expect(await slug.getAttribute('aria-invalid')).toBeNull();
    for (const name of ['雲の宿', '😀']) {
      await dialog.getByRole('textbox', { name: 'Name' }).fill(name);
      await dialog.getByText('is needed: 1 to 63 characters of a-z, 0-9 and -').waitFor();
      expect(await slug.getAttribute('aria-invalid')).toBe('true');
      expect(await create.isDisabled()).toBe(true);
    }
    await slug.fill('kumo');
    expect(await slug.getAttribute('aria-invalid')).toBeNull();
    await create.click();
    await page.waitForURL(/\/t\/kumo/);
    expect(complaints).toEqual([]);
  }, 60_000);

  test('where every token is revoked the page says so and offers them; the overview opens the tokens that it tells of', async () => {
    const { page, complaints, signIn } = await site.visit();
    const { world } = site.sandbox, tokens = '/v1/tenants/spent/access-tokens';
    await site.api.request('POST', '/v1/tenants', { slug: 'spent', name: 'Spent' });
    const add = async () => (await site.api.request('POST', tokens, { applicationId: site.applicationId, environment: 'sandbox', accessToken: world.issueToken({ enterprises: [world.addEnterprise({ name: 'Inn' }).id] }).accessToken, connect: 'none' })).body.id as string;
    const [revoked, refused] = [await add(), await add()];
    await add();
    expect((await site.api.request('DELETE', `${tokens}/${revoked}`)).status).toBeLessThan(300);
    await site.tamper(`update access_token set status = 'invalid' where id = '${refused}'`);
    await signIn();
    await page.goto('/t/spent');
    await page.getByRole('link', { name: 'Mews refuses AccessTokens' }).click();
    await page.getByRole('heading', { level: 1, name: 'Access tokens' }).waitFor();
    const rows = page.getByRole('region', { name: 'Access tokens' }).getByRole('rowheader');
    await rows.first().waitFor();
    expect(await rows.count()).toBe(1);
    expect(new URL(page.url()).search).toContain('status=invalid');

    await site.tamper(`update access_token set status = 'revoked' where tenant_id = (select id from tenant where slug = 'spent')`);
    await page.goto('/t/spent/access-tokens');
    await page.getByRole('heading', { name: 'Every token is revoked' }).waitFor();
    await page.getByRole('button', { name: 'Show the revoked tokens' }).click();
    await page.waitForURL(/status=revoked/);
    await rows.first().waitFor();
    expect(await rows.count()).toBe(3);
    expect(complaints).toEqual([]);
  }, 60_000);

  test('far too much text in a field that finds is cut to what the API takes', async () => {
    const { page, complaints, signIn } = await site.visit();
    const refused: string[] = [];
    page.on('response', (response) => { if (response.status() === 422) refused.push(response.url().slice(0, 100)); });
    await signIn();
    const fill = async (field: ReturnType<typeof page.locator>) => {
      await field.click();
      const answered = page.waitForResponse((response) => /x{100}/.test(response.url()));
      await page.keyboard.insertText('x'.repeat(10_000));
      await answered;
    };
    for (const [path, name] of [['/t/acme/enterprises', 'Find'], ['/t/acme/audit', 'Who'], ['/t/acme/audit', 'What'], ['/t/acme/reach?view=overlaps', 'Find'], ['/all/reach', 'Tenant']] as const) {
      await page.goto(path);
      await fill(page.getByRole('main').getByLabel(name, { exact: true }));
    }
    // What two tabs find by is one text; the first of them asks nobody.
    await page.goto('/t/acme/reach');
    await page.getByRole('main').getByLabel('Find', { exact: true }).click();
    await page.keyboard.insertText('x'.repeat(10_000));
    const answered = page.waitForResponse((response) => /overlaps.*x{100}/.test(response.url()));
    await page.getByRole('tab', { name: 'Overlaps' }).click();
    await answered;
    await page.goto('/t/acme/runs');
    await fill(page.getByRole('combobox', { name: 'Enterprise' }));
    await page.goto('/t/acme');
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await page.keyboard.press('Control+k');
    await fill(page.getByPlaceholder('Find an enterprise, token, run or action'));
    expect(refused).toEqual([]);
    expect(complaints).toEqual([]);
  }, 60_000);

  test('before a key is revoked its page tells what it did: the keys that it made stay', async () => {
    const { page, complaints, signIn } = await site.visit();
    const keys = '/v1/tenants/acme/api-keys';
    const leaked = await site.api.request('POST', keys, { name: 'Leaked', role: 'owner' });
    const made = await site.api.request('POST', keys, { name: 'Made by it', role: 'viewer' }, leaked.body.key);
    expect([leaked.status, made.status]).toEqual([201, 201]);
    await signIn();
    await page.goto('/t/acme/api-keys');
    await page.getByRole('button', { name: 'Revoke the key Leaked' }).click();
    await page.getByRole('dialog').getByRole('link', { name: 'what it did' }).click();
    const trail = page.getByRole('region', { name: 'Audit trail' }), rows = trail.getByRole('row').filter({ has: page.getByRole('cell') });
    await trail.getByText('Made by it').waitFor();
    expect(await rows.count()).toBe(1);
    await page.getByLabel('Who').fill('');
    await trail.getByRole('button', { name: 'Leaked' }).click();
    await page.waitForURL((url) => url.searchParams.get('actor') === leaked.body.id);
    expect(complaints).toEqual([]);
  }, 60_000);

  test('a token is revoked only when its last characters are typed', async () => {
    const { page, complaints, signIn } = await site.visit();
    const { accessToken } = tokenFor('enterprise');
    const added = await site.api.request('POST', '/v1/tenants/acme/access-tokens', { applicationId: site.applicationId, environment: 'sandbox', accessToken, connect: 'none' });
    expect(added.status).toBe(201);
    await signIn();
    await page.goto(`/t/acme/access-tokens/${added.body.id}`);
    await page.getByRole('button', { name: 'Revoke…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Revoke this token?' });
    expect(await dialog.getByRole('button', { name: 'Revoke' }).isDisabled()).toBe(true);
    await dialog.getByRole('textbox').fill('nope');
    expect(await dialog.getByRole('button', { name: 'Revoke' }).isDisabled()).toBe(true);
    await dialog.getByRole('textbox').fill(accessToken.slice(-4));
    await dialog.getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('Revoked', { exact: true }).first().waitFor();
    expect((await site.api.request('GET', `/v1/tenants/acme/access-tokens/${added.body.id}`)).body.status).toBe('revoked');
    expect(await page.content()).not.toContain(accessToken);
    expect(complaints).toEqual([]);
  }, 180_000);
});
