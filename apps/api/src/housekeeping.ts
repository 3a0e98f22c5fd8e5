// Prepares the first way in at start, and deletes what has run out every hour.
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Auth, FirstAccess } from '@keyrack/auth';
import { hourMs } from '@keyrack/core';
import { ApiLog } from './api-log.js';
import { IdempotencyInterceptor } from './idempotency.interceptor.js';

@Injectable()
export class Housekeeping implements OnApplicationBootstrap, OnApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(FirstAccess) private readonly firstAccess: FirstAccess, @Inject(Auth) private readonly auth: Auth,
    @Inject(IdempotencyInterceptor) private readonly idempotency: IdempotencyInterceptor, @Inject(ApiLog) private readonly log: ApiLog,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.firstAccess.prepare();
    this.#timer = setInterval(() => void this.#clean(), hourMs);
    this.#timer.unref();
  }

  onApplicationShutdown(): void { clearInterval(this.#timer); }

  async #clean(): Promise<void> {
    try {
      await this.auth.forgetExpired();
      await this.idempotency.forgetExpired();
    } catch (error) {
      // The next hour tries again; only the size of the tables depends on it.
      this.log.failed('housekeeping', error);
    }
  }
}
