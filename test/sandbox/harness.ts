// Calls to a sandbox as a client would make them, without one of ours in between.
import { startSandbox, type Sandbox, type SandboxOptions, type TokenInfo } from '../../apps/sandbox/src/index.js';

export type Answer = { status: number; headers: Headers; body: Record<string, unknown> };

/** A small world with a free port and a limit that is not in the way. */
export function small(options: SandboxOptions = {}): Promise<Sandbox> {
  return startSandbox({ profile: 'small', seed: 'test', limit: { requests: 100_000 }, ...options });
}

export function pick(sandbox: Sandbox, index: number): TokenInfo {
  const token = sandbox.tokens[index];
  if (!token) throw new Error(`no token ${index}`);
  return token;
}

export function enterpriseOf(token: TokenInfo): TokenInfo['enterprises'][number] {
  const [first] = token.enterprises;
  if (!first) throw new Error('the token opens nothing');
  return first;
}

export async function post(sandbox: Sandbox, path: string, body: string, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(`${sandbox.url}/api/connector/v1/${path}`, { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body, redirect: 'manual' });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) as Record<string, unknown> };
}

export function call(sandbox: Sandbox, token: TokenInfo, path: string, body: object = {}, headers: Record<string, string> = {}): Promise<Answer> {
  return post(sandbox, path, JSON.stringify({ ...body, ClientToken: token.clientToken, AccessToken: token.accessToken, Client: 'Test 1.0' }), headers);
}

export function rows(answer: Answer, list: string): Record<string, unknown>[] {
  const found = answer.body[list];
  if (!Array.isArray(found)) throw new Error(`no ${list} in ${answer.status} ${JSON.stringify(answer.body).slice(0, 300)}`);
  return found as Record<string, unknown>[];
}

/** Every page, newest first. */
export async function all(sandbox: Sandbox, token: TokenInfo, path: string, list: string, body: object, count = 1000): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = [];
  let cursor: unknown = null;
  for (let pages = 0; pages < 10_000; pages++) {
    const answer = await call(sandbox, token, path, { ...body, Limitation: { Count: count, Cursor: cursor } });
    found.push(...rows(answer, list));
    cursor = answer.body['Cursor'];
    if (cursor === null || rows(answer, list).length < count) return found;
  }
  throw new Error('no end of pages');
}
