// Answers one authenticated request: what Mews would list for this token, as JSON text.
import type { AccessToken } from './access.js';
import { configurationOf, type Enterprise } from './generate-hotel.js';
import type { Body, Operation } from './operation.js';
import { operations } from './operations.js';
import { factsOf, isObject, iso, platform, textOf, type MewsRecord, type Row } from './record.js';
import { checkProperties, onlyKnown, present, readFilters, readLimitation, Refused, type Scope } from './request.js';
import { Store } from './store.js';
import type { World } from './world.js';
import { enterprises, lists, texts, within } from './operation.js';

export interface Answered { json: string; empty: boolean; rows: number }

export const configurationPath = 'configuration/get';
export const enterprisesPath = 'enterprises/getAll';
export const paths: ReadonlySet<string> = new Set([configurationPath, enterprisesPath, ...operations.keys()]);

const enterprisesOperation = lists(enterprisesPath, 'Enterprises', { EnterpriseIds: enterprises, ExternalIdentifiers: texts('ExternalIdentifier'), LinkedUtc: within('LinkedUtc'), UpdatedUtc: within('UpdatedUtc') });

/** @throws Refused with the status that Mews would give. */
export function answer(world: World, token: AccessToken, path: string, body: Body): Answered {
  if (token.denied.has(path)) throw new Refused('The AccessToken has no permission for this operation.', 401);
  const scope: Scope = { token, reaches: (of, id) => reaches(world, token, of, id) };
  if (path === configurationPath) return configuration(world, token, body);
  if (path === enterprisesPath) return page(enterprisesOperation, body, scope, enterpriseStore(world, token, chosen(body['EnterpriseIds'])), ['all']);
  const operation = operations.get(path);
  if (!operation) throw new Refused('Not found.', 404);
  if (operation.restricted && !token.restricted) throw new Refused('The AccessToken has no permission for this operation.', 401);
  if (!operation.portfolio && token.kind === 'portfolio') throw new Refused('The operation does not support Portfolio Access Tokens.', 401);
  return page(operation, body, scope, world.store(operation.collection), ownersOf(world, token, operation, body), world);
}

function page(operation: Operation, body: Body, scope: Scope, store: Store, owners: readonly string[], world?: World): Answered {
  checkProperties(operation, body, scope);
  const { count, cursor } = operation.paged ? readLimitation(body) : { count: Number.MAX_SAFE_INTEGER, cursor: null };
  const after = operation.opaqueCursor && cursor !== null ? Buffer.from(cursor, 'base64url').toString() : cursor;
  const matching = readFilters(operation, body, scope), { unseen } = scope.token;
  const matches = (row: Row): boolean => matching(row) && !unseen.has(row.id);
  if (world?.unknownIds === 'refused') refuseUnknown(world, unseen, operation, body);
  world?.look(owners);
  const found = store.page(owners, after, count, matches, operation.newestFirst ? 'to-older' : 'to-newer');
  if (!found) throw new Refused('Invalid Limitation.Cursor.');
  const primary = operation.extent?.primary;
  const shown = primary === undefined || !present(body, 'Extent') || (isObject(body['Extent']) && body['Extent'][primary] === true);
  const { shows } = operation;
  const write = (row: Row): string => (shows ? JSON.stringify(shows(factsOf(row), body)) : (row.json ??= JSON.stringify(row.record)));
  const parts = [`"${operation.list}":[${shown ? found.map(write).join(',') : ''}]`];
  let others = 0;
  for (const [name, collection] of Object.entries(operation.also)) {
    const more = cursor === null && world ? world.rows(collection, owners).filter(matches) : [];
    others += more.length;
    parts.push(`"${name}":[${more.map(write).join(',')}]`);
  }
  for (const [name, along] of Object.entries(operation.along)) {
    const records = along({ rows: found, body, of: (collection) => world?.rows(collection, owners) ?? [] });
    if (records !== undefined) parts.push(`"${name}":${JSON.stringify(records)}`);
  }
  for (const [name, json] of Object.entries(operation.constant)) parts.push(`"${name}":${json}`);
  if (operation.paged) parts.push(`"Cursor":${JSON.stringify(cursorOf(operation, found[found.length - 1]))}`);
  return { json: `{${parts.join(',')}}`, empty: operation.paged && found.length + others === 0, rows: found.length + others };
}

/** Whose ids a filter takes, where they are not those of the collection itself. */
const filteredBy: { readonly [property: string]: readonly string[] } = {
  ReservationIds: ['reservations'], ServiceOrderIds: ['reservations', 'productServiceOrders'], CustomerIds: ['customers'], DeviceIds: ['devices'], MessageThreadIds: ['messageThreads'],
  LoyaltyProgramIds: ['loyaltyPrograms'], ResourceCategoryIds: ['resourceCategories'], ResourceFeatureIds: ['resourceFeatures'], VoucherIds: ['vouchers'],
};

function refuseUnknown(world: World, unseen: ReadonlySet<string>, { filters, collection }: Operation, body: Body): void {
  for (const [name, filter] of Object.entries(filters)) {
    const wanted = chosen(body[name]), of = filter.kind !== 'ids' ? undefined : filter.field === 'Id' ? [collection] : filteredBy[name];
    if (wanted && of && !wanted.every((id) => !unseen.has(id) && of.some((one) => world.get(one, id)))) throw new Refused(`Invalid ${name}.`);
  }
}

function cursorOf(operation: Operation, last: Row | undefined): string | null {
  if (last === undefined) return null;
  return operation.opaqueCursor ? Buffer.from(last.id).toString('base64url') : last.id;
}

function ownersOf(world: World, token: AccessToken, operation: Operation, body: Body): string[] {
  if (operation.scope === 'platform') return [platform];
  const mine = [...token.enterprises.keys()];
  if (operation.scope === 'enterprise') return chosen(body['EnterpriseIds']) ?? mine;
  const chains = [...new Set(mine.map((id) => world.enterprise(id).chain.id))];
  return token.kind === 'enterprise' ? chains : chosen(body['ChainIds']) ?? chains;
}

/** The ids of a scope filter, each once; what is wrong with them is said when the filters are read. */
function chosen(value: unknown): string[] | null {
  return Array.isArray(value) ? [...new Set(value.filter((id) => typeof id === 'string').map((id) => id.toLowerCase()))] : null;
}

function reaches(world: World, token: AccessToken, of: 'enterprise' | 'chain' | 'service', id: string): boolean {
  if (of === 'enterprise') return token.enterprises.has(id);
  const mine = [...token.enterprises.keys()];
  if (of === 'chain') return mine.some((enterpriseId) => world.enterprise(enterpriseId).chain.id === id);
  const services = world.store('services');
  if (!services.get(id)) world.look(mine);
  const owner = services.get(id)?.owner;
  return owner !== undefined && token.enterprises.has(owner);
}

/** The token's enterprises as a collection: LinkedUtc depends on the token. A cursor may name one that it lost meanwhile. */
function enterpriseStore(world: World, token: AccessToken, wanted: readonly string[] | null): Store {
  const store = new Store();
  for (const [id, { record, createdMs }] of world.enterprises) {
    const linkedMs = token.enterprises.get(id);
    store.add('all', { record: { ...record, LinkedUtc: iso(linkedMs ?? 0) }, id, createdMs, updatedMs: Date.parse(textOf(record, 'UpdatedUtc')) });
    if (linkedMs === undefined || wanted?.includes(id) === false) store.remove(id);
  }
  return store;
}

function configuration(world: World, token: AccessToken, body: Body): Answered {
  onlyKnown(body, ['ClientToken', 'AccessToken', 'Client', 'LanguageCode', 'CultureCode', 'EnterpriseId']);
  const wanted = body['EnterpriseId'] ?? null;
  if (wanted !== null && typeof wanted !== 'string') throw new Refused('Invalid EnterpriseId.');
  const [first] = token.enterprises.keys();
  const id = token.kind === 'enterprise' ? first : wanted?.toLowerCase();
  if (id !== undefined && !token.enterprises.has(id)) throw new Refused('Invalid EnterpriseId.');
  const enterprise = id === undefined ? dummy(world, token) : configurationOf(world.enterprise(id));
  return { json: JSON.stringify({ NowUtc: iso(world.now()), ...configurationBut(enterprise) }), empty: false, rows: 1 };
}

/** What an enterprise's configuration says besides the time. */
export function configurationBut(enterprise: MewsRecord): MewsRecord { return { Enterprise: enterprise, Service: null, PaymentCardStorage: { PublicKey: 'sandbox' }, IsIdentityDocumentNumberRequired: false }; }

/** Stands for the whole portfolio; it is in no list of enterprises. */
function dummy(world: World, token: AccessToken): MewsRecord {
  const like: Enterprise | undefined = world.enterprises.get([...token.enterprises.keys()][0] ?? '') ?? [...world.enterprises.values()][0];
  return { ...(like ? configurationOf(like) : {}), Id: token.dummyEnterpriseId, Name: token.label, ShortName: null, ExternalIdentifier: null, IsPortfolio: true };
}
