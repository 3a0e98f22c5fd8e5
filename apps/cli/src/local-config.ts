// The configuration of a command that works on an installation: its environment or, beside `npm start`, what that keeps in its data folder.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadConfig, type Config } from '@keyrack/core';

/** @throws ConfigError */
export function localConfig(env: NodeJS.ProcessEnv): Config {
  const folder = resolve(env['KEYRACK_DATA_DIR'] || '.keyrack'), found: NodeJS.ProcessEnv = {};
  const missing = (name: string): boolean => ![name, `${name}_FILE`, `${name}_COMMAND`].some((given) => env[given]);
  for (const [name, file] of [['DATABASE_URL', 'database-url'], ['KEYRACK_KEYS', 'keys']] as const) {
    if (missing(name) && existsSync(join(folder, file))) found[`${name}_FILE`] = join(folder, file);
  }
  // Also where that folder is gone: its programs had written there.
  if (Object.keys(found).length > 0 && missing('KEYRACK_AUDIT_CHECKPOINTS')) found['KEYRACK_AUDIT_CHECKPOINTS'] = join(folder, 'audit-checkpoints');
  return loadConfig({ ...env, ...found });
}
