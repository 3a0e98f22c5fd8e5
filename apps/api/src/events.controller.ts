// Live updates of a tenant as server-sent events.
import { Controller, Get, Inject, Req, Res, type OnModuleDestroy } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError, minuteMs, type TenantActor } from '@keyrack/core';
import { EventStream } from './event-stream.js';
import { LiveRuns } from './live-runs.js';
import { stopping } from './problem.filter.js';
import { Answers, Me, Requires } from './route.js';

/** Each looks twice a second whether its caller and its tenant still let it go on: two questions to the database, of which a process asks ten at once. */
const OPEN_MAX = { caller: 20, tenant: 200 };

interface Opener { caller: string; tenant: string }

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
    const opener = { caller: `${me.kind} ${me.id}`, tenant: me.tenantId };
    this.#refuseTooMany(opener);
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

  /** @throws AppError `request.rate_limited` */
  #refuseTooMany(opener: Opener): void {
    for (const whose of ['caller', 'tenant'] as const) {
      const open = [...this.#open.values()].filter((other) => other[whose] === opener[whose]).length;
      if (open >= OPEN_MAX[whose]) throw new AppError('request.rate_limited', { detail: `${OPEN_MAX[whose]} streams of this ${whose} are open: close one`, retryAfterMs: minuteMs });
    }
  }
}
