// Every operation of the sandbox answers in the shape that Mews documents, checked against its OpenAPI description where that is at hand.
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Ajv, type ValidateFunction } from 'ajv';
import { default as addFormats } from 'ajv-formats';
import type { Sandbox } from '../../apps/sandbox/src/index.js';
import { operations } from '../../apps/sandbox/src/operations.js';
import { idOf } from '../../apps/sandbox/src/record.js';
import { call, enterpriseOf, pick, small, type Answer } from './harness.js';

const description = new URL('../../../shared/mews/openapi.json', import.meta.url);
const present = existsSync(description);
if (!present && process.env['CI'] === 'true') throw new Error('the OpenAPI description of Mews is not beside the checkout: these tests cannot run');
if (!present) console.warn('skipped: the OpenAPI description of Mews is not beside the checkout');
const whereDescribed = present ? describe : describe.skip;

type Properties = Record<string, object>;
interface Description { paths: Record<string, { post: { responses: Record<string, { content: { 'application/json': { schema: object } } }> } }>; components: { schemas: Record<string, { properties?: Properties }> } }

/** OpenAPI 3.0 says `nullable` where JSON Schema has an alternative. `minItems` goes: it is there for requests, and an empty page is a valid answer. */
function standard(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(standard);
  if (typeof schema !== 'object' || schema === null) return schema;
  const clean = Object.fromEntries(Object.entries(schema).filter(([key]) => !['nullable', 'discriminator', 'minItems'].includes(key)).map(([key, value]) => [key, standard(value)]));
  return 'nullable' in schema && schema.nullable === true ? { anyOf: [clean, { type: 'null' }] } : clean;
}

/** What Mews documents elsewhere and its machine-readable description lacks: an open task was not closed yet, and two properties are newer. */
const errata: Record<string, Properties> = {
  Task: { ClosedUtc: { type: 'string', nullable: true } }, CustomerRelationship: { UpdatedUtc: { type: 'string', format: 'date-time' } }, IdentityDocumentV20241025: { IsVerified: { type: 'boolean' } },
  RateResult: { AvailabilityBlockAssignments: { type: 'array' } },
};

let sandbox: Sandbox;
let openapi: Description;
let ajv: Ajv;
const validators = new Map<string, ValidateFunction>();

beforeAll(async () => {
  sandbox = await small();
  for (let i = 0; i < 200; i++) sandbox.world.tick();
  if (!present) return;
  openapi = JSON.parse(readFileSync(description, 'utf8')) as Description;
  for (const [name, properties] of Object.entries(errata)) Object.assign(openapi.components.schemas[name]?.properties ?? {}, properties);
  ajv = new Ajv({ strict: false, allErrors: false, schemas: [{ $id: 'mews', components: standard(openapi.components) as object }] });
  addFormats.default(ajv);
  for (const format of ['currency', 'tel', 'string']) ajv.addFormat(format, true);
});
afterAll(() => sandbox.stop());

/** Where the description forgets that the cursor of an empty page is null. */
const cursorNeverNull = new Set(['sourceAssignments/getAll']);

function validate(path: string, answer: Answer): void {
  const schema = openapi.paths[`/api/connector/v1/${path}`]?.post.responses['200']?.content['application/json'].schema;
  if (!schema) throw new Error(`${path} is not documented`);
  const validator = validators.get(path) ?? ajv.compile(JSON.parse(JSON.stringify(standard(schema)).replaceAll('"#/', '"mews#/')) as object);
  validators.set(path, validator);
  if (!validator(answer.body['Cursor'] === null && cursorNeverNull.has(path) ? { ...answer.body, Cursor: '00000000-0000-4000-8000-000000000000' } : answer.body)) throw new Error(`${path}: ${JSON.stringify(validator.errors?.slice(0, 3))}`);
}

/** Whose ids a required filter takes. */
const parents: Record<string, string> = {
  CustomerIds: 'customers', MessageThreadIds: 'messageThreads', RateGroupIds: 'rateGroups', LoyaltyProgramIds: 'loyaltyPrograms', VoucherIds: 'vouchers', ResourceFeatureIds: 'resourceFeatures', ResourceCategoryIds: 'resourceCategories', ServiceOrderIds: 'reservations', ReservationIds: 'reservations', DeviceIds: 'devices',
};
/** Of several filters that would do, the one with the records that a sync would ask for. */
const preferred = ['RateGroupIds', 'ServiceIds', 'ReservationIds', 'DeviceIds', 'UpdatedUtc', 'CreatedUtc'];

/** The least that the operation accepts, with everything shown. */
function request(path: string, tokenIndex: number): object {
  const operation = operations.get(path);
  const token = pick(sandbox, tokenIndex);
  const services = token.enterprises.flatMap(({ id }) => sandbox.world.list('services', id).map((service) => idOf(service)));
  const body: Record<string, unknown> = operation?.paged === false ? {} : { Limitation: { Count: 1000 } };
  if (!operation) return body;
  const updated = { StartUtc: new Date(Date.now() - 85 * 86_400_000).toISOString(), EndUtc: new Date(Date.now() + 60_000).toISOString() };
  for (const name of [...operation.required, ...operation.requiredForPortfolio, ...preferred.filter((usual) => operation.anyOf.includes(usual)).concat(operation.anyOf).slice(0, operation.anyOf.length && 1)]) {
    const filter = operation.filters[name];
    if (filter?.kind === 'scope') body[name] = filter.of === 'service' ? services.slice(0, filter.max) : filter.of === 'chain' ? [...new Set(token.enterprises.map(({ chainId }) => chainId))] : token.enterprises.map(({ id }) => id);
    else if (filter?.kind === 'ids') body[name] = token.enterprises.flatMap(({ id, chainId }) => [id, chainId]).flatMap((owner) => sandbox.world.list(parents[name] ?? '', owner).map((record) => record['Id'])).slice(0, filter.max);
    else if (filter?.kind === 'interval') body[name] = name === 'CreatedUtc' && path.startsWith('messages/') ? { ...updated, StartUtc: new Date(Date.now() - 20 * 86_400_000).toISOString() } : updated;
    else if (filter?.kind === 'dates') body[name] = { Start: new Date(Date.now() - 25 * 86_400_000).toISOString().slice(0, 10), End: new Date().toISOString().slice(0, 10) };
    else if (filter?.kind === 'states') body[name] = filter.values;
  }
  if (operation.extent) body['Extent'] = Object.fromEntries(operation.extent.flags.map((flag) => [flag, true]));
  if ('ActivityStates' in operation.filters) body['ActivityStates'] = ['Active', 'Deleted'];
  for (const [name, [other = '']] of Object.entries(operation.needs)) if (name in body) body[other] = operation.filters[other]?.kind === 'states' ? operation.filters[other].values : undefined;
  return body;
}

whereDescribed('in the documented shape', () => {
  for (const path of operations.keys()) {
    test(`${path} answers`, async () => {
      const answer = await call(sandbox, pick(sandbox, 0), path, request(path, 0));
      expect([answer.status, answer.body['Message']]).toEqual([200, undefined]);
      validate(path, answer);
      const operation = operations.get(path);
      const list = answer.body[operation?.list ?? ''];
      expect([path, list]).not.toEqual([path, []]);
      for (const further of [...Object.keys(operation?.also ?? {}), ...Object.keys(operation?.along ?? {})]) expect([further, answer.body[further]]).not.toEqual([further, []]);
    });
  }

  test('a portfolio token gets the same shapes, and 401 where it is not served', async () => {
    for (const [path, operation] of operations) {
      const answer = await call(sandbox, pick(sandbox, 4), path, request(path, 4));
      if (!operation.portfolio || operation.restricted) expect([path, answer.status]).toEqual([path, 401]);
      else { expect([path, answer.status, answer.body['Message']]).toEqual([path, 200, undefined]); validate(path, answer); }
    }
  });

  test('enterprises and configuration answer in the documented shape, for both kinds of token', async () => {
    for (const index of [0, 4]) {
      const token = pick(sandbox, index);
      validate('enterprises/getAll', await call(sandbox, token, 'enterprises/getAll', { Limitation: { Count: 1000 } }));
      validate('configuration/get', await call(sandbox, token, 'configuration/get', {}));
      validate('configuration/get', await call(sandbox, token, 'configuration/get', { EnterpriseId: enterpriseOf(token).id }));
    }
  });

  test('what a test adds in bulk has the documented shape too', async () => {
    const token = pick(sandbox, 1);
    const { id, chainId } = enterpriseOf(token);
    for (const collection of ['reservations', 'orderItems', 'payments', 'bills', 'services', 'resources', 'outlets']) sandbox.world.addRecords(collection, id, 20);
    for (const collection of ['customers', 'companies']) sandbox.world.addRecords(collection, chainId, 20);
    for (const path of ['reservations/getAll/2023-06-06', 'orderItems/getAll', 'payments/getAll', 'bills/getAll', 'services/getAll', 'resources/getAll', 'outlets/getAll', 'customers/getAll', 'companies/getAll']) {
      const answer = await call(sandbox, token, path, request(path, 1));
      expect([path, answer.status]).toEqual([path, 200]);
      validate(path, answer);
    }
  });
});
