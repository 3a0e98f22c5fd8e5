// A worker in this process, against a test's database.
import { NestFactory } from '@nestjs/core';
import { createLogger, loadConfig } from '@keyrack/core';
import { WorkerModule } from '../../apps/worker/src/worker.module.js';
import type { TestDatabase } from './database.js';

/** Starts dispatch and jobs; returns how to stop them. `env` adds to the environment variables. */
export async function startWorker(database: TestDatabase, env: Record<string, string> = {}): Promise<() => Promise<void>> {
  const config = loadConfig({ ...database.env, KEYRACK_LOG_LEVEL: 'error', ...env });
  const app = await NestFactory.createApplicationContext(WorkerModule.forRoot(config, createLogger('worker', config.logLevel)), { abortOnError: false, logger: ['error'] });
  return () => app.close();
}
