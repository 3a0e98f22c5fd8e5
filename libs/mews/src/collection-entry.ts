// The shape of one entry in the table of collections: facts about how Mews lists it, none of how we store it.
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A request property that takes ids, and how many at the most. */
export interface IdFilter { readonly name: string; readonly maxItems: number }

/** A request property that takes a time interval. */
export interface IntervalFilter {
  readonly name: string;
  /** `instant`: {StartUtc, EndUtc}, start inclusive, end exclusive. `date`: {Start, End} as YYYY-MM-DD, both inclusive. */
  readonly kind: 'instant' | 'date';
  /** The longest interval that Mews documents, in calendar months; 3 where it documents none. */
  readonly maxMonths: number;
}

/** One list of records within an answer. */
export interface RecordList {
  /** The property of the answer, for example `OrderItems`. */
  readonly key: string;
  /** The collection's public name, for example `orderItems`. */
  readonly name: string;
  /** The fields that make the record's id; several values are joined by `|`. */
  readonly id: readonly string[];
  readonly updated?: string;
  readonly enterprise?: string;
  readonly chain?: string;
  readonly service?: string;
  readonly active?: string;
}

/** Whose ids are sent, in which request property. */
export interface ParentFilter {
  readonly collection: string;
  readonly filter: IdFilter;
  /** Only parents whose field has this value; Mews refuses the others. */
  readonly where?: { readonly field: string; readonly equals: string };
}

export interface CollectionEntry {
  /** Mews' resource name; the primary list has the same name. */
  readonly name: string;
  /** The path below /api/connector/v1/, exact. */
  readonly path: string;
  /** What to call instead when `path` answers 401. */
  readonly fallbackPath?: string;
  /** `incremental`: by an interval on the update time. `windowed`: by another interval, re-walked. `snapshot`: everything, every time. */
  readonly strategy: 'incremental' | 'windowed' | 'snapshot';
  /** Whose records they are. `service` and `parent` are pulled by ids of another collection, per enterprise. */
  readonly scope: 'platform' | 'chain' | 'enterprise' | 'service' | 'parent';
  /** Whether Portfolio Access Tokens are served: documented, implied by an enterprise or chain filter, or not. */
  readonly portfolio: 'documented' | 'implied' | 'no';
  /** Needs a permission that Mews grants one by one. */
  readonly restricted: boolean;
  /** Entries of one stage need only records of earlier stages. */
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
  readonly parents: readonly ParentFilter[];
  /** What to send besides tokens, scope, interval and limitation; above all what makes Mews list rows that its defaults hide. */
  readonly body: { readonly [property: string]: Json };
  /** Increments do not show every change (no deleted rows, no update filter on some fields): run in full from time to time. */
  readonly fullRefresh: boolean;
  /** The lists in the answer; the first is the primary. */
  readonly lists: readonly [RecordList, ...RecordList[]];
  /** Asks for records of the primary list by their ids. */
  readonly byIds?: IdFilter;
  /** Holds personal data of guests or staff. */
  readonly personal: boolean;
  /** Default interval of a new schedule, ISO 8601. */
  readonly every: string;
}
