// Takes the pictures of the documentation from a running Keyrack:
// KEYRACK_EMAIL=… KEYRACK_PASSWORD=… [KEYRACK_ACCESS_TOKEN=…] node test/browser/screenshots.mjs [http://127.0.0.1:3000] [tenant] [only this page]
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const [url = 'http://127.0.0.1:3000', tenant = 'grand-hotels', only] = process.argv.slice(2);
const { KEYRACK_EMAIL: email = 'admin@keyrack.local', KEYRACK_PASSWORD: password = '', KEYRACK_ACCESS_TOKEN: accessToken, KEYRACK_TEST_CHROMIUM: executablePath = '/usr/bin/chromium' } = process.env;
const folder = fileURLToPath(new URL('../../docs/screenshots/', import.meta.url));
const size = { width: 1280, height: 800 };

await mkdir(folder, { recursive: true });
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
try {
  await take('light', ['overview', 'enterprises', 'enterprise', 'reach', 'runs', 'run', ...(accessToken ? ['connect'] : [])]);
  await take('dark', ['overview', 'runs']);
} finally {
  await browser.close();
}

async function take(colorScheme, names) {
  const page = await (await browser.newContext({ baseURL: url, viewport: size, colorScheme, reducedMotion: 'reduce' })).newPage();
  await page.goto('/');
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  const to = { overview: '', connect: '/connect', enterprises: '/enterprises', reach: '/reach?view=matrix', runs: '/runs' };
  for (const name of names.filter((one) => only === undefined || one === only)) {
    if (name in to) await page.goto(`/t/${tenant}${to[name]}`);
    if (name === 'connect') await preview(page);
    if (name === 'enterprise') await openFirst(page, '/enterprises', 'Enterprises');
    if (name === 'run') await openFirst(page, '/runs?collection=reservations', 'Runs');
    await page.waitForTimeout(1_500);
    await page.screenshot({ path: `${folder}${name}-${colorScheme}.png` });
    console.log(`docs/screenshots/${name}-${colorScheme}.png`);
  }
  await page.context().close();
}

async function preview(page) {
  await page.getByLabel('AccessToken', { exact: true }).fill(accessToken);
  await page.getByRole('button', { name: 'Validate' }).click();
  await page.getByRole('region', { name: 'Enterprises that the token opens' }).scrollIntoViewIfNeeded();
}

async function openFirst(page, path, list) {
  await page.goto(`/t/${tenant}${path}`);
  await page.getByRole('region', { name: list }).getByRole('rowheader').first().getByRole('link').click();
  await page.getByRole('heading', { level: 1 }).waitFor();
}
