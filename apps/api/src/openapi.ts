// The OpenAPI document, generated from the routes and their zod schemas, and the page that shows it.
import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';
import { problemSchema } from './problem.filter.js';

export function openApiDocument(app: INestApplication): OpenAPIObject {
  const frame = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0').setTitle('Keyrack').setVersion('1')
    .setDescription('Connects hotels in Mews, keeps their AccessTokens, syncs their records. Errors are application/problem+json with a stable `code`.')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'A Keyrack API key' }, 'apiKey')
    .addCookieAuth('__Host-keyrack', { type: 'apiKey', in: 'cookie', description: 'The admin UI session; requests that change something also need X-Keyrack-CSRF' }, 'session')
    .build();
  const document = SwaggerModule.createDocument(app, frame, {
    operationIdFactory: (controller, method) => `${camel(controller.replace(/Controller$/, ''))}_${method}`,
    standardSchemaConverter: (schema, { schemaType }) => schema instanceof z.ZodType ? convert(schema, schemaType) : undefined,
  });
  return withProblems(document);
}

export function serveDocs(app: INestApplication): void {
  let document: OpenAPIObject | undefined;
  SwaggerModule.setup('docs', app, () => document ??= openApiDocument(app), { jsonDocumentUrl: 'openapi.json', raw: ['json'], customSiteTitle: 'Keyrack API' });
}

function convert(schema: z.ZodType, io: 'input' | 'output') {
  const { $schema: _, $defs = {}, id, ...root } = z.toJSONSchema(schema, { target: 'draft-2020-12', io, unrepresentable: 'any', reused: 'inline' });
  const components = Object.fromEntries(Object.entries($defs).map(([name, definition]) => [name, without(definition, 'id')]));
  if (typeof id !== 'string') return { schema: root, components };
  return { schema: { $ref: `#/$defs/${id}` }, components: { ...components, [id]: root } };
}

const without = (value: object, key: string) => Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));

/** Every operation may answer with a problem; said once for all. */
function withProblems(document: OpenAPIObject): OpenAPIObject {
  const schemas = { ...document.components?.schemas, Problem: convert(problemSchema, 'output').components['Problem'] };
  const problem = { description: 'What went wrong', content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } };
  for (const path of Object.values(document.paths)) {
    for (const method of ['get', 'put', 'post', 'patch', 'delete'] as const) {
      const operation = path[method];
      if (operation) operation.responses = { ...operation.responses, default: problem };
    }
  }
  return { ...document, components: { ...document.components, schemas: Object.fromEntries(Object.entries(schemas).filter(([, schema]) => schema !== undefined).sort()) } } as OpenAPIObject;
}

const camel = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);
