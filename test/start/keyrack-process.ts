// A Keyrack started as a user starts it, in a data folder and at a port of its own.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandLine, findFreePort, isAlive } from '../../apps/cli/src/processes.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A data folder that the server's user can enter, also when the tests run as root. */
export function temporaryDataDir(): string {
  const parent = mkdtempSync(join(tmpdir(), 'keyrack-start-'));
  chmodSync(parent, 0o711);
  return join(parent, 'data');
}

export const removeDataDir = (dataDir: string): void => { rmSync(dirname(dataDir), { recursive: true, force: true }); };

export class StartedKeyrack {
  output = '';
  private constructor(readonly process: ChildProcess, readonly dataDir: string, readonly port: number) {
    for (const stream of [process.stdout, process.stderr]) stream?.on('data', (chunk: Buffer) => { this.output += chunk.toString(); });
  }

  static async start(dataDir: string, { port, env = {}, args = [] }: { port?: number; env?: Record<string, string>; args?: string[] } = {}): Promise<StartedKeyrack> {
    const chosen = port ?? await findFreePort();
    const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => name === 'KEYRACK_TEST_RUN' || !/^(KEYRACK_|DATABASE_URL|REDIS_URL)/.test(name)));
    const child = spawn(process.execPath, [join(root, 'apps/cli/start.mjs'), ...args], {
      cwd: root, env: { ...clean, KEYRACK_DATA_DIR: dataDir, KEYRACK_PORT: String(chosen), KEYRACK_DEMO: 'false', ...env }, stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new StartedKeyrack(child, dataDir, chosen);
  }

  get url(): string { return `http://127.0.0.1:${this.port}`; }
  get hasEnded(): boolean { return this.process.exitCode !== null || this.process.signalCode !== null; }

  /** Waits until the text stands on its terminal. */
  async says(text: string, timeoutMs = 120_000): Promise<void> {
    await until(() => {
      if (this.output.includes(text)) return true;
      if (this.hasEnded) throw new Error(`Keyrack ended before it said "${text}":\n${this.output}`);
      return false;
    }, timeoutMs, () => `it does not say "${text}":\n${this.output}`);
  }

  async ended(timeoutMs = 15_000): Promise<number | null> {
    if (!this.hasEnded) await Promise.race([once(this.process, 'exit'), sleep(timeoutMs, undefined, { ref: false })]);
    if (!this.hasEnded) throw new Error(`Keyrack did not end within ${timeoutMs} ms:\n${this.output}`);
    return this.process.exitCode;
  }

  /** Every living process that works for this data folder, the supervisor included. */
  processes(): { pid: number; command: string }[] {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => isAlive(pid) && this.#isOurs(pid))
      .map((pid) => ({ pid, command: commandLine(pid) }));
  }

  pidsOf(program: string): number[] {
    return this.processes().filter(({ command }) => command.includes(`dist/apps/${program}/main.js`)).map(({ pid }) => pid);
  }

  #isOurs(pid: number): boolean {
    try {
      if (readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`KEYRACK_DATA_DIR=${this.dataDir}`)) return true;
    } catch { /* it has just ended, or is another user's */ }
    return commandLine(pid).includes(this.dataDir);
  }
}

/** Waits until it holds. */
export async function until(condition: () => boolean | Promise<boolean>, timeoutMs: number, problem: () => string): Promise<void> {
  for (const end = Date.now() + timeoutMs; !await condition();) {
    if (Date.now() > end) throw new Error(problem());
    await sleep(50);
  }
}

export const hasProc = existsSync('/proc/self/environ');
