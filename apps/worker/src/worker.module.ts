// The worker: takes jobs from the queue and runs the dispatcher. New processors go into `processors`, nothing else.
import { Module, type DynamicModule, type OnApplicationBootstrap, type OnModuleDestroy, type Type } from '@nestjs/common';
import { ApplicationsModule } from '@keyrack/applications';
import { AuditModule } from '@keyrack/audit';
import { Config, CoreModule, type Logger } from '@keyrack/core';
import { CredentialsModule } from '@keyrack/credentials';
import { MewsModule } from '@keyrack/mews';
import { JobRunner, QueueModule, type JobHandler } from '@keyrack/queue';
import { ReachModule } from '@keyrack/reach';
import { SyncModule } from '@keyrack/sync';
import { TenantsModule } from '@keyrack/tenants';
import { CheckpointSchedule } from './checkpoint.schedule.js';
import { DispatchLoop } from './dispatch-loop.js';
import { ErasureProcessor } from './erasure.processor.js';
import { ErasureSchedule } from './erasure.schedule.js';
import { ImportProcessor } from './import.processor.js';
import { ImportSchedule } from './import.schedule.js';
import { LedgerSchedule } from './ledger.schedule.js';
import { ReachProcessor } from './reach.processor.js';
import { ReachSchedule } from './reach.schedule.js';
import { SyncProcessor } from './sync.processor.js';

/** One class for each job, marked with `@Processes`. Start-up fails when a defined job is missing here. */
const processors: Type<JobHandler<never>>[] = [SyncProcessor, ReachProcessor, ImportProcessor, ErasureProcessor];

/** Modules of the rooms that the processors and the dispatcher call. */
const rooms: Type[] = [CredentialsModule, AuditModule, ApplicationsModule, MewsModule, ReachModule, SyncModule, TenantsModule];

/** What runs beside the jobs, such as the dispatcher; started and stopped by Nest's lifecycle methods. */
const background: Type[] = [DispatchLoop, ReachSchedule, ImportSchedule, ErasureSchedule, CheckpointSchedule, LedgerSchedule];

@Module({})
export class WorkerModule implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(private readonly runner: JobRunner) {}

  static forRoot(config: Config, logger: Logger): DynamicModule {
    return {
      module: WorkerModule,
      // Each job holds at most one connection of each role at a time, the dispatcher two more.
      imports: [CoreModule.forRoot(config, 'worker', config.workerConcurrency + 2), QueueModule.forRoot(logger), ...rooms],
      providers: [
        ...processors, ...background,
        { provide: JobRunner, inject: processors, useFactory: (...handlers: JobHandler<never>[]) => new JobRunner(config, logger, { handlers }) },
      ],
    };
  }

  async onApplicationBootstrap(): Promise<void> { await this.runner.start(); }

  // Before the pools close: running jobs still need them.
  async onModuleDestroy(): Promise<void> { await this.runner.stop(); }
}
