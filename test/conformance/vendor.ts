// Mews' own contract, where a copy lies beside the checkout (../shared/mews). Tests only: nothing of it is part of the product.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';

export const vendorFolder = fileURLToPath(new URL('../../../shared/mews/', import.meta.url));
export const vendorPresent = existsSync(`${vendorFolder}openapi.json`);

/** Like `describe`; without the vendor's contract the suite is skipped and says so, and fails with CI=true. */
export function describeWithVendor(name: string, suite: () => void): void {
  if (vendorPresent) { describe(name, suite); return; }
  const message = `${vendorFolder} is not there: nothing is compared with the contract of Mews`;
  if (process.env['CI'] === 'true') test(name, () => { expect(message).toBe(''); });
  else { console.warn(message); test.skip(`${name} (${message})`, () => undefined); }
}

type Schema = Record<string, unknown>;

export interface VendorCollection {
  resource: string; path: string; strategy: string; interval: string | null; intervalMax: string | null; scope: string; stage: number; paginated: boolean; deletes: string;
  portfolio: boolean; portfolioImplied: boolean; restricted: boolean; unfilteredPullAllowed: boolean; needsFullRefresh: boolean; required: string[];
  requestDefaults: Record<string, unknown>; primaryCollection: string; dependsOn: string[]; cursorOrder: string | null; atLeastOneOf?: (string | string[])[];
  parent?: { resource: string; filter: string; maxIds: number }[]; fallback?: { path: string };
  collections: Record<string, Record<'idField' | 'updatedField' | 'enterpriseField' | 'chainField' | 'serviceField' | 'activeField', string | null> & { keyFields?: string[] }>;
}
export interface VendorOperation {
  path: string; pagination: boolean; portfolio: boolean; portfolioImplied: boolean; examples?: { request?: string; response?: string };
  requestProperties: { name: string; type: string; required: boolean; maxItems?: number; maxLength?: string }[];
}

const read = <T>(file: string): T => JSON.parse(readFileSync(`${vendorFolder}${file}`, 'utf8')) as T;
export const vendorCollections = (): VendorCollection[] => read<{ syncable: VendorCollection[] }>('syncable.json').syncable;
export const vendorOperations = (): VendorOperation[] => read('operations.json');
/** The names of all properties of the records in an operation's answer, at any depth, by its path below /api/connector/v1/. */
export function vendorProperties(path: string, lists: readonly string[]): Set<string> {
  const { paths, components: { schemas } } = read<{ paths: Record<string, { post: { responses: Record<string, { content: Record<string, { schema: Schema }> }> } }>; components: { schemas: Record<string, Schema> } }>('openapi.json');
  const names = new Set<string>(), seen = new Set<unknown>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return;
    seen.add(value);
    for (const [key, child] of Object.entries(value)) {
      if (key === 'properties') for (const name of Object.keys(child as Schema)) names.add(name);
      visit(key === '$ref' ? schemas[String(child).slice('#/components/schemas/'.length)] : child);
    }
  };
  const { $ref } = paths[`/api/connector/v1/${path}`]?.post.responses['200']?.content['application/json']?.schema ?? {};
  const answer = schemas[String($ref).slice('#/components/schemas/'.length)]?.['properties'] as Schema | undefined;
  for (const list of lists) visit(answer?.[list]);
  return names;
}
export const vendorExample = (file: string): Record<string, unknown> => read(file);

/** Validators for the bodies of operations, by path below /api/connector/v1/. Requests are strict about properties, as Mews documents them. */
export function vendorContract(): { request(path: string): ValidateFunction; answer(path: string): ValidateFunction } {
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false });
  formats.default(ajv);
  const document = read<Schema & { components: { schemas: Record<string, Schema> } }>('openapi.json');
  for (const schema of Object.values(document.components.schemas)) inheritProperties(schema, document.components.schemas);
  ajv.addSchema(toJsonSchema(document) as Schema, 'mews');
  const body = (path: string, part: string): ValidateFunction =>
    ajv.compile({ $ref: `mews#/paths/~1api~1connector~1v1~1${path.replaceAll('/', '~1')}/post/${part}/content/application~1json/schema` });
  return { request: (path) => body(path, 'requestBody'), answer: (path) => body(path, 'responses/200') };
}

/** Properties that Mews' pages document and the older machine-readable description does not know yet, by collection. */
const newer: Readonly<Record<string, readonly string[]>> = { customerRelationships: ['UpdatedUtc'] };

/** The request without what the machine-readable description is too old for. */
export const asDescribed = (collection: string, request: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(request).filter(([property]) => !newer[collection]?.includes(property)));

/** A schema that adds properties to another while both forbid further ones can never be met: what it builds on becomes its own. */
function inheritProperties(schema: Schema, schemas: Record<string, Schema>): void {
  if (!Array.isArray(schema['allOf']) || schema['properties'] === undefined) return;
  for (const { $ref } of schema['allOf'] as { $ref: string }[]) {
    const base = schemas[$ref.slice('#/components/schemas/'.length)];
    schema['properties'] = { ...base?.['properties'] as Schema, ...schema['properties'] as Schema };
    schema['required'] = [...(base?.['required'] ?? []) as string[], ...(schema['required'] ?? []) as string[]];
  }
  delete schema['allOf'];
}

/** OpenAPI 3.0 says `nullable`, JSON Schema lists null as a type. */
function toJsonSchema(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toJsonSchema);
  if (typeof value !== 'object' || value === null) return value;
  const { nullable, ...rest } = value as Schema;
  const schema = Object.fromEntries(Object.entries(rest).map(([key, child]) => [key, toJsonSchema(child)]));
  return nullable === true ? { anyOf: [{ type: 'null' }, schema] } : schema;
}

/** The instants between which an interval of a request lies, the end exclusive; null for what is no interval. */
export function intervalOf(value: unknown): { start: string; end: string } | null {
  const { StartUtc, EndUtc, Start, End } = (value ?? {}) as Record<string, string | undefined>;
  return StartUtc && EndUtc ? { start: StartUtc, end: EndUtc } : Start && End ? { start: `${Start}T00:00:00Z`, end: new Date(Date.parse(End) + 86_400_000).toISOString() } : null;
}
