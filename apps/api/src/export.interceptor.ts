// A download ends with the right to it: an export can take minutes, and a key that leaked is revoked meanwhile.
import { Injectable, StreamableFile, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { tap, type Observable } from 'rxjs';
import { AppError } from '@keyrack/core';
import { CHECK_EVERY_MS } from './event-stream.js';
import { openerOf, tooMany, type Opener } from './open-answers.js';

@Injectable()
export class ExportInterceptor implements NestInterceptor {
  readonly #open = new Map<StreamableFile, Opener>();

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { me, isStillAllowed } = context.switchToHttp().getRequest<FastifyRequest>();
    return next.handle().pipe(tap((answer) => { if (answer instanceof StreamableFile && me && isStillAllowed) this.#admit(answer, openerOf(me), isStillAllowed); }));
  }

  /** @throws AppError `request.rate_limited` */
  #admit(file: StreamableFile, opener: Opener, isStillAllowed: () => Promise<boolean>): void {
    const refused = tooMany('exports', this.#open.values(), opener);
    if (refused) {
      file.getStream().destroy();
      throw refused;
    }
    this.#open.set(file, opener);
    file.getStream().once('close', () => { this.#open.delete(file); });
    watch(file, isStillAllowed);
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
