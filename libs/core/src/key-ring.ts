// The key ring's text form: `name:base64,name:base64,...`. The first key wraps new data keys, the others still unwrap old ones;
// the key named `index` is for fingerprints and derived passwords and never wraps anything.
import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { ConfigError } from './config.js';
import type { Secret } from './secret.js';

const KEY_BYTES = 32;
const NAME = /^[a-z0-9][a-z0-9_-]{0,31}$/;

export interface KeyRing {
  /** Wrapping keys by name; the first is the current one. */
  readonly wrapping: ReadonlyMap<string, Buffer>;
  readonly currentName: string;
  readonly index: Buffer;
}

/** @throws ConfigError that names the entry and the fix, never the key. */
export function parseKeyRing(text: Secret): KeyRing {
  const wrapping = new Map<string, Buffer>();
  let index: Buffer | undefined;
  for (const entry of text.reveal().split(/[,\s]+/).filter((part) => part !== '')) {
    const [name = '', encoded = ''] = entry.split(':');
    const key = Buffer.from(encoded, 'base64');
    if (!NAME.test(name)) throw new ConfigError('KEYRACK_KEYS: each entry must look like name:base64, with a name of a-z, 0-9, - and _');
    if (key.length !== KEY_BYTES) throw new ConfigError(`KEYRACK_KEYS: the key "${name}" must be ${KEY_BYTES} bytes in base64 (openssl rand -base64 32)`);
    if (key.every((byte) => byte === key[0])) throw new ConfigError(`KEYRACK_KEYS: the key "${name}" is not random; make one with: openssl rand -base64 32`);
    if (name !== 'index' && wrapping.has(name)) throw new ConfigError(`KEYRACK_KEYS: the key "${name}" stands twice`);
    if (name === 'index') index = key;
    else wrapping.set(name, key);
  }
  const currentName = wrapping.keys().next().value;
  if (currentName === undefined) throw new ConfigError('KEYRACK_KEYS: there is no wrapping key; add one: k1:$(openssl rand -base64 32)');
  if (!index) throw new ConfigError('KEYRACK_KEYS: the key "index" is missing; add one: index:$(openssl rand -base64 32)');
  return { wrapping, currentName, index };
}

/** A new ring of one wrapping key and an index key, in text form. */
export const generateKeyRing = (): string =>
  ['k1', 'index'].map((name) => `${name}:${randomBytes(KEY_BYTES).toString('base64')}`).join(',');

/** A key for one purpose, derived from the index key; it stays the same while wrapping keys rotate. */
export const deriveKey = (ring: KeyRing, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', ring.index, Buffer.alloc(0), `keyrack ${purpose}`, KEY_BYTES));

/** A password for one purpose, as text that needs no escaping in a URL. */
export const derivePassword = (ring: KeyRing, purpose: string): string =>
  createHmac('sha256', deriveKey(ring, 'password')).update(purpose).digest('base64url');
