// Finishes the deletion of a tenant.
import { Inject } from '@nestjs/common';
import { Processes, type JobContext, type PayloadOf } from '@keyrack/queue';
import { eraseTenant, Erasure } from '@keyrack/tenants';

@Processes(eraseTenant)
export class TenantProcessor {
  constructor(@Inject(Erasure) private readonly erasure: Erasure) {}

  handle({ tenantId }: PayloadOf<typeof eraseTenant>, { signal }: JobContext) { return this.erasure.eraseTenant(tenantId, signal); }
}
