// The answer of a sync that is only tried out.
import { z } from 'zod';
import { runMode } from './run.js';

const instant = z.iso.datetime();

/** `backfill`: of the period that was asked for. `mixed`: some enterprises in full, others what changed. */
const previewMode = z.enum([...runMode.options, 'backfill', 'mixed']);

export const notStartedReasons = ['running', 'backfill_under_way', 'unavailable', 'not_connected'] as const;

export const previewedCollection = z.object({
  collection: z.string(), mode: previewMode, runs: z.int(),
  boundedBy: z.array(z.string()).describe('The intervals of Mews that the period is asked by; empty where Mews has none and all is read'),
  windows: z.array(z.object({
    interval: z.string().nullable().describe('Null where everything is asked for at once'), startUtc: instant.nullable(), endUtc: instant.nullable(),
    requests: z.int().describe('One for each enterprise and batch of ids, and one more for each thousand of the records that are known of it'),
  })).describe('Newest first; the first 1,000 of them'),
  windowsTotal: z.int(),
  recordsKnown: z.int().describe('Records that are stored already and will be read again, as far as the windows are of the update time'),
  requestsAtLeast: z.int().describe('The sum over the windows: exact where no record is unknown, since Mews does not say how many there are'),
  waitsFor: z.array(z.string()).describe('Collections by whose ids this one is asked for and that must be read first: its requests are known only then'),
  note: z.string().nullable(),
});

export const syncPreviewShape = z.object({
  mode: previewMode, from: instant.nullable(), to: instant.nullable(),
  runs: z.int(), requestsAtLeast: z.int(),
  secondsAtLeast: z.int().describe('Under the request budget of the AccessToken that takes longest, if nothing else uses it'),
  collections: z.array(previewedCollection),
  accessTokens: z.array(z.object({
    accessTokenId: z.guid(), hint: z.string(), requestsAtLeast: z.int(), secondsAtLeast: z.int(),
    budget: z.object({ requests: z.int(), seconds: z.int() }).describe('What a sync may send in any so many seconds'),
  })),
  notStarted: z.array(z.object({
    enterpriseId: z.guid(), enterpriseName: z.string(), collection: z.string().nullable().describe('Null for all of the enterprise'),
    reason: z.enum(notStartedReasons), detail: z.string(), runId: z.guid().nullable(),
  })),
}).meta({ id: 'SyncPreview' });
export type SyncPreview = z.infer<typeof syncPreviewShape>;
export type PreviewedCollection = z.infer<typeof previewedCollection>;
export type NotStarted = SyncPreview['notStarted'][number];
