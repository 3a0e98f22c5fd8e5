// A whole Keyrack as processes of their own, for benches that measure more than a room: api and worker on the bench's database.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const KEY = 'bench-bootstrap-key-0123456789abcdef';

/** Starts an api and a worker, whose queue is in Postgres unless there is a Redis. `call` posts to the api as the platform's administrator and answers the body. */
export async function startWhole({ databaseUrl, keys }, parts, redisUrl) {
  const port = await parts.processes.findFreePort();
  const env = {
    PATH: process.env.PATH, DATABASE_URL: databaseUrl.reveal(), KEYRACK_KEYS: keys.reveal(), KEYRACK_PORT: String(port), KEYRACK_ALLOW_HTTP_PLATFORM: 'true',
    KEYRACK_BOOTSTRAP_KEY: KEY, KEYRACK_LOG_LEVEL: 'error', ...(redisUrl !== undefined && { REDIS_URL: redisUrl }),
  };
  const [api, worker] = ['api', 'worker'].map((name) => spawn(process.execPath, [fileURLToPath(new URL(`../../dist/apps/${name}/main.js`, import.meta.url))], { env, stdio: ['ignore', 'ignore', 'inherit'] }));
  const url = `http://127.0.0.1:${port}`;
  for (const until = Date.now() + 30_000; ; await sleep(100)) {
    if (await fetch(`${url}/readyz`).then((answer) => answer.ok, () => false)) break;
    if (Date.now() > until) throw new Error('the api did not start');
  }
  return {
    api, worker,
    async call(path, body) {
      const answer = await fetch(`${url}/v1${path}`, { method: 'POST', headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' }, body: JSON.stringify(body) });
      if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
      return answer.json();
    },
    async stop() { for (const child of [worker, api]) await end(child); },
  };
}

/** Connects an application to an environment at this address, with a budget that holds nobody up. @returns the application's id */
export async function connectEnvironment({ call }, platformAddress, clientToken) {
  await call('/environments', { id: 'bench', name: 'Bench', platformAddress, requestLimit: { requests: 10_000, seconds: 30 } });
  return (await call('/applications', { name: 'Bench', version: '1.0', clientTokens: [{ environment: 'bench', clientToken }] })).id;
}

/** Waits until no run is live. */
export async function untilIdle(owner) {
  for (;;) {
    await sleep(500);
    const { rows: [{ live, due }] } = await owner.query(`select (select count(*)::int from run where state in ('queued', 'running', 'waiting')) as live, (select count(*)::int from schedule where enabled and next_run_at <= now()) as due`);
    if (live + due === 0) return;
  }
}

export async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}
