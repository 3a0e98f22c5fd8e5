// What stands on the terminal when the demonstration is ready: tokens, records, where to go, how to sign in.
import Table from 'cli-table3';
import { z } from 'zod';
import type { ApiClient } from './api-client.js';
import type { SyncedTenant } from './first-syncs.js';

const AccessToken = z.object({ id: z.string(), hint: z.string(), kind: z.string(), status: z.string() });
const ReachRow = z.object({ accessTokenId: z.string(), enterpriseId: z.string(), connected: z.boolean() });
const Enterprise = z.object({ id: z.string(), chainId: z.string() });
const Stats = z.object({ items: z.array(z.object({
  collection: z.string(), enterpriseId: z.string().nullish(), chainId: z.string().nullish(), records: z.number() })) });

interface TokenColumn { tenant: string; hint: string; kind: string; status: string; enterprises: number; records: Map<string, number> }

/** The demonstration's tokens, and how many records came through each, by collection. */
export async function recordsTable(api: ApiClient, tenants: readonly SyncedTenant[]): Promise<string> {
  const columns = (await Promise.all(tenants.map((tenant) => columnsOf(api, tenant)))).flat();
  const collections = [...new Set(columns.flatMap((column) => [...column.records.keys()]))].sort();
  const table = new Table({ chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' }, style: { head: [], border: [] }, colAligns: ['left', ...columns.map(() => 'right' as const)] });
  const row = (name: string, cell: (column: TokenColumn) => string | number): void => {
    table.push([name, ...columns.map((column) => { const value = cell(column); return typeof value === 'number' ? value.toLocaleString('en') : value; })]);
  };
  row('Token', ({ hint }) => hint);
  row('Tenant', ({ tenant }) => tenant);
  row('Kind', ({ kind, status }) => status === 'active' ? kind : `${kind}, ${status}`);
  row('Enterprises', ({ enterprises }) => enterprises);
  for (const collection of collections) row(collection, ({ records }) => records.get(collection) ?? '');
  row('Records', ({ records }) => [...records.values()].reduce((sum, count) => sum + count, 0));
  return table.toString();
}

// A chain's records are stored once, whichever of its enterprises they came through: they count for the first token that opens the chain.
async function columnsOf(api: ApiClient, { slug, name }: SyncedTenant): Promise<TokenColumn[]> {
  const at = `/v1/tenants/${slug}`;
  const [tokens, reach, enterprises, stats] = await Promise.all([
    api.all(`${at}/access-tokens`, AccessToken), api.all(`${at}/reach?state=current`, ReachRow), api.all(`${at}/enterprises`, Enterprise), api.get(`${at}/stats`, Stats)]);
  const chainOf = new Map(enterprises.map(({ id, chainId }) => [id, chainId]));
  const connected = reach.filter((row) => row.connected);
  const tokenOf = new Map(connected.map((row) => [row.enterpriseId, row.accessTokenId]));
  const tokenOfChain = new Map(connected.map((row) => [chainOf.get(row.enterpriseId), row.accessTokenId]));
  const columns = new Map(tokens.map(({ id, hint, kind, status }): [string, TokenColumn] =>
    [id, { tenant: name, hint, kind, status, enterprises: connected.filter((row) => row.accessTokenId === id).length, records: new Map() }]));
  for (const { collection, enterpriseId, chainId, records } of stats.items) {
    const id = enterpriseId ? tokenOf.get(enterpriseId) : tokenOfChain.get(chainId ?? undefined);
    const counts = columns.get(id ?? '')?.records;
    counts?.set(collection, (counts.get(collection) ?? 0) + records);
  }
  return [...columns.values()];
}
