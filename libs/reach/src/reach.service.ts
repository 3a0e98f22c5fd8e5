// Who can reach what, now and at any time before: lists, events, exports, and the writing of a sweep.
import { Injectable } from '@nestjs/common';
import { Database, decodeCursor, toPage, withIsoTimes, type AccessTokenId, type EnterpriseId, type Page, type TenantActor, type TenantTx, type Tx } from '@keyrack/core';
import { diffReach, type ReachDiff } from './reach.js';
import { ReachRepository, type ReachFilter, type StoredReach, type SweptToken } from './reach.repository.js';
import type { PlatformReachRow, ReachEvent, ReachEventsQuery, ReachQuery, ReachRow } from './reach.schemas.js';

const exportRows = 1_000;

@Injectable()
export class Reach {
  constructor(private readonly db: Database, private readonly reach: ReachRepository) {}

  async list(me: TenantActor, query: ReachQuery): Promise<Page<ReachRow>> {
    const rows = await this.db.inTenant(me.tenantId, (tx) => this.reach.list(tx, query, decodeCursor(query.cursor, 4), query.limit + 1));
    const page = toPage(rows, query.limit, keyOf);
    return { ...page, items: page.items.map(publicRow) };
  }

  /** Across all tenants, for the platform's auditors. */
  async listAll(query: ReachQuery): Promise<Page<PlatformReachRow>> {
    return this.db.onPlatform('reach across tenants', async (tx) => {
      const page = toPage(await this.reach.list(tx, query, decodeCursor(query.cursor, 4), query.limit + 1), query.limit, keyOf);
      return { ...page, items: await this.#withTenants(tx, page.items) };
    });
  }

  /** Every row that matches, for exports; read in pieces, each in a transaction of its own, so that a slow reader holds none open. */
  async *every(me: TenantActor, filter: ReachFilter): AsyncGenerator<ReachRow> {
    let after: string[] | null = null;
    do {
      const rows: StoredReach[] = await this.db.inTenant(me.tenantId, (tx) => this.reach.list(tx, filter, after, exportRows));
      yield* rows.map(publicRow);
      after = nextKey(rows);
    } while (after);
  }

  async *everyOfAll(filter: ReachFilter): AsyncGenerator<PlatformReachRow> {
    let after: string[] | null = null;
    do {
      const [rows, answers] = await this.db.onPlatform('reach across tenants', async (tx): Promise<[StoredReach[], PlatformReachRow[]]> => {
        const found = await this.reach.list(tx, filter, after, exportRows);
        return [found, await this.#withTenants(tx, found)];
      });
      yield* answers;
      after = nextKey(rows);
    } while (after);
  }

  async events(me: TenantActor, query: ReachEventsQuery): Promise<Page<ReachEvent>> {
    const rows = await this.db.inTenant(me.tenantId, (tx) => this.reach.events(tx, query, decodeCursor(query.cursor, 2), query.limit + 1));
    const page = toPage(rows, query.limit, (event) => [event.at.toISOString(), event.id]);
    return { ...page, items: page.items.map(withIsoTimes) };
  }

  /** Records what Mews listed for a token. The caller holds the token's row lock and writes the audit event. */
  async record(tx: TenantTx, token: SweptToken, listed: readonly EnterpriseId[], at: Date): Promise<ReachDiff> {
    const diff = diffReach(await this.reach.current(tx, token.id), listed);
    if (diff.gained.length + diff.lost.length > 0) await this.reach.applySweep(tx, token, diff, at);
    await this.reach.setVia(tx, token.id, token.via);
    return diff;
  }

  async current(tx: TenantTx, token: AccessTokenId): Promise<EnterpriseId[]> {
    return this.reach.current(tx, token);
  }

  async #withTenants(tx: Tx, rows: readonly StoredReach[]): Promise<PlatformReachRow[]> {
    const slugs = await this.reach.slugs(tx, [...new Set(rows.map((row) => row.tenantId))]);
    return rows.map((row) => ({ ...publicRow(row), tenantId: row.tenantId, tenant: slugs.get(row.tenantId) ?? '' }));
  }
}

const keyOf = (row: StoredReach): string[] => [row.tenantId, row.accessTokenId, row.enterpriseId, row.firstSeenAt.toISOString()];

function nextKey(rows: readonly StoredReach[]): string[] | null {
  const last = rows.at(-1);
  return rows.length === exportRows && last ? keyOf(last) : null;
}

function publicRow({ tenantId: _, ...row }: StoredReach): ReachRow {
  return withIsoTimes(row);
}
