// The OpenAPI document, generated from the routes and their zod schemas, and the page that shows it.
import { createHash } from 'node:crypto';
import type { INestApplication } from '@nestjs/common';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';
import { problemSchema } from './problem.filter.js';

export function openApiDocument(app: INestApplication): OpenAPIObject {
  const frame = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0').setTitle('Keyrack').setVersion('1')
    .setDescription('Connects hotels in Mews, keeps their AccessTokens, syncs their records. Errors are application/problem+json with a stable `code`.')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'kr_…', description: 'A Keyrack API key' }, 'apiKey')
    .addCookieAuth('__Host-keyrack', { type: 'apiKey', in: 'cookie', description: 'The admin UI session; requests that change something also need X-Keyrack-CSRF' }, 'session')
    .build();
  const document = SwaggerModule.createDocument(app, frame, {
    operationIdFactory: (controller, method) => `${camel(controller.replace(/Controller$/, ''))}_${method}`,
    standardSchemaConverter: (schema, { schemaType }) => schema instanceof z.ZodType ? convert(schema, schemaType) : undefined,
  });
  return withCommonParts(document);
}

export function serveDocs(app: INestApplication): void {
  let document: OpenAPIObject | undefined;
  SwaggerModule.setup('docs', app, () => document ??= openApiDocument(app), {
    jsonDocumentUrl: 'openapi.json', raw: ['json'], customSiteTitle: 'Keyrack API',
    // The other layout's logo inserts a <style>.
    swaggerOptions: { layout: 'BaseLayout' },
  });
}

/** The documentation's page brings styles of its own within the page: these alone are let through, by their hashes, which attributes cannot be. */
export function allowDocsStyles(adapter: FastifyAdapter): void {
  adapter.getInstance().addHook('onSend', (request, reply, payload, done) => {
    const policy = reply.getHeader('content-security-policy');
    if (!/^\/docs\/?$/.test(request.routeOptions.url ?? '') || typeof payload !== 'string' || typeof policy !== 'string') return done();
    const page = payload.replaceAll('style="position:absolute;width:0;height:0"', 'width="0" height="0"');
    const hashes = [...page.matchAll(/<style>([^]*?)<\/style>/g)].map(([, style = '']) => `'sha256-${createHash('sha256').update(style).digest('base64')}'`);
    reply.header('content-security-policy', policy.replace("style-src 'self'", `style-src 'self' ${hashes.join(' ')}`));
    return done(null, page);
  });
}

function convert(schema: z.ZodType, io: 'input' | 'output') {
  const { $defs = {}, id, ...root } = jsonSchema(schema, io);
  const components = Object.fromEntries(Object.entries($defs).map(([name, definition]) => [name, without(definition, 'id')]));
  if (typeof id !== 'string') return { schema: root, components };
  return { schema: { $ref: `#/$defs/${id}` }, components: { ...components, [id]: root } };
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): z.core.JSONSchema.BaseSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    target: 'draft-2020-12', io, unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema: json }) => {
      const { def } = zodSchema._zod;
      // A transform's output has no schema; ours brand a text or leave it one, so its input says what is answered.
      if (io === 'output' && def.type === 'pipe' && def.out._zod.def.type === 'transform') Object.assign(json, jsonSchema(def.in as z.ZodType, io), { ...json });
      // Answers may grow; callers must not refuse what they do not know.
      if (io === 'output' && json.additionalProperties === false) delete json.additionalProperties;
      if (json.format !== undefined) delete json.pattern;
    },
  });
  return rest;
}

/** The list can also be had as such a text. */
function withText(response: unknown, type: string): void {
  if (typeof response === 'object' && response !== null && 'content' in response) Object.assign(response.content as object, { [type]: { schema: { type: 'string' } } });
}

type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;

const without = (value: object, key: string) => Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));

const problem = { description: 'What went wrong', content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } };
const idempotencyKey = {
  name: 'Idempotency-Key', in: 'header', required: false, schema: { type: 'string', maxLength: 255 },
  description: 'A text of your choice: a repetition with the same key gets the first answer and changes nothing',
} as const;

/** What every operation has, said once: its path's parameters, problems, and on POST the Idempotency-Key. */
function withCommonParts(document: OpenAPIObject): OpenAPIObject {
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of ['get', 'put', 'post', 'patch', 'delete'] as const) {
      const operation = item[method];
      if (!operation) continue;
      const parameters = operation.parameters ?? [];
      const named = new Set(parameters.flatMap((parameter) => 'name' in parameter ? [parameter.name] : []));
      const missing = [...path.matchAll(/\{(\w+)\}/g)].flatMap(([, name = '']) => named.has(name) ? [] : [name]);
      operation.parameters = [
        ...missing.map((name) => ({ name, in: 'path' as const, required: true, schema: { type: 'string' }, ...(name === 'tenant' && { description: 'The slug or id of a tenant' }) })),
        ...parameters,
        ...(method === 'post' && operation.security ? [idempotencyKey] : []),
      ];
      operation.responses = { ...operation.responses, default: problem };
      if (Reflect.get(operation, 'x-csv') === true) withText(operation.responses['200'], 'text/csv');
      if (Reflect.get(operation, 'x-json-lines') === true) withText(operation.responses['200'], 'application/jsonl');
    }
  }
  const schemas = Object.entries({ ...document.components?.schemas, ...convert(problemSchema, 'output').components as Schemas });
  return { ...document, components: { ...document.components, schemas: Object.fromEntries(schemas.sort(([a], [b]) => a < b ? -1 : 1)) } };
}

const camel = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);
