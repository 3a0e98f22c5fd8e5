// Prometheus metrics of this process. Labels are route patterns, never tenants, enterprises or tokens.
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import { routeOf } from './api-log.js';

@Injectable()
export class ApiMetrics {
  readonly registry = new Registry();
  readonly #duration = new Histogram({
    name: 'keyrack_http_request_duration_seconds', help: 'Time from the first byte of a request to the end of its answer',
    labelNames: ['method', 'route', 'status'], buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10], registers: [this.registry],
  });

  constructor() { collectDefaultMetrics({ register: this.registry }); }

  answered(request: FastifyRequest, reply: FastifyReply): void {
    this.#duration.observe({ method: request.method, route: routeOf(request), status: reply.statusCode }, (performance.now() - request.startedAt) / 1_000);
  }
}
