// The shapes of the API's answers, as the pages use them.
export interface Page<Item> { items: Item[]; nextCursor: string | null }

export interface Upstream { status?: number | null; requestId?: string | null; message?: string | null }
export interface Problem {
  code: string; title: string; status: number; detail: string; traceId: string | null;
  errors: { pointer: string; detail: string }[];
  upstream: Upstream | null;
  data: Record<string, unknown>;
}

export type PlatformRole = 'admin' | 'operator' | 'auditor';
export type TenantRole = 'owner' | 'developer' | 'viewer';
export interface Session {
  user: { id: string; email: string; name: string; platformRole?: PlatformRole | null };
  tenants: { id: string; slug: string; name: string; role?: TenantRole | null }[];
  csrfToken: string;
}

export interface Environment { id: string; name: string; platformAddress: string; webSocketAddress?: string | null; requestLimit: { requests: number; seconds: number } }
export interface Application { id: string; name: string; version: string; client: string; environments: string[]; clientTokens: { environment: string; hint: string; updatedAt: string }[]; createdAt: string }
export interface Tenant { id: string; slug: string; name: string; state?: string; createdAt?: string }

export type TokenKind = 'enterprise' | 'portfolio';
export type TokenStatus = 'active' | 'invalid' | 'disabled' | 'revoked';
export type Via = 'direct' | 'portfolio';
/** What a run or a token keeps of the error that stopped it. */
export interface StoredError { code?: string; message?: string | null; requestId?: string | null; status?: number | null; at?: string | null }

export interface AccessToken {
  id: string; environment: string; applicationId: string; label: string | null; kind: TokenKind; status: TokenStatus; hint: string; fingerprint: string;
  enterprises: { reached: number; connected: number };
  lastVerifiedAt: string | null; lastUsedAt: string | null; lastError: StoredError | null; createdAt: string; rotatedAt: string | null; revokedAt: string | null;
}
export interface ConnectedBy { accessTokenId: string; hint: string; kind: TokenKind }
interface Opened { id: string; name: string; chainId: string; timeZone: string }
export interface Preview { kind: TokenKind; hint: string; fingerprint: string; alreadyAdded: boolean; accessTokenId: string | null; enterprises: (Opened & { connectedBy: ConnectedBy | null })[] }
export interface NewAccessToken { applicationId: string; environment: string; accessToken: string; label?: string; connect?: 'all' | 'none' | string[] }
export interface AddedAccessToken {
  id: string; kind: TokenKind; status: TokenStatus; hint: string; fingerprint: string;
  enterprises: (Opened & { via: Via; connected: boolean; connectedBy: ConnectedBy | null })[];
}
export interface Verification { gained: string[]; lost: string[]; status: TokenStatus; kind: TokenKind; lastError: StoredError | null }

export interface Enterprise {
  id: string; name: string; environment: string; chainId: string; timeZone: string; connected: boolean; tokens: number;
  connection: (ConnectedBy & { connectedAt: string; state: string }) | null;
  freshness?: Freshness; activity?: { running: number; waiting: number; queued: number; failed: number };
}
export interface ReachRow {
  accessTokenId: string; hint: string; kind: TokenKind; enterpriseId: string; enterpriseName: string; via: Via; connected: boolean;
  firstSeenAt: string; lastSeenAt: string | null; lostAt: string | null; tenantId?: string; tenant?: string;
}
export interface ReachEvent { id: string; kind: 'gained' | 'lost'; at: string; accessTokenId: string; hint: string; enterpriseId: string; enterpriseName: string }

export type RunState = 'queued' | 'running' | 'waiting' | 'succeeded' | 'failed' | 'cancelled' | 'needs_review';
export interface RunWindow { interval: string | null; startUtc: string | null; endUtc: string | null; state: 'pending' | 'done'; pages: number; records: number }
export interface Run {
  id: string; enterpriseId: string; enterpriseName: string; chainId: string | null; collection: string; mode: 'incremental' | 'full'; trigger: 'schedule' | 'request' | 'retry'; state: RunState;
  from: string | null; to: string | null; accessTokenId: string; requests: number; pages: number;
  records: { added: number; updated: number; unchanged: number; deleted: number; quarantined: number };
  windowsDone: number; windowsTotal: number; waitedMs: number; waiting: { reason: 'budget' | 'throttled' | 'retry'; until: string } | null; attempts: number;
  createdAt: string; startedAt: string | null; finishedAt: string | null; error: StoredError | null;
}
export interface RunDetail extends Run { windows: RunWindow[] }
export interface Freshness { state: 'never' | 'fresh' | 'stale' | 'unavailable'; lagSeconds: number | null }
export interface Schedule {
  id: string; enterpriseId: string; enterpriseName: string; collection: string; every: string | null; cron: string | null; timeZone: string | null; enabled: boolean;
  paused: { reason: string } | null; nextRunAt: string | null; lastRun: { id: string; state: RunState; finishedAt: string | null } | null; freshness: Freshness;
}
export interface Stats {
  collections: { collection: string; records: number; deleted: number; lastChangedAt: string | null }[];
  items: StatRow[];
  unavailable: { collection: string; enterpriseId: string | null; accessTokenId: string | null; reason: string; until: string }[];
}
export interface StatRow { collection: string; enterpriseId: string | null; chainId: string | null; records: number; deleted: number; lastChangedAt: string | null }
export interface Collection { name: string; operation: string; strategy: string; scope: string; portfolio: boolean | string; restricted: boolean }
export interface ApiKey { id: string; name: string; role: TenantRole; hint: string; expiresAt: string | null; lastUsedAt: string | null; createdAt: string }
export interface AuditEvent { id: string; seq: number; at: string; actor: { kind: 'user' | 'api_key' | 'system'; id: string; name: string }; action: string; subject: Record<string, unknown> }
export interface Overview {
  enterprises: { connected: number; reached: number };
  accessTokens: { active: number; invalid: number; disabled: number };
  runs: { running: number; waiting: number; queued: number; failedLast24h: number };
  records: number;
  attention: { code: string; title: string; count: number; detail: string }[];
  checklist: { step: string; done: boolean }[];
}
