// The world that the sandbox serves: chains, enterprises, tokens and records, and what a test may do to them.
import { Access, type AccessToken, type NewToken } from './access.js';
import { fillChain, fillEnterprise, type House, type Profile } from './fill.js';
import { freshRecord } from './fresh.js';
import { withParts } from './generate-accounts.js';
import type { ChainProfiles } from './generate-guests.js';
import { makeEnterprise, type Chain, type Enterprise, type Sink } from './generate-hotel.js';
import { fillPlatform } from './generate-platform.js';
import { live } from './life.js';
import { chains, hotels, type HotelPlan } from './places.js';
import { Random } from './random.js';
import { dayMs, factsOf, iso, platform, rowIdOf, textsAt, wholeSecond, type MewsRecord, type Row } from './record.js';
import { Store, type NewRow } from './store.js';

export interface WorldOptions { seed?: string; profile?: Profile; epochMs?: number; now?: () => number }

/** What goes with a record, and where it names that. */
const parts: { readonly [collection: string]: { collection: string; path: string } } = {
  rules: { collection: 'ruleActions', path: 'RuleId' }, vouchers: { collection: 'voucherAssignments', path: 'VoucherId' },
  loyaltyPrograms: { collection: 'loyaltyTiers', path: 'LoyaltyProgramId' },
};

export class World {
  readonly seed: string;
  readonly profile: Profile;
  /** When the world was made: its past reaches up to here, its life goes on from here. */
  readonly epochMs: number;
  /** How far this world's clock is ahead of ours. */
  skewMs = 0;
  /** Whether a filter by ids that nothing has any more is refused, as Mews may do, or finds nothing. */
  unknownIds: 'refused' | 'ignored' = 'ignored';
  readonly chains: Chain[];
  readonly enterprises = new Map<string, Enterprise>();
  readonly access: Access;
  private readonly stores = new Map<string, Store>();
  private readonly profiles = new Map<string, ChainProfiles>();
  private readonly houses = new Map<string, House>();
  private readonly clock: () => number;
  private readonly random: Random;
  private readonly founding: ReadonlySet<string>;
  private platformFilled = false;
  private ticks = 0;

  constructor(options: WorldOptions = {}) {
    this.seed = options.seed ?? 'keyrack';
    this.profile = options.profile ?? 'demo';
    this.clock = options.now ?? Date.now;
    this.epochMs = options.epochMs ?? this.clock();
    this.random = new Random(this.seed, 'world');
    this.access = new Access(new Random(this.seed, 'tokens'), () => this.now());
    this.chains = chains.map((name) => ({ id: this.random.uuid(), name }));
    const ids = hotels.map((plan) => this.openHotel(plan).id);
    this.founding = new Set(ids);
    ids.slice(0, 4).forEach((id, i) => { this.issueToken({ label: hotels[i]?.name ?? id, enterprises: [id], restricted: i === 0 }); });
    this.issueToken({ label: `${chains[3] ?? ''} and ${chains[4] ?? ''} (portfolio)`, kind: 'portfolio', enterprises: ids.slice(4) });
    for (const token of this.access.all()) for (const id of token.enterprises.keys()) token.enterprises.set(id, this.enterprise(id).createdMs);
  }

  now(): number { return this.clock() + this.skewMs; }

  // Tokens and enterprises

  get tokens(): AccessToken[] { return this.access.all(); }
  issueToken(token: NewToken): AccessToken { for (const id of token.enterprises) this.enterprise(id); return this.access.issue(token); }
  revokeToken(accessToken: string): void { this.token(accessToken).revoked = true; }
  restoreToken(accessToken: string): void { this.token(accessToken).revoked = false; }
  /** Mews grants, or takes back, the operations that it permits one by one. */
  permit(accessToken: string, restricted: boolean): void { this.token(accessToken).restricted = restricted; }
  /** A portfolio gains an enterprise. */
  link(accessToken: string, enterpriseId: string): void { this.token(accessToken).enterprises.set(this.enterprise(enterpriseId).id, this.now()); }
  /** A portfolio loses an enterprise; its records stay. */
  unlink(accessToken: string, enterpriseId: string): void { this.token(accessToken).enterprises.delete(enterpriseId); }

  /** Opens one more hotel, by default in the first chain; no token opens it yet. */
  addEnterprise(options: { chainId?: string; name?: string; ageDays?: number; reservations?: number } = {}): Enterprise {
    const like = hotels[this.enterprises.size % hotels.length];
    const chain = options.chainId === undefined ? 0 : this.chains.findIndex((one) => one.id === options.chainId);
    if (!like || chain < 0) throw new RangeError(`no chain ${options.chainId}`);
    const number = this.enterprises.size + 1;
    return this.openHotel({ ...like, chain, name: options.name ?? `${like.city} No. ${number}`, shortName: `No. ${number}`, ageDays: options.ageDays ?? 120, rooms: 10, reservations: options.reservations ?? 30 });
  }

  addChain(name: string): Chain { const chain = { id: this.random.uuid(), name }; this.chains.push(chain); return chain; }

  enterprise(id: string): Enterprise {
    const found = this.enterprises.get(id);
    if (!found) throw new RangeError(`no enterprise ${id}`);
    return found;
  }

  // Records

  /** Adds a record as if made at `at` (now by default). Where the world cannot make one, `fields` are the whole record. */
  create(collection: string, owner: string, fields: MewsRecord = {}, at = this.now()): MewsRecord {
    return this.insert(collection, owner, fields, at, at);
  }

  /** Adds `count` records made over the last 80 days, or between `fromMs` and `toMs`. */
  addRecords(collection: string, owner: string, count: number, fromMs = this.now() - 80 * dayMs, toMs = this.now()): void {
    for (let i = 0; i < count; i++) {
      const at = fromMs + ((toMs - fromMs) * (i + 1)) / count;
      this.insert(collection, owner, {}, at, at);
    }
  }

  /** Changes fields and the update time. */
  update(collection: string, id: string, changes: MewsRecord = {}, at = this.now()): MewsRecord {
    const row = this.row(collection, id);
    row.updatedMs = wholeSecond(at);
    const { hidden } = row;
    const [seen, unseen] = [false, true].map((concealed): MewsRecord => Object.fromEntries(Object.entries(changes).filter(([field]) => (hidden !== null && field in hidden) === concealed)));
    row.record = { ...row.record, ...seen, ...('UpdatedUtc' in row.record ? { UpdatedUtc: iso(at) } : {}) };
    if (hidden !== null) row.hidden = { ...hidden, ...unseen };
    row.json = null;
    return row.record;
  }

  /** Does to a record what Mews shows as its end: inactive, or canceled. */
  deactivate(collection: string, id: string, at = this.now()): MewsRecord {
    const record = factsOf(this.row(collection, id));
    const end: MewsRecord = 'IsActive' in record ? { IsActive: false, ...('ActivityState' in record ? { ActivityState: 'Deleted' } : {}), ...('DeletedUtc' in record ? { DeletedUtc: iso(at) } : {}) }
      : 'AccountingState' in record ? { AccountingState: 'Canceled', ...('CanceledUtc' in record ? { CanceledUtc: iso(at) } : { State: 'Canceled' }) }
        : 'CancelledUtc' in record ? { State: 'Canceled', CancelledUtc: iso(at), CancellationReason: 'Other' } : { State: 'Canceled' };
    return this.update(collection, id, end, at);
  }

  /** Removes a record without a trace, and what is part of it: Mews never tells. */
  vanish(collection: string, id: string): void {
    const { owner } = this.row(collection, id);
    this.store(collection).remove(id);
    const part = parts[collection];
    if (part) for (const row of this.rows(part.collection, [owner]).filter(({ record }) => textsAt(record, part.path.split('.')).includes(id))) this.store(part.collection).remove(row.id);
  }

  get(collection: string, id: string): MewsRecord | undefined { return this.store(collection).get(id)?.record; }

  /** The records of an enterprise, a chain or the platform, oldest first, hidden ones too. */
  list(collection: string, owner: string): MewsRecord[] { return this.rows(collection, [owner]).map((row) => row.record); }

  rows(collection: string, owners: readonly string[]): readonly Row[] {
    this.look(owners);
    return this.store(collection).rows(owners);
  }

  /** Fills what was never looked at. */
  look(owners: readonly string[]): void { for (const owner of owners) this.ensure(owner); }

  store(collection: string): Store {
    const store = this.stores.get(collection) ?? new Store();
    this.stores.set(collection, store);
    return store;
  }

  house(enterpriseId: string): House {
    this.ensure(enterpriseId);
    const house = this.houses.get(enterpriseId);
    if (!house) throw new RangeError(`no enterprise ${enterpriseId}`);
    return house;
  }

  chainProfiles(chainId: string): ChainProfiles {
    this.ensure(chainId);
    const profiles = this.profiles.get(chainId);
    if (!profiles) throw new RangeError(`no chain ${chainId}`);
    return profiles;
  }

  // Life

  /** Some guests arrive, book, buy, pay or cancel. Deterministic by the number of ticks so far. */
  tick(atMs = this.now()): void { live(this, new Random(this.seed, 'tick', this.ticks++), atMs); }

  /** Lives through the ticks due by now, at most `most` at once; true while more are due. With the same seed and epoch it ends where it was. */
  catchUp(everyMs: number, most: number): boolean {
    const due = Math.floor((this.now() - this.epochMs) / everyMs);
    for (const end = Math.min(due, this.ticks + most); this.ticks < end;) this.tick(this.epochMs + (this.ticks + 1) * everyMs);
    return this.ticks < due;
  }

  /** Puts a record whose times are already in it. */
  readonly put: Sink = withParts((collection, owner, record, createdMs, updatedMs, hidden = null) => { this.store(collection).add(owner, { record, id: rowIdOf(collection, record), createdMs, updatedMs, hidden }); });

  private insert(collection: string, owner: string, fields: MewsRecord, createdMs: number, updatedMs: number): MewsRecord {
    this.ensure(owner);
    const fresh = freshRecord(this, this.random, collection, owner, createdMs, updatedMs);
    const record = { ...fresh.record, ...fields };
    this.put(collection, owner, record, createdMs, updatedMs, fresh.hidden);
    return record;
  }

  private openHotel(plan: HotelPlan): Enterprise {
    const chain = this.chains[plan.chain];
    if (!chain) throw new RangeError(`no chain ${plan.chain}`);
    const enterprise = makeEnterprise(this.random, plan, chain, this.epochMs);
    this.enterprises.set(enterprise.id, enterprise);
    return enterprise;
  }

  private row(collection: string, id: string): Row {
    const row = this.store(collection).get(id);
    if (!row) throw new RangeError(`no ${collection} ${id}`);
    return row;
  }

  private token(accessToken: string): AccessToken {
    const token = this.access.find(accessToken);
    if (!token) throw new RangeError('no such token');
    return token;
  }

  private ensure(owner: string): void {
    if (this.houses.has(owner) || this.profiles.has(owner)) return;
    if (owner === platform && !this.platformFilled) {
      this.platformFilled = true;
      this.fill((put) => { fillPlatform(this.seed, this.epochMs, put); });
    }
    const enterprise = this.enterprises.get(owner);
    if (enterprise) {
      const profiles = this.chainProfiles(enterprise.chain.id);
      if (!this.houses.has(owner)) this.houses.set(owner, this.fill((put) => fillEnterprise(this.seed, enterprise, profiles, this.profile, this.epochMs, put)));
      return;
    }
    const chain = this.chains.find((one) => one.id === owner);
    if (!chain) return;
    const members = [...this.enterprises.values()].filter((one) => one.chain.id === owner);
    this.profiles.set(owner, this.fill((put) => fillChain(this.seed, chain, members, this.profile, this.epochMs, put)));
    // Together, before any life: what is generated must not depend on which hotel was looked at first.
    for (const { id } of members) if (this.founding.has(id)) this.ensure(id);
  }

  /** Collects what a filler makes and adds it sorted: one by one, tens of thousands of insertions in the middle would be slow. */
  private fill<T>(make: (put: Sink) => T): T {
    const made = new Map<string, { owner: string; rows: NewRow[] }>();
    const result = make(withParts((collection, owner, record, createdMs, updatedMs, hidden = null) => {
      const entry = made.get(collection) ?? { owner, rows: [] };
      made.set(collection, entry);
      entry.rows.push({ record, id: rowIdOf(collection, record), createdMs, updatedMs, hidden });
    }));
    for (const [collection, { owner, rows }] of made) this.store(collection).addAll(owner, rows);
    return result;
  }
}
