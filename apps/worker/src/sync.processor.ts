// Works on the runs of a job.
import { Inject } from '@nestjs/common';
import { Processes, type JobContext, type PayloadOf } from '@keyrack/queue';
import { Runner, syncRuns } from '@keyrack/sync';
import { DispatchLoop } from './dispatch-loop.js';

@Processes(syncRuns)
export class SyncProcessor {
  constructor(@Inject(Runner) private readonly runner: Runner, @Inject(DispatchLoop) private readonly loop: DispatchLoop) {}

  async handle({ tenantId, runIds }: PayloadOf<typeof syncRuns>, context: JobContext): Promise<void> {
    await this.runner.executeAll(tenantId, runIds, context);
    // What waited for these runs, or for their place, need not wait for the next turn.
    this.loop.wake();
  }
}
