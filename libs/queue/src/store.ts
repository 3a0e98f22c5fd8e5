// Where jobs lie: Postgres (schema bullmq) or, when REDIS_URL is set, Redis. The one place that knows which.
import { setTimeout as sleep } from 'node:timers/promises';
import { createPostgresBackend, createRedisBackend, isPgPool, type BackendFactory, type IQueueBackend, type QueueOptions } from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';
import { ConfigError, PooledClient, roleUrl, type Config, type Logger } from '@keyrack/core';
import { errorLog } from './error-log.js';

export const QUEUE_NAME = 'keyrack';
const REDIS_PREFIX = 'keyrack';
const READY_WITHIN_MS = 30_000;
const CONNECT_MS = 5_000;

export type StoreConfig = Pick<Config, 'databaseUrl' | 'keys' | 'redisUrl'>;

/** Connections to the store for one use. BullMQ borrows them; `close` ends them. */
export interface Store {
  /** Makes BullMQ's backend over these connections, for `new Queue` and `new Worker`. */
  readonly backend: BackendFactory<IQueueBackend, object>;
  ping(): Promise<void>;
  /** Refuses further calls at once; resolves when the connections have ended. */
  close(): Promise<void>;
}

/** `produce`: calls fail soon when the store is away. `work`: the worker waits until it is back. */
export type StoreUse = 'produce' | 'work';

/** Opens the store and waits until it answers. @throws ConfigError when the schema is missing; the last error when it stays away. */
export async function openStore(config: StoreConfig, use: StoreUse, logger: Logger): Promise<Store> {
  const store = config.redisUrl ? redisStore(config.redisUrl.reveal(), use, logger) : postgresStore(config, use, logger);
  try {
    await answering(store);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

function postgresStore(config: StoreConfig, use: StoreUse, logger: Logger): Store {
  const url = new URL(roleUrl(config.databaseUrl, config.keys, 'platform').reveal());
  // What a crash of Postgres takes of the last moment is put back from the ledger: nothing waits for the disk.
  // BullMQ's statements name no schema. In the URL, because pg lets the URL win over its other settings.
  url.searchParams.set('options', [url.searchParams.get('options'), '-c search_path=bullmq -c jit=off -c synchronous_commit=off'].filter(Boolean).join(' '));
  // A pool beside the database's, since BullMQ takes one; what it asks lies in its own schema. Whether the role is held by row-level
  // security is looked at where the database is opened, by every program that also opens this.
  const pool = new pg.Pool({
    connectionString: url.toString(),
    Client: PooledClient,
    application_name: 'keyrack-queue',
    // A worker holds one of them for LISTEN.
    max: use === 'work' ? 6 : 3,
    connectionTimeoutMillis: CONNECT_MS,
    // Without it a connection that died silently would be listened to for an hour.
    keepAlive: true, keepAliveInitialDelayMillis: 10_000,
    statement_timeout: 10_000, lock_timeout: CONNECT_MS, idle_in_transaction_session_timeout: 12_000,
  });
  pool.on('error', errorLog(logger, 'queue connection lost'));
  // pg's types and BullMQ's sketch of them differ in overloads; this guard is BullMQ's own.
  if (!isPgPool(pool)) throw new Error('BullMQ does not know this version of pg');
  let closing: Promise<void> | undefined;
  return {
    backend: (name, options, factoryOptions) => createPostgresBackend(name, { ...options, connection: pool }, factoryOptions),
    async ping() { await pool.query('select from migration limit 1'); },
    close: () => closing ??= pool.end(),
  };
}

function redisStore(url: string, use: StoreUse, logger: Logger): Store {
  const redis = new Redis(url, {
    connectionName: 'keyrack-queue', connectTimeout: CONNECT_MS,
    // Null, as BullMQ's workers need it: commands wait for the store to be back. A producer's caller would hang instead.
    maxRetriesPerRequest: use === 'work' ? null : 1,
    retryStrategy: (attempt) => Math.min(attempt * 50, 1_000),
  });
  redis.on('error', errorLog(logger, 'queue connection lost'));
  return {
    backend(name, options, factoryOptions) {
      const redisOptions: QueueOptions = { ...options, connection: redis, prefix: REDIS_PREFIX };
      return createRedisBackend(name, redisOptions, factoryOptions);
    },
    async ping() { await redis.ping(); },
    async close() { redis.disconnect(); },
  };
}

/** BullMQ remembers a failed first connection for good, so it must not see the store before it answers. */
async function answering(store: Store): Promise<void> {
  for (const deadline = Date.now() + READY_WITHIN_MS; ; await sleep(250)) {
    try {
      return await within(CONNECT_MS, store.ping());
    } catch (error) {
      const code = errorCode(error);
      if (code === '42P01' || code === '42501') throw new ConfigError('The queue\'s tables are missing: run "keyrack migrate" first', { cause: error });
      if (Date.now() > deadline) throw error;
    }
  }
}

const errorCode = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

/** Rejects when the store does not answer in time; a call without an end would hold its caller. */
export async function within<T>(ms: number, call: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = sleep(ms, undefined, { signal: timer.signal, ref: false }).then(() => { throw new Error(`the queue store did not answer within ${ms} ms`); });
  late.catch(() => undefined);
  try { return await Promise.race([call, late]); } finally { timer.abort(); }
}
