// A query that its route does not read must not be passed over where something changes: whoever adds `dryRun` to a route that has none means it.
import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { AppError } from '@keyrack/core';
import { notKnown } from './validation.pipe.js';

@Injectable()
export class UnreadQueryInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { method, query } = context.switchToHttp().getRequest<FastifyRequest>(), given = Object.keys(query as object);
    if (method !== 'GET' && method !== 'HEAD' && given.length > 0 && !readsQuery(context)) throw new AppError('request.invalid', { errors: given.map(notKnown) });
    return next.handle();
  }
}

function readsQuery(context: ExecutionContext): boolean {
  const args: unknown = Reflect.getMetadata(ROUTE_ARGS_METADATA, context.getClass(), context.getHandler().name);
  return Object.keys(args ?? {}).some((kind) => kind.startsWith(`${RouteParamtypes.QUERY}:`));
}
