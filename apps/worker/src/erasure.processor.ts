// Erases a deleted tenant: nothing works on it any more, then its keys go, then its rows.
import { Inject } from '@nestjs/common';
import { systemIn } from '@keyrack/core';
import { Processes, type JobContext, type PayloadOf } from '@keyrack/queue';
import { Stopping } from '@keyrack/sync';
import { eraseTenant, Erasure } from '@keyrack/tenants';

@Processes(eraseTenant)
export class ErasureProcessor {
  constructor(@Inject(Stopping) private readonly stopping: Stopping, @Inject(Erasure) private readonly erasure: Erasure) {}

  async handle({ tenantId }: PayloadOf<typeof eraseTenant>, { signal }: JobContext): Promise<void> {
    await this.stopping.stop(systemIn(tenantId, 'tenant.erase'));
    await this.erasure.eraseTenant(tenantId, signal);
  }
}
