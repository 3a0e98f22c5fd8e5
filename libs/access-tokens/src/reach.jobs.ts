// Re-reading reach on schedule: Postgres says which tokens are due, the queue hands each to a worker.
import { Injectable } from '@nestjs/common';
import { Database, idSchema, type AccessTokenId, type TenantId } from '@keyrack/core';
import { defineJob, Queue } from '@keyrack/queue';
import { z } from 'zod';
import { AccessTokensRepository, type DueToken } from './access-tokens.repository.js';

export const expandReach = defineJob('reach.expand', z.object({ tenantId: idSchema<TenantId>(), accessTokenId: idSchema<AccessTokenId>() }));

const dueMax = 500;
// A job that is lost or fails is enqueued again after this long; a sweep that succeeds sets its own next time.
const retryMinutes = 10;

@Injectable()
export class ReachExpansion {
  constructor(private readonly db: Database, private readonly tokens: AccessTokensRepository, private readonly queue: Queue) {}

  /** Enqueues the tokens that are due, at the most 500 at a time. Harmless to run anywhere, also twice at once. Answers how many. */
  async expandDue(): Promise<number> {
    const due = await this.db.onPlatform('find tokens to re-read', (tx) => this.tokens.due(tx, dueMax));
    const byTenant = new Map<TenantId, AccessTokenId[]>();
    for (const { tenantId, id } of due) byTenant.set(tenantId, [...(byTenant.get(tenantId) ?? []), id]);
    const claimed: DueToken[] = [];
    for (const [tenantId, ids] of byTenant) {
      const mine = await this.db.inTenant(tenantId, (tx) => this.tokens.claimDue(tx, ids, retryMinutes));
      claimed.push(...mine.map((id) => ({ tenantId, id })));
    }
    for (const { tenantId, id } of claimed) await this.queue.enqueue(expandReach, { tenantId, accessTokenId: id }, { id });
    return claimed.length;
  }
}
