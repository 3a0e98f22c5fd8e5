// What a run is: its states, its shape outside, and why it waits or ends.
import { z } from 'zod';
import type { AccessTokenId, ChainId, EnterpriseId, EnvironmentId, RunId, TenantId } from '@keyrack/core';
import { ownerOf, type CollectionEntry } from '@keyrack/mews';
import type { WindowPlan } from './plan.js';

export const runStates = ['queued', 'running', 'waiting', 'succeeded', 'failed', 'cancelled', 'needs_review'] as const;
export type RunState = (typeof runStates)[number];
export const liveStates: readonly RunState[] = ['queued', 'running', 'waiting'];

export const runMode = z.enum(['incremental', 'full']);
export type RunMode = z.infer<typeof runMode>;

export const runTrigger = z.enum(['schedule', 'request', 'retry']);
export type RunTrigger = z.infer<typeof runTrigger>;

/** `budget`: our own count of requests is used up. `throttled`: Mews answered 429. `retry`: Mews or the way to it failed. `outage`: our database or queue was away. `paused`: a person said so. */
export const waitReasons = ['budget', 'throttled', 'retry', 'outage', 'paused'] as const;
export type WaitReason = (typeof waitReasons)[number];

/** The first priority of what takes long. */
export const LONG = 150;
const lanes = { asked: 50, due: 100, long: LONG } as const;

/**
 * Of a tenant's runs the lowest goes first: what a person wants fresh, then what is due, then what takes `long` (first loads, full runs and backfills
 * that were asked for), which would hold all places for hours. Within each, what others depend on.
 */
export const priorityOf = ({ stage }: Pick<CollectionEntry, 'stage'>, lane: keyof typeof lanes): number => lanes[lane] + stage;

/** Of what a person asks for. */
export const laneOf = ({ mode, bounded }: { mode: RunMode; bounded: boolean }): keyof typeof lanes => (bounded || mode === 'full' ? 'long' : 'asked');

export interface RunError { code: string; message: string; status?: number; requestId?: string }

const instant = z.iso.datetime();

export const runWindowShape = z.object({
  interval: z.string().nullable(), startUtc: instant.nullable(), endUtc: instant.nullable(),
  state: z.enum(['pending', 'done']), pages: z.int(), records: z.int(),
}).meta({ id: 'RunWindow' });

export const runShape = z.object({
  id: z.guid(),
  enterpriseId: z.guid(),
  enterpriseName: z.string(),
  chainId: z.guid().nullable().describe('Set where the records belong to the chain rather than to the enterprise'),
  collection: z.string(),
  mode: runMode,
  trigger: runTrigger,
  state: z.enum(runStates),
  from: instant.nullable(),
  to: instant.nullable(),
  accessTokenId: z.guid(),
  accessTokenHint: z.string().describe('The end of the token'),
  requests: z.int(),
  pages: z.int(),
  records: z.object({ added: z.int(), updated: z.int(), unchanged: z.int(), deleted: z.int(), quarantined: z.int() }),
  leftOut: z.array(z.string()).describe('Ids of parents that Mews refused as unknown: the run went on without them, and what belonged to them counts as no longer listed'),
  windowsDone: z.int(),
  windowsTotal: z.int(),
  waitedMs: z.int(),
  waiting: z.object({ reason: z.enum(waitReasons), until: instant.nullable().describe('Null while paused') }).nullable(),
  leadRunId: z.guid().nullable().describe('The run whose requests serve this one too: one stream for several enterprises of a Portfolio Access Token'),
  attempts: z.int().describe('Failures in a row since the last page'),
  createdAt: instant,
  startedAt: instant.nullable(),
  finishedAt: instant.nullable(),
  error: z.object({ code: z.string(), message: z.string(), status: z.int().optional(), requestId: z.string().optional() }).nullable(),
}).meta({ id: 'Run' });
export type RunView = z.infer<typeof runShape>;

export const runDetailShape = runShape.extend({ windows: z.array(runWindowShape) }).meta({ id: 'RunDetail' });
export type RunDetail = z.infer<typeof runDetailShape>;

/** A run in the hands of a worker. A `fence` that is no longer the row's can write nothing. */
export interface ClaimedRun {
  tenantId: TenantId; id: RunId; fence: number;
  collection: string; source: string; environmentId: EnvironmentId;
  enterpriseId: EnterpriseId; chainId: ChainId; enterpriseCreatedUtc: Date; accessTokenId: AccessTokenId;
  /** Of the AccessToken that the run came with. */
  tokenKind: 'enterprise' | 'portfolio';
  mode: RunMode; trigger: RunTrigger; from: Date | null; to: Date | null;
  planned: boolean; highWater: Date | null;
  sweeps: boolean; attempts: number;
  /** Asked by the operation that takes the place of one which answered 401. */
  fallback: boolean;
  /** AccessTokens that Mews refused during this run. */
  refused: AccessTokenId[];
  /** Must not share its requests with other enterprises. */
  apart: boolean;
  /** The run itself, and those whose requests it makes too. */
  members: readonly Member[];
  /** Ids that Mews refused as unknown during this run: it goes on without them. */
  leftOut: string[];
  /** Requests that were sent and are not in the ledger yet. */
  unrecorded: number;
  /** The database's time after its last claim or page: the next page is asked for later. */
  askedAfter: Date;
  /** Enterprises of services that its records name, as far as they were looked up. */
  serviceOwners: Map<string, string>;
}

/** One enterprise's part in a stream of requests. */
export interface Member extends Pick<ClaimedRun, 'id' | 'source' | 'enterpriseId' | 'chainId' | 'enterpriseCreatedUtc'> {
  /** Not so when a person paused or cancelled it: it is still asked for, but nothing is written. */
  live: boolean;
}

/** A window as stored, with how far it has come. `begunAgain`: Mews did not know its cursor any more. `last`: no other is left to be read. */
export interface RunWindow extends WindowPlan { ord: number; cursor: string | null; pages: number; records: number; begunAgain: boolean; last: boolean }

/** What a run pulls: an enterprise's records, a chain's as this AccessToken sees them, or the platform's, which are the same for all. */
export function sourceOf(entry: CollectionEntry, run: { enterpriseId: string; chainId: string; accessTokenId: string; environmentId: string }): string {
  switch (ownerOf(entry)) {
    case 'enterprise': return run.enterpriseId;
    case 'chain': return `${run.chainId}:${run.accessTokenId}`;
    case 'platform': return `${PLATFORM_SOURCE}${run.environmentId}`;
  }
}

export const PLATFORM_SOURCE = 'platform:';
