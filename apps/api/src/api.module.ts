// Puts the api together: the frame, then one module per noun.
import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { AuditModule } from '@keyrack/audit';
import { AuthModule } from '@keyrack/auth';
import { CoreModule, type Config, type Logger } from '@keyrack/core';
import { CredentialsModule } from '@keyrack/credentials';
import { LimitsModule } from '@keyrack/limits';
import { MewsModule } from '@keyrack/mews';
import { QueueModule } from '@keyrack/queue';
import { AccessTokensModule } from './access-tokens.module.js';
import { AccessGuard } from './access.guard.js';
import { AccessModule } from './access.module.js';
import { ApiLog } from './api-log.js';
import { ApiMetrics } from './api-metrics.js';
import { ApplicationsModule } from './applications.module.js';
import { HealthController } from './health.controller.js';
import { Housekeeping } from './housekeeping.js';
import { ExportInterceptor } from './export.interceptor.js';
import { IdempotencyInterceptor } from './idempotency.interceptor.js';
import { ProblemFilter } from './problem.filter.js';
import { RouteCheck } from './route-check.js';
import { SyncsModule } from './syncs.module.js';
import { TenantsModule } from './tenants.module.js';
import { UnreadQueryInterceptor } from './unread-query.interceptor.js';
import { ValidationPipe } from './validation.pipe.js';

/** One line a noun. */
const nouns = [
  AccessModule, ApplicationsModule,
  TenantsModule,
  AccessTokensModule, SyncsModule,
];

const POOL_SIZE = 10;

@Module({})
export class ApiModule {
  static forRoot(config: Config, logger: Logger): DynamicModule {
    return {
      module: ApiModule,
      global: true,
      imports: [CoreModule.forRoot(config, 'api', POOL_SIZE), CredentialsModule, AuditModule, AuthModule, QueueModule.forRoot(logger), MewsModule, LimitsModule, ...nouns],
      controllers: [HealthController],
      providers: [
        { provide: ApiLog, useFactory: () => new ApiLog(logger) },
        ApiMetrics, RouteCheck, Housekeeping, AccessGuard, IdempotencyInterceptor,
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_GUARD, useExisting: AccessGuard },
        { provide: APP_INTERCEPTOR, useClass: UnreadQueryInterceptor },
        { provide: APP_INTERCEPTOR, useExisting: IdempotencyInterceptor },
        { provide: APP_INTERCEPTOR, useClass: ExportInterceptor },
        { provide: APP_PIPE, useClass: ValidationPipe },
      ],
      exports: [ApiLog, ApiMetrics],
    };
  }
}
