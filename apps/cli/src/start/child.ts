// One program under supervision: started, started again when it ends by itself, stopped on request.
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { endProcess } from '../processes.js';
import type { Command } from '../postgres/server.js';

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;
/** Who ran for this long is healthy: its next end is a new story, not the next failure in a row. */
const HEALTHY_AFTER_MS = 5_000;

export interface Death { name: string; cause: string; retryInMs: number; failuresInARow: number }

export interface ChildOptions {
  name: string;
  command: Command;
  logFile: string;
  /** Sent one after the other; SIGKILL follows the last. */
  stopSignals?: readonly NodeJS.Signals[];
  onDeath: (death: Death) => void;
}

export class Child {
  readonly name: string;
  #process: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #wanted = false;
  #failuresInARow = 0;

  constructor(private readonly options: ChildOptions) { this.name = options.name; }

  get logFile(): string { return this.options.logFile; }
  get isRunning(): boolean { return this.#process !== undefined; }

  start(): void {
    this.#wanted = true;
    if (!this.#process) this.#spawn();
  }

  /** Ends it within about `graceMs` for each stop signal. */
  async stop(graceMs: number): Promise<void> {
    this.#wanted = false;
    clearTimeout(this.#timer);
    const pid = this.#process?.pid;
    if (pid !== undefined) await endProcess(pid, this.options.stopSignals ?? ['SIGTERM'], graceMs);
    await this.#exited;
  }

  /** At once, for the last moment of the supervisor. */
  kill(): void {
    this.#wanted = false;
    this.#process?.kill('SIGKILL');
  }

  #spawn(): void {
    const { command: { file, args, options }, logFile } = this.options;
    const log = openSync(logFile, 'a', 0o600);
    const startedAt = Date.now();
    // A session of its own: Ctrl-C in the terminal reaches the supervisor alone, which then stops its children in order. The channel
    // tells a Node program that the supervisor is gone, also when that was killed.
    const isNode = file === process.execPath;
    const child = spawn(file, args, { ...options, detached: true, stdio: isNode ? ['ignore', log, log, 'ipc'] : ['ignore', log, log] });
    closeSync(log);
    child.channel?.unref();
    this.#process = child;
    this.#exited = new Promise((resolve) => {
      const ended = (cause: string): void => {
        if (this.#process !== child) return;
        this.#process = undefined;
        resolve();
        if (this.#wanted) this.#again(cause, Date.now() - startedAt);
      };
      child.once('error', (error) => { ended(error.message); });
      child.once('exit', (code, signal) => { ended(signal ? `was ended by ${signal}` : `ended with exit code ${code}`); });
    });
  }

  #again(cause: string, livedMs: number): void {
    this.#failuresInARow = livedMs > HEALTHY_AFTER_MS ? 1 : this.#failuresInARow + 1;
    const retryInMs = Math.min(FIRST_DELAY_MS * 2 ** (this.#failuresInARow - 1), LONGEST_DELAY_MS);
    this.#timer = setTimeout(() => { if (this.#wanted) this.#spawn(); }, retryInMs);
    this.options.onDeath({ name: this.name, cause, retryInMs, failuresInARow: this.#failuresInARow });
  }
}
