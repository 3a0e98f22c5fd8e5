// A Postgres and a Redis of a test's own, which it may crash and start again.
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { Secret } from '@keyrack/core';
import { choosePlace, type PostgresPlace } from '../../apps/cli/src/postgres/place.js';
import { initialise, serverCommand, serverUrl, waitForServer } from '../../apps/cli/src/postgres/server.js';
import { findFreePort } from '../../apps/cli/src/processes.js';

const password = new Secret('postgres');

function openFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'keyrack-own-'));
  chmodSync(folder, 0o711);
  return folder;
}

async function end(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  child?.kill(signal);
  while (child && child.exitCode === null && child.signalCode === null) await sleep(5);
}

export class OwnPostgres {
  #child: ChildProcess | undefined;

  private constructor(private readonly folder: string, private readonly place: PostgresPlace, private readonly port: number) {}

  /** With Postgres' own settings of what a commit waits for: a crash takes what was not to be waited for. */
  static async open(): Promise<OwnPostgres> {
    const folder = openFolder(), place = choosePlace(folder);
    await initialise(place, password);
    const own = new OwnPostgres(folder, place, await findFreePort());
    await own.start();
    return own;
  }

  get url(): string { return serverUrl(this.port, password, 'postgres').reveal(); }

  /** Ends every process of the server at once (`pg_ctl stop -m immediate`). */
  crash(): Promise<void> { return end(this.#child, 'SIGQUIT'); }

  /** Resolves when it has recovered and answers. */
  async start(): Promise<void> {
    const { file, args, options } = serverCommand(this.place, this.port, { max_connections: '100' });
    const child = spawn(file, args, { ...options, stdio: 'ignore' });
    this.#child = child;
    await waitForServer(serverUrl(this.port, password, 'postgres'), 30_000, () => child.exitCode !== null);
  }

  async close(): Promise<void> {
    await this.crash();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export class OwnRedis {
  #child: ChildProcess | undefined;
  readonly #folder = openFolder();

  private constructor(private readonly port: number) {}

  static async open(): Promise<OwnRedis> {
    const own = new OwnRedis(await findFreePort());
    await own.start();
    return own;
  }

  get url(): string { return `redis://127.0.0.1:${this.port}`; }

  get #file(): string { return join(this.#folder, 'dump.rdb'); }

  async #ask(ask: (redis: Redis) => Promise<unknown>): Promise<void> {
    const redis = new Redis(this.url, { retryStrategy: () => 50, maxRetriesPerRequest: null });
    redis.on('error', () => undefined);
    await ask(redis);
    redis.disconnect();
  }

  flush(): Promise<void> { return this.#ask((redis) => redis.flushall()); }

  /** Keeps what it holds now, for `setBack`. */
  async keep(): Promise<void> {
    await this.#ask((redis) => redis.save());
    cpSync(this.#file, `${this.#file}.kept`);
  }

  crash(): Promise<void> { return end(this.#child, 'SIGKILL'); }

  /** To what was kept; while it is down. */
  setBack(): void { cpSync(`${this.#file}.kept`, this.#file); }

  /** It keeps nothing; while it is down. */
  empty(): void { rmSync(this.#file, { force: true }); }

  /** Resolves when it answers, with what it saved last. */
  async start(): Promise<void> {
    this.#child = spawn('redis-server', ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--maxmemory-policy', 'noeviction', '--dir', this.#folder], { stdio: 'ignore' });
    await this.#ask((redis) => redis.ping());
  }

  async close(): Promise<void> {
    await this.crash();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
