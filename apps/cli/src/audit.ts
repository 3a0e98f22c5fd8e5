// keyrack audit: whether the audit trail is as it was recorded, checked where the database may not be trusted.
import { createPublicKey } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { AuditVerifier, checkpointKey, type Verification } from '@keyrack/audit';
import { openDatabase, type Config } from '@keyrack/core';
import { Problem } from './problem.js';

/** @param file checkpoints that were collected elsewhere, such as a log; without it those of KEYRACK_AUDIT_CHECKPOINTS */
export async function verifyAudit(config: Config, file: string | undefined): Promise<Verification> {
  if (file !== undefined && !await stat(file).then((found) => found.isFile(), () => false)) throw new Problem(`--checkpoints: ${file} is not a file that can be read`);
  const db = await openDatabase(config.databaseUrl, config.keys, 'keyrack-audit', 2);
  try {
    return await new AuditVerifier(db, config).verify(file === undefined ? undefined : createInterface({ input: createReadStream(file) }));
  } finally {
    await db.close();
  }
}

/** With it anybody can check the checkpoints' signatures (Ed25519), without the key ring. */
export const publicKey = (config: Config): string => createPublicKey(checkpointKey(config.keys)).export({ type: 'spki', format: 'pem' }).toString();
