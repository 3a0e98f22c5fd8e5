// A download ends with the right to it: an export can take minutes, and a key that leaked is revoked meanwhile.
import { Injectable, StreamableFile, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { tap, type Observable } from 'rxjs';
import { AppError } from '@keyrack/core';
import { CHECK_EVERY_MS } from './event-stream.js';

@Injectable()
export class ExportInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { isStillAllowed } = context.switchToHttp().getRequest<FastifyRequest>();
    return next.handle().pipe(tap((answer) => { if (answer instanceof StreamableFile && isStillAllowed) watch(answer, isStillAllowed); }));
  }
}

/** Breaks the connection off, so that a part does not pass for the whole. */
function watch(file: StreamableFile, isStillAllowed: () => Promise<boolean>): void {
  const stream = file.getStream();
  let asking: Promise<void> | undefined;
  const timer = setInterval(() => {
    asking ??= isStillAllowed().catch(() => false).then((may) => {
      asking = undefined;
      if (!may) stream.destroy(new AppError('auth.required'));
    });
  }, CHECK_EVERY_MS);
  stream.once('close', () => { clearInterval(timer); });
}
