// The api on a free port, against a database of its own.
import { randomBytes } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createLogger, loadConfig, type Config } from '@keyrack/core';
import { createApi } from '../../apps/api/src/create-api.js';
import { openApiDocument } from '../../apps/api/src/openapi.js';
import { AnswerShapes } from './answer-shapes.js';
import type { TestDatabase } from './database.js';

// oxlint-disable-next-line typescript/no-explicit-any -- a test reads whatever the api answered
export interface Answer { status: number; headers: Headers; body: any }

export interface Api {
  app: NestFastifyApplication;
  url: string;
  /** A platform administrator's API key. */
  bootstrapKey: string;
  config: Config;
  /** Sends JSON. `key` is an API key, the bootstrap key unless told; null sends none. A body that is a string is sent as it is. Throws when an answer is not as documented. */
  request(method: string, path: string, body?: unknown, key?: string | null, headers?: Record<string, string>): Promise<Answer>;
  close(): Promise<void>;
}

/** Starts the api; close it before the database is dropped. `env` adds to the environment variables, of which KEYRACK_PORT must be free. */
export async function startApi(database: TestDatabase, env: Record<string, string> = {}, options: { uiDir?: string } = {}): Promise<Api> {
  const bootstrapKey = `bootstrap-${randomBytes(12).toString('hex')}`;
  const config = loadConfig({ ...database.env, KEYRACK_BOOTSTRAP_KEY: bootstrapKey, KEYRACK_LOG_LEVEL: 'fatal', ...env });
  const app = await createApi(config, { logger: createLogger('api', config.logLevel), ...options });
  await app.listen({ port: Number(env['KEYRACK_PORT'] ?? 0), host: '127.0.0.1' });
  const url = await app.getUrl();
  const shapes = new AnswerShapes(openApiDocument(app));
  return {
    app, url, bootstrapKey, config,
    async request(method, path, body, key = bootstrapKey, headers = {}) {
      const response = await fetch(url + path, {
        method, signal: AbortSignal.timeout(20_000), redirect: 'manual',
        headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...(key !== null && { authorization: `Bearer ${key}` }), ...headers },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      if (response.ok && response.headers.get('content-type')?.startsWith('application/json')) shapes.check(method, path, response.status, JSON.parse(text));
      return { status: response.status, headers: response.headers, body: /json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : text };
    },
    close: () => app.close(),
  };
}
