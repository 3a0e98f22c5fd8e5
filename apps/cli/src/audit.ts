// keyrack audit: whether the audit trail is as it was recorded, checked where the database may not be trusted.
import { createPublicKey } from 'node:crypto';
import { open } from 'node:fs/promises';
import { AuditVerifier, checkpointKey, type Verification } from '@keyrack/audit';
import { openDatabase, type Config } from '@keyrack/core';
import { Problem } from './problem.js';

/** @param file checkpoints that were collected elsewhere, such as a log; without it those of KEYRACK_AUDIT_CHECKPOINTS */
export async function verifyAudit(config: Config, file: string | undefined): Promise<Verification> {
  const db = await openDatabase(config.databaseUrl, config.keys, 'keyrack-audit', 2);
  try {
    return await new AuditVerifier(db, config).verify(file === undefined ? undefined : linesOf(file));
  } finally {
    await db.close();
  }
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
