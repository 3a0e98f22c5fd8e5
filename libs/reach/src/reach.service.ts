// Who can reach what, now and at any time before: lists, events, exports, and the writing of a sweep.
import { Injectable } from '@nestjs/common';
import { Database, decodeCursor, toPage, withIsoTimes, type AccessTokenId, type EnterpriseId, type Page, type TenantActor, type TenantTx, type Tx } from '@keyrack/core';
import { stringify } from 'csv-stringify/sync';
import { diffReach, type ReachDiff } from './reach.js';
import { ReachRepository, type ReachFilter, type StoredReach, type SweptToken } from './reach.repository.js';
import type { PlatformReachRow, ReachEvent, ReachEventsQuery, ReachQuery, ReachRow } from './reach.schemas.js';

const csvChunkRows = 2_000;
const csvColumns = ['accessTokenId', 'hint', 'kind', 'enterpriseId', 'enterpriseName', 'via', 'connected', 'firstSeenAt', 'lastSeenAt', 'lostAt'];

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

  /** CSV of everything that matches, in pieces: the next piece is read only when the reader has taken the last. */
  csv(me: TenantActor, filter: ReachFilter): AsyncGenerator<string> {
    return inCsv(csvColumns, (after) => this.db.inTenant(me.tenantId, async (tx) => {
      const rows = await this.reach.list(tx, filter, after, csvChunkRows);
      return { rows: rows.map(publicRow), next: nextKey(rows) };
    }));
  }

  csvAll(filter: ReachFilter): AsyncGenerator<string> {
    return inCsv(['tenant', 'tenantId', ...csvColumns], (after) => this.db.onPlatform('reach across tenants', async (tx) => {
      const rows = await this.reach.list(tx, filter, after, csvChunkRows);
      return { rows: await this.#withTenants(tx, rows), next: nextKey(rows) };
    }));
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
  return rows.length === csvChunkRows && last ? keyOf(last) : null;
}

function publicRow({ tenantId: _, ...row }: StoredReach): ReachRow {
  return withIsoTimes(row);
}

async function* inCsv(columns: string[], read: (after: string[] | null) => Promise<{ rows: object[]; next: string[] | null }>): AsyncGenerator<string> {
  yield stringify([], { header: true, columns });
  let after: string[] | null = null;
  do {
    const { rows, next }: { rows: object[]; next: string[] | null } = await read(after);
    // A hotel may be called "=HYPERLINK(...)": a spreadsheet must show it, not run it.
    yield stringify(rows, { columns, escape_formulas: true, cast: { boolean: String } });
    after = next;
  } while (after);
}
