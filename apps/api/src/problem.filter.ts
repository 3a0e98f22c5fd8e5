// Turns whatever was thrown into application/problem+json (RFC 9457). Only AppError speaks to callers; everything else is `internal`.
import { Catch, HttpException, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError, errorKinds, isStoreAway, secondMs, type ErrorCode } from '@keyrack/core';
import { ApiLog } from './api-log.js';
import { pointer } from './validation.pipe.js';

export const problemSchema = z.object({
  type: z.string(), code: z.string().describe('Stable: noun.reason'), title: z.string(), status: z.int(), detail: z.string(), traceId: z.string(),
  errors: z.array(z.object({ pointer: z.string().describe('JSON pointer into the body, or the name of a parameter'), detail: z.string() })).optional().describe('The first 100 at the most'),
  upstream: z.object({ status: z.int(), requestId: z.string().optional(), message: z.string().optional() }).optional().describe('What Mews answered'),
}).meta({ id: 'Problem' });
type Problem = z.infer<typeof problemSchema>;

@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(ApiLog) private readonly log: ApiLog) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const [request, reply] = [http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>()];
    if (isPageRequest(thrown, request, reply)) return void reply.header('cache-control', 'no-cache').sendFile('index.html');
    const error = unstorable(thrown, request) ?? toAppError(thrown);
    if (error.status >= 500) this.log.failed(request.traceId, thrown);
    if (reply.sent || reply.raw.headersSent) return void reply.raw.destroy();
    answerProblem(reply, error, request.traceId);
  }
}

export function answerProblem(reply: FastifyReply, error: AppError, traceId: string): void {
  if (error.retryAfterMs !== undefined) reply.header('retry-after', Math.ceil(error.retryAfterMs / 1_000));
  if (error.status === 401) reply.header('www-authenticate', 'Bearer');
  reply.status(error.status).header('content-type', 'application/problem+json').send(JSON.stringify(toProblem(error, traceId)));
}

export function toProblem(error: AppError, traceId: string): Problem {
  const { title, status } = errorKinds[error.code];
  const { code, detail, errors, upstream, data } = error;
  return {
    ...data, type: 'about:blank', code, title, status, detail: withoutLongWords(detail), traceId,
    ...(errors && { errors: errors.map((one) => ({ pointer: withoutLongWords(one.pointer), detail: withoutLongWords(one.detail) })) }), ...(upstream && { upstream }),
  };
}

/** What a caller sent is repeated to show the mistake; no name or id of ours is as long as a token, which may have slipped into any place. */
const withoutLongWords = (text: string): string => text.replaceAll(/[\w+=-]{41,}/g, '…');

function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  if (hasToAppError(thrown)) return thrown.toAppError();
  if (isStoreAway(thrown)) return new AppError('store.unavailable', { detail: 'The database does not answer at the moment: try again in a few seconds. With an Idempotency-Key nothing is done twice', retryAfterMs: 5 * secondMs, cause: thrown });
  const code = frameworkCode(thrown), detail = fixes[code];
  return new AppError(code, { cause: thrown, ...(detail !== undefined && { detail }) });
}

/** What to send instead of what the framework refused. */
const fixes: Partial<Record<ErrorCode, string>> = {
  'request.malformed': 'The body is not valid JSON, or has a key such as __proto__',
  'request.too_large': 'Send at most 1 MiB, a file of AccessTokens at most 16 MiB',
  'request.unsupported_media_type': 'Send JSON with Content-Type: application/json, a file of AccessTokens with text/csv',
};

/** This process will not answer any more; another one does, or this one's successor. */
export const stopping = (): AppError => new AppError('server.stopping', { detail: 'This process is stopping: send the request again', retryAfterMs: secondMs });

/**
 * Input that no schema can see through and Postgres refuses: the NUL character, which JSON and addresses may hold and a text of
 * Postgres may not; and a cursor that was put together by hand, whose parts are read as ids and times only in the query.
 */
function unstorable(thrown: unknown, { body, query, params }: FastifyRequest): AppError | null {
  const state = thrown instanceof Error && 'severity' in thrown && 'code' in thrown ? thrown.code : null, isNul = state === '22021' || state === '22P05';
  const nuls = isNul ? [...[...nulsIn(body)].map(pointer), ...[...nulsIn(query), ...nulsIn(params)].map((path) => path.join('.'))] : [];
  if (nuls.length > 0) return new AppError('request.invalid', { errors: nuls.map((where) => ({ pointer: where, detail: 'holds the character NUL (U+0000), which cannot be stored: remove it' })), cause: thrown });
  const isCursor = (isNul || state === '22P02' || state === '22007' || state === '22008' || state === '22003') && typeof query === 'object' && query !== null && 'cursor' in query;
  if (!isCursor) return null;
  return new AppError('request.invalid', { errors: [{ pointer: 'cursor', detail: 'is not a cursor of this list; leave it out to start from the beginning' }], cause: thrown });
}

/** The paths of the texts that hold a NUL. */
function* nulsIn(value: unknown, path: string[] = []): Generator<string[]> {
  if (typeof value === 'string' && value.includes('\0')) yield path;
  if (typeof value === 'object' && value !== null) for (const [key, inner] of Object.entries(value)) yield* nulsIn(inner, [...path, key]);
}

/** What Nest and Fastify throw before a controller is reached. */
function frameworkCode(thrown: unknown): ErrorCode {
  const status = thrown instanceof HttpException ? thrown.getStatus() : statusOf(thrown);
  switch (status) {
    case 400: case 414: return 'request.malformed';
    case 404: case 405: return 'route.not_found';
    case 413: return 'request.too_large';
    case 415: return 'request.unsupported_media_type';
    default: return 'internal';
  }
}

const statusOf = (thrown: unknown): number | undefined =>
  thrown instanceof Error && 'code' in thrown && String(thrown.code).startsWith('FST_') && 'statusCode' in thrown && typeof thrown.statusCode === 'number'
    ? thrown.statusCode : undefined;

const hasToAppError = (thrown: unknown): thrown is { toAppError(): AppError } =>
  thrown instanceof Error && 'toAppError' in thrown && typeof thrown.toAppError === 'function';

/** A browser that opens an address of the admin UI, which only the UI's own router knows. */
const isPageRequest = (thrown: unknown, { method, url, headers }: FastifyRequest, reply: FastifyReply): boolean =>
  thrown instanceof HttpException && thrown.getStatus() === 404 && method === 'GET' && (headers.accept ?? '').includes('text/html')
  && !/^\/(v1|api|hooks|docs)(\/|$|\?)/.test(url) && 'sendFile' in reply;
