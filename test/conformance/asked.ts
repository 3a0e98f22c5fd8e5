// Requests that were really sent, against what Mews documents.
import { addMonths } from '@keyrack/core';
import { collections } from '@keyrack/mews';
import type { Seen } from '../../apps/sandbox/src/index.js';
import { asDescribed, intervalOf, vendorCollections, vendorContract, vendorOperations, vendorPresent } from './vendor.js';

const entryAt = (path: string) => collections.find((one) => one.path === path || one.fallbackPath === path);

/** What Mews would refuse of these requests, each kind once; nothing where the vendor's contract is not at hand. */
export function undocumented(requests: readonly Seen[]): string[] {
  if (!vendorPresent) return [];
  const contract = vendorContract(), facts = vendorCollections(), operations = vendorOperations();
  const validators = new Map([...new Set(requests.map(({ path }) => path))].map((path) => [path, contract.request(path)]));
  const wrong = new Set<string>();
  for (const { path, body } of requests) {
    const entry = entryAt(path), fact = facts.find((one) => one.path.endsWith(`/${path}`)), validate = validators.get(path);
    const properties = operations.find((one) => one.path.endsWith(`/${path}`))?.requestProperties ?? [];
    if (!validate?.({ ...asDescribed(entry?.name ?? '', body), ClientToken: 'c', AccessToken: 'a' })) wrong.add(`${path}: ${JSON.stringify(validate?.errors)}`);
    for (const property of fact?.required ?? []) if (!(property in body)) wrong.add(`${path}: no ${property}`);
    if (fact?.atLeastOneOf && !fact.atLeastOneOf.some((group) => [group].flat().every((property) => property in body))) wrong.add(`${path}: none of ${fact.atLeastOneOf.join()}`);
    for (const { name, maxItems = 1_000, maxLength } of properties) {
      const value = body[name], interval = intervalOf(value);
      if (Array.isArray(value) && (value.length === 0 || value.length > maxItems)) wrong.add(`${path}: ${value.length} ${name}`);
      if (interval && !(interval.start < interval.end)) wrong.add(`${path}: ${name} ends before it starts`);
      if (interval && addMonths(new Date(interval.start), Number.parseInt(maxLength ?? '3', 10)) < new Date(interval.end)) wrong.add(`${path}: ${name} is too long`);
    }
  }
  return [...wrong];
}
