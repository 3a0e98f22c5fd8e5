// At start and every half minute, hands imports that nobody works on to the queue: a job may have been lost, or its worker killed.
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Imports } from '@keyrack/access-tokens';
import { secondMs } from '@keyrack/core';

@Injectable()
export class ImportSchedule implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger = new Logger('access tokens');
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(@Inject(Imports) private readonly imports: Imports) {}

  onApplicationBootstrap(): void {
    const look = (): void => { this.#running ??= this.#look().finally(() => { this.#running = undefined; }); };
    this.#timer = setInterval(look, 30 * secondMs);
    look();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  // The database or the queue may be away for a while: the imports stay open, and the next look finds them.
  async #look(): Promise<void> {
    try {
      await this.imports.resume();
    } catch (error) {
      this.#logger.error(`imports could not be handed out: ${error instanceof Error ? error.message : 'unknown'}`);
    }
  }
}
