// What is written from the routes as they stand, without a database or anything else running: the OpenAPI document and the table of roles.
import { ModulesContainer } from '@nestjs/core';
import { createLogger, generateKeyRing, loadConfig } from '@keyrack/core';
import { createApi } from './create-api.js';
import { openApiDocument } from './openapi.js';
import { rolesTable } from './roles-table.js';
import { routesOf } from './route-check.js';

export async function preview(): Promise<{ openApi: string; roles: string }> {
  // Nothing connects in preview mode: any valid configuration does.
  const config = loadConfig({ DATABASE_URL: 'postgres://preview', KEYRACK_KEYS: generateKeyRing() });
  const app = await createApi(config, { logger: createLogger('openapi', 'fatal'), preview: true });
  try {
    return { openApi: `${JSON.stringify(openApiDocument(app), null, 2)}\n`, roles: rolesTable(routesOf(app.get(ModulesContainer))) };
  } finally {
    await app.close();
  }
}
