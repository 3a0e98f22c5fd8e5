// Erases a deleted tenant: its rows, after its keys are gone.
import { Inject } from '@nestjs/common';
import { Processes, type JobContext, type PayloadOf } from '@keyrack/queue';
import { eraseTenant, Erasure } from '@keyrack/tenants';

@Processes(eraseTenant)
export class ErasureProcessor {
  constructor(@Inject(Erasure) private readonly erasure: Erasure) {}

  handle({ tenantId }: PayloadOf<typeof eraseTenant>, { signal }: JobContext) { return this.erasure.eraseTenant(tenantId, signal); }
}
