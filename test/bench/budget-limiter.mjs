// Stands in for Mews: serves 200 requests per AccessToken in any 30 s and answers 429 to the others, each after the jitter of a network.
// Prints its port; on SIGUSR2 when it served requests, in ms of its own clock, and how many it has refused, by token: {token: {served, refused}}.
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const [requests, windowMs] = process.argv.slice(2).map(Number);
const tokens = {};

/** One way through a network, in ms: log-normal around 25 ms, and each hundredth packet is lost once or held up. */
function oneWayMs() {
  const normal = Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
  return 25 * Math.exp(0.6 * normal) + (Math.random() < 0.01 ? 200 + 700 * Math.random() : 0);
}

/** Milliseconds to wait; 0 when the request is served. */
function take(token, now) {
  const count = tokens[token] ??= { served: [], refused: 0 };
  const lately = count.served.filter((at) => at > now - windowMs);
  if (lately.length < requests) { count.served.push(now); return 0; }
  count.refused += 1;
  return lately[0] + windowMs - now;
}

async function answer(request, response) {
  let body = '';
  for await (const piece of request) body += piece;
  const { AccessToken: token } = JSON.parse(body);
  await sleep(oneWayMs());
  const waitMs = take(token, performance.now());
  await sleep(oneWayMs());
  if (waitMs === 0) response.end('{}');
  else response.writeHead(429, { 'retry-after': String(Math.ceil(waitMs / 1_000)) }).end('{"Message":"Too many requests"}');
}

const server = createServer((request, response) => { void answer(request, response); });
server.listen(0, '127.0.0.1', () => process.stdout.write(`${JSON.stringify({ port: server.address().port })}\n`));
process.on('SIGUSR2', () => process.stdout.write(`${JSON.stringify(tokens)}\n`));
