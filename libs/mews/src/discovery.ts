// What a token opens: its configuration, and the enterprises that Mews lists for it.
import { z } from 'zod';
import { idSchema, type ChainId, type EnterpriseId } from '@keyrack/core';
import { collection } from './collections.js';
import { storable } from './mews-answer.js';
import type { CallOptions, MewsClient, MewsTarget } from './mews-client.js';
import { MewsError } from './mews-error.js';
import { nextCursor, readPage } from './page.js';
import { buildPageRequest } from './page-request.js';

// Loose: properties that we do not know are kept and do no harm; those that we need are checked.
const instant = z.string().pipe(z.coerce.date()), line = z.string().transform(storable);
const enterprise = z.looseObject({
  Id: idSchema<EnterpriseId>(),
  ChainId: idSchema<ChainId>(),
  ChainName: z.string().nullish(),
  Name: line,
  TimeZoneIdentifier: line,
  CreatedUtc: instant,
  UpdatedUtc: instant.nullish(),
  LinkedUtc: instant.nullish(),
  DefaultLanguageCode: z.string().nullish(),
});
const configuration = z.looseObject({
  NowUtc: instant.nullish(),
  Enterprise: enterprise.extend({ IsPortfolio: z.boolean().nullish() }),
});

export type MewsEnterprise = z.infer<typeof enterprise>;
export type MewsConfiguration = z.infer<typeof configuration>;

const pageSize = 1_000;
/** Far more than any portfolio has; a server that always has another page must not hold us for ever. */
const pagesMax = 1_000;
const interactive: CallOptions = { use: 'interactive', maxWaitMs: 20_000 };

/** The enterprise that the token stands for; for a portfolio's token a dummy with `IsPortfolio`. */
export async function readConfiguration(client: MewsClient, target: MewsTarget, options: CallOptions = interactive): Promise<MewsConfiguration> {
  const { body, requestId } = await client.call(target, 'configuration/get', {}, options);
  return checked('configuration/get', configuration, body, requestId);
}

/**
 * Every enterprise that Mews lists for the token, to the last page.
 * @throws MewsError `invalid_answer` when there is no list, or any enterprise in it is unreadable: what is not listed would look lost.
 */
export async function listEnterprises(client: MewsClient, target: MewsTarget, options: CallOptions = interactive): Promise<MewsEnterprise[]> {
  const entry = collection('enterprises');
  if (!entry) throw new Error('the table of collections has no enterprises');
  const found = new Map<EnterpriseId, MewsEnterprise>();
  let cursor: string | null = null;
  for (let pages = 0; pages < pagesMax; pages += 1) {
    const request = buildPageRequest(entry, { enterpriseIds: [], chainIds: [], filter: {}, interval: null, count: pageSize, cursor });
    const { body, bytes, requestId } = await client.call(target, entry.path, request, options);
    for (const one of checked(entry.path, z.looseObject({ Enterprises: z.array(enterprise).nullable() }), body, requestId).Enterprises ?? []) found.set(one.Id, one);
    cursor = nextCursor(entry, readPage(entry, bytes), pageSize, cursor);
    if (cursor === null) return [...found.values()];
  }
  throw new MewsError('invalid_answer', entry.path, { detail: `the list of enterprises has no end after ${pagesMax} pages` });
}

function checked<T>(path: string, schema: z.ZodType<T>, body: unknown, requestId: string | null): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const where = result.error.issues.slice(0, 3).map((issue) => issue.path.join('.')).join(', ');
  throw new MewsError('invalid_answer', path, { requestId, executed: 'perhaps', detail: `the answer is not as documented at ${where || 'its root'}` });
}
