// Hands the AccessTokens whose reach is due to the queue.
import { Inject, Injectable } from '@nestjs/common';
import { ReachExpansion } from '@keyrack/access-tokens';
import { secondMs } from '@keyrack/core';
import { Recurring } from './recurring.js';

@Injectable()
export class ReachSchedule extends Recurring {
  constructor(@Inject(ReachExpansion) private readonly expansion: ReachExpansion) {
    super(30 * secondMs, 'reach', 'tokens to re-read could not be handed out');
  }

  protected look(): Promise<unknown> { return this.expansion.expandDue(); }
}
