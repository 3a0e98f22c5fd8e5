// Turns the dispatcher and keeps the leases of this process alive. Every worker runs it; one at a time leads.
import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Config, LOGGER, minuteMs, secondMs, type Logger } from '@keyrack/core';
import { Dispatcher, Runner } from '@keyrack/sync';

const TURN_MS = secondMs;
/** Long enough that many ends of runs make one turn. */
const WAKE_MS = 50;

@Injectable()
export class DispatchLoop implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown {
  #stopped = false;
  #turn: NodeJS.Timeout | undefined;
  #turning: Promise<void> = Promise.resolve();
  #wakeDue = false;
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(@Inject(Dispatcher) private readonly dispatcher: Dispatcher, @Inject(Runner) private readonly runner: Runner, @Inject(Config) private readonly config: Config, @Inject(LOGGER) private readonly logger: Logger) {}

  onApplicationBootstrap(): void {
    this.#plan(0);
    this.#timers.push(
      setInterval(() => void this.#guard('lease heartbeat', () => this.runner.heartbeat()), this.config.leaseMs / 3),
      setInterval(() => void this.#guard('schedule repair', () => this.dispatcher.repair()), minuteMs),
    );
  }

  /** Asks for a turn soon; many calls make one turn. */
  wake(): void {
    if (this.#wakeDue || this.#stopped) return;
    this.#wakeDue = true;
    this.#plan(WAKE_MS);
  }

  // Dispatch ends first; the heartbeat goes on while running jobs finish.
  async onModuleDestroy(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#turn);
    await this.#turning;
  }

  beforeApplicationShutdown(): void { for (const timer of this.#timers) clearInterval(timer); }

  #plan(afterMs: number): void {
    clearTimeout(this.#turn);
    this.#turn = setTimeout(() => { this.#turning = this.#take(); }, afterMs);
  }

  async #take(): Promise<void> {
    this.#wakeDue = false;
    await this.#guard('dispatch', () => this.dispatcher.turn());
    if (!this.#stopped) this.#plan(this.#wakeDue ? WAKE_MS : TURN_MS);
  }

  /** A turn that fails is tried again at the next: the database or the queue may be away for a while. */
  async #guard(what: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.logger.error({ cause: error instanceof Error ? error.message : 'unknown' }, `${what} failed, will be tried again`);
    }
  }
}
