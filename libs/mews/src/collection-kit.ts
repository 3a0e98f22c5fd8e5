// Short words for the table of collections: each maker knows what most collections of its scope have in common.
import type { CollectionEntry, IdFilter, IntervalFilter, ParentFilter, RecordList } from './collection-entry.js';

type Lists = CollectionEntry['lists'];
type Facts = Partial<Omit<CollectionEntry, 'name' | 'lists' | 'scope'>>;
type Defaults = Pick<CollectionEntry, 'scope' | 'strategy' | 'portfolio' | 'stage' | 'dependsOn' | 'paginated' | 'intervals'> & Facts;
type Maker = (name: string, lists: Lists, facts?: Facts) => CollectionEntry;

export const ids = (name: string, maxItems = 1_000): IdFilter => ({ name, maxItems });
export const oneId = (name: string): IdFilter => ({ name, maxItems: 1, single: true });
export const instant = (name: string, maxMonths = 3, rewalkDays = 0): IntervalFilter => ({ name, kind: 'instant', maxMonths, rewalkDays });
export const date = (name: string, maxMonths: number, rewalkDays: number): IntervalFilter => ({ name, kind: 'date', maxMonths, rewalkDays });
export const parent = (collection: string, filter: string, maxItems = 1_000, where?: ParentFilter['where']): ParentFilter =>
  ({ collection, filter: ids(filter, maxItems), ...(where && { where }) });

type Mark = Partial<Omit<RecordList, 'key'>>;
/** One list of the answer: its key, and what its records carry besides `Id`. */
export const list = (key: string, ...marks: Mark[]): RecordList =>
  Object.assign({ key, name: `${key.charAt(0).toLowerCase()}${key.slice(1)}`, id: ['Id'] }, ...marks);
export const named = (name: string): Mark => ({ name });
export const keyed = (...id: string[]): Mark => ({ id });
export const updated: Mark = { updated: 'UpdatedUtc' };
export const ofEnterprise: Mark = { enterprise: 'EnterpriseId' };
export const ofChain: Mark = { chain: 'ChainId' };
export const ofService: Mark = { service: 'ServiceId' };
export const active: Mark = { active: 'IsActive' };
export const through = (collection: string, field: string): Mark => ({ through: { collection, field } });
export const ofParent = (field: string): Mark => ({ parent: field });

/** Without it, several operations leave deleted rows out. */
export const deletedToo = { ActivityStates: ['Active', 'Deleted'] } as const;

/** For records that do not say that they were deleted. */
export const deletedApart = { body: { ActivityStates: ['Active'] }, deletedApart: true } as const;

const define = (defaults: Defaults): Maker => (name, lists, facts = {}) => ({
  path: `${name}/getAll`, restricted: false, cursor: 'to-older', firstLoad: 'whole', parents: [], body: {}, idsChange: false,
  personal: false, every: 'PT6H', ...defaults, ...facts,
  dependsOn: facts.dependsOn ?? [...new Set([...defaults.dependsOn, ...(facts.parents ?? []).map((one) => one.collection)])],
  name, lists, scope: defaults.scope,
});

const updatedUtc = [instant('UpdatedUtc')];
const byUpdate = { strategy: 'incremental', portfolio: 'documented', paginated: true, intervals: updatedUtc } as const;

/** The same for every token: whole lists without pages, kept once. */
export const platform = define({ scope: 'platform', strategy: 'snapshot', portfolio: 'no', stage: 0, dependsOn: [], paginated: false, intervals: [] });
export const perEnterprise = define({ ...byUpdate, scope: 'enterprise', stage: 1, dependsOn: [], enterprises: ids('EnterpriseIds') });
/** Of the token's only enterprise: the operation takes no filter at all. */
export const perToken = define({ scope: 'enterprise', strategy: 'snapshot', portfolio: 'no', stage: 1, dependsOn: [], paginated: false, intervals: [] });
export const perChain = define({ ...byUpdate, scope: 'chain', stage: 1, dependsOn: [], chains: ids('ChainIds') });
export const perService = define({ ...byUpdate, scope: 'service', stage: 2, dependsOn: ['services'], enterprises: ids('EnterpriseIds'), services: ids('ServiceIds') });
export const perParent = define({ ...byUpdate, scope: 'parent', stage: 2, dependsOn: [], enterprises: ids('EnterpriseIds') });
export const perParentInChain = define({ ...byUpdate, scope: 'parent', stage: 2, dependsOn: [], chains: ids('ChainIds') });
export const perParentAlone = define({ scope: 'parent', strategy: 'snapshot', portfolio: 'no', stage: 2, dependsOn: [], paginated: false, intervals: [] });
