// The keyrack command. Data on stdout, everything else on stderr; 0 ok, 1 failed, 2 usage.
import { Command, CommanderError } from 'commander';
import { AppError, ConfigError, guardSecrets, isStoreAway, loadConfig } from '@keyrack/core';
import { keyAudit, publicKey, verifyAudit } from './audit.js';
import * as keyCommands from './keys.js';
import { localConfig } from './local-config.js';
import { migrate } from './migrate.js';
import { Problem } from './problem.js';
import { main as start } from './start/main.js';

const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/** @param given the process's own environment: the secrets are taken out of it @returns the exit code */
export async function keyrack(argv: readonly string[], given: NodeJS.ProcessEnv): Promise<number> {
  const env = { ...given };
  guardSecrets(given);
  let code: number = EXIT.ok;
  const program = new Command('keyrack').description('Integration platform and credential vault for the Mews Connector API').exitOverride();

  program.command('migrate').description('bring the database of DATABASE_URL to the current schema and prepare its runtime roles; safe to run again')
    .action(async () => {
      const config = loadConfig(env);
      await migrate({ databaseUrl: config.databaseUrl, keys: config.keys });
      process.stderr.write('The database is up to date.\n');
    });

  program.command('start').description('a whole local Keyrack, as npm start').allowUnknownOption().argument('[options...]')
    .action(async (_options: string[], _known: unknown, command: Command) => { code = await start(command.args, env); });

  const keys = program.command('keys').description('the key ring');
  keys.command('generate').description('print a new key ring, for KEYRACK_KEYS or the file that KEYRACK_KEYS_FILE names; with a name, one more key for a ring')
    .argument('[name]').action((name: string | undefined) => { keyCommands.generate(name); });
  keys.command('status').description('how many data keys and values each key of the ring still protects')
    .action(() => keyCommands.status(env));
  keys.command('rotate').description('put every data key under the first key of the ring, while everything runs; run again after an interruption')
    .option('--data-keys', 'also give each tenant and the platform a new data key, and seal every value under it')
    .action(async ({ dataKeys = false }: { dataKeys?: boolean }) => { code = await keyCommands.rotate(env, { dataKeys }) ? EXIT.ok : EXIT.failed; });
  keys.command('retire').description('take a key of the ring out of use for good; refused while it wraps a data key')
    .argument('<name>').action((name: string) => keyCommands.retire(env, name));

  const audit = program.command('audit').description('the audit trail');
  audit.command('verify').description('check every chain against itself and against the checkpoints kept outside the database; prints what was found as JSON, and fails when a chain is not as it was recorded')
    .option('--checkpoints <file>', 'lines that were collected elsewhere, in place of KEYRACK_AUDIT_CHECKPOINTS')
    .action(async ({ checkpoints }: { checkpoints?: string }) => {
      const found = await verifyAudit(localConfig(env), checkpoints);
      process.stdout.write(`${JSON.stringify(found)}\n`);
      if (!found.ok) code = EXIT.failed;
    });
  audit.command('key').description('once, after an update from a version that did not know it, and when no process of that version is left: hash what is appended from now on with a key of the ring')
    .action(async () => { process.stdout.write(`${await keyAudit(localConfig(env))}\n`); });
  audit.command('public-key').description('print the key by which anybody can check the signatures of checkpoints')
    .action(() => { process.stdout.write(publicKey(localConfig(env))); });

  try {
    await program.parseAsync([...argv]);
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    process.stderr.write(`${wordsFor(error)}\n`);
    return error instanceof ConfigError ? EXIT.usage : EXIT.failed;
  }
}

/** Of Postgres: no such user, a wrong password, no such database. */
const REFUSED_SIGN_IN = new Set(['28000', '28P01', '3D000']);

function wordsFor(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AppError) return error.detail;
  if (error instanceof Problem || error instanceof ConfigError) return error.message;
  const code = 'code' in error ? String(error.code) : '';
  if (!isStoreAway(error) && !REFUSED_SIGN_IN.has(code)) return error.stack ?? error.message;
  // Where a name has several addresses the error of all of them says nothing itself.
  return `The database of DATABASE_URL cannot be used: ${error.message || code}\nCheck its address, that it runs, and that its user may sign in.`;
}
