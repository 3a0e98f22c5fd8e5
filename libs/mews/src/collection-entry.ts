// The shape of one entry in the table of collections: facts about how Mews lists it, none of how we store it.
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A request property that takes ids, and how many at the most. */
export interface IdFilter {
  readonly name: string; readonly maxItems: number;
  /** The property takes one id and no list. */
  readonly single?: true;
}

/** A request property that takes a time interval. */
export interface IntervalFilter {
  readonly name: string;
  /** `instant`: {StartUtc, EndUtc}, start inclusive, end exclusive. `date`: {Start, End} as YYYY-MM-DD, both inclusive. */
  readonly kind: 'instant' | 'date';
  /** The longest interval that Mews documents, in calendar months; 3 where it documents none. */
  readonly maxMonths: number;
  /** How many days back each increment asks again: what may change there, and does not show when it did. */
  readonly rewalkDays: number;
}

/** One list of records within an answer. */
export interface RecordList {
  /** The property of the answer, for example `OrderItems`. */
  readonly key: string;
  /** The collection's public name, for example `orderItems`. */
  readonly name: string;
  /** The fields that make the record's id, `Enterprise.Id` one within another; several values are joined by `|`. */
  readonly id: readonly string[];
  readonly updated?: string;
  readonly enterprise?: string;
  readonly chain?: string;
  readonly service?: string;
  readonly active?: string;
  /** The field that names the parent by whose id the record was asked for. */
  readonly parent?: string;
  /** For a record that names neither its enterprise nor its service: a field that names a record of a collection which tells. */
  readonly through?: { readonly collection: string; readonly field: string };
}

/** Whose ids are sent, in which request property. */
export interface ParentFilter {
  readonly collection: string;
  readonly filter: IdFilter;
  /** Only parents whose field has this value; Mews refuses the others. */
  readonly where?: { readonly field: string; readonly equals: string };
  /** No parents whose field has this value: they have no such records. */
  readonly except?: { readonly field: string; readonly equals: string };
}

export interface CollectionEntry {
  /** Mews' resource name; the primary list has the same name. */
  readonly name: string;
  /** The path below /api/connector/v1/, exact. */
  readonly path: string;
  /** What to call instead when `path` answers 401. */
  readonly fallbackPath?: string;
  /** `incremental`: by an interval on the update time. `windowed`: by another interval, re-walked. `snapshot`: everything, every time; with `fullEvery` the children of changed parents in between. */
  readonly strategy: 'incremental' | 'windowed' | 'snapshot';
  /** How Mews is asked: `service` and `parent` by ids of another collection. Whose the records are tells `ownerOf`. */
  readonly scope: 'platform' | 'chain' | 'enterprise' | 'service' | 'parent';
  /** Whether Portfolio Access Tokens are served: documented, implied by an enterprise or chain filter, or not. */
  readonly portfolio: 'documented' | 'implied' | 'no';
  /** Needs a permission that Mews grants one by one. */
  readonly restricted: boolean;
  /** Entries of one stage refer only to records of earlier stages. */
  readonly stage: number;
  readonly dependsOn: readonly string[];
  readonly paginated: boolean;
  readonly cursor: 'to-older' | 'to-newer';
  /** The intervals to walk; the first is the one that increments follow. */
  readonly intervals: readonly IntervalFilter[];
  /** How a first load and a full run go: one unfiltered sweep, or interval windows back to the enterprise's creation. */
  readonly firstLoad: 'whole' | 'windows';
  readonly enterprises?: IdFilter;
  readonly chains?: IdFilter;
  readonly services?: IdFilter;
  /** Only bookable services have such records. */
  readonly bookable?: true;
  readonly parents: readonly ParentFilter[];
  /** What to send besides tokens, scope, interval and limitation; above all what makes Mews list rows that its defaults hide. */
  readonly body: { readonly [property: string]: Json };
  /** Records do not say that they were deleted: Mews lists those apart, by `deletedOf` the entry. */
  readonly deletedApart?: true;
  /**
   * Increments do not show every change (no deleted rows, no update filter on some fields): how old the last full run may be, ISO 8601.
   * `PT0S`: every run is a full one.
   */
  readonly fullEvery?: string;
  /** A change may give records new ids: that many vanish at once is nothing to wonder at. */
  readonly idsChange: boolean;
  /** The lists in the answer; the first is the primary. */
  readonly lists: readonly [RecordList, ...RecordList[]];
  /** The answer itself is the one record of the primary list, without the properties of `volatile`: they differ in each answer. */
  readonly singleton?: { readonly volatile: readonly string[] };
  /** Asks for records of the primary list by their ids. */
  readonly byIds?: IdFilter;
  /** Holds personal data of guests or staff. */
  readonly personal: boolean;
  /** Default interval of a new schedule, ISO 8601. */
  readonly every: string;
}

/** Whose records a collection holds: each enterprise's, each chain's, or the platform's for everybody. */
export type Owner = 'platform' | 'chain' | 'enterprise';

export const ownerOf = (entry: CollectionEntry): Owner => (entry.scope === 'platform' ? 'platform' : entry.chains ? 'chain' : 'enterprise');

/** What is of a kind that we do not know is asked for. */
const notBookable = { field: 'Data.Discriminator', equals: 'Additional' } as const;

/** The collections by whose ids the entry is asked for, services among them; none where it needs no ids. */
export const parentsOf = (entry: CollectionEntry): readonly ParentFilter[] => (entry.services ? [{ collection: 'services', filter: entry.services, ...(entry.bookable && { except: notBookable }) }] : entry.parents);

/**
 * Whether one request may ask for several enterprises: Mews takes their ids and serves Portfolio Access Tokens, and every record of every
 * list names its enterprise, its service, the parent that it was asked for by, or another record that tells.
 */
export const isShareable = (entry: CollectionEntry): boolean => ownerOf(entry) === 'enterprise' && entry.portfolio !== 'no'
  && (entry.enterprises?.maxItems ?? 0) > 1 && entry.lists.every((list) => namesOwner(entry, list));

const namesOwner = (entry: CollectionEntry, list: RecordList): boolean =>
  list.enterprise !== undefined || list.service !== undefined || list.through !== undefined || (list.parent !== undefined && entry.parents.length > 0);

/** The same collection's deleted records. */
export const deletedOf = (entry: CollectionEntry): CollectionEntry => ({ ...entry, body: { ...entry.body, ActivityStates: ['Deleted'] } });

/** The same collection by the operation that takes the place of one which answers 401. */
export const fallbackOf = (entry: CollectionEntry): CollectionEntry => ({ ...entry, path: entry.fallbackPath ?? entry.path });
