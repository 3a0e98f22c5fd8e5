// A worker process: `node dist/apps/worker/main.js`. Stops within 10 s on SIGTERM, and when the supervisor that forked it is gone.
import 'reflect-metadata';
import { setFlagsFromString } from 'node:v8';
import { ConsoleLogger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ConfigError, createLogger, guardSecrets, loadConfig, minuteMs } from '@keyrack/core';
import { JobRunner } from '@keyrack/queue';
import { WorkerModule } from './src/worker.module.js';

const EXIT_CONFIG = 78;
const STOP_WITHIN_MS = 9_500;
/** How much the heap may grow by what is read and dropped before that is collected, in per cent of what is held. Left to itself it waits for hundreds of megabytes. */
setFlagsFromString('--heap-growing-percent=50');

async function main(): Promise<void> {
  const config = loadConfig(process.env);
  guardSecrets(process.env);
  const logger = createLogger('worker', config.logLevel).child({ pid: process.pid });
  const app = await NestFactory.createApplicationContext(WorkerModule.forRoot(config, logger), {
    abortOnError: false,
    logger: new ConsoleLogger({ json: true, logLevels: ['error', 'warn'] }),
  });

  let stopping = false;
  const stop = (reason: string): void => {
    if (stopping) process.exit(1);
    stopping = true;
    logger.info({ reason }, 'worker stops');
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
    app.close().then(() => process.exit(0), (error: unknown) => {
      logger.error({ reason: error instanceof Error ? error.message : 'unknown' }, 'worker stopped badly');
      process.exit(1);
    });
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop(signal));
  if (process.connected) process.on('disconnect', () => stop('the parent process is gone'));

  const runner = app.get(JobRunner);
  logger.info({ concurrency: config.workerConcurrency, queue: config.redisUrl ? 'redis' : 'postgres' }, 'worker started');
  setInterval(() => logger.info({ ...runner.activity, rssMb: Math.round(process.memoryUsage.rss() / 2 ** 20) }, 'worker alive'), minuteMs).unref();
}

main().catch((error: unknown) => {
  if (error instanceof ConfigError) {
    process.stderr.write(`${error.message}\n`);
    process.exit(EXIT_CONFIG);
  }
  process.stderr.write(`the worker could not start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
});
