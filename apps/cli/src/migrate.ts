// Brings a database to the current schema and prepares the runtime roles; run by the owner, safe to run again and by several at once.
import { DataSource } from 'typeorm';
import pg from 'pg';
import { authenticateEnvironments } from '@keyrack/applications';
import { Audit } from '@keyrack/audit';
import { registerRing, Vault } from '@keyrack/credentials';
import { checkValueOf, ConfigError, INDEX, openDatabase, parseKeyRing, roleName, rolePassword, type KeyRing, type Secret } from '@keyrack/core';
import { prepareQueue } from '@keyrack/queue';
import { migrations } from '../../../migrations/index.js';

const MIGRATION_LOCK = 7_254_196;

/** Applies all migrations, makes the ring's keys known, sets the runtime roles' passwords and vouches for environments of before. */
export async function migrate({ databaseUrl, keys }: { databaseUrl: Secret; keys: Secret }): Promise<void> {
  const lock = new pg.Client({ connectionString: databaseUrl.reveal(), application_name: 'keyrack-migrate' });
  await lock.connect();
  try {
    await lock.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const source = await new DataSource({ type: 'postgres', url: databaseUrl.reveal(), migrations, migrationsTableName: 'migration', migrationsTransactionMode: 'each' }).initialize();
    try { await source.runMigrations(); } finally { await source.destroy(); }
    await register(lock, parseKeyRing(keys));
    for (const role of ['app', 'platform'] as const) {
      const name = pg.escapeIdentifier(roleName(databaseUrl, role));
      await lock.query(`alter role ${name} password ${pg.escapeLiteral(rolePassword(keys, role).reveal())}`);
      await lock.query(`grant connect on database ${pg.escapeIdentifier(new URL(databaseUrl.reveal()).pathname.slice(1))} to ${name}`);
    }
    await authenticate(lock, { databaseUrl, keys });
    await prepareQueue({ databaseUrl });
  } finally {
    await lock.end();
  }
}

/** @throws ConfigError with another index key than before, before the roles get other passwords by it */
async function register(owner: pg.Client, ring: KeyRing): Promise<void> {
  const { text, values } = registerRing(ring).toQuery();
  await owner.query(text, values);
  const { rows: [known] } = await owner.query<{ value: Buffer }>('select check_value as value from ring_key where name = $1', [INDEX]);
  if (known && !checkValueOf(ring.index).equals(known.value)) throw new ConfigError('KEYRACK_KEYS: the key "index" is another one than before: put that one back. With another one no API key, session or fingerprint would be known');
}

/** By the platform's role, which writes an event of each. */
async function authenticate(owner: pg.Client, { databaseUrl, keys }: { databaseUrl: Secret; keys: Secret }): Promise<void> {
  const { rows: [listed] } = await owner.query('select 1 from unauthenticated_environment limit 1');
  if (!listed) return;
  const db = await openDatabase(databaseUrl, keys, 'keyrack-migrate', 1);
  try { await authenticateEnvironments(db, new Vault({ keys }), new Audit(db, { keys })); } finally { await db.close(); }
}
