// Worker or api processes that a test kills, freezes, restarts and replaces.
import { fork, type ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startKeyrack, until, type Keyrack } from '../harness/keyrack.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const START_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 10_000;
/** What a program logs when it does its work. */
const starts = { worker: 'worker started', api: '"serving"' } as const;

export interface WorkerProcess { readonly pid: number; readonly child: ChildProcess; started: boolean; ended: boolean; stopping: boolean; log: string }

/** Keeps `size` workers alive; one that ends without being killed by the test is a fault of its own. */
export class Fleet {
  readonly workers: WorkerProcess[] = [];
  /** How workers ended that nobody killed. */
  readonly crashes: string[] = [];
  #stopping = false;

  /** @param dist the compiled programs, the repository's own unless told otherwise */
  constructor(private readonly env: Record<string, string>, private readonly dist = join(root, 'dist'), private readonly program: keyof typeof starts = 'worker') {
    if (!existsSync(this.#path)) throw new Error(`the ${program} is not built: npm run build`);
  }

  get #path(): string { return join(this.dist, `apps/${this.program}/main.js`); }

  spawn(): WorkerProcess {
    const child = fork(this.#path, [], { env: { PATH: process.env['PATH'], KEYRACK_LOG_LEVEL: 'info', ...this.env }, silent: true, execArgv: [] });
    const worker: WorkerProcess = { pid: child.pid ?? 0, child, started: false, ended: false, stopping: false, log: '' };
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        worker.log = (worker.log + chunk.toString()).slice(-20_000);
        worker.started ||= worker.log.includes(starts[this.program]);
      });
    }
    child.once('exit', (code, signal) => {
      worker.ended = true;
      this.workers.splice(this.workers.indexOf(worker), 1);
      if (signal !== 'SIGKILL' && !this.#stopping && !(worker.stopping && code === 0)) this.crashes.push(`${code ?? signal}: ${worker.log.slice(-3_000)}`);
    });
    this.workers.push(worker);
    return worker;
  }

  async start(size: number): Promise<void> {
    const spawned = Array.from({ length: size }, () => this.spawn());
    await until(START_WITHIN_MS, async () => spawned.every((one) => one.started) || undefined);
  }

  /** A worker that takes jobs, waiting for one when all have just been replaced. */
  async victim(pick: (from: readonly WorkerProcess[]) => WorkerProcess): Promise<WorkerProcess> {
    return until(START_WITHIN_MS, async () => {
      const ready = this.workers.filter((one) => one.started);
      return ready.length > 0 ? pick(ready) : undefined;
    });
  }

  /** Ends a worker as a power cut would; resolves when the kernel has reaped it. */
  async kill(worker: WorkerProcess): Promise<void> {
    worker.child.kill('SIGKILL');
    while (!worker.ended) await sleep(2);
  }

  /** Ends a worker as a deployment does, with another beside it that has begun; a bad end is one of the `crashes`. Resolves to how long it took, in ms. */
  async restart(worker: WorkerProcess): Promise<number> {
    const next = this.spawn();
    await until(START_WITHIN_MS, async () => next.started || undefined);
    const from = Date.now();
    worker.stopping = true;
    worker.child.kill('SIGTERM');
    while (!worker.ended && Date.now() - from < STOP_WITHIN_MS) await sleep(5);
    if (!worker.ended) throw new Error(`a ${this.program} did not stop within ${STOP_WITHIN_MS} ms: ${worker.log.slice(-2_000)}`);
    return Date.now() - from;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all([...this.workers].map((worker) => this.kill(worker)));
  }
}

/** A Keyrack with one hotel, of which nothing is due by itself, and one worker process. */
export async function startWithOneWorker(env: Record<string, string>): Promise<{ keyrack: Keyrack; enterpriseId: string; fleet: Fleet; stop(): Promise<void> }> {
  const settings = { KEYRACK_ALLOW_HTTP_PLATFORM: 'true', ...env };
  const keyrack = await startKeyrack({ env: settings, worker: 'none' });
  await keyrack.onboard(0);
  await keyrack.database.owner.query('update schedule set enabled = false');
  const fleet = new Fleet({ ...settings, ...keyrack.database.env });
  await fleet.start(1);
  const stop = async (): Promise<void> => { await fleet.stop(); await keyrack.stop(); };
  return { keyrack, enterpriseId: keyrack.sandbox.tokens[0]?.enterprises[0]?.id ?? '', fleet, stop };
}

export interface Patch { file: string; find: string; put: string }

/** A copy of the compiled program with a fault put into it; `remove` deletes it. @throws Error when a patch does not apply exactly once. */
export function mutate(patches: readonly Patch[]): { dist: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'keyrack-mutant-'));
  const dist = join(folder, 'dist');
  cpSync(join(root, 'dist'), dist, { recursive: true, filter: (path) => !path.endsWith('.map') });
  cpSync(join(root, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const { file, find, put } of patches) {
    const text = readFileSync(join(dist, file), 'utf8');
    const times = text.split(find).length - 1;
    if (times !== 1) throw new Error(`the patch of ${file} applies ${times} times; it looks for ${find}`);
    writeFileSync(join(dist, file), text.replace(find, () => put));
  }
  return { dist, remove: () => { rmSync(folder, { recursive: true, force: true }); } };
}
