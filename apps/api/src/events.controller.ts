// Live updates of a tenant as server-sent events.
import type { ServerResponse } from 'node:http';
import { Controller, Get, Inject, Res, type OnModuleDestroy } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { TenantActor } from '@keyrack/core';
import { LiveRuns } from './live-runs.js';
import { Answers, Me, Requires } from './route.js';

const KEEP_ALIVE_MS = 15_000;

@ApiTags('Syncs')
@Controller('v1/tenants/:tenant/events')
export class EventsController implements OnModuleDestroy {
  readonly #open = new Set<ServerResponse>();

  constructor(@Inject(LiveRuns) private readonly live: LiveRuns) {}

  @Get() @Requires('runs:read') @Answers(z.string(), { summary: 'Follow runs as server-sent events: `runs` with those that changed' })
  events(@Me() me: TenantActor, @Res() reply: FastifyReply): void {
    reply.hijack();
    const { raw } = reply;
    // A page that was left meanwhile: its close has been told already, and what starts now would never stop.
    if (raw.destroyed) return;
    this.#open.add(raw);
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
    const keepAlive = setInterval(() => raw.write(': still here\n\n'), KEEP_ALIVE_MS);
    const stop = this.live.watch(me, (runs) => raw.write(`event: runs\ndata: ${JSON.stringify({ runs })}\n\n`));
    raw.on('close', () => {
      this.#open.delete(raw);
      clearInterval(keepAlive);
      stop();
    });
  }

  /** A stream never ends by itself, and the server waits for its connections. */
  onModuleDestroy(): void { for (const raw of this.#open) raw.end(); }
}
