// The events of reach, and the writing of a sweep. What is reached, and was at any time before, is listed by reach-audit.ts.
import { Injectable } from '@nestjs/common';
import { Database, decodeCursor, toPage, withIsoTimes, type EnterpriseId, type Page, type TenantActor, type TenantTx } from '@keyrack/core';
import { diffReach, type ReachDiff } from './reach.js';
import { ReachRepository, type StoredReach, type SweepTime, type SweptToken } from './reach.repository.js';
import type { ReachEvent, ReachEventsQuery, ReachRow } from './reach.schemas.js';

@Injectable()
export class Reach {
  constructor(private readonly db: Database, private readonly reach: ReachRepository) {}

  async events(me: TenantActor, query: ReachEventsQuery): Promise<Page<ReachEvent>> {
    const rows = await this.db.inTenant(me.tenantId, (tx) => this.reach.events(tx, query, decodeCursor(query.cursor, 2), query.limit + 1));
    const page = toPage(rows, query.limit, (event) => [event.at.toISOString(), event.id]);
    return { ...page, items: page.items.map(withIsoTimes) };
  }

  /** Records what Mews listed for a token. The caller holds the token's row lock and writes the audit event. */
  async record(tx: TenantTx, token: SweptToken, listed: readonly EnterpriseId[], sweep: SweepTime): Promise<ReachDiff> {
    const diff = diffReach(await this.reach.current(tx, token.id), listed);
    if (diff.gained.length + diff.lost.length > 0) await this.reach.applySweep(tx, token, diff, sweep);
    await this.reach.setVia(tx, token.id, token.via);
    return diff;
  }
}

export function publicRow({ tenantId: _, ...row }: StoredReach): ReachRow {
  return withIsoTimes(row);
}
