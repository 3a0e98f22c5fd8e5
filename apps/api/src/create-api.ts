// Builds the api on Fastify: parsers, limits, headers, hooks, documentation, the admin UI. main.ts and the tests start it from here.
import { isUtf8 } from 'node:buffer';
import { existsSync } from 'node:fs';
import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import cookie from '@fastify/cookie';
import helmet, { type FastifyHelmetOptions } from '@fastify/helmet';
import fastifyStatic from '@fastify/static';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { AppError, networkOf, type Config, type Logger } from '@keyrack/core';
import { RequestLimits } from '@keyrack/limits';
import { AccessGuard } from './access.guard.js';
import { ApiLog } from './api-log.js';
import { ApiMetrics } from './api-metrics.js';
import { ApiModule } from './api.module.js';
import { allowDocsStyles, serveDocs } from './openapi.js';
import { answerProblem, stopping, toProblem } from './problem.filter.js';
import { countRequest, isCounted } from './rate-limit.js';
import { traceIdOf } from './trace.js';

const MEBIBYTE = 1_048_576;
const BODY_MAX = MEBIBYTE;
const IMPORT_BODY_MAX = 16 * MEBIBYTE;
/** No name or id of ours is longer. */
const PARAM_LENGTH_MAX = 500;
/** No body of ours has more than five levels. */
const DEPTH_MAX = 50;

export interface ApiOptions {
  logger: Logger;
  /** The built admin UI; not served where the folder is absent. */
  uiDir?: string;
  /** Builds the routes only, without a database or anything else: for writing the OpenAPI document. */
  preview?: boolean;
}

export async function createApi(config: Config, { logger, uiDir, preview = false }: ApiOptions): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_MAX, forceCloseConnections: 'idle', requestTimeout: 120_000, trustProxy: trusted(config.trustProxy), routerOptions: { maxParamLength: PARAM_LENGTH_MAX },
    // Addresses that cannot be decoded; they come before any hook.
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => answerProblem(reply.headers(bareProtection), badAddress(error), traceIdOf(request.headers.traceparent)),
    clientErrorHandler: answerNoRequest,
    // Its own answer is no problem document: closeConnections gives one.
    return503OnClosing: false,
    // There is no middleware, and its engine decides by another reading of the address than the router's: package.json leaves it out.
    skipMiddie: true,
  });
  const app = await NestFactory.create<NestFastifyApplication>(ApiModule.forRoot(config, logger), adapter, {
    // Fastify's own JSON parser only: a form can be posted by any page, JSON cannot.
    bodyParser: false, preview, abortOnError: false, logger: new ApiLog(logger),
  });
  if (preview) return app;
  await app.register(cookie);
  await app.register(helmet, protection);
  parseBodies(adapter);
  admitFiles(adapter, app.get(AccessGuard));
  observe(adapter, app.get(ApiLog), app.get(ApiMetrics));
  closeConnections(adapter);
  limitAddresses(adapter, app.get(RequestLimits));
  serveDocs(app);
  allowDocsStyles(adapter);
  if (uiDir !== undefined && existsSync(uiDir)) await app.register(fastifyStatic, { root: uiDir, wildcard: false, setHeaders: cacheAssets });
  return app;
}

const badAddress = ({ code }: FastifyError): AppError => new AppError('request.malformed', {
  detail: code === 'FST_ERR_MAX_PARAM_LENGTH' ? `A part of the address has more than ${PARAM_LENGTH_MAX} characters` : 'The address is not a valid URL',
});

/** Of problems that come before any hook: there is nothing in them to show, run or keep. */
const bareProtection = { 'content-security-policy': "default-src 'none';frame-ancestors 'none'", 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' };
const bareLines = Object.entries(bareProtection).map(([name, value]) => `${name}: ${value}\r\n`).join('');

/** What never became a request, so that no route and no hook sees it. */
function answerNoRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const problem = toProblem(noRequest(error.code), traceIdOf(undefined)), body = JSON.stringify(problem);
  socket.end(`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${bareLines}Connection: close\r\n\r\n${body}`);
}

function noRequest(code: string | undefined): AppError {
  if (code === 'HPE_HEADER_OVERFLOW') return new AppError('request.headers_too_large', { detail: 'Send an address and headers of at most 16 KiB together' });
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? new AppError('request.timeout', { detail: 'Send the whole request within two minutes' }) : new AppError('request.malformed', { detail: 'This is not HTTP' });
}

/**
 * A connection that was busy when the stop began would be kept, idle, for as long as any other; one that has asked for nothing yet counts as busy for a minute.
 * What still comes on a busy one is sent to another process.
 */
function closeConnections(adapter: FastifyAdapter): void {
  const { server } = adapter.getInstance(), silent = new Set<Socket>();
  let stops = false;
  server.on('connection', (socket: Socket) => {
    silent.add(socket);
    socket.once('close', () => { silent.delete(socket); });
  });
  server.on('request', ({ socket }: IncomingMessage) => { silent.delete(socket); });
  adapter.getInstance().addHook('onRequest', (request, reply, done) => {
    if (!stops) return done();
    answerProblem(reply.header('connection', 'close'), stopping(), request.traceId);
  });
  adapter.getInstance().addHook('preClose', (done) => {
    stops = true;
    const again = setInterval(() => {
      server.closeIdleConnections();
      for (const socket of silent) socket.destroy();
    }, 100);
    server.once('close', () => { clearInterval(again); });
    done();
  });
}

/** Fastify itself takes no number: only where nobody can reach the api but through its proxies is a number of them enough. */
const trusted = (proxies: Config['trustProxy']) => typeof proxies === 'number' ? (_: string, hop: number) => hop < proxies : proxies;

const protection: FastifyHelmetOptions = {
  contentSecurityPolicy: { useDefaults: false, directives: {
    // Nothing inline: the UI's styles are built into files, and what it sets at run time goes through the CSSOM, which no policy refuses.
    defaultSrc: ["'none'"], scriptSrc: ["'self'"], styleSrc: ["'self'"], connectSrc: ["'self'"], fontSrc: ["'self'"], imgSrc: ["'self'", 'data:'], manifestSrc: ["'self'"],
    baseUri: ["'none'"], formAction: ["'self'"], frameAncestors: ["'none'"],
  } },
  crossOriginOpenerPolicy: { policy: 'same-origin' }, crossOriginResourcePolicy: { policy: 'same-origin' },
  referrerPolicy: { policy: 'no-referrer' }, frameguard: { action: 'deny' },
  // Browsers heed it only where the page came by https. Other hosts of the domain are not ours to speak for.
  strictTransportSecurity: { maxAge: 31_536_000, includeSubDomains: false },
};

/** The UI copies ids to the clipboard and needs nothing else of the device. */
const PERMISSIONS_POLICY = [
  'accelerometer', 'camera', 'display-capture', 'fullscreen', 'geolocation', 'gyroscope', 'magnetometer', 'microphone', 'midi', 'payment', 'publickey-credentials-get', 'usb',
].map((feature) => `${feature}=()`).join(', ');

function parseBodies(adapter: FastifyAdapter): void {
  const fastify = adapter.getInstance();
  fastify.removeAllContentTypeParsers();
  const json = fastify.getDefaultJsonParser('error', 'error');
  fastify.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    // Many clients name a type even when they send nothing.
    if (body.length === 0) done(null, undefined);
    else if (!isUtf8(body)) done(notUtf8());
    else void json(request, body.toString(), (error: Error | null, parsed?: unknown) => { done(error ?? (isDeep(parsed) ? new AppError('request.malformed', { detail: `The body is nested more than ${DEPTH_MAX} deep` }) : null), parsed); });
  });
  fastify.addContentTypeParser<Buffer>('text/csv', { parseAs: 'buffer', bodyLimit: IMPORT_BODY_MAX }, (_, body, done) => {
    if (!isUtf8(body)) done(notUtf8());
    else done(null, body.toString());
  });
}

/** A file is so large that it is read only where files are taken, and from a caller who is known; the guard itself comes after the body. */
function admitFiles(adapter: FastifyAdapter, guard: AccessGuard): void {
  adapter.getInstance().addHook('preParsing', async (request) => {
    if (['GET', 'HEAD'].includes(request.method) || !/^text\/csv\b/i.test(request.headers['content-type'] ?? '')) return;
    if (!request.routeOptions.url?.endsWith('/import')) throw new AppError('request.unsupported_media_type', { detail: 'Send JSON with Content-Type: application/json' });
    await guard.admit(request);
  });
}

/** Otherwise every letter of another encoding would be stored as the sign for one that cannot be read. */
const notUtf8 = (): AppError => new AppError('request.malformed', { detail: 'The body is not UTF-8: send or save it as that, and not compressed' });

/** Whoever walks through a value calls itself once a level, and the stack ends. */
function isDeep(value: unknown): boolean {
  let level = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > DEPTH_MAX) return true;
    level = level.flatMap((one): unknown[] => (typeof one === 'object' && one !== null ? Object.values(one) : []));
  }
  return false;
}

function observe(adapter: FastifyAdapter, log: ApiLog, metrics: ApiMetrics): void {
  const fastify = adapter.getInstance();
  fastify.decorateRequest('traceId', '');
  fastify.decorateRequest('startedAt', 0);
  fastify.addHook('onRequest', (request, reply, done) => {
    request.startedAt = performance.now();
    request.traceId = traceIdOf(request.headers.traceparent);
    reply.header('x-trace-id', request.traceId);
    reply.header('permissions-policy', PERMISSIONS_POLICY);
    // As the router read it: parts of an address may be written percent-encoded.
    if ((request.routeOptions.url ?? request.url).startsWith('/v1/')) reply.header('cache-control', 'no-store');
    done();
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    log.answered(request, reply);
    metrics.answered(request, reply);
    done();
  });
}

/** Before anything else is done for a request: whoever sends it is not known yet, but for its address. */
function limitAddresses(adapter: FastifyAdapter, limits: RequestLimits): void {
  adapter.getInstance().addHook('onRequest', async (request, reply) => {
    if (!isCounted(request.url)) return undefined;
    try {
      await countRequest(limits, 'address', networkOf(request.ip), reply);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      answerProblem(reply, error, request.traceId);
      return reply;
    }
    return undefined;
  });
}

/** Vite names assets by their content; the page that names them must be asked for again. */
const cacheAssets = (reply: FastifyReply, path: string): void =>
  void reply.header('cache-control', /[/\\]assets[/\\]/.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache');
