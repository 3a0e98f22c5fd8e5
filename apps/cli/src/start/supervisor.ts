// Starts and stops the programs of a local Keyrack, in order, and keeps them running.
import { setTimeout as sleep } from 'node:timers/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '@keyrack/core';
import { Problem } from '../problem.js';
import { portIsFree } from '../processes.js';
import { choosePlace } from '../postgres/place.js';
import { ensureDatabase, initialise, postgresStopSignals, serverUrl, stopOrphan, waitForServer, type Command } from '../postgres/server.js';
import { Child, type Death } from './child.js';
import { newPassword, type DataFolder } from './data-folder.js';
import { localUrl, programs } from './programs.js';
import type { Environment } from './settings.js';

const DATABASE = 'keyrack';
const START_WITHIN_MS = 120_000;
const NODE_GRACE_MS = 6_000;
const POSTGRES_GRACE_MS = 1_500;
/** Failures in a row, without having been ready, after which waiting makes no sense. */
const HOPELESS_AFTER = 4;

export class Supervisor {
  /** The deaths of programs that nobody had asked to end. */
  readonly deaths: Death[] = [];
  #postgres: Child | undefined;
  readonly #children: Child[] = [];
  #stopping: Promise<void> | undefined;

  constructor(private readonly folder: DataFolder, private readonly say: (line: string) => void) {}

  /** Chooses the embedded Postgres' place and port, and writes its DSN where the programs find it. */
  async preparePostgres(): Promise<() => Promise<void>> {
    const place = choosePlace(this.folder.path);
    for (const forgotten of place.forgotten) {
      if (await stopOrphan(forgotten)) this.say(`Stopped a Postgres that an earlier Keyrack of this folder had left behind (${forgotten})`);
      this.say(`An older database of this folder is still at ${forgotten}; remove it if you do not need it`);
    }
    if (await stopOrphan(place.folder)) this.say('Stopped a Postgres that an earlier start had left behind');
    if (existsSync(join(place.folder, 'PG_VERSION')) && !(this.folder.has('postgres-password') && this.folder.has('keys'))) {
      throw new Problem(`The database in ${place.folder} is there, but its password or key ring is missing from ${this.folder.path}.\n` +
        'Put the files keys and postgres-password back, or start with another KEYRACK_DATA_DIR.');
    }
    const password = this.folder.secret('postgres-password', newPassword);
    let port = await this.folder.port('postgres');
    if (!await portIsFree(port, '127.0.0.1')) port = await this.folder.port('postgres', { renew: true });
    this.folder.write('database-url', serverUrl(port, password, DATABASE).reveal());

    return async () => {
      const isNew = !existsSync(join(place.folder, 'PG_VERSION'));
      if (isNew) this.say('Making the database');
      await initialise(place, password);
      this.#postgres = this.#child('postgres', programs.postgres(place, port), postgresStopSignals);
      this.#postgres.start();
      const server = serverUrl(port, password, 'postgres');
      try {
        await waitForServer(server, START_WITHIN_MS, () => this.#isHopeless('postgres'));
      } catch (error) {
        throw error instanceof Problem ? new Problem(error.message, this.#postgres.logFile, { cause: error }) : error;
      }
      await ensureDatabase(server, DATABASE);
    };
  }

  /** Starts the sandbox on the port that its environment was made with. @returns its address */
  async startSandbox(env: Environment): Promise<string> {
    const port = await this.folder.port('sandbox');
    if (!await portIsFree(port, '127.0.0.1')) {
      throw new Problem(`Port ${port}, at which the sandbox of this data folder is known to its tokens, is used by another program. Stop that one, or use another KEYRACK_DATA_DIR.`);
    }
    const child = this.#start('sandbox', programs.sandbox(env, port, this.folder.file('sandbox.json')));
    const address = `http://127.0.0.1:${port}`;
    await this.#waitFor(`${address}/sandbox/tokens`, child);
    return address;
  }

  async startApiAndWorkers(env: Environment, config: Config): Promise<void> {
    const api = this.#start('api', programs.api(env));
    for (let n = 1; n <= config.workers; n += 1) this.#start(config.workers === 1 ? 'worker' : `worker-${n}`, programs.worker(env));
    await this.#waitFor(`${localUrl(config)}/readyz`, api);
  }

  /** Stops the Node programs and starts them again, after a build. */
  async restartPrograms(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.stop(NODE_GRACE_MS)));
    for (const child of this.#children) child.start();
  }

  /** Everything ends: the programs first, then their database. Safe to call again. */
  stop(): Promise<void> {
    this.#stopping ??= (async () => {
      await Promise.all(this.#children.map((child) => child.stop(NODE_GRACE_MS)));
      await this.#postgres?.stop(POSTGRES_GRACE_MS);
    })();
    return this.#stopping;
  }

  /** Everything ends now; the database recovers from its log at the next start. */
  kill(): void {
    for (const child of this.#children) child.kill();
    this.#postgres?.kill();
  }

  #start(name: string, command: Command): Child {
    const child = this.#child(name, command);
    this.#children.push(child);
    child.start();
    return child;
  }

  #child(name: string, command: Command, stopSignals?: readonly NodeJS.Signals[]): Child {
    if (this.#stopping) throw new Problem('Keyrack is stopping.');
    return new Child({ name, command, logFile: join(this.folder.logs, `${name}.log`), ...(stopSignals ? { stopSignals } : {}), onDeath: (death) => {
      this.deaths.push(death);
      this.say(`${death.name} ${death.cause}; starting it again in ${(death.retryInMs / 1_000).toFixed(1)} s`);
    } });
  }

  async #waitFor(url: string, child: Child): Promise<void> {
    for (const until = Date.now() + START_WITHIN_MS; ;) {
      const response = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
      await response?.body?.cancel();
      if (response?.ok) return;
      if (this.#isHopeless(child.name)) throw new Problem(`The ${child.name} does not start.`, child.logFile);
      if (Date.now() > until) throw new Problem(`The ${child.name} was not ready within ${START_WITHIN_MS / 1_000} s (${url} answered ${response?.status ?? 'nothing'}).`, child.logFile);
      await sleep(50);
    }
  }

  #isHopeless(name: string): boolean {
    return this.deaths.some((death) => death.name === name && death.failuresInARow >= HOPELESS_AFTER);
  }
}
