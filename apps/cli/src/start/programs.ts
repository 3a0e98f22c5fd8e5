// The programs of a local Keyrack and what each is given.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from '@keyrack/core';
import { serverCommand, type Command } from '../postgres/server.js';
import type { PostgresPlace } from '../postgres/place.js';
import type { DataFolder } from './data-folder.js';
import { newKey, newKeyRing } from './data-folder.js';
import type { Environment, Settings } from './settings.js';

/** The folder of package.json; this file is dist/apps/cli/src/start/programs.js. */
export const root = fileURLToPath(new URL('../../../../../', import.meta.url));

const DEFAULT_ADMIN_EMAIL = 'admin@keyrack.local';

/** The environment of the programs: what we were given, and files for the secrets that the local default generates. */
export function programEnvironment(env: Environment, settings: Settings, folder: DataFolder): Environment {
  const made: Environment = { ...withoutNpm(env), KEYRACK_DATA_DIR: folder.path };
  const given = (name: string): boolean => Boolean(env[name] ?? '') || Boolean(env[`${name}_FILE`] ?? '');
  if (settings.embeddedPostgres) made['DATABASE_URL_FILE'] = folder.file('database-url');
  if (!given('KEYRACK_KEYS') && !env['KEYRACK_KEYS_COMMAND']) {
    folder.secret('keys', newKeyRing);
    made['KEYRACK_KEYS_FILE'] = folder.file('keys');
  }
  made['KEYRACK_AUDIT_CHECKPOINTS'] = env['KEYRACK_AUDIT_CHECKPOINTS'] || folder.file('audit-checkpoints');
  if (settings.demo !== null) {
    // The sandbox is served on this machine without TLS.
    made['KEYRACK_ALLOW_HTTP_PLATFORM'] = 'true';
    if (!given('KEYRACK_BOOTSTRAP_KEY')) {
      folder.secret('bootstrap-key', newKey);
      made['KEYRACK_BOOTSTRAP_KEY_FILE'] = folder.file('bootstrap-key');
    }
  }
  made['KEYRACK_ADMIN_EMAIL'] = env['KEYRACK_ADMIN_EMAIL'] || DEFAULT_ADMIN_EMAIL;
  return made;
}

// npm tells its children a great deal about itself, the machine's configuration included; none of it is for a server.
const withoutNpm = (env: Environment): Environment =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !/^npm_/i.test(name) && name !== 'INIT_CWD'));

const node = (env: Environment, program: string, ...args: string[]): Command =>
  ({ file: process.execPath, args: [join(root, 'dist/apps', program, 'main.js'), ...args], options: { cwd: root, env } });

export const programs = {
  postgres: (place: PostgresPlace, port: number): Command => serverCommand(place, port, { max_connections: '200' }),
  sandbox: (env: Environment, port: number, dataFile: string): Command => node(withoutSecrets(env), 'sandbox', '--port', String(port), '--data', dataFile),
  api: (env: Environment): Command => node(env, 'api'),
  worker: (env: Environment): Command => node(env, 'worker'),
};

// The stand-in for Mews is as foreign as Mews: it gets nothing of ours.
const withoutSecrets = (env: Environment): Environment =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !/^(KEYRACK_|DATABASE_URL|REDIS_URL)/.test(name)));

/** Where the api answers for programs on this machine. */
export function localUrl({ host, port }: Pick<Config, 'host' | 'port'>): string {
  const reached = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}`;
}
