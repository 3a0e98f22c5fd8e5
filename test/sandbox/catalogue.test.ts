// The product's table of collections against the sandbox's own table: written apart, they must agree on every request.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { collections } from '@keyrack/mews';
import type { Sandbox } from '../../apps/sandbox/src/index.js';
import { paths } from '../../apps/sandbox/src/answer.js';
import { operations } from '../../apps/sandbox/src/operations.js';
import { call, enterpriseOf, pick, small } from './harness.js';

let sandbox: Sandbox;
beforeAll(async () => { sandbox = await small(); });
afterAll(() => sandbox.stop());

for (const entry of collections.filter(({ singleton }) => singleton === undefined)) test(`${entry.name}: what the table says to send is accepted, and its lists come back`, async () => {
  expect(paths.has(entry.path)).toBe(true);
  const token = pick(sandbox, 0);
  const { id, chainId } = enterpriseOf(token);
  const body: Record<string, unknown> = { ...entry.body };
  if (entry.enterprises) body[entry.enterprises.name] = [id];
  if (entry.chains) body[entry.chains.name] = [chainId];
  if (entry.services) body[entry.services.name] = sandbox.world.list('services', id).map((service) => service['Id']);
  for (const { filter } of entry.parents) body[filter.name] = ['00000000-0000-4000-8000-000000000000'];
  const [interval] = entry.intervals;
  if (interval) body[interval.name] = interval.kind === 'date' ? { Start: '2026-01-01', End: '2026-01-31' } : { StartUtc: '2026-01-01T00:00:00Z', EndUtc: interval.maxMonths === 1 ? '2026-02-01T00:00:00Z' : '2026-04-01T00:00:00Z' };
  if (entry.paginated) body['Limitation'] = { Count: 1000 };
  const answer = await call(sandbox, token, entry.path, body);
  expect([answer.status, answer.body['Message']]).toEqual([200, undefined]);
  expect(Object.keys(answer.body)).toEqual(expect.arrayContaining(entry.lists.map(({ key }) => key)));
  const operation = operations.get(entry.path);
  if (operation) expect([entry.portfolio !== 'no', entry.restricted]).toEqual([operation.portfolio, operation.restricted]);
});
