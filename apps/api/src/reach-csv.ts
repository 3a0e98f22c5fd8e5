// The columns of reach and its audit as CSV.
import type { DriftRow, OfTenant, OverlapRow, ReachRow, UnusedToken } from '@keyrack/reach';
import type { TokenUser } from '@keyrack/auth';
import type { OpenedCollection } from '@keyrack/sync';

type Cell = string | number | boolean | null;
const cellsOf = <Row extends object>(columns: readonly (keyof Row)[]) => (row: Row): Cell[] => columns.map((column) => row[column] as Cell);

export const reachColumns = ['accessTokenId', 'hint', 'kind', 'enterpriseId', 'enterpriseName', 'via', 'connected', 'firstSeenAt', 'lastSeenAt', 'lostAt'] as const;
export const reachCells = cellsOf<ReachRow>(reachColumns);

const driftOwn = ['at', 'change', 'noticedBy', 'accessTokenId', 'hint', 'label', 'kind', 'enterpriseId', 'enterpriseName', 'openBefore', 'openAfter'] as const;
export const driftColumns = [...driftOwn, 'connectedById', 'connectedByHint'] as const;
export const driftCells = (row: DriftRow): Cell[] => [...cellsOf<DriftRow>(driftOwn)(row), row.connectedBy?.accessTokenId ?? null, row.connectedBy?.hint ?? null];

export const overlapColumns = ['enterpriseId', 'enterpriseName', 'tokens', 'accessTokenId', 'hint', 'label', 'kind', 'via', 'status', 'firstSeenAt', 'used', 'usedAccessTokenId', 'usedHint', 'why', 'connectionState'] as const;
export const overlapCells = cellsOf<OverlapRow>(overlapColumns);

export const unusedColumns = ['accessTokenId', 'hint', 'label', 'fingerprint', 'kind', 'status', 'environment', 'createdAt', 'ageDays', 'lastUsedAt', 'lastSyncedAt', 'lastInteractiveAt', 'lastVerifiedAt', 'unusedDays', 'opens', 'serves'] as const;
export const unusedCells = cellsOf<UnusedToken>(unusedColumns);

export const collectionColumns = ['collection', 'operation', 'personal', 'state', 'lastReadAt', 'refusedAt', 'reason', 'requestId'] as const;
export const collectionCells = cellsOf<OpenedCollection>(collectionColumns);

export const userColumns = ['kind', 'id', 'name', 'email', 'role', 'can', 'hint', 'expiresAt', 'lastUsedAt'] as const;
export const userCells = (row: TokenUser): Cell[] => [row.kind, row.id, row.name, row.email, row.role, row.can.join(' '), row.hint, row.expiresAt, row.lastUsedAt];

/** The same with the tenant in front. */
export const withTenant = <Row>(cells: (row: Row) => Cell[]) => (row: Row & OfTenant): Cell[] => [row.tenant, row.tenantId, ...cells(row)];
export const tenantColumns = ['tenant', 'tenantId'] as const;
