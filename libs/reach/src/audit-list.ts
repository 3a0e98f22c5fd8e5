// A list that the audit of reach gives: of one tenant or of all, as pages and as a stream of every row. Who looks across tenants is written down.
import type { Audit } from '@keyrack/audit';
import { decodeCursor, toPage, type Actor, type Database, type Page, type PlatformTx, type TenantActor, type TenantId, type Tx } from '@keyrack/core';
import type { Key } from './reach-audit.repository.js';

const exportRows = 1_000;

/** Of one tenant, or of all. */
interface OneTenant { tenantId?: TenantId | undefined }
export interface OfTenant { tenantId: TenantId; tenant: string }
/** A cursor and a page size. */
export interface Paging { limit: number; cursor?: string | undefined }

/** One list: how it is read, continued and told. */
export interface Kind<Filter, Row extends { tenantId: TenantId }, Answer> {
  readonly read: (tx: Tx, filter: Filter & OneTenant, after: Key, limit: number) => Promise<Row[]>;
  readonly key: (row: Row) => string[];
  readonly keyLength: number;
  readonly answer: (row: Row) => Answer;
}

/** A list of one tenant or of all, as pages and as a stream of every row for exports. */
export class AuditList<Filter extends object, Row extends { tenantId: TenantId }, Answer extends object> {
  constructor(private readonly db: Database, private readonly audit: Audit, private readonly slugs: (tx: PlatformTx, ids: readonly TenantId[]) => Promise<Map<TenantId, string>>,
    private readonly view: string, private readonly kind: Kind<Filter, Row, Answer>) {}

  async list(me: TenantActor, filter: Filter, paging: Paging): Promise<Page<Answer>> {
    const rows = await this.db.inTenant(me.tenantId, (tx) => this.#page(tx, { ...filter, tenantId: me.tenantId }, paging));
    const page = toPage(rows, paging.limit, this.kind.key);
    return { ...page, items: page.items.map(this.kind.answer) };
  }

  /** Read in pieces, each in a transaction of its own, so that a slow reader holds none open. */
  async *every(me: TenantActor, filter: Filter): AsyncGenerator<Answer> {
    for (let after: Key = null, more = true; more;) {
      const rows: Row[] = await this.db.inTenant(me.tenantId, (tx) => this.kind.read(tx, { ...filter, tenantId: me.tenantId }, after, exportRows));
      yield* rows.map(this.kind.answer);
      [after, more] = this.#next(rows);
    }
  }

  /** Across tenants, or of the one that the filter names. */
  async listAll(me: Actor, filter: Filter & OneTenant, paging: Paging): Promise<Page<Answer & OfTenant>> {
    return this.db.onPlatform(`${this.view} across tenants`, async (tx) => {
      const page = toPage(await this.#page(tx, filter, paging), paging.limit, this.kind.key);
      const items = await this.#withTenants(tx, page.items);
      await this.#note(tx, me, filter.tenantId);
      return { ...page, items };
    });
  }

  async *everyOfAll(me: Actor, filter: Filter & OneTenant): AsyncGenerator<Answer & OfTenant> {
    await this.db.onPlatform(`${this.view} across tenants`, (tx) => this.#note(tx, me, filter.tenantId));
    for (let after: Key = null, more = true; more;) {
      const [rows, answers]: [Row[], (Answer & OfTenant)[]] = await this.db.onPlatform(`${this.view} across tenants`, async (tx) => {
        const found = await this.kind.read(tx, filter, after, exportRows);
        return [found, await this.#withTenants(tx, found)] as const satisfies [Row[], (Answer & OfTenant)[]];
      });
      yield* answers;
      [after, more] = this.#next(rows);
    }
  }

  #page(tx: Tx, filter: Filter & OneTenant, { limit, cursor }: Paging): Promise<Row[]> {
    return this.kind.read(tx, filter, decodeCursor(cursor, this.kind.keyLength), limit + 1);
  }

  #next(rows: readonly Row[]): [Key, boolean] {
    const last = rows.at(-1);
    return last && rows.length === exportRows ? [this.kind.key(last), true] : [null, false];
  }

  async #withTenants(tx: PlatformTx, rows: readonly Row[]): Promise<(Answer & OfTenant)[]> {
    const slugs = await this.slugs(tx, [...new Set(rows.map((row) => row.tenantId))]);
    return rows.map((row) => ({ ...this.kind.answer(row), tenantId: row.tenantId, tenant: slugs.get(row.tenantId) ?? '' }));
  }

  #note(tx: PlatformTx, me: Actor, tenantId: TenantId | undefined): Promise<void> {
    return this.audit.record(tx, me, { action: 'reach.read_across_tenants', view: this.view, tenantId: tenantId ?? null });
  }
}
