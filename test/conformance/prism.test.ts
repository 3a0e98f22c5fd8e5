// The client against a mock that refuses whatever the vendor's document does not allow.
import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Secret, type EnvironmentId } from '@keyrack/core';
import { collections, MewsClient, readPage, RequestBudget, type BudgetAnswer, type BudgetUsage, type MewsTarget } from '@keyrack/mews';
import { findFreePort } from '../../apps/cli/src/processes.js';
import { everyRequest } from './every-request.js';
import { asDescribed, describeWithVendor, vendorFolder } from './vendor.js';

class Unlimited extends RequestBudget {
  override take(): Promise<BudgetAnswer> { return Promise.resolve({ granted: true }); }
  override throttled(): Promise<number> { return Promise.resolve(1_000); }
  override usage(): Promise<Map<string, BudgetUsage>> { return Promise.resolve(new Map<string, BudgetUsage>()); }
}

describeWithVendor('a mock of the contract of Mews', () => {
  const client = new MewsClient(new Unlimited(), { addresses: 'any' });
  let prism: ChildProcess, target: MewsTarget;

  beforeAll(async () => {
    const port = await findFreePort();
    let said = '', ended = false;
    prism = spawn(process.execPath, [fileURLToPath(new URL('../../node_modules/@stoplight/prism-cli/dist/index.js', import.meta.url)),
      'mock', '--errors', '--host', '127.0.0.1', '--port', String(port), `${vendorFolder}openapi.json`], { env: { ...process.env, NODE_OPTIONS: '' }, stdio: ['ignore', 'pipe', 'pipe'] });
    prism.stdout?.on('data', (piece: Buffer) => { said = (said + piece.toString()).slice(-4_000); });
    prism.stderr?.on('data', (piece: Buffer) => { said = (said + piece.toString()).slice(-4_000); });
    prism.on('close', () => { ended = true; });
    target = {
      environmentId: 'demo' as EnvironmentId, platformAddress: `http://127.0.0.1:${port}`, requestLimit: { requests: 200, seconds: 30 }, client: 'Keyrack 1.0',
      clientToken: new Secret('client'), accessToken: new Secret('access'), fingerprint: 'f', kind: 'portfolio',
    };
    for (const until = Date.now() + 100_000; !said.includes('Prism is listening'); await sleep(100)) {
      if (ended || Date.now() > until) throw new Error(`the mock did not start: ${said}`);
    }
  }, 120_000);
  afterAll(async () => { prism.kill('SIGKILL'); await client.close(); });

  const call = (path: string, body: Record<string, unknown>) => client.call(target, path, body, { use: 'background', maxWaitMs: 0 });

  test.each(collections.map((entry) => [entry.name, entry] as const))('%s: no request is refused, and the answer is read', async (name, entry) => {
    for (const request of everyRequest(entry)) {
      const { bytes } = await call(entry.path, asDescribed(name, request));
      expect(readPage(entry, bytes).lists).toHaveLength(entry.lists.length);
    }
  });

  test('what a token opens is asked as documented', async () => {
    expect((await call('configuration/get', {})).body).toHaveProperty('Enterprise');
    expect((await call('enterprises/getAll', { Limitation: { Count: 1_000, Cursor: null } })).body).toHaveProperty('Enterprises');
  });

  test('the mock does refuse: an unknown property, a missing limitation', async () => {
    const id = '00000000-0000-4000-8000-000000000000';
    await expect(call('bills/getAll', { EnterpriseIds: [id], Limitation: { Count: 1, Cursor: null }, Nonsense: 1 })).rejects.toMatchObject({ kind: 'bad_request' });
    await expect(call('bills/getAll', { EnterpriseIds: [id] })).rejects.toMatchObject({ kind: 'bad_request' });
  });
});
