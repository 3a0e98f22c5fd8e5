// The request limits for a Nest program, over Redis where that is configured.
import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Config, secondMs } from '@keyrack/core';
import { RequestLimits } from './request-limits.js';

const limitsRedis = Symbol('limits redis');

@Global()
@Module({
  providers: [
    { provide: limitsRedis, inject: [Config], useFactory: (config: Config) => (config.redisUrl ? connect(config.redisUrl.reveal()) : null) },
    { provide: RequestLimits, inject: [Config, limitsRedis], useFactory: (config: Config, redis: Redis | null) => new RequestLimits(config.rateLimits, redis) },
  ],
  exports: [RequestLimits],
})
export class LimitsModule implements OnApplicationShutdown {
  constructor(@Inject(limitsRedis) private readonly redis: Redis | null) {}

  onApplicationShutdown(): void { this.redis?.disconnect(); }
}

// Every request waits for this answer: one that is late is worth less than counting in memory.
function connect(url: string): Redis {
  const redis = new Redis(url, { maxRetriesPerRequest: 0, commandTimeout: secondMs / 2, enableOfflineQueue: false, connectionName: 'keyrack limits' });
  // Each failed command rejects by itself; without a listener, the connection's own events would end the process.
  redis.on('error', () => undefined);
  return redis;
}
