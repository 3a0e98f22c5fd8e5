// npm start: a whole local Keyrack from nothing, supervised until it is told to stop. See settings.ts for its options.
import pg from 'pg';
import { ConfigError, guardSecrets, loadConfig, type Config } from '@keyrack/core';
import { migrate } from '../migrate.js';
import { Problem } from '../problem.js';
import { portIsFree } from '../processes.js';
import { ApiClient } from './api-client.js';
import { DataFolder, newPassword } from './data-folder.js';
import { startFullSyncs, waitForSyncs } from './first-syncs.js';
import { boundLogs, logTail } from './logs.js';
import { localUrl, programEnvironment } from './programs.js';
import { mewsPublicDemo, sandboxDemo, seed, type Demo } from './seed.js';
import { readSettings, type Environment, type Settings } from './settings.js';
import { recordsTable } from './summary.js';
import { Supervisor } from './supervisor.js';
import { watchSources } from './watch.js';

const PARENT_CHECK_MS = 1_000;
const SIGNAL_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
type StopSignal = keyof typeof SIGNAL_CODES;

const say = (line: string): void => { process.stdout.write(`${line}\n`); };

/** Runs until it is told to stop, or, with `--once`, until the first syncs are done. @param given the process's own environment: the secrets are taken out of it @returns the exit code */
export async function main(args: readonly string[], given: Environment): Promise<number> {
  const env = { ...given };
  guardSecrets(given);
  // A closed terminal must not keep us from stopping the programs in order.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  let supervisor: Supervisor | undefined;
  const aborted = new AbortController();
  let settings: Settings | undefined;
  const stopAsked = stopRequest(env, () => supervisor?.kill());
  try {
    settings = readSettings(args, env);
    const folder = new DataFolder(settings.dataDir);
    folder.lock();
    supervisor = new Supervisor(folder, say);
    const work = run({ settings, env, folder, supervisor, signal: aborted.signal });
    const outcome = await Promise.race([work, stopAsked]);
    aborted.abort();
    if (typeof outcome === 'string') {
      say(`\nStopping (${outcome})`);
      work.catch(() => undefined);
      return settings.once ? SIGNAL_CODES[outcome] : 0;
    }
    if (outcome > 0 || settings.once) return outcome;
    say(`Stopping (${await stopAsked})`);
    return 0;
  } catch (error) {
    aborted.abort();
    explain(error);
    return 1;
  } finally {
    await supervisor?.stop();
  }
}

interface Start { settings: Settings; env: Environment; folder: DataFolder; supervisor: Supervisor; signal: AbortSignal }

async function run({ settings, env, folder, supervisor, signal }: Start): Promise<number> {
  const startPostgres = settings.embeddedPostgres ? await supervisor.preparePostgres() : undefined;
  const programEnv = programEnvironment(env, settings, folder);
  const config = loadConfig(programEnv);
  await checkPort(config);
  boundLogs(folder.logs);

  await startPostgres?.();
  const database = startPostgres ? 'Postgres is ready' : 'The database is ready';
  await migrateOrExplain(config);
  say(database);
  const firstPassword = await preparePassword(config, folder, programEnv);
  const demo = await chooseDemo(settings, supervisor, programEnv);
  await supervisor.startApiAndWorkers(programEnv, config);
  signal.throwIfAborted();
  say(`Keyrack is ready at ${localUrl(config)}`);

  const problems = demo ? await demonstrate(demo, { config, settings, folder, signal }) : [];
  tellWhereToGo(config, settings, folder, firstPassword);
  // Read by the api while there is no user; one that starts again must not look for a file that is gone.
  if (firstPassword !== undefined) {
    delete programEnv['KEYRACK_ADMIN_PASSWORD_FILE'];
    folder.remove('first-password');
  }
  if (settings.watch) watchSources(supervisor, say, signal);
  if (problems.length > 0) {
    say(`\n${problems.length} of the first syncs did not succeed:\n${problems.slice(0, 20).map((line) => `  ${line}`).join('\n')}\nSee ${folder.logs} and the page Runs.`);
  }
  if (!settings.once) return 0;
  for (const death of supervisor.deaths) say(`${death.name} ${death.cause}`);
  return problems.length > 0 || supervisor.deaths.length > 0 ? 1 : 0;
}

async function checkPort({ port, host }: Config): Promise<void> {
  if (port === 0) throw new ConfigError('KEYRACK_PORT: must be a port from 1 to 65535');
  if (await portIsFree(port, host)) return;
  throw new Problem(`Port ${port} on ${host} is in use by another program.\nStop that one, or start Keyrack on another port: KEYRACK_PORT=${port === 65_535 ? 3001 : port + 1} npm start`);
}

async function migrateOrExplain({ databaseUrl, keys }: Config): Promise<void> {
  try {
    await migrate({ databaseUrl, keys });
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    const { hostname, port, pathname } = new URL(databaseUrl.reveal());
    throw new Problem(`The database ${pathname.slice(1)} at ${hostname}:${port || 5432} could not be prepared: ${reasonOf(cause)}\nDATABASE_URL must name a database whose owner may create roles.`, undefined, { cause });
  }
}

// Printed at the end of the first start; kept in a file until then, so that a start that is interrupted does not lose it.
async function preparePassword(config: Config, folder: DataFolder, env: Environment): Promise<string | undefined> {
  const client = new pg.Client({ connectionString: config.databaseUrl.reveal() });
  await client.connect();
  const users = await client.query('select 1 from app_user limit 1');
  await client.end();
  if (users.rowCount === 0 && !config.adminPassword) {
    folder.secret('first-password', newPassword);
    env['KEYRACK_ADMIN_PASSWORD_FILE'] = folder.file('first-password');
  }
  return folder.has('first-password') ? folder.read('first-password') : undefined;
}

async function chooseDemo({ demo, mewsDemoAddress }: Settings, supervisor: Supervisor, env: Environment): Promise<Demo | null> {
  if (demo === null) return null;
  if (demo === 'mews') return mewsPublicDemo(mewsDemoAddress);
  return sandboxDemo(await supervisor.startSandbox(env));
}

async function demonstrate(demo: Demo, { config, settings, folder, signal }: { config: Config; settings: Settings; folder: DataFolder; signal: AbortSignal }): Promise<string[]> {
  if (!config.bootstrapKey) throw new Problem('KEYRACK_BOOTSTRAP_KEY is needed for the demonstration.');
  const api = new ApiClient(localUrl(config), config.bootstrapKey, signal);
  const marker = `seeded-${demo.environment.id}`;
  const isNew = !folder.has(marker);
  if (isNew) {
    await seed(api, demo, say);
    await startFullSyncs(api, demo.tenants);
  }
  const problems = isNew || settings.once ? await waitForSyncs(api, demo.tenants, say) : [];
  folder.write(marker, new Date().toISOString());
  say(await recordsTable(api, demo.tenants));
  return problems;
}

function tellWhereToGo(config: Config, { once }: Settings, folder: DataFolder, password: string | undefined): void {
  say(once ? '' : `\nOpen ${localUrl(config)}`);
  if (password !== undefined) say(`Sign in as ${config.adminEmail ?? ''} with the password ${password}   (shown this once)`);
  say(`Logs are in ${folder.logs}.${once ? '' : ' Ctrl-C stops everything.'}`);
}

/** Resolves with the first signal that asks us to stop; the second one does not wait. */
function stopRequest(env: Environment, kill: () => void): Promise<StopSignal> {
  return new Promise((resolve) => {
    let asked = false;
    const ask = (signal: StopSignal): void => {
      if (asked && signal === 'SIGINT') {
        kill();
        process.exit(SIGNAL_CODES[signal]);
      }
      asked = true;
      resolve(signal);
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => { ask(signal); });
    // npm that is killed outright cannot pass the signal on: its child gets another parent.
    const parent = process.ppid;
    if (env['npm_lifecycle_event']) setInterval(() => { if (process.ppid !== parent && !asked) ask('SIGHUP'); }, PARENT_CHECK_MS).unref();
  });
}

function explain(error: unknown): void {
  const tail = error instanceof Problem && error.logFile ? logTail(error.logFile) : '';
  if (tail) process.stderr.write(`\nThe last lines of ${error instanceof Problem ? error.logFile ?? '' : ''}:\n${tail}\n`);
  const known = error instanceof Problem || error instanceof ConfigError;
  process.stderr.write(`\n${known ? error.message : error instanceof Error ? error.stack ?? error.message : String(error)}\n`);
}

const reasonOf = (cause: unknown): string => {
  if (cause instanceof AggregateError) return cause.errors.map(reasonOf).join('; ');
  return cause instanceof Error ? cause.message : String(cause);
};
