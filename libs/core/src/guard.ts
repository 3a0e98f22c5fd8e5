// What a process of Keyrack leaves behind when it dies must not hold its secrets.
import { secretNames } from './config.js';

/**
 * After the configuration was read: takes the secrets out of the environment, which diagnostic reports and child processes get, and
 * turns the reports off, whatever NODE_OPTIONS says (Node 20 cannot leave the environment out of them).
 * Core dumps are the operating system's: docs/security.md says how to turn them off.
 */
export function guardSecrets(env: NodeJS.ProcessEnv, report: ReportSettings | undefined = process.report): void {
  for (const name of secretNames) delete env[name];
  if (!report) return;
  report.reportOnFatalError = false;
  report.reportOnSignal = false;
  report.reportOnUncaughtException = false;
}

type ReportSettings = Pick<NonNullable<NodeJS.Process['report']>, 'reportOnFatalError' | 'reportOnSignal' | 'reportOnUncaughtException'>;
