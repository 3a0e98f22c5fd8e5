// The api process: serves HTTP until it is told to stop.
import { fileURLToPath } from 'node:url';
import { ConfigError, createLogger, guardSecrets, loadConfig } from '@keyrack/core';
import { createApi } from './src/create-api.js';

const STOP_WITHIN_MS = 9_000;
const EXIT_CONFIG = 78;

try {
  const config = loadConfig(process.env);
  guardSecrets(process.env);
  const logger = createLogger('api', config.logLevel);
  const app = await createApi(config, { logger, uiDir: fileURLToPath(new URL('../admin', import.meta.url)) });
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    // Supervisors kill after 10 s: leave before that, whatever still hangs.
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
    app.close().then(() => process.exit(0), (error: unknown) => { logger.error({ error: String(error) }, 'did not stop cleanly'); process.exit(1); });
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // A supervisor that was killed cannot send a signal; its channel closes.
  process.on('disconnect', stop);
  await app.listen({ port: config.port, host: config.host });
  logger.info({ url: await app.getUrl() }, 'serving');
  process.send?.({ ready: true, url: await app.getUrl() });
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  // Not just the exit code: what was opened before it was found out would keep the process.
  process.exit(EXIT_CONFIG);
}
