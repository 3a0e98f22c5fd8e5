// The Mews client for a Nest program, with its budget in Redis where Redis is configured and in Postgres otherwise.
import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Config, Database } from '@keyrack/core';
import { CircuitBreaker } from './circuit-breaker.js';
import { MewsClient } from './mews-client.js';
import { PostgresRequestBudget } from './postgres-request-budget.js';
import { RedisRequestBudget } from './redis-request-budget.js';
import { RequestBudget } from './request-budget.js';

const budgetRedis = Symbol('budget redis');

@Global()
@Module({
  providers: [
    { provide: budgetRedis, inject: [Config], useFactory: (config: Config) => (config.redisUrl ? connect(config.redisUrl.reveal()) : null) },
    { provide: RequestBudget, inject: [budgetRedis, Database],
      useFactory: (redis: Redis | null, db: Database) => (redis ? new RedisRequestBudget(redis, db) : new PostgresRequestBudget(db)) },
    // Two places of a worker are for those whose AccessToken is answered.
    { provide: CircuitBreaker, inject: [Config], useFactory: (config: Config) => new CircuitBreaker({ places: Math.max(1, config.workerConcurrency - 2) }) },
    { provide: MewsClient, inject: [RequestBudget, Config, CircuitBreaker],
      useFactory: (budget: RequestBudget, config: Config, breaker: CircuitBreaker) => new MewsClient(budget, { addresses: config.allowHttpPlatform ? 'any' : 'public', headersMs: config.mewsTimeoutMs, totalMs: 2 * config.mewsTimeoutMs }, breaker) },
  ],
  exports: [RequestBudget, MewsClient],
})
export class MewsModule implements OnApplicationShutdown {
  constructor(@Inject(MewsClient) private readonly client: MewsClient, @Inject(budgetRedis) private readonly redis: Redis | null) {}

  async onApplicationShutdown(): Promise<void> {
    await this.client.close();
    this.redis?.disconnect();
  }
}

// A budget that cannot be asked refuses at once: commands are not kept for a Redis that is away.
function connect(url: string): Redis {
  const redis = new Redis(url, { maxRetriesPerRequest: 1, commandTimeout: 5_000, connectionName: 'keyrack budget' });
  // Each failed command rejects by itself; without a listener, the connection's own events would end the process.
  redis.on('error', () => undefined);
  return redis;
}
