// JSON logs on stdout. Secrets are a type that prints itself as [secret]; these paths are the second line of defence.
import { pino, stdTimeFunctions, type Logger } from 'pino';

export type { Logger } from 'pino';

/** Injection token of the program's logger. */
export const LOGGER = Symbol('logger');

const censored = ['accessToken', 'clientToken', 'AccessToken', 'ClientToken', 'password', 'authorization', 'cookie', 'apiKey', 'key']
  .flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

/** A logger whose lines carry the program's name. */
export const createLogger = (program: string, level: string): Logger => pino({
  level,
  base: { program },
  timestamp: stdTimeFunctions.isoTime,
  formatters: { level: (label) => ({ level: label }) },
  redact: { paths: censored, censor: '[secret]' },
});
