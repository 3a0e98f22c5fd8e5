// A few records in each collection of one enterprise, its chain and the platform, where the sandbox has none; each knows its parents.
import { collection as entryNamed, collections, ownerOf, parentsOf, type CollectionEntry } from '@keyrack/mews';
import { factsOf, textsAt } from '../../apps/sandbox/src/record.js';
import type { Keyrack } from '../harness/keyrack.js';

type World = Keyrack['sandbox']['world'];
type Fields = NonNullable<Parameters<World['create']>[2]>;

const dayMs = 86_400_000;

export const ownerIn = (world: World, entry: CollectionEntry, enterpriseId: string): string =>
  ({ enterprise: enterpriseId, chain: world.enterprise(enterpriseId).chain.id, platform: 'platform' })[ownerOf(entry)];

/** Without what is deleted and does not say so. */
export const idsIn = (world: World, entry: CollectionEntry, enterpriseId: string): string[] =>
  world.rows(entry.name, [ownerIn(world, entry, enterpriseId)]).filter((row) => !entry.deletedApart || factsOf(row)['IsActive'] !== false).map((row) => row.id);

/** A machine that takes commands: the given one, or any. */
const machineOf = (world: World, enterpriseId: string, id: string) =>
  (id ? world.get('devices', id) : world.list('devices', enterpriseId).find((device) => device['Type'] === 'FiscalMachine')) ?? null;

/** One more record of a collection, made and changed `daysAgo`; `parentId` by default any of its parents. Its day is one for which the sandbox makes no balances. */
export function add(world: World, entry: CollectionEntry, enterpriseId: string, { daysAgo = 0, parentId = '', ...more }: { daysAgo?: number; parentId?: string } & Fields = {}): string {
  const at = world.now() - daysAgo * dayMs, iso = new Date(at).toISOString().slice(0, 19) + 'Z';
  const [own] = entry.lists;
  const owner = ownerIn(world, entry, enterpriseId), chainId = world.enterprise(enterpriseId).chain.id;
  const [parent] = parentsOf(entry);
  const parentEntry = parent && entryNamed(parent.collection);
  const [anyParent = ''] = parentEntry ? idsIn(world, parentEntry, enterpriseId) : [];
  const [service = ''] = world.list('services', enterpriseId).filter((record) => !entry.bookable || !textsAt(record, ['Data', 'Discriminator']).includes('Additional')).map((record) => String(record['Id']));
  const parentField = own.parent ?? (entry.name === 'fiscalMachineCommands' ? 'DeviceId' : undefined);
  const fields: Fields = {
    ...(entry.name !== 'customers' && { Id: crypto.randomUUID() }), Name: `${entry.name} ${daysAgo}`,
    ...(own.id[0] === 'Code' && { Code: crypto.randomUUID().slice(0, 8) }), ...(own.updated && { UpdatedUtc: iso }), ...(own.enterprise && { EnterpriseId: enterpriseId }), ...(own.chain && { ChainId: chainId }),
    ...((own.service ?? entry.services) && { ServiceId: service }), ...(own.active && { IsActive: true }), ...(parentField && { [parentField]: parentId || anyParent, ServiceOrderId: parentId || anyParent }),
    ...(entry.name === 'devices' && { Type: 'FiscalMachine' }), ...(entry.name === 'fiscalMachineCommands' && { State: 'Processed', Device: machineOf(world, enterpriseId, parentId) }), ...(entry.name === 'serviceOrderNotes' && { Type: 'SpecialRequest' }),
    ...(entry.name === 'ledgerBalances' && { Date: new Date(at - 50 * dayMs).toISOString().slice(0, 10), LedgerType: 'Tax' }), ...(entry.name === 'customerRelationships' && { RelatedCustomerId: crypto.randomUUID(), Relationship: 'Friend' }),
    CreatedUtc: iso, ...more,
  };
  return String(world.create(entry.name, owner, fields, at)['Id']);
}

/** Collections whose records a test can make and change; enterprises and their configuration come from elsewhere. */
export const seeded = collections.filter(({ name }) => name !== 'enterprises' && name !== 'configuration');

/** Three records in each collection that has none. */
export function fill(world: World, enterpriseId: string): void {
  for (const entry of seeded.toSorted((a, b) => a.stage - b.stage)) {
    if (idsIn(world, entry, enterpriseId).length > 0) continue;
    for (const daysAgo of [70, 40, 3]) add(world, entry, enterpriseId, { daysAgo });
  }
}
