// The OpenAPI document of the routes as they stand, without a database or anything else running.
import { createLogger, generateKeyRing, loadConfig } from '@keyrack/core';
import { createApi } from './create-api.js';
import { openApiDocument } from './openapi.js';

export async function previewOpenApi(): Promise<string> {
  // Nothing connects in preview mode: any valid configuration does.
  const config = loadConfig({ DATABASE_URL: 'postgres://preview', KEYRACK_KEYS: generateKeyRing() });
  const app = await createApi(config, { logger: createLogger('openapi', 'fatal'), preview: true });
  try {
    return `${JSON.stringify(openApiDocument(app), null, 2)}\n`;
  } finally {
    await app.close();
  }
}
