// What `npm start` was asked to do: its options, and the variables that concern the supervisor alone.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ConfigError } from '@keyrack/core';

export type Environment = NodeJS.ProcessEnv;

export interface Settings {
  once: boolean;
  watch: boolean;
  /** Which Mews is demonstrated against; null for none. */
  demo: 'sandbox' | 'mews' | null;
  /** Where Mews' demo environment is looked for instead of its public address. */
  mewsDemoAddress: string | undefined;
  dataDir: string;
  embeddedPostgres: boolean;
}

/** @throws ConfigError that names the option or variable and what it takes. */
export function readSettings(args: readonly string[], env: Environment): Settings {
  const options = readOptions(args);
  const embeddedPostgres = !env['DATABASE_URL'] && !env['DATABASE_URL_FILE'];
  const demo = flag(env, 'KEYRACK_DEMO') ?? embeddedPostgres;
  return {
    once: options.once, watch: options.watch,
    demo: options['mews-demo'] ? 'mews' : demo ? 'sandbox' : null,
    mewsDemoAddress: env['KEYRACK_MEWS_DEMO_ADDRESS'] || undefined,
    dataDir: resolve(env['KEYRACK_DATA_DIR'] || '.keyrack'),
    embeddedPostgres,
  };
}

function readOptions(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: {
      once: { type: 'boolean', default: false }, watch: { type: 'boolean', default: false }, 'mews-demo': { type: 'boolean', default: false } } }).values;
  } catch (cause) {
    throw new ConfigError(`${cause instanceof Error ? cause.message : String(cause)}\nUsage: npm start [-- --once] [-- --mews-demo]`, { cause });
  }
}

function flag(env: Environment, name: string): boolean | undefined {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  if (text !== 'true' && text !== 'false') throw new ConfigError(`${name}: must be true or false`);
  return text === 'true';
}
