// The audit of reach: who reaches what, drift, overlaps, unused tokens, of one tenant and across all.
import { Injectable } from '@nestjs/common';
import { Audit } from '@keyrack/audit';
import { Database, dayMs, withIsoTimes, type AccessTokenId, type TenantId, type TenantTx } from '@keyrack/core';
import { AuditList, type Kind } from './audit-list.js';
import { whyUsed } from './reach.js';
import { ReachAuditRepository, type DriftFilter, type OverlapsFilter, type StoredDrift, type StoredOverlap, type StoredUnused, type UnusedFilter } from './reach-audit.repository.js';
import type { DriftQuery, DriftRow, OpenedCounts, OverlapRow, UnusedToken } from './reach-audit.schemas.js';
import { ReachRepository, type ReachFilter, type StoredReach } from './reach.repository.js';
import { publicRow } from './reach.service.js';
import type { ReachRow } from './reach.schemas.js';

const driftDays = 30;

@Injectable()
export class ReachAudit {
  readonly reach: AuditList<ReachFilter, StoredReach, ReachRow>;
  readonly drift: AuditList<DriftFilter, StoredDrift, DriftRow>;
  readonly overlaps: AuditList<OverlapsFilter, StoredOverlap, OverlapRow>;
  readonly unused: AuditList<UnusedFilter, StoredUnused, UnusedToken>;

  constructor(db: Database, audit: Audit, private readonly rows: ReachAuditRepository, reach: ReachRepository) {
    const listOf = <Filter extends object, Row extends { tenantId: TenantId }, Answer extends object>(view: string, kind: Kind<Filter, Row, Answer>) =>
      new AuditList(db, audit, (tx, ids) => reach.slugs(tx, ids), view, kind);
    this.reach = listOf('reach', {
      read: (tx, filter: ReachFilter, after, limit) => reach.list(tx, filter, after, limit), answer: publicRow,
      key: (row) => [row.tenantId, row.accessTokenId, row.enterpriseId, row.firstSeenAt.toISOString()], keyLength: 4,
    });
    this.drift = listOf('drift of reach', {
      read: (tx, filter: DriftFilter, after, limit) => rows.drift(tx, filter, after, limit), answer: driftAnswer, key: (row) => [row.at.toISOString(), row.id], keyLength: 2,
    });
    this.overlaps = listOf('overlaps of reach', {
      read: (tx, filter: OverlapsFilter, after, limit) => rows.overlaps(tx, filter, after, limit), answer: overlapAnswer,
      key: (row) => [row.tenantId, row.enterpriseName, row.enterpriseId, row.accessTokenId], keyLength: 4,
    });
    this.unused = listOf('unused tokens', {
      read: (tx, filter: UnusedFilter, after, limit) => rows.unused(tx, filter, after, limit), answer: unusedAnswer, key: (row) => [row.idleSince.toISOString(), row.accessTokenId], keyLength: 2,
    });
  }

  /** How much a token opens, now or at a time before. */
  async opened(tx: TenantTx, token: AccessTokenId, at?: Date): Promise<OpenedCounts> {
    return this.rows.opened(tx, tx.tenantId, token, at);
  }
}

/** The period of a query, which ends now and is 30 days long unless told. */
export function periodOf<Query extends Pick<DriftQuery, 'from' | 'to'>>(query: Query): Query & { from: Date; to: Date } {
  const to = query.to ?? new Date();
  return { ...query, to, from: query.from ?? new Date(to.getTime() - driftDays * dayMs) };
}

function driftAnswer({ tenantId: _, servedById, servedByHint, servedByKind, ...row }: StoredDrift): DriftRow {
  return { ...withIsoTimes(row), connectedBy: servedById && { accessTokenId: servedById, hint: servedByHint, kind: servedByKind } };
}

function overlapAnswer({ tenantId: _, own, usedKind, ...row }: StoredOverlap): OverlapRow {
  return { ...withIsoTimes(row), used: row.usedAccessTokenId === row.accessTokenId, why: usedKind && whyUsed(usedKind, row.tokens, own) };
}

function unusedAnswer({ tenantId: _, idleSince: __, ...row }: StoredUnused): UnusedToken {
  return withIsoTimes(row);
}
