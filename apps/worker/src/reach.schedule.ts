// Every half minute, hands the AccessTokens whose reach is due to the queue. Runs in each worker; two at once do no harm.
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { ReachExpansion } from '@keyrack/access-tokens';
import { secondMs } from '@keyrack/core';

const everyMs = 30 * secondMs;

@Injectable()
export class ReachSchedule implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger = new Logger('reach');
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(@Inject(ReachExpansion) private readonly expansion: ReachExpansion) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => { this.#running ??= this.#look().finally(() => { this.#running = undefined; }); }, everyMs);
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  // The database or the queue may be away for a while: the tokens stay due, and the next look finds them.
  async #look(): Promise<void> {
    try {
      await this.expansion.expandDue();
    } catch (error) {
      this.#logger.error(`tokens to re-read could not be handed out: ${error instanceof Error ? error.message : 'unknown'}`);
    }
  }
}
