// Makes data keys, wraps them under the key ring and unwraps them. Nothing here touches the database.
import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, randomBytes, type KeyObject } from 'node:crypto';
import { AppError, type KeyRing } from '@keyrack/core';
import { lengthPrefixed, type DataKey } from './sealer.js';

const CIPHER = 'aes-256-gcm';
const FORMAT = 1;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG = { authTagLength: 16 };
const WRAPPED_BYTES = 1 + NONCE_BYTES + KEY_BYTES + TAG.authTagLength;

/** A data key as it is stored: version byte 1 | nonce, 12 bytes | wrapped key, 32 bytes | tag, 16 bytes. */
export interface WrappedKey { keyId: number; wrapped: Buffer; ringKey: string }

/** A new random data key, wrapped under the ring's current key and bound to its owner and id. */
export function newWrappedKey(ring: KeyRing, scope: string, keyId: number): WrappedKey {
  const ringKey = ring.currentName;
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, wrappingKey(ring, ringKey), nonce, TAG);
  cipher.setAAD(associated(scope, keyId, ringKey));
  const bytes = randomBytes(KEY_BYTES);
  const wrapped = Buffer.concat([Buffer.of(FORMAT), nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
  bytes.fill(0);
  return { keyId, wrapped, ringKey };
}

/** @throws AppError `secret.unreadable` when the ring lacks the key, or the row was altered or moved. */
export function unwrapKey(ring: KeyRing, scope: string, { keyId, wrapped, ringKey }: WrappedKey): DataKey {
  if (wrapped.length !== WRAPPED_BYTES || wrapped[0] !== FORMAT) throw unreadable(scope, keyId, 'it is not in a known format');
  const decipher = createDecipheriv(CIPHER, wrappingKey(ring, ringKey), wrapped.subarray(1, 1 + NONCE_BYTES), TAG);
  decipher.setAAD(associated(scope, keyId, ringKey));
  decipher.setAuthTag(wrapped.subarray(-TAG.authTagLength));
  const bytes = decipher.update(wrapped.subarray(1 + NONCE_BYTES, -TAG.authTagLength));
  try {
    decipher.final();
  } catch (cause) {
    throw unreadable(scope, keyId, `it was altered or moved, or KEYRACK_KEYS holds another key under the name "${ringKey}"`, cause);
  }
  const hashKey = Buffer.from(hkdfSync('sha256', bytes, Buffer.alloc(0), 'keyrack content hash', KEY_BYTES));
  const key: DataKey = { id: keyId, key: createSecretKey(bytes), hashKey: createSecretKey(hashKey) };
  bytes.fill(0);
  hashKey.fill(0);
  return key;
}

function wrappingKey(ring: KeyRing, name: string): KeyObject {
  const key = ring.wrapping.get(name);
  if (!key) throw new AppError('secret.unreadable', { detail: `KEYRACK_KEYS has no key named "${name}", which still wraps data keys: put it back` });
  return key;
}

const associated = (scope: string, keyId: number, ringKey: string): Buffer =>
  lengthPrefixed([`keyrack data key ${FORMAT}`, scope, String(keyId), ringKey]);

const unreadable = (scope: string, keyId: number, why: string, cause?: unknown): AppError =>
  new AppError('secret.unreadable', { detail: `Data key ${keyId} of ${scope} cannot be unwrapped: ${why}`, cause });
