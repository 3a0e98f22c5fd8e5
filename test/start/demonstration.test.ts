// The demonstration against Mews' public demo environment, which another address stands in for, and what counts as a failed first sync.
import { afterAll, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { Secret } from '@keyrack/core';
import { ApiClient } from '../../apps/cli/src/start/api-client.js';
import { waitForSyncs } from '../../apps/cli/src/start/first-syncs.js';
import { mewsDemo } from '../../apps/cli/src/start/mews-demo.js';
import { startSandbox } from '../../apps/sandbox/src/index.js';
import { hasProc, removeDataDir, StartedKeyrack, temporaryDataDir } from './keyrack-process.js';

const dataDir = temporaryDataDir();
const servers: Server[] = [];
afterAll(async () => {
  for (const server of servers) { server.closeAllConnections(); server.close(); }
  removeDataDir(dataDir);
});

async function listen(server: Server): Promise<string> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port ?? 0 : 0}`;
}

(hasProc ? test : test.skip)("--mews-demo --once connects Mews' published tokens, syncs what they open and ends with 0", async () => {
  const sandbox = await startSandbox({ seed: 'mews-demo', epochMs: Date.now(), port: 0, host: '127.0.0.1', profile: 'small' });
  const own = await (await fetch(`${sandbox.url}/sandbox/tokens`)).json() as { clientToken: string; accessToken: string; kind: string }[];
  const singles = own.filter(({ kind }) => kind === 'enterprise');
  const seen = new Set<string>();
  // Stands where Mews' demo stands: it knows the published tokens.
  const address = await listen(createServer((request, response) => {
    void (async () => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      body = body.replaceAll(mewsDemo.clientToken, singles[0]?.clientToken ?? '');
      mewsDemo.accessTokens.forEach(({ accessToken }, index) => {
        if (body.includes(accessToken)) seen.add(accessToken);
        body = body.replaceAll(accessToken, singles[index]?.accessToken ?? '');
      });
      const answer = await fetch(sandbox.url + (request.url ?? ''), { method: request.method ?? 'POST', headers: { 'content-type': 'application/json' }, body });
      response.writeHead(answer.status, { 'content-type': 'application/json', date: answer.headers.get('date') ?? '' });
      response.end(await answer.text());
    })().catch(() => { response.destroy(); });
  }));
  try {
    const keyrack = await StartedKeyrack.start(dataDir, { args: ['--mews-demo', '--once'], env: { KEYRACK_MEWS_DEMO_ADDRESS: address } });
    expect({ code: await keyrack.ended(280_000), output: keyrack.output }).toMatchObject({ code: 0 });
    expect(seen.size).toBe(mewsDemo.accessTokens.length);
    expect(keyrack.output).toMatch(/reservations.*\d/);
    for (const { accessToken } of mewsDemo.accessTokens) expect(keyrack.output.includes(accessToken)).toBe(false);
    expect(keyrack.processes()).toEqual([]);
  } finally {
    await sandbox.stop();
  }
}, 300_000);

test('a first sync that failed is told; one that succeeded at the second try is not', async () => {
  const run = (id: string, collection: string, state: string) =>
    ({ id, enterpriseId: 'e', collection, state, records: { added: 1, updated: 0, unchanged: 0 }, error: state === 'failed' ? { code: 'mews.failed', message: 'Mews answered 500' } : null });
  const url = await listen(createServer((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ items: [run('3', 'bills', 'failed'), run('2', 'rates', 'succeeded'), run('1', 'rates', 'failed')], nextCursor: null }));
  }));
  const api = new ApiClient(url, new Secret('key'), new AbortController().signal);
  const problems = await waitForSyncs(api, [{ slug: 'a', name: 'A' }], () => undefined);
  expect(problems).toEqual(['bills of e: failed (mews.failed Mews answered 500)']);
});
