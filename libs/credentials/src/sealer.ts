// Seals values under the data key of one tenant (or of the platform) with AES-256-GCM, and binds each to its place.
import { createCipheriv, createDecipheriv, hash, randomFillSync, type KeyObject } from 'node:crypto';
import { AppError, type Tx } from '@keyrack/core';

/** Where a sealed value stands. It opens at the same place only: not in another row, column, environment or tenant. */
export interface Binding { environment: string; table: string; column: string; row: string }

export interface DataKey { id: number; key: KeyObject; hashKey: KeyObject }

/** What a sealer may ask of whoever made it. */
export interface SealerOptions {
  /** The keys that are stored now, the current one first; undefined where they must not be kept. */
  learn?: (tx: Tx) => Promise<readonly DataKey[] | undefined>;
  /** Is told of every value that did not open. */
  refused?: (refusal: Refusal) => void;
}

/** A value that was moved, altered or sealed under an unknown key. `keyId` is what the value says. */
export interface Refusal extends Binding { keyId: number | null; reason: string }

interface Prefix { keyId: number; environment: string; table: string; column: string; bytes: Buffer }

const CIPHER = 'aes-256-gcm';
const FORMAT = 1;
const NONCE_BYTES = 12;
// Node would accept tags of 4 bytes otherwise, which can be guessed.
const TAG = { authTagLength: 16 };
const HEADER_BYTES = 5;
/** What sealing adds to a value. */
export const OVERHEAD_BYTES = HEADER_BYTES + NONCE_BYTES + TAG.authTagLength;
const CONTENT_HASH_BYTES = 16;

/** How many of a sealed value's first bytes no other value has: version, key id and nonce. */
export const IDENTITY_BYTES = HEADER_BYTES + NONCE_BYTES;

/** Format: version byte 1 | key id, uint32 | nonce, 12 bytes | ciphertext | tag, 16 bytes. */
export class Sealer {
  readonly #scope: string;
  #keys: ReadonlyMap<number, DataKey>;
  #current: DataKey;
  readonly #hmac: HmacSha256;
  readonly #options: SealerOptions;
  // A page seals hundreds of rows of one table: all but the row's part of the associated data is the same.
  #prefix: Prefix = { keyId: 0, environment: '', table: '', column: '', bytes: Buffer.alloc(0) };

  /** @param keys the current key first; the others still open old values. */
  constructor(scope: string, keys: readonly [DataKey, ...DataKey[]], options: SealerOptions = {}) {
    this.#scope = scope;
    this.#options = options;
    this.#keys = new Map(keys.map((key) => [key.id, key]));
    this.#current = keys[0];
    this.#hmac = new HmacSha256(keys[0].hashKey);
  }

  get currentKeyId(): number { return this.#current.id; }

  /**
   * Call it before `open`, with what is to be opened: another process may have sealed some of it under a newer key, which is looked up
   * then. What was read in a transaction is looked up in it.
   */
  async knowing(tx: Tx, values: Iterable<Buffer | null>): Promise<this> {
    if (this.knows(values)) return this;
    const [current, ...older] = await this.#options.learn?.(tx) ?? [];
    if (!current) return this;
    this.#keys = new Map([current, ...older].map((key) => [key.id, key]));
    this.#current = current;
    return this;
  }

  /** Whether it has the keys that these values name. */
  knows(values: Iterable<Buffer | null>): boolean {
    for (const value of values) if (value && value.length >= OVERHEAD_BYTES && !this.#keys.has(value.readUInt32BE(1))) return false;
    return true;
  }

  seal(at: Binding, plaintext: Buffer): Buffer {
    const sealed = Buffer.allocUnsafe(OVERHEAD_BYTES + plaintext.length);
    this.sealInto(sealed, 0, at, plaintext);
    return sealed;
  }

  /** Seals into `target` from `start` on. @returns how many bytes that took: `OVERHEAD_BYTES` more than the plaintext */
  sealInto(target: Buffer, start: number, at: Binding, plaintext: Buffer): number {
    const { id, key } = this.#current;
    target[start] = FORMAT;
    target.writeUInt32BE(id, start + 1);
    const nonce = target.subarray(start + HEADER_BYTES, start + HEADER_BYTES + NONCE_BYTES);
    takeNonce(nonce);
    const cipher = createCipheriv(CIPHER, key, nonce, TAG);
    cipher.setAAD(this.#associated(id, at));
    cipher.update(plaintext).copy(target, start + HEADER_BYTES + NONCE_BYTES);
    cipher.final();
    cipher.getAuthTag().copy(target, start + HEADER_BYTES + NONCE_BYTES + plaintext.length);
    return OVERHEAD_BYTES + plaintext.length;
  }

  /** @throws AppError `secret.unreadable` when the value was moved, altered, or sealed under a key that is not there. */
  open(at: Binding, sealed: Buffer): Buffer {
    if (sealed.length < OVERHEAD_BYTES || sealed[0] !== FORMAT) throw this.#unreadable(at, null, 'it is not in a known format');
    const id = sealed.readUInt32BE(1);
    const key = this.#keys.get(id);
    if (!key) throw this.#unreadable(at, id, `its data key ${id} is unknown`);
    const decipher = createDecipheriv(CIPHER, key.key, sealed.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES), TAG);
    decipher.setAAD(this.#associated(id, at));
    decipher.setAuthTag(sealed.subarray(sealed.length - TAG.authTagLength));
    const plaintext = decipher.update(sealed.subarray(HEADER_BYTES + NONCE_BYTES, sealed.length - TAG.authTagLength));
    try {
      decipher.final();
    } catch (cause) {
      throw this.#unreadable(at, id, 'it was altered or moved', cause);
    }
    return plaintext;
  }

  /** 16 bytes in hex that tell whether content changed. Keyed, so that they cannot be compared with guesses or between tenants. */
  contentHash(content: Buffer): string {
    return this.#hmac.digest(content).slice(0, 2 * CONTENT_HASH_BYTES);
  }

  #unreadable(at: Binding, keyId: number | null, reason: string, cause?: unknown): AppError {
    this.#options.refused?.({ ...at, keyId, reason });
    return new AppError('secret.unreadable', { detail: `The sealed value at ${at.table}.${at.column} cannot be opened: ${reason}`, cause });
  }

  #associated(keyId: number, at: Binding): Buffer {
    const known = this.#prefix;
    if (known.keyId !== keyId || known.environment !== at.environment || known.table !== at.table || known.column !== at.column) {
      const bytes = lengthPrefixed([`keyrack sealed ${FORMAT}`, this.#scope, String(keyId), at.environment, at.table, at.column]);
      this.#prefix = { keyId, environment: at.environment, table: at.table, column: at.column, bytes };
    }
    const { bytes } = this.#prefix;
    const rowBytes = Buffer.byteLength(at.row);
    const all = Buffer.allocUnsafe(bytes.length + 4 + rowBytes);
    bytes.copy(all);
    all.writeUInt32BE(rowBytes, bytes.length);
    all.write(at.row, bytes.length + 4);
    return all;
  }
}

const BLOCK_BYTES = 64;

/** HMAC-SHA256 by two one-shot hashes: an Hmac object a record would cost more than the hashing. */
class HmacSha256 {
  // Each begins with the key's block; what is hashed follows it.
  #inner = Buffer.alloc(BLOCK_BYTES * 32);
  readonly #outer = Buffer.alloc(BLOCK_BYTES + 32);

  constructor(key: KeyObject) {
    const bytes = key.export();
    if (bytes.length > BLOCK_BYTES) throw new RangeError(`a hash key has at most ${BLOCK_BYTES} bytes`);
    for (let i = 0; i < BLOCK_BYTES; i += 1) {
      this.#inner[i] = (bytes[i] ?? 0) ^ 0x36;
      this.#outer[i] = (bytes[i] ?? 0) ^ 0x5c;
    }
    bytes.fill(0);
  }

  digest(content: Buffer): string {
    const end = BLOCK_BYTES + content.length;
    if (end > this.#inner.length) this.#inner = Buffer.concat([this.#inner.subarray(0, BLOCK_BYTES)], 2 * end);
    content.copy(this.#inner, BLOCK_BYTES);
    this.#outer.write(hash('sha256', this.#inner.subarray(0, end), 'hex'), BLOCK_BYTES, 'hex');
    return hash('sha256', this.#outer, 'hex');
  }
}

/** Joins texts so that no two lists give the same bytes. */
export const lengthPrefixed = (parts: readonly string[]): Buffer => Buffer.concat(parts.flatMap((part) => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.byteLength(part));
  return [length, Buffer.from(part)];
}));

// Random bytes for 1,024 nonces are drawn at once: one draw a value would cost as much as the encryption.
const pool = Buffer.alloc(NONCE_BYTES * 1_024);
let taken = pool.length;

function takeNonce(target: Buffer): void {
  if (taken === pool.length) {
    randomFillSync(pool);
    taken = 0;
  }
  pool.copy(target, 0, taken, taken + NONCE_BYTES);
  taken += NONCE_BYTES;
}
