// Removes what is over for long from the ledger of runs.
import { Inject, Injectable } from '@nestjs/common';
import { hourMs } from '@keyrack/core';
import { LedgerCleaning } from '@keyrack/sync';
import { Recurring } from './recurring.js';

@Injectable()
export class LedgerSchedule extends Recurring {
  constructor(@Inject(LedgerCleaning) private readonly cleaning: LedgerCleaning) {
    super(hourMs, 'sync', 'old runs could not be removed');
  }

  protected look(): Promise<void> { return this.cleaning.clean(); }
}
