// The HTTP side: exact paths, tokens, the request limit, faults, and answers in Mews' manner.
import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { answer, paths } from './answer.js';
import type { AccessToken } from './access.js';
import { control, mayControl, type Controlled } from './control.js';
import { spoil, type Fault } from './faults.js';
import { isObject } from './record.js';
import type { Body } from './operation.js';
import { readEnvelope, Refused } from './request.js';
import type { Seen } from './request-log.js';

const prefix = '/api/connector/v1/';
const bodyBytesMax = 8 * 1024 * 1024;
const contentType = 'application/json; charset=utf-8';

/** Rows that ended the page before, per token and path; only the fault `duplicate_rows` asks. */
type LastRows = Map<string, string>;
interface Exchange { at: Controlled; request: IncomingMessage; response: ServerResponse; requestId: string; lastRows: LastRows }
interface Reply { status: number; json: string; headers?: { [name: string]: string } }

export function createSandboxServer(at: Controlled): Server {
  const lastRows: LastRows = new Map();
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    response.sendDate = false;
    handle({ at, request, response, requestId: randomUUID(), lastRows }).catch(() => { request.socket.destroy(); });
  });
  return server;
}

async function handle(exchange: Exchange): Promise<void> {
  const { request } = exchange;
  const path = request.url ?? '';
  if (path.startsWith('/sandbox/')) { await handleControl(exchange, path); return; }
  try {
    const name = path.startsWith(prefix) ? path.slice(prefix.length) : '';
    if (request.method !== 'POST' || !paths.has(name)) throw new Refused('The operation does not exist.', 404);
    await handleOperation(exchange, name, parse(await read(request)));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    send(exchange, refusal(exchange, error.status, error.message));
  }
}

async function handleOperation(exchange: Exchange, path: string, body: Body): Promise<void> {
  const { at, requestId } = exchange;
  const { clientToken, accessToken } = readEnvelope(body);
  const nowMs = at.world.now();
  const seen = at.log.open(accessToken, path, body, requestId, nowMs);
  const token = at.world.access.authenticate(clientToken, accessToken);
  if (typeof token === 'string') { seen.status = 401; throw new Refused(token, 401); }
  const waitMs = at.limit.take(accessToken, performance.now());
  if (waitMs > 0) {
    at.log.throttled(seen);
    seen.status = 429;
    send(exchange, refusal(exchange, 429, 'Too many requests.', at.limit.options.retryAfter ? { 'Retry-After': String(Math.ceil(waitMs / 1000)) } : {}));
    return;
  }
  const fault = at.faults.strike(accessToken, path, body);
  if (fault) { seen.fault = fault.kind; if (await refuses(exchange, seen, fault)) return; }
  const reply = execute(exchange, token, path, body, seen, fault);
  if (fault) await deliver(exchange, seen, fault, reply); else send(exchange, reply);
}

function execute(exchange: Exchange, token: AccessToken, path: string, body: Body, seen: Seen, fault: Fault | null): Reply {
  try {
    const answered = answer(exchange.at.world, token, path, body);
    seen.rows = answered.rows;
    seen.status = 200;
    if (answered.empty && /\breturn=minimal\b/.test(String(exchange.request.headers['prefer'] ?? ''))) { seen.status = 204; return { status: 204, json: '' }; }
    const list = /^\{"(\w+)"/.exec(answered.json)?.[1] ?? '';
    const key = createHash('sha1').update(JSON.stringify([token.accessToken, path, { ...body, Limitation: null }])).digest('base64');
    const last = exchange.lastRows.get(key);
    const cursor: unknown = isObject(body['Limitation']) ? body['Limitation']['Cursor'] : null;
    if (exchange.at.faults.list().some(({ fault: { kind } }) => kind === 'duplicate_rows')) remember(exchange.lastRows, key, answered.json, list);
    return { status: 200, json: fault ? spoil(fault, answered.json, list, typeof cursor === 'string' ? last : undefined) : answered.json };
  } catch (error) {
    if (error instanceof Refused) seen.status = error.status;
    throw error;
  }
}

function remember(lastRows: LastRows, key: string, json: string, list: string): void {
  const parsed: unknown = JSON.parse(json);
  const rows = isObject(parsed) ? parsed[list] : undefined;
  if (Array.isArray(rows) && rows.length > 0) lastRows.set(key, JSON.stringify(rows[rows.length - 1]));
}

/** Faults that take the place of the answer; true when the request is over. */
async function refuses(exchange: Exchange, seen: Seen, fault: Fault): Promise<boolean> {
  switch (fault.kind) {
    case 'status': {
      const headers: { [name: string]: string } = fault.retryAfter === undefined ? {} : { 'Retry-After': String(fault.retryAfter) };
      if (fault.status === 429) exchange.at.log.throttled(seen);
      return over(exchange, seen, refusal(exchange, fault.status, fault.message ?? 'Sandbox fault.', headers));
    }
    case 'heavy': return over(exchange, seen, refusal(exchange, 408, 'The request takes too long. Ask for less.'));
    case 'redirect': return over(exchange, seen, { status: fault.status, json: '{}', headers: { Location: fault.location } });
    case 'reset': if (fault.when === 'before') { exchange.request.socket.resetAndDestroy(); return true; } return false;
    case 'hang': return true;
    case 'delay': await pause(fault.ms); return exchange.request.socket.destroyed;
    case 'truncate': case 'drip': case 'huge': case 'headers': case 'wrong_length': case 'prototype': case 'invalid_json': case 'deep_json': case 'wrong_types': case 'bad_record': case 'duplicate_rows': return false;
  }
}

function over(exchange: Exchange, seen: Seen, reply: Reply): true {
  seen.status = reply.status;
  send(exchange, reply);
  return true;
}

/** Faults on the way back. */
async function deliver(exchange: Exchange, seen: Seen, fault: Fault, reply: Reply): Promise<void> {
  const { request, response } = exchange;
  if (fault.kind === 'reset') { seen.status = null; request.socket.resetAndDestroy(); return; }
  if (fault.kind === 'headers') { floodHeaders(request.socket, fault.bytes); return; }
  if (fault.kind === 'huge') { response.writeHead(reply.status, { ...standard(exchange), 'Content-Type': contentType }).end(reply.json); return; }
  if (fault.kind === 'wrong_length') { tellLength(exchange, reply, fault.share); return; }
  if (fault.kind !== 'truncate' && fault.kind !== 'drip') { send(exchange, reply); return; }
  const bytes = Buffer.from(reply.json);
  response.writeHead(reply.status, { ...standard(exchange), 'Content-Type': contentType, 'Content-Length': bytes.length });
  if (fault.kind === 'truncate') {
    response.write(bytes.subarray(0, Math.floor(bytes.length * (fault.share ?? 0.5))), () => { setTimeout(() => { request.socket.destroy(); }, 5); });
    return;
  }
  for (let from = 0; from < bytes.length && !request.socket.destroyed; from += fault.bytes) {
    response.write(bytes.subarray(from, from + fault.bytes));
    await pause(fault.everyMs);
  }
  response.end();
}

/** Past the server's own checks, which would not let such headers out. */
function floodHeaders(socket: Socket, bytes: number): void {
  const line = `X-Padding: ${'x'.repeat(1_000)}\r\n`;
  socket.write('HTTP/1.1 200 OK\r\n');
  for (let sent = 0; sent < bytes; sent += line.length) socket.write(line);
}

/** What is beyond the length told is left to the next answer of the connection, as a broken proxy would. */
function tellLength(exchange: Exchange, reply: Reply, share: number): void {
  const length = Math.floor(Buffer.byteLength(reply.json) * share);
  const headers = Object.entries({ ...standard(exchange), 'Content-Type': contentType, 'Content-Length': length }).map(([name, value]) => `${name}: ${value}\r\n`);
  const { socket } = exchange.request;
  socket.write(`HTTP/1.1 ${reply.status} OK\r\n${headers.join('')}\r\n${reply.json}`);
  if (share > 1) socket.end();
}

async function handleControl(exchange: Exchange, path: string): Promise<void> {
  const { request } = exchange;
  if (!mayControl(request)) { send(exchange, refusal(exchange, 404, 'The operation does not exist.')); return; }
  try {
    const text = await read(request);
    const result = control(exchange.at, request.method ?? '', path, text === '' ? {} : JSON.parse(text));
    send(exchange, result === undefined ? refusal(exchange, 404, 'No such control.') : { status: 200, json: JSON.stringify(result) });
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof SyntaxError || error instanceof Refused)) throw error;
    send(exchange, refusal(exchange, 400, error.message));
  }
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) throw new Refused('The request is too large.', 413);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): Body {
  let value: unknown;
  try { value = JSON.parse(text); } catch { throw new Refused('Invalid JSON.'); }
  if (!isObject(value)) throw new Refused('Invalid JSON.');
  return value;
}

function refusal(exchange: Exchange, status: number, message: string, headers: { [name: string]: string } = {}): Reply {
  return { status, json: JSON.stringify({ Message: message, RequestId: exchange.requestId }), headers };
}

function standard(exchange: Exchange): { [name: string]: string } {
  return { 'Request-Id': exchange.requestId, Date: new Date(exchange.at.world.now()).toUTCString() };
}

function send(exchange: Exchange, reply: Reply): void {
  const { response } = exchange;
  if (reply.status === 204) { response.writeHead(204, standard(exchange)).end(); return; }
  response.writeHead(reply.status, { ...standard(exchange), ...reply.headers, 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(reply.json) }).end(reply.json);
}

function pause(ms: number): Promise<void> { return new Promise((resolve) => { setTimeout(resolve, ms); }); }
