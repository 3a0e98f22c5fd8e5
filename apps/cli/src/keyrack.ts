// The keyrack command. Data on stdout, everything else on stderr; 0 ok, 1 failed, 2 usage.
import { Command, CommanderError } from 'commander';
import { ConfigError, generateKeyRing, loadConfig } from '@keyrack/core';
import { publicKey, verifyAudit } from './audit.js';
import { migrate } from './migrate.js';
import { Problem } from './problem.js';
import { main as start } from './start/main.js';

const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/** @returns the exit code */
export async function keyrack(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
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
  keys.command('generate').description('print a new key ring, for KEYRACK_KEYS or the file that KEYRACK_KEYS_FILE names')
    .action(() => { process.stdout.write(`${generateKeyRing()}\n`); });

  const audit = program.command('audit').description('the audit trail');
  audit.command('verify').description('check every chain against itself and against the checkpoints kept outside the database; prints what was found as JSON, and fails when a chain is not as it was recorded')
    .option('--checkpoints <file>', 'lines that were collected elsewhere, in place of KEYRACK_AUDIT_CHECKPOINTS')
    .action(async ({ checkpoints }: { checkpoints?: string }) => {
      const found = await verifyAudit(loadConfig(env), checkpoints);
      process.stdout.write(`${JSON.stringify(found)}\n`);
      if (!found.ok) code = EXIT.failed;
    });
  audit.command('public-key').description('print the key by which anybody can check the signatures of checkpoints')
    .action(() => { process.stdout.write(publicKey(loadConfig(env))); });

  try {
    await program.parseAsync([...argv]);
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const told = error instanceof Problem || error instanceof ConfigError;
    process.stderr.write(`${told ? error.message : error instanceof Error ? error.stack ?? error.message : String(error)}\n`);
    return error instanceof ConfigError ? EXIT.usage : EXIT.failed;
  }
}
