// A whole Keyrack in this process: sandbox Mews, api and worker, with one tenant and an application that may use the sandbox.
import { startSandbox } from '../../apps/sandbox/src/index.js';
import { createTestDatabase, type TestDatabase } from './database.js';
import { startApi, type Answer, type Api } from './api.js';
import { startWorker } from './worker.js';

type Sandbox = Awaited<ReturnType<typeof startSandbox>>;

export interface Keyrack {
  database: TestDatabase; api: Api; sandbox: Sandbox; applicationId: string;
  /** Calls below /v1/tenants/acme. */
  call(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Onboards one of the sandbox's tokens by its place in `sandbox.tokens`. */
  onboard(index: number, connect?: 'all' | 'none' | string[]): Promise<Answer>;
  /** Starts a sync and waits until its operation is over. */
  sync(body: object): Promise<Answer>;
  untilIdle(timeoutMs?: number): Promise<void>;
  stopWorker(): Promise<void>;
  stop(): Promise<void>;
}

const wide = { requests: 5_000, seconds: 30 };

export interface KeyrackOptions { sandbox?: Parameters<typeof startSandbox>[0]; env?: Record<string, string>; worker?: 'in-process' | 'none'; requestLimit?: { requests: number; seconds: number }; /** A server of the test's own. */ postgres?: string }

/** The request limit is wide on both sides, so that nothing waits for it where it is not what is tested. */
export async function startKeyrack({ sandbox: sandboxOptions = { profile: 'small', limit: { requests: wide.requests } }, env = {}, worker = 'in-process', requestLimit = wide, postgres }: KeyrackOptions = {}): Promise<Keyrack> {
  const [sandbox, database] = await Promise.all([startSandbox(sandboxOptions), createTestDatabase(postgres)]);
  const settings = { KEYRACK_ALLOW_HTTP_PLATFORM: 'true', ...env };
  const api = await startApi(database, settings);
  const stopWorker = worker === 'none' ? async () => undefined : await startWorker(database, settings);
  const call: Keyrack['call'] = (method, path, body) => api.request(method, `/v1/tenants/acme${path}`, body);

  const clientToken = sandbox.tokens[0]?.clientToken;
  await expectStatus(201, api.request('POST', '/v1/environments', { id: 'sandbox', name: 'Sandbox', platformAddress: sandbox.url, requestLimit }));
  const application = await expectStatus(201, api.request('POST', '/v1/applications', { name: 'Test', version: '1.0', clientTokens: [{ environment: 'sandbox', clientToken }] }));
  await expectStatus(201, api.request('POST', '/v1/tenants', { slug: 'acme', name: 'Acme' }));
  const applicationId: string = application.body.id;

  return {
    database, api, sandbox, applicationId, call,
    onboard: (index, connect = 'all') => expectStatus(201, call('POST', '/access-tokens', { applicationId, environment: 'sandbox', accessToken: sandbox.tokens[index]?.accessToken, connect })),
    async sync(body) {
      const started = await expectStatus(202, call('POST', '/syncs', body));
      return until(60_000, async () => {
        const answer = await expectStatus(200, api.request('GET', `/v1/operations/${started.body.operationId}`));
        return answer.body.state === 'running' ? undefined : answer;
      });
    },
    async untilIdle(timeoutMs = 60_000) {
      let left = '';
      const idle = async () => {
        // Where one request of five fails, seven failures in a row are no rarity among hundreds, and the last of their waits takes a minute.
        await database.owner.query(`update run set available_at = clock_timestamp() + interval '5 s' where state = 'waiting' and wait_reason = 'retry' and available_at > clock_timestamp() + interval '5 s'`);
        // Due schedules first: one that becomes a run between the two looks is then seen as a run.
        const { rows: [due] } = await database.owner.query('select count(*)::int as n from schedule where enabled and next_run_at <= now()');
        const { body: { runs } } = await expectStatus(200, call('GET', '/overview'));
        left = `${runs.running} running, ${runs.waiting} waiting, ${runs.queued} queued, ${due.n} due`;
        return runs.running + runs.waiting + runs.queued + due.n === 0 ? true : undefined;
      };
      await until(timeoutMs, idle).catch(async (error: unknown) => {
        const { rows } = await database.owner.query(`select collection, state, wait_reason, attempts, deaths, available_at - clock_timestamp() as for, lease_until - clock_timestamp() as lease, error->>'code' as error from run where state in ('queued', 'running', 'waiting')`);
        throw new Error(`not idle: ${left}; ${JSON.stringify(rows)}`, { cause: error });
      });
    },
    stopWorker,
    async stop() {
      await stopWorker();
      await api.close();
      await sandbox.stop();
      await database.drop();
    },
  };
}

async function expectStatus(status: number, answer: Promise<Answer>): Promise<Answer> {
  const got = await answer;
  if (got.status !== status) throw new Error(`expected ${status}, got ${got.status}: ${JSON.stringify(got.body)}`);
  return got;
}

/** Asks again until there is an answer. */
export async function until<T>(timeoutMs: number, ask: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`no answer within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Until something waits for a lock in the database. */
export const untilLocked = ({ owner }: TestDatabase): Promise<unknown> =>
  until(10_000, async () => (await owner.query(`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)).rows[0]);

/** While `work` runs, pages of the collection that have something to write wait for it. */
export async function holdingPages<T>({ owner }: TestDatabase, collection: string, work: () => Promise<T>): Promise<T> {
  const client = await owner.connect();
  try {
    await client.query('begin');
    await client.query('select from feed where collection = $1 for update', [collection]);
    return await work();
  } finally {
    await client.query('commit');
    client.release();
  }
}
