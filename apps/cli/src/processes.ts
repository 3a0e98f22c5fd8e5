// What the supervisor must know about processes: whether one lives, what it is, and how to end it.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const hasProc = existsSync('/proc/self/stat');

/** Whether the process runs. A zombie (ended, not yet collected by its parent) does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
  return !hasProc || stat(pid)?.[0] !== 'Z';
}

/** Whether it is the system's error of that name, `EEXIST` for example. */
export const hasCode = (error: unknown, code: string): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === code;

/** Tells two processes apart that had the same pid one after the other; null when it does not run. */
export function birthMark(pid: number): string | null {
  if (!isAlive(pid)) return null;
  return hasProc ? (stat(pid)?.[19] ?? null) : ps(pid, 'lstart=');
}

/** The words of its command line, joined by spaces; empty when it cannot be told. */
export function commandLine(pid: number): string {
  if (!hasProc) return ps(pid, 'command=') ?? '';
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

/** Sends the signals one after the other until the process has ended, waiting `graceMs` after each, and SIGKILL at last. */
export async function endProcess(pid: number, signals: readonly NodeJS.Signals[], graceMs: number): Promise<void> {
  for (const signal of [...signals, 'SIGKILL'] as const) {
    if (!isAlive(pid)) return;
    try { process.kill(pid, signal); } catch { return; }
    for (const until = Date.now() + graceMs; Date.now() < until;) {
      await sleep(25);
      if (!isAlive(pid)) return;
    }
  }
}

/** Whether a server could listen there now. */
export const portIsFree = (port: number, host: string): Promise<boolean> => new Promise((resolve) => {
  const server = createServer();
  server.once('error', () => { resolve(false); });
  server.listen({ port, host, exclusive: true }, () => { server.close(() => { resolve(true); }); });
});

/** A free port below the range from which systems take the near end of outgoing connections: one that stays free. */
export async function findFreePort(host = '127.0.0.1'): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (await portIsFree(port, host)) return port;
  }
  throw new Error(`no free port was found on ${host} between 20000 and 32000`);
}

// The fields of /proc/<pid>/stat after the name, which may itself hold spaces and brackets: state first, start time at 19.
function stat(pid: number): string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}

function ps(pid: number, column: string): string | null {
  try {
    return execFileSync('ps', ['-o', column, '-p', String(pid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim() || null;
  } catch {
    return null;
  }
}
