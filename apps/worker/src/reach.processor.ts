// Re-reads what one AccessToken opens.
import { Inject } from '@nestjs/common';
import { expandReach, Verifier } from '@keyrack/access-tokens';
import { Processes, type PayloadOf } from '@keyrack/queue';

@Processes(expandReach)
export class ReachProcessor {
  constructor(@Inject(Verifier) private readonly verifier: Verifier) {}

  handle({ tenantId, accessTokenId }: PayloadOf<typeof expandReach>) { return this.verifier.expand(tenantId, accessTokenId); }
}
