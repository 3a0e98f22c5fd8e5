// The words in which operations.ts describes what Mews takes and lists.
import type { MewsRecord, Row } from './record.js';

export type Body = { readonly [property: string]: unknown };
export type Filter =
  /** Ids of enterprises, chains or services: they must be within the token's reach. */
  | { readonly kind: 'scope'; readonly of: 'enterprise' | 'chain' | 'service'; readonly max: number }
  /** Ids, and texts, that the field must be one of. */
  | { readonly kind: 'ids'; readonly field: string; readonly max: number }
  | { readonly kind: 'texts'; readonly field: string; readonly max: number }
  /** {StartUtc, EndUtc}. With `until`, what lies between the two fields must touch the interval. */
  | { readonly kind: 'interval'; readonly field: string; readonly until?: string; readonly months: number | null }
  /** {Start, End}, YYYY-MM-DD, both inclusive. */
  | { readonly kind: 'dates'; readonly field: string; readonly months: number }
  | { readonly kind: 'states'; readonly field: string; readonly values: readonly string[]; readonly otherwise?: readonly string[]; readonly max?: number }
  | { readonly kind: 'state'; readonly field: string; readonly values: readonly string[] }
  | { readonly kind: 'activity'; readonly otherwise: 'active' | 'both' }
  | { readonly kind: 'text' }
  | { readonly kind: 'flag' };

/** One page as it is about to be answered. */
export interface Page { readonly rows: readonly Row[]; readonly body: Body; /** The rows of another collection of the same owners. */ readonly of: (collection: string) => readonly Row[] }
/** A further list of the answer. Undefined leaves it out, null shows that it was not asked for. */
export type Along = (page: Page) => readonly MewsRecord[] | null | undefined;

export interface Extent {
  readonly flags: readonly string[];
  readonly required: boolean;
  /** The flag without which the primary list is empty. */
  readonly primary?: string;
  /** A flag that must be there when the extent is sent. */
  readonly mandatory?: string;
}

export interface Operation {
  /** Below /api/connector/v1/, exact. */
  readonly path: string;
  /** The property of the answer. */
  readonly list: string;
  /** The store that it reads. */
  readonly collection: string;
  readonly scope: 'platform' | 'enterprise' | 'chain';
  readonly portfolio: boolean;
  readonly restricted: boolean;
  readonly paged: boolean;
  readonly newestFirst: boolean;
  /** The cursor is no id, and means nothing to whoever gets it. */
  readonly opaqueCursor: boolean;
  readonly filters: { readonly [property: string]: Filter };
  readonly required: readonly string[];
  /** At least one of these must be sent. */
  readonly anyOf: readonly string[];
  /** Filters that must not come without one of these others. */
  readonly needs: { readonly [property: string]: readonly string[] };
  /** Required with a portfolio token only. */
  readonly requiredForPortfolio: readonly string[];
  readonly extent?: Extent;
  /** Rows to leave out of the primary list, by the request. */
  readonly hides?: (record: MewsRecord, body: Body) => boolean;
  /** How a record looks, by the request; it is given what is hidden, too. */
  readonly shows?: (record: MewsRecord, body: Body) => MewsRecord;
  /** Further lists of the answer, filtered as the primary one and given whole with its first page. */
  readonly also: { readonly [property: string]: string };
  /** Further lists that follow from the records of each page. */
  readonly along: { readonly [property: string]: Along };
  /** Further properties of the answer as they always are, as JSON text. */
  readonly constant: { readonly [property: string]: string };
}

type Rest = Partial<Omit<Operation, 'path' | 'list' | 'filters'>>;

/** An operation with the usual traits: paginated, newest first, for portfolio tokens too, enterprise by enterprise. */
export function lists(path: string, list: string, filters: Operation['filters'], rest: Rest = {}): Operation {
  const scope = rest.scope ?? ('ChainIds' in filters ? 'chain' : 'enterprise');
  return { path, list, collection: list.charAt(0).toLowerCase() + list.slice(1), scope, portfolio: true, restricted: false, paged: true, newestFirst: true, opaqueCursor: false, filters, required: [], anyOf: [], needs: {}, requiredForPortfolio: [], also: {}, along: {}, constant: {}, ...rest };
}

export const enterprises: Filter = { kind: 'scope', of: 'enterprise', max: 1000 };
export const chainIds: Filter = { kind: 'scope', of: 'chain', max: 1000 };
export function services(max = 1000): Filter { return { kind: 'scope', of: 'service', max }; }
export function ids(field = 'Id', max = 1000): Filter { return { kind: 'ids', field, max }; }
export function texts(field: string, max = 1000): Filter { return { kind: 'texts', field, max }; }
export function within(field: string, months: number | null = 3): Filter { return { kind: 'interval', field, months }; }
export function colliding(field: string, until: string, months: number | null = 3): Filter { return { kind: 'interval', field, until, months }; }
export function states(field: string, values: readonly string[], otherwise?: readonly string[]): Filter { return { kind: 'states', field, values, ...(otherwise ? { otherwise } : {}) }; }
export function state(field: string, values: readonly string[]): Filter { return { kind: 'state', field, values }; }
export function activity(otherwise: 'active' | 'both' = 'active'): Filter { return { kind: 'activity', otherwise }; }
export const text: Filter = { kind: 'text' };
export const flag: Filter = { kind: 'flag' };
