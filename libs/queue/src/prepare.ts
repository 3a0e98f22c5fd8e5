// Creates the queue's tables; run by `keyrack migrate` as the owner. The runtime role may use them, not change them.
import { runMigrations } from 'bullmq';
import pg from 'pg';
import { roleName, type Secret } from '@keyrack/core';

const SCHEMA = 'bullmq';

/** Brings schema `bullmq` to the version that this BullMQ knows and grants it to the platform role. Safe to run again. */
export async function prepareQueue({ databaseUrl }: { databaseUrl: Secret }): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl.reveal(), application_name: 'keyrack-migrate' });
  await client.connect();
  try {
    await runMigrations(client, SCHEMA);
    const role = pg.escapeIdentifier(roleName(databaseUrl, 'platform'));
    await client.query(`
      grant usage on schema ${SCHEMA} to ${role};
      grant select, insert, update, delete on all tables in schema ${SCHEMA} to ${role};
      grant usage, select on all sequences in schema ${SCHEMA} to ${role};
      grant execute on all functions in schema ${SCHEMA} to ${role};
      alter default privileges in schema ${SCHEMA} grant select, insert, update, delete on tables to ${role};
      alter default privileges in schema ${SCHEMA} grant usage, select on sequences to ${role};
      alter default privileges in schema ${SCHEMA} grant execute on functions to ${role};`);
  } finally {
    await client.end();
  }
}
