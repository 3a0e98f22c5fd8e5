// keyrack audit: whether the audit trail is as it was recorded, checked where the database may not be trusted.
import { createPublicKey } from 'node:crypto';
import { open } from 'node:fs/promises';
import { Audit, AuditVerifier, checkpointKey, type Verification } from '@keyrack/audit';
import { openDatabase, systemActor, type Config, type Database } from '@keyrack/core';
import { Problem } from './problem.js';

/**
 * @param file checkpoints that were collected elsewhere, such as a log; without it those of KEYRACK_AUDIT_CHECKPOINTS
 * @throws Problem where it holds none: a trail that is held against nothing must not pass for one that is in order
 */
export async function verifyAudit(config: Config, file: string | undefined): Promise<Verification> {
  const found = await withDatabase(config, (db) => new AuditVerifier(db, config).verify(file === undefined ? undefined : linesOf(file)));
  if (file !== undefined && found.ok && found.checkpoints === 0) throw new Problem(`--checkpoints: ${file} holds no checkpoint, and the audit trail was held against none`);
  return found;
}

/** @returns what was done, for people */
export async function keyAudit(config: Config): Promise<string> {
  const count = await withDatabase(config, (db) => new Audit(db, config).keyChains(systemActor('audit.key')));
  return count === 0 ? 'Every chain has the key already.' : `${count.toLocaleString('en')} chain${count === 1 ? '' : 's'} put under the key of the ring.`;
}

async function withDatabase<T>(config: Config, work: (db: Database) => Promise<T>): Promise<T> {
  const db = await openDatabase(config.databaseUrl, config.keys, 'keyrack-audit', 2);
  try { return await work(db); } finally { await db.close(); }
}

/** @throws Problem */
async function* linesOf(file: string): AsyncIterable<string> {
  try {
    yield* (await open(file)).readLines();
  } catch (error) {
    throw new Problem(`--checkpoints: ${file} cannot be read`, undefined, { cause: error });
  }
}

/** With it anybody can check the checkpoints' signatures (Ed25519), without the key ring. */
export const publicKey = (config: Config): string => createPublicKey(checkpointKey(config.keys)).export({ type: 'spki', format: 'pem' }).toString();
