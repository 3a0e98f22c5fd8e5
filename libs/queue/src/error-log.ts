// Logs errors of the queue store: by message only, because ioredis hangs its commands (AUTH among them) on the error object.
import type { Logger } from '@keyrack/core';

const QUIET_MS = 5_000;

/** A listener for `error` events. A store that is away repeats itself many times a second, so equal errors are counted, not repeated. */
export function errorLog(logger: Logger, what: string): (error: Error) => void {
  const seen = new Map<string, { at: number; silenced: number }>();
  return (error) => {
    const code = 'code' in error ? String(error.code) : error.name;
    const last = seen.get(code);
    if (last && Date.now() - last.at < QUIET_MS) { last.silenced++; return; }
    seen.set(code, { at: Date.now(), silenced: 0 });
    logger.warn({ code, reason: error.message, ...(last?.silenced ? { before: last.silenced } : {}) }, what);
  };
}
