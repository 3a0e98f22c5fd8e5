// Whether this process lives, whether it can serve, and its figures. Never asks Mews.
import { Controller, Get, Header, Inject, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ConfigError, Database } from '@keyrack/core';
import { ringTrouble, Vault } from '@keyrack/credentials';
import { migrations } from '../../../migrations/index.js';
import { ApiLog } from './api-log.js';
import { ApiMetrics } from './api-metrics.js';
import { Public } from './route.js';

interface Readiness { ok: boolean; checks: Record<string, string> }

@ApiExcludeController()
@Controller()
export class HealthController {
  #checking: Promise<Record<string, string>> | undefined;

  constructor(
    @Inject(Database) private readonly db: Database, @Inject(Vault) private readonly vault: Vault,
    @Inject(ApiMetrics) private readonly metrics: ApiMetrics, @Inject(ApiLog) private readonly log: ApiLog,
  ) {}

  @Get('livez') @Public() @Header('cache-control', 'no-store')
  live() { return { ok: true }; }

  @Get('readyz') @Public() @Header('cache-control', 'no-store')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Readiness> {
    // Nobody's requests for it are counted: many at once cost the database one look.
    const checks = await (this.#checking ??= this.#check().finally(() => { this.#checking = undefined; }));
    const ok = Object.values(checks).every((answer) => answer === 'ok');
    reply.status(ok ? 200 : 503);
    return { ok, checks };
  }

  @Get('metrics') @Public()
  async figures(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    reply.header('content-type', this.metrics.registry.contentType);
    return this.metrics.registry.metrics();
  }

  async #check(): Promise<Record<string, string>> {
    try {
      return await this.db.onPlatform('readiness', async (tx) => {
        const done = new Set((await tx.sql<{ name: string }>`select name from migration`).map(({ name }) => name));
        const missing = migrations.filter(({ name }) => !done.has(name)).length;
        // Anybody may ask: which keys there are, and how many data keys, is for whoever reads the log.
        const trouble = await ringTrouble(tx, this.vault);
        if (trouble !== null) this.log.failed('readyz', new ConfigError(trouble));
        return {
          database: 'ok',
          migrations: missing === 0 ? 'ok' : `${missing} are not applied: run keyrack migrate`,
          keys: trouble === null ? 'ok' : 'KEYRACK_KEYS lacks a key that is in use: the log tells which',
        };
      });
    } catch (error) {
      this.log.failed('readyz', error);
      return { database: 'cannot be reached, or is not migrated' };
    }
  }
}
