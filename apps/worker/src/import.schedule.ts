// Hands imports that nobody works on to the queue: a job may have been lost, or its worker killed.
import { Inject, Injectable } from '@nestjs/common';
import { Imports } from '@keyrack/access-tokens';
import { secondMs } from '@keyrack/core';
import { Recurring } from './recurring.js';

@Injectable()
export class ImportSchedule extends Recurring {
  constructor(@Inject(Imports) private readonly imports: Imports) {
    super(30 * secondMs, 'access tokens', 'imports could not be handed out');
  }

  protected look(): Promise<unknown> { return this.imports.resume(); }
}
