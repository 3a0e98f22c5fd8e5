// The api's log: one line a request, and the causes of answers that callers are not told. No query values, no bodies.
import { Injectable, type LoggerService } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '@keyrack/core';

@Injectable()
export class ApiLog implements LoggerService {
  constructor(private readonly logger: Logger) {}

  answered(request: FastifyRequest, reply: FastifyReply): void {
    const line = { method: request.method, route: routeOf(request), status: reply.statusCode, ms: Math.round(performance.now() - request.startedAt), traceId: request.traceId };
    if (reply.statusCode >= 500) this.logger.error(line, 'request failed');
    else this.logger.info(line, 'request');
  }

  failed(traceId: string, cause: unknown): void { this.logger.error({ traceId, cause: describe(cause) }, 'unexpected error'); }

  // What Nest says about itself.
  log(message: unknown, ...[context]: unknown[]): void { this.logger.debug({ context }, String(message)); }
  warn(message: unknown, ...[context]: unknown[]): void { this.logger.warn({ context }, String(message)); }
  error(message: unknown, ...[stack, context]: unknown[]): void { this.logger.error({ context, stack }, String(message)); }
}

/** The pattern, not the path: ids and slugs would make a label of every tenant. */
export const routeOf = (request: FastifyRequest): string => request.routeOptions.url ?? 'none';

/**
 * Name, message, code, stack and causes only. A driver's error also carries the query's parameters, an HTTP client's the body with its
 * tokens: those must not be written.
 */
function describe(thrown: unknown, depth = 0): unknown {
  if (!(thrown instanceof Error)) return typeof thrown;
  const code = 'code' in thrown && (typeof thrown.code === 'string' || typeof thrown.code === 'number') ? thrown.code : undefined;
  return { name: thrown.name, message: thrown.message, code, stack: thrown.stack, ...(thrown.cause !== undefined && depth < 4 && { cause: describe(thrown.cause, depth + 1) }) };
}
