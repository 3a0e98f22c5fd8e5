// The queue for a Nest program: every program may enqueue; a worker adds its handlers with `JobRunner`.
import { Global, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { Config, type Logger } from '@keyrack/core';
import { Queue } from './queue.js';

@Global()
@Module({})
export class QueueModule implements OnApplicationShutdown {
  constructor(private readonly queue: Queue) {}

  static forRoot(logger: Logger): DynamicModule {
    return {
      module: QueueModule,
      providers: [{ provide: Queue, inject: [Config], useFactory: (config: Config) => Queue.open(config, logger) }],
      exports: [Queue],
    };
  }

  async onApplicationShutdown(): Promise<void> { await this.queue.close(); }
}
