// Hands tenants whose deletion is not done to the queue: a job may have been lost, or its worker killed.
import { Inject, Injectable } from '@nestjs/common';
import { minuteMs } from '@keyrack/core';
import { Queue } from '@keyrack/queue';
import { eraseTenant, Erasure } from '@keyrack/tenants';
import { Recurring } from './recurring.js';

@Injectable()
export class ErasureSchedule extends Recurring {
  constructor(@Inject(Erasure) private readonly erasure: Erasure, @Inject(Queue) private readonly queue: Queue) {
    super(minuteMs, 'tenants', 'tenants to erase could not be handed out');
  }

  protected async look(): Promise<void> {
    for (const tenantId of await this.erasure.pending()) await this.queue.enqueue(eraseTenant, { tenantId }, { id: tenantId });
  }
}
