// Live updates of a tenant as server-sent events.
import { Controller, Get, Inject, Req, Res, type OnModuleDestroy } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { TenantActor } from '@keyrack/core';
import { EventStream } from './event-stream.js';
import { LiveRuns } from './live-runs.js';
import { openerOf, tooMany, type Opener } from './open-answers.js';
import { stopping } from './problem.filter.js';
import { Answers, Me, Requires } from './route.js';

@ApiTags('Syncs')
@Controller('v1/tenants/:tenant/events')
export class EventsController implements OnModuleDestroy {
  readonly #open = new Map<EventStream, Opener>();
  #stops = false;

  constructor(@Inject(LiveRuns) private readonly live: LiveRuns) {}

  @Get() @Requires('runs:read') @Answers(z.string(), { summary: 'Follow runs as server-sent events: `runs` with those that changed. Ends when the caller may not read them any more' })
  events(@Me() me: TenantActor, @Req() { isStillAllowed, method }: FastifyRequest, @Res() reply: FastifyReply): void {
    if (method === 'HEAD') return void reply.header('content-type', 'text/event-stream').send();
    if (this.#stops) throw stopping();
    if (!isStillAllowed) throw new Error('the guard has not seen this request');
    const opener = openerOf(me), refused = tooMany('streams', this.#open.values(), opener);
    if (refused) throw refused;
    reply.hijack();
    const { raw } = reply;
    // Whoever hijacks an answer sends it past Fastify: what the hooks have set, the protection of every answer, goes with it by hand.
    for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value);
    // A page that was left meanwhile: its close has been told already, and what starts now would never stop.
    if (raw.destroyed) return;
    const stream = new EventStream(raw, isStillAllowed);
    this.#open.set(stream, opener);
    const stop = this.live.watch(me, (runs) => void stream.send(runs));
    raw.on('close', () => {
      this.#open.delete(stream);
      stop();
    });
  }

  /** A stream never ends by itself, and the server waits for its connections. */
  onModuleDestroy(): void {
    this.#stops = true;
    for (const stream of this.#open.keys()) stream.end();
  }
}
