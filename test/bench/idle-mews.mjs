// Stands in for Mews where nothing has changed: each token `hotel-N` opens one enterprise, and every page is empty. Prints its port.
import { createServer } from 'node:http';

const idOf = (kind, n) => `${kind}0000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const yesterday = new Date(Date.now() - 86_400_000).toISOString();

async function answer(request, response) {
  let body = '';
  for await (const piece of request) body += piece;
  const n = Number(JSON.parse(body).AccessToken.slice('hotel-'.length));
  const enterprise = { Id: idOf('e', n), ChainId: idOf('c', n), Name: `Hotel ${n}`, TimeZoneIdentifier: 'Europe/Prague', CreatedUtc: yesterday };
  response.setHeader('content-type', 'application/json');
  if (request.url.includes('/configuration/get')) response.end(JSON.stringify({ Enterprise: enterprise }));
  else if (request.url.includes('/enterprises/getAll')) response.end(JSON.stringify({ Enterprises: [enterprise], Cursor: null }));
  else response.end('{"Cursor":null}');
}

const server = createServer((request, response) => { void answer(request, response); });
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
