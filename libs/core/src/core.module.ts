// Configuration and database for a Nest program.
import { Global, Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { Config } from './config.js';
import { ConfigError } from './config-error.js';
import { createLogger, LOGGER } from './log.js';
import { Database, dataSourceOptions, openDataSource, roleUrl, type DatabaseRole } from './database.js';

@Global()
@Module({})
export class CoreModule implements OnApplicationShutdown {
  constructor(@Inject(Database) private readonly db: Database) {}

  /** `program` names the connections in pg_stat_activity; `poolSize` is per role. */
  static forRoot(config: Config, program: string, poolSize: number): DynamicModule {
    const source = (role: DatabaseRole) => TypeOrmModule.forRootAsync({
      name: role,
      useFactory: () => ({
        ...dataSourceOptions(roleUrl(config.databaseUrl, config.keys, role), `keyrack-${program} ${role}`, poolSize),
        toRetry: (error: unknown) => !(error instanceof ConfigError),
      }),
      dataSourceFactory: (options) => {
        if (!options) throw new Error('a data source needs options');
        return openDataSource(options);
      },
    });
    return {
      module: CoreModule,
      imports: [source('app'), source('platform')],
      providers: [
        { provide: Config, useValue: config },
        { provide: LOGGER, useFactory: () => createLogger(program, config.logLevel) },
        { provide: Database, inject: [getDataSourceToken('app'), getDataSourceToken('platform')],
          useFactory: (app: DataSource, platform: DataSource) => new Database({ app, platform }) },
      ],
      exports: [Config, Database, LOGGER],
    };
  }

  async onApplicationShutdown(): Promise<void> { await this.db.close(); }
}
