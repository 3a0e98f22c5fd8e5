// Writes signed checkpoints of the audit chains outside the database.
import { Inject, Injectable } from '@nestjs/common';
import { Checkpoints } from '@keyrack/audit';
import { minuteMs } from '@keyrack/core';
import { Recurring } from './recurring.js';

@Injectable()
export class CheckpointSchedule extends Recurring {
  constructor(@Inject(Checkpoints) private readonly checkpoints: Checkpoints) {
    super(5 * minuteMs, 'audit', 'audit checkpoints could not be written');
  }

  protected look(): Promise<unknown> { return this.checkpoints.write(); }
}
