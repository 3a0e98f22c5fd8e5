// What a worker looks for at start and every so often, one look at a time. Every worker looks: what is found must bear being found twice.
import { Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';

export abstract class Recurring implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger: Logger;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  /**
   * @param everyMs from look to look
   * @param room under which name a failed look is logged
   * @param failed what could not be done, such as 'imports could not be handed out'
   */
  protected constructor(private readonly everyMs: number, room: string, private readonly failed: string) { this.#logger = new Logger(room); }

  protected abstract look(): Promise<unknown>;

  onApplicationBootstrap(): void {
    const begin = (): void => { this.#running ??= this.#once().finally(() => { this.#running = undefined; }); };
    this.#timer = setInterval(begin, this.everyMs);
    begin();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  // The database or the queue may be away for a while: the next look finds what is still to be done.
  async #once(): Promise<void> {
    try {
      await this.look();
    } catch (error) {
      this.#logger.error(`${this.failed}: ${error instanceof Error ? error.message : 'unknown'}`);
    }
  }
}
