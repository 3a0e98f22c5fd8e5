// The two queue stores to test against, each with the tools to disturb it.
import { Redis } from 'ioredis';
import { createLogger, Secret, type Logger } from '@keyrack/core';
import type { RunnerConfig } from '@keyrack/queue';
import { createTestDatabase } from '../harness/database.js';

export interface TestStore {
  config: RunnerConfig;
  /** Forgets every job, as after a lost disk. */
  empty(): Promise<void>;
  /** Cuts every connection that the program has to the store. */
  cut(): Promise<void>;
  drop(): Promise<void>;
}

export const silent: Logger = createLogger('test', 'fatal');

export const stores: { name: string; skip: string | false; open(): Promise<TestStore> }[] = [
  { name: 'postgres', skip: false, open: postgresStore },
  { name: 'redis', skip: redisMissing(), open: redisStore },
];

function redisMissing(): string | false {
  if (process.env['KEYRACK_TEST_REDIS'] || process.env['CI'] === 'true') return false;
  return 'KEYRACK_TEST_REDIS is not set (redis://host:port of a server that may be emptied)';
}

async function postgresStore(): Promise<TestStore> {
  const database = await createTestDatabase();
  return {
    config: { databaseUrl: database.databaseUrl, keys: database.keys, redisUrl: undefined, workerConcurrency: 4, leaseMs: 2_000 },
    async empty() {
      // Table by table: one TRUNCATE of all would lock them in another order than a running worker does.
      for (const table of ['job', 'event', 'meta']) await database.owner.query(`delete from bullmq.${table}`);
    },
    async cut() {
      await database.owner.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename like $1', ['%_platform']);
    },
    drop: () => database.drop(),
  };
}

/** The last of the server's 16 databases; what else the test run keeps there stays. */
async function redisStore(): Promise<TestStore> {
  const server = process.env['KEYRACK_TEST_REDIS'];
  if (!server) throw new Error('KEYRACK_TEST_REDIS is not set: run the tests through npm test');
  const url = new URL(server);
  url.pathname = '/15';
  const redis = new Redis(url.toString());
  await redis.flushdb();
  const unused = new Secret('postgres://nobody@127.0.0.1:1/none');
  return {
    config: { databaseUrl: unused, keys: unused, redisUrl: new Secret(url.toString()), workerConcurrency: 4, leaseMs: 2_000 },
    async empty() { await redis.flushdb(); },
    async cut() { await redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'); },
    async drop() { await redis.flushdb(); redis.disconnect(); },
  };
}

