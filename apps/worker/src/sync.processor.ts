// Works on one run.
import { Inject } from '@nestjs/common';
import { Processes, type JobContext, type PayloadOf } from '@keyrack/queue';
import { Runner, syncRun } from '@keyrack/sync';
import { DispatchLoop } from './dispatch-loop.js';

@Processes(syncRun)
export class SyncProcessor {
  constructor(@Inject(Runner) private readonly runner: Runner, @Inject(DispatchLoop) private readonly loop: DispatchLoop) {}

  async handle({ tenantId, runId }: PayloadOf<typeof syncRun>, context: JobContext): Promise<void> {
    await this.runner.execute(tenantId, runId, context);
    // What waited for this run, or for its slot, need not wait for the next turn.
    this.loop.wake();
  }
}
