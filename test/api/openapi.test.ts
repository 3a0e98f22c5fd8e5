// The committed OpenAPI document and the UI's typed client are those of the routes.
import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import openapiTS, { astToString } from 'openapi-typescript';
import { preview } from '../../apps/api/src/preview.js';

const file = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');

test('docs/openapi.json, docs/roles.md and the typed client are current (otherwise: npm run openapi)', async () => {
  const { openApi: document, roles } = await preview();
  expect(await file('docs/roles.md')).toBe(roles);
  expect(await file('docs/openapi.json')).toBe(document);
  expect((await file('apps/admin/src/api/schema.d.ts')).endsWith(astToString(await openapiTS(JSON.parse(document))))).toBe(true);
});

test('every operation has an id of its own, an answer, and all parameters of its path', async () => {
  const { paths } = JSON.parse((await preview()).openApi) as { paths: Record<string, Record<string, { operationId: string; parameters: { name: string; in: string }[]; responses: Record<string, unknown> }>> };
  const operations = Object.entries(paths).flatMap(([path, item]) => Object.values(item).map((operation) => ({ path, ...operation })));
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  for (const { path, parameters, responses } of operations) {
    expect(Object.keys(responses)).toEqual(expect.arrayContaining([expect.stringMatching(/^(20[0-4]|302)$/), 'default']));
    expect(parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name).sort()).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name).sort());
  }
});
