// At start and every minute, hands tenants whose deletion is not done to the queue: a job may have been lost, or its worker killed.
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { minuteMs } from '@keyrack/core';
import { Queue } from '@keyrack/queue';
import { eraseTenant, Erasure } from '@keyrack/tenants';

@Injectable()
export class ErasureSchedule implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger = new Logger('tenants');
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(@Inject(Erasure) private readonly erasure: Erasure, @Inject(Queue) private readonly queue: Queue) {}

  onApplicationBootstrap(): void {
    const look = (): void => { this.#running ??= this.#look().finally(() => { this.#running = undefined; }); };
    this.#timer = setInterval(look, minuteMs);
    look();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  // The database or the queue may be away for a while: the tenants stay as they are, and the next look finds them.
  async #look(): Promise<void> {
    try {
      for (const tenantId of await this.erasure.pending()) await this.queue.enqueue(eraseTenant, { tenantId }, { id: tenantId });
    } catch (error) {
      this.#logger.error(`tenants to erase could not be handed out: ${error instanceof Error ? error.message : 'unknown'}`);
    }
  }
}
