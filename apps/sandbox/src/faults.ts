// Everything that can go wrong between Mews and a client, on demand: which requests it hits, how often, by a seed.
import { Random } from './random.js';
import { dayMs, isObject } from './record.js';

export type Effect =
  /** Any refusal: 500, 503, 429 with or without Retry-After (seconds), 401 for one operation, 403, 409, 410. */
  | { kind: 'status'; status: number; message?: string; retryAfter?: number }
  /** 408 for a page of more than `maxCount`, or an interval longer than `maxDays`. */
  | { kind: 'heavy'; maxCount?: number; maxDays?: number }
  /** The connection is cut before the request is executed, or after. */
  | { kind: 'reset'; when: 'before' | 'after' }
  /** The body breaks off after this share of it (half, by default). */
  | { kind: 'truncate'; share?: number }
  /** The body comes a few bytes at a time. */
  | { kind: 'drip'; bytes: number; everyMs: number }
  | { kind: 'delay'; ms: number }
  /** Never answers. */
  | { kind: 'hang' }
  | { kind: 'redirect'; status: 301 | 302 | 303 | 307 | 308; location: string }
  /** A valid answer, grown to this many bytes; its length is not told beforehand. */
  | { kind: 'huge'; bytes: number }
  /** Headers without end: this many bytes of them. */
  | { kind: 'headers'; bytes: number }
  /** The length told is this share of the body's: less cuts it off, more never comes. */
  | { kind: 'wrong_length'; share: number }
  /** Every record has members that JavaScript gives a meaning of their own. */
  | { kind: 'prototype' }
  | { kind: 'invalid_json' }
  | { kind: 'deep_json'; depth: number }
  /** The list is no list. */
  | { kind: 'wrong_types' }
  /** One record of the page has no id and a text for a time. */
  | { kind: 'bad_record' }
  /** A page starts with the last row of the page before it. */
  | { kind: 'duplicate_rows' };

export type Fault = Effect & {
  /** An exact path such as `bills/getAll`; every path without it. */
  path?: string; accessToken?: string;
  /** Only requests whose body names this id. */
  names?: string;
  /** The chance for each request that matches; 1 without it. */
  probability?: number;
  /** How many times at the most. */
  count?: number;
  /** How many matching requests pass first. */
  skip?: number;
  seed?: string;
};

interface Armed { readonly id: number; readonly fault: Fault; readonly random: Random; left: number; skip: number; fired: number }
const kinds: ReadonlySet<string> = new Set<Effect['kind']>(['status', 'heavy', 'reset', 'truncate', 'drip', 'delay', 'hang', 'redirect', 'huge', 'headers', 'wrong_length', 'prototype', 'invalid_json', 'deep_json', 'wrong_types', 'bad_record', 'duplicate_rows']);

export class Faults {
  private armed: Armed[] = [];
  private nextId = 1;

  /** Arms a fault; the number given takes it away again. */
  add(fault: Fault): number {
    const id = this.nextId++;
    this.armed.push({ id, fault, random: new Random(fault.seed ?? 'fault', id), left: fault.count ?? Number.POSITIVE_INFINITY, skip: fault.skip ?? 0, fired: 0 });
    return id;
  }

  remove(id: number): void { this.armed = this.armed.filter((one) => one.id !== id); }
  clear(): void { this.armed = []; }
  list(): { id: number; fault: Fault; fired: number }[] { return this.armed.map(({ id, fault, fired }) => ({ id, fault, fired })); }
  fired(id: number): number { return this.armed.find((one) => one.id === id)?.fired ?? 0; }

  /** The fault that hits this request, if any; the first armed wins. */
  strike(accessToken: string, path: string, body: { readonly [property: string]: unknown }): Fault | null {
    for (const one of this.armed) {
      const { fault } = one;
      if (one.left <= 0 || (fault.path !== undefined && fault.path !== path) || (fault.accessToken !== undefined && fault.accessToken !== accessToken)) continue;
      if (fault.names !== undefined && !JSON.stringify(body).includes(fault.names)) continue;
      if (fault.kind === 'heavy' && !isHeavy(fault, body)) continue;
      if (one.skip > 0) { one.skip -= 1; continue; }
      if (!one.random.chance(fault.probability ?? 1)) continue;
      one.left -= 1;
      one.fired += 1;
      return fault;
    }
    return null;
  }
}

/** Checks what came by HTTP. */
export function isFault(value: unknown): value is Fault {
  return isObject(value) && typeof value['kind'] === 'string' && kinds.has(value['kind']) && (value['kind'] !== 'status' || typeof value['status'] === 'number') && (value['kind'] !== 'redirect' || typeof value['location'] === 'string');
}

function isHeavy(fault: Extract<Effect, { kind: 'heavy' }>, body: { readonly [property: string]: unknown }): boolean {
  const limitation = body['Limitation'];
  if (fault.maxCount !== undefined && isObject(limitation) && Number(limitation['Count']) > fault.maxCount) return true;
  const longest = fault.maxDays;
  if (longest === undefined) return false;
  return Object.values(body).some((value) => isObject(value) && Date.parse(String(value['EndUtc'])) - Date.parse(String(value['StartUtc'])) > longest * dayMs);
}

/** Read and spread these stay members; assigned to an object they would change it, or every object. */
const meaningful = '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"toString":null}';

/** What a fault makes of a good answer; `last` is the last row of the page before. */
export function spoil(fault: Fault, json: string, list: string, last: string | undefined): string {
  switch (fault.kind) {
    case 'invalid_json': return json.replace(/\}$/, ',}');
    case 'deep_json': return `{"${list}":${'['.repeat(fault.depth)}${']'.repeat(fault.depth)},"Cursor":null}`;
    case 'wrong_types': return `{"${list}":{"0":"not a list"},"Cursor":42}`;
    case 'huge': return json.replace(/\}$/, `,"Padding":"${'x'.repeat(Math.max(0, fault.bytes - json.length))}"}`);
    case 'bad_record': return change(json, list, (rows) => rows.map((row, i) => (i === Math.floor(rows.length / 2) && isObject(row) ? { ...row, Id: null, UpdatedUtc: 'yesterday' } : row)));
    case 'duplicate_rows': return last === undefined ? json : change(json, list, (rows) => [JSON.parse(last) as unknown, ...rows]);
    case 'prototype': return change(json, list, (rows) => rows.map((row) => (isObject(row) ? { ...JSON.parse(meaningful) as object, ...row } : row)));
    case 'status': case 'heavy': case 'reset': case 'truncate': case 'drip': case 'delay': case 'hang': case 'redirect': case 'headers': case 'wrong_length': return json;
  }
}

function change(json: string, list: string, edit: (rows: unknown[]) => unknown[]): string {
  const parsed: unknown = JSON.parse(json);
  const rows = isObject(parsed) ? parsed[list] : undefined;
  return isObject(parsed) && Array.isArray(rows) ? JSON.stringify({ ...parsed, [list]: edit(rows) }) : json;
}
