// Makes data keys, wraps them under the key ring and unwraps them. Nothing here touches the database.
import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, randomBytes, type KeyObject } from 'node:crypto';
import { AppError, type KeyRing } from '@keyrack/core';
import { lengthPrefixed, type DataKey } from './sealer.js';

const CIPHER = 'aes-256-gcm';
/** 1: the data key alone, from which the content hash's key is derived. 2: both keys. New ones are 2. */
const FORMAT = 2;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG = { authTagLength: 16 };

/** A data key as it is stored: version byte | nonce, 12 bytes | the wrapped key or two keys, 32 bytes each | tag, 16 bytes. */
export interface WrappedKey { keyId: number; wrapped: Buffer; ringKey: string }

/**
 * A new random data key, wrapped under the ring's active key and bound to its owner and id.
 * @param before the key that it follows: its key of content hashes goes on, or every stored record would look changed
 */
export function newWrappedKey(ring: KeyRing, scope: string, keyId: number, before?: DataKey): WrappedKey {
  const bytes = Buffer.concat([randomBytes(KEY_BYTES), before?.hashKey.export() ?? randomBytes(KEY_BYTES)]);
  return wrap(ring, scope, keyId, bytes);
}

/** The same data key under the ring's active key. @throws AppError as `unwrapKey` */
export const rewrapKey = (ring: KeyRing, scope: string, stored: WrappedKey): WrappedKey => wrap(ring, scope, stored.keyId, unwrap(ring, scope, stored));

/** @throws AppError `secret.unreadable` when the ring lacks the key, or the row was altered or moved. */
export function unwrapKey(ring: KeyRing, scope: string, stored: WrappedKey): DataKey {
  const bytes = unwrap(ring, scope, stored);
  const key: DataKey = { id: stored.keyId, key: createSecretKey(bytes.subarray(0, KEY_BYTES)), hashKey: createSecretKey(bytes.subarray(KEY_BYTES)) };
  bytes.fill(0);
  return key;
}

/** Wipes `bytes`. */
function wrap(ring: KeyRing, scope: string, keyId: number, bytes: Buffer): WrappedKey {
  const ringKey = ring.currentName;
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, wrappingKey(ring, ringKey), nonce, TAG);
  cipher.setAAD(associated(FORMAT, scope, keyId, ringKey));
  const wrapped = Buffer.concat([Buffer.of(FORMAT), nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
  bytes.fill(0);
  return { keyId, wrapped, ringKey };
}

/** @returns the data key and the key of content hashes, one after the other */
function unwrap(ring: KeyRing, scope: string, { keyId, wrapped, ringKey }: WrappedKey): Buffer {
  const format = wrapped[0] ?? 0, size = wrapped.length - 1 - NONCE_BYTES - TAG.authTagLength;
  if ((format !== 1 && format !== FORMAT) || size !== format * KEY_BYTES) throw unreadable(scope, keyId, 'it is not in a known format');
  const decipher = createDecipheriv(CIPHER, wrappingKey(ring, ringKey), wrapped.subarray(1, 1 + NONCE_BYTES), TAG);
  decipher.setAAD(associated(format, scope, keyId, ringKey));
  decipher.setAuthTag(wrapped.subarray(-TAG.authTagLength));
  const bytes = decipher.update(wrapped.subarray(1 + NONCE_BYTES, -TAG.authTagLength));
  try {
    decipher.final();
  } catch (cause) {
    throw unreadable(scope, keyId, `it was altered or moved, or KEYRACK_KEYS holds another key under the name "${ringKey}"`, cause);
  }
  if (format === FORMAT) return bytes;
  const both = Buffer.concat([bytes, Buffer.from(hkdfSync('sha256', bytes, Buffer.alloc(0), 'keyrack content hash', KEY_BYTES))]);
  bytes.fill(0);
  return both;
}

function wrappingKey(ring: KeyRing, name: string): KeyObject {
  const key = ring.wrapping.get(name);
  if (!key) throw new AppError('secret.unreadable', { detail: `KEYRACK_KEYS has no key named "${name}", which still wraps data keys: put it back` });
  return key;
}

const associated = (format: number, scope: string, keyId: number, ringKey: string): Buffer =>
  lengthPrefixed([`keyrack data key ${format}`, scope, String(keyId), ringKey]);

const unreadable = (scope: string, keyId: number, why: string, cause?: unknown): AppError =>
  new AppError('secret.unreadable', { detail: `Data key ${keyId} of ${scope} cannot be unwrapped: ${why}`, cause });
