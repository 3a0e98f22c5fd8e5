// Verifies and adds the AccessTokens of a file. New connections get their schedules, as they do when a token is added by hand.
import { Inject } from '@nestjs/common';
import { Imports, importTokens } from '@keyrack/access-tokens';
import { Processes, type JobContext, type PayloadOf } from '@keyrack/queue';
import { Connections } from '@keyrack/reach';
import { Schedules } from '@keyrack/sync';

@Processes(importTokens)
export class ImportProcessor {
  constructor(@Inject(Imports) private readonly imports: Imports, @Inject(Connections) private readonly connections: Connections, @Inject(Schedules) private readonly schedules: Schedules) {}

  handle({ tenantId, operationId }: PayloadOf<typeof importTokens>, { signal }: JobContext) {
    return this.imports.work(tenantId, operationId, signal, async (me, id, reached) => {
      const served = await this.connections.servedIds(me, id);
      await this.schedules.welcome(me, reached ?? served);
      await this.schedules.ensureDefaults(me, served);
    });
  }
}
