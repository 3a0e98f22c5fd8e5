// The programs' log files: bounded in size, and their last lines for when something fails.
import { closeSync, copyFileSync, existsSync, fstatSync, openSync, readdirSync, readSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';

const SIZE_MAX = 20 * 2 ** 20;
const CHECK_EVERY_MS = 10_000;
const TAIL_BYTES = 16_384;

/** Keeps each log below about 20 MB, with one older part beside it. The programs append, so a truncated file goes on from its start. */
export function boundLogs(folder: string): void {
  setInterval(() => {
    for (const name of readdirSync(folder).filter((found) => found.endsWith('.log'))) {
      const file = join(folder, name);
      if (statSync(file).size < SIZE_MAX) continue;
      copyFileSync(file, `${file}.1`);
      truncateSync(file);
    }
  }, CHECK_EVERY_MS).unref();
}

/** The last lines of a log, JSON lines told in words. */
export function logTail(file: string, lines = 15): string {
  if (!existsSync(file)) return '';
  const fd = openSync(file, 'r');
  try {
    const { size } = fstatSync(fd);
    const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
    readSync(fd, buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString().trimEnd().split('\n').slice(-lines).map((line) => `  ${inWords(line)}`).join('\n');
  } finally {
    closeSync(fd);
  }
}

function inWords(line: string): string {
  if (!line.startsWith('{')) return line;
  try {
    const { time, level, msg, message, err, reason } = JSON.parse(line) as Record<string, unknown>;
    const detail = typeof err === 'object' && err !== null && 'message' in err ? err.message : reason;
    return [time, level, msg ?? message, detail].filter((part) => typeof part === 'string' || typeof part === 'number').join(' ') || line;
  } catch {
    return line;
  }
}
