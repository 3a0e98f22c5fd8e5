// What the benches share: a durable Postgres of their own, a prepared database with one connected enterprise, medians.
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { openFolder, redisOnPath, startPostgres, startRedis } from '../provisions.mjs';

const load = (path) => import(new URL(`../../dist/${path}`, import.meta.url).href);

/** The compiled rooms that the benches drive. */
export async function rooms() {
  const [core, credentials, mews, queue, migrate, place, server, processes, pager, runsRepository, planner, runner, sweep, dispatcher, dispatchRepository, jobs, fanIn, sights, audit] = await Promise.all([
    load('libs/core/src/index.js'), load('libs/credentials/src/index.js'), load('libs/mews/src/index.js'), load('libs/queue/src/index.js'), load('apps/cli/src/migrate.js'),
    load('apps/cli/src/postgres/place.js'), load('apps/cli/src/postgres/server.js'), load('apps/cli/src/processes.js'),
    load('libs/sync/src/pager.js'), load('libs/sync/src/runs.repository.js'), load('libs/sync/src/planner.js'), load('libs/sync/src/runner.js'), load('libs/sync/src/sweep.js'),
    load('libs/sync/src/dispatcher.js'), load('libs/sync/src/dispatch.repository.js'), load('libs/sync/src/sync.jobs.js'), load('libs/sync/src/fan-in.js'), load('libs/sync/src/sights.js'), load('libs/audit/src/index.js')]);
  return { core, credentials, mews, queue, migrate, place, server, processes, pager, runsRepository, planner, runner, sweep, dispatcher, dispatchRepository, jobs, fanIn, sights, audit };
}

/** Starts Postgres with its defaults, durable as in production, and a migrated database. */
export async function openBench(parts, settings = {}) {
  const { core, migrate } = parts;
  const folder = await openFolder(parts.server);
  const postgres = await startPostgres(folder, { ...parts, Secret: core.Secret }, { shared_buffers: '512MB', max_wal_size: '4GB', ...settings });
  const owner = new pg.Client({ connectionString: postgres.url });
  await owner.connect();
  await owner.query('create database bench');
  await owner.end();
  const url = new URL(postgres.url);
  url.pathname = '/bench';
  const databaseUrl = new core.Secret(url.toString()), keys = new core.Secret(core.generateKeyRing());
  await migrate.migrate({ databaseUrl, keys });
  const db = await core.openDatabase(databaseUrl, keys, 'bench', 12);
  const own = new pg.Client({ connectionString: url.toString() });
  await own.connect();
  return {
    db, databaseUrl, keys, owner: own, vault: new parts.credentials.Vault({ keys }),
    async close() {
      await db.close();
      await own.end();
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Undefined where the machine has no redis-server. */
export async function openRedis(parts) {
  const path = redisOnPath();
  if (path === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'keyrack-bench-redis-'));
  const redis = await startRedis(path, folder, parts);
  return { ...redis, async stop() { await redis.stop(); rmSync(folder, { recursive: true, force: true }); } };
}

/** A tenant with one connected enterprise, made behind the program's back. @returns their ids */
export async function tenantWithEnterprise({ owner, db, vault }) {
  const ids = { tenantId: randomUUID(), enterpriseId: randomUUID(), accessTokenId: randomUUID(), applicationId: randomUUID(), chainId: randomUUID() };
  await owner.query(`insert into tenant (id, slug, name) values ($1, $2, 'Bench')`, [ids.tenantId, `bench-${randomBytes(4).toString('hex')}`]);
  await owner.query(`insert into application (id, name, version) values ($1, $2, '1')`, [ids.applicationId, ids.applicationId]);
  await db.inTenant(ids.tenantId, (tx) => vault.createTenantKey(tx));
  await owner.query(`insert into access_token (tenant_id, id, environment_id, application_id, kind, hint, fingerprint, ciphertext) values ($1, $2, 'demo', $3, 'enterprise', '…', $4, '\\x00')`,
    [ids.tenantId, ids.accessTokenId, ids.applicationId, ids.accessTokenId]);
  await owner.query(`insert into enterprise (tenant_id, id, environment_id, chain_id, name, time_zone, created_utc) values ($1, $2, 'demo', $3, 'Bench', 'UTC', '2020-01-01')`,
    [ids.tenantId, ids.enterpriseId, ids.chainId]);
  return ids;
}

export const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** Runs and times in milliseconds. */
export async function time(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
